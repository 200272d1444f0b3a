"""DuckDB over local files, and Parquet as the data plane keeps it."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

ROW_GROUP = 65_536
_MEMORY_SHARE = 0.6  # of the function's memory; Python, buffers of S3 and the allocator need the rest
_LOCAL_MEMORY_MB = 4096
_MOST_MB = 832  # more makes no statement faster (docs/performance.md), and what is larger spills
_NUMBERS = count()

WIRE_TIME = "%Y-%m-%dT%H:%M:%S.%gZ"
"""A TIMESTAMP as it is on the wire: RFC 3339, milliseconds, UTC."""

type Connection = duckdb.DuckDBPyConnection
"""A connection to a database of the process's engine."""


@contextmanager
def connect() -> Iterator[Connection]:
    """A connection to an empty database in memory, which is gone afterwards."""
    import duckdb  # noqa: PLC0415 - only what runs a statement loads it

    name = f"work_{next(_NUMBERS)}"
    with _engine().cursor() as connection:
        connection.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
        try:
            yield connection
        finally:
            try:
                connection.execute(f"USE memory; DETACH {name}")
            except duckdb.Error:
                _engine.cache_clear()  # an error that broke the engine breaks no later work


def database(connection: Connection) -> str:
    """The name of a connection's database, for `beside`."""
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    return str(name)


def beside(connection: Connection, database: str) -> Connection:
    """One more connection to a connection's database, for a thread of its own."""
    other = connection.cursor()
    other.execute(f"USE {database}")
    return other


@cache
def _engine() -> Connection:
    """The process's engine, which spills, keeps the order of rows and loads nothing from outside.

    Starting one takes 25 ms, attaching an empty database to it one (docs/decisions.md).
    """
    import duckdb  # noqa: PLC0415

    memory = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or _LOCAL_MEMORY_MB)
    connection = duckdb.connect(
        config={
            "threads": os.process_cpu_count() or 1,
            "memory_limit": f"{min(int(memory * _MEMORY_SHARE), _MOST_MB)}MB",
            "temp_directory": str(_spill()),
            "preserve_insertion_order": True,
            "disabled_optimizers": "in_clause",  # a list of words becomes a join, which keeps no order
            "enable_external_file_cache": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    # A setting of the session, which the configuration of a database may not hold.
    connection.execute("SET enable_progress_bar = false")
    return connection


def _spill() -> Path:
    """Where this process may spill; DuckDB makes the folder when it does, and removes it at the end.

    Nobody else may read the folder that it is in.
    """
    own = Path(gettempdir()) / f"handfast-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    if own.stat().st_uid != os.getuid():
        raise PermissionError(f"{own} is somebody else's")
    return own / f"spill-{token_hex(8)}"


def create_words(connection: Connection, name: str, words: Iterable[str]) -> None:
    """Create a type of these words, which are kept, compared and sorted by number; in place of one of that name."""
    connection.execute(f"CREATE OR REPLACE TYPE {name} AS ENUM ({', '.join(map(literal, words))})")


def literal(text: str | Path) -> str:
    """An SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def spreadsheet_safe(text: str) -> str:
    """SQL: a CSV's cell that spreadsheets show as text and do not compute: one like a formula gets an apostrophe.

    How formulas begin is of OWASP's CSV Injection.
    """
    like_formula = f"regexp_matches({text}, '^[-=+@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]')"
    return f"CASE WHEN {like_formula} THEN '''' || {text} ELSE {text} END"


def parquet(files: Iterable[Path], *, by_name: bool = False) -> str:
    """A FROM item over the rows of Parquet files, of which there is at least one; `filename` tells a row's file.

    By name: a column that a file lacks is null there.
    """
    option = ", union_by_name = true" if by_name else ""
    return f"read_parquet([{', '.join(map(literal, files))}]{option})"


def relation(files: Iterable[Path | None], columns: Mapping[str, str]) -> str:
    """A FROM item over the Parquet files that there are; without any, an empty one of columns by name and type."""
    paths = [path for path in files if path is not None]
    if paths:
        return parquet(paths)
    return f"(SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name}' for name, kind in columns.items())} WHERE FALSE)"


def widened(files: Iterable[Path | None], columns: Mapping[str, str]) -> str:
    """A FROM item as `relation`'s, over files of which some or all may lack columns, which are null there."""
    paths = [path for path in files if path is not None]
    empty = relation((), columns)
    return f"(SELECT * FROM {empty} UNION ALL BY NAME SELECT * FROM {parquet(paths, by_name=True)})" if paths else empty


def create_table(connection: Connection, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Create a table of rows in place of one of that name, written by column: value by value is slow."""
    described = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE {name} ({described})")
    insert(connection, name, columns, rows)


def insert(connection: Connection, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows to a table of these columns, written by column."""
    if rows:
        unnested = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
        values = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO {name} SELECT {unnested}", values)


def timestamp(at: datetime) -> datetime:
    """A time as a TIMESTAMP column holds it: UTC, without a zone."""
    return at.astimezone(UTC).replace(tzinfo=None)


def microseconds(at: datetime) -> int:
    """A time as microseconds since 1970, which `epoch_us` of the column that `timestamp` fills has."""
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def wire_time(column: str) -> str:
    """A TIMESTAMP column as text, as times are on the wire."""
    return f"strftime({column}, '{WIRE_TIME}')"


def row_counts(connection: Connection, files: Iterable[Path]) -> dict[Path, int]:
    """Rows of each Parquet file, read from the footers."""
    paths = ", ".join(literal(path) for path in files)
    if not paths:
        return {}
    rows = connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{paths}])").fetchall()
    return {Path(name): int(count) for name, count in rows}


def write(connection: Connection, select: str, path: Path, metadata: Mapping[str, str] | None = None) -> int:
    """Write a query's rows, in its order, as zstd Parquet with `metadata` in its footer; returns how many."""
    # Keys and digests do not compress and never repeat: the lowest level is as small as any, a dictionary is only
    # for short answers, and the second version's encodings fold sorted keys.
    options = (
        f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {ROW_GROUP}, PARQUET_VERSION v2,"
        " DICTIONARY_SIZE_LIMIT 64"
    )
    if metadata:
        options += f", KV_METADATA {{{', '.join(f'{name}: {literal(text)}' for name, text in metadata.items())}}}"
    return copy(connection, select, path, options)


def copy(connection: Connection, select: str, path: Path, options: str) -> int:
    """Write a query's rows, in its order, as COPY does with some options; returns how many."""
    ((rows,),) = connection.execute(f"COPY ({select}) TO {literal(path)} ({options})").fetchall()
    return int(rows)
