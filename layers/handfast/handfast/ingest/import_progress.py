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


def read(upload: Upload) -> ImportProgress | None:
    """How far it is; None where it is not being read, or not cut into splits yet."""
    if upload.status != "processing" or upload.total:
        return None
    layout = shard_store.find_layout(upload)
    if layout is None:
        return None
    done = shard_store.done(upload, "read")
    waiting = [split for number, piece in enumerate(layout.pieces) if number not in done for split in piece.splits]
    total = len(layout.splits)
    parts = (upload.parts or 1) - len({split.part for split in waiting})
    return ImportProgress(parts, total - len(waiting), total)
