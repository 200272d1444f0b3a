"""Views: what may be read of a dataflow's disclosures, as files for tools of others (docs/delta-sharing.md).

A view is named for what it was made of: the buckets, the versions of their objects and what may be read of them. So a
name is written once, and what has been replaced is never found again. Whoever takes rows out of a bucket's disclosures
withdraws its views, and links that were handed out die with them.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from handfast.lake import buckets, layout
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

MOST_FILES = 512
"""Files of one table: a list of them, with their links, is an answer of less than 1 MB."""
FILE_BYTES = 8 << 20
"""Of disclosures that one view is made of, about: few files are read soonest, and small ones are made again soonest."""

_VIEW = re.compile(r"/(\d{3})-(\d{3})-(\d+)-([0-9a-f]{32})\.parquet$")
_CHANGES = "_changes/"


@dataclass(frozen=True)
class Slice:
    """One of `files` slices, a power of two, that the buckets are cut into, with the objects of its buckets."""

    files: int
    number: int
    disclosures: Mapping[int, ObjectVersion]

    def digest(self, readable: str) -> str:
        """What names the view of it; `readable` says what may be read of it, and how it is written."""
        versions = [(bucket, stored.etag) for bucket, stored in sorted(self.disclosures.items())]
        return sha256(repr((self.files, self.number, versions, readable)).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class View:
    """The object of a view, and how many rows it has."""

    key: str
    digest: str
    rows: int
    size: int
    written_at: datetime


def slices(disclosures: Mapping[int, ObjectVersion]) -> list[Slice]:
    """The slices of a dataflow's disclosures, as many as their size asks for; none of those without a bucket."""
    bits = buckets.bucket_bits()
    most = min(MOST_FILES, 1 << bits)
    wanted = sum(stored.size for stored in disclosures.values()) // FILE_BYTES
    files = min(1 << wanted.bit_length(), most)
    by_number: dict[int, dict[int, ObjectVersion]] = {}
    for bucket, stored in disclosures.items():
        by_number.setdefault(bucket * files >> bits, {})[bucket] = stored
    return [Slice(files, number, held) for number, held in sorted(by_number.items())]


def key(dataflow_id: str, of: Slice, digest: str, rows: int) -> str:
    """The key of a view."""
    place = f"{_digits(of.files - 1)}-{_digits(of.number)}"
    return f"{layout.views(dataflow_id)}{place}-{rows}-{digest}.parquet"


def _digits(number: int) -> str:
    return str(number).zfill(3)


def changes_key(dataflow_id: str, digest: str, rows: int) -> str:
    """The key of a file of changes."""
    return f"{layout.views(dataflow_id)}{_CHANGES}000-000-{rows}-{digest}.parquet"


def listing(dataflow_id: str) -> dict[str, View]:
    """The views that there are, and the files of changes, by digest."""
    found = (_view(stored) for stored in objects.listing(layout.views(dataflow_id)))
    return {view.digest: view for view in found if view}


def _view(stored: ObjectVersion) -> View | None:
    match = _VIEW.search(stored.key)
    if match is None or stored.written_at is None:
        return None
    return View(stored.key, match[4], int(match[3]), stored.size, stored.written_at)


def withdraw(dataflow_id: str, replaced: Collection[int]) -> None:
    """Delete the views of buckets from whose disclosures something was taken, and all files of changes.

    Where there are any views, as many calls are made whether one is deleted or not: how long a run takes is not to tell
    its source whether the partner lost somebody.
    """
    prefix = layout.views(dataflow_id)
    keys = [stored.key for stored in objects.listing(prefix)]
    if keys:
        gone = [key for key in keys if replaced and _is_of(key, replaced)]
        objects.delete(*(gone or [f"{prefix}none"]))


def _is_of(key: str, replaced: Collection[int]) -> bool:
    match = _VIEW.search(key)
    if match is None or _CHANGES in key:
        return True
    files, number, bits = int(match[1]) + 1, int(match[2]), buckets.bucket_bits()
    return any(buckets.slice_holds(files, number, bucket, bits) for bucket in replaced)
