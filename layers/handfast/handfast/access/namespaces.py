"""Namespaces that a sandbox's users define (docs/identities.md, Namespaces of your own)."""

from collections.abc import Sequence
from dataclasses import replace

from handfast.access import service, store
from handfast.access.models import DefineNamespace, NamespaceList, NamespaceView
from handfast.identity.custom import LAST_CODE, lengths_of
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.journal.models import Actor, Caller, Event, OwnNamespace, Sandbox
from handfast.journal.store import commit
from handfast.platform import clock
from handfast.platform.optimistic import until_written
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import Write

MOST = 20
"""Namespaces that a sandbox may define, disabled ones among them: their definitions are read with every call."""


def list_namespaces(caller: Caller) -> NamespaceList:
    """The sandbox's own namespaces."""
    return NamespaceList(items=list(map(_view, caller.on.namespaces)))


def define(caller: Caller, body: DefineNamespace) -> NamespaceView:
    """Define a namespace, give it another name or list of DROP, or bring a disabled one back.

    Raises Refused for a symbol that every sandbox has, and for lengths or a list that cannot be; Conflict for another
    kind or other lengths than it has, and when the sandbox has as many as it may have; NotFound when the sandbox is
    gone, TooManyRequests when they change too fast.
    """
    symbol = body.namespace
    min_length, max_length = _lengths(body)
    if body.kind == "text" and body.drop_list not in (None, "CTVID"):
        detail = f"DROP hashes what {body.drop_list} lists from several fields: the kind sha256 holds such hashes"
        raise Refused(detail, reason="validation", pointer="/dropList")

    def attempt() -> NamespaceView:
        sandbox = _current(caller)
        old = _find(sandbox, symbol)
        if old and (old.kind, old.min_length, old.max_length) != (body.kind, min_length, max_length):
            raise Conflict(
                "a namespace keeps its kind and its lengths: its values are known by them; define another one",
                current=f"{old.kind}, {old.min_length} to {old.max_length}" if old.kind == "text" else old.kind,
            )
        if old is None and len(sandbox.namespaces) >= MOST:
            raise Conflict(f"a sandbox defines at most {MOST} namespaces, disabled ones included", current="too_many")
        writes: list[Write] = []
        if old is None:
            code, writes = store.namespace_code(symbol, body.kind, min_length, max_length)
            if code > LAST_CODE:
                raise Conflict("the deployment has no codes left for namespaces", current="too_many")
            new = OwnNamespace(
                code, symbol, body.name, body.kind, min_length, max_length, clock.now_text(), drop_list=body.drop_list
            )
        else:
            new = replace(old, name=body.name, disabled=False)
            if "drop_list" in body.model_fields_set:  # renaming takes no list away
                new = replace(new, drop_list=body.drop_list)
        return _write(caller, sandbox, old, new, writes, "namespace.defined")

    return until_written("sandbox", attempt)


def disable(caller: Caller, symbol: str) -> NamespaceView:
    """Take no values of a namespace any more; those that there are stay until they are erased.

    Raises NotFound for an unknown one, TooManyRequests when they change too fast.
    """

    def attempt() -> NamespaceView:
        sandbox = _current(caller)
        old = _find(sandbox, symbol)
        if old is None:
            raise NotFound("no such namespace of the sandbox's own")
        return _write(caller, sandbox, old, replace(old, disabled=True), [], "namespace.disabled")

    return until_written("sandbox", attempt)


def _current(caller: Caller) -> Sandbox:
    found = store.sandbox(caller.sandbox_id)
    if found is None:
        raise NotFound("no such sandbox")
    return found


def _lengths(body: DefineNamespace) -> tuple[int, int]:
    try:
        taken = namespace(body.namespace).symbol
    except UnknownNamespaceError:
        pass
    else:
        raise Refused(f"every sandbox has {taken}, which is called so", reason="validation", pointer="/namespace")
    if body.kind == "sha256" and (body.min_length or body.max_length):
        pointer = "/minLength" if body.min_length else "/maxLength"
        raise Refused("only texts have lengths; a digest has one", reason="validation", pointer=pointer)
    lengths = lengths_of(body.kind, body.min_length, body.max_length)
    if lengths[0] > lengths[1]:
        raise Refused("the shortest text is longer than the longest", reason="validation", pointer="/minLength")
    return lengths


def _find(sandbox: Sandbox, symbol: str) -> OwnNamespace | None:
    return next((each for each in sandbox.namespaces if each.symbol.casefold() == symbol.casefold()), None)


def _write(
    caller: Caller,
    sandbox: Sandbox,
    old: OwnNamespace | None,
    new: OwnNamespace,
    writes: Sequence[Write],
    event_type: str,
) -> NamespaceView:
    if new != old:
        rest = sandbox.namespaces
        namespaces = tuple(new if each == old else each for each in rest) if old else (*rest, new)
        detail = {"namespace": new.symbol, "name": new.name, "kind": new.kind}
        event = Event(sandbox.sandbox_id, event_type, Actor.of(caller), sandbox.sandbox_id, detail)
        commit([store.put_namespaces(replace(sandbox, namespaces=namespaces), over=sandbox), *writes], [event])
        service.forget()
    return _view(new)


def _view(own: OwnNamespace) -> NamespaceView:
    texts = own.kind == "text"
    return NamespaceView(
        namespace=own.symbol,
        name=own.name,
        kind=own.kind,
        min_length=own.min_length if texts else None,
        max_length=own.max_length if texts else None,
        status="disabled" if own.disabled else "active",
        created_at=own.created_at,
        drop_list=own.drop_list,
    )
