"""Views are made where they are missing, when somebody reads: what nobody reads costs nothing."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from handfast.identity.namespaces import met_namespaces
from handfast.lake import buckets, layout, views
from handfast.lake.duck import Connection, connect, copy, literal, parquet
from handfast.lake.views import Slice, View
from handfast.matching import relations
from handfast.platform import clock, objects
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.platform.problems import NotReady

SECONDS = 20.0
"""How long views are made in one call; the next call goes on."""
LINK_SECONDS = 900
"""How long a link to a file works, if the file stands that long."""
COPY_OPTIONS = "FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 131072"
"""As the oldest readers of Parquet take it: Snappy, and the first version's encodings."""
_FORM = 1
"""Counts up when views are to be written otherwise: those of the form before are no longer found."""
_VIEW = Path(__file__).with_name("view.sql")


def files(dataflow_id: str, segments: Mapping[str, str]) -> list[View]:
    """The views of all that a dataflow gives in these segments, which have these names by id; missing ones are made.

    Raises NotReady when that takes longer than a call may.
    """
    if not segments:
        return []
    began, readable = monotonic(), description(segments)
    waiting = views.slices(dict(buckets.listing(layout.disclosures(dataflow_id))))
    found: list[View] = []
    there: dict[str, View] = {}
    while waiting:
        there = views.listing(dataflow_id)
        known = [(of, there.get(of.digest(readable))) for of in waiting]
        found += [view for _, view in known if view]
        missing = [of for of, view in known if view is None]
        made: dict[str, Slice] = {}
        try:
            for of in missing:
                if monotonic() - began > SECONDS:
                    raise NotReady("the table is being prepared; ask again", retryAfter=1)
                key, read = _make(dataflow_id, of, segments, readable)
                made[key] = read
        finally:  # also where the next call goes on: what has left meanwhile is to be in no view
            waiting = _checked(dataflow_id, made) if made else []
    _tidy(there.values(), keep=found)
    return [view for view in sorted(found, key=lambda view: view.key) if view.rows]


def _tidy(there: Iterable[View], keep: Iterable[View]) -> None:
    """Delete views that are no longer found, once no link to them is good."""
    oldest, kept = clock.now() - timedelta(seconds=2 * LINK_SECONDS), {view.key for view in keep}
    gone = [view.key for view in there if view.key not in kept and view.written_at < oldest]
    if gone:
        objects.delete(*gone)


def description(segments: Mapping[str, str]) -> str:
    """What names a view beside the objects that it is made of."""
    return json.dumps([_FORM, sorted(segments.items())])


def _make(dataflow_id: str, of: Slice, segments: Mapping[str, str], readable: str) -> tuple[str, Slice]:
    """Write the view of a slice as it is now; its key, and the slice with the versions that were read."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "view.parquet"
        paths, read = download(of.disclosures, Path(folder))
        if not paths:
            raise NotReady("what the table is read from is being deleted", retryAfter=1)
        of = replace(of, disclosures=read)
        with connect() as connection:
            rows = _write(connection, paths, segments, target)
        key = views.key(dataflow_id, of, of.digest(readable), rows)
        with suppress(LostRaceError):  # somebody has made the same
            objects.write_file(key, target, replaces=None)
    return key, of


def download(listed: Mapping[int, ObjectVersion], folder: Path) -> tuple[list[Path], dict[int, ObjectVersion]]:
    """Copy buckets' disclosures into files: these, and the versions read."""
    read = buckets.download(listed, folder, "disclosures")
    return [path for path, _ in read.values()], {bucket: stored for bucket, (_, stored) in read.items()}


def _write(connection: Connection, paths: Sequence[Path], segments: Mapping[str, str], target: Path) -> int:
    statement = relations.statement(_VIEW).format(disclosures=parquet(paths), **written(segments))
    return copy(connection, statement, target, COPY_OPTIONS)


def written(segments: Mapping[str, str]) -> dict[str, str]:
    """What statements over disclosures write of namespaces, values and segments."""
    known = met_namespaces()
    return {
        "symbols": " ".join(f"WHEN {kind.code} THEN {literal(kind.symbol)}" for kind in known),
        "hashed": ", ".join(str(kind.code) for kind in known if kind.hashed),
        "segments": ", ".join(map(literal, segments)) or "NULL",
        "names": " ".join(f"WHEN {literal(each)} THEN {literal(name)}" for each, name in segments.items())
        or "WHEN NULL THEN NULL",
    }


def _checked(dataflow_id: str, made: Mapping[str, Slice]) -> list[Slice]:
    """The slices whose views were made, as they are now. A view of what has been replaced meanwhile is deleted.

    Whoever withdraws rows lists the views afterwards: it deletes what was written before, and what is written later is
    found here.
    """
    now = dict(buckets.listing(layout.disclosures(dataflow_id)))
    after = {key: replace(of, disclosures=_present(now, of.disclosures)) for key, of in made.items()}
    outdated = [key for key, of in made.items() if _etags(of.disclosures) != _etags(after[key].disclosures)]
    if outdated:
        objects.delete(*outdated)
    return list(after.values())


def _present(now: Mapping[int, ObjectVersion], buckets_read: Iterable[int]) -> dict[int, ObjectVersion]:
    return {bucket: now[bucket] for bucket in buckets_read if bucket in now}


def _etags(disclosures: Mapping[int, ObjectVersion]) -> dict[int, str]:
    return {bucket: stored.etag for bucket, stored in disclosures.items()}
