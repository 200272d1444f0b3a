"""The connections table. Each side has its own copy of a connection; both change in one transaction."""

from collections.abc import Iterable, Iterator, Mapping

from boto3.dynamodb.conditions import Attr, ConditionBase

from handfast.connections.models import Connection, Status
from handfast.journal.keys import sandbox_key
from handfast.partners import other_side
from handfast.partners.models import PartnerRef
from handfast.partners.other_side import OTHER_SIDE, tell
from handfast.platform import items, table
from handfast.platform.items import ItemKind
from handfast.platform.table import Check, Delete, Item, Put, Update, Write
from handfast.platform.wanted import Selection

CONNECTIONS = "CONNECTIONS_TABLE"


def _without_agreements(item: Item) -> Item:
    return {"allowsEstimates": False, "revision": 1, "namespaces": "[]"} | item


_CONNECTION = ItemKind(
    "connection",
    Connection,
    CONNECTIONS,
    upgrades=(_without_agreements,),
    exclude=("feeds_shared", "segments_shared"),
)
_PENDING = "PENDING"
_ENDING = "ENDING"
_CONNECT_ID = "CONNECTID"
_SHARED = "shared"


def _copy_key(connection_id: str) -> str:
    return f"CON#{connection_id}"


def _owner_key(connect_id: str) -> str:
    return f"CONNECTID#{connect_id}"


def _pending_key(connection: Connection) -> str:
    return f"{connection.expires_at}#{connection.connection_id}"


def _pair_key(sandbox_id: str, partner: PartnerRef) -> str:
    return f"PAIR#{other_side.pair(sandbox_id, partner)}"


def from_item(item: Item) -> Connection:
    """The connection in a side's copy."""
    shared = {
        "feedsShared": item.get(_SHARED, 0),
        "segmentsShared": sum(1 for name, count in item.items() if name.startswith(f"{_SHARED}.") and count),
    }
    return _CONNECTION.load(item | shared)


def current_connect_id(sandbox_id: str) -> Item | None:
    """The sandbox's connect ID and when it was made."""
    return table.get(CONNECTIONS, sandbox_key(sandbox_id), _CONNECT_ID)


def connect_id_owner(connect_id: str) -> PartnerRef | None:
    """Whose current connect ID this is; a retired one has no owner."""
    item = table.get(CONNECTIONS, _owner_key(connect_id), _CONNECT_ID)
    return other_side.find(item["sandboxId"]) if item and "retiredAt" not in item else None


def current(connect_ids: Iterable[str]) -> set[str]:
    """Those of the connect IDs that have an owner."""
    found = table.get_many(CONNECTIONS, ((_owner_key(connect_id), _CONNECT_ID) for connect_id in connect_ids))
    return {pk.removeprefix(_owner_key("")) for (pk, _), item in found.items() if "retiredAt" not in item}


def replace_connect_id(sandbox_id: str, old: str | None, new: str, at: str) -> list[Write]:
    """The writes that make a connect ID current, retiring the one it replaces."""
    condition = Attr("connectId").eq(old) if old else table.ABSENT
    current = {"pk": sandbox_key(sandbox_id), "sk": _CONNECT_ID, "connectId": new, "createdAt": at}
    owner = {"pk": _owner_key(new), "sk": _CONNECT_ID, "sandboxId": sandbox_id}
    writes: list[Write] = [Put(CONNECTIONS, current, condition), Put(CONNECTIONS, owner)]
    return writes + ([Update(CONNECTIONS, _owner_key(old), _CONNECT_ID, assign={"retiredAt": at})] if old else [])


def retire_connect_id(sandbox_id: str, at: str) -> None:
    """Retire a sandbox's connect ID without another in its place; may be repeated."""
    if item := current_connect_id(sandbox_id):
        owner = _owner_key(item["connectId"])
        table.apply(Update(CONNECTIONS, owner, _CONNECT_ID, assign={"retiredAt": at}, condition=table.UNCONDITIONAL))
        table.apply(Delete(CONNECTIONS, sandbox_key(sandbox_id), _CONNECT_ID, table.UNCONDITIONAL))


def create(sandbox_id: str, mine: Connection, theirs: Connection) -> list[Write]:
    """The writes of a new request, in the order pair, connect ID, copies, pending entry.

    The pair's lock keeps one live connection per pair; the check keeps out an ID retired since it was read.
    """
    connection_id = mine.connection_id
    lock = {"pk": _pair_key(sandbox_id, mine.partner), "sk": "PAIR", "connectionId": connection_id}
    pending = {"pk": _PENDING, "sk": _pending_key(mine), "connectionId": connection_id, "sandboxId": sandbox_id}
    return [
        Put(CONNECTIONS, lock),
        Check(
            CONNECTIONS,
            _owner_key(mine.connect_id),
            _CONNECT_ID,
            Attr("sandboxId").exists() & Attr("retiredAt").not_exists(),
        ),
        _CONNECTION.put(mine, sandbox_key(sandbox_id), _copy_key(connection_id)),
        *tell(mine.partner, _CONNECTION.put(theirs, OTHER_SIDE, _copy_key(connection_id))),
        Put(CONNECTIONS, pending),
    ]


def transition(
    sandbox_id: str,
    connection: Connection,
    needs: Status,
    makes: Status,
    *,
    at: str,
    by: str | None,
    note: str | None,
    allows_estimates: bool | None = None,
) -> list[Write]:
    """The writes of a decision: both copies, and what its end frees. `by` goes into this side's copy only.

    `allows_estimates` is what this side allows from then on; None: what it allowed before.
    """
    condition: ConditionBase = Attr("status").eq(needs)
    if needs == "pending" and makes != "expired":
        condition &= Attr("expiresAt").gt(at)
    facts = {"status": makes, "decidedAt": at, "decisionNote": note}
    sk = _copy_key(connection.connection_id)
    own: Item = facts | {"decidedBy": by}
    if allows_estimates is not None:
        own |= {"allowsEstimates": allows_estimates}
    writes: list[Write] = [
        Update(CONNECTIONS, sandbox_key(sandbox_id), sk, assign=own, condition=condition),
        *tell(connection.partner, Update(CONNECTIONS, OTHER_SIDE, sk, assign=facts, condition=condition)),
    ]
    if needs == "pending":
        writes.append(Delete(CONNECTIONS, _PENDING, _pending_key(connection)))
    if makes != "active":
        # Deleted when the feeds are revoked: what a crash in between leaves is found by the sweep.
        if makes == "disconnected":
            entry = {"pk": _ENDING, "sk": connection.connection_id, "sandboxId": sandbox_id}
            writes.append(Put(CONNECTIONS, entry))
        writes.append(Delete(CONNECTIONS, _pair_key(sandbox_id, connection.partner), "PAIR"))
    return writes


def allow_estimates(sandbox_id: str, read: Connection, *, allowed: bool) -> Update:
    """The write of whether the partner may estimate, over what was read; refused where that is no longer so."""
    return Update(
        CONNECTIONS,
        sandbox_key(sandbox_id),
        _copy_key(read.connection_id),
        assign={"allowsEstimates": allowed, "revision": read.revision + 1},
        condition=Attr("status").eq(read.status) & (Attr("revision").eq(read.revision) | Attr("revision").not_exists()),
    )


def put_namespaces(sandbox_id: str, new: Connection, over: Connection) -> Update:
    """The write of the namespaces that a side takes over an active connection, over those read."""
    pk, sk = sandbox_key(sandbox_id), _copy_key(new.connection_id)
    before, after = (_CONNECTION.dump(each, pk, sk)["namespaces"] for each in (over, new))
    read: ConditionBase = Attr("namespaces").eq(before)
    if not over.namespaces:
        read |= Attr("namespaces").not_exists()  # from before there were any
    return Update(CONNECTIONS, pk, sk, assign={"namespaces": after}, condition=Attr("status").eq("active") & read)


def get(sandbox_id: str, connection_id: str) -> Connection | None:
    """The sandbox's copy of a connection."""
    item = table.get(CONNECTIONS, sandbox_key(sandbox_id), _copy_key(connection_id))
    return from_item(item) if item else None


def each(sandbox_id: str, connection_ids: Iterable[str]) -> list[Connection]:
    """The sandbox's copies of some connections, those that there are, in one read."""
    keys = ((sandbox_key(sandbox_id), _copy_key(name)) for name in connection_ids)
    return list(map(from_item, table.get_many(CONNECTIONS, keys).values()))


def connections(sandbox_id: str) -> Iterator[Connection]:
    """All connections of a sandbox, ended ones too, oldest first."""
    return map(from_item, table.query(CONNECTIONS, sandbox_key(sandbox_id), "CON#"))


def check_active(sandbox_id: str, connection_id: str) -> Check:
    """The condition, inside another area's transaction, that the connection is active."""
    return Check(CONNECTIONS, sandbox_key(sandbox_id), _copy_key(connection_id), Attr("status").eq("active"))


def count_shared(
    pk: str, connection_id: str, feeds: int, segments: Mapping[str, int], *, active: bool = False
) -> list[Write]:
    """The writes that add to what a side shares over a connection: feeds, and by segment the feeds it is in.

    `pk` is the partition of the side that shares. Refused where the connection has to be `active` and is not.
    """
    change = {_SHARED: feeds} | {f"{_SHARED}.{name}": count for name, count in segments.items()}
    add = {name: count for name, count in change.items() if count}
    condition = Attr("status").eq("active") if active else table.PRESENT
    if not add:
        return [Check(CONNECTIONS, pk, _copy_key(connection_id), condition)] if active else []
    return [Update(CONNECTIONS, pk, _copy_key(connection_id), add=add, condition=condition)]


def partners_copies(connections: Iterable[Connection]) -> dict[str, Connection]:
    """The partners' copies of connections, by id, in one read."""
    places = ((connection.partner, _copy_key(connection.connection_id)) for connection in connections)
    found = map(from_item, other_side.items(CONNECTIONS, places))
    return {connection.connection_id: connection for connection in found}


def partners_copy(connection: Connection) -> Connection | None:
    """The partner's copy of a connection."""
    item = other_side.item(connection.partner, CONNECTIONS, _copy_key(connection.connection_id))
    return from_item(item) if item else None


def page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[Connection]
) -> tuple[list[Connection], str | None]:
    """A page of the sandbox's connections, newest first unless the selection says otherwise, and the next cursor."""
    return items.sortable_page(CONNECTIONS, from_item, sandbox_key(sandbox_id), "CON#", limit, cursor, selection)


def expired(now: str) -> Iterator[tuple[str, str]]:
    """(sandbox, connection) of requests that are past their expiry, oldest first."""
    for item in table.query(CONNECTIONS, _PENDING):
        if item["sk"] > now:
            return
        yield item["sandboxId"], item["connectionId"]


def ending() -> Iterator[tuple[str, str]]:
    """(sandbox, connection) of disconnects whose feeds are not all revoked yet."""
    for item in table.query(CONNECTIONS, _ENDING):
        yield item["sandboxId"], item["sk"]


def ended(connection_id: str) -> None:
    """Everything shared over the connection is revoked."""
    table.apply(Delete(CONNECTIONS, _ENDING, connection_id, condition=table.UNCONDITIONAL))
