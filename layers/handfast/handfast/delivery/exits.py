"""Whether a destination has taken that people leave it."""

# ruff: noqa: S608 - statements are built from quoted names
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from handfast.dataflows.models import Dataflow
from handfast.delivery import store
from handfast.delivery.store import BucketObjects
from handfast.destinations.target import kept_since
from handfast.identity.keys import Key
from handfast.lake import buckets, layout, people, transfers
from handfast.lake.duck import connect, create_table, relation
from handfast.platform import slots
from handfast.platform.objects import ObjectVersion

type Exit = Literal["taken", "due", "refused", "kept"]
"""Where it stands: `taken` where nobody was given, `refused` where it is a dead letter, and `kept` where the owner has
had the members of an activation left at the destination.
"""
_PLACE = "hi, lo, segment, target"


def exit_of(flow: Dataflow, keys: Collection[Key]) -> Exit:
    """Where the leaving of people stands at the destination of a dataflow, by their identities."""
    given = people.disclosures(flow.dataflow_id, keys)
    kept = kept_since(flow)
    if kept is not None and any(row.withdrawn_at is None or row.withdrawn_at >= kept for row in given):
        return "kept"
    if any(row.withdrawn_at is None for row in given):
        return "due"
    named = {(row.hi, row.lo) for row in given}
    # A worker that began before the withdrawal was written may be about to give them once more.
    if any(slots.holders(store.slots(flow.dataflow_id, span)) for span in buckets.spans_of_keys(named)):
        return "due"
    wanted = buckets.by_bucket(named)
    found = {
        bucket: stored
        for span in buckets.spans_of_keys(named)
        for bucket, stored in store.span_objects(flow.dataflow_id, span).items()
        if bucket in wanted
    }
    refused = _refused(found, named)
    if not refused:
        return "taken"
    return "refused" if all(refused) else "due"


def _refused(found: Mapping[int, BucketObjects], named: Collection[Key]) -> list[bool]:
    """Of each pair that the destination may have of the identities, whether its leaving is a dead letter."""
    with TemporaryDirectory() as name, connect() as connection:

        def copies(listed: Iterable[ObjectVersion | None]) -> list[Path]:
            paths = {Path(name) / stored.key.replace("/", "-"): stored.key for stored in listed if stored}
            return list(transfers.download(paths))

        held = copies(each.held for each in found.values())
        attempts = copies(stored for each in found.values() for stored in each.attempts)
        letters = [stored for each in found.values() for stored in each.dead]
        doubtful = copies(stored for stored in letters if store.is_doubtful(stored))
        dead = doubtful + copies(stored for stored in letters if not store.is_doubtful(stored))
        create_table(connection, "named", layout.KEY_COLUMNS, list(named))
        rows = connection.execute(
            f"SELECT DISTINCT {_PLACE}, d.refused IS NOT NULL FROM ("
            f"SELECT {_PLACE} FROM {relation(held, layout.DELIVERY_COLUMNS)} UNION ALL"
            f" SELECT {_PLACE} FROM {relation([*attempts, *doubtful], layout.ATTEMPT_COLUMNS)}"
            f") t SEMI JOIN named USING (hi, lo) LEFT JOIN (SELECT DISTINCT {_PLACE}, TRUE AS refused"
            f" FROM {relation(dead, layout.ATTEMPT_COLUMNS)} WHERE NOT realized) d USING ({_PLACE})"
        )
        return [refused for *_, refused in rows.fetchall()]
