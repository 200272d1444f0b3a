"""What a Zstandard file unpacks to, read from its frame and block headers alone (RFC 8878, 3.1.1).

DuckDB takes a file cut short for a shorter file, and unpacks whatever it is given: both are decided here first.
"""

from os import SEEK_CUR
from pathlib import Path
from typing import BinaryIO

from handfast.ingest.plan import UploadRejected

_FRAME = 0xFD2FB528
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_BLOCK_MAX = 128 << 10
_DICTIONARY_BYTES = (0, 1, 2, 4)
_SIZE_BYTES = (0, 2, 4, 8)
_RAW, _RUN, _COMPRESSED = range(3)


def zstd_bound(path: Path) -> int:
    """The most bytes the file can unpack to; raises UploadRejected when it is damaged or cut short."""
    total = 0
    with path.open("rb") as file:
        while magic := file.read(4):
            number = int.from_bytes(magic, "little")
            if number in _SKIPPABLE:
                _skip(file, _number(file, 4))
            elif number == _FRAME:
                total += _frame(file)
            else:
                raise _damaged()
    return total


def _frame(file: BinaryIO) -> int:
    descriptor = _number(file, 1)
    single_segment = descriptor >> 5 & 1
    size_bytes = _SIZE_BYTES[descriptor >> 6] or single_segment
    _skip(file, (1 - single_segment) + _DICTIONARY_BYTES[descriptor & 3] + size_bytes)
    total, last = 0, 0
    while not last:
        header = _number(file, 3)
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind > _COMPRESSED:
            raise _damaged()
        total += _BLOCK_MAX if kind == _COMPRESSED else size
        _skip(file, 1 if kind == _RUN else size)
    _skip(file, 4 * (descriptor >> 2 & 1))
    return total


def _number(file: BinaryIO, size: int) -> int:
    data = file.read(size)
    if len(data) < size:
        raise _damaged()
    return int.from_bytes(data, "little")


def _skip(file: BinaryIO, size: int) -> None:
    if size:
        file.seek(size - 1, SEEK_CUR)
        _number(file, 1)


def _damaged() -> UploadRejected:
    return UploadRejected("damaged_file", "the zstd file is cut short or damaged; pack and upload it again")
