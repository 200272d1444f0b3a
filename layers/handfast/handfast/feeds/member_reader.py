"""Members of segments, one's own or received, read bucket by bucket, so that memory stays flat.

`segments` are those that may be read: rows of others, and withdrawn ones, are never shown.
"""

# ruff: noqa: S608 - statements are built from quoted names
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from handfast.dataflows.models import named
from handfast.feeds.models import ExportFormat, Member, MemberExport, MemberList
from handfast.identity.namespaces import met_namespaces, namespace_of
from handfast.lake import buckets, layout, transfers
from handfast.lake.duck import WIRE_TIME, Connection, connect, literal, parquet, relation, write
from handfast.matching import relations
from handfast.platform import clock, cursors, objects
from handfast.platform.ids import new_id


@dataclass(frozen=True)
class Holdings:
    """What members are read from; `scope` names it.

    `rows` reads into a folder, from a bucket on: each bucket in its order, and its rows as a FROM item with the columns
    of disclosures, good until the next one is taken.
    """

    scope: str
    rows: Callable[[Path, int], Iterator[tuple[int, str]]]


@dataclass(frozen=True, order=True)
class Position:
    """An identity's place in the order of the objects."""

    bucket: int
    hi: int
    lo: int


_LINK_SECONDS = 900


_MEMBERS, _EXPORT = (Path(__file__).with_name(f"{name}.sql") for name in ("members", "export"))
OWN_ROWS = """
(SELECT m.hi, m.lo, p.namespace, p.value, {segment} AS segment, m.since AS disclosed_at,
        CAST(NULL AS TIMESTAMP) AS withdrawn_at
 FROM {members} AS m JOIN {profiles} AS p ON p.hi = m.hi AND p.lo = m.lo)
"""
_EXPORT_COLUMNS = {"namespace": "VARCHAR", "value": "VARCHAR", '"segmentIds"': "VARCHAR[]", "since": "TIMESTAMP"}


def page(
    rows: Iterable[tuple[int, str]], segments: Sequence[str], limit: int, after: Position | None
) -> tuple[list[Member], Position | None]:
    """At most `limit` members after a key, and the key to go on after (None at the end).

    `rows` are of buckets in their order, from the key's on; no more of them are taken than are needed.
    """
    members: list[Member] = []
    last = after
    with connect() as connection:
        for bucket, disclosures in rows:
            start = after if after and after.bucket == bucket else None
            for hi, lo, code, value, segment_ids, since in _rows(
                connection, disclosures, segments, start, limit - len(members) + 1
            ):
                if len(members) == limit:
                    return members, last
                members.append(_member(code, value, segment_ids, since))
                last = Position(bucket, hi, lo)
    return members, None


def _rows(
    connection: Connection, disclosures: str, segments: Sequence[str], after: Position | None, limit: int
) -> list[tuple[int, int, int, bytes, list[str], datetime]]:
    statement = relations.statement(_MEMBERS).format(disclosures=disclosures)
    key = {"hi": after.hi if after else None, "lo": after.lo if after else None}
    return connection.execute(statement, {"segments": list(segments), "limit": limit, **key}).fetchall()


def _member(code: int, value: bytes, segments: list[str], since: datetime) -> Member:
    namespace = namespace_of(code)
    text = value.hex() if namespace.hashed else value.decode()
    at = clock.to_text(since.replace(tzinfo=UTC))
    return Member(namespace=namespace.symbol, value=text, segment_ids=segments, since=at)


def export(rows: Iterable[str], segments: Sequence[str], target: Path, form: ExportFormat, work_dir: Path) -> int:
    """Write all members of the buckets, in their order, to one file; returns how many.

    Columns as in `Member`; in CSV the segment ids are separated by spaces, in Parquet `since` is an instant of UTC.
    """
    parts: list[Path] = []
    with connect() as connection:
        for disclosures in rows:
            parts.append(work_dir / f"part-{len(parts)}.parquet")
            write(connection, _export(disclosures, segments), parts[-1])
        source = f"SELECT * FROM {relation(parts, _EXPORT_COLUMNS)}"
        if form == "parquet":
            return write(
                connection, f"SELECT * REPLACE (make_timestamptz(epoch_us(since)) AS since) FROM ({source})", target
            )
        columns = '* REPLACE (array_to_string("segmentIds", \' \') AS "segmentIds")'
        options = f"FORMAT csv, HEADER, TIMESTAMPFORMAT '{WIRE_TIME}'"
        copy = f"COPY (SELECT {columns} FROM ({source})) TO {literal(target)} ({options})"
        ((count,),) = connection.execute(copy).fetchall()
        return int(count)


def _export(disclosures: str, segments: Sequence[str]) -> str:
    known = met_namespaces()
    return relations.statement(_EXPORT).format(
        symbols=" ".join(f"WHEN {kind.code} THEN {literal(kind.symbol)}" for kind in known),
        hashed=", ".join(str(kind.code) for kind in known if kind.hashed),
        segments=", ".join(map(literal, segments)) or "NULL",
        disclosures=disclosures,
    )


def members_page(
    holdings: Holdings,
    segments: Iterable[str],
    limit: int,
    cursor: str | None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> MemberList:
    """A page of the members of these segments, which are those that may be read now, and have these names by id."""
    readable = sorted(segments)
    shown = named(readable, names)
    scope = f"members|{holdings.scope}|{','.join(readable)}"
    after = _position(cursors.decode(scope, cursor)) if cursor else None
    if not readable:
        return MemberList(items=[], segments=shown, next_cursor=None)
    with TemporaryDirectory() as folder:
        items, last = page(holdings.rows(Path(folder), after.bucket if after else 0), readable, limit, after)
    position = f"{last.bucket},{last.hi},{last.lo}" if last else ""
    return MemberList(items=items, segments=shown, next_cursor=cursors.encode(scope, position) if last else None)


def _position(position: str) -> Position:
    bucket, hi, lo = map(int, position.split(","))
    return Position(bucket, hi, lo)


def export_file(
    holdings: Holdings,
    segments: Iterable[str],
    form: ExportFormat,
    *,
    sandbox_id: str,
    name: str,
    as_of: str | None = None,
    run_id: str | None = None,
) -> MemberExport:
    """Write all members of these segments into one file of its own; `name` is what to save it as.

    `as_of` and `run_id` say, of received ones, as of what they are.
    """
    with TemporaryDirectory() as folder:
        work_dir = Path(folder)
        target = work_dir / f"export.{form}"
        count = export(
            (disclosures for _, disclosures in holdings.rows(work_dir, 0)), sorted(segments), target, form, work_dir
        )
        key = f"packages/{sandbox_id}/{new_id('exp')}.{form}"
        known = {"as-of": as_of, "run-id": run_id}
        metadata = {name: said for name, said in known.items() if said is not None}
        url, seconds = _write_export(key, target, f"{name}.{form}", metadata)
    expires = clock.to_text(clock.now() + timedelta(seconds=seconds))
    return MemberExport(url=url, format=form, members=count, as_of=as_of, run_id=run_id, expires_at=expires)


def disclosed(dataflow_id: str) -> Holdings:
    """What a dataflow's target holds."""

    def rows(folder: Path, first: int) -> Iterator[tuple[int, str]]:
        for bucket, stored in buckets.listing(layout.disclosures(dataflow_id)):
            path = folder / stored.key.replace("/", "-")
            if bucket >= first and objects.download(stored.key, path):
                yield bucket, parquet([path])
                path.unlink()

    return Holdings(dataflow_id, rows)


def own(sandbox_id: str, segment_id: str) -> Holdings:
    """The members of a sandbox's own segment, with their values, as rows of disclosures."""

    def rows(folder: Path, first: int) -> Iterator[tuple[int, str]]:
        members, profiles = folder / "members", folder / "profiles"
        for bucket, stored in buckets.listing(layout.memberships(sandbox_id, segment_id)):
            if bucket < first:
                continue
            profiles_key = buckets.object_key(layout.profiles(sandbox_id), bucket)
            if {members, profiles} <= transfers.download({members: stored.key, profiles: profiles_key}).keys():
                yield (
                    bucket,
                    OWN_ROWS.format(
                        segment=literal(segment_id), members=parquet([members]), profiles=parquet([profiles])
                    ),
                )

    return Holdings(sandbox_id, rows)


def _write_export(key: str, path: Path, file_name: str, metadata: Mapping[str, str]) -> tuple[str, int]:
    """Store an export; returns a link to it and for how many seconds that works."""
    objects.write_file(key, path, replaces=None, metadata=metadata)
    return objects.link(key, _LINK_SECONDS, file_name), _LINK_SECONDS
