"""What a file may grow to while it is read: guards against decompression bombs, and against more than a disk holds.

Nothing that a file says of itself is believed: what is read is counted, and reading stops where it becomes too much.
"""

from pathlib import Path

from handfast.ingest.models import WHOLE_BYTES
from handfast.ingest.plan import UploadRejected

MAX_RATIO = 200
"""Largest growth a packed file may have; people's data grows five- to thirtyfold."""
MAX_IDENTITIES = 25_000_000
"""Largest product of rows and identity columns: with its tables it fits a function's disk (docs/limits.md)."""
MAX_COLUMNS = 5_000
"""Most columns of a header or schema: reading a header takes time with the square of their number."""
MAX_IDENTITY_COLUMNS = 50
"""Most columns of identities, repeated ones among them: the time that reading begins with is that of their number."""
_SMALL_BYTES = 32 << 20
"""A file that is no larger than this when unpacked may have grown by any ratio."""
_SMALL_ROWS = 1_000_000
"""A file of no more rows than this may have been made of anything."""
_SEND_SEVERAL = "send its rows in several files, as the parts of one import or in mode delta"


def most_bytes(path: Path) -> int:
    """What a file may unpack to, in bytes."""
    return min(WHOLE_BYTES, max(_SMALL_BYTES, path.stat().st_size * MAX_RATIO))


def most_rows(path: Path, identity_columns: int) -> int:
    """How many rows a packed file may have: people differ from row to row, which takes more than a byte each."""
    return min(rows_that_fit(identity_columns), max(_SMALL_ROWS, path.stat().st_size))


def rows_that_fit(identity_columns: int) -> int:
    """How many rows of so many identities each fit a function's disk."""
    return MAX_IDENTITIES // max(1, identity_columns)


def too_large(most: int = WHOLE_BYTES) -> UploadRejected:
    """The refusal of a file that is larger than one may be, or than its tables fit memory and disk."""
    detail = f"the file is too large to be read as one, which {most >> 30} GiB may be at most; {_SEND_SEVERAL}"
    return UploadRejected("too_large", detail)


def too_many_bytes() -> UploadRejected:
    """The refusal of a file that unpacks to more than it may."""
    return UploadRejected(
        "unpacked_too_large",
        f"the file unpacks to more than {MAX_RATIO} times its size or {WHOLE_BYTES >> 30} GiB; {_SEND_SEVERAL}",
    )


def too_many_rows(limit: int) -> UploadRejected:
    """The refusal of a file of more rows than it may have."""
    return UploadRejected(
        "too_many_rows",
        f"the file has more than {limit:,} rows, which is more than its identity columns, or so few bytes, may have;"
        f" leave out repeated rows, or {_SEND_SEVERAL}",
    )


def check_columns(number: int) -> None:
    """Raises UploadRejected for a header or schema of more columns than one may have."""
    if number > MAX_COLUMNS:
        detail = f"the file has more than {MAX_COLUMNS:,} columns; leave out those that are not mapped"
        raise UploadRejected("too_many_columns", detail)


def check_identity_columns(number: int) -> None:
    """Raises UploadRejected for more columns of identities than a file may have."""
    if number > MAX_IDENTITY_COLUMNS:
        detail = f"the file has more than {MAX_IDENTITY_COLUMNS} columns of identities, those of one name among them"
        raise UploadRejected("too_many_columns", f"{detail}; send them in several files")
