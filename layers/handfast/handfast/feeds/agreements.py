"""Namespaces of sandboxes' own over a connection: shared once both sides take the same (docs/api.md, Connect)."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from handfast.access import store as access
from handfast.connections import rules as connection_rules
from handfast.connections import service as connections
from handfast.connections import store as connections_store
from handfast.connections.models import Connection, ConnectionView, NamespaceOffer
from handfast.dataflows import outbox
from handfast.dataflows import runs as dataflows_runs
from handfast.feeds import store
from handfast.feeds.models import ReceivedFeed, Share
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.journal.models import Actor, Caller, Event, OwnNamespace, Sandbox
from handfast.partners import other_side
from handfast.platform.optimistic import until_written
from handfast.platform.problems import Conflict, NotFound, Refused

_EVENT = "connection.namespaces_changed"


def codes(source: Sandbox, connection: Connection, symbols: Iterable[str]) -> tuple[int, ...]:
    """The codes of the namespaces of a feed that may be shared over a connection: of one's own, those agreed on.

    What was shared by a namespace that is disabled since stays shared, until a side takes it no longer.
    """
    own: list[int] = []
    found: list[int] = []
    for symbol in symbols:
        try:
            kind = namespace(symbol, [each.code for each in source.namespaces])
        except UnknownNamespaceError:
            continue
        (own if kind.by_agreement else found).append(kind.code)
    if own:
        theirs = connections_store.partners_copy(connection)
        found += sorted(connection_rules.agreed(connection, theirs).intersection(own) if theirs else ())
    return tuple(found)


def check(caller: Caller, symbols: Collection[str], over: Iterable[Connection]) -> None:
    """Raise Refused, with a pointer to each namespace of the sandbox's own that not both sides of a connection take."""
    connections_over = list(over)
    errors = []
    for index, symbol in enumerate(symbols):
        lacking = [each for each in connections_over if not codes(caller.on, each, [symbol])]
        if lacking:
            names = ", ".join(each.connection_id for each in lacking)
            message = (
                f"{symbol} is not agreed on over {names}: both sides POST connections/{{id}}/namespaces/{symbol}/enable"
                ", with the same case, kind and lengths, which `namespaces` of the connection shows"
            )
            errors.append({"pointer": f"/namespaces/{index}", "message": message})
    if errors:
        detail = f"{errors[0]['message']}; see errors"
        raise Refused(detail, reason="namespace_not_agreed", errors=errors)


def take(caller: Caller, connection_id: str, symbol: str) -> ConnectionView:
    """Take a namespace of one's own over a connection; agreed on when the partner takes the same.

    Raises NotFound for an unknown connection or namespace, Conflict for a connection that is not active,
    TooManyRequests when it changes too fast.
    """
    own = _own(caller, symbol)
    offer = NamespaceOffer(own.code, own.symbol, own.kind, own.min_length, own.max_length)

    def changed(before: tuple[NamespaceOffer, ...]) -> tuple[NamespaceOffer, ...]:
        return before if offer in before else (*before, offer)

    return _change(caller, connection_id, own, taken=True, offers=changed)


def drop(caller: Caller, connection_id: str, symbol: str) -> ConnectionView:
    """Take a namespace of one's own no longer: what was shared by it, either way, is withdrawn.

    Raises NotFound for an unknown connection or namespace, Conflict for a connection that is not active,
    TooManyRequests when it changes too fast.
    """
    own = _own(caller, symbol, disabled=True)
    return _change(
        caller,
        connection_id,
        own,
        taken=False,
        offers=lambda before: tuple(each for each in before if each.code != own.code),
    )


def _own(caller: Caller, symbol: str, *, disabled: bool = False) -> OwnNamespace:
    """The namespace as it is now: what is known of the caller's sandbox may be older than its defining."""
    sandbox = access.sandbox(caller.sandbox_id)
    for each in sandbox.namespaces if sandbox else ():
        if each.symbol.casefold() == symbol.casefold() and (disabled or not each.disabled):
            return each
    raise NotFound("no such namespace of the sandbox's own; POST namespaces defines one")


def _change(
    caller: Caller,
    connection_id: str,
    own: OwnNamespace,
    *,
    taken: bool,
    offers: Callable[[tuple[NamespaceOffer, ...]], tuple[NamespaceOffer, ...]],
) -> ConnectionView:
    def attempt() -> None:
        old = connections.load(caller, connection_id)
        if old.status != "active":
            raise Conflict("only an active connection has namespaces", current=old.status)
        new = replace(old, namespaces=offers(old.namespaces))
        if new == old:
            return
        detail = {"namespace": own.symbol, "taken": taken}
        events = [
            Event(caller.sandbox_id, _EVENT, Actor.of(caller), connection_id, detail),
            other_side.event(old.partner, _EVENT, caller.on, connection_id, detail),
        ]
        flows = _flows(caller.sandbox_id, connection_id, own.symbol)
        runs = [dataflows_runs.new_run(flow, _EVENT) for flow in flows]
        outbox.commit([connections_store.put_namespaces(caller.sandbox_id, new, over=old)], events, runs)

    until_written("connection", attempt)
    return connections.get(caller, connection_id)


def _flows(sandbox_id: str, connection_id: str, symbol: str) -> list[str]:
    """The dataflows over a connection, either way, that share by a namespace."""
    over: list[Share | ReceivedFeed] = [*store.shares(sandbox_id), *store.received_feeds(sandbox_id)]
    return [
        each.dataflow_id
        for each in over
        if each.connection_id == connection_id and symbol in each.accepted_namespaces and each.dataflow_id
    ]
