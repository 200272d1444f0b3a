"""Whether a destination has taken that people leave it."""

# ruff: noqa: S608 - statements are built from quoted names
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from handfast.dataflows.models import Dataflow
from handfast.delivery import store
from handfast.delivery.store import SpanObjects
from handfast.destinations.target import kept_since
from handfast.identity.keys import Key
from handfast.lake import buckets, layout, people, transfers
from handfast.lake.duck import connect, create_table, relation
from handfast.lake.people import Disclosure
from handfast.platform import slots
from handfast.platform.objects import ObjectVersion

type Exit = Literal["taken", "due", "refused", "kept", "stays"]
"""Where it stands: `taken` where nobody was given, `refused` where it is a dead letter, `kept` where the owner has had
the members of an activation left at the destination, and `stays` where nothing was withdrawn, as may be.
"""
_PLACE = "hi, lo, segment, target"
_LIVE_COLUMNS = {**layout.KEY_COLUMNS, "segment": "VARCHAR"}


def exit_of(flow: Dataflow, keys: Collection[Key], concerns: Callable[[str], bool] | None = None) -> Exit:
    """Where the leaving of people stands at the destination of a dataflow, by their identities.

    `concerns`: whether a segment is concerned, by its id, where not all are; what of those is not withdrawn may be
    given as before, and only the rest has to leave.
    """
    rows = people.disclosures(flow.dataflow_id, keys)
    given = [row for row in rows if concerns is None or concerns(row.segment_id)]
    live = [row for row in rows if row.withdrawn_at is None]
    kept = kept_since(flow)
    if kept is not None and any(row.withdrawn_at is None or row.withdrawn_at >= kept for row in given):
        return "kept"
    if concerns is not None and all(row.withdrawn_at is None for row in given):
        return "stays"
    if live and concerns is None:
        return "due"
    named = {(row.hi, row.lo) for row in given}
    spans = buckets.spans_of_keys(named)
    # A worker that began before the withdrawal was written may be about to give them once more.
    if any(slots.holders(store.slots(flow.dataflow_id, span)) for span in spans):
        return "due"
    wanted = set(buckets.by_bucket(named))
    refused = [
        each for span in spans for each in _refused(store.span_objects(flow.dataflow_id, span), wanted, named, live)
    ]
    if not refused:
        return "taken"
    return "refused" if all(refused) else "due"


def _refused(
    found: SpanObjects, wanted: Collection[int], named: Collection[Key], live: Sequence[Disclosure]
) -> list[bool]:
    """Of each pair that the destination may have of the identities, whether its leaving is a dead letter."""
    with TemporaryDirectory() as name, connect() as connection:

        def copies(listed: Iterable[ObjectVersion]) -> list[Path]:
            paths = {Path(name) / stored.key.replace("/", "-"): stored.key for stored in listed}
            return list(transfers.download(paths))

        held = copies(stored for bucket, stored in found.held.items() if bucket in wanted)
        doubtful = copies(stored for stored in found.dead if store.is_doubtful(stored))
        dead = doubtful + copies(stored for stored in found.dead if not store.is_doubtful(stored))
        told = [*copies(found.attempts), *doubtful]
        create_table(connection, "named", layout.KEY_COLUMNS, list(named))
        create_table(connection, "live", _LIVE_COLUMNS, [(row.hi, row.lo, row.segment_id) for row in live])
        rows = connection.execute(
            f"SELECT DISTINCT {_PLACE}, d.refused IS NOT NULL FROM ("
            f"SELECT {_PLACE} FROM {relation(held, layout.DELIVERY_COLUMNS)} UNION ALL"
            f" SELECT {_PLACE} FROM {relation(told, layout.ATTEMPT_COLUMNS)}"
            f") t SEMI JOIN named USING (hi, lo) ANTI JOIN live USING (hi, lo, segment)"
            f" LEFT JOIN (SELECT DISTINCT {_PLACE}, TRUE AS refused"
            f" FROM {relation(dead, layout.ATTEMPT_COLUMNS)} WHERE NOT realized) d USING ({_PLACE})"
        )
        return [refused for *_, refused in rows.fetchall()]
