"""What names in a file mean: the ids of what is there, and of what the file is going to make."""

import re
from collections.abc import Iterator
from typing import Any

from handfast_cli.desired.kinds import KINDS
from handfast_cli.desired.models import Connection, Document
from handfast_cli.desired.state import Item, State

_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_SEGMENT = re.compile(r"\bseg_\w+")


class UnknownNameError(LookupError):
    """A name means nothing, or more than one thing; the text says what to do."""


class NotYet(str):
    """The id of what is not there yet; its text stands for it where a plan is shown."""

    __slots__ = ("place",)
    place: tuple[str, str]

    @classmethod
    def of(cls, section: str, key: str) -> "NotYet":
        """That of a thing of the file."""
        made = cls(f"(new {KINDS[section].noun} {key})")
        made.place = (section, key)
        return made


class References:
    """Ids by section and name. What the file itself names comes before what else is called so."""

    def __init__(self, document: Document, state: State) -> None:
        self._of_file: dict[tuple[str, str], str] = {}
        self._there: dict[tuple[str, str], list[str]] = {}
        self._names: dict[str, str] = {}
        self._waited_for: set[str] = set()
        own_kinds: list[str] = [item["namespace"] for item in state.items.get("namespaces", ())]
        own_kinds += [each.namespace for each in document.namespaces]
        self._symbols = dict(state.symbols) | {symbol.lower(): symbol for symbol in own_kinds}
        own = {item["segmentId"] for item in state.of("segments")}
        # Own ones come first, so that a received one of the same name is not meant.
        for item in sorted(state.items.get("segments", ()), key=lambda item: item["segmentId"] not in own):
            if item["segmentId"] in own or ("segments", item["name"]) not in self._there:
                self._add("segments", item["name"], item["segmentId"])
            self._names[item["segmentId"]] = item["name"]
        for item in state.items.get("dataSources", ()):
            self._add("dataSources", item["name"], item["dataSourceId"])
        for item in state.items.get("connections", ()):
            if item["status"] == "active":
                for key in keys_of(item):
                    self._add("connections", key, item["connectionId"])

    def _add(self, section: str, name: str, identifier: str) -> None:
        self._there.setdefault((section, name), []).append(identifier)
        self._names[identifier] = name

    def expect(self, section: str, key: str) -> None:
        """The file is going to make it."""
        self._of_file[section, key] = NotYet.of(section, key)

    def expect_partner(self, wanted: Connection) -> None:
        """The file is going to accept it."""
        for key in {wanted.organization, f"{wanted.organization}/{wanted.sandbox}"}:
            if ("connections", key) not in self._there:
                self._of_file["connections", key] = NotYet.of("connections", wanted.key)

    def wait_for(self, wanted: Connection) -> None:
        """The file wants it, and somebody else has to act first."""
        self._waited_for |= {
            key for key in (wanted.organization, wanted.key) if ("connections", key) not in self._there
        }

    def is_waited_for(self, partner: str) -> bool:
        """Whether what the name means is wanted, and somebody else has to act first."""
        return partner in self._waited_for

    def learn(self, section: str, key: str, identifier: str) -> None:
        """It is there, with this id."""
        for place, known in self._of_file.items():
            if isinstance(known, NotYet) and known.place == (section, key):
                self._of_file[place] = identifier
        self._of_file[section, key] = identifier
        self._names[identifier] = key

    def name_of(self, identifier: str) -> str:
        """What the id's thing is called, or the id; an expression as files write it, with names in braces."""
        if identifier in self._names:
            return self._names[identifier]
        return _SEGMENT.sub(
            lambda found: f"{{{self._names[found[0]]}}}" if found[0] in self._names else found[0], identifier
        )

    def find(self, section: str, name: str) -> str:
        """The id that a name means. An id means itself. Raises UnknownNameError."""
        if (section, name) in self._of_file:
            return self._of_file[section, name]
        noun = KINDS[section].noun
        match self._there.get((section, name), []):
            case [identifier]:
                return identifier
            case []:
                if name in self._names:
                    return name
                raise UnknownNameError(f"there is no {noun} {name!r}, and the file makes none")
            case several:
                how = "organization/sandbox" if section == "connections" else "the id"
                raise UnknownNameError(f"{len(several)} are called {name!r} ({', '.join(several)}): write {how} of one")

    def partners(self, names: list[str]) -> list[str]:
        """The ids of connections, without those that are waited for. Raises UnknownNameError."""
        return [self.find("connections", name) for name in names if not self.is_waited_for(name)]

    def symbol(self, namespace: str) -> str:
        """A namespace by the name that the API answers."""
        return self._symbols.get(namespace.lower(), namespace)

    def expression(self, text: str) -> str:
        """An expression with ids in place of the names in braces; those of what is not there yet stay in braces."""
        return _IN_BRACES.sub(self._in_expression, text)

    def _in_expression(self, match: re.Match[str]) -> str:
        found = self.find("segments", match[1])
        return match[0] if isinstance(found, NotYet) else found


def named_in(expression: str) -> list[str]:
    """The names in braces of an expression."""
    return _IN_BRACES.findall(expression)


def keys_of(connection: Item) -> tuple[str, str]:
    """What files name a connection by."""
    partner = connection["partner"]
    return partner["organizationName"], f"{partner['organizationName']}/{partner['sandboxName']}"


def pending(value: Any, member: str = "") -> Iterator[tuple[str, str]]:
    """The things of a value that are not there yet. Of texts, an expression alone has names in braces."""
    match value:
        case NotYet():
            yield value.place
        case str() if member == "expression":
            yield from (("segments", name) for name in named_in(value))
        case dict():
            for name, each in value.items():
                yield from pending(each, name)
        case list():
            for each in value:
                yield from pending(each)
