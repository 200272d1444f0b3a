"""Values planted through a whole story are in no record: log, queue, table, object key, link, error or object.

Raw values stand in `uploads/` while a file waits there, and nowhere else; after a completed erasure no value stands
anywhere in any form, and keys only in suppressions, in their log and in rows of the ledger that hold no value.
"""

import base64
import hashlib
import io
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest

from functions.approvals import app as approvals
from functions.feeds import app as feeds_app
from functions.privacy_requests import app as privacy
from functions.segments import app as segments_app
from handfast.identity.keys import key
from handfast.identity.namespaces import namespace
from handfast.lake import change_log, people
from handfast.platform import objects, secret
from handfast.platform.observability import logger
from handfast.platform.queues import MAX_RECEIVES
from handfast.privacy_requests import stages
from tests.worlds.exports import deliver
from tests.worlds.privacy import Ring, automatic
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import connected, segment
from tests.worlds.stores import TABLES
from tests.worlds.uploads import announce, apply_all, deliver_file, handled, put_file

MAIL, PHONE = "planted.person@example.com", "+14155550199"
DEVICE, ECID = "5f0c7a52-9d11-4c7e-8a44-1b2d3e4f5a6b", "10238471029384710293847102938471029384"
PROFILE = "profile-of-the-planted-person"
RAW = {"email": MAIL, "phone": PHONE, "gaid": DEVICE, "ecid": ECID}
COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "ad", "as": "identity", "namespace": "gaid"},
    {"column": "ecid", "as": "identity", "namespace": "ecid"},
    {"column": "city", "as": "attribute", "name": "city"},
]
CITY = "Plantedville"
BOB = "2,bob@example.com,,,,\n"
FILE = f"id,mail,tel,ad,ecid,city\n{PROFILE},{MAIL},{PHONE},{DEVICE},{ECID},{CITY}\n{BOB}".encode()
ODD = f"id,mail,tel,ad,ecid,city\n{PROFILE},{MAIL} or so,{PHONE}x,{DEVICE}z,{ECID}9,\n{BOB}".encode()


def canonical(name: str) -> bytes:
    return namespace(name).normalise(RAW[name])


def forms(value: bytes) -> set[bytes]:
    """A value as text may carry it."""
    return {value, value.hex().encode(), value.hex().upper().encode(), base64.b64encode(value).rstrip(b"=")}


def raw_forms() -> set[bytes]:
    """What never stands anywhere but in an upload: raw values of namespaces that are hashed, plain or in a link."""
    found = {PHONE.removeprefix("+").encode(), MAIL.replace("@", "%40").encode()}
    return found.union(*(forms(raw.encode()) for raw in (MAIL, PHONE)))


def all_forms() -> set[bytes]:
    """Every form of everything that is known of the person."""
    digests = {hashlib.sha256(raw.encode()).digest() for raw in RAW.values()}
    values = {*map(canonical, RAW), *digests, PROFILE.encode(), CITY.encode(), *(raw.encode() for raw in RAW.values())}
    return raw_forms().union(*map(forms, values))


def keys_of_the_person() -> set[tuple[int, int]]:
    return {key(secret.identity_secret(), namespace(name).code, canonical(name)) for name in RAW}


@dataclass
class Records:
    """All that the story leaves behind outside the data itself."""

    printed: io.StringIO
    answers: list[str]
    sent: list[str]

    def texts(self) -> Iterator[tuple[str, bytes]]:
        yield "log", self.printed.getvalue().encode()
        yield from (("answer", answer.encode()) for answer in self.answers)
        yield from (("message", body.encode()) for body in self.sent)
        client = boto3.client("dynamodb")
        for name in (*TABLES, "idempotency"):
            for item in client.scan(TableName=os.environ.get(f"{name}_TABLE", name))["Items"]:
                yield f"table {name}", json.dumps(item, default=_binary).encode()
        yield from (("object key", stored.key.encode()) for stored in objects.listing(""))

    def assert_without(self, planted: set[bytes]) -> None:
        for where, text in self.texts():
            for value in planted:
                assert value not in text, (where, value, text[max(0, text.find(value) - 300) :][:600])


def _binary(value: Any) -> str:
    return base64.b64encode(bytes(value)).decode()


def contents(folder: Path) -> Iterator[tuple[str, list[bytes], set[tuple[int, int]]]]:
    """Every object: its name, its bytes and cells, and the keys of its rows that hold a value or are members."""
    for stored in objects.listing(""):
        path = folder / "object"
        objects.download(stored.key, path)
        if not stored.key.endswith(".parquet"):
            yield stored.key, [path.read_bytes()], set()
            continue
        found = duckdb.read_parquet(str(path))
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
        cells = [cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row.values()]
        keyed = {(row["hi"], row["lo"]) for row in rows if "hi" in row and row.get("value", b"") is not None}
        yield stored.key, [path.read_bytes(), *cells], keyed


@pytest.fixture
def records(stores: None, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Everything printed by the logger as Lambda would, every answer and every message."""
    records = Records(io.StringIO(), [], [])
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            monkeypatch.setattr(handler, "stream", records.printed)
    call, messages = Member.call, World.messages

    def noted(self: Member, *arguments: Any, **named: Any) -> Any:
        answer = call(self, *arguments, **named)
        records.answers.append(json.dumps([answer.body, answer.headers]))
        return answer

    def taken(self: World, queue: str) -> Any:
        found = messages(self, queue)
        records.sent += map(json.dumps, found)
        return found

    monkeypatch.setattr(Member, "call", noted)
    monkeypatch.setattr(World, "messages", taken)
    return records


@dataclass
class Story:
    """A shares the planted person with B, and both hold the person."""

    ring: Ring
    records: Records
    segment: str

    @property
    def world(self) -> World:
        return self.ring.world

    def upload(self, member: Member, content: bytes, **members: Any) -> None:
        upload_id = announce(member, columns=COLUMNS, **members)
        put_file(member, upload_id, content)
        assert deliver_file(member, upload_id)
        apply_all(self.world)

    def stream(self, member: Member) -> Any:
        changes = [
            {"identity": {"namespace": name, "value": raw}, "segmentId": self.segment, "status": "realized"}
            | {"profileId": PROFILE}
            for name, raw in RAW.items()
        ]
        body = {"changes": [*changes, {**changes[0], "identity": {"namespace": "email", "value": f"{MAIL} or so"}}]}
        return member.call(segments_app, "POST", "memberships", body, headers={"Idempotency-Key": "stream"}).body

    def ask(self, member: Member, **members: Any) -> Any:
        body = {"type": "erasure", "regulation": "gdpr", "verified": True} | members
        body.setdefault("subject", {"identities": [{"namespace": "phone", "value": PHONE}]})
        return member.call(privacy, "POST", "privacy-requests", body, headers={"Idempotency-Key": str(members)}).body


@pytest.fixture
def story(world: World, records: Records) -> Story:
    a, b, c = world.member(world.a), world.member(world.b), world.member(world.c)
    automatic(world.a, world.b, world.c, erasures="everything")
    story = Story(Ring(world, a, b, c, {}, {}, {}), records, segment(a, "Buyers"))
    story.upload(a, FILE, segmentId=story.segment)
    story.upload(b, FILE)
    body = {
        "name": "Spring",
        "segmentIds": [story.segment],
        "namespaces": list(RAW),
        "restrictedMarketingActions": [],
        "connectionIds": [connected(a, b)],
    }
    feed = a.call(feeds_app, "POST", "feeds", body).body["feedId"]
    assert a.call(feeds_app, "POST", f"feeds/{feed}/publish").status == 200
    received = b.call(feeds_app, "GET", "received-feeds").body["items"][0]["receivedFeedId"]
    assert b.call(approvals, "POST", f"received-feeds/{received}/enable").status == 200
    story.ring.export()
    return story


def raised(*_: Any, **__: Any) -> Any:
    """A failure that quotes a person, as a library's may, with a cause and a note that do as well."""
    cause = ValueError(f"cannot read {MAIL} of {PROFILE}")
    cause.add_note(PHONE)
    raise RuntimeError(f"{MAIL} {PHONE} {DEVICE} {ECID}") from cause


def failing(times: int, original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, which first fails a few times."""
    left = [None] * times

    def sometimes(*arguments: Any, **named: Any) -> Any:
        return raised() if left and left.pop() is None else original(*arguments, **named)

    return sometimes


def test_no_record_of_a_story_full_of_failures_names_the_person_and_an_erasure_leaves_nothing(
    story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ring, records = story.ring, story.records
    story.stream(ring.a)
    apply_all(ring.world)
    ring.export()
    story.upload(ring.a, ODD)
    ring.a.call(segments_app, "POST", "memberships", {"changes": [{"identity": MAIL}]})
    ring.a.call(privacy, "POST", "privacy-requests", {"type": MAIL, "subject": {"identities": [{"value": PHONE}]}})
    assert story.ask(ring.a, note=f"from {MAIL}")["status"] == 422
    unverified = story.ask(ring.a, verified=False)
    story.ask(ring.a, verified=False)  # the repeated call
    for _ in range(MAX_RECEIVES):  # what fails for the last time goes to the dead letters as it came
        with monkeypatch.context() as patch:
            patch.setattr(change_log, "pending", raised)
            assert not handled(_ingest, {"sandboxId": ring.a.sandbox.sandbox_id, "span": 0})
    with monkeypatch.context() as patch:
        patch.setattr("handfast.matching.engine.reconcile", raised)
        flows = ring.b.call(feeds_app, "GET", "dataflows").body["items"]
        flow = flows[0]["dataflowId"]
        story.upload(ring.a, FILE.replace(b"bob", b"bert"), segmentId=story.segment)
        waiting = ring.world.messages("EXPORT_QUEUE_URL")
        assert waiting
        assert deliver(waiting, MAX_RECEIVES)
        assert ring.b.call(feeds_app, "GET", f"dataflows/{flow}/runs").body["items"][0]["status"] == "failed"
    for name in stages.WORK:
        monkeypatch.setitem(stages.WORK, name, failing(2, stages.WORK[name]))
    exported = ring.b.call(feeds_app, "GET", "received-feeds").body["items"][0]["receivedFeedId"]
    assert (
        ring.b.call(segments_app, "POST", f"received-feeds/{exported}/members/export", {"format": "csv"}).status == 201
    )
    assert list(objects.listing("packages/"))
    made = story.ask(ring.a)["privacyRequestId"]
    ring.work(40)
    view = ring.get(ring.a, made)
    assert view["status"] == "completed", view
    code = unverified["verificationCode"]
    ring.a.call(privacy, "POST", f"privacy-requests/{unverified['privacyRequestId']}/cancel")
    history = ring.a.call(privacy, "GET", f"privacy-requests/{made}/history")
    assert history.status == 200
    story.upload(ring.a, FILE, segmentId=story.segment)
    assert story.stream(ring.b)["accepted"] == 0
    ring.work()

    planted = all_forms()
    texts = [text for where, text in records.texts() if where.startswith("table")]
    assert texts
    assert not any(f'"{code}"'.encode() in text or f'\\"{code}\\"'.encode() in text for text in texts)
    records.answers = [answer for answer in records.answers if "verificationCode" not in answer]
    records.assert_without(planted)
    assert "failed" in records.printed.getvalue()
    gone = keys_of_the_person()
    for place, cells, keyed in contents(tmp_path):
        for cell in cells:
            assert not any(value in cell for value in planted), place
        if not place.startswith(("suppressions", "suppression_log/")):
            assert not keyed & gone, place
    assert not list(objects.listing("subjects/"))
    assert not list(objects.listing("packages/"))


def test_before_an_erasure_raw_values_stand_only_in_the_file_that_waits(story: Story, tmp_path: Path) -> None:
    ring, records = story.ring, story.records
    upload_id = announce(ring.a, columns=COLUMNS)
    put_file(ring.a, upload_id, FILE)
    story.stream(ring.a)
    story.upload(ring.a, ODD)
    story.ask(ring.a)
    raw = raw_forms()
    records.assert_without(raw | {PROFILE.encode()})
    holding = {name.split("/")[0] for name, cells, _ in contents(tmp_path) if any(v in c for v in raw for c in cells)}
    assert holding == {"uploads"}
    assert deliver_file(ring.a, upload_id)


def test_an_address_or_number_as_profile_id_or_in_attributes_stands_nowhere_raw_and_ties(
    story: Story, tmp_path: Path
) -> None:
    ring, records = story.ring, story.records
    roles = {"id": {"as": "profileId"}, "ecid": {"as": "identity", "namespace": "ecid"}}
    columns = [{"column": name} | roles.get(name, {"as": "attribute"}) for name in ("id", "ecid", "a", "b", "c")]
    ecids = [f"{number:038d}" for number in range(12_345_678_901, 12_345_678_908)]
    rows = [
        f"{MAIL},{ecids[0]},Planted <{MAIL}>,{PHONE},{MAIL};{MAIL}",
        f"{MAIL.upper()},{ecids[1]},x,call {PHONE},{MAIL}",
        f"crm:{MAIL},{ecids[2]},x,y,z",
        f"{PHONE},{ecids[3]},x,y,z",
        f"+1 (415) 555-0199,{ecids[4]},x,y,z",
    ]
    upload_id = announce(ring.a, columns=columns)
    put_file(ring.a, upload_id, "\n".join(["id,ecid,a,b,c", *rows]).encode())
    assert deliver_file(ring.a, upload_id)
    changes = [
        {"identity": {"namespace": "ecid", "value": value}, "profileId": raw, "segmentId": story.segment}
        | {"status": "realized"}
        for raw, value in ((f" {MAIL}", ecids[5]), ("+1 415 555 0199", ecids[6]))
    ]
    assert ring.a.call(segments_app, "POST", "memberships", {"changes": changes}).body["accepted"] == 2
    apply_all(ring.world)
    for same_person in ({0, 1, 5}, {2}, {3, 4, 6}):
        keys = {number: key(secret.identity_secret(), 3, ecids[number].encode()) for number in same_person}
        found = people.find_people(ring.a.sandbox.sandbox_id, {"one": [next(iter(keys.values()))]})["one"]
        assert set(found.identities) == set(keys.values())
    exported = ring.a.call(segments_app, "POST", f"segments/{story.segment}/members/export", {"format": "csv"})
    assert exported.status == 201
    asked = {"identity": {"namespace": "email", "value": MAIL}}
    assert ring.a.call(feeds_app, "POST", "people/explain", asked).status == 200
    records.assert_without(raw_forms())
    for place, cells, _ in contents(tmp_path):
        assert not any(value in cell for value in raw_forms() for cell in cells), place


def _ingest(event: Any, context: Any) -> Any:
    from functions.ingest import app

    return app.handler(event, context)


def test_the_logger_prints_errors_by_type_and_place(records: Records) -> None:
    try:
        raised()
    except RuntimeError:
        logger.exception("broken")
    (line,) = records.printed.getvalue().splitlines()
    printed = json.loads(line)
    assert (printed["message"], printed["exception_name"]) == ("broken", "RuntimeError")
    assert "ValueError" in printed["exception"]
    assert "in raised" in printed["exception"]
    for planted in RAW.values():
        assert planted not in line
