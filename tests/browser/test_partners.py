"""Partners and Home in the console: two people walk through seed 000, one of them by keyboard, among hostile names."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side
from tests.worlds.console import Console, opened, people_of

HOSTILE = '<img src=x onerror="window.executed=1"> مؤسسة إعلامية <script>window.executed=1</script>'.ljust(200, "W")
NOTE = "<script>window.executed=1</script> ملاحظة <a href='javascript:window.executed=1'>x</a> ".ljust(1000, "W")
LOYALTY = {"namespace": "LOYALTY", "name": "Loyalty number", "kind": "text", "minLength": 8, "maxLength": 12}
MOST_TABS = 80
# What is read every 15 seconds, or waits for a function to start on a busy machine.
SLOW = 60_000


@dataclass(frozen=True)
class Organization:
    """A fresh sandbox: its administrator at the API, and at the console."""

    side: Side
    console: Console

    @property
    def page(self) -> Page:
        return self.console.page

    def row(self, partner: "Organization") -> Locator:
        return self.page.get_by_role("row").filter(has_text=partner.side.organization)


@pytest.fixture(scope="module")
def organizations(
    chromium: Browser, console_url: str, stack_file: Path, stack: dict[str, Any]
) -> Iterator[tuple[Organization, Organization]]:
    """A and B, in sandboxes that have nothing."""
    contexts, found = [], []
    for letter, user in zip("ab", people_of(stack, "sandbox-admin"), strict=True):
        side = new_side(stack_file, letter)
        context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900}, bypass_csp=True)
        contexts.append(context)
        person = user | {"sandboxId": str(side.session.sandbox)}
        found.append(Organization(side, opened(context, console_url, person)))
    yield found[0], found[1]
    for context in contexts:
        context.close()


def test_home_says_what_to_do_first_and_what_awaits_an_answer(organizations: tuple[Organization, Organization]) -> None:
    a, _ = organizations
    a.console.open("")
    seen(a.page.get_by_role("heading", name="Start sharing"))
    seen(a.page.get_by_text("Nothing needs your attention"))
    a.page.get_by_role("button", name="Connect partner").click()
    seen(a.page.get_by_role("textbox", name="Connect ID"))
    assert a.console.errors == []


def test_two_people_connect_and_disconnect(organizations: tuple[Organization, Organization]) -> None:
    a, b = organizations
    for side in (a.side, b.side):
        side.post("/namespaces", LOYALTY)
    a.console.open("partners")
    seen(a.page.get_by_text("No partners yet"))
    connect_id = a.page.get_by_text(re.compile(r"^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$")).inner_text()

    b.console.open("partners")
    b.page.get_by_role("button", name="Connect partner").click()
    field = b.page.get_by_role("textbox", name="Connect ID")
    field.fill(connect_id[:-1])
    b.page.get_by_role("button", name="Request connection").click()
    seen(b.page.get_by_text("20 letters and digits; this has 19"))
    field.fill("0" * 20)
    seen(b.page.get_by_text("No sandbox has this connect ID"))
    field.fill(connect_id.lower().replace("-", " "))
    seen(b.page.get_by_text("This connect ID belongs to"))
    seen(b.page.get_by_text(a.side.sandbox))
    b.page.get_by_role("textbox", name="Note").fill("For the spring campaign")
    b.page.get_by_role("checkbox", name="Let the partner estimate").check()
    b.page.get_by_role("button", name="Request connection").click()
    expect(b.row(a)).to_contain_text("Pending", timeout=SLOW)

    seen(a.page.get_by_text("You have one connection request awaiting your approval"))
    expect(a.row(b)).to_contain_text("Incoming", timeout=SLOW)
    bell = a.page.get_by_role("button", name=re.compile("1 unread"))
    seen(bell)
    bell.click()
    a.page.get_by_role("menuitem", name=f"{b.side.organization} asks to connect").click()
    seen(a.page.get_by_text("For the spring campaign"))
    seen(a.page.get_by_text("You may estimate overlaps"))
    a.page.get_by_role("button", name="Accept").click()
    dialog = a.page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Note").fill("Welcome")
    dialog.get_by_role("button", name="Accept").click()
    seen(a.page.get_by_text(f"You are connected to {b.side.organization}"))

    expect(b.row(a)).to_contain_text("Active", timeout=SLOW)
    b.row(a).get_by_role("link").click()
    seen(b.page.get_by_text("Welcome").first)
    seen(b.page.get_by_text("You may not estimate overlaps"))
    a.page.get_by_role("checkbox", name="Let the partner estimate").click()
    seen(b.page.get_by_text("You may estimate overlaps"))

    a.page.get_by_role("button", name="Propose: LOYALTY").click()
    seen(a.page.get_by_role("row", name=re.compile("LOYALTY.*Proposed by you")))
    b.page.get_by_role("button", name="Agree: LOYALTY").click()
    seen(a.page.get_by_role("row", name=re.compile("LOYALTY.*Agreed")))

    b.page.get_by_role("button", name="Disconnect").click()
    dialog = b.page.get_by_role("dialog")
    seen(dialog.get_by_text("You receive: nothing"))
    dialog.get_by_role("button", name="Disconnect").click()
    seen(b.page.get_by_role("button", name="Connect again"))
    seen(a.page.get_by_role("button", name="Connect again"))
    assert a.console.errors == b.console.errors == []


def test_two_people_connect_by_keyboard_alone(organizations: tuple[Organization, Organization]) -> None:
    a, b = organizations
    a.console.open("partners")
    press(a.page, "button", "Regenerate")
    connect_id = a.page.get_by_text(re.compile(r"^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$"))
    before = connect_id.inner_text()
    press(a.page, "button", "Regenerate", within="dialog")
    seen(a.page.get_by_text("You have a new connect ID"))
    expect(connect_id).not_to_have_text(before)

    b.console.open("partners")
    press(b.page, "button", "Connect partner")
    reach(b.page, "textbox", "Connect ID")
    b.page.keyboard.type(connect_id.inner_text())
    seen(b.page.get_by_text("This connect ID belongs to"))
    reach(b.page, "textbox", "Note")
    b.page.keyboard.type("Once more")
    press(b.page, "button", "Request connection")
    seen(b.page.get_by_text("You have asked"))

    seen(a.page.get_by_text("You have one connection request awaiting your approval"))
    press(a.page, "button", "Review")
    seen(a.page.get_by_text("Once more"))
    press(a.page, "button", "Accept")
    press(a.page, "checkbox", "Let the partner estimate", within="dialog", key="Space")
    press(a.page, "button", "Accept", within="dialog")
    seen(a.page.get_by_text(f"You are connected to {b.side.organization}"))
    assert a.console.errors == b.console.errors == []


def test_what_a_hostile_partner_writes_is_text(
    organizations: tuple[Organization, Organization], stack_file: Path
) -> None:
    a, _ = organizations
    hostile = new_side(stack_file, "b", HOSTILE)
    connect_id = a.side.get("/connect-id")["connectId"]
    made = hostile.post("/connect-requests", {"connectId": connect_id, "note": NOTE})["connectionId"]
    for path in ("", "partners", f"partners/{made}"):
        a.console.open(path)
        seen(a.page.get_by_text("مؤسسة إعلامية").first)
        assert a.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    seen(a.page.get_by_text("window.executed=1</script> ملاحظة").first)
    a.page.get_by_role("button", name="Reject").click()
    a.page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    seen(a.page.get_by_text("You have rejected the request"))

    a.console.open("partners")
    a.page.get_by_role("button", name=re.compile("^Status.*Any")).click()
    a.page.get_by_role("option", name="Rejected").click()
    rejected = a.page.get_by_role("row").filter(has_text="مؤسسة إعلامية")
    expect(rejected).to_contain_text("Rejected", timeout=SLOW)
    expect(a.page.get_by_role("row")).to_have_count(2)
    assert a.page.evaluate("window.executed") is None
    assert a.page.locator("img[src=x]").count() == 0
    assert a.console.errors == []


def test_an_error_says_which_request_failed_and_is_tried_again(
    organizations: tuple[Organization, Organization],
) -> None:
    a, _ = organizations
    problem = {
        "type": "/v1/problems/forbidden",
        "title": "Forbidden",
        "status": 403,
        "detail": "No.",
        "requestId": "r-1",
    }

    def refuse(route: Route) -> None:
        route.fulfill(status=403, content_type="application/problem+json", body=json.dumps(problem))

    a.console.open("")
    a.page.route(re.compile("/connections/con_unknown$"), refuse)
    a.console.open("partners/con_unknown")
    seen(a.page.get_by_text("Request ID: r-1"))
    a.page.unroute(re.compile("/connections/con_unknown$"))
    a.page.get_by_role("button", name="Try again").click()
    seen(a.page.get_by_text("no such connection"))


def seen(what: Locator) -> None:
    """Wait until it is there."""
    expect(what).to_be_visible(timeout=SLOW)


def reach(page: Page, role: str, name: str, within: str | None = None) -> None:
    """Move the focus there as a keyboard does."""
    wanted = (page.get_by_role(within) if within else page).get_by_role(role, name=name)  # type: ignore[arg-type]
    seen(wanted)
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way by keyboard to the {role} {name}")


def press(page: Page, role: str, name: str, within: str | None = None, key: str = "Enter") -> None:
    """Go to a control and use it, by keyboard."""
    reach(page, role, name, within)
    page.keyboard.press(key)
