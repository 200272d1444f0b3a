"""Calls with placeholders, which values are put into so that they stay values: no code, no quoting to get wrong.

A placeholder is `{identifier}`, `{type}`, `{requestId}` or `{regulation}`. In a path its value is percent-escaped, in a
query encoded, in a body a JSON string or a part of one; what a value holds is not looked at again.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import from_json, to_json

from handfast.connectors.contract import ConnectorError, not_asked
from handfast.identity.free_text import ADDRESS_IN_URL
from handfast.identity.patterns import holds_address
from handfast.platform.outbound import Answer

PLACEHOLDERS = ("identifier", "type", "requestId", "regulation")
_PLACEHOLDER = re.compile(r"\{([A-Za-z]+)\}")
_DOTS = {".", ".."}
_MAX_BODY = 10_000
_MAX_DEPTH = 10
_TOKEN = re.compile(r"~[01]|[^~/]")


def _known(text: str) -> str:
    """The text, if all of it is seen and no placeholder would stay as it is; braces of another kind are text."""
    if not re.sub(r"[\n\t]", "", text).isprintable():
        raise ValueError("must have no invisible characters")
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        raise ValueError(f"has no placeholder {{{unknown[0]}}}: use {', '.join(f'{{{n}}}' for n in PLACEHOLDERS)}")
    return text


def _path(text: str) -> str:
    bare = _PLACEHOLDER.sub("x", _known(text))
    if not re.fullmatch(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", bare):
        raise ValueError("must begin with / and be a path alone, percent-escaped")
    if "//" in bare or _DOTS & set(bare.split("/")):
        raise ValueError("must not have empty parts, . or .., which lead elsewhere")
    if holds_address(bare):
        raise ValueError(ADDRESS_IN_URL)
    return text


def _body(value: JsonValue) -> JsonValue:
    if len(to_json(value)) > _MAX_BODY:
        raise ValueError(f"must have at most {_MAX_BODY:,} bytes as JSON")
    _check_storable(value)
    for text in _texts(value):
        _known(text)
    return value


def _check_storable(value: JsonValue, depth: int = 0) -> None:
    """A table's limits: 32 levels, names that are not empty, numbers between 1e-130 and 1e126 of 38 digits."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"must not be nested deeper than {_MAX_DEPTH}")
    match value:
        case dict():
            if "" in value:
                raise ValueError("must not have members without a name")
            for item in value.values():
                _check_storable(item, depth + 1)
        case list():
            for item in value:
                _check_storable(item, depth + 1)
        case int() | float() if value and not 1e-15 <= abs(value) <= 1e15:
            raise ValueError("must have numbers between 1e-15 and 1e15: write others as texts")


def _pointer(text: str) -> str:
    if text and not (text.startswith("/") and all(_TOKEN.sub("", part) == "" for part in text.split("/"))):
        raise ValueError("must be a JSON pointer (RFC 6901), such as /state")
    return text


PathTemplate = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_path)]
"""A path below a base URL, with placeholders."""
Word = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_known)]
"""A word of a system's own."""
TextTemplate = Annotated[str, Field(max_length=500), AfterValidator(_known)]
"""A text with placeholders."""
BodyTemplate = Annotated[JsonValue, AfterValidator(_body)]
"""JSON in whose texts, names of members aside, placeholders may stand."""
Pointer = Annotated[str, Field(max_length=200), AfterValidator(_pointer)]
"""A JSON pointer (RFC 6901)."""


def placeholders(*templates: JsonValue) -> set[str]:
    """The placeholders that stand in the templates."""
    return {name for template in templates for text in _texts(template) for name in _PLACEHOLDER.findall(text)}


def filled_path(template: str, values: Mapping[str, str]) -> str:
    """The path with its values; ConnectorError `not_supported` for a value that would lead to another path."""
    if any(_DOTS & set(re.split(r"[/\\]", values[name])) for name in placeholders(template)):
        raise not_asked("an identifier of the person cannot stand in the path of a call")
    return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), template)


def filled(template: JsonValue, values: Mapping[str, str]) -> JsonValue:
    """The template with its values in the place of placeholders."""
    match template:
        case str():
            return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
        case list():
            return [filled(item, values) for item in template]
        case dict():
            return {name: filled(item, values) for name, item in template.items()}
    return template


def parsed(answer: Answer) -> Any:
    """The JSON of an answer; ConnectorError `malformed_answer`."""
    try:
        return from_json(answer.body)
    except ValueError:
        raise ConnectorError("malformed_answer", "the system's answer is not the JSON that was declared") from None


def holds(document: Any, pointer: str) -> bool:
    """Whether anything, be it null, stands at a JSON pointer."""
    return bool(_found(document, pointer))


def at(document: Any, pointer: str) -> Any:
    """What stands at a JSON pointer; None where there is nothing."""
    return next(iter(_found(document, pointer)), None)


def _found(document: Any, pointer: str) -> list[Any]:
    for escaped in pointer.split("/")[1:]:
        token = escaped.replace("~1", "/").replace("~0", "~")
        match document:
            case dict() if token in document:
                document = document[token]
            case list() if token.isascii() and token.isdecimal() and int(token) < len(document):
                document = document[int(token)]
            case _:
                return []
    return [document]


def _texts(value: JsonValue) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in _texts(item)]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
    return []
