"""New versions of the deployment's secrets, and the end of the former ones."""

import os
from typing import Any

from handfast.activity import store, webhook_sending
from handfast.platform import rotating
from handfast.platform.rotating import NotRotatableError
from handfast.platform.secret import WEBHOOKS
from handfast.privacy_requests import bulk_store, contact_store, message_webhook_store, package_store, subject_store
from handfast_cli.admin.operator import Deployment, OperatorError
from handfast_cli.asking import confirm
from handfast_cli.errors import CommandError, InputError

_SHOWN = 10
"""Webhooks or bulks that a refusal names."""


def use_secrets(deployment: Deployment) -> None:
    """Sets the environment by which the package finds the secrets. Raises OperatorError where there are none yet."""
    for purpose, setting in rotating.PURPOSES.items():
        output = f"{purpose.title()}SecretArn"
        if output not in deployment.outputs:
            raise OperatorError("the stack has no secret for each purpose yet: deploy this version first")
        os.environ[setting] = deployment.outputs[output]


def rotate(deployment: Deployment, purpose: str, *, yes: bool) -> dict[str, Any]:
    """Gives a secret a new version; returns what is to be known of it. Asks before.

    Raises InputError for a purpose that is none, CommandError where the secret cannot be rotated, or not yet.
    """
    setting = _setting(deployment, purpose)
    try:
        rotating.check_rotatable(setting)
        question = f"Give the secret {purpose} a new version? All that is made by the former ones is accepted on."
        confirm(question, yes=yes)
        new = rotating.rotate(setting)
    except NotRotatableError as error:
        raise CommandError(str(error)) from error
    return {"purpose": purpose, "version": new.number, "inForceAt": new.since}


def finish(deployment: Deployment, purpose: str, *, yes: bool) -> dict[str, Any]:
    """Makes anew what can be, and drops all versions but the one in force. Says what is lost, and asks before.

    Raises InputError for a purpose that is none, CommandError where former versions are needed.
    """
    setting = _setting(deployment, purpose)
    try:
        rotating.finishable(setting)
        if purpose == "webhooks":
            _refuse_webhooks_in_use()
        if purpose == "privacy":
            _refuse_while_bulks_are_made()
        confirm(f"Drop the former versions of the secret {purpose}? {_lost(purpose)}", yes=yes)
        again = _made_anew() if purpose == "privacy" else 0
        return {"purpose": purpose, "madeAnew": again, "dropped": rotating.finish(setting)}
    except NotRotatableError as error:
        raise CommandError(str(error)) from error


def _setting(deployment: Deployment, purpose: str) -> str:
    use_secrets(deployment)
    if purpose not in rotating.PURPOSES:
        raise InputError(f"no secret {purpose}; there are {', '.join(rotating.PURPOSES)}")
    return rotating.PURPOSES[purpose]


def _lost(purpose: str) -> str:
    """What ends with the former versions."""
    if purpose != "privacy":
        return "Nothing is in use any more that they have made."
    return (
        f"The passphrases of {package_store.of_former_versions()} packages, tokens of the Data Rights Protocol's "
        "agents and codes sent to people minutes ago end; a controller's repeated OpenDSR request is told that it is a "
        "duplicate. Whom open requests are about and answers of systems are encrypted anew."
    )


def _refuse_webhooks_in_use() -> None:
    left = webhook_sending.of_former_versions([*store.all_webhooks(), *message_webhook_store.all_webhooks()])
    if left:
        named = ", ".join(f"{webhook_id} of {sandbox_id}" for sandbox_id, webhook_id in left[:_SHOWN])
        raise CommandError(
            f"{len(left)} webhooks are signed by a former version, or were less than a day ago; have each sandbox "
            "rotate its own with `handfast webhooks rotate-secret`, or `handfast message-webhook rotate-secret` where "
            f"the id begins with mwh_: {named}"
        )


def _refuse_while_bulks_are_made() -> None:
    left = [f"{bulk_id} of {sandbox_id}" for sandbox_id, bulk_id in bulk_store.waiting()]
    if left:
        raise CommandError(f"bulks of privacy requests are being made; finish after that: {', '.join(left[:_SHOWN])}")


def take_over() -> int:
    """Takes over the keys of a deployment that had one secret for everything; returns how many."""
    webhooks = [name for _, webhook in store.all_webhooks() for name in webhook_sending.key_names(webhook)]
    names = {**rotating.FORMER_NAMES, WEBHOOKS: webhooks}
    return sum(rotating.take_over(setting, taken) for setting, taken in names.items())


def _made_anew() -> int:
    return subject_store.reseal() + contact_store.reseal() + package_store.reseal_answers()
