"""Sources in the table of segments, and their secrets in Secrets Manager.

pk        sk          item
SBX#{s}   SRC#{src}   source
SBX#{s}   SOURCES     how many sources there are
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from boto3.dynamodb.conditions import Attr
from pydantic import ValidationError

from handfast.connectors import secret_store
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.platform import items, table
from handfast.platform.items import ItemKind
from handfast.platform.settings import setting
from handfast.platform.table import ABSENT, ConditionFailed, Delete, Put, Update, Write
from handfast.platform.wanted import Selection
from handfast.remote_files.contract import RemoteError
from handfast.remote_files.models import PER_SANDBOX, Source
from handfast.remote_files.registry import OpenFiles, open_files

SEGMENTS = "SEGMENTS_TABLE"
_SOURCE = ItemKind("source", Source, SEGMENTS)


def _key(source_id: str) -> str:
    return f"SRC#{source_id}"


def opened(sandbox_id: str, source_id: str) -> OpenFiles:
    """A source's files, by its newest settings.

    Raises RemoteError `gone` for a source that is there no more, and as `files_of` does.
    """
    found = source(sandbox_id, source_id)
    if found is None:
        raise RemoteError("gone", "the source has been deleted")
    return files_of(found)


def files_of(found: Source) -> OpenFiles:
    """A source's files, which nothing is asked of yet; RemoteError for settings that are allowed no longer."""
    try:
        return open_files(found.kind, found.source_id, found.settings, secrets(found))
    except ValidationError:
        raise RemoteError("refused", "the source's settings are not allowed any more; set them anew") from None


def source(sandbox_id: str, source_id: str) -> Source | None:
    """One source."""
    return _SOURCE.get(sandbox_key(sandbox_id), _key(source_id))


def sources(sandbox_id: str) -> Iterator[Source]:
    """All sources of a sandbox, oldest first."""
    return _SOURCE.query(sandbox_key(sandbox_id), "SRC#")


def source_ids(sandbox_id: str) -> frozenset[str]:
    """The ids of all sources of a sandbox."""
    return frozenset(found.source_id for found in sources(sandbox_id))


def sources_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[Source]
) -> tuple[list[Source], str | None]:
    """A page of sources, newest first unless the selection says otherwise, and the next cursor."""
    return items.sortable_page(SEGMENTS, _SOURCE.load, sandbox_key(sandbox_id), "SRC#", limit, cursor, selection)


def put(new: Source, over: Source | None) -> Put:
    """The write of a source over the revision read, or as a new one."""
    return items.revise(_SOURCE, new, over, sandbox_key(new.sandbox_id), _key(new.source_id))


def create(new: Source, kept: Mapping[str, str], beside: Sequence[Write], event: Event) -> None:
    """Write a new source, its secrets and what stands beside it; ConditionFailed when there are as many as may be."""
    room = ABSENT | Attr("sources").lt(PER_SANDBOX)
    count = Update(SEGMENTS, sandbox_key(new.sandbox_id), "SOURCES", add={"sources": 1}, condition=room)
    version = secret_store.create(_secret_name(new), kept) if kept else None
    try:
        commit([put(replace(new, secrets_version=version), over=None), count, *beside], [event])
    except ConditionFailed:
        if kept:
            secret_store.delete(_secret_name(new))
        raise


def with_secrets(new: Source, old: Source, kept: Mapping[str, str]) -> Source:
    """A source with other secrets, to be written over the old one, which keeps its own where that fails.

    Raises ConditionFailed when the secrets have been deleted.
    """
    return replace(new, secrets_version=secret_store.replace(_secret_name(old), kept))


def delete(old: Source, beside: Sequence[Write], event: Event) -> None:
    """Delete a source at the revision read, else ConditionFailed, with what stands beside it and its secrets.

    A repeat finishes what a failure has left.
    """
    if old.secrets:
        table.apply(put(old, over=old))  # the secrets go only once nobody else can have changed it
        secret_store.delete(_secret_name(old))
        old = replace(old, revision=old.revision + 1)
    key = sandbox_key(old.sandbox_id)
    gone = Delete(SEGMENTS, key, _key(old.source_id), items.at_revision(old))
    count = Update(SEGMENTS, key, "SOURCES", add={"sources": -1})
    commit([gone, count, *beside], [event])


def secrets(of: Source) -> dict[str, str]:
    """A source's secrets, by their names on the wire."""
    return secret_store.read(_secret_name(of), of.secrets_version) if of.secrets else {}


def _secret_name(of: Source) -> str:
    return f"{setting('SOURCE_SECRETS')}/{of.sandbox_id}/{of.source_id}"
