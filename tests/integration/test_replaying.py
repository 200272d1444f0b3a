"""Erasures and opt-outs after a restore: everything but the suppression log goes back to before them."""

import json
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from handfast.lake import answers, suppression_log, suppressions
from handfast.platform import aws, clock, objects
from handfast.platform.secret import identity_secret
from handfast.privacy_requests import replaying
from handfast.privacy_requests.replaying import Replayed
from handfast_cli.main import app
from tests.integration.test_privacy_requests import IN_MEMORY, built_ring, stores  # noqa: F401 - its stores
from tests.worlds.privacy import ANN, ANN_KEYS, BOB, COLUMNS, Ring, automatic, file_of
from tests.worlds.uploads import apply_all, identity, ingested, keys

LOG = "suppression_log/"


def backup() -> Callable[[], None]:
    """Take a backup of the tables and the bucket; returns what restores it, the suppression log alone left as it is."""
    client, items = aws.s3(), deepcopy(IN_MEMORY.items)
    kept = {key: client.get_object(Bucket=objects.bucket_name(), Key=key) for key in keys("")}
    bodies = {key: (found["Body"].read(), found["Metadata"]) for key, found in kept.items()}

    def restore() -> None:
        IN_MEMORY.items = items
        objects.delete(*(key for key in keys("") if not key.startswith(LOG)))
        for key, (body, metadata) in bodies.items():
            client.put_object(Bucket=objects.bucket_name(), Key=key, Body=body, Metadata=metadata)

    return restore


def replayed(ring: Ring, since: datetime) -> list[Replayed]:
    """Replay in every sandbox, and let ingest and export do their part."""
    done = [replaying.replay(sandbox_id, since) for sandbox_id in replaying.sandboxes()]
    apply_all(ring.world)
    ring.export()
    return done


def test_an_erased_person_is_gone_again_after_everything_went_back_to_before_the_erasure(
    stores: None,  # noqa: F811
    tmp_path: Path,
) -> None:
    ring = built_ring()
    members = ring.a, ring.b, ring.c
    automatic(*(member.sandbox for member in members))
    answers.give(ring.a.sandbox.sandbox_id, [answers.key(identity_secret(), "1")], "n", clock.now())
    restore, since = backup(), clock.now()
    ring.requested(ring.a)
    suppressions.add(ring.a.sandbox.sandbox_id, [identity("email", BOB[1])], "opt_out", clock.now())
    ring.work()
    restore()
    assert set(ring.held(ring.a, tmp_path, *ANN_KEYS)) == {"profiles", "memberships", "disclosures"}

    done = replayed(ring, since)
    assert [(one.erased, one.opted_out) for one in done] == [(2, 1), (2, 0), (2, 0)]
    assert done[0].answers_forgotten == 1
    opted_out = identity("email", BOB[1])
    assert suppressions.find(ring.a.sandbox.sandbox_id, [opted_out]) == {opted_out: "opt_out"}
    for member in members:
        assert ring.held(member, tmp_path, *ANN_KEYS) == []
    assert answers.find(ring.a.sandbox.sandbox_id, identity_secret(), ["1"]) == {}
    segment_id = ring.segments[ring.a.sandbox.name]
    upload = ingested(ring.world, ring.a, file_of(ANN, BOB), columns=COLUMNS, segmentId=segment_id)
    assert (upload.accepted, upload.rejected_by_reason) == (1, {"suppressed": 1})


def test_a_replay_may_be_repeated_and_writes_nothing_down_again(stores: None, tmp_path: Path) -> None:  # noqa: F811
    ring, since = built_ring(), clock.now()
    suppressions.add(ring.a.sandbox.sandbox_id, [identity(*ANN_KEYS[0])], "erasure", clock.now())
    logged = keys(LOG)
    first = replayed(ring, since)
    assert replayed(ring, since) == first
    assert keys(LOG) == logged
    assert "profiles" in ring.held(ring.b, tmp_path, ANN_KEYS[0])


@pytest.mark.usefixtures("stores")
def test_decisions_are_repeated_in_their_order_and_only_from_the_time_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox_id, start = "sbx_1", clock.now()
    steps = [("opt_out", [(1, 1)]), ("opt_out", [(2, 2), (3, 3)]), ("release", [(2, 2)])]
    for minute, (decision, named) in enumerate(steps):
        monkeypatch.setattr(clock, "now", lambda minute=minute: start + timedelta(minutes=minute))
        if decision == "release":
            suppressions.release(sandbox_id, named)
        else:
            suppressions.add(sandbox_id, named, "opt_out", clock.now())
    objects.delete(*keys("suppressions/"))
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")  # the operator's
        time.tzset()
        found = replaying.replay(sandbox_id, start + timedelta(minutes=1))
    time.tzset()
    assert (found.erased, found.opted_out, found.released) == (0, 2, 1)
    since = clock.to_text(start + timedelta(minutes=1))
    assert suppressions.entries(sandbox_id, [(1, 1), (2, 2), (3, 3)]) == {(3, 3): ("opt_out", since)}


@pytest.mark.usefixtures("stores")
def test_an_erasure_of_before_there_was_a_log_is_replayed_from_the_suppressions() -> None:
    since = clock.now()
    suppressions.add("sbx_1", [(1, 1)], "erasure", clock.now())
    suppressions.add("sbx_1", [(2, 2)], "erasure", since - timedelta(days=1))
    objects.delete(*keys(LOG))
    assert replaying.sandboxes() == ["sbx_1"]
    assert replaying.replay("sbx_1", since).erased == 1


@pytest.mark.usefixtures("stores")
def test_what_names_nobody_is_not_written_down() -> None:
    suppressions.add("sbx_1", [], "erasure", clock.now())
    suppressions.release("sbx_1", [])
    assert keys(LOG) == []
    assert list(suppression_log.entries("sbx_1", clock.now() - timedelta(days=1))) == []


# The command


def replay_erasures(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["admin", "replay-erasures", *words, "--stack", "handfast-prod"], input=typed)


@pytest.mark.usefixtures("stack")
def test_the_command_asks_and_tells_what_it_has_done_in_each_sandbox() -> None:
    since = clock.now_text()
    suppressions.add("sbx_1", [(1, 1), (2, 2)], "erasure", clock.now())
    objects.delete(*keys("suppressions/"))
    refused = replay_erasures("--since", since, typed="n\n")
    assert (refused.exit_code, keys("suppressions/")) == (1, [])
    assert "what 1 sandboxes have decided since" in " ".join(refused.stderr.split())
    (done,) = json.loads(replay_erasures("--since", since, "--yes", "--json").stdout)["items"]
    assert done == {"sandboxId": "sbx_1", "erased": 2, "optedOut": 0, "released": 0, "answersForgotten": 0}
    assert suppressions.count("sbx_1") == {"erasure": 2}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("since", ["yesterday", "2026-01-01", "2026-01-01T00:00:00", "2999-01-01T00:00:00Z"])
def test_a_time_that_is_none_or_has_no_zone_or_is_to_come_is_refused(since: str) -> None:
    result = replay_erasures("--since", since, "--yes")
    assert (result.exit_code, "--since is" in result.stderr) == (2, True)
