"""The objects a dataflow is reconciled from and into (docs/architecture.md, Objects in S3)."""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from handfast.platform import layout, objects
from handfast.platform.objects import Stored
from handfast.platform.settings import setting
from handfast.segment_export.models import BucketState, Disclosed, Terms

MEMBERSHIPS = "memberships/"
"""What a role of members begins with, before the segment."""
_BUCKET = re.compile(r"/(\d{5})\.parquet$")
DELIVERIES = "deliveries"
CONNECTIONS = 16
"""To S3 at once."""
_LINK_SECONDS = 900
_STATE: TypeAdapter[dict[int, BucketState]] = TypeAdapter(dict[int, BucketState])

type Objects = Mapping[str, Stored]
"""A bucket's objects by role: profiles, partner, suppressions, partner_suppressions, deliveries, memberships/{one}."""


def bucket_bits() -> int:
    """How many leading bits of a key name its bucket."""
    return int(setting("BUCKET_BITS"))


def listing(terms: Terms, dataflow_id: str | None = None) -> dict[int, dict[str, Stored]]:
    """The objects that reconciling these terms needs, by bucket; deliveries where a dataflow is named.

    Suppressions of both sides count for a stopped dataflow too: what it delivered may have to lose its values.
    """
    prefixes = {"suppressions": layout.suppressions(terms.source)}
    if dataflow_id:
        prefixes[DELIVERIES] = layout.deliveries(dataflow_id)
        prefixes |= {"partner_suppressions": layout.suppressions(terms.target)} if terms.overlap_required else {}
    if terms.segments:
        prefixes |= {"profiles": layout.profiles(terms.source)}
        prefixes |= {MEMBERSHIPS + name: layout.memberships(terms.source, name) for name in terms.segments}
        prefixes |= {"partner": layout.profiles(terms.target)} if terms.overlap_required else {}
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        lists = pool.map(lambda prefix: list(objects.listing(prefix)), prefixes.values())
    found: dict[int, dict[str, Stored]] = {}
    for role, listed in zip(prefixes, lists, strict=True):
        for stored in listed:
            if match := _BUCKET.search(stored.key):
                found.setdefault(int(match[1]), {})[role] = stored
    return found


def terms_version(terms: Terms) -> str:
    """What tells terms from others."""
    return sha256(repr(terms).encode()).hexdigest()


def versions(found: Objects) -> dict[str, str]:
    """A bucket's objects' ETags by role."""
    return {role: stored.etag for role, stored in sorted(found.items())}


def fingerprint(terms: Terms, inputs: Objects) -> str:
    """What decides a bucket's estimate: the terms and the versions of the inputs."""
    return sha256(json.dumps([repr(terms), versions(inputs)]).encode()).hexdigest()


def disclosed(read: Objects, run_id: str) -> Disclosed:
    """What the run has already written into a bucket's deliveries, before it was stopped."""
    stored = read.get(DELIVERIES)
    metadata = stored.metadata if stored else {}
    if metadata.get("run-id") != run_id:
        return Disclosed(0, 0)
    return Disclosed(int(metadata["realized"]), int(metadata["exited"]))


def write_deliveries(
    dataflow_id: str, bucket: int, path: Path, *, over: Objects, run_id: str, changed: Disclosed
) -> Objects:
    """Hand the new deliveries over, with all the run has changed in them; the objects now. Raises LostRaceError."""
    metadata = {"run-id": run_id, "realized": str(changed.realized), "exited": str(changed.exited)}
    key = f"{layout.deliveries(dataflow_id)}{bucket:05d}.parquet"
    return {**over, DELIVERIES: objects.write_file(key, path, replaces=over.get(DELIVERIES), metadata=metadata)}


def _state_key(dataflow_id: str, span: int) -> str:
    return f"{layout.states(dataflow_id)}{span:03d}.json"


def state(dataflow_id: str, span: int) -> tuple[dict[int, BucketState], Stored | None]:
    """The span's buckets as of their last reconciliation, with the version read."""
    found = objects.read_json(_state_key(dataflow_id, span))
    return (_STATE.validate_python(found[0]), found[1]) if found else ({}, None)


def write_state(dataflow_id: str, span: int, buckets: Mapping[int, BucketState], *, over: Stored | None) -> None:
    """Write the span's buckets over the version read; raises LostRaceError."""
    value: dict[str, Any] = {str(bucket): _STATE.dump_python({bucket: one})[bucket] for bucket, one in buckets.items()}
    objects.write_json(_state_key(dataflow_id, span), value, replaces=over)


def states(dataflow_id: str) -> Iterator[BucketState]:
    """All buckets of a dataflow as of their last reconciliation."""
    keys = [stored.key for stored in objects.listing(layout.states(dataflow_id))]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for found in pool.map(objects.read_json, keys):
            if found:
                yield from _STATE.validate_python(found[0]).values()


def deliveries(dataflow_id: str, folder: Path, first: int = 0) -> Iterator[tuple[int, Path]]:
    """The dataflow's deliveries from a bucket on, each copied into `folder` when its turn comes and deleted after."""
    for stored in objects.listing(layout.deliveries(dataflow_id)):
        match = _BUCKET.search(stored.key)
        path = folder / stored.key.replace("/", "-")
        if match and int(match[1]) >= first and objects.download(stored.key, path):
            yield int(match[1]), path
            path.unlink()


def write_export(key: str, path: Path, file_name: str) -> tuple[str, int]:
    """Store an export; returns a link to it and for how many seconds that works."""
    objects.write_file(key, path, replaces=None)
    return objects.link(key, _LINK_SECONDS, file_name), _LINK_SECONDS
