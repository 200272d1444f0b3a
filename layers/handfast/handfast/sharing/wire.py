"""What comes in and goes out as JSON."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from handfast.platform.problems import Malformed
from handfast.platform.wire import View, invalid_members

Version = Annotated[int, Field(ge=0, le=2**63 - 1)]


NextPage = Annotated[str | None, Field(exclude_if=lambda token: token is None)]
"""Left out on the last page: clients tell by its absence."""


class QueryTable(BaseModel):
    """What a query asks for. Hints may be ignored, members that are not known are."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, defer_build=True)

    limit_hint: Annotated[int, Field(ge=0)] | None = None
    version: Version | None = None
    timestamp: str | None = None
    starting_version: Version | None = None
    ending_version: Version | None = None
    include_end_stream_action: bool = False
    include_refresh_token: bool = False
    predicate_hints: Any = None
    json_predicate_hints: Any = None


def query_of(body: str) -> QueryTable:
    """The query in a body; one without a body asks for everything. Raises Malformed for anything else."""
    try:
        return QueryTable.model_validate(from_json(body or "{}"))
    except ValidationError as error:
        found = invalid_members([{"loc": each["loc"], "msg": each["msg"]} for each in error.errors()])
        raise Malformed("some members of the body are invalid", errors=found) from None
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None


@dataclass(frozen=True)
class ChangesAsked:
    """Which versions' changes are asked for, by number or time; `wants_end` asks for a line that ends the answer."""

    starting_version: int | None
    starting_timestamp: str | None
    ending_version: int | None
    ending_timestamp: str | None
    wants_end: bool


class ShareItem(View):
    """A share."""

    name: str
    id: str


class ShareList(View):
    """A page of shares."""

    items: list[ShareItem]
    next_page_token: NextPage = None


class ShareAnswer(View):
    """One share."""

    share: ShareItem


class SchemaItem(View):
    """A schema of a share."""

    name: str
    share: str


class SchemaList(View):
    """A page of schemas."""

    items: list[SchemaItem]
    next_page_token: NextPage = None


class SharedTableItem(View):
    """A table of a schema."""

    name: str
    schema_: Annotated[str, Field(alias="schema")]
    share: str
    share_id: str
    id: str


class TableList(View):
    """A page of tables."""

    items: list[SharedTableItem]
    next_page_token: NextPage = None


class AwsCredentials(View):
    """Keys of AWS for a while."""

    access_key_id: str
    secret_access_key: str
    session_token: str


class TableCredentials(View):
    """Where a table lies, what reads it, and until when (milliseconds since 1970)."""

    location: str
    aws_temp_credentials: AwsCredentials
    expiration_time: int


class TableCredentialsAnswer(View):
    """Credentials for one table."""

    credentials: TableCredentials
