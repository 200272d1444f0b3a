"""The shares and tables that a reader sees: what its sandboxes may read at this moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handfast.feeds import readable
from handfast.feeds.models import ReceivedFeed
from handfast.journal.models import Caller
from handfast.platform.problems import Forbidden, NotFound
from handfast.sharing import naming


@dataclass(frozen=True)
class Reader:
    """Who reads: a principal as the caller on each of its sandboxes, or a recipient token on its one."""

    principal_id: str
    callers: Sequence[Caller]


@dataclass(frozen=True)
class SharedTable:
    """A received feed as a table of the share that its partner is."""

    caller: Caller
    received: ReceivedFeed

    @property
    def share(self) -> str:
        """The share's name."""
        partner = self.received.partner
        return naming.share_name(self.caller.sandbox_id, partner.key, partner.organization_name, partner.sandbox_name)

    @property
    def share_id(self) -> str:
        """The share's id."""
        return naming.uuid_of(f"{self.caller.sandbox_id}|{self.received.partner.key}")

    @property
    def name(self) -> str:
        """The table's name."""
        return naming.table_name(self.received.received_feed_id, self.received.feed_name)

    @property
    def table_id(self) -> str:
        """The table's id."""
        return naming.uuid_of(self.received.received_feed_id)

    @property
    def dataflow_id(self) -> str:
        """The dataflow that fills it."""
        assert self.received.dataflow_id is not None  # noqa: S101 - what is readable has one
        return self.received.dataflow_id


def shares(reader: Reader) -> dict[str, SharedTable]:
    """One table of each share, by the share's name, in its order."""
    found = {table.share: table for table in _all(reader)}
    return dict(sorted(found.items()))


def tables(reader: Reader, share: str) -> list[SharedTable]:
    """The tables of a share, by name. Raises NotFound for an unknown share."""
    found = [table for table in _all(reader) if _is_of(table, share)]
    if not found:
        raise NotFound(f"no such share: {share}")
    return sorted(found, key=lambda table: table.name)


def tables_of_schema(reader: Reader, share: str, schema: str) -> list[SharedTable]:
    """The tables of a schema, by name. Raises NotFound for an unknown share or schema."""
    found = tables(reader, share)
    if schema.lower() != naming.SCHEMA:
        raise NotFound(f"no such schema: {schema}; each share has one, {naming.SCHEMA}")
    return found


def table(reader: Reader, share: str, schema: str, name: str) -> SharedTable:
    """One table. Raises NotFound for an unknown one, Forbidden where a policy forbids to export what is received."""
    mark = naming.mark_of(name)
    for found in tables_of_schema(reader, share, schema):
        if naming.table_mark(found.received.received_feed_id) == mark:
            _check_policies(found.caller)
            return found
    raise NotFound(f"no such table: {name}; list the tables for those that may be read now")


def _all(reader: Reader) -> Iterator[SharedTable]:
    for caller in reader.callers:
        for received in readable.received_feeds(caller.sandbox_id):
            yield SharedTable(caller, received)


def _is_of(found: SharedTable, share: str) -> bool:
    return naming.share_mark(found.caller.sandbox_id, found.received.partner.key) == naming.mark_of(share)


def _check_policies(caller: Caller) -> None:
    violations = readable.forbidden(caller.sandbox_id)
    if violations:
        first = violations[0]
        detail = f"{first.policy_name} forbids to export data with the label {first.label}"
        raise Forbidden(detail, permission="profiles:read")
