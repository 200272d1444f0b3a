"""Files of changes, made of the ledger's own times when somebody asks; whoever takes rows out deletes them all."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from handfast.dataflows import versions
from handfast.dataflows.versions import LedgerVersion
from handfast.feeds import changed_rows
from handfast.lake import buckets, layout, views
from handfast.lake.duck import connect, copy
from handfast.lake.views import View
from handfast.matching import relations
from handfast.platform import objects
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.problems import NotReady
from handfast.sharing.view_files import COPY_OPTIONS, SECONDS, description, download, written

_OF_VERSION = Path(__file__).with_name("changes_of_version.sql")


def files(
    dataflow_id: str, asked: Sequence[LedgerVersion], readable: Mapping[str, str], names: Mapping[str, str]
) -> list[tuple[LedgerVersion, View]]:
    """A file of each of the versions that changed something, with what the versions together come to.

    Who came in segments that are `readable` is in them, and who left in any; `names` are the segments' by id. Raises
    NotReady when that takes longer than a call may.
    """
    changed = {version.version: version for version in asked if version.changed}
    if not changed:
        return []
    began = monotonic()
    while True:
        listed = _listed(dataflow_id, asked)
        digests = {number: _digest(number, asked, listed, readable, names) for number in changed}
        there = views.listing(dataflow_id)
        if all(digest in there for digest in digests.values()):
            found = [(changed[number], there[digest]) for number, digest in digests.items()]
            return [(version, view) for version, view in found if view.rows]
        if monotonic() - began > SECONDS:
            raise NotReady("the changes are being prepared; ask again", retryAfter=1)
        made = _make(dataflow_id, asked, listed, readable, names, digests)
        if _listed(dataflow_id, asked) != listed:  # whoever has taken rows out may have looked before these were there
            objects.delete(*made)


def _listed(dataflow_id: str, asked: Sequence[LedgerVersion]) -> dict[int, ObjectVersion]:
    """The objects of the buckets that the versions have changed."""
    wanted = versions.rows_of(asked)
    return {bucket: stored for bucket, stored in buckets.listing(layout.disclosures(dataflow_id)) if bucket in wanted}


def _digest(
    number: int,
    asked: Sequence[LedgerVersion],
    listed: Mapping[int, ObjectVersion],
    readable: Mapping[str, str],
    names: Mapping[str, str],
) -> str:
    """What names the file of a version: all that decides what is in it."""
    objects_read = [(bucket, stored.etag) for bucket, stored in sorted(listed.items())]
    parts = (number, [each.version for each in asked], objects_read, description(readable), description(names))
    return sha256(repr(parts).encode()).hexdigest()[:32]


def _make(
    dataflow_id: str,
    asked: Sequence[LedgerVersion],
    listed: Mapping[int, ObjectVersion],
    readable: Mapping[str, str],
    names: Mapping[str, str],
    digests: Mapping[int, str],
) -> list[str]:
    """Write the files of the versions; their keys."""
    made = []
    with TemporaryDirectory() as folder, connect() as connection:
        paths, _ = download(listed, Path(folder))
        if not paths:
            raise NotReady("what the table is read from is being deleted", retryAfter=1)
        changed_rows.relate(connection, paths, asked, readable)
        for number, digest in digests.items():
            target = Path(folder) / f"{number}.parquet"
            statement = relations.statement(_OF_VERSION).format(version=number, **written(names))
            rows = copy(connection, statement, target, COPY_OPTIONS)
            key = views.changes_key(dataflow_id, digest, rows)
            with suppress(LostRaceError):  # somebody has made the same
                objects.write_file(key, target, replaces=None)
            made.append(key)
            target.unlink()
    return made
