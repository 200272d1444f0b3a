"""Copying what there is of some buckets of a dataflow, to be compared."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from handfast.delivery import store
from handfast.delivery.differences import DeliveryFiles
from handfast.delivery.store import SpanObjects
from handfast.lake import buckets, layout, ranges, transfers
from handfast.platform.objects import ObjectVersion


def fetch(
    found: SpanObjects, group: Sequence[int], sandbox_id: str, column: str | None, folder: Path
) -> tuple[DeliveryFiles, Mapping[Path, ObjectVersion]]:
    """Copy the objects of some buckets of a span, with this column of the sandbox's profiles, None without profiles.

    Beside the files are those of dead letters in doubt, with the versions read.
    """
    parts = [
        [found.disclosures[bucket] for bucket in group if bucket in found.disclosures],
        [found.held[bucket] for bucket in group if bucket in found.held],
        found.attempts,
        found.dead,
    ]
    wanted = [stored for part in parts for stored in part]
    paths = {folder / f"{number}.parquet": stored.key for number, stored in enumerate(wanted)}
    read = transfers.download(paths)
    local = {paths[path]: path for path in read}
    disclosures, held, attempts, dead = ([local[each.key] for each in part if each.key in local] for part in parts)
    doubtful = {path: stored for path, stored in read.items() if path in dead and store.is_doubtful(stored)}
    profiles = _profiles(group, sandbox_id, column, folder) if column else []
    return DeliveryFiles(profiles, disclosures, held, attempts, dead, list(doubtful)), doubtful


def _profiles(group: Sequence[int], sandbox_id: str, column: str, folder: Path) -> list[Path]:
    prefix = layout.profiles(sandbox_id)
    keys = {folder / buckets.object_key("profiles-", bucket): buckets.object_key(prefix, bucket) for bucket in group}
    return list(ranges.copy(keys, dict.fromkeys(keys, ("hi", "lo", column))))
