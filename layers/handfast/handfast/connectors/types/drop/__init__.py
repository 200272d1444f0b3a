"""California's Delete Request and Opt-out Platform (DROP): its lists fetched and answered by its Data Broker API.

It holds nobody whom Handfast could ask about: no request of a person goes there (`connectors.store.systems`).
"""

from collections.abc import Iterator, Sequence

from handfast.connectors import calls
from handfast.connectors.contract import (
    Connector,
    Limits,
    Person,
    Record,
    Reference,
    State,
    Status,
    TestResult,
    not_asked,
)
from handfast.connectors.types.drop.api import DropSettings, try_key

_NO_SYSTEM = "DROP brings requests and takes none"


class Drop:
    """The connector."""

    type = "drop"
    name = "DROP"
    settings_schema = DropSettings
    limits = Limits(people=1, calls_per_minute=2)

    def test(self, settings: DropSettings) -> TestResult:
        """Check that DROP accepts the key; no lists are asked for, and none are answered."""
        return calls.checks(("key", lambda: try_key(settings), "issue a key in the Data Broker Portal"))

    def access(self, settings: DropSettings, person: Person) -> Iterator[Record]:  # noqa: ARG002 - the contract's
        """Nothing: ConnectorError `not_supported`."""
        raise not_asked(_NO_SYSTEM)

    def delete(self, settings: DropSettings, people: Sequence[Person]) -> list[Reference]:  # noqa: ARG002 - the same
        """Nobody, which is said of each."""
        state = State(Status.NOT_SUPPORTED, _NO_SYSTEM)
        return [Reference("", (position,), state) for position in range(len(people))]

    def suppress(self, settings: DropSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:  # noqa: ARG002
        """Nobody, which is said of each."""
        return self.delete(settings, people)

    def poll(self, settings: DropSettings, reference: str) -> State:  # noqa: ARG002 - the same
        """Nothing was handed over."""
        return State(Status.NOT_SUPPORTED, _NO_SYSTEM)


connector: Connector[DropSettings] = Drop()
