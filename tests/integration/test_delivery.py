"""From a segment to an endpoint: exported, delivered, refused, replayed, withdrawn, ended."""

import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from handfast.dataflows.models import Dataflow
from handfast.delivery import ended, passes, store
from handfast.delivery.models import Counts, Standing
from handfast.delivery.passes import Passed
from handfast.destinations import ending, waking
from handfast.destinations.sending import Sending
from handfast.platform import clock
from tests.worlds.endpoints import emptied, with_readers
from tests.worlds.faults import calls_made
from tests.worlds.line import Line
from tests.worlds.privacy import automatic
from tests.worlds.receiver import Receiver
from tests.worlds.template import FUNCTIONS
from tests.worlds.uploads import handled

ROOT = Path(__file__).parents[2]


@pytest.fixture
def line(stores: None, endpoint: Receiver, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    return Line(*with_readers(), emptied(endpoint))


def test_members_arrive_and_leave_with_the_activation(line: Line) -> None:
    line.work()
    entered = line.got()
    assert entered
    assert {change for _, change in entered} == {"realized"}
    health = line.on("GET", "health").body
    assert (health["status"], health["deadLetters"], health["waiting"]) == ("healthy", 0, 0)
    (window,) = health["windows"]
    assert (window["profilesReceived"], window["identitiesActivated"]) == (len(entered), len(entered))
    assert window["activationRate"] == 1

    line.endpoint.got = []
    assert line.on("DELETE", f"activations/{line.activation}").status == 200
    assert not ended.is_delivered(line.dataflow)
    line.work()
    assert line.got() == [(identity, "exited") for identity, _ in entered]
    assert ended.is_delivered(line.dataflow)
    ending.finish_ended(ended.is_delivered, ended.forget)
    assert line.on("GET", "activations").body["items"] == []


def test_a_refused_batch_is_shown_replayed_and_taken(line: Line) -> None:
    line.endpoint.answers = [(400, {})]
    line.work()
    letters = line.on("GET", "dead-letters").body["items"]
    letter = letters[0]
    assert (letter["status"], letter["reason"], letter["attempts"], letter["inDoubt"]) == (400, "400", 1, False)
    line.endpoint.answers, line.endpoint.got = [(204, {})], []
    line.work()
    assert line.got() == []
    assert line.on("POST", "dead-letters/replay", {"all": True}).body == {
        "replayed": len(letters),
        "left": 0,
    }
    line.work()
    assert len(line.got()) == sum(each["identities"] for each in letters)
    assert line.on("GET", "dead-letters").body["items"] == []


def test_the_hours_of_a_dataflow_add_up_and_its_destination_is_measured(
    line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line.endpoint.answers = [(400, {}), (204, {})]
    line.work()
    written = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "DeliveryCalls" in text]
    (emitted,) = (text for text in written if "_aws" in text)
    (about,) = emitted["_aws"]["CloudWatchMetrics"]
    assert (about["Namespace"], set(about["Dimensions"][0])) == ("Handfast", {"destination", "service"})
    assert emitted["destination"] == line.destination
    shown = (ROOT / "template.yaml").read_text()
    widgets = re.findall(r'SEARCH\(.{Handfast,destination,service} MetricName=\\"(\w+)', shown)
    assert {each["Name"] for each in about["Metrics"]} == set(widgets)
    path = f"dataflows/{line.dataflow}/delivery-runs"
    (run,) = line.call("GET", path).body["items"]
    failed, given = sum(run["identitiesFailed"].values()), run["identitiesActivated"]
    assert (run["status"], run["profilesReceived"], emitted["IdentitiesFailed"]) == (
        "processing",
        failed + given,
        [failed],
    )
    kept_back = sum(run["identitiesExcluded"]["byReason"].values())
    population = line.member.call(feeds, "GET", f"dataflows/{line.dataflow}/population").body
    steps = {step["reason"]: step["identities"] for step in population["steps"] if step["identities"]}
    assert run["identitiesExcluded"]["byReason"] == steps
    assert (run["members"], run["members"] - kept_back) == (population["members"], failed + given)
    (segment,) = run["segments"]
    assert (segment["identitiesActivated"], segment["identitiesFailed"]) == (given, failed)
    assert (segment["members"], segment["identitiesExcluded"]) == (run["members"], run["identitiesExcluded"])
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    waking.wake(line.dataflow, 0)
    line.work()
    now, before = line.call("GET", path).body["items"]
    assert (before["status"], now["start"] > before["start"]) == ("completed", True)
    first = line.call("GET", path, query={"limit": "1"}).body
    assert first["items"] == [now]
    assert line.call("GET", path, query={"limit": "1", "cursor": first["nextCursor"]}).body["items"] == [before]
    assert line.world.member(line.world.b).call(destinations, "GET", path).status == 404


def test_an_hour_of_many_segments_is_counted(line: Line) -> None:
    """More numbers than an expression of DynamoDB takes."""
    counts = Counts()
    for number in range(300):
        counts.take(f"seg_{number}", 1, entered=True)
        counts.take(f"seg_{number}", 1, entered=False)
    for excluded in ({"consent": 3, "paused": 1}, {"consent": 2}):
        store.count(line.destination, line.dataflow, counts, Standing(0, 9, excluded))
    (hour,) = store.hours(line.destination, line.dataflow, "")
    assert (hour.numbers["activated.seg_7"], hour.numbers["exited.seg_299"]) == (2, 2)
    assert {name: each for name, each in hour.numbers.items() if name.startswith("excluded.")} == {
        "excluded.0.consent": 2
    }


def test_exclusions_are_told_by_segment_where_all_of_an_hour_is_known(line: Line) -> None:
    spans = (
        Standing(0, 9, {"consent": 3}, {"seg_1": {"shared": 4, "consent": 3}, "seg_2": {"shared": 2}}),
        Standing(1, 5, {"consent": 1, "policy": 2}, {"seg_1": {"consent": 1}, "seg_2": {"policy": 2, "shared": 2}}),
    )
    for standing in spans:
        store.count(line.destination, line.dataflow, Counts(), standing)
    (run,) = line.call("GET", f"dataflows/{line.dataflow}/delivery-runs").body["items"]
    (window,) = line.on("GET", "health").body["windows"]
    assert run["segments"] == window["segments"]
    assert [(each["segmentId"], each["members"], each["identitiesExcluded"]) for each in run["segments"]] == [
        ("seg_1", 8, {"byReason": {"consent": 4}}),
        ("seg_2", 6, {"byReason": {"policy": 2}}),
    ]
    assert sum(each["members"] for each in run["segments"]) == run["members"] == 14

    store.count(line.destination, line.dataflow, Counts(), Standing(1, 5, {"consent": 5}))  # as of before
    (run,) = line.call("GET", f"dataflows/{line.dataflow}/delivery-runs").body["items"]
    assert (run["members"], run["identitiesExcluded"]) == (14, {"byReason": {"consent": 8}})
    assert [(each["members"], each["identitiesExcluded"]) for each in run["segments"]] == [(None, None)] * 2


def test_a_discarded_batch_is_never_sent(line: Line) -> None:
    line.endpoint.answers = [(422, {})]
    line.work()
    letters = line.on("GET", "dead-letters").body["items"]
    for letter in letters:
        assert line.on("DELETE", f"dead-letters/{letter['batchId']}").status == 204
        assert line.on("DELETE", f"dead-letters/{letter['batchId']}").status == 404
    line.endpoint.answers, line.endpoint.got = [(204, {})], []
    waking.wake(line.dataflow, 0)
    line.work()
    assert line.got() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"all": True, "batchIds": ["bat_1"]}, 422), ({"batchIds": ["bat_1"]}, 404), ({"from": "now"}, 422)],
)
def test_a_replay_says_which_letters_it_means(line: Line, body: dict[str, Any], status: int) -> None:
    assert line.on("POST", "dead-letters/replay", body).status == status


def test_an_endpoint_that_is_down_is_waited_for_and_shown_as_failing(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.endpoint.answers = [(503, {"retry-after": "120"})]
    line.work()
    health = line.on("GET", "health").body
    assert (health["status"], health["reason"], health["deadLetters"]) == ("failing", "503", 0)
    assert health["waiting"] > 0
    began, later = clock.now(), clock.now() + timedelta(minutes=10)
    assert health["retryAt"] > clock.to_text(began + timedelta(seconds=100))
    calls = len(line.endpoint.got)
    waking.wake(line.dataflow, 0)
    line.work()
    assert len(line.endpoint.got) == calls
    monkeypatch.setattr(clock, "now", lambda: later)
    line.endpoint.answers, line.endpoint.got = [(204, {})], []
    waking.wake_overdue()
    line.work()
    assert line.got()
    assert line.on("GET", "health").body["status"] == "healthy"
    assert store.breaker(line.destination) is None


def test_an_opt_out_takes_a_person_out_of_destinations_and_an_opt_in_lets_them_back(line: Line) -> None:
    automatic(line.member.sandbox)
    line.work()
    ann = sha256(b"ann@example.com").hexdigest()
    assert (ann, "realized") in line.got()
    for kind, change in (("opt_out", "exited"), ("opt_in", "realized"), ("erasure", "exited")):
        line.endpoint.got = []
        line.asked(kind)
        assert line.got() == [(ann, change)], kind


def test_one_persons_change_asks_little_of_aws(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    automatic(line.member.sandbox)
    line.work()
    line.endpoint.got = []
    asked: list[str] = []
    handle = delivery.handler

    def counted(event: dict[str, Any], context: object) -> Any:
        with calls_made() as made:
            answer = handle(event, context)
        asked.extend(made if line.endpoint.got and not asked else [])
        return answer

    monkeypatch.setattr(delivery, "handler", counted)
    line.asked("opt_out")
    assert len(line.endpoint.got) == 1
    of_s3 = {name: asked.count(name) for name in ("ListObjectsV2", "GetObject", "PutObject", "DeleteObjects")}
    assert of_s3 == {"ListObjectsV2": 2, "GetObject": 4, "PutObject": 3, "DeleteObjects": 1}, asked
    assert len(asked) < 30, asked


def test_a_slow_destination_has_a_part_of_the_workers_and_another_is_delivered_to_meanwhile(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each span of the slow one that is begun stays in work while all that come after it are handed out."""
    other = Line(line.world, line.member, line.readers, line.endpoint)
    left = [{"dataflowId": line.dataflow, "span": span} for span in range(100)]
    left.append({"dataflowId": other.dataflow, "span": 0})
    begun: list[str] = []

    def work(flow: Dataflow, span: int, _: Sending, __: object) -> Passed:
        begun.append(f"{flow.dataflow_id} {span}")
        while left:
            assert handled(delivery.handler, left.pop(0), first=len(left))
        return Passed(Counts(), is_unfinished=False, due_at=None)

    monkeypatch.setattr(passes, "deliver", work)
    assert handled(delivery.handler, left.pop(0), first=len(left))
    assert begun == [*(f"{line.dataflow} {span}" for span in range(store.WORKERS_AT_ONCE)), f"{other.dataflow} 0"]
    workers = FUNCTIONS["DeliveryFunction"]["Events"]["Queue"]["Properties"]["ScalingConfig"]["MaximumConcurrency"]
    assert workers >= 10 * store.WORKERS_AT_ONCE
    assert FUNCTIONS["DeliveryFunction"]["Timeout"] == store.WORKER_SECONDS


def test_of_a_destination_of_somebody_else_nothing_is_told(line: Line) -> None:
    other = line.world.member(line.world.b)
    for method, path in (("GET", "health"), ("GET", "dead-letters"), ("DELETE", "dead-letters/bat_1")):
        assert other.call(destinations, method, f"destinations/{line.destination}/{path}").status == 404
