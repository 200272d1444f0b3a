"""A file of DROP read into the table `lines`, all of it or nothing."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from handfast.lake.duck import Connection, literal
from handfast.privacy_requests.drop import rules

MAX_BYTES = 1 << 30
"""The most that a list may have unpacked: some 17 million lines."""
_CHUNK = 1 << 20
_COLUMNS = {"ID": "VARCHAR", "Hash": "VARCHAR"}
_BAD = "NOT (regexp_full_match(id, '[0-9A-Za-z]{1,64}') AND regexp_full_match(hash, '[0-9A-Za-z+/]{43}='))"


class ListRejected(Exception):  # noqa: N818 - an expected outcome
    """A file refused as a whole; `detail` says what to do and quotes no line of it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def unpacked(file: Path, name: str, folder: Path) -> dict[str, Path]:
    """The CSVs of a file by their names at DROP; raises ListRejected for what is none of DROP's."""
    if name.endswith(".zip"):
        entries = list(_entries(file, folder))
        if len(dict(entries)) < len(entries):
            raise ListRejected("wrong_name", "two CSVs of the ZIP have the same name; upload it as DROP gave it")
        return dict(entries)
    if rules.list_type(name) is None:
        raise _wrong_name()
    if file.stat().st_size > MAX_BYTES:
        raise _too_large()
    return {name: file}


def _entries(file: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(file) as archive:
            for number, entry in enumerate(archive.infolist()):
                if rules.list_type(entry.filename) is None:
                    raise _wrong_name()
                target = folder / f"list-{number}.csv"
                with archive.open(entry) as packed, target.open("wb") as plain:
                    while chunk := packed.read(min(_CHUNK, left + 1)):
                        left -= len(chunk)
                        if left < 0:
                            raise _too_large()
                        plain.write(chunk)
                yield entry.filename, target
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ListRejected(
            "damaged_file", "the ZIP is damaged, encrypted or none; upload it as DROP gave it"
        ) from error


def _wrong_name() -> ListRejected:
    return ListRejected(
        "wrong_name",
        "each CSV is named <YYYYMMDD>_<DataBrokerId>_<DataType>[_<suffix>].csv, such as 20260801_4821_Email.csv;"
        " keep DROP's names",
    )


def _too_large() -> ListRejected:
    return ListRejected(
        "too_large", f"at most {MAX_BYTES >> 20} MB unpacked; upload DROP's CSVs one by one, or in parts"
    )


def read(connection: Connection, files: dict[str, Path]) -> None:
    """Make `lines`, a row per line of the files: `line` counts them all, `file` the files, `hash` is of 32 bytes.

    `removed_from` is the list that a line of a Removed file was taken off. Raises ListRejected.
    """
    connection.execute(
        "CREATE TABLE lines (line BIGINT, file INTEGER, list_type VARCHAR, id VARCHAR, hash BLOB, removed_from VARCHAR)"
    )
    for number, (name, path) in enumerate(files.items()):
        kind = rules.list_type(name) or ""
        columns = _COLUMNS | ({"ListType": "VARCHAR"} if kind == "Removed" else {})
        _check_header(name, path, columns)
        taken_off = "ListType" if kind == "Removed" else "NULL"
        described = ", ".join(f"'{column}': '{of}'" for column, of in columns.items())
        try:
            connection.execute(
                f"CREATE OR REPLACE TABLE given AS SELECT ID AS id, Hash AS hash, {taken_off} AS removed_from"
                f" FROM read_csv({literal(path)},"
                f" auto_detect=false, header=true, delim=',', quote='\"', escape='\"', columns={{{described}}})"
            )
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException):
                raise
            raise _malformed(name, "some lines have another number of cells, or are no UTF-8") from None
        bad = connection.execute(
            "SELECT count(*), min(place) FROM (SELECT row_number() OVER () AS place, * FROM given)"
            f" WHERE coalesce({_BAD}, TRUE)"
        ).fetchall()
        if bad[0][0]:
            raise _malformed(name, f"{bad[0][0]} lines, the first of them line {bad[0][1] + 1}, are not")
        connection.execute(
            "INSERT INTO lines SELECT (SELECT count(*) FROM lines) + row_number() OVER () - 1,"
            f" {number}, {literal(kind)}, id, from_base64(hash), removed_from FROM given"
        )
    connection.execute("DROP TABLE IF EXISTS given")
    repeated = connection.execute(
        "SELECT 1 FROM lines WHERE list_type <> 'Removed' GROUP BY id HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if repeated:
        raise _malformed(" and ".join(files), "an ID stands in several lines, of which only one could be answered")


def _check_header(name: str, path: Path, columns: dict[str, str]) -> None:
    with path.open("rb") as file:
        header = re.sub(rb"^\xef\xbb\xbf|[\"\s]", b"", file.readline(1000))
    if header.lower() != ",".join(columns).lower().encode():
        raise _malformed(name, f"the header is not {','.join(columns)}")


def _malformed(name: str, what: str) -> ListRejected:
    detail = f"{name}: each line is an ID and a SHA-256 in Base64, as DROP writes it; {what}"
    return ListRejected("malformed_csv", f"{detail}. Download the list again; nothing of it was carried out")
