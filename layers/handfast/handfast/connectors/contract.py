"""What a connector is: how a person's request reaches a system outside the deployment, and what comes back.

Nothing here or in a connector logs. Texts that leave it (details, names of checks) hold no URL and nothing of a person.
"""

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import ConfigDict, SecretStr

from handfast.platform import wire


class ConnectorError(Exception):
    """The system did not do what was asked.

    `reason` is a stable code: `unreachable`, `unauthorized`, `throttled`, `unavailable`, `redirected`, `refused`,
    `malformed_answer`, `bad_signature`, `not_supported` or `pending` (accepted, not ready yet). `transient`: the same
    call may succeed later, `retry_after` seconds from now at the earliest where the system has said so. The detail of
    `not_supported` is told to the person.
    """

    def __init__(self, reason: str, detail: str, *, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.transient = transient
        self.retry_after = retry_after


def not_asked(why: str) -> ConnectorError:
    """The error of a system that could not be asked at all, which is never taken for one that knows nobody."""
    return ConnectorError("not_supported", f"it was not asked: {why}")


UNNAMED = "it was not asked: nothing is known here that another system could know the person by"
"""Of a person of whom only Handfast's own keys are known."""


@dataclass(frozen=True, repr=False)
class Person:
    """One request's person as connectors see them.

    `profile_ids` are the source's own ids of the person; `identities` are pairs of a namespace's symbol and the value,
    lower-case hex where the namespace is hashed, else text. `clear` has, by such a digest, the texts that it is of, as
    far as the person gave them: the canonical one first. `is_partial`: the person has more identities or ids, of which
    no more than Handfast's own key or hash is known. `request_id` with `refusals`, how often the system has refused
    the request before, makes repeats of a call recognisable: what is asked again after a refusal is no repeat.
    """

    request_id: str
    regulation: str
    submitted_at: datetime
    profile_ids: tuple[str, ...] = ()
    identities: tuple[tuple[str, str], ...] = ()
    clear: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_partial: bool = False
    refusals: int = 0

    @property
    def is_named(self) -> bool:
        """Whether there is anything that another system could know the person by."""
        return bool(self.profile_ids or self.identities)


class Status(StrEnum):
    """Where a deletion stands in the outside system: as for any recipient of a request.

    `absent` is an answer: the system was asked by all that is known of the person and knows nobody by it. One that was
    not asked, or not by everything, is `not_supported`. `superseded`: a later request of the same person has the system
    do the opposite, and whether this one was done first is not known, or it was not asked for any more.
    """

    PENDING = "pending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    ABSENT = "absent"
    NOT_SUPPORTED = "not_supported"
    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"

    @property
    def ended(self) -> bool:
        """Whether it will not change any more."""
        return self not in (Status.PENDING, Status.SENT)


@dataclass(frozen=True)
class Part:
    """A system behind the system, such as a destination it forwards to, and where the deletion stands there."""

    name: str
    status: Status


@dataclass(frozen=True)
class State:
    """Where a deletion stands.

    `expected_at` is when the system means to be done, `finished_at` when it was. A failed one that is `transient`
    may be sent again, `retry_after` seconds from now at the earliest. `supersedes` is the reference of the opposite
    order that `poll` can tell nothing of any more, as this one has undone it, with where that one stood last.
    """

    status: Status
    detail: str = ""
    parts: tuple[Part, ...] = ()
    expected_at: datetime | None = None
    finished_at: datetime | None = None
    transient: bool = False
    retry_after: float | None = None
    supersedes: tuple[str, Status] | None = None

    @classmethod
    def failed(cls, error: ConnectorError) -> "State":
        """The state of a deletion that could not be handed over."""
        status = Status.REFUSED if error.reason == "refused" else Status.FAILED
        status = Status.NOT_SUPPORTED if error.reason == "not_supported" else status
        return cls(status, error.detail, transient=error.transient, retry_after=error.retry_after)


@dataclass(frozen=True)
class Reference:
    """A deletion handed over for some of the people: `people` are their positions in the call.

    `id` is what `poll` takes, empty where there is nothing to poll. A person may be in several references and is done
    when all of them have ended.
    """

    id: str
    people: tuple[int, ...]
    state: State


@dataclass(frozen=True, repr=False)
class Record:
    """A row of what the system holds about the person. The collection `notes` says what the rest does not cover."""

    collection: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One thing a connection test has tried; `detail` says what to do when it failed."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class TestResult:
    """The outcome of a connection test."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check has passed."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True)
class Limits:
    """What one call may carry and how often the system may be called; it answers more with 429, which is waited for.

    `calls_per_person`: `delete` calls the system once for each person, not once for all. `people_per_month` is a quota
    by calendar month. `in_order`: what is asked for a person waits until the opposite, which was asked for before, is
    done, since the system is asked first what that has left.
    """

    people: int
    calls_per_minute: int
    calls_per_person: bool = True
    people_per_month: int | None = None
    in_order: bool = False


class Settings(wire.Request):
    """Base of a connector's settings. A secret is a SecretStr: masked when dumped, `writeOnly` in the JSON schema."""

    model_config = ConfigDict(hide_input_in_errors=True)
    secrets_go_to: ClassVar[frozenset[str]] = frozenset()
    """Names on the wire of the settings that say where secrets are sent: a kept secret never goes to a new address."""


def secret_fields(schema: type[Settings]) -> set[str]:
    """Names on the wire of the settings to be kept as secrets."""
    return {
        str(field.alias) for field in schema.model_fields.values() if field.annotation in (SecretStr, SecretStr | None)
    }


class Connector[S: Settings](Protocol):
    """A type of outside system."""

    type: str
    name: str
    settings_schema: builtins.type[S]
    limits: Limits

    def test(self, settings: S) -> TestResult:
        """Try every setting that can be wrong, each on its own."""
        ...

    def access(self, settings: S, person: Person) -> Iterator[Record]:
        """What the system holds about the person; nothing when it answers that it does not know them.

        ConnectorError: `not_supported` when it could not be asked, `pending` (transient) when the system has been asked
        and answers later: call again.
        """
        ...

    def delete(self, settings: S, people: Sequence[Person]) -> list[Reference]:
        """Hand over the deletion of the people. Every one is in a reference, those that failed as well.

        A repeat of the call does no harm.
        """
        ...

    def suppress(self, settings: S, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """Have the system use and take in no more of the people, or do so again with `lift`; as `delete` otherwise."""
        ...

    def poll(self, settings: S, reference: str) -> State:
        """Where a deletion or a suppression stands.

        ConnectorError when the system cannot be asked: nothing has changed then.
        """
        ...
