"""Delta Sharing: received feeds as tables, for tools that speak the protocol.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from handfast_client.noun import AsyncNoun, Noun

if TYPE_CHECKING:
    from handfast_client import models


class Sharing(Noun):
    """Delta Sharing: received feeds as tables, for tools that speak the protocol."""

    def profile_file(self, code: str) -> Mapping[str, Any]:
        """Get the profile file of a recipient token, once, as JSON. Else a page with a button, which uses nothing up."""
        return self._call("GET", "/sharing/activations/{code}", places={"code": code})

    def create_profile_file(self, code: str) -> Mapping[str, Any]:
        """Get the profile file of a recipient token, once."""
        return self._call("POST", "/sharing/activations/{code}", places={"code": code})

    def shares(self, *, max_results: int | None = None, page_token: str | None = None) -> models.ShareList:
        """List the shares: the partners of which something may be read now."""
        return self._call("GET", "/sharing/shares", query={"maxResults": max_results, "pageToken": page_token})

    def share(self, share: str) -> models.ShareAnswer:
        """Get a share."""
        return self._call("GET", "/sharing/shares/{share}", places={"share": share})

    def all_tables(
        self, share: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> models.TableList:
        """List all tables of a share: the received feeds that may be read now."""
        return self._call(
            "GET",
            "/sharing/shares/{share}/all-tables",
            places={"share": share},
            query={"maxResults": max_results, "pageToken": page_token},
        )

    def schemas(
        self, share: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> models.SchemaList:
        """List the schemas of a share. There is one, `received`."""
        return self._call(
            "GET",
            "/sharing/shares/{share}/schemas",
            places={"share": share},
            query={"maxResults": max_results, "pageToken": page_token},
        )

    def tables(
        self, share: str, schema: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> models.TableList:
        """List the tables of a schema."""
        return self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables",
            places={"share": share, "schema": schema},
            query={"maxResults": max_results, "pageToken": page_token},
        )

    def table(self, share: str, schema: str, table: str) -> None:
        """Get a table's version in the header delta-table-version, as older readers ask for it."""
        self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}",
            places={"share": share, "schema": schema, "table": table},
        )

    def table_changes(
        self,
        share: str,
        schema: str,
        table: str,
        *,
        starting_version: int | None = None,
        starting_timestamp: str | None = None,
        ending_version: int | None = None,
        ending_timestamp: str | None = None,
    ) -> None:
        """Get what has changed between two versions of a table, both included, of the last seven days."""
        self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/changes",
            places={"share": share, "schema": schema, "table": table},
            query={
                "startingVersion": starting_version,
                "startingTimestamp": starting_timestamp,
                "endingVersion": ending_version,
                "endingTimestamp": ending_timestamp,
            },
        )

    def table_metadata(self, share: str, schema: str, table: str) -> None:
        """Get a table's columns."""
        self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/metadata",
            places={"share": share, "schema": schema, "table": table},
        )

    def query(self, share: str, schema: str, table: str, query: str) -> None:
        """Refuse to tell of a query that goes on: each is answered at once, also where asyncquery asks for none."""
        self._call(
            "POST",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/queries/{query}",
            places={"share": share, "schema": schema, "table": table, "query": query},
        )

    def read_table(self, share: str, schema: str, table: str) -> None:
        """Get short-lived links to a table's files. What has left the table is not in them, and old links die."""
        self._call(
            "POST",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/query",
            places={"share": share, "schema": schema, "table": table},
        )

    def create_table_credentials(self, share: str, schema: str, table: str) -> models.TableCredentialsAnswer:
        """Make keys of AWS that read a table's objects for a quarter of an hour, for tools that read them themselves."""
        return self._call(
            "POST",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/temporary-table-credentials",
            places={"share": share, "schema": schema, "table": table},
        )

    def table_version(self, share: str, schema: str, table: str, *, starting_timestamp: str | None = None) -> None:
        """Get a table's version, or the first one since a time, in the header delta-table-version."""
        self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/version",
            places={"share": share, "schema": schema, "table": table},
            query={"startingTimestamp": starting_timestamp},
        )


class AsyncSharing(AsyncNoun):
    """Delta Sharing: received feeds as tables, for tools that speak the protocol."""

    async def profile_file(self, code: str) -> Mapping[str, Any]:
        """Get the profile file of a recipient token, once, as JSON. Else a page with a button, which uses nothing up."""
        return await self._call("GET", "/sharing/activations/{code}", places={"code": code})

    async def create_profile_file(self, code: str) -> Mapping[str, Any]:
        """Get the profile file of a recipient token, once."""
        return await self._call("POST", "/sharing/activations/{code}", places={"code": code})

    async def shares(self, *, max_results: int | None = None, page_token: str | None = None) -> models.ShareList:
        """List the shares: the partners of which something may be read now."""
        return await self._call("GET", "/sharing/shares", query={"maxResults": max_results, "pageToken": page_token})

    async def share(self, share: str) -> models.ShareAnswer:
        """Get a share."""
        return await self._call("GET", "/sharing/shares/{share}", places={"share": share})

    async def all_tables(
        self, share: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> models.TableList:
        """List all tables of a share: the received feeds that may be read now."""
        return await self._call(
            "GET",
            "/sharing/shares/{share}/all-tables",
            places={"share": share},
            query={"maxResults": max_results, "pageToken": page_token},
        )

    async def schemas(
        self, share: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> models.SchemaList:
        """List the schemas of a share. There is one, `received`."""
        return await self._call(
            "GET",
            "/sharing/shares/{share}/schemas",
            places={"share": share},
            query={"maxResults": max_results, "pageToken": page_token},
        )

    async def tables(
        self, share: str, schema: str, *, max_results: int | None = None, page_token: str | None = None
    ) -> models.TableList:
        """List the tables of a schema."""
        return await self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables",
            places={"share": share, "schema": schema},
            query={"maxResults": max_results, "pageToken": page_token},
        )

    async def table(self, share: str, schema: str, table: str) -> None:
        """Get a table's version in the header delta-table-version, as older readers ask for it."""
        await self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}",
            places={"share": share, "schema": schema, "table": table},
        )

    async def table_changes(
        self,
        share: str,
        schema: str,
        table: str,
        *,
        starting_version: int | None = None,
        starting_timestamp: str | None = None,
        ending_version: int | None = None,
        ending_timestamp: str | None = None,
    ) -> None:
        """Get what has changed between two versions of a table, both included, of the last seven days."""
        await self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/changes",
            places={"share": share, "schema": schema, "table": table},
            query={
                "startingVersion": starting_version,
                "startingTimestamp": starting_timestamp,
                "endingVersion": ending_version,
                "endingTimestamp": ending_timestamp,
            },
        )

    async def table_metadata(self, share: str, schema: str, table: str) -> None:
        """Get a table's columns."""
        await self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/metadata",
            places={"share": share, "schema": schema, "table": table},
        )

    async def query(self, share: str, schema: str, table: str, query: str) -> None:
        """Refuse to tell of a query that goes on: each is answered at once, also where asyncquery asks for none."""
        await self._call(
            "POST",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/queries/{query}",
            places={"share": share, "schema": schema, "table": table, "query": query},
        )

    async def read_table(self, share: str, schema: str, table: str) -> None:
        """Get short-lived links to a table's files. What has left the table is not in them, and old links die."""
        await self._call(
            "POST",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/query",
            places={"share": share, "schema": schema, "table": table},
        )

    async def create_table_credentials(self, share: str, schema: str, table: str) -> models.TableCredentialsAnswer:
        """Make keys of AWS that read a table's objects for a quarter of an hour, for tools that read them themselves."""
        return await self._call(
            "POST",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/temporary-table-credentials",
            places={"share": share, "schema": schema, "table": table},
        )

    async def table_version(
        self, share: str, schema: str, table: str, *, starting_timestamp: str | None = None
    ) -> None:
        """Get a table's version, or the first one since a time, in the header delta-table-version."""
        await self._call(
            "GET",
            "/sharing/shares/{share}/schemas/{schema}/tables/{table}/version",
            places={"share": share, "schema": schema, "table": table},
            query={"startingTimestamp": starting_timestamp},
        )
