"""What things of a file are in the API's members: names as ids, and secrets apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handfast_cli.desired.models import Activation, Connector, Destination, Feed, Namespace, Segment, Source, Thing
from handfast_cli.desired.references import References, UnknownNameError
from handfast_cli.desired.state import Item, State

Body = dict[str, Any]


class SecretError(ValueError):
    """A secret stands in the file, or what stands there is no reference to one; the text says what to write."""


@dataclass(frozen=True)
class SecretReference:
    """Where a secret is taken from: the variable or the file of a name."""

    kind: str
    name: str

    def __str__(self) -> str:
        """As a plan shows it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Wanted:
    """A thing's members for the API, and its secrets by the member that they lie in and their own name."""

    members: Body
    secrets: Mapping[tuple[str, str], SecretReference] = field(default_factory=dict)


def wanted(section: str, thing: Thing, references: References, state: State, actual: Item | None) -> Wanted:
    """What a thing of a file wants of the API. Raises UnknownNameError and SecretError."""
    make = _MEMBERS.get(section)
    members = make(thing, references, actual) if make else thing.given()
    members.pop("id", None)
    if isinstance(thing, Destination):
        members.pop("activations", None)
        if "marketingActions" in members:
            members["marketingActions"] = _united(members["marketingActions"], state.type_actions.get(thing.type, []))
    if isinstance(thing, (Destination, Connector)) and (section, thing.type, "settings") not in state.secrets:
        known = sorted(name for place, name, member in state.secrets if (place, member) == (section, "settings"))
        raise UnknownNameError(f"there is no type {thing.type}; there are {', '.join(known)}")
    secrets: dict[tuple[str, str], SecretReference] = {}
    for member in ("settings", "authentication"):
        if isinstance(members.get(member), dict):
            hidden = state.secrets.get((section, members.get("type") or members.get("kind", ""), member), frozenset())
            members[member], found = _parted(members[member], hidden, member)
            secrets |= found
    return Wanted(members, secrets)


def _united(values: list[str], others: list[str]) -> list[str]:
    return list(dict.fromkeys([*values, *others]))


def _parted(given: Body, hidden: frozenset[str], member: str) -> tuple[Body, dict[tuple[str, str], SecretReference]]:
    secrets = {(member, name): _reference(name, given[name]) for name in given if name in hidden}
    return {name: value for name, value in given.items() if name not in hidden}, secrets


def _reference(name: str, value: Any) -> SecretReference:
    match value:
        case {"env": str(text)} if text.startswith("HANDFAST_"):
            raise SecretError(f"{text} is of the command line itself, and goes nowhere else: name another variable")
        case {"env": str(text)} | {"file": str(text)} if len(value) == 1 and text and "\0" not in text:
            return SecretReference(next(iter(value)), text)
        case _:
            raise SecretError(f"{name} is a secret, which no file holds: write {{env: NAME}} or {{file: PATH}}")


def _namespace(thing: Namespace, _: References, __: Item | None) -> Body:
    """Of a namespace that was disabled: making it again enables it."""
    return thing.given() | {"status": "active"}


def _segment(thing: Segment, references: References, _: Item | None) -> Body:
    members = thing.given()
    if thing.expression is not None:
        members["expression"] = references.expression(thing.expression)
    return members


def _source(thing: Source, references: References, _: Item | None) -> Body:
    members = thing.given()
    for name, section, identifier in (
        ("segment", "segments", "segmentId"),
        ("dataSource", "dataSources", "dataSourceId"),
    ):
        if name in members:
            meant = members.pop(name)
            members[identifier] = None if meant is None else references.find(section, meant)
    for column in members.get("columns", ()):
        if column.get("namespace"):
            column["namespace"] = references.symbol(column["namespace"])
    return members


def _feed(thing: Feed, references: References, _: Item | None) -> Body:
    members = thing.given()
    members["segmentIds"] = [references.find("segments", name) for name in members.pop("segments")]
    members["namespaces"] = [references.symbol(name) for name in members["namespaces"]]
    if "partners" in members:
        members["connectionIds"] = references.partners(members.pop("partners"))
    members.pop("published", None)
    return members


def _activation(thing: Activation, references: References, actual: Item | None) -> Body:
    members = thing.given()
    there = {each["segmentId"]: each for each in (actual or {}).get("segments", ())}
    segments = []
    for each in members["segments"]:
        identifier = references.find("segments", each.pop("segment"))
        # A change replaces all of the list: what the file leaves out stays.
        left = {name: there.get(identifier, {}).get(name) for name in ("mappingId", "startDate", "endDate")}
        segments.append({name: value for name, value in left.items() if value is not None} | each)
        segments[-1]["segmentId"] = identifier
    members["segments"] = segments
    for each in members["mapping"]:
        each["source"] = references.symbol(each["source"])
    return members


_MEMBERS: dict[str, Callable[[Any, References, Item | None], Body]] = {
    "namespaces": _namespace,
    "segments": _segment,
    "sources": _source,
    "feeds": _feed,
    "activations": _activation,
}
