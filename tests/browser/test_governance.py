"""Governance, the log, access and settings in the console, in a sandbox of their own."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from handfast_cli.demo.command import new_side
from tests.worlds.console import Console, long_only, opened, people_of

SEGMENT = "Newsletter <b>readers</b>"
POLICY = "Restrict third-party data export"
ROUTES = [
    "governance",
    "governance/labels",
    "governance/marketing-actions",
    "governance/policies/restrict_third_party_export",
    "governance/policies/create",
    "governance/data-sources",
    "governance/data-sources/create",
    "governance/check",
    "governance/audience-manager",
    "activity",
    "activity/notifications",
    "access",
    "access/machines",
    "access/invitations",
    "access/add",
    "settings",
    "settings/sharing",
    "settings/namespaces/define",
]


@pytest.fixture(scope="module")
def sandbox(stack: dict[str, Any], stack_file: Path) -> str:
    """A new sandbox of the first organisation with a labelled segment, which its viewer sees too."""
    side = new_side(stack_file, "a", overlap_threshold=0)
    seeded = people_of(stack, "viewer")[0]
    grants = side.session.api.items(f"/sandboxes/{seeded['sandboxId']}/grants")
    (viewer,) = (grant["principalId"] for grant in grants if grant["name"] == seeded["email"])
    side.session.api.call("PUT", side.session.path(f"/grants/{viewer}"), body={"role": "viewer"})
    side.post("/segments", {"name": SEGMENT, "labels": ["C2"]})
    return side.session.sandbox


def _there(chromium: Browser, url: str, user: dict[str, str], sandbox: str) -> Iterator[Console]:
    context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield opened(context, url, user | {"sandboxId": sandbox})
    context.close()


@pytest.fixture(scope="module")
def admin(chromium: Browser, console_url: str, stack: dict[str, Any], sandbox: str) -> Iterator[Console]:
    yield from _there(chromium, console_url, people_of(stack, "sandbox-admin")[0], sandbox)


@pytest.fixture(scope="module")
def viewer(chromium: Browser, console_url: str, stack: dict[str, Any], sandbox: str) -> Iterator[Console]:
    yield from _there(chromium, console_url, people_of(stack, "viewer")[0], sandbox)


def test_a_policy_is_switched_on_after_its_dry_run_and_the_log_shows_it_and_verifies(admin: Console) -> None:
    page = admin.page
    admin.open("governance")
    page.get_by_role("button", name=f"Switch on {POLICY}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=SEGMENT)).to_be_visible()
    expect(dialog.get_by_text("label C2 against Export to third party")).to_be_visible()
    dialog.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("row", name=re.compile(f"{POLICY}.*Enabled"))).to_be_visible()

    admin.open("activity")
    page.get_by_role("button", name=re.compile("^Policy enabled")).click()
    expect(page.get_by_role("dialog").get_by_text("policy.enabled")).to_be_visible()
    expect(page).to_have_url(re.compile(r"record=\d+"))
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The log is unchanged")).to_be_visible()
    expect(page.get_by_text(re.compile(r"All \d+ records from the first to number"))).to_be_visible()
    assert admin.errors == []


def test_a_use_is_checked_and_forbidden_by_the_policy(admin: Console) -> None:
    page = admin.page
    admin.open("governance/check")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Choose something to check and at least one use.", exact=True)).to_be_visible()
    for field, option in (("Segments", SEGMENT), ("May be used for", "Export to third party"), ("", "Analytics")):
        if field:
            page.get_by_role("button", name=re.compile(f"^{field}")).click()
        page.get_by_role("option", name=option).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Check", exact=True).click()
    answer = page.get_by_role("row", name=re.compile("Newsletter"))
    expect(answer.get_by_text("Allowed")).to_be_visible()
    expect(answer.get_by_text(f"by {POLICY}")).to_be_visible()
    assert admin.errors == []


def test_a_setting_is_changed_after_its_dry_run_and_a_wrong_one_refused_at_its_field(admin: Console) -> None:
    page = admin.page
    admin.open("settings/sharing")
    threshold = page.get_by_role("textbox", name="Overlap threshold")
    threshold.fill("-5")
    page.get_by_role("button", name="Review the change").click()
    expect(page.get_by_text("Request ID:")).to_be_visible()
    threshold.fill("0")
    page.get_by_role("radio", name="Share only if the person said yes").click()
    page.get_by_role("button", name="Review the change").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row", name=re.compile("Consent default.*unless.*only if"))).to_be_visible()
    expect(dialog.get_by_text("No dataflow gains or loses anybody")).to_be_visible()
    dialog.get_by_role("button", name="Change settings").click()
    expect(page.get_by_text("The settings are changed.")).to_be_visible()
    expect(page.get_by_text("Share only if the person said yes")).to_be_visible()

    admin.open("activity")
    page.get_by_role("button", name=re.compile("^Settings changed")).click()
    expect(page.get_by_role("dialog").get_by_text("Consent default")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).last.click()
    assert admin.errors == []


def test_a_grant_is_changed_and_the_last_administrator_stays(admin: Console, viewer: Console) -> None:
    page = admin.page
    admin.open("access")
    page.get_by_role("link", name=viewer.user["email"]).click()
    page.get_by_role("button", name="Change rights").click()
    page.get_by_role("checkbox", name="Enter privacy requests").click()
    expect(page.get_by_text("May also do")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("row", name=re.compile("Enter privacy requests.*Given by itself"))).to_be_visible()

    admin.open("access")
    page.get_by_role("link", name=admin.user["email"]).click()
    expect(page.get_by_role("heading", name=admin.user["email"])).to_be_visible()
    remove = page.get_by_role("button", name="Remove")
    expect(remove).to_have_attribute("aria-disabled", "true")
    assert admin.errors == []


def test_a_viewer_sees_and_is_told_what_its_grant_lacks(viewer: Console) -> None:
    page = viewer.page
    viewer.open("governance")
    expect(page.get_by_role("link", name=POLICY)).to_be_visible()
    expect(page.get_by_role("button", name="Create policy")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("button", name=re.compile("^Switch"))).to_have_count(0)
    viewer.open("settings")
    expect(page.get_by_role("button", name="Edit: Sharing and consent")).to_have_attribute("aria-disabled", "true")
    viewer.open("access")
    expect(page.get_by_role("heading", name="Not allowed")).to_be_visible()
    expect(page.get_by_text("does not include access:manage")).to_be_visible()
    assert viewer.errors == []


def test_a_failing_api_is_told_with_its_request(admin: Console) -> None:
    problem = {
        "type": "/v1/problems/refused",
        "title": "Refused by a rule",
        "status": 422,
        "detail": "the labels cannot be read",
        "instance": "/",
        "requestId": "req-from-test",
    }

    def refuse(route: Route) -> None:
        route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem))

    path = re.compile(r"/sandboxes/[^/]+/signals")
    admin.page.route(path, refuse)
    admin.open("governance/audience-manager")
    expect(admin.page.get_by_text("Request ID: req-from-test")).to_be_visible()
    admin.page.unroute(path)
    admin.page.get_by_role("button", name="Try again").click()
    expect(admin.page.get_by_text("No signal comes in")).to_be_visible()


def test_what_is_empty_says_what_to_do_first(admin: Console) -> None:
    admin.open("governance/audience-manager")
    expect(admin.page.get_by_text("Enable a received feed: each of its segments is a trait here.")).to_be_visible()
    admin.open("access/machines")
    expect(admin.page.get_by_text("The operator makes machines, as described below.")).to_be_visible()
    expect(admin.page.get_by_text(f"handfast admin create-client NAME --sandbox {admin.sandbox}")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "theme"), [("en", "light"), ("de", "dark"), pytest.param("ja", "light", marks=long_only)]
)
def test_pages_have_no_violations(admin: Console, locale: str, theme: str) -> None:
    admin.open("settings")
    admin.prefer(locale=locale, theme=theme)
    routes = ROUTES if locale == "en" else ROUTES[:1] + ROUTES[9:12] + ROUTES[15:16]
    found = {}
    for route in routes:
        admin.open(route)
        expect(admin.page.get_by_label(re.compile("Loading|Wird geladen|読み込み"))).to_have_count(0)
        found[route] = admin.violations()
    assert {route: rules for route, rules in found.items() if rules} == {}
