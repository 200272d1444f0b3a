"""Feeds in the console: one side makes and publishes one, the other enables it; it changes, and ends."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.worlds import connected_sides as sides
from tests.worlds.connected_sides import Pair
from tests.worlds.console import (
    Console,
    check,
    choose,
    go_on,
    long_only,
    opened,
    people_of,
    pick,
    press,
    reach,
    seen,
)

NAME = "People we both know"
HOSTILE = "<img src=x onerror=alert(1)> \u200f\u05d0\u05d1 " + "x" * 150


@pytest.fixture(scope="module")
def pair(stack_file: Path) -> Pair:
    """A with three segments that can be shared and one that cannot, B with people of whom some are the same."""
    made = sides.connected(stack_file, overlap_threshold=0)
    segments = {
        "Newsletter readers": range(40),
        "Lapsed buyers": range(30, 60),
        HOSTILE: range(50, 70),
    }
    ids = {name: sides.segment_of(made.a, name, people) for name, people in segments.items()}
    sides.segment_of(made.a, "Health interest", range(5), labels=["C11"])
    members = sides.segment_of(made.b, "Members of B", range(20, 90))
    for name, people in segments.items():
        sides.arrived(made.a, ids[name], len(people))
    sides.arrived(made.b, members, 70)
    return made


type At = Callable[[str, str], Console]


@pytest.fixture(scope="module")
def at(pair: Pair, stack: dict[str, Any], chromium: Browser, console_url: str) -> Iterator[At]:
    """`at("a", "viewer")`: A's viewer in the fresh sandbox, signed in once."""
    known: dict[tuple[str, str], Console] = {}
    contexts = []

    def signed_in(letter: str, role: str) -> Console:
        if (letter, role) not in known:
            context = chromium.new_context(
                locale="en-US",
                viewport={"width": 1440, "height": 1200},
                # A colour on its way to another has whatever contrast.
                reduced_motion="reduce",
            )
            contexts.append(context)
            user = people_of(stack, role)["ab".index(letter)]
            side = pair.a if letter == "a" else pair.b
            known[letter, role] = opened(context, console_url, {**user, "sandboxId": side.session.sandbox})
        return known[letter, role]

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def a(at: At) -> Console:
    return at("a", "sandbox-admin")


@pytest.fixture(scope="module")
def b(at: At) -> Console:
    return at("b", "sandbox-admin")


def test_empty_lists_say_what_comes_first(a: Console, b: Console) -> None:
    a.open("feeds")
    expect(a.page.get_by_text("It needs a segment and an active connection")).to_be_visible()
    b.open("received-feeds")
    expect(b.page.get_by_text("when a partner with an active connection publishes one")).to_be_visible()


def test_a_draft_survives_a_reload_and_is_published_after_its_dry_run(a: Console) -> None:
    page = a.page
    a.open("feeds/create")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Give the feed a name.")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill(NAME)
    choose(page, "Restricted uses", "Email targeting")
    choose(page, "Identity namespaces", sides.EMAIL)
    go_on(page, "Segments")
    a.sign_in(f"/sandboxes/{a.sandbox}/feeds/create?step=segments")

    blocked = page.get_by_role("row", name=re.compile("Health interest"))
    expect(blocked.get_by_role("checkbox")).to_be_disabled()
    expect(blocked.get_by_role("link", name="Restrict data sharing")).to_have_attribute(
        "href", re.compile("governance/policies/restrict_data_sharing$")
    )
    assert page.locator("img[src=x]").count() == 0
    check(page, "Newsletter readers")
    check(page, "Lapsed buyers")
    go_on(page, "Partners")
    check(page, "Organization B")
    go_on(page, "Review")
    page.get_by_role("button", name="Analyze by segment").click()
    estimates = page.get_by_role("table", name="Overlap with Organization B")
    expect(estimates.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text(re.compile(r"2 of 100 answers about this partner spent today, 98 left"))).to_be_visible()
    assert a.violations() == []
    go_on(page, "Publish")
    expect(page.get_by_text("What publishing version 1 would do")).to_be_visible()
    expect(page.get_by_text("Is offered the feed")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text(f"Version 1 of the feed {NAME} is published.")).to_be_visible()
    expect(_partner(page)).to_contain_text("Pending")
    assert a.violations() == []
    assert a.errors == []


def test_the_partner_enables_it_and_sees_the_members(a: Console, b: Console) -> None:
    page = b.page
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_text("Targeting people by email")).to_be_visible()
    page.get_by_role("button", name="Enable").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Newsletter readers")).to_be_visible()
    dialog.get_by_role("button", name="Enable").click()
    expect(page.get_by_text("is enabled. Its members arrive")).to_be_visible()
    # The sender's page says so by itself.
    expect(_partner(a.page)).to_contain_text("Enabled")
    page.get_by_role("button", name="Show members").click()
    expect(page.get_by_role("rowheader", name=sides.address(25))).to_be_visible()
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("link", name="Download the file")).to_have_attribute("href", re.compile("^http"))
    assert b.violations() == []
    assert b.errors == []


def test_a_changed_version_is_shown_as_a_difference(a: Console, b: Console) -> None:
    page = a.page
    page.get_by_role("button", name="Edit").click()
    for use in ("Email targeting", "Analytics"):
        choose(page, "Restricted uses", use)
    choose(page, "Identity namespaces", "IDFA")
    go_on(page, "Segments")
    check(page, "Lapsed buyers")
    page.get_by_role("row", name=re.compile("onerror")).get_by_role("checkbox").click()
    for step in ("Partners", "Review", "Publish"):
        go_on(page, step)
    expect(page.get_by_text("What publishing version 2 would do")).to_be_visible()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text(f"Version 2 of the feed {NAME} is published.")).to_be_visible()

    received = b.page
    expect(received.get_by_role("heading", name="Version 2 waits for you; version 1 is enabled")).to_be_visible()
    for title, what in (
        ("Segments added (1)", "onerror"),
        ("Segments removed (1)", "Lapsed buyers"),
        ("Segments unchanged (1)", "Newsletter readers"),
        ("Namespaces added (1)", "IDFA"),
        ("Namespaces unchanged (1)", sides.EMAIL),
        ("Restricted uses added (1)", "Analytics"),
        ("Restricted uses removed (1)", "Email targeting"),
    ):
        part = received.get_by_role("heading", name=title).locator("..")
        expect(part).to_contain_text(what)
    assert received.locator("img[src=x]").count() == 0
    assert b.violations() == []
    received.get_by_role("button", name="Enable version 2").click()
    received.get_by_role("dialog").get_by_role("button", name="Enable version 2").click()
    expect(received.get_by_role("heading", name=re.compile("^Version 2 waits"))).to_have_count(0)
    assert [*a.errors, *b.errors] == []


def test_a_feed_is_published_by_keyboard_alone(
    pair: Pair, stack: dict[str, Any], chromium: Browser, console_url: str
) -> None:
    context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    a = Console(page, console_url, {**people_of(stack, "sandbox-admin")[0], "sandboxId": pair.a.session.sandbox})
    try:
        page.goto(f"{console_url}/sandboxes/{a.sandbox}")
        for field in ("username", "password"):
            reach(page.locator(f"input[name={field}]"))
            page.keyboard.type(a.user["email" if field == "username" else field])
        page.keyboard.press("Enter")

        press(page.get_by_role("link", name="Feeds", exact=True))
        press(page.get_by_role("link", name="Create feed").or_(page.get_by_role("button", name="Create feed")).first)
        press(page.get_by_role("button", name="Next"))
        seen(page.get_by_text("Give the feed a name."))
        expect(page.get_by_role("textbox", name="Name")).to_be_focused()
        page.keyboard.type("By keyboard")
        pick(page.get_by_role("button", name=re.compile("^Restricted uses")), "Email targeting")
        pick(page.get_by_role("button", name=re.compile("^Identity namespaces")), sides.EMAIL)
        for step, row in (("Segments", "Newsletter readers"), ("Partners", "Organization B")):
            _next_by_keyboard(page, step)
            reach(page.get_by_role("checkbox", name="Select all"))
            reach(page.get_by_role("row", name=re.compile(row)).get_by_role("checkbox"), key="ArrowDown")
            page.keyboard.press("Space")
            seen(page.get_by_role("region", name=re.compile("^1 .* chosen")))
        _next_by_keyboard(page, "Review")
        seen(page.get_by_text("Targeting people by email"))
        _next_by_keyboard(page, "Publish")
        seen(page.get_by_text("What publishing version 1 would do"))
        press(page.get_by_role("button", name="Publish", exact=True))
        seen(page.get_by_text("Version 1 of the feed By keyboard is published."))
        expect(_partner(page)).to_contain_text("Pending")
        assert a.errors == []
    finally:
        context.close()


def test_a_viewer_is_told_an_error_sees_and_cannot_act(at: At) -> None:
    viewer = at("a", "viewer")
    page = viewer.page
    problem = {"type": "/v1/problems/forbidden", "status": 403, "detail": "It is closed today", "requestId": "req-1"}

    def refuse(route: Route) -> None:
        route.fulfill(status=403, json=problem, content_type="application/problem+json")

    feeds = re.compile(rf"/sandboxes/{viewer.sandbox}/feeds\?")
    # Home reads them too, and what it has read would be shown.
    page.route(feeds, refuse)
    viewer.open("")
    page.get_by_role("link", name="Feeds", exact=True).click()
    expect(page.get_by_text("It is closed today")).to_be_visible()
    expect(page.get_by_text("Request ID: req-1")).to_be_visible()
    page.unroute(feeds)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Create feed")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("button", name="Edit")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("button", name="Unshare")).to_have_attribute("aria-disabled", "true")


def test_unsharing_shows_its_dry_run_and_ends_it_for_the_partner(a: Console, b: Console) -> None:
    page = a.page
    page.get_by_role("button", name="Unshare").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("2 segments are no longer shared:")).to_be_visible()
    dialog.get_by_role("button", name="Unshare").click()
    expect(page.get_by_text("is no longer shared with Organization B")).to_be_visible()
    expect(_partner(page)).to_contain_text("Revoked")
    expect(b.page.get_by_text("Organization A no longer shares this feed")).to_be_visible()
    assert [*a.errors, *b.errors] == []


def test_a_draft_is_deleted(a: Console, pair: Pair) -> None:
    segment = next(pair.a.items("/segments"))["segmentId"]
    pair.a.post("/feeds", {"name": "To be deleted", "segmentIds": [segment], "namespaces": [sides.EMAIL]})
    page = a.page
    a.open("feeds")
    page.get_by_role("link", name="To be deleted").click()
    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The feed To be deleted has been deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="To be deleted")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "theme"),
    [
        ("de", "dark"),
        pytest.param("ja", "light", marks=long_only),
    ],
)
def test_pages_have_no_violations(a: Console, pair: Pair, locale: str, theme: str) -> None:
    feed = next(pair.a.items("/feeds"))["feedId"]
    a.open("feeds")
    a.prefer(locale=locale, theme=theme)
    for path in ("feeds", "feeds/create", f"feeds/{feed}", f"feeds/{feed}/edit", "received-feeds"):
        a.open(path)
        assert a.violations() == [], path


def _next_by_keyboard(page: Page, step: str) -> None:
    press(page.get_by_role("button", name="Next"))
    seen(page.get_by_role("heading", level=1, name=step))


def _partner(page: Page) -> Locator:
    return page.get_by_role("table", name="Partners").get_by_role("row", name=re.compile("Organization B"))
