"""Where a part of an import is cut into splits, after it has been unpacked where one worker would not read it whole."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, cast

from handfast.ingest import cutting, shard_store, splits
from handfast.ingest.csv_source import START_BYTES, decoded_start, find_dialect, named_dialect
from handfast.ingest.growth import MAX_RATIO, too_large, too_many_bytes
from handfast.ingest.models import MAX_PACKED_BYTES, WHOLE_BYTES, Packing, Upload
from handfast.ingest.parquet_cutting import RowGroups, cut_parquet, write_piece
from handfast.ingest.plan import Plan, UploadRejected
from handfast.ingest.presets.registry import preset
from handfast.ingest.splits import Part, Split
from handfast.ingest.unpacking import check_start, damaged, packing_of, unpacked_start
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

PACKED_BYTES = 16 << 20
"""The longest packed file that one worker unpacks and reads by itself."""
_CHUNK = 8 << 20
_NOTHING_BYTES = 1 << 10
"""More than what no bytes are packed to, with a name and notes."""


def is_large(upload: Upload, file: ObjectVersion) -> bool:
    """Whether one worker does not read a file as a whole: one that can be cut, and is longer than two splits."""
    if upload.is_preview or not is_cut(upload):
        return False
    if file.size > 2 * splits.SPLIT_BYTES:
        return True
    return file.size > PACKED_BYTES and _packing(upload, file) != "none"


def _packing(upload: Upload, file: ObjectVersion) -> Packing:
    """What a file is packed in; Parquet is packed inside."""
    return "none" if upload.format == "parquet" else packing_of(objects.read_range(file, 0, 4))


def is_cut(upload: Upload) -> bool:
    """Whether an upload's files can be cut: those that are read by their columns."""
    return upload.preset is None or preset(upload.preset).open is None


def splits_of(upload: Upload, plan: Plan, part: Part) -> list[Split]:
    """The splits of a part, none of one that is empty; raises UploadRejected."""
    file = _found(part.key, part.etag)
    if not file.size:
        return []
    packing = _packing(upload, file)
    if packing != "none" and _holds_nothing(file, packing):
        return []
    if packing != "none" and file.size > MAX_PACKED_BYTES:
        raise too_large(MAX_PACKED_BYTES)
    if packing != "none" and is_cut(upload) and file.size > PACKED_BYTES:
        file = _unpacked(upload, part, file, packing)
    elif packing != "none" or not is_cut(upload) or file.size <= 2 * splits.SPLIT_BYTES:
        if file.size > WHOLE_BYTES:
            raise too_large()
        return [Split(part.name, file.key, 0, file.size, partition=part.partition, etag=part.etag)]
    return _cut(upload, plan, part, file)


def _holds_nothing(file: ObjectVersion, packing: Packing) -> bool:
    """Whether a packed file has no bytes, as some systems write a part without rows; raises UploadRejected."""
    if file.size > _NOTHING_BYTES:
        return False
    return unpacked_start(objects.read_range(file, 0, file.size), packing, 1) == (b"", True)


def _found(key: str, etag: str | None) -> ObjectVersion:
    """What lies at a key; raises UploadRejected for nothing, and for another version than the one of this ETag."""
    file = objects.find(key)
    if file is None:
        raise UploadRejected("no_file", "the file is gone; start a new upload")
    if etag not in {None, file.etag}:
        detail = "the file was put once more while it was read; start the import again, or a new upload"
        raise UploadRejected("file_replaced", detail)
    return file


def _cut(upload: Upload, plan: Plan, part: Part, file: ObjectVersion) -> list[Split]:
    def read(start: int, end: int) -> bytes:
        return objects.read_range(file, start, end)

    if upload.format == "parquet":
        return [_row_groups(part, file, piece) for piece in cut_parquet(read, file.size, splits.SPLIT_BYTES)]
    start = read(0, min(START_BYTES, file.size))
    check_start(start, upload.format)
    header = 0
    if upload.format == "csv":
        text = decoded_start(start)
        if plan.header:
            dialect = named_dialect(text, plan.header, plan.delimiter)
        else:
            names = [column.column for column in plan.columns if not column.optional]
            names = [name for name in names if name not in part.partition]
            dialect = find_dialect(text, names, plan.delimiter)
        pieces = cutting.cut_csv(read, file.size, splits.SPLIT_BYTES, dialect)
        header = cutting.header_end(read, dialect) if dialect.has_header else 0
    else:
        pieces = cutting.cut_lines(read, file.size, splits.SPLIT_BYTES)
    etag = part.etag if file.key == part.key else None
    return [
        Split(part.name, file.key, piece.start, piece.end, header if piece.start else 0, part.partition, etag=etag)
        for piece in pieces
    ]


def _row_groups(part: Part, file: ObjectVersion, piece: RowGroups) -> Split:
    size = sum(end - start for start, end in piece.ranges)
    return Split(part.name, file.key, 0, size, partition=part.partition, rows=asdict(piece), etag=part.etag)


def write_split(split: Split, path: Path) -> None:
    """Write a split as a file of its own; raises UploadRejected where its part is gone, or another one by now."""
    file = _found(split.key, split.etag)
    if split.rows is not None:
        ranges = tuple((start, end) for start, end in split.rows["ranges"])
        write_piece(partial(objects.read_range, file), file.size, RowGroups(**{**split.rows, "ranges": ranges}), path)
        return
    with path.open("wb") as target:
        if split.header:
            target.write(objects.read_range(file, 0, split.header))
        target.write(objects.read_range(file, split.start, split.end))


def _unpacked(upload: Upload, part: Part, file: ObjectVersion, packing: Packing) -> ObjectVersion:
    """A packed file unpacked into the bucket, chunk by chunk; raises UploadRejected."""
    from backports import zstd  # noqa: PLC0415 - only a packed file needs it

    raw = cast("IO[bytes]", objects.Reading(file))
    try:
        with gzip.open(raw) if packing == "gzip" else zstd.open(raw) as packed:
            chunks = _chunks(cast("IO[bytes]", packed), min(file.size * MAX_RATIO, splits.most_bytes()))
            return objects.write_stream(shard_store.plain_key(upload, part), chunks)
    except (EOFError, gzip.BadGzipFile, zlib.error, zstd.ZstdError):
        raise damaged(packing) from None


def _chunks(packed: IO[bytes], most: int) -> Iterator[bytes]:
    size = 0
    while chunk := packed.read(_CHUNK):
        size += len(chunk)
        if size > most:
            raise too_many_bytes()
        yield chunk
