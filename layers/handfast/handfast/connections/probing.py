"""Whether both sides of a connection hash alike, before anything is shared (docs/api.md, Connect)."""

from handfast.connections import service
from handfast.connections.models import (
    Connection,
    ConnectionView,
    HasherAnswer,
    HasherResult,
    ProbeAgreement,
    ProbeDigests,
    ProbeValue,
    ProbeView,
)
from handfast.identity import probe
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.journal.models import Caller
from handfast.partners import other_side
from handfast.platform.problems import Refused


def get_connection(caller: Caller, connection_id: str) -> ConnectionView:
    """One connection, where it is active with whether both sides hash alike. Raises NotFound for an unknown one."""
    connection = service.load(caller, connection_id)
    view = service.get(caller, connection_id)
    return view.model_copy(update={"probe": agreements(caller, connection)})


def agreements(caller: Caller, connection: Connection) -> list[ProbeAgreement] | None:
    """By namespace, whether both sides make the same digests; None where there are no two sides now."""
    if connection.status != "active":
        return None
    theirs = other_side.phone_region(connection.partner)
    return [
        ProbeAgreement(namespace=symbol, agrees=probe.agrees(symbol, caller.on.phone_region, theirs))
        for symbol in probe.PROBE
    ]


def show(caller: Caller, connection_id: str) -> ProbeView:
    """The values of the probe and their digests here, and whether the partner makes the same.

    Raises NotFound for an unknown connection.
    """
    connection = service.load(caller, connection_id)
    values = [
        ProbeValue(namespace=symbol, value=value, digest=digest.hex() if digest else None)
        for symbol in probe.PROBE
        for value, digest in probe.digests(symbol, caller.on.phone_region).items()
    ]
    return ProbeView(agreements=agreements(caller, connection) or [], values=values)


def compare(caller: Caller, connection_id: str, body: ProbeDigests) -> HasherAnswer:
    """What a hasher of the caller's own does otherwise than this sandbox, value by value. Nothing of it is kept.

    Raises NotFound for an unknown connection, Refused with a pointer to each value that is not of the probe.
    """
    service.load(caller, connection_id)
    symbol = _symbol(body.namespace)
    values = probe.PROBE[symbol]
    wrong = [index for index, each in enumerate(body.digests) if each.value not in values]
    if wrong:
        message = "no value of the probe; GET lists them, each to be hashed as it stands there, blanks and all"
        errors = [{"pointer": f"/digests/{index}/value", "message": message} for index in wrong]
        raise Refused(f"{message}; see errors", reason="validation", errors=errors)
    items = []
    for each in body.digests:
        agrees, found = probe.differences(symbol, each.value, each.digest, caller.on.phone_region)
        items.append(HasherResult(value=each.value, agrees=agrees, differences=list(found)))
    return HasherAnswer(namespace=symbol, agrees=all(item.agrees for item in items), items=items)


def _symbol(name: str) -> str:
    try:
        symbol = namespace(name).symbol
    except UnknownNamespaceError:
        symbol = name
    if symbol not in probe.PROBE:
        detail = f"only {' and '.join(probe.PROBE)} are hashed from values"
        raise Refused(detail, reason="validation", pointer="/namespace")
    return symbol
