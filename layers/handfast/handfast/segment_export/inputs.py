"""Buckets' objects as local files, with what is read of them and no more."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from handfast.platform import columns, objects
from handfast.platform.objects import Stored
from handfast.segment_export.models import BucketFiles
from handfast.segment_export.store import CONNECTIONS, DELIVERIES, MEMBERSHIPS, Objects

COLUMNS = MappingProxyType({"profiles": ("hi", "lo", "namespace", "share", "profile_share"), "partner": ("hi", "lo")})
"""What decides, by role; of the other roles' objects all is read."""


def fetch(buckets: Mapping[int, Objects], folder: Path) -> tuple[dict[int, dict[str, Stored]], dict[int, BucketFiles]]:
    """Copy what is read of the buckets' objects: what was read, which may be newer than listed or gone, and where.

    Raises LostRaceError when an object is replaced meanwhile.
    """
    paths = {
        (bucket, role): folder / stored.key.replace("/", "-")
        for bucket, found in buckets.items()
        for role, stored in found.items()
    }
    keys = {path: buckets[bucket][role].key for (bucket, role), path in paths.items()}
    parts = {path: COLUMNS[role] for (_, role), path in paths.items() if role in COLUMNS}
    whole = [path for path in keys if path not in parts]
    got: dict[Path, Stored | None] = {**columns.copy({path: keys[path] for path in parts}, parts)}
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        got |= zip(whole, pool.map(objects.download, (keys[path] for path in whole), whole), strict=True)
    read: dict[int, dict[str, Stored]] = {bucket: {} for bucket in buckets}
    local: dict[int, dict[str, Path]] = {bucket: {} for bucket in buckets}
    for (bucket, role), path in paths.items():
        if stored := got.get(path):
            read[bucket][role], local[bucket][role] = stored, path
    return read, {bucket: _files(bucket, found) for bucket, found in local.items()}


def fetch_values(buckets: Collection[int], read: Mapping[int, Objects], files: Mapping[int, BucketFiles]) -> None:
    """Copy the values of the source's profiles too; raises LostRaceError when they have been replaced."""
    there = {path: read[bucket]["profiles"] for bucket in buckets if (path := files[bucket].profiles)}
    columns.fill(there, dict.fromkeys(there, ("value",)))


def _files(bucket: int, found: Mapping[str, Path]) -> BucketFiles:
    members = {role.removeprefix(MEMBERSHIPS): path for role, path in found.items() if role.startswith(MEMBERSHIPS)}
    return BucketFiles(
        bucket,
        found.get("profiles"),
        found.get("partner"),
        members,
        found.get("suppressions"),
        found.get(DELIVERIES),
        found.get("partner_suppressions"),
    )
