"""Which things of a file are which of the sandbox: by their ids, or by their names within their kind."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from handfast_cli.desired.kinds import KINDS, Kind
from handfast_cli.desired.models import Connection, Destination, Document, Thing, targets
from handfast_cli.desired.references import References, keys_of
from handfast_cli.desired.state import Item, State

LIVE = frozenset({"pending", "active"})
DECIDED = frozenset({"rejected", "withdrawn", "disconnected"})
"""Ends of a connection that somebody has decided on."""


@dataclass(frozen=True)
class Waiting:
    """What the file wants and this sandbox alone cannot do."""

    section: str
    key: str
    why: str


class Matches:
    """What is there for each thing of the file, and what its names mean.

    `waiting` are connections that somebody else has to act on first, `errors` names that mean nothing or too much.
    """

    def __init__(self, document: Document, state: State) -> None:
        self._document, self._state = document, state
        self._actual: dict[int, Item | None] = {}
        self._met: dict[str, set[str]] = {}
        self.references = References(document, state)
        self.waiting: list[Waiting] = []
        self.errors: list[str] = []
        for connection in document.connections:
            self._match_connection(connection)
        for section, kind in KINDS.items():
            if section not in {"connections", "activations"}:
                for thing in things(document, section):
                    self._keep(kind, thing, self._matching(kind, thing, state.of(section)))
        for destination in document.destinations:
            self._match_activations(destination)

    def actual(self, thing: Thing) -> Item | None:
        """What is there for a thing; None: it is to be made."""
        return self._actual[id(thing)]

    def others(self, section: str) -> list[Item]:
        """What is there and not in the file. Of activations, those of the destinations that the file names."""
        met, kind = self._met.get(section, set()), KINDS[section]
        others = [item for item in self._state.of(section) if item[kind.identifier] not in met]
        match section:
            case "dataSources":  # the one of what is received is there by itself
                return [item for item in others if item["createdAt"]]
            case "activations":
                return [item for item in others if item["destinationId"] in self._met.get("destinations", ())]
            case "connections":
                return [item for item in others if item["status"] in LIVE]
            case _:
                return others

    def _keep(self, kind: Kind, thing: Thing, actual: Item | None) -> None:
        self._actual[id(thing)] = actual
        if actual is None:
            self.references.expect(kind.section, thing.key)
        else:
            self._met.setdefault(kind.section, set()).add(actual[kind.identifier])
            self.references.learn(kind.section, thing.key, actual[kind.identifier])

    def _matching(self, kind: Kind, thing: Thing, items: Iterable[Item]) -> Item | None:
        meant, key = getattr(thing, "id", ""), thing.key
        if meant:
            found = [item for item in items if item[kind.identifier] == meant]
            if not found:
                self.errors.append(
                    f"{kind.section} {key!r}: there is no {kind.noun} {meant}: leave `id` out to make it"
                )
        else:
            found = [item for item in items if item[kind.key] == key]
        if len(found) > 1:
            ids = ", ".join(item[kind.identifier] for item in found)
            self.errors.append(f"{kind.section} {key!r}: {len(found)} are called so ({ids}): write `id` of one")
        return found[0] if found else None

    def _match_activations(self, destination: Destination) -> None:
        there = self._actual[id(destination)]
        items = [
            each for each in self._state.of("activations") if there and each["destinationId"] == there["destinationId"]
        ]
        for thing in destination.activations:
            named = [{**each, "name": targets(pair["target"] for pair in each["mapping"])} for each in items]
            alone = len(items) == len(destination.activations) == 1 and not thing.id
            self._keep(
                KINDS["activations"], thing, named[0] if alone else self._matching(KINDS["activations"], thing, named)
            )

    def _match_connection(self, connection: Connection) -> None:
        found = [item for item in self._state.items.get("connections", ()) if connection.key in keys_of(item)]
        live = [item for item in found if item["status"] in LIVE]
        if len(live) > 1:
            self.errors.append(
                f"connections {connection.key!r}: {len(live)} sandboxes are connected: name its `sandbox`"
            )
        self._met.setdefault("connections", set()).update(item["connectionId"] for item in live)
        decided = [item for item in found if item["status"] in DECIDED]
        self._actual[id(connection)] = live[0] if live else None
        why = _why_not_yet(connection, live[0] if live else None, decided)
        if why:
            self.waiting.append(Waiting("connections", connection.key, why))
        if not live or live[0]["status"] == "pending":
            if connection.accept and live and not why:
                self.references.expect_partner(connection)
            else:
                self.references.wait_for(connection)


def things(document: Document, section: str) -> list[Any]:
    """The things of a section, in the order of the file."""
    for name, member in Document.model_fields.items():
        if member.alias == section:
            return list(getattr(document, name))
    return []


def _why_not_yet(connection: Connection, live: Item | None, decided: list[Item]) -> str:
    """Why neither the file nor the sandbox can connect now; empty where one can, or is connected."""
    if live and live["status"] == "active":
        return ""
    ended = max(decided, key=lambda item: str(item["decidedAt"] or item["requestedAt"]), default=None)
    if live and live["direction"] == "outgoing":
        return "has not answered the request yet"
    if ended:
        what = f"was {ended['status']}"
        return f"{what}, which the file does not undo: {'accept' if live else 'ask'} by hand (`handfast connections`)"
    if live:
        return "" if connection.accept else "asks to connect: accept it by hand, or write `accept: true`"
    return "" if connection.connect_id else "is not connected: write its `connectId`, or wait for its request"
