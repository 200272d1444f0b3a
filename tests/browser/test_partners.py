"""Partners and Home in the console: two people walk through seed 000, one of them by keyboard, among hostile names."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Request, Route, expect

from benchmarks import size
from handfast.access import service as access
from handfast.connections import store as connections
from handfast.journal.models import Caller, Sandbox
from handfast_cli.demo.command import new_side
from tests.worlds.console import SLOW, Console, Organization, long_only, press, reach, seen

HOSTILE = '<img src=x onerror="window.executed=1"> مؤسسة إعلامية <script>window.executed=1</script>'.ljust(200, "W")
NOTE = "<script>window.executed=1</script> ملاحظة <a href='javascript:window.executed=1'>x</a> ".ljust(1000, "W")
LOYALTY = {"namespace": "LOYALTY", "name": "Loyalty number", "kind": "text", "minLength": 8, "maxLength": 12}


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
    press(a.page.get_by_role("button", name="Regenerate"))
    connect_id = a.page.get_by_text(re.compile(r"^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$"))
    before = connect_id.inner_text()
    press(a.page.get_by_role("dialog").get_by_role("button", name="Regenerate"))
    seen(a.page.get_by_text("You have a new connect ID"))
    expect(connect_id).not_to_have_text(before)

    b.console.open("partners")
    press(b.page.get_by_role("button", name="Connect partner"))
    reach(b.page.get_by_role("textbox", name="Connect ID"))
    b.page.keyboard.type(connect_id.inner_text())
    seen(b.page.get_by_text("This connect ID belongs to"))
    reach(b.page.get_by_role("textbox", name="Note"))
    b.page.keyboard.type("Once more")
    press(b.page.get_by_role("button", name="Request connection"))
    seen(b.page.get_by_text("You have asked"))

    seen(a.page.get_by_text("You have one connection request awaiting your approval"))
    press(a.page.get_by_role("button", name="Review"))
    seen(a.page.get_by_text("Once more"))
    press(a.page.get_by_role("button", name="Accept"))
    dialog = a.page.get_by_role("dialog")
    press(dialog.get_by_role("checkbox", name="Let the partner estimate"), key="Space")
    press(dialog.get_by_role("button", name="Accept"))
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


MANY = 2_000


def test_many_partners_are_searched_sorted_and_paged_without_a_call_for_each(
    organizations: tuple[Organization, Organization], stack_file: Path
) -> None:
    crowded = new_side(stack_file, "a")
    _connect_many(crowded.session.sandbox, MANY)
    console = organizations[0].console
    asked: list[str] = []

    def note(request: Request) -> None:
        # Requests that wait for an answer are looked for as long as the page is open.
        if f"/{crowded.session.sandbox}/connections" in request.url and "status=pending" not in request.url:
            asked.append(request.url)

    page = console.page
    page.on("request", note)
    try:
        console.sign_in(f"/sandboxes/{crowded.session.sandbox}/partners")
        seen(page.get_by_role("heading", name="Partner overview (2,000)"))
        rows = page.get_by_role("row").filter(has=page.get_by_role("rowheader"))
        expect(rows).to_have_count(20)

        page.get_by_role("searchbox", name="Search").press_sequentially("partner 1987")
        seen(page.get_by_text("1 match").first)
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text("Partner 1987")
        page.get_by_role("searchbox", name="Search").fill("")
        header = page.get_by_role("columnheader", name="Partner", exact=True).get_by_role("button")
        for name in ("Partner 0000", "Partner 1999"):
            # A header that stays in sight lies over it.
            header.first.press("Enter")
            expect(rows.first).to_contain_text(name)

        page.get_by_role("button", name="Preferences").click()
        page.get_by_role("radio", name="100 rows").check()
        page.get_by_role("button", name="Confirm").click()
        expect(rows).to_have_count(100)
        rows.last.scroll_into_view_if_needed()
        expect(rows.last).to_contain_text("Partner 1900")
        page.get_by_role("button", name=re.compile(r"\b20\b")).last.click()
        expect(rows.last).to_contain_text("Partner 0000")
        # Pages of 200, each again when it is 15 s old, and nothing else.
        assert len(set(asked)) == MANY / 200
        assert console.errors == []
    finally:
        page.remove_listener("request", note)


def _connect_many(sandbox_id: str, number: int) -> None:
    """Connect a sandbox with so many others: both sides' copies, as the handshake leaves them."""
    owner = Caller("many", "Many", access.get_sandbox(sandbox_id))
    writes = []
    for index in range(number):
        name = f"{index:04}"
        partner = Sandbox(f"sbx_{sandbox_id}{name}", "Production", f"org_{name}", f"Partner {name}")
        mine, theirs = size.connection(owner, Caller(name, name, partner))
        _, _, *copies, _ = connections.create(sandbox_id, mine, theirs)
        writes += copies
    size.write(writes)


def test_a_viewer_sees_and_cannot_act(viewer: Console) -> None:
    viewer.open("partners")
    seen(viewer.page.get_by_role("heading", name="Your connect ID"))
    for name in ("Connect partner", "Regenerate"):
        expect(viewer.page.get_by_role("button", name=name)).to_be_disabled()
    viewer.open("partners/connect")
    seen(viewer.page.get_by_text("connections:request"))


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


@pytest.mark.parametrize(
    ("locale", "theme"), [("en", "light"), ("de", "dark"), pytest.param("ja", "light", marks=long_only)]
)
def test_pages_have_no_violations(organizations: tuple[Organization, Organization], locale: str, theme: str) -> None:
    a, _ = organizations
    connections = list(a.side.items("/connections"))
    a.console.prefer(locale=locale, theme=theme)
    for path in ("", "partners", "partners/connect", f"partners/{connections[-1]['connectionId']}"):
        a.console.open(path)
        assert a.console.violations() == [], path
