"""Who reaches what of whom: a witness of every item and object that one sandbox's work opens or writes of another's."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from handfast.journal import store as journal
from handfast.partners import messages, other_side
from handfast.partners.models import PartnerRef
from handfast.platform import objects, table
from handfast.platform.objects import ObjectVersion
from handfast.platform.table import Check, Delete, Item, Put, Update, Write

_READS = ("item", "items", "find", "own_side", "overlap_threshold")
_PREFIXES = ("universe", "suppressions", "suppressions_towards")


class Sides:
    """Watches the seams of the stores while one of the sandboxes acts, and notes what `partners` lets through.

    `crossed` is what was reached of another sandbox by any other way, `reached` counts what was reached by `partners`.
    """

    def __init__(self, sandbox_ids: Sequence[str], patch: pytest.MonkeyPatch) -> None:
        self.crossed: list[str] = []
        self.reached: dict[str, int] = {}
        self._ids = sandbox_ids
        self._acting: list[str] = []
        self._inside = 0
        self._told: dict[int, Any] = {}
        self._prefixes: list[str] = []
        self._watch_partners(patch)
        self._watch_stores(patch)

    @contextmanager
    def acting(self, sandbox_id: str) -> Iterator[None]:
        """What is done in the block is done for this sandbox."""
        self._acting.append(sandbox_id)
        self._prefixes, before = [], self._prefixes
        try:
            yield
        finally:
            self._acting.pop()
            self._prefixes = before

    # What partners let through

    def _watch_partners(self, patch: pytest.MonkeyPatch) -> None:
        for name in _READS:
            original = getattr(other_side, name)
            _replace(patch, original, self._reading(name, original))
        for name in _PREFIXES:
            original = getattr(other_side, name)
            _replace(patch, original, self._naming(name, original))
        _replace(patch, other_side.tell, self._telling(other_side.tell))
        _replace(patch, other_side.event, self._recording(other_side.event))
        _replace(patch, messages.send, self._sending(messages.send))

    def _count(self, name: str) -> None:
        self.reached[name] = self.reached.get(name, 0) + 1

    @contextmanager
    def _let_through(self) -> Iterator[None]:
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def _reading(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def read(*arguments: Any) -> Any:
            self._count(name)
            with self._let_through():
                return original(*arguments)

        return read

    def _naming(self, name: str, original: Callable[..., str]) -> Callable[..., str]:
        def prefix(*arguments: Any) -> str:
            self._count(name)
            self._prefixes.append(original(*arguments))
            return self._prefixes[-1]

        return prefix

    def _telling(self, original: Callable[..., list[Write]]) -> Callable[..., list[Write]]:
        def tell(*arguments: Any) -> list[Write]:
            self._count("tell")
            writes = original(*arguments)
            self._told |= {id(write): write for write in writes}
            return writes

        return tell

    def _recording(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def event(*arguments: Any) -> Any:
            self._count("event")
            made = original(*arguments)
            self._told[id(made)] = made
            return made

        return event

    def _sending(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def send(sender: Any, partner: PartnerRef, message: Any) -> Any:
            self._count(type(message).__name__)
            with self.acting(partner.address):
                return original(sender, partner, message)

        return send

    # What the stores are asked for

    def _watch_stores(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("transact", "apply"):
            patch.setattr(table, name, self._writing(getattr(table, name)))
        patch.setattr(table, "get", self._getting(table.get))
        patch.setattr(table, "get_many", self._getting_many(table.get_many))
        for name in ("query", "between"):
            patch.setattr(table, name, self._querying(getattr(table, name)))
        for name in ("listing", "download", "read", "read_end", "read_range", "write", "delete"):
            patch.setattr(objects, name, self._opening(name, getattr(objects, name)))
        patch.setattr(journal, "next_records", self._next_records(journal.next_records))

    def _note(self, what: str, place: str) -> None:
        """Note a place that names a sandbox which does not act."""
        acting = self._acting[-1] if self._acting else None
        if acting and any(name in place for name in self._ids if name != acting):
            self.crossed.append(f"{acting}: {what} {place}")

    def _note_item(self, what: str, pk: str, sk: str) -> None:
        # A pair's items are neither side's own; a chain's say only in their sort key whose they are.
        if not pk.startswith("PAIR#"):
            self._note(what, f"{pk} {sk}" if pk.startswith("ROOT#") else pk)

    def _writing(self, original: Callable[..., Item | None]) -> Callable[..., Item | None]:
        def write(asked: Any) -> Item | None:
            for change in asked if isinstance(asked, Sequence) else [asked]:
                if id(change) not in self._told and not (isinstance(change, Put) and id(change.item) in self._told):
                    self._note_item(type(change).__name__, *_place(change))
            return original(asked)

        return write

    def _getting(self, original: Callable[..., Item | None]) -> Callable[..., Item | None]:
        def get(name: str, pk: str, sk: str) -> Item | None:
            if not self._inside:
                self._note_item("get", pk, sk)
            return original(name, pk, sk)

        return get

    def _getting_many(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def get_many(name: str, keys: Any, **named: Any) -> Any:
            wanted = list(keys)
            for pk, sk in wanted if not self._inside else ():
                self._note_item("get", pk, sk)
            return original(name, wanted, **named)

        return get_many

    def _querying(self, original: Callable[..., Iterator[Item]]) -> Callable[..., Iterator[Item]]:
        def query(name: str, pk: str, *arguments: Any, **named: Any) -> Iterator[Item]:
            if not self._inside:
                self._note_item("query", pk, str(arguments[0]) if arguments else "")
            return original(name, pk, *arguments, **named)

        return query

    def _opening(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*arguments: Any, **named: Any) -> Any:
            for place in arguments if name == "delete" else arguments[:1]:
                key = place.key if isinstance(place, ObjectVersion) else place
                if name in {"write", "delete"} or not key.startswith(tuple(self._prefixes)):
                    self._note(name, key)
            return original(*arguments, **named)

        return opened

    def _next_records(self, original: Callable[..., Iterator[Item]]) -> Callable[..., Iterator[Item]]:
        def records(sandbox_id: str, events: Sequence[Any]) -> Iterator[Item]:
            if not all(id(event) in self._told for event in events):
                self._note("record", sandbox_id)
            with self._let_through():
                made = list(original(sandbox_id, events))
            self._told |= {id(record): record for record in made}
            return iter(made)

        return records


def _place(write: Write) -> tuple[str, str]:
    match write:
        case Put():
            return write.item["pk"], write.item["sk"]
        case Update() | Delete() | Check():
            return write.pk, write.sk


def _replace(patch: pytest.MonkeyPatch, original: Any, wrapped: Any) -> None:
    """Put a function that goes on to the original in its place, in every module that has it under a name."""
    for module in [module for name, module in sys.modules.items() if name.startswith("handfast.")]:
        for name in [name for name, value in vars(module).items() if value is original]:
            patch.setattr(module, name, wrapped)
