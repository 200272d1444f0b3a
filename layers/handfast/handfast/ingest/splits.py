"""How the work on an import is shared out: the parts that it comes in, the splits that they are read in, and who takes
which of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from handfast.lake.buckets import SPAN_BUCKETS, bucket_bits, groups, key_range, slice_holds, within_sql
from handfast.lake.person_versions import Versions

type Stage = Literal["cut", "read", "fold", "decide", "seal"]
type Written = dict[str, Path]
"""What a worker has written, by kind, and after a slash the slice or the group that it is for."""

SPLIT_BYTES = 64 << 20
"""About how many bytes of a file one worker reads."""
_SLICE_BYTES = 256 << 20
"""The most bytes of rows whose identities one worker folds, where they spread evenly."""
_CUT_BYTES = 1 << 30
"""About how many bytes of parts one worker finds the splits of."""
_CUT_PARTS = 100
"""The most parts that one worker finds the splits of."""
_PIECE_SPLITS = 32
"""The most splits that one worker reads, one after the other."""


@dataclass(frozen=True)
class Part:
    """A file of an import: its place among all of them, its name, where its bytes lie, and how many there are.

    `partition` has the values of columns that the file lacks because its folder tells them (`dt=2026-11-28/`).
    `remote` is what a source calls its version, as long as the bytes lie there. `etag` is S3's of what was put when the
    import was started, which a link may put over later; None of what nobody puts.
    """

    number: int
    name: str
    key: str
    size: int
    partition: Mapping[str, str | None] = field(default_factory=dict)
    remote: Mapping[str, Any] | None = None
    etag: str | None = None


@dataclass(frozen=True)
class Split:
    """Bytes of a part, whose first `header` ones stand before all of them but the first.

    Of a Parquet file it is `rows`, as its cutting names them, which are so many bytes. `etag` is the part's, where what
    was put is read as it is.
    """

    part: str
    key: str
    start: int
    end: int
    header: int = 0
    partition: Mapping[str, str | None] = field(default_factory=dict)
    rows: Mapping[str, Any] | None = None
    etag: str | None = None


@dataclass(frozen=True)
class Piece:
    """Splits that one worker reads, the first of which has this number among all."""

    first: int
    splits: tuple[Split, ...]


@dataclass(frozen=True)
class Cut:
    """How rows are shared out once they are read: so many slices of the keys, and so many groups of people.

    Both are powers of two. A slice is of neighbouring buckets, and lies in one span.
    """

    bucket_bits: int
    slices: int
    groups: int

    def key_range(self, number: int) -> tuple[int, int]:
        """The least and the greatest `hi` of a slice."""
        return key_range(number, self.slices.bit_length() - 1)

    def within(self, number: int) -> str:
        """SQL: whether a row's key lies in a slice."""
        return within_sql(self.key_range(number)) if self.slices > 1 else "TRUE"

    def span(self, number: int) -> int:
        """The span that a slice lies in."""
        first = number * ((1 << self.bucket_bits) // self.slices)
        return first // SPAN_BUCKETS

    def holds(self, number: int, bucket: int) -> bool:
        """Whether a bucket lies in a slice."""
        return slice_holds(self.slices, number, bucket, self.bucket_bits)

    def group_sql(self, profile_id: str = "profile_id") -> str:
        """SQL: the group of a person, the same in every version of the engine."""
        return f"(md5_number_lower({profile_id}) % {self.groups})"


@dataclass(frozen=True)
class Layout:
    """How an import is shared out, once its splits are known, to its end; `people` are those versions when it began."""

    pieces: tuple[Piece, ...]
    cut: Cut
    has_people: bool
    people: Versions

    @property
    def splits(self) -> tuple[Split, ...]:
        """All splits, in the order of their numbers."""
        return tuple(split for piece in self.pieces for split in piece.splits)

    def work(self) -> dict[Stage, int]:
        """How many pieces of work each stage after the cutting has, in their order."""
        stages: dict[Stage, int] = {"read": len(self.pieces), "fold": self.cut.slices}
        return stages | ({"decide": self.cut.groups, "seal": self.cut.slices} if self.has_people else {})


def most_bytes() -> int:
    """The most bytes that all parts of an import have when they are unpacked, as a deployment's buckets allow."""
    return _SLICE_BYTES << bucket_bits()


def shares(parts: Sequence[Part]) -> tuple[tuple[Part, ...], ...]:
    """The parts, in their order, as workers find their splits."""
    return tuple(_grouped(parts, lambda part: part.size, _CUT_BYTES, _CUT_PARTS))


def pieces(splits: Sequence[Split]) -> tuple[Piece, ...]:
    """The splits, in their order, as workers read them: small ones together."""
    found, first = list[Piece](), 0
    for several in _grouped(splits, lambda split: split.end - split.start, SPLIT_BYTES, _PIECE_SPLITS):
        found.append(Piece(first, several))
        first += len(several)
    return tuple(found)


def _grouped[T](items: Sequence[T], size: Callable[[T], int], most_bytes: int, most: int) -> Iterator[tuple[T, ...]]:
    """Neighbours together, up to about so many bytes and so many of them; one that is larger is alone."""
    sizes = ((index, max(size(item), most_bytes // most)) for index, item in enumerate(items))
    return (tuple(items[index] for index in group) for group in groups(sizes, most_bytes))
