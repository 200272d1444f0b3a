"""Raw values kept as platforms hash them, counted for a segment, and gone with the person."""

import hashlib
from pathlib import Path
from typing import Any

from functions.segments import app as segments
from handfast.identity.renderings import FORMS, Platform, rendered
from handfast.lake import kept_beside, layout
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import announce, apply_all, identity, ingested, rows, segment_of

COLUMNS = [
    {"column": "mail", "as": "identity", "namespace": "email"},
    {"column": "phone", "as": "identity", "namespace": "phone"},
]
PLATFORMS: list[Platform] = ["google", "meta", "uid2", "liveramp"]
FILE = (
    "mail,phone\nAnn.Lee+x@gmail.com,+14155552671\nbob@one.example,+49 (0)30 23125001\ninfo@m\u00fcnchner.example,\n"
).encode()


def counts(member: Member, segment_id: str) -> dict[str, Any]:
    answer = member.call(segments, "GET", f"segments/{segment_id}/renderings")
    assert answer.status == 200, answer.body
    return {each["namespace"]: each for each in answer.body["items"]}


def kept(member: Member, folder: Path) -> dict[tuple[int, int], dict[str, bytes | None]]:
    folder.mkdir(exist_ok=True)
    found = rows(layout.renderings(member.sandbox.sandbox_id), folder)
    return {(hi, lo): dict(zip(FORMS, values, strict=True)) for hi, lo, *values in found}


def test_raw_values_are_kept_in_the_forms_of_the_platforms_that_were_named(
    world: World, a: Member, tmp_path: Path
) -> None:
    segment_id = segment_of(a)
    assert ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id, renderings=PLATFORMS).status == "completed"
    found = kept(a, tmp_path)
    assert len(found) == 5
    ann = found[identity("email", "ann.lee+x@gmail.com")]
    assert ann["email_google"] == hashlib.sha256(b"annlee+x@gmail.com").digest()
    assert ann["email_uid2"] == hashlib.sha256(b"annlee@gmail.com").digest()
    assert (ann["email_amazon"], ann["phone_digits"]) == (None, None)
    assert found[identity("email", "bob@one.example")]["email_google"] == b""
    assert found[identity("email", "info@xn--mnchner-n2a.example")]["email_uid2"] == b""
    german, american = (found[identity("phone", number)] for number in ("+493023125001", "+14155552671"))
    assert german["phone_digits"] == hashlib.sha256(b"493023125001").digest()
    assert (german["phone_national"], len(american["phone_national"] or b"")) == (None, 20)
    assert american["phone_digits"] is not None
    assert american["phone_digits"].hex() == rendered("meta", 2, "+14155552671")


def test_a_segment_tells_what_platforms_can_be_given(world: World, a: Member) -> None:
    segment_id = segment_of(a)
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id, renderings=PLATFORMS)
    digest = hashlib.sha256(b"somebody@gmail.com").hexdigest()
    ingested(world, a, f"mail,phone\n{digest},\n".encode(), columns=COLUMNS, segmentId=segment_id)
    found = counts(a, segment_id)
    email, phone = found["Email_LC_SHA256"], found["Phone_SHA256_E.164"]
    assert (email["members"], email["platforms"]["google"], email["platforms"]["uid2"]) == (4, 3, 3)
    assert (email["platforms"]["meta"], email["platforms"]["amazon"]) == (4, 0)
    assert "meta" in email["asHeld"]
    assert phone["members"] == 2
    assert {name: phone["platforms"][name] for name in ("meta", "snap", "liveramp", "google")} == {
        "meta": 2,
        "snap": 2,
        "liveramp": 1,
        "google": 2,
    }
    assert "x" not in phone["platforms"]
    assert a.call(segments, "GET", "segments/seg_none/renderings").status == 404


def test_an_upload_that_does_not_ask_keeps_none_and_a_later_one_adds(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id)
    assert kept(a, tmp_path) == {}
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id, renderings=["meta"])
    assert len(kept(a, tmp_path / "meta")) == 2
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id, renderings=["google"])
    found = kept(a, tmp_path / "google")
    assert len(found) == 5
    assert found[identity("phone", "+14155552671")]["phone_digits"] is not None


def test_what_is_forgotten_is_gone(world: World, a: Member, tmp_path: Path) -> None:
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_of(a), renderings=PLATFORMS)
    ann = identity("email", "ann.lee+x@gmail.com")
    kept_beside.forget(a.sandbox.sandbox_id, [ann])
    assert ann not in kept(a, tmp_path)
    assert len(kept(a, tmp_path / "again")) == 4


def test_of_digests_alone_nothing_can_be_asked(a: Member) -> None:
    column = {"column": "mail", "as": "identity", "namespace": "email", "transform": "none"}
    body = {"fileName": "a.csv", "format": "csv", "mode": "delta", "segmentId": segment_of(a), "columns": [column]}
    refused = a.call(segments, "POST", "uploads", body | {"renderings": ["google"]})
    assert (refused.status, [each["pointer"] for each in refused.body["errors"]]) == (422, ["/renderings"])
    assert a.call(segments, "POST", "uploads", body | {"renderings": ["nobody"]}).status == 422
    assert announce(a, columns=[column], segmentId=body["segmentId"])


def test_streamed_values_are_kept_so_too_where_a_call_asks_for_it(world: World, a: Member, tmp_path: Path) -> None:
    segment_id = segment_of(a)
    digest = hashlib.sha256(b"somebody@gmail.com").hexdigest()
    raw = {"email": ["Ann.Lee+x@gmail.com", "bob@one.example", digest], "phone": ["+14155552671", "+49 (0)30 23125001"]}
    changes = [
        {"identity": {"namespace": name, "value": value}, "segmentId": segment_id, "status": "realized"}
        for name, values in raw.items()
        for value in values
    ]
    answer = a.call(segments, "POST", "memberships", {"changes": changes})
    assert answer.body["accepted"] == 5
    apply_all(world)
    assert kept(a, tmp_path) == {}, "not asked for"
    answer = a.call(segments, "POST", "memberships", {"changes": changes, "renderings": PLATFORMS})
    assert answer.body["accepted"] == 5
    apply_all(world)
    streamed = kept(a, tmp_path)
    assert len(streamed) == 4, "of a digest there is none"
    ingested(world, a, FILE, columns=COLUMNS, segmentId=segment_id, renderings=PLATFORMS)
    uploaded = kept(a, tmp_path / "again")
    assert {key: uploaded[key] for key in streamed} == streamed, "as an upload of the same values makes them"
    email = counts(a, segment_id)["Email_LC_SHA256"]["platforms"]
    assert (email["google"], email["adobe"]) == (3, 4)
    consent = {"identity": {"namespace": "email", "value": "c.at@gmail.com"}, "share": "y"}
    body = {"changes": [consent], "renderings": ["google"]}
    assert a.call(segments, "POST", "consents", body).body["accepted"] == 1
    apply_all(world)
    found = kept(a, tmp_path / "consent")[identity("email", "c.at@gmail.com")]
    assert found["email_google"] == hashlib.sha256(b"cat@gmail.com").digest()
    refused = a.call(segments, "POST", "memberships", {"changes": changes, "renderings": ["nobody"]})
    assert refused.status == 422
