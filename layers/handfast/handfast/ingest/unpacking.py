"""An uploaded file unpacked, if it is what it was announced as, whole, and of honest size."""

import gzip
import shutil
import zlib
from collections.abc import Callable, Iterator
from os import SEEK_END
from pathlib import Path
from typing import Literal

from handfast.ingest.cells import not_utf8
from handfast.ingest.growth import most_bytes, most_rows, rows_that_fit, too_many_bytes, too_many_rows
from handfast.ingest.models import Format
from handfast.ingest.plan import UploadRejected

_CHUNK = 1 << 20

type Packing = Literal["none", "gzip", "zstd"]
_MAGIC: tuple[tuple[bytes, Packing], ...] = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
PARQUET_MAGIC = b"PAR1"
_ZIP_MAGIC = b"PK\x03\x04"
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def unpacked(path: Path, form: Format, identity_columns: int, work_dir: Path) -> Path:
    """The unpacked file; raises UploadRejected when it is not of the announced format, damaged or too large.

    A file of so many lines, whose rows have so many identities, that a disk may not hold them is too large, too.

    A file of NDJSON may get a last line end in place.
    """
    packing = _packing(path)
    if form == "parquet":
        if packing != "none":
            raise UploadRejected("wrong_format", "Parquet is packed inside; upload the .parquet file itself")
        return path
    if packing == "none":
        plain = path
        _check_lines(path, rows_that_fit(identity_columns))
    else:
        plain = work_dir / "unpacked"
        _unpack(path, packing, plain, most_rows(path, identity_columns))
    _check_start(plain, form)
    if form == "ndjson":
        plain = _unmarked(plain, work_dir)
        _end_last_line(plain)
    return plain


def _packing(path: Path) -> Packing:
    return packing_of(_start(path))


def packing_of(start: bytes) -> Packing:
    """What a file that begins with these bytes is packed in."""
    return next((packing for magic, packing in _MAGIC if start.startswith(magic)), "none")


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _check_lines(path: Path, limit: int) -> None:
    if path.stat().st_size > limit:
        with path.open("rb") as file:
            for _ in _within(file.read, path.stat().st_size, limit):
                pass


def _unpack(path: Path, packing: Packing, target: Path, lines: int) -> None:
    from backports import zstd  # noqa: PLC0415 - only a packed file needs it

    try:
        with gzip.open(path) if packing == "gzip" else zstd.open(path) as packed, target.open("wb") as file:
            file.writelines(_within(packed.read, most_bytes(path), lines))
    except (EOFError, gzip.BadGzipFile, zlib.error, zstd.ZstdError):
        raise UploadRejected(
            "damaged_file", f"the {packing} file is cut short or damaged; pack and upload it again"
        ) from None


def _within(read: Callable[[int], bytes], most: int, lines: int) -> Iterator[bytes]:
    """The chunks of a file; raises UploadRejected where they become more than so many bytes, or lines."""
    size = ended = 0
    while chunk := read(_CHUNK):
        size += len(chunk)
        ended += chunk.count(b"\n")
        if size > most:
            raise too_many_bytes()
        if ended > lines:
            raise too_many_rows(lines)
        yield chunk


def _check_start(plain: Path, form: Format) -> None:
    start = _start(plain)
    if _packing(plain) != "none":
        raise UploadRejected("wrong_format", "the file is packed more than once; pack it once")
    if start.startswith((PARQUET_MAGIC, _ZIP_MAGIC)):
        kind = "Parquet file" if start.startswith(PARQUET_MAGIC) else "ZIP or Excel file"
        raise UploadRejected("wrong_format", f"the file is a {kind}, not {form}; announce or save it as what it is")
    if start.startswith(_UTF16_MARKS):
        raise not_utf8("UTF-16")


def _unmarked(plain: Path, work_dir: Path) -> Path:
    """The file without the mark of UTF-8, which JSON must not have."""
    if not _start(plain).startswith(_UTF8_MARK):
        return plain
    target = work_dir / "unmarked"
    with plain.open("rb") as marked, target.open("wb") as file:
        marked.seek(len(_UTF8_MARK))
        shutil.copyfileobj(marked, file, _CHUNK)
    return target


def _end_last_line(plain: Path) -> None:
    """DuckDB at times reads a last line first that has no end, and rows act in their order."""
    with plain.open("rb+") as file:
        if file.seek(0, SEEK_END):
            file.seek(-1, SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
