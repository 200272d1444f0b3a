"""`handfast_client.calls`: the calls of the API by noun, as methods of blocking and of async clients.

A call is named by its `operationId`: `listReceivedMembers` of the received feeds is `received_feeds.members()`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from handfast_cli.openapi.functions import operations
from handfast_cli.openapi.sdk.types import Json, Types, docstring, name_of, snake

_LEFT_OUT = frozenset({".well-known", "drp", "intake", "openapi", "opendsr", "problems"})
"""Tags of what is no business of a signed-in program: protocols of their own, people's forms, pages."""
_NOUNS = MappingProxyType(
    {
        "bulk-eval": "policies",
        "connect-requests": "connections",
        "connector-types": "connectors",
        "destination-types": "destinations",
        "sandboxes": "sandbox",
        "segment-folders": "segments",
        "trait-folders": "traits",
    }
)
"""Tags whose calls are those of another noun, or of one called otherwise."""
_VERBS = MappingProxyType(
    {
        "createPrivacyRequests": "create_many",
        "explainPerson": "explain",
        "listMyInvitations": "invitations",
        "previewConnectRequest": "preview",
        "withdrawConnectRequest": "withdraw",
    }
)
"""Operations whose name the noun's words do not shorten, or make another's."""
_HAND_MADE = frozenset({"memberships", "uploads"})
"""Nouns with verbs of several calls, in a module of their name beside `calls`."""
_DRY_RUN = "dryRun"
_PLACES = ("path", "whole", "body", "query", "header")
"""Where a parameter goes, in the order of a signature."""
_READS = frozenset({"get", "list"})
_JSON = "application/json"

_HEAD = '''"""%s

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from handfast_client.noun import UNSET, AsyncNoun, AsyncPager, Noun, Pager, Unset

if TYPE_CHECKING:
    from handfast_client import models
'''


@dataclass(frozen=True)
class Parameter:
    """A parameter of a method: `place` is where it goes, `wire` what it is called there."""

    name: str
    kind: str
    place: str
    wire: str
    required: bool = False

    def written(self, kind: str | None = None) -> str:
        """As it stands in the signature."""
        if kind is not None:
            return f"{self.name}: {kind}" if self.required else f"{self.name}: {kind} = False"
        if self.required:
            return f"{self.name}: {self.kind}"
        if self.name == "dry_run":
            return "dry_run: bool = False"
        if self.place == "body":
            kinds = self.kind.split(" | ")
            kinds = [kind for kind in kinds if kind != "None"] + ["Unset"] + ["None"] * ("None" in kinds)
            return f"{self.name}: {' | '.join(kinds)} = UNSET"
        return f"{self.name}: {self.kind} | None = None"


@dataclass(frozen=True)
class Operation:
    """One call of the document."""

    method: str
    path: str
    document: Json
    components: Json

    @cached_property
    def noun(self) -> str:
        """The noun that it is a verb of, in Python."""
        tag = self.document["tags"][0]
        return snake_tag(_NOUNS.get(tag, tag))

    @cached_property
    def name(self) -> str:
        """The verb: the `operationId` without the noun's words, and without `get` or `list` where more is left."""
        operation_id: str = self.document["operationId"]
        if operation_id in _VERBS:
            return _VERBS[operation_id]
        verb, *rest = snake(operation_id).split("_")
        of_noun = _forms(self.noun.split("_"))
        left = [word for word in rest if word not in of_noun]
        return "_".join(left if left and verb in _READS else [verb, *left])

    @cached_property
    def _types(self) -> Types:
        return Types(self.components["schemas"], "models.", "Sequence", "Mapping")

    @cached_property
    def _answers(self) -> list[Json]:
        """The schemas of what it answers: where it has a dry run, what that answers comes last."""
        for status, response in self.document["responses"].items():
            content = response.get("content", {}).get(_JSON)
            if status[0] in "23" and content:
                schema: Json = content["schema"]
                options: list[Json] = schema.get("anyOf", [schema])
                return options
        return []

    @cached_property
    def item(self) -> str | None:
        """The type of an item, where it answers a list."""
        if self.method != "get" or len(self._answers) != 1:
            return None
        schema = self._types.resolved(self._answers[0])
        members = schema.get("properties", {})
        is_list = "items" in members and ("nextCursor" in members or len(members) == 1)
        return self._types.of(members["items"]["items"]) if is_list else None

    @property
    def answer(self) -> str:
        """The type of what it answers."""
        return " | ".join(map(self._types.of, self._answers)) or "None"

    @property
    def has_dry_answer(self) -> bool:
        """Whether a dry run answers something else."""
        return len(self._answers) == 2 and any(each.wire == _DRY_RUN for each in self.parameters)

    @property
    def answers(self) -> tuple[str, str]:
        """The types of what it answers when it is done, and when it is tried."""
        done, tried = map(self._types.of, self._answers)
        return done, tried

    @cached_property
    def parameters(self) -> list[Parameter]:
        """All parameters, those that must be given first."""
        found = [*self._of_body(), *self._of_path_and_query()]
        return sorted(found, key=lambda each: (not each.required, _PLACES.index(each.place)))

    def _of_path_and_query(self) -> Iterator[Parameter]:
        for given in self.document.get("parameters", ()):
            parameter = self.components["parameters"][name_of(given)] if "$ref" in given else given
            wire, place = parameter["name"], parameter["in"]
            if wire in {"sandbox", "limit", "cursor"}:
                continue
            kind = self._types.of(parameter["schema"])
            yield Parameter(snake(wire.replace("-", "_")), kind, place, wire, parameter.get("required", False))

    def _of_body(self) -> Iterator[Parameter]:
        content = self.document.get("requestBody", {}).get("content", {}).get(_JSON)
        if content is None:
            return
        schema = self._types.resolved(content["schema"])
        if "properties" not in schema:
            yield Parameter("body", self._types.of(content["schema"]), "whole", "body", required=True)
            return
        needed = schema.get("required", ())
        for wire, member in schema["properties"].items():
            yield Parameter(snake(wire), self._types.of(member), "body", wire, wire in needed)

    def method_text(self, *, is_async: bool) -> str:
        """The method, with its overloads."""
        told = docstring(self.document.get("description") or self.document["summary"]).replace("\n", "\n        ")
        waits = is_async and self.item is None
        kind = self.item and f"{'AsyncPager' if is_async else 'Pager'}[{self.item}, {self.answer}]"
        define = "async def" if waits else "def"
        head = f"    {define} {self.name}({self._signature()}) -> {kind or self.answer}:"
        call = f"self.{'_list' if self.item else '_call'}({self._arguments()})"
        giving = "" if self.answer == "None" else "return "
        lines = [
            *self._overloads(define),
            head,
            f"        {told}",
            f"        {giving}{'await ' if waits else ''}{call}",
        ]
        return "\n".join(lines)

    def _overloads(self, define: str) -> Iterator[str]:
        if not self.has_dry_answer:
            return
        done, tried = self.answers
        for is_dry, answer in (("Literal[False]", done), ("Literal[True]", tried), ("bool", self.answer)):
            yield "    @overload"
            yield f"    {define} {self.name}({self._signature(is_dry)}) -> {answer}: ..."

    def _signature(self, dry: str | None = None) -> str:
        def written(each: Parameter) -> str:
            if each.wire != _DRY_RUN or dry is None:
                return each.written()
            return "dry_run: Literal[False] = False" if dry == "Literal[False]" else f"dry_run: {dry}"

        needed = [each.written() for each in self.parameters if each.required]
        optional = [written(each) for each in self.parameters if not each.required]
        return ", ".join(["self", *needed, *(["*", *optional] if optional else [])])

    def _arguments(self) -> str:
        def members(place: str) -> str:
            return ", ".join(f"{each.wire!r}: {each.name}" for each in self.parameters if each.place == place)

        given = [repr(self.method.upper()), repr(self.path)]
        if places := members("path"):
            given.append(f"places={{{places}}}")
        if any(each.place == "whole" for each in self.parameters):
            given.append("body=body")
        elif body := members("body"):
            given.append(f"body={{{body}}}")
        if query := members("query"):
            given.append(f"query={{{query}}}")
        given += [f"{each.name}={each.name}" for each in self.parameters if each.place == "header"]
        return ", ".join(given)


def snake_tag(tag: str) -> str:
    """A tag as an attribute."""
    return tag.replace("-", "_")


def _forms(words: list[str]) -> set[str]:
    """The words in singular and plural."""
    return {form for word in words for form in (word, _singular(word))}


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def call_files(document: Json) -> dict[str, str]:
    """The text of each module, by its path below the package."""
    nouns: dict[str, list[Operation]] = {}
    for method, path, operation in operations(document):
        if operation["tags"][0] not in _LEFT_OUT:
            each = Operation(method, path, operation, document["components"])
            nouns.setdefault(each.noun, []).append(each)
    told = {snake_tag(tag["name"]): tag["description"] for tag in document["tags"]}
    told |= {"sandbox": told["sandboxes"]}
    files = {f"calls/{noun}.py": _module(found, told[noun]) for noun, found in sorted(nouns.items())}
    return files | {"calls/__init__.py": _index({noun: told[noun] for noun in sorted(nouns)})}


def _module(found: list[Operation], told: str) -> str:
    parts = [_HEAD % _sentence(told)]
    names = [each.name for each in found]
    if len(set(names)) != len(names):
        raise ValueError(f"{found[0].noun}: two calls have one name: {sorted(names)}")
    for is_async in (False, True):
        name = f"{'Async' if is_async else ''}{class_name(found[0].noun)}"
        base = "AsyncNoun" if is_async else "Noun"
        # A method that is called `list` or `type` hides what follows it from type checkers: those come last.
        ordered = sorted(found, key=lambda each: each.name in {"list", "type"})
        methods = "\n\n".join(each.method_text(is_async=is_async) for each in ordered)
        parts.append(f'class {name}({base}):\n    """{_sentence(told)}"""\n\n{methods}')
    text = "\n\n".join(parts)
    return _without_unused(text)


def _without_unused(text: str) -> str:
    """The text, importing only what it uses."""
    head, _, body = text.partition("\nclass ")

    def used(match: re.Match[str]) -> str:
        names = [name for name in match[2].split(", ") if name == "TYPE_CHECKING" or re.search(rf"\b{name}\b", body)]
        return f"{match[1]}{', '.join(names)}" if names else ""

    kept = re.sub(r"(from (?:collections\.abc|typing|handfast_client\.noun) import )(.*)", used, head)
    return f"{kept}\nclass {body}"


def class_name(noun: str) -> str:
    """The class of a noun."""
    return "".join(word.capitalize() for word in noun.split("_"))


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _index(nouns: Mapping[str, str]) -> str:
    def attributes(prefix: str) -> Iterator[str]:
        for noun, told in nouns.items():
            kind = f"{prefix}{class_name(noun)}"
            yield f'    @cached_property\n    def {noun}(self) -> {kind}:\n        """{_sentence(told)}"""\n'
            yield f"        from {_module_of(noun)} import {kind}\n"
            yield f"        return {kind}(self.api, self._sandbox)\n"

    imports = "\n".join(
        f"    from {_module_of(noun)} import Async{class_name(noun)}, {class_name(noun)}" for noun in nouns
    )
    lines = [
        '"""The nouns of the API, each loaded when it is first used.\n',
        'Written by `make openapi` from openapi.json.\n"""',
        "\nfrom __future__ import annotations\n\nfrom functools import cached_property",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:",
        "    from handfast_client.api import Api, AsyncApi\n    from handfast_client.noun import Sandbox as Meant",
        f"{imports}\n\n",
        'class Nouns:\n    """The nouns of a blocking client."""\n\n    api: Api\n    _sandbox: Meant\n',
        *attributes(""),
        '\nclass AsyncNouns:\n    """The nouns of an async client."""\n\n    api: AsyncApi\n    _sandbox: Meant\n',
        *attributes("Async"),
    ]
    return "\n".join(lines)


def _module_of(noun: str) -> str:
    return f"handfast_client.{noun}" if noun in _HAND_MADE else f"handfast_client.calls.{noun}"
