"""The secret settings of systems outside in Secrets Manager, one secret for each system."""

import json
from collections.abc import Mapping
from typing import Any

from handfast.platform import aws


def create(name: str, secrets: Mapping[str, Any]) -> None:
    """Keep secrets under a new name."""
    aws.secretsmanager().create_secret(Name=name, SecretString=json.dumps(secrets))


def replace(name: str, secrets: Mapping[str, Any]) -> None:
    """Keep other secrets under a name."""
    aws.secretsmanager().put_secret_value(SecretId=name, SecretString=json.dumps(secrets))


def read(name: str) -> dict[str, Any]:
    """The secrets under a name."""
    text = aws.secretsmanager().get_secret_value(SecretId=name)["SecretString"]
    found: dict[str, Any] = json.loads(text)
    return found


def delete(name: str) -> None:
    """Delete the secrets under a name, for good."""
    aws.secretsmanager().delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
