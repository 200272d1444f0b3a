"""Reading a file of a desired state: YAML of version 1.2's core types, and errors that name the line and the fix."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from handfast_cli.desired.models import Document, Thing
from handfast_cli.errors import InputError

Place = Sequence[int | str]
LARGEST = 4 << 20
"""Bytes of a file."""
MOST_VALUES = 1_000_000
"""Values of a file, those that aliases repeat counted each time."""


class _Loader(yaml.SafeLoader):
    """Takes `no`, `on`, 09:30 and 2026-03-01 for the texts that they are: YAML 1.1 reads them otherwise."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the base class has it


for tag, pattern, first in (
    ("null", r"|~|null", ["", "~", "n"]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", list("-+0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def _finite(_: _Loader, node: yaml.ScalarNode) -> float:
    value = float(node.value)
    if not isfinite(value):
        raise yaml.MarkedYAMLError(problem=f"{node.value} is too large a number", problem_mark=node.start_mark)
    return value


_Loader.add_constructor("tag:yaml.org,2002:float", _finite)


def read(file: Path) -> Document:
    """The document in a file. Raises InputError, which has a line for each thing that is wrong."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    return parse(text, str(file))


def parse(text: bytes | str, name: str) -> Document:
    """The document in a text; `name` is what errors call it. Raises InputError as `read`."""
    node, twice, data = _loaded(text, name)
    if node is None or not isinstance(data, dict):
        raise InputError(f"{name}: begin with `version: 1`, and sections such as `segments:`")
    wrong = [f"{name}:{line}: {path}: is there twice" for line, path in twice]
    if not wrong:
        try:
            document = Document.model_validate(data)
        except ValidationError as error:
            wrong = [_told(name, node, dict(each)) for each in error.errors(include_url=False, include_input=False)]
        else:
            wrong = [f"{name}:{_line(node, place)}: {_path(place)}: {text}" for place, text in _doubts(document)]
    if wrong:
        raise InputError("\n".join(wrong))
    return document


def _loaded(text: bytes | str, name: str) -> tuple[yaml.Node | None, list[tuple[int, str]], Any]:
    """What stands in a text, what of it is there twice, and what it means."""
    if len(text) > LARGEST:
        raise InputError(f"{name}: is larger than {LARGEST >> 20} MiB")
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node and _values(node, {}) > MOST_VALUES:
                raise InputError(f"{name}: its aliases make more than {MOST_VALUES:,} values of it")
            # Before what is merged stands in the nodes themselves.
            twice = list(_twice(node, [], set()))
            return node, twice, loader.construct_document(node) if node else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{name}:{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: is no YAML: {error}") from error


def _doubts(document: Document) -> Iterator[tuple[Place, str]]:
    """What no part of the document is wrong by itself: names that are double, and pruning of what is not told."""
    for section in (name for name, field in Document.model_fields.items() if "list" in str(field.annotation)):
        keys: set[str] = set()
        for number, thing in enumerate(getattr(document, section)):
            if isinstance(thing, Thing):
                if (key := getattr(thing, "id", "") or thing.key) in keys:
                    yield [_alias(section), number], f"a second {key!r}: each is named once in its section"
                keys.add(key)
    for number, section in enumerate(document.prune):
        told = "destinations" if section == "activations" else section
        if told not in document.sections:
            text = f"would delete all {section}: write `{told}: []` if none are wanted"
            yield ["prune", number], text


def _alias(name: str) -> str:
    return Document.model_fields[name].alias or name


def _told(name: str, node: yaml.Node, error: dict[str, Any]) -> str:
    # Of a union the places have names of its alternatives too.
    place = [part for part in error["loc"] if not _is_alternative(part)]
    return f"{name}:{_line(node, place)}: {_path(place)}: {_message(error, place)}"


def _is_alternative(part: int | str) -> bool:
    return isinstance(part, str) and bool(re.search(r"[\[(]|^(literal|list|str|int|float|bool|dict)\b", part))


def _message(error: dict[str, Any], place: Place) -> str:
    match error["type"]:
        case "extra_forbidden":
            known = sorted(_members(place))
            near = get_close_matches(str(place[-1]), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            return f"is not known here; {hint}"
        case "missing":
            return "is missing"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            message = str(error["msg"])
            return message[:1].lower() + message[1:]


def _members(place: Place) -> set[str]:
    """The members of the part of the document that a place lies in."""
    model: type[BaseModel] = Document
    for part in place[:-1]:
        field = next((field for field in model.model_fields.values() if field.alias == part), None)
        if field is not None:
            model = next(_models(field.annotation), model)
    return {field.alias or name for name, field in model.model_fields.items()}


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _path(place: Place) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the file"


def _line(node: yaml.Node, place: Place) -> int:
    """The line of what is at a place, or of what it would be in."""
    line = node.start_mark.line
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return int(line) + 1


def _values(node: yaml.Node, counted: dict[int, int]) -> int:
    """How many values a node is, those within it counted each time that they stand there."""
    if id(node) not in counted:
        counted[id(node)] = 1  # of an alias within itself, which is refused later
        match node:
            case yaml.MappingNode():
                within = [each for pair in node.value for each in pair]
            case yaml.SequenceNode():
                within = node.value
            case _:
                within = []
        counted[id(node)] += sum(_values(each, counted) for each in within)
    return counted[id(node)]


def _twice(node: yaml.Node | None, place: list[int | str], met: set[int]) -> Iterator[tuple[int, str]]:
    """Members that stand twice in a mapping, of which YAML's readers take the last. An alias is met once."""
    if id(node) in met:
        return
    met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen and name != "<<":
                yield key.start_mark.line + 1, _path([*place, name])
            seen.add(name)
            yield from _twice(value, [*place, name], met)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _twice(value, [*place, number], met)
