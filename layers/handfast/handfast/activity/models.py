"""Activity records: what happened, who did it, chained by hashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from handfast.platform.wire import View

if TYPE_CHECKING:
    from handfast.access.models import Caller


@dataclass(frozen=True)
class Actor:
    """Who did it: a principal of one's own side, the partner's organisation (never its people), or Handfast."""

    kind: Literal["principal", "partner", "system", "operator"]
    actor_id: str | None = None
    name: str | None = None

    @classmethod
    def of(cls, caller: "Caller") -> "Actor":
        """The caller, in its own side's log."""
        return cls("principal", caller.principal_id, caller.name)

    @classmethod
    def partner(cls, organization_name: str) -> "Actor":
        """The other side, in the partner's log."""
        return cls("partner", None, organization_name)

    @classmethod
    def system(cls) -> "Actor":
        """Handfast itself: schedules and workers."""
        return cls("system", None, "Handfast")

    @classmethod
    def operator(cls) -> "Actor":
        """Who runs the deployment."""
        return cls("operator", None, "Operator")


@dataclass(frozen=True)
class Event:
    """One thing that happened in one sandbox: `type` as design/api.md lists them, `subject` the id concerned."""

    sandbox_id: str
    type: str
    actor: Actor
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class ActorView(View):
    """Who did it."""

    kind: Literal["principal", "partner", "system", "operator"]
    id: str | None
    name: str | None


class ActivityRecord(View):
    """A record of the sandbox's log."""

    sequence: int
    type: str
    at: str
    actor: ActorView
    subject: str
    detail: dict[str, Any]
    previous_hash: str
    hash: str


class ActivityList(View):
    """A page of the log, newest first."""

    items: list[ActivityRecord]
    next_cursor: str | None


class Verification(View):
    """Whether the chain holds; `head` is the newest hash, `brokenAt` the first sequence that does not fit."""

    verified: bool
    records: int
    head: str | None
    broken_at: int | None = None
