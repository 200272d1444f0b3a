"""Delta Sharing: what a sandbox receives as tables, for tools that speak the protocol (docs/delta-sharing.md)."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.access import recipient_tokens
from handfast.edge.api import JSON
from handfast.platform.problems import NotFound
from handfast.platform.settings import require
from handfast.sharing import activation_page, catalogue, listing, reading, table_credentials, wire
from handfast.sharing.api import SharingApi
from handfast.sharing.lines import NDJSON

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "FEEDS_TABLE",
    "GOVERNANCE_TABLE",
    "ACTIVITY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "API_SECRET_ARN",
    "USER_POOL_ID",
    "SHARED_TABLES_ROLE_ARN",
    "OUTBOUND_PRIVATE_NETWORKS",
)

api = SharingApi()
_SHARE = "/sharing/shares/<share>"
_TABLES = f"{_SHARE}/schemas/<schema>/tables"
_TABLE = f"{_TABLES}/<table>"
_ACTIVATION = "/sharing/activations/<code>"
_PROFILE = {JSON: {"schema": {"type": "object"}}}
_LINES = {NDJSON.partition(";")[0]: {"schema": {"type": "string"}}}

MaxResults = Annotated[int | None, Query(alias="maxResults", ge=0, le=2**31 - 1, description="Items a page")]
PageToken = Annotated[
    str | None, Query(alias="pageToken", max_length=1024, description="nextPageToken of the page before")
]
Starting = Annotated[str | None, Query(alias="startingTimestamp", max_length=100, description="A time, UTC if unsaid")]
Ending = Annotated[str | None, Query(alias="endingTimestamp", max_length=100, description="A time, UTC if unsaid")]
StartingVersion = Annotated[int | None, Query(alias="startingVersion", ge=0, le=2**63 - 1, description="Included")]
EndingVersion = Annotated[int | None, Query(alias="endingVersion", ge=0, le=2**63 - 1, description="Included")]


@api.call("GET", _ACTIVATION, None, public=True, content=_PROFILE | {"text/html": {"schema": {"type": "string"}}})
def get_profile_file(code: str) -> Response[str]:
    """Get the profile file of a recipient token, once, as JSON. Else a page with a button, which uses nothing up."""
    if api.wants_json:
        return activation_page.profile(recipient_tokens.activate(code, api.ip_address, api.base_url))
    recipient_tokens.check_link(code)
    return activation_page.offer()


@api.call("POST", _ACTIVATION, None, public=True, content=_PROFILE)
def create_profile_file(code: str) -> Response[str]:
    """Get the profile file of a recipient token, once."""
    return activation_page.profile(recipient_tokens.activate(code, api.ip_address, api.base_url))


@api.call("GET", "/sharing/shares", None, public=True)
def list_shares(max_results: MaxResults = None, page_token: PageToken = None) -> wire.ShareList:
    """List the shares: the partners of which something may be read now."""
    return listing.shares(api.reader, max_results, page_token)


@api.call("GET", _SHARE, None, public=True)
def get_share(share: str) -> wire.ShareAnswer:
    """Get a share."""
    return listing.share(api.reader, share)


@api.call("GET", f"{_SHARE}/schemas", None, public=True)
def list_schemas(share: str, max_results: MaxResults = None, page_token: PageToken = None) -> wire.SchemaList:
    """List the schemas of a share. There is one, `received`."""
    return listing.schemas(api.reader, share, max_results, page_token)


@api.call("GET", f"{_SHARE}/all-tables", None, public=True)
def list_all_tables(share: str, max_results: MaxResults = None, page_token: PageToken = None) -> wire.TableList:
    """List all tables of a share: the received feeds that may be read now."""
    return listing.tables(api.reader, share, "received", max_results, page_token)


@api.call("GET", _TABLES, None, public=True)
def list_tables(
    share: str, schema: str, max_results: MaxResults = None, page_token: PageToken = None
) -> wire.TableList:
    """List the tables of a schema."""
    return listing.tables(api.reader, share, schema, max_results, page_token)


@api.call("GET", f"{_TABLE}/version", None, public=True, content=_LINES)
def get_table_version(share: str, schema: str, table: str, starting: Starting = None) -> Response[str]:
    """Get a table's version, or the first one since a time, in the header delta-table-version."""
    found = reading.version(catalogue.table(api.reader, share, schema, table), starting)
    return api.answer(reading.Answer(found, ""))


@api.call("GET", _TABLE, None, public=True, content=_LINES)
def get_table(share: str, schema: str, table: str) -> Response[str]:
    """Get a table's version in the header delta-table-version, as older readers ask for it."""
    found = reading.version(catalogue.table(api.reader, share, schema, table), None)
    return api.answer(reading.Answer(found, ""))


@api.call("GET", f"{_TABLE}/metadata", None, public=True, content=_LINES)
def get_table_metadata(share: str, schema: str, table: str) -> Response[str]:
    """Get a table's columns."""
    return api.answer(reading.metadata(catalogue.table(api.reader, share, schema, table)))


@api.call("POST", f"{_TABLE}/query", None, public=True, content=_LINES)
def read_table(share: str, schema: str, table: str) -> Response[str]:
    """Get short-lived links to a table's files. What has left the table is not in them, and old links die."""
    found = catalogue.table(api.reader, share, schema, table)
    return api.answer(reading.query(found, wire.query_of(api.body), wants_end=api.wants_end))


@api.call("GET", f"{_TABLE}/changes", None, public=True, content=_LINES)
def get_table_changes(
    share: str,
    schema: str,
    table: str,
    starting_version: StartingVersion = None,
    starting: Starting = None,
    ending_version: EndingVersion = None,
    ending: Ending = None,
) -> Response[str]:
    """Get what has changed between two versions of a table, both included, of the last seven days."""
    found = catalogue.table(api.reader, share, schema, table)
    asked = wire.ChangesAsked(starting_version, starting, ending_version, ending, api.wants_end)
    return api.answer(reading.changes(found, asked))


@api.call("POST", f"{_TABLE}/temporary-table-credentials", None, public=True)
def create_table_credentials(share: str, schema: str, table: str) -> wire.TableCredentialsAnswer:
    """Make keys of AWS that read a table's objects for a quarter of an hour, for tools that read them themselves."""
    return table_credentials.give(catalogue.table(api.reader, share, schema, table))


@api.call("POST", f"{_TABLE}/queries/<query>", None, public=True)
def get_query(share: str, schema: str, table: str, query: str) -> None:
    """Refuse to tell of a query that goes on: each is answered at once, also where asyncquery asks for none."""
    catalogue.table(api.reader, share, schema, table)
    raise NotFound("no such query: each is answered at once")


handler = api.handler
