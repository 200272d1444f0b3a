"""What a target holds, read from its deliveries bucket by bucket, so that memory stays flat.

`segments` are those that may be read: rows of others, and withdrawn ones, are never shown.
"""

# ruff: noqa: S608 - statements are built from quoted names
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from handfast.identity.namespaces import namespace_of, namespaces
from handfast.platform import clock
from handfast.platform.duck import connect, literal, write
from handfast.segment_export import relations
from handfast.segment_export.models import ExportFormat, Key, Member

_MEMBERS, _EXPORT = (Path(__file__).with_name(f"{name}.sql") for name in ("members", "export"))
_EXPORT_COLUMNS = {"namespace": "VARCHAR", "value": "VARCHAR", '"segmentIds"': "VARCHAR[]", "since": "TIMESTAMP"}


def page(
    deliveries: Iterable[tuple[int, Path]], segments: Sequence[str], limit: int, after: Key | None
) -> tuple[list[Member], Key | None]:
    """At most `limit` members after a key, and the key to go on after (None at the end).

    `deliveries` are buckets in their order, from the key's on; no more of them are taken than are needed.
    """
    members: list[Member] = []
    last = after
    with connect() as connection:
        for bucket, path in deliveries:
            start = after if after and after.bucket == bucket else None
            for hi, lo, code, value, held, since in _rows(connection, path, segments, start, limit - len(members) + 1):
                if len(members) == limit:
                    return members, last
                members.append(_member(code, value, held, since))
                last = Key(bucket, hi, lo)
    return members, None


def _rows(
    connection: duckdb.DuckDBPyConnection, path: Path, segments: Sequence[str], after: Key | None, limit: int
) -> list[tuple[int, int, int, bytes, list[str], datetime]]:
    statement = relations.statement(_MEMBERS).format(deliveries=relations.relation([path], relations.DELIVERY_COLUMNS))
    key = {"hi": after.hi if after else None, "lo": after.lo if after else None}
    return connection.execute(statement, {"segments": list(segments), "limit": limit, **key}).fetchall()


def _member(code: int, value: bytes, segments: list[str], since: datetime) -> Member:
    namespace = namespace_of(code)
    text = value.hex() if namespace.hashed else value.decode()
    at = clock.to_text(since.replace(tzinfo=UTC))
    return Member(namespace=namespace.symbol, value=text, segment_ids=segments, since=at)


def export(
    deliveries: Iterable[Path], segments: Sequence[str], target: Path, form: ExportFormat, work_dir: Path
) -> int:
    """Write all members of the buckets, in their order, to one file; returns how many.

    Columns as in `Member`; in CSV the segment ids are separated by spaces.
    """
    parts: list[Path] = []
    with connect() as connection:
        for path in deliveries:
            parts.append(work_dir / f"part-{len(parts):05d}.parquet")
            write(connection, _export(path, segments), parts[-1])
        source = f"SELECT * FROM {relations.relation(parts, _EXPORT_COLUMNS)}"
        if form == "parquet":
            return write(connection, source, target)
        columns = '* REPLACE (array_to_string("segmentIds", \' \') AS "segmentIds")'
        options = "FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ'"
        copy = f"COPY (SELECT {columns} FROM ({source})) TO {literal(target)} ({options})"
        ((rows,),) = connection.execute(copy).fetchall()
        return int(rows)


def _export(path: Path, segments: Sequence[str]) -> str:
    known = namespaces().values()
    return relations.statement(_EXPORT).format(
        symbols=" ".join(f"WHEN {kind.code} THEN {literal(kind.symbol)}" for kind in known),
        hashed=", ".join(str(kind.code) for kind in known if kind.hashed),
        segments=", ".join(map(literal, segments)) or "NULL",
        deliveries=relations.relation([path], relations.DELIVERY_COLUMNS),
    )
