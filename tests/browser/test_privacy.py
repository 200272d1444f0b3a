"""Privacy in the console: an erasure from its preview to its proof, connectors, and what those see who may not act."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until
from tests.worlds.console import Console, long_only, mark

EMAIL = "Email_LC_SHA256"
PEOPLE = {
    "admin": ("sandbox-admin@organization-a.example", None),
    "officer": ("viewer@organization-b.example", "privacy-officer"),
    "viewer": ("viewer@organization-a.example", "viewer"),
}
"""Who is who in the sandbox of these tests; its administrator is made with it."""


@pytest.fixture(scope="module")
def side(stack_file: Path) -> Side:
    """A fresh sandbox, in which one person administers, another is its privacy officer, and a third looks on."""
    made = new_side(stack_file, "a")
    from handfast_cli.admin import access

    for email, role in PEOPLE.values():
        if role:
            access.put_grant(email, made.session.sandbox, role)
    return made


type At = Callable[[str], Console]


@pytest.fixture(scope="module")
def at(side: Side, stack: dict[str, Any], chromium: Browser, console_url: str) -> Iterator[At]:
    """`at("officer")`: the sandbox's privacy officer, signed in once."""
    known: dict[str, Console] = {}
    contexts = []

    def signed_in(who: str) -> Console:
        if who not in known:
            context = chromium.new_context(
                locale="en-US",
                viewport={"width": 1440, "height": 1200},
                # A colour on its way to another has whatever contrast.
                reduced_motion="reduce",
            )
            contexts.append(context)
            (user,) = (user for user in stack["users"] if user["email"] == PEOPLE[who][0])
            # Straight into the sandbox: the entry page would lead elsewhere meanwhile.
            known[who] = Console(context.new_page(), console_url, {**user, "sandboxId": side.session.sandbox})
            known[who].sign_in(f"/sandboxes/{side.session.sandbox}")
        return known[who]

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def admin(at: At) -> Console:
    return at("admin")


@pytest.fixture(scope="module")
def viewer(at: At) -> Console:
    return at("viewer")


def make_known(side: Side, addresses: list[str]) -> None:
    """Upload these people, each with a profile of its own."""
    columns = [
        {"column": "id", "as": "profileId"},
        {"column": "email", "as": "identity", "namespace": EMAIL, "transform": "hash"},
    ]
    about = {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": columns}
    upload = side.post("/uploads", about)
    rows = "".join(f"{address},{address}\n" for address in addresses)
    httpx.put(upload["uploadUrl"], content=f"id,email\n{rows}".encode()).raise_for_status()
    assert until(lambda: side.get(f"/uploads/{upload['uploadId']}")["status"] == "completed")


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{field}")).last.click()
    page.get_by_role("option", name=re.compile(option)).first.click()


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog")


def test_an_empty_board_says_what_to_do_first(viewer: Console) -> None:
    viewer.open("privacy")
    expect(viewer.page.get_by_text("Enter a person's request, switch on the intake form")).to_be_visible()


def test_an_erasure_goes_from_its_preview_to_its_proof(admin: Console, at: At, side: Side) -> None:
    addresses = [f"person-{number}@example.com" for number in range(2)]
    make_known(side, addresses)
    page, officer = admin.page, at("officer")
    admin.open("privacy")
    page.get_by_role("button", name="New request").first.click()
    choose(page, "Regulation", "^GDPR")
    choose(page, "Type", "^Erasure")
    for number, address in enumerate(addresses):
        if number:
            page.get_by_role("button", name="Add identity").click()
        choose(page, "Namespace", "E-mail")
        page.get_by_role("textbox", name="Value").nth(number).fill(address)
    page.get_by_role("button", name="Preview").click()
    expect(dialog_of(page).get_by_text("2 profiles are concerned.")).to_be_visible()
    expect(dialog_of(page).get_by_text("Another person than you has to approve")).to_be_visible()
    dialog_of(page).get_by_role("button", name="File request").click()

    code = page.get_by_text(re.compile(r"^\d{6}$"))
    expect(code).to_be_visible()
    digits = code.inner_text()
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_role("heading", name=re.compile("^Erasure"), level=1)).to_be_visible()
    assert addresses[0] not in page.content()
    page.get_by_role("button", name="Verify", exact=True).click()
    dialog_of(page).get_by_role("textbox").fill(digits)
    dialog_of(page).get_by_role("button", name="Verify").click()

    page.get_by_role("button", name="Approve", exact=True).click()
    expect(dialog_of(page).get_by_text("E-mail: 2")).to_be_visible()
    dialog_of(page).get_by_role("button", name="Approve").click()
    expect(dialog_of(page).get_by_text("so somebody else has to approve it")).to_be_visible()
    dialog_of(page).get_by_role("button", name="Cancel").click()

    request = page.url.rsplit("/", 1)[1]
    officer.open(f"privacy/{request}")
    officer.page.get_by_role("button", name="Approve", exact=True).click()
    dialog_of(officer.page).get_by_role("button", name="Approve").click()
    # Both see it end, without a reload.
    for seen in (officer.page, page):
        expect(seen.get_by_text("Fulfilled", exact=True)).to_be_visible()
    page.get_by_role("button", name="Verify in this browser").click()
    expect(page.get_by_text("The history holds")).to_be_visible()
    page.get_by_role("button", name="Show proof").click()
    expect(page.get_by_role("row", name=re.compile("Approved .* Intact"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Completed .* Intact"))).to_be_visible()
    assert addresses[0] not in page.content()
    assert admin.violations() == []
    assert admin.errors == officer.errors == []


def test_a_connector_that_does_not_answer_is_shown_plainly(admin: Console) -> None:
    page = admin.page
    name = f"Console test {mark()}"
    admin.open("privacy/connectors/create")
    page.get_by_role("radio", name=re.compile("^Webhook")).click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("textbox", name="URL").fill("nonsense")
    page.get_by_role("textbox", name="Signing secret").fill("whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Request ID:")).to_be_visible()
    page.get_by_role("textbox", name="URL").fill("https://connector-test.handfast.invalid/people")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert "c2VjcmV0" not in page.content()
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection does not work")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog_of(page).get_by_role("textbox").fill(name)
    dialog_of(page).get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name=re.compile("^Connectors"))).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert admin.errors == []


def test_a_viewer_sees_and_cannot_act(viewer: Console) -> None:
    viewer.open("privacy")
    create = viewer.page.get_by_role("button", name="New request").first
    expect(create).to_have_attribute("aria-disabled", "true")
    expect(viewer.page.get_by_role("button", name=re.compile("^Decide"))).to_have_count(0)
    viewer.open("privacy/connectors")
    expect(viewer.page.get_by_text("privacy:approve")).to_be_visible()


def test_an_error_has_its_request_and_is_tried_again(viewer: Console) -> None:
    problem = {"type": "/v1/problems/internal", "title": "Failed", "detail": "It broke", "requestId": "req-shown"}

    def fail(route: Route) -> None:
        route.fulfill(status=500, content_type="application/problem+json", body=json.dumps(problem))

    page = viewer.page
    page.route("**/processing-record", fail)
    viewer.open("privacy/processing-record")
    expect(page.get_by_text("Request ID: req-shown")).to_be_visible(timeout=20_000)
    page.unroute("**/processing-record")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Who else is given personal data")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "theme"), [("en", "dark"), ("de", "light"), pytest.param("ja", "dark", marks=long_only)]
)
def test_pages_have_no_violations(admin: Console, locale: str, theme: str) -> None:
    admin.open("privacy")
    admin.prefer(locale=locale, theme=theme)
    for path in ("privacy", "privacy/create", "privacy/bulk", "privacy/connectors/create", "privacy/register"):
        admin.open(path)
        assert admin.violations() == [], path
