"""The secret settings of systems outside in Secrets Manager, one secret for each system, by their versions.

What names a secret's version has its settings and its secrets at once: new secrets are a new version, which is nobody's
before the write of the settings that names it. So no version is the current one (AWSCURRENT), which holds nothing but
what was kept before versions were named.
"""

import json
from collections.abc import Mapping
from typing import Any

from handfast.platform import aws
from handfast.platform.table import ConditionFailed

_LABEL = "handfast"
"""The label of the version that was kept last; with none of its own a version would be the current one."""


def create(name: str, secrets: Mapping[str, Any]) -> str:
    """Keep secrets under a new name; returns their version."""
    aws.secretsmanager().create_secret(Name=name, SecretString="{}")
    return replace(name, secrets)


def replace(name: str, secrets: Mapping[str, Any]) -> str:
    """Keep other secrets under a name, beside those of before; returns their version.

    Raises ConditionFailed when the secrets have been deleted.
    """
    client = aws.secretsmanager()
    gone = (client.exceptions.ResourceNotFoundException, client.exceptions.InvalidRequestException)
    try:
        made = client.put_secret_value(SecretId=name, SecretString=json.dumps(secrets), VersionStages=[_LABEL])
    except gone:
        raise ConditionFailed(0, None) from None
    return made["VersionId"]


def read(name: str, version: str | None) -> dict[str, Any]:
    """The secrets of a version under a name; None: of the one that was kept before versions were named."""
    which = {"VersionId": version} if version else {}
    text = aws.secretsmanager().get_secret_value(SecretId=name, **which)["SecretString"]
    found: dict[str, Any] = json.loads(text)
    return found


def delete(name: str) -> None:
    """Delete the secrets under a name, for good."""
    aws.secretsmanager().delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
