"""Bases of what goes over the wire and into tables: camelCase (docs/api.md, Manners)."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar
from unicodedata import category

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    WrapSerializer,
)
from pydantic.alias_generators import to_camel
from pydantic_core import from_json, to_json

from handfast.platform.problems import Malformed

MAX_DEPTH = 64
"""Levels of a body."""
_NOT_PRINTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NO_TEXT = "neither NUL nor lone surrogates are allowed"


def _is_written_time(at: object) -> object:
    if not isinstance(at, datetime) and not (isinstance(at, str) and "T" in at.upper()):
        raise ValueError("must be an RFC 3339 time with its offset")
    return at


def _of_our_time(at: datetime) -> datetime:
    if not 2000 <= at.year < 3000:
        raise ValueError("must be a time of this millennium")
    return at


GivenTime = Annotated[AwareDatetime, BeforeValidator(_is_written_time), AfterValidator(_of_our_time)]
"""A time that a caller names."""
Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A time as `clock.to_text` writes it: RFC 3339 in UTC."""
Link = Annotated[str, Field(json_schema_extra={"format": "uri"})]
"""An absolute address."""


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, frozen=True, defer_build=True
    )


class Resource(View):
    """An answer with a version, sent in its ETag and never in the body."""

    version: int = Field(default=1, exclude=True)

    @property
    def etag_version(self) -> int:
        """The version that the ETag begins with, and If-Match names."""
        return self.version


class Progress(View):
    """Work items done."""

    done: int
    total: int


class Request(BaseModel):
    """A request body; unknown members are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True, defer_build=True
    )


class TableItem:
    """Base of dataclasses that a table holds by pydantic's TypeAdapter."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, defer_build=True
    )


def _unpacked(value: Any) -> Any:
    return from_json(value) if isinstance(value, str) else value


def _packed(value: Any, whole: SerializerFunctionWrapHandler) -> str:
    return to_json(whole(value)).decode()


type Packed[T] = Annotated[T, BeforeValidator(_unpacked), WrapSerializer(_packed)]
"""A member that a table holds as JSON text, as attributes within attributes are slow to read."""


_MARKS = "\u200c\u200d\u200e\u200f\u061c"
"""Format characters that scripts and emoji need: joiners, and marks of direction, which reorder nothing around."""
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and symbols that show nothing: the fillers of Hangul, and Braille's blank."""


def not_null(value: object) -> object:
    """The value of a field that may be left out of a change and not be taken away; ValueError for null."""
    if value is None:
        raise ValueError("must not be null")
    return value


def _printable(text: str) -> str:
    if any(category(character) in _NOT_PRINTED and character not in _MARKS for character in text):
        raise ValueError("control and format characters, line separators and lone surrogates are not allowed")
    if text != text.strip() or not text.strip(_MARKS + _BLANKS):
        raise ValueError("must not be empty or start or end with a space")
    return text


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Note = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)]


def check_json(document: Any) -> None:
    """Raise Malformed, with the place, for what is no use to anybody: NUL, lone surrogates, NaN, or too many levels."""
    waiting = [("", 1, document)]
    while waiting:
        pointer, depth, value = waiting.pop()
        if depth > MAX_DEPTH:
            raise Malformed(f"the body has more than {MAX_DEPTH} levels", pointer="")
        if isinstance(value, float) and not math.isfinite(value):
            raise Malformed("numbers are finite", pointer=pointer)
        if isinstance(value, str) and not _is_text(value):
            raise Malformed(_NO_TEXT, pointer=pointer)
        if isinstance(value, list):
            waiting += [(f"{pointer}/{index}", depth + 1, item) for index, item in enumerate(value)]
        if isinstance(value, dict):
            if not all(map(_is_text, value)):
                raise Malformed(f"{_NO_TEXT} in names", pointer=pointer)
            waiting += [(f"{pointer}/{escaped(name)}", depth + 1, item) for name, item in value.items()]


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def invalid_members(found: Iterable[Mapping[str, Any]], below: str = "") -> list[dict[str, str]]:
    """What pydantic found, as the `errors` of a problem: pointers to the members `below` one, and what is wrong."""
    return [
        {
            "pointer": below + "".join(f"/{escaped(str(part))}" for part in entry["loc"] if part != "[key]"),
            "message": entry["msg"].removeprefix("Value error, "),
        }
        for entry in found
    ]


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901), cut to what a person reads."""
    return name[:200].replace("~", "~0").replace("/", "~1")
