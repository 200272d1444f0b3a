"""The handshake: connect IDs, requests, decisions, the end of a connection (seed 000).

Every decision is conditional on the state it was taken in: of two at once exactly one wins.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from handfast.connections import rules, store
from handfast.connections.models import (
    Acceptance,
    ConnectId,
    Connection,
    ConnectionList,
    ConnectionView,
    Direction,
    DisconnectPreview,
    PatchConnection,
    Preview,
    Sharing,
    Status,
)
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.partners import other_side
from handfast.partners.models import Partner, PartnerRef
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import ConditionFailed
from handfast.platform.wanted import Wanted, by_name

_NO_CONNECT_ID = "no sandbox has this connect ID; ask your partner for the current one"


def connect_id(caller: Caller) -> ConnectId:
    """The sandbox's connect ID, made when it is first asked for.

    Raises Conflict when it is made and regenerated at the same time.
    """
    item = store.current_connect_id(caller.sandbox_id)
    if item is None:
        return _make_connect_id(caller, None)
    return ConnectId(connect_id=rules.printed(item["connectId"]), created_at=item["createdAt"])


def regenerate(caller: Caller) -> ConnectId:
    """Replace the connect ID: look-ups and new requests with the old one end, connections stay.

    Raises Conflict when it is regenerated at the same time.
    """
    item = store.current_connect_id(caller.sandbox_id)
    return _make_connect_id(caller, item["connectId"] if item else None)


def _make_connect_id(caller: Caller, old: str | None) -> ConnectId:
    new, at = rules.new_connect_id(), clock.now_text()
    event = "connect_id.regenerated" if old else "connect_id.created"
    writes = store.replace_connect_id(caller.sandbox_id, old, new, at)
    try:
        commit(writes, [Event(caller.sandbox_id, event, Actor.of(caller), caller.sandbox_id)])
    except ConditionFailed as failed:
        if old is None:
            return connect_id(caller)
        raise Conflict("the connect ID was regenerated at the same time", current="regenerated") from failed
    return ConnectId(connect_id=rules.printed(new), created_at=at)


def preview(text: str) -> Preview:
    """Whose connect ID it is; NotFound for unknown and retired ones alike.

    Raises Malformed for what is no connect ID, NotFound for an unknown or retired one.
    """
    owner = _owner(rules.parse_connect_id(text))
    return Preview(organization_name=owner.organization_name, sandbox_name=owner.sandbox_name)


def _owner(connect_id: str) -> PartnerRef:
    owner = store.connect_id_owner(connect_id)
    if owner is None:
        raise NotFound(_NO_CONNECT_ID, pointer="/connectId")
    return owner


def request(caller: Caller, text: str, note: str | None, *, allows_estimates: bool = False) -> ConnectionView:
    """Ask the owner of a connect ID for a connection. One live connection per pair, whoever asked.

    `allows_estimates`: the owner may estimate overlaps once it has accepted.

    Raises Malformed for what is no connect ID, NotFound for an unknown or retired one, Refused for one's own,
    Conflict when the pair has a live connection.
    """
    connect_id = rules.parse_connect_id(text)
    own, owner = caller.on, _owner(connect_id)
    if owner.is_sandbox(own.sandbox_id):
        raise Refused("a sandbox cannot connect to itself", reason="self_connection", pointer="/connectId")
    now = clock.now()
    connection_id, at = new_id("con"), clock.to_text(now)
    expires_at = clock.to_text(now + rules.PENDING_FOR)

    def copy(direction: Direction, partner: PartnerRef, by: str | None) -> Connection:
        return Connection(connection_id, direction, partner, "pending", at, expires_at, connect_id, note, by)

    mine, theirs = copy("outgoing", owner, caller.name), copy("incoming", PartnerRef.of(own), None)
    mine = replace(mine, allows_estimates=allows_estimates)
    try:
        commit(
            store.create(own.sandbox_id, mine, theirs),
            _events(
                "connection.requested",
                own.sandbox_id,
                mine,
                caller,
                more={"allowsEstimates": True} if allows_estimates else {},
            ),
        )
    except ConditionFailed as failed:
        if failed.write == 1:
            raise NotFound(_NO_CONNECT_ID, pointer="/connectId") from failed
        if failed.write != 0 or failed.item is None:
            raise
        return _already_connected(caller, text, note, failed.item["connectionId"], allows_estimates=allows_estimates)
    return _view(mine, "pending", frozenset(), theirs)


def _already_connected(
    caller: Caller, text: str, note: str | None, connection_id: str, *, allows_estimates: bool
) -> ConnectionView:
    """The pair has a live connection: expire it if its time is over, and ask again; else say what stands."""
    live = store.get(caller.sandbox_id, connection_id)
    if live is None or rules.status_at(live, clock.now_text()) == "expired":
        if live is not None:
            _expire(caller.sandbox_id, live)
        return request(caller, text, note, allows_estimates=allows_estimates)
    details = {
        ("pending", "incoming"): "this partner has already asked you: accept its request",
        ("pending", "outgoing"): "you have already asked this partner: its answer is awaited",
    }
    detail = details.get((live.status, live.direction), "you are already connected to this partner")
    raise Conflict(detail, current=live.status, connectionId=connection_id, direction=live.direction)


def _events(
    event_type: str,
    sandbox_id: str,
    mine: Connection,
    caller: Caller | None,
    reason: str | None = None,
    more: Mapping[str, bool] = MappingProxyType({}),
) -> list[Event]:
    """One record for each side, with what there is `more` to say."""
    actor = Actor.of(caller) if caller else Actor.system()
    sender = caller.on if caller else None
    note = ({"note": reason} if reason else {}) | dict(more)
    theirs = _partner_detail(PartnerRef.of(sender)) if sender else {}
    return [
        Event(sandbox_id, event_type, actor, mine.connection_id, _partner_detail(mine.partner) | note),
        other_side.event(mine.partner, event_type, sender, mine.connection_id, theirs | note),
    ]


def _partner_detail(partner: PartnerRef) -> dict[str, str]:
    return {"partner": partner.organization_name, "sandbox": partner.sandbox_name}


def load(caller: Caller, connection_id: str) -> Connection:
    """The caller's copy of a connection; raises NotFound."""
    connection = store.get(caller.sandbox_id, connection_id)
    if connection is None:
        raise NotFound("no such connection")
    return connection


def accept(caller: Caller, connection_id: str, acceptance: Acceptance) -> ConnectionView:
    """Accept a request, and say whether the partner may estimate overlaps.

    Raises NotFound for an unknown connection, Conflict with the current state for one that cannot be accepted.
    """
    return decide(caller, connection_id, "accept", acceptance.note, allows_estimates=acceptance.allows_estimates)


def change(caller: Caller, connection_id: str, body: PatchConnection, if_match: Versions) -> ConnectionView:
    """Let the partner estimate overlaps, or no longer: it works at once.

    Raises NotFound for an unknown connection, Stale when it is no longer the version in If-Match, Conflict for one that
    has ended, TooManyRequests when it changes too fast.
    """
    allowed = body.allows_estimates

    def attempt() -> None:
        old = load(caller, connection_id)
        check_version(if_match, old.revision, "connection")
        state = rules.status_at(old, clock.now_text())
        if state not in {"pending", "active"}:
            raise Conflict(f"cannot change this connection: it is {state}", current=state)
        if old.allows_estimates != allowed:
            more = {"allowsEstimates": allowed}
            events = _events("connection.changed", caller.sandbox_id, old, caller, more=more)
            commit([store.allow_estimates(caller.sandbox_id, old, allowed=allowed)], events)

    until_written("connection", attempt)
    return get(caller, connection_id)


def decide(
    caller: Caller, connection_id: str, action: str, note: str | None, *, allows_estimates: bool | None = None
) -> ConnectionView:
    """Accept, reject, withdraw or disconnect; Conflict with the current state when that is not possible.

    Raises NotFound for an unknown connection, Conflict with the current state when the action is not possible in it.
    """
    connection = load(caller, connection_id)
    _refuse_unless_allowed(action, connection)
    _, needs, makes = rules.TRANSITIONS[action]
    at = clock.now_text()
    writes = store.transition(
        caller.sandbox_id,
        connection,
        needs,
        makes,
        at=at,
        by=caller.name,
        note=note,
        allows_estimates=allows_estimates,
    )
    more = {"allowsEstimates": True} if allows_estimates else {}
    try:
        commit(writes, _events(rules.EVENT_TYPES[action], caller.sandbox_id, connection, caller, note, more))
    except ConditionFailed:
        _refuse_unless_allowed(action, load(caller, connection_id))
        raise
    return get(caller, connection_id)


def _refuse_unless_allowed(action: str, connection: Connection) -> None:
    now = clock.now_text()
    if rules.is_allowed(action, connection, now):
        return
    state, side = rules.status_at(connection, now), rules.TRANSITIONS[action][0]
    wrong_side = side not in (None, connection.direction) and state == "pending"
    detail = f"only the partner can {action} this request" if wrong_side else f"cannot {action}: it is {state}"
    raise Conflict(detail, current=state, direction=connection.direction)


def preview_disconnect(caller: Caller, connection_id: str) -> DisconnectPreview:
    """What a disconnect would end.

    Raises NotFound for an unknown connection, Conflict for one that is not active.
    """
    connection = load(caller, connection_id)
    _refuse_unless_allowed("disconnect", connection)
    view = get(caller, connection_id)
    return DisconnectPreview(connection_id=connection_id, sharing=view.sharing, receiving=view.receiving)


def expire_overdue() -> int:
    """Expire the requests that nobody answered in time; returns how many."""
    overdue = _connections(store.expired(clock.now_text()))
    for sandbox_id, connection in overdue:
        _expire(sandbox_id, connection)
    return len(overdue)


def close(sandbox_id: str) -> None:
    """Operator: retire the connect ID of a sandbox that is deleted, and expire the requests from and to it."""
    store.retire_connect_id(sandbox_id, clock.now_text())
    for connection in store.connections(sandbox_id):
        if connection.status == "pending":
            _expire(sandbox_id, connection)


def ending() -> list[tuple[str, Connection]]:
    """The disconnected connections of which not all sharing is known to have ended, as copies of a sandbox's."""
    return _connections(store.ending())


def _connections(keys: Iterable[tuple[str, str]]) -> list[tuple[str, Connection]]:
    found = ((sandbox_id, store.get(sandbox_id, connection_id)) for sandbox_id, connection_id in keys)
    return [(sandbox_id, connection) for sandbox_id, connection in found if connection is not None]


def _expire(sandbox_id: str, connection: Connection) -> None:
    at = clock.now_text()
    writes = store.transition(sandbox_id, connection, "pending", "expired", at=at, by=None, note=None)
    try:
        commit(writes, _events("connection.expired", sandbox_id, connection, None))
    except ConditionFailed:
        return  # decided or expired meanwhile


def get(caller: Caller, connection_id: str) -> ConnectionView:
    """One connection.

    Raises NotFound for an unknown connection.
    """
    return _views([load(caller, connection_id)])[0]


def list_connections(caller: Caller, wanted: Wanted, limit: int, cursor: str | None) -> ConnectionList:
    """The sandbox's connections, newest first unless something else is wanted.

    Raises Malformed for a cursor of another list, Refused for one that is too long to be sorted.
    """
    now = clock.now_text()
    selection = wanted.selection(
        lambda each: (each.partner.organization_name, each.partner.sandbox_name),
        {"status": lambda each: rules.status_at(each, now), "direction": lambda each: each.direction},
        {"partner": lambda each: by_name(each.partner.name)},
    )
    found, more = store.page(caller.sandbox_id, limit, cursor, selection)
    return ConnectionList(items=_views(found), next_cursor=more)


def _views(connections: Sequence[Connection]) -> list[ConnectionView]:
    partners = store.partners_copies(connections)
    now = clock.now_text()
    states = [rules.status_at(connection, now) for connection in connections]
    pending = {
        connection.connect_id for connection, state in zip(connections, states, strict=True) if state == "pending"
    }
    retired = pending - store.current(pending)
    return [
        _view(connection, state, retired, partners[connection.connection_id])
        for connection, state in zip(connections, states, strict=True)
    ]


def _view(connection: Connection, state: Status, retired: Collection[str], partners_copy: Connection) -> ConnectionView:
    return ConnectionView(
        connection_id=connection.connection_id,
        status=state,
        direction=connection.direction,
        partner=Partner.of(connection.partner),
        requested_at=connection.requested_at,
        requested_by=connection.requested_by,
        decided_at=connection.decided_at,
        decided_by=connection.decided_by,
        decision_note=connection.decision_note,
        expires_at=connection.expires_at,
        connect_id_retired=state == "pending" and connection.connect_id in retired,
        note=connection.note,
        sharing=_sharing(connection),
        receiving=_sharing(partners_copy),
        namespaces=rules.namespaces_of(connection, partners_copy),
        allows_estimates=connection.allows_estimates,
        partner_allows_estimates=partners_copy.allows_estimates,
        version=connection.revision,
    )


def _sharing(copy: Connection) -> Sharing:
    return Sharing(feeds=copy.feeds_shared, segments=copy.segments_shared)
