"""An enabled feed whose two sides hold a few identities, and its export."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from functions.segment_export import app as export
from handfast.dataflows import outbox
from handfast.dataflows import store as dataflows
from handfast.feeds import member_reader
from handfast.journal import store as journal
from handfast.platform import objects
from tests.worlds.data_plane import KEYS, KNOWN_PROFILES, PROFILES, Identity, Profile, value_of, write_buckets
from tests.worlds.sandboxes import CONTEXT, organizations
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.stores import built_once

BITS = 6
SINCE = datetime(2026, 1, 1)  # noqa: DTZ001 - as Parquet holds it

# Two identities in each of three buckets.
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = [
    (base + low, low) for base, low in itertools.product((0, 1 << 60, -(1 << 62)), (1, 2))
]


@dataclass
class Export:
    """A feed of two segments that the receiver has enabled, with its export not yet run."""

    pair: Pair
    folder: Path
    feed: str
    dataflow: str

    def put(self, prefix: str, columns: str, rows: dict[Identity, Any]) -> None:
        """Replace all objects below a prefix."""
        files = write_buckets(self.folder / prefix, columns, rows.items(), BITS)
        objects.delete(*[stored.key for stored in objects.listing(f"{prefix}/")])
        for bucket, path in files.items():
            objects.write_file(f"{prefix}/{bucket:05d}.parquet", path, replaces=None)

    def profiles(self, sandbox_id: str, profiles: dict[Identity, Profile]) -> None:
        """Replace the profiles of a sandbox."""
        self.put(
            f"profiles/sandbox={sandbox_id}", PROFILES, {key: profile.row(key) for key, profile in profiles.items()}
        )

    def source(self, *keys: Identity) -> None:
        """Have the source know exactly these identities."""
        self.profiles(self.pair.a.sandbox.sandbox_id, dict.fromkeys(keys, Profile()))

    def target(self, *keys: Identity) -> None:
        """Have the target know exactly these identities."""
        self.profiles(self.pair.b.sandbox.sandbox_id, dict.fromkeys(keys, Profile()))

    def target_since(self, hours: dict[Identity, int | None]) -> None:
        """Have the target know exactly these identities, each since an hour."""
        rows = {key: (*Profile().row(key), hour) for key, hour in hours.items()}
        self.put(f"profiles/sandbox={self.pair.b.sandbox.sandbox_id}", KNOWN_PROFILES, rows)

    def members(self, segment_id: str, *keys: Identity) -> None:
        """Replace a segment's members."""
        self.put(
            f"memberships/sandbox={self.pair.a.sandbox.sandbox_id}/segment={segment_id}",
            KEYS,
            {key: (*key, SINCE) for key in keys},
        )

    def dirty(self) -> str:
        """Begin a run over everything; returns its id."""
        flow = dataflows.dataflow(self.dataflow)
        assert flow
        return outbox.mark_dirty(flow, "test").run_id

    def run(self) -> None:
        """Handle every message that waits."""
        assert deliver(self.pair.exports()) == []

    def held(self) -> dict[str, set[str]]:
        """What the receiver reads, by value."""
        page = member_reader.members_page(
            member_reader.disclosed(self.dataflow), [self.pair.buyers, self.pair.visitors], 200, None
        )
        return {decoded(item.value): set(item.segment_ids) for item in page.items}

    def told(self, sandbox_id: str, event_type: str) -> list[dict[str, Any]]:
        """A sandbox's activity records of a type."""
        return [dict(record) for record in journal.log(sandbox_id) if record["type"] == event_type]

    def completed(self, sandbox_id: str) -> list[dict[str, Any]]:
        """The details of the completed runs that a sandbox was told of."""
        return [record["detail"] for record in self.told(sandbox_id, "dataflow.completed")]


def shared(folder: Path) -> Export:
    """Two sandboxes that know five and four people, three of them the same ones; the feed is enabled."""
    return replace(_built_export(), folder=folder)


@built_once
def _built_export() -> Export:
    pair = pair_of(organizations())
    feed = pair.published(segmentIds=[pair.buyers, pair.visitors])
    answer = pair.decide("enable")
    assert answer.status == 200, answer.body
    with TemporaryDirectory() as folder:
        sharing = Export(pair, Path(folder), feed, answer.body["dataflowId"])
        sharing.source(FIRST, SECOND, THIRD, FOURTH, FIFTH)
        sharing.target(FIRST, THIRD, FIFTH, SIXTH)
        sharing.members(pair.buyers, FIRST, SECOND, THIRD)
        sharing.members(pair.visitors, THIRD, FOURTH, SIXTH)
    return sharing


def share_once(pair: Pair) -> None:
    """Publish a feed of the pair, have it enabled, and its first run done."""
    pair.published()
    assert pair.decide("enable").status == 200
    assert deliver(pair.exports()) == []


def decoded(value: str) -> str:
    """A test identity's value, as text."""
    return bytes.fromhex(value).decode()


def deliver(bodies: Iterable[dict[str, Any]], receive_count: int = 1) -> list[str]:
    """Hand messages to the function in one batch; returns the failed ones' numbers."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": str(number),
            "body": json.dumps(body),
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:export.fifo",
            "attributes": {
                "ApproximateReceiveCount": str(receive_count),
                "MessageGroupId": f"{body.get('dataflowId')}/{body.get('span')}",
            },
        }
        for number, body in enumerate(bodies)
    ]
    if not records:
        return []
    answer = export.handler({"Records": records}, CONTEXT)
    return [str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def names(*keys: Identity) -> set[str]:
    """The values of identities, as `held` gives them."""
    return {value_of(key).decode() for key in keys}
