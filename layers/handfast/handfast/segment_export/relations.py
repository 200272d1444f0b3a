"""The data plane's objects as relations of DuckDB, over local files."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import duckdb

from handfast.platform.duck import literal
from handfast.segment_export.models import BucketFiles, Terms

_RELATIONS = Path(__file__).with_name("relations.sql")

KEY_COLUMNS = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT"})
SUPPRESSION_COLUMNS = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT", "reason": "VARCHAR"})
MEMBERSHIP_COLUMNS = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT", "segment": "segment_id"})
PROFILE_COLUMNS = MappingProxyType(
    {
        "hi": "BIGINT",
        "lo": "BIGINT",
        "namespace": "SMALLINT",
        "value": "BLOB",
        "share": "VARCHAR",
        "profile_share": "VARCHAR",
    }
)
DELIVERY_COLUMNS = MappingProxyType(
    {
        "hi": "BIGINT",
        "lo": "BIGINT",
        "namespace": "SMALLINT",
        "value": "BLOB",
        "segment": "VARCHAR",
        "disclosed_at": "TIMESTAMP",
        "withdrawn_at": "TIMESTAMP",
    }
)


@cache
def statement(path: Path) -> str:
    """The text of an SQL file."""
    return path.read_text()


def relation(files: Iterable[Path | None], columns: Mapping[str, str]) -> str:
    """A FROM item over the files that are there; without any, an empty one of the same columns."""
    paths = ", ".join(literal(path) for path in files if path is not None)
    if paths:
        return f"read_parquet([{paths}])"
    empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items())
    return f"(SELECT {empty} WHERE FALSE)"


def memberships(files: Mapping[str, Iterable[Path]]) -> str:
    """A FROM item of `hi, lo, segment` over membership files by segment."""
    parts = [
        f"SELECT hi, lo, CAST({literal(segment)} AS segment_id) AS segment FROM {relation(paths, KEY_COLUMNS)}"
        for segment, paths in files.items()
    ]
    return f"({' UNION ALL '.join(parts)})" if parts else relation((), MEMBERSHIP_COLUMNS)


def create_segment_type(
    connection: duckdb.DuckDBPyConnection, segments: Iterable[str], deliveries: Iterable[Path | None] = ()
) -> None:
    """Create the type `segment_id`: these segments and all that were ever delivered."""
    source = relation(deliveries, DELIVERY_COLUMNS)
    delivered = connection.execute(f"SELECT DISTINCT segment FROM {source}").fetchall()
    known = sorted({*segments, *(str(segment) for (segment,) in delivered)}) or [""]
    connection.execute(f"CREATE OR REPLACE TYPE segment_id AS ENUM ({', '.join(map(literal, known))})")


def row_counts(connection: duckdb.DuckDBPyConnection, files: Iterable[Path]) -> dict[str, int]:
    """Rows of each file, read from the footers."""
    paths = ", ".join(literal(path) for path in files)
    if not paths:
        return {}
    rows = connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{paths}])").fetchall()
    return {str(name): int(count) for name, count in rows}


def relate(connection: duckdb.DuckDBPyConnection, group: Sequence[BucketFiles], terms: Terms) -> None:
    """Name the relations of the statements; a stopped dataflow reads nothing but its deliveries and suppressions."""
    inputs = group if terms.segments else []
    partners = [files.partner if terms.overlap_required else files.profiles for files in inputs]
    members = {name: [f.memberships[name] for f in inputs if name in f.memberships] for name in terms.segments}
    views = statement(_RELATIONS).format(
        memberships=memberships({name: files for name, files in members.items() if files}),
        profiles=relation([files.profiles for files in inputs], PROFILE_COLUMNS),
        consent_default=terms.consent_default,
        namespaces=", ".join(map(str, terms.namespaces)) or "NULL",
        partner=relation(partners, KEY_COLUMNS),
        suppressions=relation([files.suppressions for files in inputs], SUPPRESSION_COLUMNS),
        suppressed_by_either=relation(
            [path for files in group for path in (files.suppressions, files.partner_suppressions)], SUPPRESSION_COLUMNS
        ),
        deliveries=relation([files.deliveries for files in group], DELIVERY_COLUMNS),
    )
    connection.execute(views)
