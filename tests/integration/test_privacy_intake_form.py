"""The intake form on the web: switching it on, people's requests and codes, and what strangers try with it."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import intake, messages
from functions.privacy_requests import worker as queue
from handfast.activity import rules as activity
from handfast.edge import call_quota
from handfast.journal import store as journal
from handfast.platform import aws
from handfast.platform.quotas import Quota
from handfast.privacy_requests import store
from handfast.privacy_requests.intake_form import submissions
from handfast.privacy_requests.protocols.callback_queue import queue_callbacks
from tests.worlds.privacy import automatic
from tests.worlds.sandboxes import CONTEXT, Member, World, organizations, proxy_event
from tests.worlds.stores import REGION
from tests.worlds.uploads import handled, keys

SITE, POLICY = "https://www.acme.example", "https://www.acme.example/privacy"
OFFER: dict[str, Any] = {
    "types": ["access", "erasure", "rectification", "opt_out"],
    "regulations": ["gdpr", "ccpa"],
    "languages": ["en", "de", "ja"],
    "allowedOrigins": [SITE],
    "privacyPolicyUrl": POLICY,
}
ANN = "ann@example.org"
ERASURE = {"type": "erasure", "regulation": "gdpr", "email": ANN}
SPEND = call_quota.spend
BROWSER = {"accept": "text/html,*/*;q=0.8"}
FORM = BROWSER | {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Page:
    """What a browser or a program was answered."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def visit(method: str, path: str, body: Any = None, ip: str = "203.0.113.24", **headers: str) -> Page:
    """A call without a sign-in from an address; a `text` body is sent as it is."""
    path, _, query = path.partition("?")
    asked = dict(part.split("=") for part in query.split("&")) if query else None
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    event = proxy_event(None, method, path.removeprefix("/v1"), body, query=asked, headers=sent)
    event["requestContext"]["identity"] = {"sourceIp": ip}
    event["resource"] = "/intake/{form}"
    answer = intake.handler(event, CONTEXT)
    return Page(
        answer["statusCode"], answer["body"], {name: ", ".join(v) for name, v in answer["multiValueHeaders"].items()}
    )


def post(path: str, fields: dict[str, str], **options: Any) -> Page:
    """What a browser does that sends the form."""
    kind = {"content_type": FORM["content-type"], "accept": FORM["accept"]}
    return visit("POST", path, urlencode(fields), **kind, **options)


@pytest.fixture
def world(stores: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("MESSAGE_SENDER", "privacy@acme.example")
    aws.ses.cache_clear()
    call_quota.forget()
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity="privacy@acme.example")
    yield organizations()
    aws.ses.cache_clear()
    call_quota.forget()


@pytest.fixture
def a(world: World) -> Member:
    return world.member(world.a)


def switched_on(member: Member, **members: Any) -> str:
    answer = member.call(privacy, "PUT", "intake-form", OFFER | members)
    assert answer.status == 200, answer.body
    return str(answer.body["path"])


@pytest.fixture
def form(a: Member) -> str:
    return switched_on(a)


def listed(member: Member, **query: str) -> list[Any]:
    answer = member.call(privacy, "GET", "privacy-requests", query=query)
    assert answer.status == 200, answer.body
    return list(answer.body["items"])


def mails(member: Member) -> list[Any]:
    """Have what the log announces sent; returns the mails that this has made."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    before = len(sent)
    for record in journal.log(member.sandbox.sandbox_id):
        if "message" in record["detail"]:
            number = int(record["detail"]["message"])
            pointer = {"sandboxId": member.sandbox.sandbox_id, "message": record["subject"], "number": number}
            assert handled(messages.handler, pointer)
    return list(sent)[before:]


def code_of(mail: Any) -> str:
    return str(re.search(r"\b[0-9]{6}\b", mail.subject)[0])  # type: ignore[index]


def taken(form: str, **members: Any) -> Any:
    page = visit("POST", form, ERASURE | members)
    assert page.status == 201, page.text
    assert page.headers["Location"] == f"{form}/{page.body['receipt']}"
    return page.body


# The officer


def test_a_form_is_switched_on_shown_changed_rotated_and_off(a: Member) -> None:
    assert a.call(privacy, "GET", "intake-form").status == 404
    made = a.call(privacy, "PUT", "intake-form", OFFER)
    assert re.fullmatch("[0-9a-f]{32}", made.body["formId"])
    assert made.body == OFFER | {
        "formId": made.body["formId"],
        "path": f"/v1/intake/{made.body['formId']}",
        "heading": None,
        "retention": None,
        "sendsCodes": True,
        "updatedAt": made.body["updatedAt"],
    }
    assert a.call(privacy, "GET", "intake-form").body == made.body
    changed = a.call(privacy, "PUT", "intake-form", OFFER | {"heading": "Your data at Acme"})
    assert changed.body["formId"] == made.body["formId"]
    stale = {"If-Match": made.headers["ETag"]}
    assert a.call(privacy, "PUT", "intake-form", OFFER, headers=stale).status == 412
    assert a.call(privacy, "DELETE", "intake-form", headers=stale).status == 412
    rotated = a.call(privacy, "POST", "intake-form/rotate")
    assert rotated.body["formId"] != made.body["formId"]
    assert visit("GET", made.body["path"]).status == 404
    assert visit("GET", rotated.body["path"]).status == 200
    assert a.call(privacy, "DELETE", "intake-form").status == 204
    assert visit("GET", rotated.body["path"]).status == 404
    assert a.call(privacy, "DELETE", "intake-form").status == 404
    assert a.call(privacy, "POST", "intake-form/rotate").status == 404
    types = [each["type"] for each in journal.log(a.sandbox.sandbox_id)]
    assert types[-4:] == [f"intake_form.{name}" for name in ("changed", "changed", "rotated", "removed")]


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"types": []}, "/types"),
        ({"types": ["erasure", "erasure"]}, "/types"),
        ({"types": ["consent"]}, "/types/0"),
        ({"types": ["opt_out", "limit"], "regulations": ["gdpr"]}, "/types/1"),
        ({"types": ["objection"], "regulations": ["gdpr", "ccpa"]}, "/regulations/1"),
        ({"regulations": ["nope"]}, "/regulations/0"),
        ({"languages": ["fr"]}, "/languages/0"),
        ({"privacyPolicyUrl": "http://www.acme.example/"}, "/privacyPolicyUrl"),
        ({"privacyPolicyUrl": "javascript:alert(1)//"}, "/privacyPolicyUrl"),
        ({"privacyPolicyUrl": "https://www.acme.example/?of=ann@example.org"}, "/privacyPolicyUrl"),
        *(
            ({"allowedOrigins": [origin]}, "/allowedOrigins/0")
            for origin in (
                "*",
                "https://*",
                "https://*.acme.example",
                "https://www.acme.example/",
                "https://www.acme.example; script-src *",
                "https://www.acme.example https://other.example",
                "http://www.acme.example",
                "https://www.acme.example:port",
                "https://",
                "null",
                "https://someone@acme.example",
            )
        ),
    ],
)
def test_what_a_form_cannot_be_is_refused_by_its_member(a: Member, members: Any, pointer: str) -> None:
    answer = a.call(privacy, "PUT", "intake-form", OFFER | members)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer), answer.body
    assert a.call(privacy, "GET", "intake-form").status == 404


def test_only_the_privacy_staff_switches_it_on(world: World, a: Member) -> None:
    viewer = world.member(world.a, "viewer")
    assert viewer.call(privacy, "PUT", "intake-form", OFFER).status == 403
    assert world.member(world.a, "privacy-officer").call(privacy, "PUT", "intake-form", OFFER).status == 200
    assert viewer.call(privacy, "DELETE", "intake-form").status == 403
    assert viewer.call(privacy, "POST", "intake-form/rotate").status == 403


def test_without_a_sender_a_form_offers_what_needs_no_code_alone(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    form = switched_on(a)
    monkeypatch.setenv("MESSAGE_SENDER", "off")
    answer = a.call(privacy, "PUT", "intake-form", OFFER)
    assert (answer.status, answer.body["reason"]) == (422, "no_sender")
    refused = post(form, ERASURE)
    assert refused.status == 422
    assert "We cannot send codes at present" in refused.text
    assert a.call(privacy, "PUT", "intake-form", OFFER | {"types": ["opt_out"], "regulations": ["ccpa"]}).status == 200
    taken = visit("POST", form, {"type": "opt_out", "email": ANN})
    assert (taken.body["state"], taken.body["isWrittenTo"]) == ("confirmed", False)
    assert "keep the address of this page" in visit("GET", f"{form}/{taken.body['receipt']}", accept="text/html").text


# A person


def test_a_person_asks_proves_the_address_and_sees_the_answer_come(a: Member, form: str) -> None:
    automatic(a.sandbox)
    shown = visit("GET", form, **BROWSER)
    assert (shown.status, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    sent = post(form, ERASURE | {"type": "opt_out", "language": "de", "website": "", "phone": "", "note": ""})
    assert (sent.status, sent.text) == (303, "")
    receipt = urljoin(form, sent.headers["Location"])
    assert re.fullmatch(f"{form}/[0-9A-Za-z]{{58}}\\?language=de", receipt)
    page = visit("GET", receipt, **BROWSER)
    assert "Noch geschieht nichts" in page.text
    assert ANN not in page.text
    (mail,) = mails(a)
    assert mail.destinations["ToAddresses"] == [ANN]
    assert mail.subject.startswith("Ihr Code: ")
    place = receipt.partition("?")[0] + "/code?language=de"
    assert [urljoin(receipt, each) for each in re.findall(r'action="([^"]*)"', page.text)] == [place]
    wrong = post(place, {"code": f"{(int(code_of(mail)) + 1) % 1_000_000:06d}"})
    assert (wrong.status, "Verbleibende Versuche: 2" in wrong.text) == (422, True)
    assert [urljoin(place, each) for each in re.findall(r'action="([^"]*)"', wrong.text)] == [place]
    assert post(place, {"code": "12"}).status == 422
    right = post(place, {"code": code_of(mail)})
    assert (right.status, urljoin(place, right.headers["Location"])) == (303, receipt)
    (request,) = listed(a, origin="intake")
    assert (request["type"], request["regulation"], request["status"]) == ("opt_out", "gdpr", "approved")
    for _ in range(3):
        assert handled(queue.handler, {"sandboxId": a.sandbox.sandbox_id})
    assert "Das Ergebnis erfahren nur Sie" in visit("GET", receipt, **BROWSER).text
    assert [mail.subject for mail in mails(a)] == ["Ihr Antrag ist eingegangen", "Ihr Antrag ist erledigt"]
    assert keys("subjects/") == []


def test_until_it_is_proved_it_is_in_no_list_and_notifies_nobody(a: Member, form: str) -> None:
    taken(form)
    assert listed(a) == []
    assert [each["status"] for each in listed(a, status="unverified")] == ["unverified"]
    for record in journal.log(a.sandbox.sandbox_id):
        if record["type"] == "privacy_request.received":
            assert activity.notification_title(record) is None
            queue_callbacks(a.sandbox.sandbox_id, record)
    (mail,) = mails(a)
    request = listed(a, status="unverified")[0]
    answer = a.call(privacy, "POST", f"privacy-requests/{request['privacyRequestId']}/verify", {"code": code_of(mail)})
    assert answer.status == 200
    assert [each["status"] for each in listed(a)] == ["pending"]


def test_anybody_of_the_staff_approves_what_a_person_has_proved(world: World, a: Member, form: str) -> None:
    receipt = taken(form)["receipt"]
    (mail,) = mails(a)
    confirmed = visit("POST", f"{form}/{receipt}/code", {"code": code_of(mail)})
    assert (confirmed.status, confirmed.body["state"], confirmed.body["awaitsCode"]) == (200, "confirmed", False)
    (request,) = listed(a)
    assert request["fourEyes"] is True
    assert store.request(a.sandbox.sandbox_id, request["privacyRequestId"]).handled_by == ()  # type: ignore[union-attr]
    officer = world.member(world.a, "privacy-officer")
    path = f"privacy-requests/{request['privacyRequestId']}/approve"
    assert officer.call(approvals, "POST", path, {}).status == 200


def test_what_the_law_takes_unproved_waits_for_somebody_whatever_the_rule(a: Member, form: str) -> None:
    automatic(a.sandbox)
    body = {"type": "opt_out", "regulation": "ccpa", "email": ANN, "phone": "+14155550123"}
    receipt = visit("POST", form, body)
    assert (receipt.status, receipt.body["state"], receipt.body["awaitsCode"]) == (201, "confirmed", False)
    (request,) = listed(a)
    assert request["status"] == "pending"
    (mail,) = mails(a)
    assert mail.subject == "We have received your request"
    again = visit("POST", f"{form}/{receipt.body['receipt']}/code", {"code": "123456"})
    assert again.status == 409


def test_the_answer_is_the_same_whether_the_person_is_known(a: Member, form: str) -> None:
    seen = []
    for email in (ANN, "nobody@example.org"):
        body = taken(form, email=email)
        automatic(a.sandbox)
        seen.append(
            {
                name: value
                for name, value in body.items()
                if name not in {"receipt", "receivedAt", "dueAt", "codeExpiresAt"}
            }
        )
    assert seen[0] == seen[1]


def test_a_receipt_says_the_same_of_every_answer(a: Member, form: str) -> None:
    receipt = taken(form)["receipt"]
    (mail,) = mails(a)
    visit("POST", f"{form}/{receipt}/code", {"code": code_of(mail)})
    (request,) = listed(a)
    answer = a.call(approvals, "POST", f"privacy-requests/{request['privacyRequestId']}/deny", {"reason": "A secret."})
    assert answer.status == 200, answer.body
    page = visit("GET", f"{form}/{receipt}", **BROWSER)
    assert "Answered" in page.text
    assert "secret" not in page.text
    assert visit("GET", f"{form}/{receipt}").body["state"] == "answered"


def test_a_receipt_outlives_the_address_of_the_form(a: Member, form: str) -> None:
    receipt = f"{form}/{taken(form)['receipt']}"
    (mail,) = mails(a)
    a.call(privacy, "POST", "intake-form/rotate")
    assert visit("GET", receipt).body["state"] == "received"
    a.call(privacy, "DELETE", "intake-form")
    assert visit("POST", f"{receipt}/code", {"code": code_of(mail)}).body["state"] == "confirmed"
    assert visit("POST", form, ERASURE).status == 404


# What is wrong


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": ""}, "/email"),
        ({"email": "a" * 64 + "@" + "b" * 400}, "/email"),
        ({"email": "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"}, "/email"),
        ({"phone": "+14155550123"}, "/phone"),
        ({"type": "opt_out", "regulation": "ccpa", "phone": "12"}, "/phone"),
        ({"regulation": None}, "/regulation"),
        ({"regulation": "lgpd_bra"}, "/regulation"),
        ({"type": "restriction"}, "/type"),
        ({"type": "consent"}, "/type"),
        ({"type": "rectification"}, "/note"),
        ({"type": "rectification", "note": "It is ann@example.org"}, "/note"),
        ({"note": "Quickly"}, "/note"),
        ({"website": "https://spam.example"}, "/website"),
        ({"more": "members"}, "/more"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_nothing_is_written(
    a: Member, form: str, members: Any, pointer: str
) -> None:
    body = {name: value for name, value in (ERASURE | members).items() if value is not None}
    answer = visit("POST", form, body)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer), answer.body
    page = post(form, body)
    assert page.status == 422
    assert 'role="alert"' in page.text
    field = pointer.removeprefix("/")
    if field in {"email", "phone", "note", "regulation"}:
        assert f'id="{field}-error"' in page.text
        assert re.search(f'id="{field}"[^>]*aria-invalid="true"', page.text)
    assert listed(a, status="unverified") == listed(a) == []
    assert keys("subjects/") == []


def test_scripts_in_every_field_stay_text(a: Member) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    form = switched_on(a, heading=attack, retention=attack)
    names = ("type", "regulation", "email", "phone", "note", "website", "language")
    pages = [visit("GET", form, **BROWSER), post(form, dict.fromkeys(names, attack))]
    pages += [post(form, ERASURE | {name: attack}) for name in names]
    pages.append(post(f"{form}/{taken(form)['receipt']}/code", {"code": attack}))
    for page in pages:
        assert page.status in {200, 422}
        assert "<script" not in page.text
        assert "<img" not in page.text
    assert attack in unescape(pages[1].text)


def test_pages_load_and_run_nothing_and_only_the_forms_sites_embed_them(a: Member, form: str) -> None:
    receipt = taken(form)["receipt"]
    for path in (form, f"{form}/{receipt}"):
        page = visit("GET", path, **BROWSER)
        assert page.status == 200
        policy = page.headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors {SITE}")
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert not re.search(r"<(script|link|img|iframe)|\sstyle=|\son\w+=", page.text)
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"
        assert all('rel="noopener noreferrer"' in link for link in re.findall(r"<a [^>]*target[^>]*>", page.text))
    a.call(privacy, "PUT", "intake-form", OFFER | {"allowedOrigins": []})
    assert "frame-ancestors 'none'" in visit("GET", form).headers["Content-Security-Policy"]
    assert (
        "frame-ancestors 'none'" in visit("GET", f"/v1/intake/{'0' * 32}", **BROWSER).headers["Content-Security-Policy"]
    )


def test_every_field_has_its_label_and_the_language_is_the_readers(form: str) -> None:
    for wanted, language in (("de-AT,de;q=0.9", "de"), ("fr, ja;q=0.5", "ja"), ("", "en"), ("en;q=0,de;q=x", "en")):
        page = visit("GET", form, accept_language=wanted, **BROWSER)
        assert f'<html lang="{language}">' in page.text
        assert page.headers["Content-Language"] == language
        fields = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([\w-]+)"', page.text))
        labels = set(re.findall(r'<label[^>]* for="(\w+)"', page.text))
        assert {"email", "phone", "note", "regulation"} <= fields
        assert {name for name in fields if not name.startswith("type-")} == labels
    assert '<html lang="ja">' in visit("GET", f"{form}?language=ja", accept_language="de", **BROWSER).text


def test_another_site_may_neither_call_nor_read_it(a: Member, form: str) -> None:
    own = visit("POST", form, ERASURE, origin=SITE)
    assert (own.status, own.headers["Access-Control-Allow-Origin"]) == (201, SITE)
    preflight = visit("OPTIONS", form, origin=SITE, access_control_request_method="POST")
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, SITE)
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    for origin in ("https://other.example", "null", f"{SITE}.other.example", "https://acme.example"):
        for answer in (
            visit("POST", form, ERASURE, origin=origin),
            post(form, ERASURE, origin=origin),
            visit("GET", form, origin=origin),
            visit("OPTIONS", form, origin=origin),
        ):
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.status in {200, 204, 403}
        assert visit("POST", form, ERASURE, origin=origin).status == 403
    assert len(listed(a, status="unverified")) == 1
    host = "api.example.com"
    assert post(form, ERASURE, origin=f"https://{host}", host=host).status == 303
    assert post(form, ERASURE, origin="null", sec_fetch_site="same-origin").status == 303


def test_nothing_is_found_by_guessing(world: World, a: Member, form: str) -> None:
    receipt = taken(form)["receipt"]
    other = switched_on(world.member(world.b))
    own = a.call(
        privacy,
        "POST",
        "privacy-requests",
        {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [{"namespace": "email", "value": ANN}]}},
    )
    name = own.body["privacyRequestId"].removeprefix("prq_")
    for path in (
        f"/v1/intake/{'0' * 32}",
        f"/v1/intake/{a.sandbox.sandbox_id}",
        f"{form}x",
        f"{other}/{receipt}",
        f"{form}/{receipt[:-1]}0" if receipt[-1] != "0" else f"{form}/{receipt[:-1]}1",
        f"{form}/{receipt[:26]}",
        f"{form}/{name}{'0' * 32}",
        f"{form}/{'x' * 300}",
    ):
        for headers in ({}, BROWSER):
            answer = visit("GET", path, **headers)
            assert answer.status == 404, path
            assert visit("POST", f"{path}/code", {"code": "123456"}).status in {404, 405}
        assert "There is nothing here" in visit("GET", path, **BROWSER).text


def test_a_code_works_once_for_its_own_receipt_and_three_times_at_most(a: Member, form: str) -> None:
    first, second = (taken(form, email=email)["receipt"] for email in (ANN, "bob@example.org"))
    codes = {mail.destinations["ToAddresses"][0]: code_of(mail) for mail in mails(a)}
    assert codes[ANN] != codes["bob@example.org"]
    wrong = visit("POST", f"{form}/{first}/code", {"code": codes["bob@example.org"]})
    assert (wrong.status, wrong.body["reason"], wrong.body["triesLeft"]) == (422, "wrong_code", 2)
    assert visit("POST", f"{form}/{first}/code", {"code": codes[ANN]}).body["state"] == "confirmed"
    assert visit("POST", f"{form}/{first}/code", {"code": codes[ANN]}).status == 409
    replayed = post(f"{form}/{first}/code", {"code": codes[ANN]})
    assert (replayed.status, "Confirmed" in replayed.text, 'role="alert"' in replayed.text) == (409, True, False)
    for _ in range(3):
        visit("POST", f"{form}/{second}/code", {"code": codes[ANN]})
    assert visit("POST", f"{form}/{second}/code", {"code": codes["bob@example.org"]}).status == 409
    assert visit("GET", f"{form}/{second}").body["state"] == "closed"
    assert len(listed(a)) == 1


def test_a_flood_ends_with_its_network_its_address_and_the_day(
    a: Member, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = submissions.FROM_NETWORK.limit
    for number in range(most):
        answer = visit("POST", form, ERASURE | {"email": f"flood{number}@example.org"}, ip=f"203.0.113.{number}")
        assert answer.status == 201
    assert '"intake-network";r=0' in answer.headers["RateLimit"]
    over = visit("POST", form, ERASURE, ip="203.0.113.200")
    assert over.status == 429
    assert int(over.headers["Retry-After"]) <= submissions.FROM_NETWORK.seconds
    page = post(form, ERASURE, ip="203.0.113.200")
    assert (page.status, "Too many requests" in page.text) == (429, True)
    assert ANN in page.text  # nothing has to be typed again
    for number in range(submissions.FOR_ADDRESS.limit):
        answer = visit(
            "POST", form, ERASURE | {"email": " Ann@Example.org" if number % 2 else ANN}, ip=f"198.51.{number}.1"
        )
        assert answer.status == 201
        assert "intake-address" not in answer.headers["RateLimit"]
    assert visit("POST", form, ERASURE, ip="198.51.200.1").status == 429
    monkeypatch.setattr("handfast.privacy_requests.intake.UNVERIFIED_PER_DAY", most)
    assert visit("POST", form, ERASURE | {"email": "late@example.org"}, ip="198.51.201.1").status == 429
    assert listed(a) == []


def test_calls_of_a_network_are_limited_before_anything_is_read(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = Quota("calls", "requests", call_quota.BLOCK, seconds=3600)
    monkeypatch.setattr(call_quota, "QUOTA", quota)
    monkeypatch.setattr(call_quota, "spend", SPEND)
    statuses = [visit("GET", f"/v1/intake/{'0' * 32}").status for _ in range(3 * call_quota.BLOCK)]
    assert set(statuses) == {404, 429}
    assert visit("GET", form, ip="198.51.100.1").status == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("email=" + "a" * 20_000, {"content_type": FORM["content-type"]}, 400),
        (json.dumps(ERASURE | {"note": "a" * 20_000}), {}, 400),
        ("&".join(f"f{number}=1" for number in range(1000)), {"content_type": FORM["content-type"]}, 400),
        ("email=%ff%fe", {"content_type": FORM["content-type"]}, 400),
        ("{", {}, 400),
        ("<a/>", {"content_type": "application/xml"}, 415),
        ("--x", {"content_type": "multipart/form-data; boundary=x"}, 415),
        (None, {}, 422),
        ("[]", {}, 422),
        ("email=%00&type=erasure&regulation=gdpr", {"content_type": FORM["content-type"]}, 400),
    ],
)
def test_bodies_that_cannot_be_read_are_refused(a: Member, form: str, body: Any, headers: Any, status: int) -> None:
    answer = visit("POST", form, body, **headers)
    assert answer.status == status, answer.text
    assert listed(a, status="unverified") == []


def test_no_record_and_no_line_of_the_log_has_the_person(
    a: Member, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    receipt = taken(form)["receipt"]
    post(form, ERASURE | {"phone": "+14155550123"})
    visit("GET", f"{form}/{receipt}", **BROWSER)
    kept = json.dumps([list(journal.log(a.sandbox.sandbox_id)), listed(a, status="unverified")], default=str)
    for text in (kept, caplog.text):
        assert ANN not in text
        assert "4155550123" not in text
        assert receipt[26:] not in text
        assert "203.0.113.24" not in text
