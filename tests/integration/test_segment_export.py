"""The export function on a whole deployment's stores: what the receiver holds after any message, crash or race."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.connect_requests import app as connect
from functions.feeds import app as feeds_app
from functions.segments import app as segments
from handfast.activity import rules as chain
from handfast.dataflows import outbox, population, runs
from handfast.dataflows import store as dataflows
from handfast.feeds import member_reader
from handfast.platform import objects, queues
from handfast.platform.problems import Malformed
from handfast.platform.queues import MAX_RECEIVES
from handfast.segment_export import service
from tests.worlds.data_plane import Profile, value_of
from tests.worlds.exports import (
    FIFTH,
    FIRST,
    FOURTH,
    SECOND,
    THIRD,
    Export,
    decoded,
    deliver,
    names,
    shared,
)
from tests.worlds.faults import crash, failing, meanwhile


@pytest.fixture
def sharing(stores: None, tmp_path: Path) -> Export:
    return shared(tmp_path)


def test_enabling_a_feed_hands_over_exactly_the_overlap(sharing: Export) -> None:
    sharing.run()
    pair = sharing.pair
    assert sharing.held() == {
        value_of(FIRST).decode(): {pair.buyers},
        value_of(THIRD).decode(): {pair.buyers, pair.visitors},
    }
    (run,) = runs.runs(sharing.dataflow)
    assert run.status == "completed"
    assert run.counts == {
        "profilesReceived": 6,
        "identitiesActivated": 3,
        "excluded.not_in_partner": 2,
        "excluded.unknown_identity": 1,
        "realized": 3,
    }
    (sent,), (given,) = (sharing.completed(side.sandbox.sandbox_id) for side in (pair.a, pair.b))
    assert (given["runId"], given["realized"], given["exited"]) == (run.run_id, 3, 0)
    assert sent.keys() == given.keys() - {"realized", "exited"}, "whom the partner knows is not told to the source"


def test_privacy_requests_that_wait_for_a_run_are_looked_at_when_it_ends(sharing: Export) -> None:
    sharing.run()
    assert sharing.pair.world.messages("PRIVACY_QUEUE_URL") == []
    flow = dataflows.dataflow(sharing.dataflow)
    assert flow is not None
    outbox.mark_dirty(flow, "privacy_request")
    sharing.run()
    looks = sharing.pair.world.messages("PRIVACY_QUEUE_URL")
    sides = (sharing.pair.a, sharing.pair.b)
    assert {look["sandboxId"] for look in looks} == {side.sandbox.sandbox_id for side in sides}


def test_what_takes_too_long_is_left_to_another_message_of_the_same_run(
    sharing: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "WORK_FOR", timedelta(0))
    monkeypatch.setattr(service, "CHUNK_BYTES", 1)
    for _ in range(3):
        (message,) = sharing.pair.exports()
        assert [run.completed_at for run in runs.runs(sharing.dataflow)] == [None]
        assert deliver([message]) == []
    assert sharing.pair.exports() == []
    assert sharing.held().keys() == {value_of(FIRST).decode(), value_of(THIRD).decode()}
    (run,) = runs.runs(sharing.dataflow)
    assert (run.status, run.counts["realized"]) == ("completed", 3)


def test_the_population_adds_up(sharing: Export) -> None:
    sharing.run()
    found = population.population(sharing.dataflow)
    assert (found.members, found.shared) == (6, 3)
    assert found.members == 3 + sum(step.identities for step in found.steps)
    assert {step.reason: step.identities for step in found.steps if step.identities} == {
        "unknown_identity": 1,
        "not_in_partner": 2,
    }


def test_received_segments_count_what_is_held_by_namespace(sharing: Export) -> None:
    pair = sharing.pair

    def counts() -> dict[str, Any]:
        items = pair.b.call(segments, "GET", "segments", query={"origin": "received"}).body["items"]
        for item in items:
            alone = pair.b.call(segments, "GET", f"segments/{item['segmentId']}").body["counts"]
            assert held(alone) == held(item["counts"])
        return {item["segmentId"]: held(item["counts"]) for item in items}

    def held(found: Any) -> Any:
        return {name: found[name] for name in ("identities", "byNamespace")}

    nobody = {"identities": 0, "byNamespace": {}}
    assert counts() == {pair.buyers: nobody, pair.visitors: nobody}
    pair.change(sharing.feed, namespaces=["email", "idfa"])
    assert pair.decide("enable").status == 200
    sharing.profiles(pair.a.sandbox.sandbox_id, {FIRST: Profile(), SECOND: Profile(), THIRD: Profile(namespace=4)})
    sharing.run()
    assert counts() == {
        pair.buyers: {"identities": 2, "byNamespace": {"Email_LC_SHA256": 1, "IDFA": 1}},
        pair.visitors: {"identities": 1, "byNamespace": {"IDFA": 1}},
    }
    sharing.members(pair.buyers, FIRST)
    sharing.members(pair.visitors)
    sharing.dirty()
    sharing.run()
    assert counts() == {
        pair.buyers: {"identities": 1, "byNamespace": {"Email_LC_SHA256": 1}},
        pair.visitors: nobody,
    }


def test_buckets_whose_inputs_are_the_same_are_not_even_read(sharing: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    sharing.run()
    before = {stored.key: stored.etag for stored in objects.listing("disclosures/")}
    read: list[str] = []

    def reading(original: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(key: str, *rest: Any) -> Any:
            read.append(key)
            return original(key, *rest)

        return recorded

    for name in ("download", "read_end", "read_range"):
        monkeypatch.setattr(objects, name, reading(getattr(objects, name)))
    sharing.dirty()
    sharing.run()
    assert read == []
    assert {stored.key: stored.etag for stored in objects.listing("disclosures/")} == before
    newest = next(runs.runs(sharing.dataflow))
    assert (newest.status, newest.counts["identitiesActivated"], newest.counts.get("realized", 0)) == (
        "completed",
        3,
        0,
    )


def test_a_change_touches_only_its_bucket(sharing: Export) -> None:
    sharing.run()
    before = {stored.key: stored.etag for stored in objects.listing(f"disclosures/dataflow={sharing.dataflow}/0")}
    sharing.members(sharing.pair.visitors, FOURTH, FIFTH)
    sharing.dirty()
    sharing.run()
    after = {stored.key: stored.etag for stored in objects.listing(f"disclosures/dataflow={sharing.dataflow}/0")}
    assert sharing.held() == {
        value_of(FIRST).decode(): {sharing.pair.buyers},
        value_of(THIRD).decode(): {sharing.pair.buyers},
        value_of(FIFTH).decode(): {sharing.pair.visitors},
    }
    assert len(before.items() & after.items()) == 1


def test_withdrawn_consent_is_withdrawn_from_the_receiver(sharing: Export) -> None:
    sharing.run()
    refused = dict.fromkeys((FIRST, SECOND, FOURTH, FIFTH), Profile()) | {THIRD: Profile(profile_share="n")}
    sharing.profiles(sharing.pair.a.sandbox.sandbox_id, refused)
    sharing.dirty()
    sharing.run()
    assert set(sharing.held()) == names(FIRST)
    assert next(runs.runs(sharing.dataflow)).counts["exited"] == 2


def test_a_disabled_feed_gets_nothing_new_and_loses_what_leaves(sharing: Export) -> None:
    sharing.run()
    sharing.pair.decide("disable")
    sharing.members(sharing.pair.buyers, THIRD, FIFTH)
    sharing.dirty()
    sharing.run()
    assert set(sharing.held()) == names(THIRD)
    waiting = {step.reason: step.identities for step in population.population(sharing.dataflow).steps}
    assert waiting["paused"] == 1


def test_a_disconnected_partner_loses_everything_and_the_dataflow_closes(sharing: Export) -> None:
    sharing.run()
    path = f"connections/{sharing.pair.connection}/disconnect"
    assert sharing.pair.a.call(connect, "POST", path, {}).status == 200
    sharing.run()
    assert sharing.held() == {}
    flow = dataflows.dataflow(sharing.dataflow)
    assert flow
    assert flow.status == "closed"
    assert runs.delivered(sharing.dataflow) == 0


def test_a_crash_between_any_two_writes_is_repaired_by_the_repeat(sharing: Export) -> None:
    sharing.run()
    pair, crashes = sharing.pair, 0
    for writes in itertools.count():
        come = FIFTH if writes % 2 == 0 else THIRD
        sharing.members(pair.buyers, FIRST, come)
        sharing.members(pair.visitors)
        run_id = sharing.dirty()
        messages = pair.exports()
        with crash(after=writes):
            failed = deliver(messages)
        crashes += bool(failed)
        assert deliver(messages) == []
        assert set(sharing.held()) == names(FIRST, come)
        run = runs.run(sharing.dataflow, run_id)
        assert run
        assert run.status == "completed"
        exited = 2 if writes == 0 else 1  # the first round also empties the second segment
        assert (run.counts["realized"], run.counts["exited"]) == (1, exited), writes
        assert run.counts["profilesReceived"] == run.counts["identitiesActivated"] == 2
        told = [detail for detail in sharing.completed(pair.b.sandbox.sandbox_id) if detail["runId"] == run_id]
        assert [(detail["realized"], detail["exited"]) for detail in told] == [(1, exited)]
        if not failed:
            break
    assert crashes == 5  # two disclosures, the state, the span, the run


def test_a_message_delivered_twice_counts_once(sharing: Export) -> None:
    messages = sharing.pair.exports()
    assert deliver(messages * 2) == []
    assert deliver(messages) == []
    (run,) = runs.runs(sharing.dataflow)
    assert run.counts["realized"] == 3
    assert len(sharing.completed(sharing.pair.a.sandbox.sandbox_id)) == 1


def test_a_message_of_a_run_long_forgotten_does_nothing(sharing: Export) -> None:
    assert deliver([{"dataflowId": sharing.dataflow, "span": 0, "runId": "run_expired"}]) == []
    assert sharing.held() == {}


def test_a_lost_race_for_the_disclosures_reads_again_and_applies_again(sharing: Export) -> None:
    messages = sharing.pair.exports()
    with meanwhile(lambda: deliver(messages)) as others:
        assert deliver(messages) == []
    assert others == [[]]
    assert set(sharing.held()) == names(FIRST, THIRD)
    (run,) = runs.runs(sharing.dataflow)
    assert (run.status, run.counts["realized"]) == ("completed", 3)


def test_terms_that_change_while_objects_are_read_are_the_ones_that_count(
    sharing: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = sharing.pair.exports()
    original = objects.download
    once = itertools.count()

    def disabling(key: str, target: Path) -> Any:
        if next(once) == 0:
            assert sharing.pair.decide("disable").status == 200
        return original(key, target)

    monkeypatch.setattr(objects, "download", disabling)
    assert deliver(messages) == []
    assert sharing.held() == {}


def test_a_poison_message_fails_alone_and_its_group_waits(sharing: Export) -> None:
    good = sharing.pair.exports()
    poison = {"dataflowId": "flow_none", "span": 0}
    behind = {"dataflowId": "flow_none", "span": 0, "runId": "run_x"}
    assert deliver([poison, *good, behind]) == ["0", str(len(good) + 1)]
    assert set(sharing.held()) == names(FIRST, THIRD)


@pytest.mark.parametrize(
    ("error", "failure"),
    [(MemoryError("ann@example.com"), "processing_failed"), (objects.LostRaceError("disclosures/"), "lost_races")],
)
def test_a_message_that_fails_for_the_last_time_fails_its_run(sharing: Export, error: Exception, failure: str) -> None:
    pair, messages = sharing.pair, sharing.pair.exports()
    with failing(error, at="disclosures/"):
        for receive in range(1, MAX_RECEIVES):
            assert deliver(messages, receive) == ["0"]
        (run,) = runs.runs(sharing.dataflow)
        assert (run.status, run.failure) == ("running", None)
        for _ in range(2):  # once more, and nothing more is told
            assert deliver(messages, MAX_RECEIVES) == ["0"]
    (run,) = runs.runs(sharing.dataflow)
    assert (run.status, run.failure, run.outstanding) == ("failed", failure, frozenset({"000"}))
    assert run.completed_at is not None
    for side in (pair.a, pair.b):
        (record,) = sharing.told(side.sandbox.sandbox_id, "dataflow.failed")
        assert (record["actor"]["kind"], record["subject"]) == ("system", sharing.dataflow)
        assert record["detail"] == {
            "name": "Spring",
            "runId": run.run_id,
            "reason": "received_feed.enabled",
            "span": 0,
            "failure": failure,
        }
        assert chain.notification_title(record) == "A run of the dataflow “Spring” failed"
        shown = side.call(feeds_app, "GET", f"dataflows/{sharing.dataflow}/runs").body["items"]
        assert [(shown_run["status"], shown_run["failure"]) for shown_run in shown] == [("failed", failure)]

    sharing.dirty()
    sharing.run()
    assert set(sharing.held()) == names(FIRST, THIRD)
    assert [run.status for run in runs.runs(sharing.dataflow)] == ["completed", "failed"]


def test_a_failed_runs_message_that_comes_back_from_the_dead_letters_is_done(sharing: Export) -> None:
    messages = sharing.pair.exports()
    with failing(RuntimeError("down"), at="disclosures/"):
        assert deliver(messages, MAX_RECEIVES) == ["0"]
    assert deliver(messages) == []
    assert set(sharing.held()) == names(FIRST, THIRD)
    (run,) = runs.runs(sharing.dataflow)
    assert (run.status, run.outstanding) == ("failed", frozenset())
    assert sharing.completed(sharing.pair.a.sandbox.sandbox_id) == []


def test_the_last_attempt_may_still_succeed_and_one_at_nothing_known_fails_alone(sharing: Export) -> None:
    good = sharing.pair.exports()
    unknown = {"dataflowId": "flow_none", "span": 0}
    assert deliver([unknown, *good], MAX_RECEIVES) == ["0"]
    (run,) = runs.runs(sharing.dataflow)
    assert run.status == "completed"


def test_members_are_paged_and_a_cursor_serves_its_list_only(sharing: Export) -> None:
    sharing.run()
    readable = [sharing.pair.buyers, sharing.pair.visitors]
    first = member_reader.members_page(member_reader.disclosed(sharing.dataflow), readable, 1, None)
    assert first.next_cursor
    second = member_reader.members_page(member_reader.disclosed(sharing.dataflow), readable, 1, first.next_cursor)
    assert second.next_cursor is None
    assert {decoded(item.value) for item in (*first.items, *second.items)} == names(FIRST, THIRD)
    with pytest.raises(Malformed):
        member_reader.members_page(member_reader.disclosed(sharing.dataflow), readable[:1], 1, first.next_cursor)
    assert member_reader.members_page(member_reader.disclosed(sharing.dataflow), [], 10, None).items == []


def test_an_export_is_behind_a_link(sharing: Export) -> None:
    sharing.run()
    readable = [sharing.pair.buyers]
    found = member_reader.export_file(
        member_reader.disclosed(sharing.dataflow), readable, "csv", sandbox_id="sbx_b", name="members"
    )
    assert found.members == 2
    (stored,) = objects.listing("packages/sbx_b/")
    assert stored.key in found.url
    body = boto3.client("s3").get_object(Bucket="handfast-data", Key=stored.key)["Body"].read().decode()
    assert body.splitlines()[0] == "namespace,value,segmentIds,since"
    assert len(body.splitlines()) == 3
