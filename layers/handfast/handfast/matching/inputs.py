"""Buckets' objects as local files, with what is read of them and no more."""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from handfast.lake import ranges, transfers
from handfast.matching.inventory import DISCLOSURES, MEMBERSHIPS, RECEIVED, Objects
from handfast.matching.models import BucketFiles, Terms
from handfast.platform.objects import ObjectVersion

type Columns = Mapping[str, tuple[str, ...]]
"""What is read of a role's objects; of a role that is not named (members of any segment are one), all is."""

_RECEIVED = ("hi", "lo", "segment", "disclosed_at", "withdrawn_at")
RECONCILED: Columns = MappingProxyType(
    {"profiles": ("hi", "lo", "namespace", "share", "profile_share"), "partner": ("hi", "lo")}
)
ESTIMATED: Columns = MappingProxyType({**RECONCILED, MEMBERSHIPS: ("hi", "lo")})


def needed(wanted: Columns, terms: Terms) -> Columns:
    """The columns with what the terms ask for: the partner's answers, ages, forms, and since when members are some."""
    more = {**wanted, RECEIVED: _RECEIVED}
    if "partner" in wanted:
        answers = ("share", "profile_share") if terms.partner_consent_default else ()
        more["partner"] = (*wanted["partner"], *answers, *(("known_since",) if terms.minimum_age else ()))
    if terms.forms:
        more["renderings"] = ("hi", "lo", *(form for _, form in terms.forms))
    if terms.has_recency and MEMBERSHIPS in wanted:
        more[MEMBERSHIPS] = (*wanted[MEMBERSHIPS], "since")
    return more


def fetch(
    buckets: Mapping[int, Objects], folder: Path, wanted: Columns, limit: int | None = None
) -> tuple[dict[int, dict[str, ObjectVersion]], dict[int, BucketFiles]]:
    """Copy what is read of the buckets' objects: what was read, which may be newer than listed or gone, and where.

    Of columns, rows of a `hi` greater than `limit` may be missing. Raises LostRaceError when an object is replaced
    meanwhile.
    """
    paths = {
        (bucket, role): folder / stored.key.replace("/", "-")
        for bucket, listed in buckets.items()
        for role, stored in listed.items()
    }
    keys = {path: buckets[bucket][role].key for (bucket, role), path in paths.items()}
    kinds = {path: _kind(role) for (_, role), path in paths.items()}
    parts = {path: wanted[kind] for path, kind in kinds.items() if kind in wanted}
    copied = ranges.copy({path: keys[path] for path in parts}, parts, limit)
    copied |= transfers.download({path: key for path, key in keys.items() if path not in parts})
    read: dict[int, dict[str, ObjectVersion]] = {bucket: {} for bucket in buckets}
    local: dict[int, dict[str, Path]] = {bucket: {} for bucket in buckets}
    for (bucket, role), path in paths.items():
        if stored := copied.get(path):
            read[bucket][role], local[bucket][role] = stored, path
    return read, {bucket: _files(bucket, by_role) for bucket, by_role in local.items()}


def _kind(role: str) -> str:
    return next((kind for kind in (MEMBERSHIPS, RECEIVED) if role.startswith(kind)), role)


def prefix(
    listed: Mapping[int, Objects], folder: Path, terms: Terms, buckets: range, limit: int | None
) -> tuple[dict[int, dict[str, ObjectVersion]], dict[int, BucketFiles]]:
    """`fetch` what an estimate reads of these buckets, up to a greatest `hi`, in place of what the folder holds."""
    for path in folder.glob("*.parquet"):
        path.unlink()
    wanted = {bucket: listed[bucket] for bucket in buckets if bucket in listed}
    return fetch(wanted, folder, needed(ESTIMATED, terms), limit)


def fetch_values(buckets: Collection[int], read: Mapping[int, Objects], files: Mapping[int, BucketFiles]) -> None:
    """Copy the values of the source's profiles too; raises LostRaceError when they have been replaced."""
    profiles = {path: read[bucket]["profiles"] for bucket in buckets if (path := files[bucket].profiles)}
    ranges.fill(profiles, dict.fromkeys(profiles, ("value",)))


def _files(bucket: int, paths: Mapping[str, Path]) -> BucketFiles:
    members, received = (
        {role.removeprefix(kind): path for role, path in paths.items() if role.startswith(kind)}
        for kind in (MEMBERSHIPS, RECEIVED)
    )
    return BucketFiles(
        bucket,
        paths.get("profiles"),
        paths.get("partner"),
        members,
        paths.get("suppressions"),
        paths.get(DISCLOSURES),
        paths.get("partner_suppressions"),
        paths.get("suppressions_towards_partner"),
        paths.get("suppressions_towards_source"),
        paths.get("renderings"),
        received,
    )
