"""Access and portability: what a person is given, whose data it is, and when it is gone."""

import base64
import gzip
import hashlib
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import pyzipper
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from functions.approvals import app as approvals
from functions.feeds import app as feeds_app
from functions.privacy_requests import app as privacy
from functions.privacy_requests import connectors
from functions.privacy_requests import worker as queue
from functions.segment_export import app as export
from functions.segments import app as segments_app
from handfast.identity.drop import phone_key
from handfast.lake import answers as lake_answers
from handfast.lake import people, suppressions
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.secret import identity_secret
from handfast.privacy_requests import (
    connector_access,
    package_archive,
    package_builder,
    package_store,
    store,
    subject_store,
)
from handfast.privacy_requests.stage_jobs import WAIT_FOR
from tests.worlds.connector_servers.running import Running, running
from tests.worlds.privacy import automatic, events, opened, taken
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.sharing import connected, segment
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, handled, identity, ingested, keys

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TABLET = "11111111-2222-4333-8444-555555555555"
COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "idfa", "as": "identity", "namespace": "IDFA", "transform": "none"},
    {"column": "city", "as": "attribute", "name": "city"},
    {"column": "may", "as": "share"},
]
ANN = "ann@example.com"
PEOPLE = f"""id,mail,tel,idfa,city,may
crm-ann,{ANN},+14155552671,{TABLET},Oslo,y
crm-bob,bob@example.com,,{TABLET},Bergen,n
""".encode()


@built_once
def _known() -> World:
    world = organizations()
    member = world.member(world.a)
    automatic(world.a, world.b)
    ingested(world, member, PEOPLE, columns=COLUMNS, segmentId=segment(member, "Buyers"))
    return world


@pytest.fixture
def world(stores: None) -> World:
    """A's sandbox knows Ann and Bob, who used the same tablet after her, and runs requests by itself, as B's does."""
    return _known()


def named(namespace: str, value: str) -> dict[str, str]:
    return {"namespace": namespace, "value": value}


def body_of(*identities: dict[str, str], kind: str) -> dict[str, Any]:
    return {"type": kind, "regulation": "gdpr", "verified": True, "subject": {"identities": list(identities)}}


def requested(member: Member, *identities: dict[str, str], kind: str = "access", **members: Any) -> str:
    body = body_of(*identities, kind=kind) | members
    answer = member.call(privacy, "POST", "privacy-requests", body)
    assert answer.status == 202, answer.body
    made: str = answer.body["privacyRequestId"]
    return made


def work(world: World, *members: Member, rounds: int = 1) -> None:
    for _ in range(rounds):
        for member in members:
            assert handled(queue.handler, {"sandboxId": member.sandbox.sandbox_id})
        apply_all(world)
        for message in world.messages("EXPORT_QUEUE_URL"):
            assert handled(export.handler, message)


def of(data: Any) -> dict[str, Any]:
    return {shown["namespace"]: shown for shown in data["identities"]}


def test_a_package_has_what_was_uploaded_of_the_person_and_of_nobody_else(world: World, a: Member) -> None:
    made = requested(a, named("email", ANN))
    work(world, a)
    data, page = opened(a, made)
    found = of(data)
    assert set(found) == {"Email_LC_SHA256", "Phone_SHA256_E.164"}
    mail = found["Email_LC_SHA256"]
    assert bytes.fromhex(mail["value"]) == people.profiles(a.sandbox.sandbox_id, [identity("email", ANN)])[0].value
    assert (mail["profileId"], mail["attributes"], mail["hashed"]) == ("crm-ann", {"city": "Oslo"}, True)
    assert (mail["consent"]["person"], mail["consent"]["answeredAt"][:2]) == ("y", "20")
    assert {(membership["segment"], membership["value"]) for membership in data["memberships"]} == {
        ("Buyers", shown["value"]) for shown in found.values()
    }
    assert (data["about"]["organization"], data["about"]["regulationName"]) == ("Organization A", "GDPR")
    for text in (json.dumps(data), page):
        assert "crm-ann" in text
        assert not any(word in text for word in ("crm-bob", "Bergen", TABLET))
        assert people.profiles(a.sandbox.sandbox_id, [identity("email", "bob@example.com")])[0].value.hex() not in text
    for key in keys("access/"):
        body = boto3.client("s3").get_object(Bucket="handfast-data", Key=key)["Body"].read()
        assert not any(word in body for word in (b"crm-ann", b"Oslo", mail["value"].encode()))
    assert subject_store.get(a.sandbox.sandbox_id, made) is None


def test_an_access_to_categories_has_categories_and_not_one_value(world: World, a: Member) -> None:
    made = requested(a, named("email", ANN), categoriesOnly=True)
    work(world, a)
    data, page = opened(a, made)
    held = {found["category"]: found["held"] for found in data["categories"]}
    assert held == {
        "E-mail address": 1,
        "Phone number": 1,
        "Attribute: city": 2,
        "Segment membership": 2,
    }
    assert [(party["category"], party["name"]) for party in data["sources"]] == [
        ("the organization's own systems", "Organization A")
    ]
    values = (profile.value.hex() for profile in people.profiles(a.sandbox.sandbox_id, [identity("email", ANN)]))
    for text in (json.dumps(data), page):
        assert not any(value in text for value in ("crm-ann", "Oslo", ANN, "Buyers", *values))
    refused = a.call(
        privacy, "POST", "privacy-requests", body_of(named("email", ANN), kind="erasure") | {"categoriesOnly": True}
    )
    assert refused.status == 422


def test_a_shared_device_shows_nothing_of_who_used_it_last_and_leads_to_nobody(world: World, a: Member) -> None:
    made = requested(a, named("email", ANN), named("IDFA", TABLET))
    alone = requested(a, named("IDFA", TABLET))
    work(world, a)
    for data, page in (opened(a, alone), opened(a, made)):
        tablet = of(data)["IDFA"]
        assert (tablet["value"], tablet["withheld"], tablet["profileId"]) == (TABLET, True, None)
        assert (tablet["attributes"], tablet["consent"]) == ({}, None)
        assert TABLET not in {membership["value"] for membership in data["memberships"]}
        assert not any(word in json.dumps(data) + page for word in ("crm-bob", "Bergen"))
        assert any("another profile" in text for text in data["leftOut"])
    assert set(of(opened(a, alone)[0])) == {"IDFA"}


def test_portability_has_what_the_person_provided_and_who_is_not_known_is_told(world: World, a: Member) -> None:
    made = requested(a, named("email", ANN), kind="portability")
    unknown = requested(a, named("email", "nobody@example.com"))
    work(world, a)
    data, page = opened(a, unknown)
    assert (data["identities"], data["memberships"]) == ([], [])
    assert "Nothing that identifies you is held." in page
    assert a.call(privacy, "GET", f"privacy-requests/{unknown}").body["status"] == "completed"
    data, page = opened(a, made)
    assert {shown["attributes"]["city"] for shown in data["identities"]} == {"Oslo"}
    assert data.keys() & {"memberships", "recipients", "sources", "suppressions"} == set()
    assert "Buyers" not in page


CLEO = "cleo@example.com"


def said_before(world: World, member: Member) -> None:
    """Have Cleo refuse by a profile id before any identity of hers is known, and then come with one."""
    body = {"changes": [{"profileId": name, "share": "n"} for name in ("crm-cleo", "crm-dan")]}
    assert member.call(segments_app, "POST", "consents", body).body["rejected"] == []
    ingested(world, member, f"id,mail,tel,idfa,city,may\ncrm-cleo,{CLEO},,,Rome,\n".encode(), columns=COLUMNS)


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_an_answer_given_before_an_identity_was_known_is_in_the_package(world: World, a: Member, kind: str) -> None:
    said_before(world, a)
    made = requested(a, named("email", CLEO), kind=kind)
    work(world, a)
    data, page = opened(a, made)
    assert [(answer["profileId"], answer["share"]) for answer in data["answers"]] == [("crm-cleo", "n")]
    assert data["answers"][0]["answeredAt"] == of(data)["Email_LC_SHA256"]["consent"]["answeredAt"]
    assert "Answers kept for you" in page
    assert "crm-dan" not in json.dumps(data) + page


def test_a_device_alone_shows_no_answer_of_a_profile(world: World, a: Member) -> None:
    body = {"changes": [{"profileId": "crm-eve", "share": "n"}]}
    assert a.call(segments_app, "POST", "consents", body).body["rejected"] == []
    eves = "id,mail,tel,idfa,city,may\ncrm-eve,,,22222222-2222-4333-8444-555555555555,Rome,\n"
    ingested(world, a, eves.encode(), columns=COLUMNS)
    made = requested(a, named("IDFA", "22222222-2222-4333-8444-555555555555"))
    work(world, a)
    assert opened(a, made)[0]["answers"] == []


def test_an_answer_that_is_erased_while_a_package_is_made_is_not_in_it(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_before(world, a)
    made = requested(a, named("email", CLEO))
    archived = package_archive.archived

    def erased_meanwhile(*arguments: Any) -> bytes:
        sandbox_id = a.sandbox.sandbox_id
        lake_answers.forget(sandbox_id, [lake_answers.key(identity_secret(), "crm-cleo")])
        return archived(*arguments)

    monkeypatch.setattr(package_builder, "archived", erased_meanwhile)
    work(world, a)
    assert taken(a, made).status == 409
    assert not [key for key in keys("access/") if key.endswith(".zip")]
    work(world, a)
    assert opened(a, made)[0]["answers"] == []


def test_recipients_are_named_and_who_received_sees_where_it_came_from(world: World, a: Member) -> None:
    b = world.member(world.b)
    ingested(world, b, PEOPLE, columns=COLUMNS)
    (bought,) = (listed["segmentId"] for listed in a.call(segments_app, "GET", "segments").body["items"])
    body = {
        "name": "Spring",
        "segmentIds": [bought],
        "namespaces": ["email"],
        "restrictedMarketingActions": [],
        "connectionIds": [connected(a, b)],
    }
    feed = a.call(feeds_app, "POST", "feeds", body).body["feedId"]
    assert a.call(feeds_app, "POST", f"feeds/{feed}/publish").status == 200
    received = b.call(feeds_app, "GET", "received-feeds").body["items"][0]["receivedFeedId"]
    assert b.call(approvals, "POST", f"received-feeds/{received}/enable").status == 200
    work(world)
    for owner, name in ((a, "Composed here"), (b, "Composed of theirs")):
        made = owner.call(segments_app, "POST", "segments", {"name": name, "expression": bought})
        assert made.status == 201, made.body
    mine, theirs = requested(a, named("email", ANN)), requested(b, named("email", ANN))
    work(world, a, b)
    (told,) = opened(a, mine)[0]["recipients"]
    assert (told["organization"], told["sandbox"], told["segment"]) == ("Organization B", "sandbox b", "Buyers")
    assert (told["namespace"], told["withdrawnAt"]) == ("Email_LC_SHA256", None)
    memberships = {each["segment"] for each in opened(a, mine)[0]["memberships"]}
    assert memberships == {"Buyers", "Composed here"}, "a composed segment is named beside its part"
    data, page = opened(b, theirs)
    assert {each["segment"] for each in data["memberships"]} == {"Composed of theirs"}
    (source,) = data["sources"]
    assert (source["organization"], source["segment"], data["recipients"]) == ("Organization A", "Buyers", [])
    assert "Organization A, sandbox a" in page
    assert a.call(privacy, "GET", f"privacy-requests/{mine}").body["recipients"] == []


def test_each_taking_of_a_package_is_recorded_until_it_expires(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = requested(a, named("email", ANN))
    assert taken(a, made).status == 409
    work(world, a)
    first, second = taken(a, made), taken(a, made)
    assert first.headers["Location"] == first.body["url"]
    assert first.headers["Cache-Control"] == "no-store"
    assert first.body["passphrase"] == second.body["passphrase"]
    assert len(first.body["passphrase"].replace("-", "")) == 25
    records = [record for record in store.history(made) if record["type"] == "privacy_request.package_taken"]
    assert [record["actor"]["id"] for record in records] == [a.principal_id] * 2
    assert events(a).count("package_taken") == 2
    assert first.body["passphrase"] not in json.dumps(store.history(made), default=str)
    now = clock.now() + package_store.KEPT
    monkeypatch.setattr(clock, "now", lambda: now)
    assert (taken(a, made).status, taken(a, made).body["title"]) == (410, "No longer there")


def test_only_who_may_approve_takes_a_package_and_only_of_requests_that_have_one(world: World, a: Member) -> None:
    made = requested(a, named("email", ANN))
    other = requested(a, named("email", ANN), kind="opt_out")
    work(world, a)
    assert taken(world.member(world.a, "viewer"), made).status == 403
    assert taken(a, other).status == 404
    assert taken(world.member(world.c), made).status == 404


def test_an_erasure_deletes_the_packages_of_the_same_person_alone(world: World, a: Member) -> None:
    of_ann, of_bob = requested(a, named("email", ANN)), requested(a, named("email", "bob@example.com"))
    work(world, a)
    requested(a, named("phone", "+14155552671"), kind="erasure")
    work(world, a, rounds=4)
    assert taken(a, of_ann).status == 410
    assert "package_deleted" in [record["type"].partition(".")[2] for record in store.history(of_ann)]
    assert not [key for key in keys("access/") if of_ann in key]
    assert taken(a, of_bob).status == 303


def test_what_is_suppressed_towards_a_partner_or_by_a_number_s_last_digits_is_told(world: World, a: Member) -> None:
    sandbox_id, b = a.sandbox.sandbox_id, world.member(world.b)
    (bought,) = (listed["segmentId"] for listed in a.call(segments_app, "GET", "segments").body["items"])
    connection = connected(a, b)
    body = {"name": "Spring", "segmentIds": [bought], "namespaces": ["email"], "connectionIds": [connection]}
    feed = a.call(feeds_app, "POST", "feeds", body | {"restrictedMarketingActions": []}).body["feedId"]
    assert a.call(feeds_app, "POST", f"feeds/{feed}/publish").status == 200
    received = b.call(feeds_app, "GET", "received-feeds").body["items"][0]["receivedFeedId"]
    assert b.call(approvals, "POST", f"received-feeds/{received}/enable").status == 200
    mail, phone = identity("email", ANN), identity("phone", "+14155552671")
    now = clock.now()
    suppressions.add(sandbox_id, [mail], "erasure", now, towards=PartnerRef.of(b.sandbox).key)
    suppressions.add(sandbox_id, [mail], "opt_out", now, towards="gone")
    suppressions.add(sandbox_id, [phone_key(identity_secret(), "+14155552671")], "opt_out", now)
    assert suppressions.find(sandbox_id, [mail, phone]) == {}
    made = requested(a, named("phone", "+14155552671"), named("email", ANN))
    work(world, a)
    data, page = opened(a, made)
    told = {
        (each["namespace"], each["reason"], each["towards"], each["asListed"]): each["value"]
        for each in data["suppressions"]
    }
    assert set(told) == {
        ("Email_LC_SHA256", "erasure", "Organization B, sandbox b", False),
        ("Email_LC_SHA256", "opt_out", "a partner of before", False),
        ("Phone_SHA256_E.164", "opt_out", None, True),
    }
    assert all(told.values())
    assert "not shared with Organization B, sandbox b" in page
    assert "not shared, as a list of DROP names it" in page


def test_a_package_made_while_its_person_is_being_erased_has_nothing_of_them(world: World, a: Member) -> None:
    erasure, access = requested(a, named("email", ANN), kind="erasure"), requested(a, named("email", ANN))
    assert handled(queue.handler, {"sandboxId": a.sandbox.sandbox_id})
    assert taken(a, access).status == 409
    assert not [key for key in keys("access/") if key.endswith(".zip")]
    work(world, a, rounds=4)
    assert a.call(privacy, "GET", f"privacy-requests/{erasure}").body["status"] == "completed"
    data, _ = opened(a, access)
    assert data["identities"] == []
    assert {suppression["reason"] for suppression in data["suppressions"]} == {"erasure"}


def test_an_archive_opens_with_its_passphrase_only() -> None:
    body = package_archive.archived({"data.json": b"{}"}, "right")
    with pyzipper.AESZipFile(io.BytesIO(body)) as archive:
        assert b"7-Zip" in archive.comment
        assert b"Windows Explorer" in archive.comment
        (entry,) = archive.infolist()
        assert (entry.CRC, entry.wz_aes_version, entry.wz_aes_strength) == (0, 2, 3)
        assert archive.read("data.json", pwd=b"right") == b"{}"
        with pytest.raises(RuntimeError):
            archive.read("data.json", pwd=b"wrong")


def decrypted(page: str, passphrase: str) -> dict[str, str]:
    """The files of a page, as its script decrypts them."""
    sealed = json.loads(re.findall(r'<script id="sealed" type="application/json">(.*)</script>', page)[0])
    salt, nonce, data = (base64.b64decode(sealed[name]) for name in ("salt", "nonce", "data"))
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, sealed["iterations"])
    files: dict[str, str] = json.loads(gzip.decompress(AESGCM(key).decrypt(nonce, data, None)))
    return files


def test_a_page_has_the_package_for_the_passphrase_and_is_recorded(world: World, a: Member) -> None:
    made = requested(a, named("email", ANN))
    path = f"privacy-requests/{made}/package/page"
    assert a.call(privacy, "GET", path).status == 409
    work(world, a)
    viewer = world.member(world.a, "viewer")
    assert viewer.call(privacy, "GET", path).status == 403
    answer = a.call(privacy, "GET", path)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    data, shown = opened(a, made)
    files = decrypted(answer.body["page"], answer.body["passphrase"])
    assert (json.loads(files["data.json"]), files["index.html"]) == (data, shown)
    assert "What opens this package" in shown
    assert ANN not in answer.body["page"]
    with pytest.raises(InvalidTag):
        decrypted(answer.body["page"], "another")
    records = [record for record in store.history(made) if record["type"] == "privacy_request.package_taken"]
    assert [record["detail"]["form"] for record in records] == ["html", "zip"]


def test_a_page_runs_its_own_script_alone_and_loads_nothing() -> None:
    page = package_archive.page(package_archive.archived({"data.json": b"{}"}, "P"), "P")
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'\"" in page
    assert not re.search(r"https?:|src=|<link|url\(|{script}|{opens}|{sealed}", page)


def test_what_is_too_large_for_a_page_is_taken_as_an_archive(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = requested(a, named("email", ANN))
    work(world, a)
    for limit in ("MOST_PAGE_BYTES", "MOST_UNPACKED_BYTES"):
        with monkeypatch.context() as patch:
            patch.setattr(package_archive, limit, 100)
            answer = a.call(privacy, "GET", f"privacy-requests/{made}/package/page")
            assert (answer.status, answer.body["current"]) == (409, "package_too_large")
    assert events(a).count("package_taken") == 0
    assert package_archive.MOST_PAGE_BYTES * 4 / 3 < 6_000_000


def test_a_preview_of_access_tells_nobody(world: World, a: Member) -> None:
    body = {"type": "access", "regulation": "gdpr", "subject": {"identities": [named("IDFA", TABLET)]}}
    answer = a.call(privacy, "POST", "privacy-requests", body, query={"dryRun": "true"})
    assert (answer.body["recipients"], answer.body["identities"]["byNamespace"]) == ([], {"IDFA": 1})


# Systems outside


@pytest.fixture(scope="module")
def shop() -> Iterator[Running]:
    with running("webhook") as listening:
        yield listening


@pytest.fixture
def with_shop(a: Member, shop: Running, monkeypatch: pytest.MonkeyPatch) -> Member:
    """The sandbox beside a shop that knows Ann."""
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    shop.reset(careless=True, people={"crm-ann": [{"collection": "orders", "data": {"item": "a red lamp"}}]})
    settings = {"url": f"{shop.url}/hooks", "secret": SECRET}
    answer = a.call(connectors, "POST", "connectors", {"type": "webhook", "name": "Shop", "settings": settings})
    assert answer.status == 201, answer.body
    return a


def status(member: Member, made: str) -> tuple[str, list[str]]:
    view = member.call(privacy, "GET", f"privacy-requests/{made}").body
    return view["status"], [connector["status"] for connector in view["connectors"]]


def answers(made: str) -> list[str]:
    return [key for key in keys("access/") if f"{made}/" in key]


def test_a_package_has_what_systems_outside_hold_and_waits_for_them(
    world: World, with_shop: Member, shop: Running
) -> None:
    shop.set(later=True)
    made = requested(with_shop, named("email", ANN), named("IDFA", TABLET))
    work(world, with_shop)
    assert status(with_shop, made) == ("running", [])
    shop.set(later=False)
    work(world, with_shop)
    assert status(with_shop, made) == ("completed", ["confirmed"])
    data, page = opened(with_shop, made)
    (system,) = data["systems"]
    assert (system["name"], system["status"]) == ("Shop", "answered")
    assert system["records"] == [{"collection": "orders", "data": {"item": "a red lamp"}}]
    assert "a red lamp" in page
    asked = [request["body"] for request in shop.seen("POST /hooks")]
    assert "crm-ann" in asked[-1]
    assert not any(TABLET in body or "crm-bob" in body for body in asked)
    assert answers(made) == []


def test_an_answer_is_kept_encrypted_while_another_system_is_waited_for(
    world: World, with_shop: Member, shop: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = connector_access.answers_of
    late = connector_access.SystemAnswer("cn_0", "Desk", "pending", "answers later")

    def records(sandbox_id: str, job: Any, answered: Any = ()) -> list[connector_access.SystemAnswer]:
        return [late, *read(sandbox_id, job, answered)]

    monkeypatch.setattr(connector_access, "answers_of", records)
    made = requested(with_shop, named("email", ANN))
    before = len(shop.seen("POST /hooks"))
    work(world, with_shop)
    assert len(shop.seen("POST /hooks")) == before + 1
    (kept,) = answers(made)
    assert b"lamp" not in boto3.client("s3").get_object(Bucket="handfast-data", Key=kept)["Body"].read()
    now = clock.now() + WAIT_FOR
    monkeypatch.setattr(clock, "now", lambda: now)
    work(world, with_shop)
    assert status(with_shop, made) == ("completed_with_gaps", ["failed", "confirmed"])
    data, page = opened(with_shop, made)
    assert [(system["name"], system["status"]) for system in data["systems"]] == [
        ("Desk", "pending"),
        ("Shop", "answered"),
    ]
    assert "It has not answered in time." in page
    monkeypatch.setattr(connector_access, "answers_of", read)
    retried = with_shop.call(privacy, "POST", f"privacy-requests/{made}/retry")
    assert retried.body["status"] == "running"
    work(world, with_shop)
    assert "a red lamp" in opened(with_shop, made)[1]
    assert not any("erasure" in request["body"] for request in shop.seen("POST /hooks"))
