"""Destinations and delivery in the console: from the catalogue to a replayed dead letter, and who sees what."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from handfast_cli import uploads
from handfast_cli.demo.warehouse import Warehouse, warehouse
from handfast_cli.local.profiles import local_profiles
from handfast_cli.options import Session
from tests.worlds.console import Console, mark

PATIENCE = 90_000
"""In ms: how long a run and its delivery may take on a busy stack."""
RUN = mark()
"""Tells what is made here from what earlier runs have left on the stack."""
NAME = f"Console warehouse {RUN}"
SEGMENT = f"Console readers {RUN}"
MAPPING_ID = "console-readers"
PEOPLE = 10
CONSENTING = 8
MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def session(stack_file: Path) -> Session:
    """The first organisation's administrator at the API."""
    profile = local_profiles(stack_file)["local-a"]
    return Session(profile.api(), profile.sandbox_id)


@pytest.fixture(scope="module")
def readers(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A segment of ten people of whom two have not consented."""
    segment = session.api.call("POST", session.path("/segments"), body={"name": SEGMENT})["segmentId"]
    path = tmp_path_factory.mktemp("upload") / "people.csv"
    rows = [f"console{n}@example.com,{'y' if n < CONSENTING else 'n'}" for n in range(PEOPLE)]
    path.write_text("\n".join(["mail,share", *rows]) + "\n")
    columns = [
        {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
        {"column": "share", "as": "share"},
    ]
    body = {"fileName": path.name, "format": "csv", "mode": "delta", "columns": columns, "segmentId": segment}
    created = uploads.send_file(session, path, body, lambda _: None)
    assert uploads.follow(session, f"/uploads/{created['uploadId']}", lambda _: None)["status"] == "completed"
    yield segment
    for made in session.api.items(session.path("/destinations")):
        if made["name"] == NAME and made["status"] != "deleting":
            query = {"members": "keep"}
            session.api.call("DELETE", session.path(f"/destinations/{made['destinationId']}"), query=query)


@pytest.fixture(scope="module")
def outside() -> Iterator[Warehouse]:
    """The system that members are given to."""
    with warehouse() as made:
        yield made


def test_a_segment_is_given_to_a_destination_and_a_dead_letter_replayed(
    admin: Console, session: Session, readers: str, outside: Warehouse
) -> None:
    page = admin.page
    _connect(admin, outside)
    _test(page)
    _activate(page)
    expect(page.get_by_role("heading", name=f"Activation to {NAME}")).to_be_visible()
    expect(page.get_by_role("row", name=SEGMENT)).to_contain_text(MAPPING_ID)
    _population_adds_up(page)
    assert len(outside.members(MAPPING_ID)) == CONSENTING

    outside.refuses = True
    leaves = {"namespace": "email", "value": min(outside.members(MAPPING_ID))}
    change = {"identity": leaves, "segmentId": readers, "status": "exited"}
    session.api.call("POST", session.path("/memberships"), body={"changes": [change]})
    page.get_by_role("link", name=NAME, exact=True).click()
    page.get_by_role("tab", name="Dead letters").click()
    letter = page.get_by_role("row", name=re.compile("a column is missing"))
    expect(letter).to_be_visible(timeout=PATIENCE)
    letter.get_by_role("link").click()
    expect(page.get_by_role("dialog")).to_contain_text(SEGMENT)
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    assert admin.violations() == []
    outside.refuses = False
    page.get_by_role("button", name="Replay all").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 dead letter with 1 change")
    page.get_by_role("dialog").get_by_role("button", name="Replay").click()
    expect(page.get_by_text("1 dead letter is sent again.")).to_be_visible()
    expect(page.get_by_text("No dead letters")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Health").click()
    expect(page.get_by_text("Healthy")).to_be_visible()
    assert admin.errors == []


def _connect(console: Console, outside: Warehouse) -> None:
    page = console.page
    console.open("destinations")
    page.get_by_role("button", name="Connect destination").first.click()
    page.get_by_placeholder("Search by name").fill("https endpoint")
    page.get_by_role("button", name="Connect HTTP").click()
    page.get_by_role("textbox", name="Name", exact=True).fill(NAME)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Field required")).to_be_visible()
    expect(page.get_by_text("Request ID:")).to_be_visible()
    page.get_by_role("textbox", name="URL").fill(outside.url)
    page.get_by_role("button", name=re.compile("^Kind")).click()
    page.get_by_role("option", name="Bearer token").click()
    secret = page.locator("input[type=password]")
    secret.fill(outside.token)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(secret).to_have_count(0)


def _test(page: Page) -> None:
    page.get_by_role("button", name="Test", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The destination works as it is set up.")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()


def _activate(page: Page) -> None:
    page.get_by_role("button", name="Activate segments").first.click()
    following = page.get_by_role("button", name="Next")
    expect(page.get_by_role("row", name=SEGMENT).first).to_be_visible()
    following.click()
    expect(page.get_by_text("Choose at least one segment.")).to_be_visible()
    page.get_by_placeholder("Search", exact=True).fill(SEGMENT)
    page.get_by_role("checkbox", name=SEGMENT).check()
    following.click()
    page.get_by_role("textbox", name="Mapping ID").fill(MAPPING_ID)
    following.click()
    expect(page.get_by_text("Email_LC_SHA256").first).to_be_visible()
    following.click()
    figure = page.get_by_role("table", name="What would be given")
    expect(figure.get_by_role("row", name="Members")).to_contain_text(str(PEOPLE))
    expect(figure.get_by_role("row", name="Consent")).to_contain_text(f"{MINUS}{PEOPLE - CONSENTING}")
    expect(figure.get_by_role("row", name="Given to the destination")).to_contain_text(str(CONSENTING))
    expect(page.get_by_text(MAPPING_ID).first).to_be_visible()
    page.get_by_role("button", name="Activate", exact=True).click()


def _population_adds_up(page: Page) -> None:
    page.get_by_role("link", name="Show its delivery").click()
    figure = page.get_by_role("table", name="Population")
    expect(figure.get_by_role("row", name="Shared")).to_contain_text(str(CONSENTING), timeout=PATIENCE)
    members, *steps, shared = (_number(text) for text in figure.locator("td.count").all_inner_texts())
    assert members + sum(steps) == shared
    expect(page.get_by_text("2 have no consent to this")).to_be_visible()
    page.get_by_role("tab", name="Runs").click()
    expect(page.get_by_role("row", name=re.compile("Completed"))).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Sent by hour").click()
    hour = page.get_by_role("row", name=re.compile("Consent 2"))
    expect(hour).to_contain_text(f"{SEGMENT}: {CONSENTING} activated", timeout=PATIENCE)


def _number(text: str) -> int:
    return int(text.replace(MINUS, "-").replace(",", ""))


def test_nothing_yet_and_nothing_readable(admin: Console) -> None:
    page = admin.page
    pattern = re.compile(r"/sandboxes/[^/]+/(destinations|dataflows)\?")
    problem = {"type": "/v1/problems/forbidden", "title": "Forbidden", "status": 403, "detail": "", "requestId": "r-1"}
    nothing: dict[str, Any] = {"items": [], "nextCursor": None}
    is_failing = True

    def answer(route: Route) -> None:
        if is_failing:
            route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(problem))
        else:
            route.fulfill(content_type="application/json", body=json.dumps(nothing))

    page.route(pattern, answer)
    try:
        admin.sign_in(f"/sandboxes/{admin.sandbox}/delivery")
        for section, empty in (
            ("Delivery", "A dataflow begins when"),
            ("Destinations", "Connect one from the catalogue"),
        ):
            is_failing = True
            page.get_by_role("link", name=section, exact=True).last.click()
            expect(page.get_by_text("Request ID: r-1")).to_be_visible()
            is_failing = False
            page.get_by_role("button", name="Try again").click()
            expect(page.get_by_text(empty)).to_be_visible()
            assert admin.violations() == []
    finally:
        page.unroute(pattern)
