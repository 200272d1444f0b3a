"""A package that somebody looks at before the person gets it: what is withheld, on what ground, and who says so."""

import io
import json
from typing import Any

import boto3
import pytest
import pyzipper

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from handfast.access import service as access
from handfast.privacy_requests import package_store, store, subject_store
from tests.worlds.privacy import automatic, events, opened, subject, taken
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.sharing import segment
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, handled, ingested, keys

ANN = "ann@example.com"
COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "city", "as": "attribute", "name": "city"},
]

CITY = {"part": "/identities/*/attributes/city", "ground": "third_party", "reason": "the city is somebody else's"}


@built_once
def _known() -> World:
    world = organizations()
    member = world.member(world.a)
    automatic(world.a)
    access.change_sandbox(world.a.sandbox_id, package_review=True)
    file = f"id,mail,tel,city\ncrm-ann,{ANN},+14155552671,Oslo\n".encode()
    ingested(world, member, file, columns=COLUMNS, segmentId=segment(member, "Buyers"))
    return world


@pytest.fixture
def world(stores: None) -> World:
    """A's sandbox knows Ann, runs requests by itself, and reviews packages."""
    return _known()


def requested(member: Member, kind: str = "access", **members: Any) -> str:
    body = {"type": kind, "regulation": "gdpr", "verified": True, "subject": subject(ANN)} | members
    answer = member.call(privacy, "POST", "privacy-requests", body)
    assert answer.status == 202, answer.body
    made: str = answer.body["privacyRequestId"]
    return made


def work(world: World, member: Member, rounds: int = 1) -> None:
    for _ in range(rounds):
        assert handled(queue.handler, {"sandboxId": member.sandbox.sandbox_id})
        apply_all(world)


@pytest.fixture
def waiting(world: World, a: Member) -> str:
    """A request of Ann's whose package awaits its review."""
    made = requested(a)
    work(world, a)
    return made


def reviewed(member: Member, made: str) -> Answer:
    return member.call(privacy, "GET", f"privacy-requests/{made}/package/review")


def released(member: Member, made: str, *withhold: dict[str, str]) -> Answer:
    return member.call(privacy, "POST", f"privacy-requests/{made}/package/review", {"withhold": list(withhold)})


def state(member: Member, made: str) -> Any:
    return member.call(privacy, "GET", f"privacy-requests/{made}").body


def drafted(member: Member, made: str, passphrase: str) -> Any:
    key = f"access/{member.sandbox.sandbox_id}/{made}.draft.zip"
    body = boto3.client("s3").get_object(Bucket="handfast-data", Key=key)["Body"].read()
    with pyzipper.AESZipFile(io.BytesIO(body)) as archive:
        archive.setpassword(passphrase.encode())
        return json.loads(archive.read("data.json"))


def test_nobody_gets_a_package_before_it_is_looked_at(a: Member, waiting: str) -> None:
    view = state(a, waiting)
    assert (view["status"], [stage["status"] for stage in view["stages"]]) == (
        "running",
        ["done", "done", "running", "pending"],
    )
    for call in ("package", "package/page"):
        answer = a.call(privacy, "GET", f"privacy-requests/{waiting}/{call}")
        assert (answer.status, answer.body["detail"]) == (409, "the package awaits a review")
    assert (store.work(a.sandbox.sandbox_id), events(a)[-1]) == ([], "review_begun")
    assert keys(f"access/{a.sandbox.sandbox_id}/") == [
        f"access/{a.sandbox.sandbox_id}/{waiting}.{form}" for form in ("draft.zip", "json")
    ]
    draft = reviewed(a, waiting).body
    parts = {found["part"]: found["entries"] for found in draft["parts"]}
    assert parts == {"/identities": 2, "/memberships": 2, CITY["part"]: 2}
    assert "draft.zip" in draft["url"]
    assert drafted(a, waiting, draft["passphrase"])["identities"][0]["attributes"] == {"city": "Oslo"}
    taken_by = [record for record in store.history(waiting) if record["type"] == "privacy_request.package_taken"]
    assert [record["detail"]["form"] for record in taken_by] == ["draft.zip"]


def test_what_is_withheld_is_gone_and_the_package_the_request_and_its_history_say_so(
    world: World,
    a: Member,
    waiting: str,
) -> None:
    answer = released(a, waiting, CITY, {"part": "/memberships", "ground": "trade_secret", "reason": "how we segment"})
    assert answer.status == 200, answer.body
    assert released(a, waiting).status == 409
    work(world, a)
    view = state(a, waiting)
    assert (view["status"], view["answer"], view["result"]["withheld"]) == ("completed", "partial", 2)
    data, page = opened(a, waiting)
    assert [identity["attributes"] for identity in data["identities"]] == [{}, {}]
    assert (data["memberships"], data["withheld"][0]) == ([], {**CITY, "entries": 2})
    assert "Oslo" not in page
    assert "Buyers" not in page
    assert "You are in none." not in page
    assert "No attributes are held." not in page
    assert "GDPR Art. 15(4)" in page
    assert "the city is somebody else&#x27;s" in page
    recorded = next(record for record in store.history(waiting) if record["type"] == "privacy_request.package_released")
    assert [(each["part"], each["ground"]) for each in recorded["detail"]["withheld"]] == [
        (CITY["part"], "third_party"),
        ("/memberships", "trade_secret"),
    ]
    assert recorded["actor"]["id"] == a.principal_id
    assert not [key for key in keys("access/") if "draft" in key]
    assert subject_store.get(a.sandbox.sandbox_id, waiting) is None


def test_a_package_is_released_whole_and_what_it_does_not_have_cannot_be_withheld(
    world: World,
    a: Member,
    waiting: str,
) -> None:
    refused = released(a, waiting, CITY, CITY | {"part": "/identities/7"})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/withhold/1/part")
    for wrong in ("/about", "/identities/0/value", "/systems/0", "memberships", "/identities/0/attributes/a@b.example"):
        assert released(a, waiting, CITY | {"part": wrong}).status == 422
    assert released(a, waiting, CITY | {"reason": "it is of bob@example.com"}).status == 422
    assert state(a, waiting)["stages"][2]["detail"] == {}
    assert released(a, waiting).status == 200
    work(world, a)
    data, page = opened(a, waiting)
    assert (data["withheld"], state(a, waiting)["answer"]) == ([], "fulfilled")
    assert "withheld from you" not in page


def test_an_erasure_takes_the_draft_and_a_retry_makes_another(world: World, a: Member, waiting: str) -> None:
    requested(a, "erasure")
    work(world, a, rounds=3)
    assert (reviewed(a, waiting).status, released(a, waiting).status) == (410, 410)
    assert a.call(privacy, "POST", f"privacy-requests/{waiting}/retry").status == 200
    work(world, a)
    assert {found["part"] for found in reviewed(a, waiting).body["parts"]} == {"/suppressions"}


def test_an_erasure_between_the_decision_and_the_package_has_it_made_and_looked_at_anew(
    world: World,
    a: Member,
    waiting: str,
) -> None:
    assert released(a, waiting, CITY).status == 200
    package_store.delete(a.sandbox.sandbox_id, waiting)
    work(world, a, rounds=2)
    assert (state(a, waiting)["stages"][2]["detail"], taken(a, waiting).status) == ({}, 409)
    assert released(a, waiting).status == 200


def test_a_portability_is_reviewed_and_an_answer_in_categories_is_not(world: World, a: Member) -> None:
    made, categories = requested(a, "portability"), requested(a, categoriesOnly=True)
    work(world, a)
    assert [stage["name"] for stage in state(a, categories)["stages"]] == ["find", "package", "complete"]
    assert (state(a, categories)["status"], taken(a, categories).status) == ("completed", 303)
    assert released(a, made, CITY | {"part": "/identities/0", "ground": "never_disclosed"}).status == 200
    work(world, a)
    data, _ = opened(a, made)
    assert (len(data["identities"]), "memberships" in data) == (1, False)


def test_a_request_is_denied_where_nothing_of_its_package_may_be_given(a: Member, waiting: str) -> None:
    body = {"reason": "all of it is about other people", "ground": "other"}
    assert [key for key in keys("access/") if waiting in key]
    assert a.call(approvals, "POST", f"privacy-requests/{waiting}/deny", body).status == 200
    assert not [key for key in keys("access/") if waiting in key]
    assert (taken(a, waiting).status, reviewed(a, waiting).status, released(a, waiting).status) == (409, 409, 409)
