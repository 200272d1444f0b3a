"""Erasures and opt-outs done again after data went back to before them: `handfast admin replay-erasures`.

What was decided stands in the suppression log, which no restore touches (`lake.suppression_log`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from handfast.dataflows import outbox
from handfast.dataflows import store as dataflows
from handfast.identity.keys import Key
from handfast.lake import (
    answers,
    buckets,
    kept_beside,
    layout,
    person_changes,
    suppression_log,
    suppressions,
)
from handfast.lake.suppression_log import Decision, Entry
from handfast.platform import clock, objects
from handfast.platform.ids import new_id


@dataclass(frozen=True)
class Replayed:
    """What was done again in a sandbox, as counts of identities; those of `answers_forgotten` are people's ids.

    `kept_from_partners` are those that are suppressed towards single partners.
    """

    sandbox_id: str
    erased: int = 0
    opted_out: int = 0
    released: int = 0
    answers_forgotten: int = 0
    kept_from_partners: int = 0


def sandboxes() -> list[str]:
    """The sandboxes that suppress somebody, or have decided to."""
    roots = [prefix("").rstrip("/") for prefix in (layout.suppressions, layout.suppression_log)]
    names = ((root, stored.key) for root in roots for stored in objects.listing(root))
    return sorted({key.removeprefix(root).partition("/")[0] for root, key in names})


def replay(sandbox_id: str, since: datetime) -> Replayed:
    """Suppress, release and forget once more what was decided from a time on, and have the erased leave the data.

    Ingest takes them out of profiles and memberships, and every dataflow is reconciled where they lie. May be repeated.
    """
    decided: dict[Decision, set[Key]] = {name: set() for name in get_args(Decision.__value__)}
    towards_partners: set[Key] = set()
    for entry, keys in _repeated(sandbox_id, since):
        (towards_partners if entry.towards else decided[entry.decision]).update(keys)
    # The data are of before the erasure, also of who was released later: they go, and what is suppressed is in order.
    # Of before there was a log, too.
    erased = decided["erasure"] | set(suppressions.erased_since(sandbox_id, since))
    if erased:
        person_changes.erase(sandbox_id, new_id("chg"), clock.now(), erased)
        kept_beside.forget(sandbox_id, erased)
    released = decided["release"] | decided["release_erasure"]
    spans = buckets.spans_of_keys(erased | decided["opt_out"] | released | towards_partners)
    for flow in dataflows.dataflows(sandbox_id) if spans else ():
        outbox.mark_dirty(flow, "privacy_request", [buckets.span_name(span) for span in spans])
    return Replayed(
        sandbox_id,
        erased=len(erased),
        opted_out=len(decided["opt_out"]),
        released=len(released),
        answers_forgotten=len(decided["forget_answers"]),
        kept_from_partners=len(towards_partners),
    )


def _repeated(sandbox_id: str, since: datetime) -> Iterator[tuple[Entry, set[Key]]]:
    for entry in suppression_log.entries(sandbox_id, since):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "entry"
            if objects.download(entry.key, path) is None:
                continue  # its time was over just now
            if entry.decision == "forget_answers":
                answers.repeat_forgetting(sandbox_id, path)
            else:
                suppressions.repeat(sandbox_id, path, entry.decision, towards=entry.towards)
            yield entry, set(suppression_log.keys_of(path))
