"""Erasures and opt-outs decided since a time done again: a restore brings back whom they took away."""

from datetime import UTC, datetime
from typing import Any

from handfast.privacy_requests import replaying
from handfast_cli.admin.operator import Deployment
from handfast_cli.errors import InputError


def time(text: str) -> datetime:
    """The time of an RFC 3339 text. Raises InputError for anything else, and for a time to come."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InputError("--since is a time with its zone, such as 2026-01-31T12:00:00Z: that of the backup, or before")
    if at > datetime.now(UTC):
        raise InputError("--since is to come; give the time of the backup, or before")
    return at


def sandboxes(deployment: Deployment) -> list[str]:
    """The sandboxes in which there may be something to do again."""
    deployment.use_queues()
    return replaying.sandboxes()


def replay(sandbox_id: str, since: datetime) -> dict[str, Any]:
    """Do again what a sandbox has decided from a time on; returns the counts, as they are shown."""
    done = replaying.replay(sandbox_id, since)
    return {
        "sandboxId": sandbox_id,
        "erased": done.erased,
        "optedOut": done.opted_out,
        "released": done.released,
        "answersForgotten": done.answers_forgotten,
        "keptFromPartners": done.kept_from_partners,
    }
