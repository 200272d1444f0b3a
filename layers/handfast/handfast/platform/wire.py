"""Bases of what goes over the wire and into tables: camelCase (design/api.md, Manners)."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class View(BaseModel):
    """An answer. `version` becomes the ETag of a resource that can be updated."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, frozen=True)


class Resource(View):
    """An answer with a version, sent as its ETag and never in the body."""

    version: int = Field(default=1, exclude=True)

    @property
    def etag(self) -> str:
        """The ETag of this version."""
        return f'"{self.version}"'


class Request(BaseModel):
    """A request body; unknown members are refused."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, extra="forbid", frozen=True)


class Stored:
    """Base of dataclasses that a table holds by pydantic's TypeAdapter."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(alias_generator=to_camel)


def _printable(text: str) -> str:
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ValueError("control characters and lone surrogates are not allowed")
    if text != text.strip() or not text:
        raise ValueError("must not be empty or start or end with a space")
    return text


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Note = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_printable)]
