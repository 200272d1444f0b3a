"""How far the reading of an import is, from what its workers have written."""

from dataclasses import dataclass

from handfast.ingest import shard_store
from handfast.ingest.models import Upload


@dataclass(frozen=True)
class ImportProgress:
    """How many parts of an import have been read as a whole, and how many of its splits."""

    parts: int
    splits: int
    splits_total: int


def read(upload: Upload) -> ImportProgress:
    """How far it is; the splits are none until all parts have been cut."""
    layout = shard_store.find_layout(upload)
    if layout is None:
        return ImportProgress(0, 0, 0)
    done = shard_store.done(upload, "read")
    left = [piece for number, piece in enumerate(layout.pieces) if number not in done]
    waiting = [split for piece in left for split in piece.splits]
    total = len(layout.splits)
    parts = (upload.parts or 0) - len({split.part for split in waiting})
    return ImportProgress(parts, total - len(waiting), total)
