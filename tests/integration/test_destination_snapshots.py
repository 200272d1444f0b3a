"""Whole memberships in a bucket of another account: what they hold, when they are written, and what they prove."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.delivery import app as delivery
from functions.privacy_requests import app as privacy
from handfast.delivery import ended
from handfast.destinations import ending, waking
from handfast.destinations.contract import Answer
from handfast.destinations.types.s3 import S3Sender
from handfast.platform import clock
from tests.worlds.asking import Asking
from tests.worlds.buckets import Desk, found
from tests.worlds.endpoints import with_readers
from tests.worlds.privacy import automatic
from tests.worlds.roles import Trust, trusting
from tests.worlds.sharing import segment
from tests.worlds.uploads import PEOPLE, handled, ingested, rows, segment_of


@pytest.fixture
def trust(stores: None) -> Iterator[Trust]:
    with trusting("dst_") as trust:
        yield trust


def manifests() -> list[dict[str, Any]]:
    return [json.loads(body) for key, body in sorted(found().items()) if key.endswith("-manifest.json")]


def members_of(told: dict[str, Any]) -> list[str]:
    """Who is in a delivery, by what its manifest names."""
    files = found()
    bodies = [files[f"in/{each['name']}"] for each in told["files"]]
    return sorted(json.loads(line)["id"] for body in bodies for line in body.splitlines())


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_a_snapshot_is_read_by_an_upload_of_the_same_mode(trust: Trust, kind: str, tmp_path: Path) -> None:
    desk = Desk(trust, *with_readers(), format=kind, mode="snapshot")
    desk.activate()
    desk.work()
    (told,) = manifests()
    (file,) = told["files"]
    (counted,) = told["segments"]
    assert (counted["segmentId"], counted["identities"]) == (desk.readers, file["rows"])
    other = segment_of(desk.member, "Read again")
    sandbox = desk.member.sandbox.sandbox_id
    columns = [{"column": "namespace", "as": "namespace"}, {"column": "id", "as": "identity"}]
    more = {"segmentId": other, "format": kind, "mode": "snapshot", "fileName": file["name"]}
    upload = ingested(desk.world, desk.member, found()[f"in/{file['name']}"], columns=columns, **more)
    assert upload.status == "completed"
    after = sorted(row[:2] for row in rows(f"memberships/sandbox={sandbox}/segment={other}/", tmp_path))
    given = sorted({row[:2] for row in rows(f"disclosures/dataflow={told['dataflowId']}/0", tmp_path)})
    assert after == given
    assert len(after) == file["rows"]


class Asked(Desk, Asking):
    """Readers and buyers in a bucket, and a request of Ann's about them."""

    def standing(self, request: str) -> list[str]:
        """The request's status, and that of the destination as its recipient."""
        found = self.member.call(privacy, "GET", f"privacy-requests/{request}").body
        return [found["status"], *(each["status"] for each in found["recipients"])]


def failing_at(monkeypatch: pytest.MonkeyPatch, suffix: str, *answers: Answer | BaseException) -> None:
    """Have the next files whose names end so not be taken, or the worker die before."""
    left, put = list(answers), S3Sender.put

    def at_fault(self: S3Sender, path: Path) -> Answer:
        if path.name.endswith(suffix) and left:
            fault = left.pop(0)
            if isinstance(fault, BaseException):
                raise fault
            return fault
        return put(self, path)

    monkeypatch.setattr(S3Sender, "put", at_fault)


@pytest.fixture
def asked(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> Asked:
    now: Callable[[], Any] = clock.now
    asked = Asked(trust, *with_readers(), format="ndjson", mode="snapshot")
    monkeypatch.setattr(clock, "now", lambda: now() + asked.later)
    automatic(asked.member.sandbox)
    buyers = segment(asked.member, "Buyers")
    ingested(asked.world, asked.member, PEOPLE, segmentId=buyers)
    asked.activate(buyers)
    asked.work()
    return asked


def test_who_is_erased_is_in_no_file_of_the_delivery_that_proves_it(asked: Asked) -> None:
    (first,) = manifests()
    assert [each["identities"] for each in first["segments"]] == [3, 3]
    request = asked.ask("erasure")
    asked.wait(seconds=10)
    assert asked.standing(request) == ["completed", "confirmed"]
    last = manifests()[-1]
    assert [each["identities"] for each in last["segments"]] == [1, 1]
    assert set(members_of(last)) < set(members_of(first))


def test_an_erasure_is_proven_by_a_complete_delivery_alone(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_at(monkeypatch, "-manifest.json", *[Answer(status=503, detail="slow down")] * 2)
    request = asked.ask("erasure")
    asked.wait(seconds=10)
    assert (asked.standing(request), len(manifests())) == (["running", "sent"], 1)
    health = asked.call("GET", f"destinations/{asked.destination}/health").body
    assert (health["waiting"], health["deadLetters"]) == (4, 0)
    for _ in range(3):
        asked.wait(minutes=2)
    assert asked.standing(request) == ["completed", "confirmed"]
    assert len(manifests()) == 2


def test_a_worker_that_dies_before_the_manifest_leaves_no_half(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_at(monkeypatch, "-manifest.json", KeyboardInterrupt())
    before = found()
    (told,) = manifests()
    asked.later += timedelta(days=1)
    waking.wake(told["dataflowId"], 0)
    (message,) = asked.world.messages("DELIVERY_QUEUE_URL")[-1:]
    with pytest.raises(KeyboardInterrupt):
        handled(delivery.handler, message)
    assert (len(manifests()), len(found())) == (1, len(before) + 1)
    asked.later += timedelta(minutes=6)
    assert handled(delivery.handler, message)
    assert len(manifests()) == 2
    assert set(found()) > set(before)


def test_a_bucket_that_refuses_has_a_dead_letter_until_a_delivery_is_complete(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_at(monkeypatch, ".ndjson", Answer(status=400, detail="Amazon S3: InvalidRequest"))
    asked.ask("erasure")
    asked.wait(seconds=10)
    (letter,) = asked.call("GET", f"destinations/{asked.destination}/dead-letters").body["items"]
    assert (letter["status"], letter["pairs"], letter["identities"], letter["inDoubt"]) == (400, 4, 2, True)
    assert len(manifests()) == 1
    replayed = asked.call("POST", f"destinations/{asked.destination}/dead-letters/replay", {"all": True})
    assert replayed.body == {"replayed": 1, "left": 0}
    asked.wait(seconds=10)
    assert len(manifests()) == 2
    assert asked.call("GET", f"destinations/{asked.destination}/dead-letters").body["items"] == []


def test_the_end_of_an_activation_is_a_delivery_of_nobody(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), format="ndjson", mode="snapshot")
    activation = desk.activate()
    desk.work()
    assert desk.call("DELETE", f"destinations/{desk.destination}/activations/{activation}").status == 200
    desk.work()
    first, last = manifests()
    assert first["files"]
    assert last["files"] == []
    assert ended.is_delivered(first["dataflowId"])
    ending.finish_ended(ended.is_delivered, ended.forget)
    assert desk.call("GET", f"destinations/{desk.destination}/activations").body["items"] == []


def test_an_activation_that_ends_and_keeps_its_members_has_no_further_delivery(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), format="ndjson", mode="snapshot")
    activation = desk.activate()
    desk.work()
    path = f"destinations/{desk.destination}/activations/{activation}"
    assert desk.call("DELETE", path, query={"members": "keep"}).status == 200
    desk.work()
    (told,) = manifests()
    assert not waking.is_awake(told["dataflowId"])
    ending.finish_ended(ended.is_delivered, ended.forget)
    assert desk.call("GET", f"destinations/{desk.destination}/activations").body["items"] == []


def test_a_destination_that_is_changed_to_snapshots_gets_one_at_once(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), format="ndjson")
    desk.activate()
    desk.work()
    assert manifests() == []
    path = f"destinations/{desk.destination}"
    refused = desk.call("PATCH", path, {"aggregation": {"maxAgeSeconds": 86_400}})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/aggregation/maxAgeSeconds")
    gathered = {"settings": {"mode": "snapshot"}, "aggregation": {"maxAgeSeconds": 86_400}}
    assert desk.call("PATCH", path, gathered).status == 200
    desk.work()
    (told,) = manifests()
    assert members_of(told)
    refused = desk.call("PATCH", path, {"settings": {"mode": "delta"}})
    assert (refused.status, "3600" in refused.body["detail"]) == (422, True)


def test_a_dry_run_shows_a_delivery(trust: Trust) -> None:
    desk = Desk(trust, *with_readers(), format="rtc-collaboration", mode="snapshot")
    body = {
        "segments": [{"segmentId": desk.readers, "mappingId": "readers"}],
        "mapping": [{"source": "email", "target": "email_lc_sha256"}],
    }
    shown = desk.call("POST", f"destinations/{desk.destination}/activations", body, query={"dryRun": "true"})
    assert shown.status == 201, shown.body
    (file,) = shown.body["sample"]
    assert file["text"].startswith("AUDIENCE_ID,HASHED_EMAIL_SHA_256,")
    assert file["text"].count("\nreaders,") == 2
