"""What the inputs of buckets have changed since their last reconciliation, where all of it is known.

Ingest leaves in each object the rows that its last versions changed (lake.delta_log). Where the versions of the last
reconciliation lead to those of now by such deltas alone, only the keys that they name are decided again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from handfast.lake.delta_log import DeltaLog, delta_logs, since
from handfast.lake.duck import connect
from handfast.matching.inventory import MEMBERSHIPS, Objects, terms_version, versions
from handfast.matching.models import Baseline, BucketFiles, BucketState, Terms


def follow(
    before: Mapping[int, BucketState],
    terms: Terms,
    read: Mapping[int, Objects],
    buckets: Mapping[int, BucketFiles],
) -> list[BucketFiles]:
    """The buckets, with `baseline` where all that can have changed their outcome is known.

    It is not known under other terms, paused ones (what waits is not counted by segment), those of a stopped dataflow
    or with composed or received segments or forms, and where inputs came or went, suppressions or the disclosures are
    others, or somebody has been known to the partner for long enough since.
    """
    now = terms_version(terms)
    moved = {
        bucket: roles
        for bucket, state in before.items()
        if bucket in buckets
        and state.terms == now
        and terms.segments
        and not terms.paused
        and not terms.composed
        and not terms.forms
        and not terms.received
        and not state.is_of_age(terms.hour)
        and (roles := _moved(state, read[bucket])) is not None
    }
    with connect() as connection:
        logs = delta_logs(
            connection, [_path(buckets[bucket], role) for bucket, roles in moved.items() for role in roles]
        )
    return [
        replace(files, baseline=_baseline(before[bucket], files, moved[bucket], logs)) if bucket in moved else files
        for bucket, files in buckets.items()
    ]


def _moved(state: BucketState, read: Objects) -> frozenset[str] | None:
    """The inputs of other versions than then; None where something else is."""
    now = versions(read)
    if now.keys() != state.versions.keys():
        return None
    moved = frozenset(role for role, etag in now.items() if etag != state.versions[role])
    return moved if all(role in ("profiles", "partner") or role.startswith(MEMBERSHIPS) for role in moved) else None


def _path(files: BucketFiles, role: str) -> Path:
    named = {"profiles": files.profiles, "partner": files.partner}
    path = named[role] if role in named else files.memberships[role.removeprefix(MEMBERSHIPS)]
    if path is None:
        raise LookupError(role)
    return path


def _baseline(
    state: BucketState, files: BucketFiles, moved: Iterable[str], logs: Mapping[Path, DeltaLog]
) -> Baseline | None:
    deltas: dict[str, list[Path]] = {}
    for role in moved:
        path = _path(files, role)
        log = since(logs[path], state.versions[role])
        if log is None:
            return None
        deltas[role] = [path.with_suffix(f".{number}") for number in range(len(log))]
        for target, delta in zip(deltas[role], log, strict=True):
            target.write_bytes(delta.rows)
    return Baseline(
        state.members,
        state.kept_back,
        state.delivered,
        state.excluded_by_segment,
        deltas.get("profiles", ()),
        deltas.get("partner", ()),
        {role.removeprefix(MEMBERSHIPS): paths for role, paths in deltas.items() if role.startswith(MEMBERSHIPS)},
        state.of_age,
    )
