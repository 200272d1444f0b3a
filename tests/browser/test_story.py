"""The story of `handfast demo`, told by two people in browsers: A's administrator and B's.

What a chapter has beside what is told here, and who tells it:

| chapter of the demo | told here | told more fully by |
|---|---|---|
| 1 Connect | B asks by A's connect ID, A accepts | `test_partners`: notes, estimates, namespaces, by keyboard |
| 2 Upload | A's file, by its mapping | `test_segments`: rejected rows, composed segments |
| 3 Share | A publishes, B enables and sees members | `test_feeds`: estimates, labels, new versions, by keyboard |
| 4 Govern | a policy stops a segment at B, and lets it go on | `test_governance`: checks, settings, grants |
| 5 Follow changes | who leaves at A leaves at B | |
| 6 Stop | B disconnects, and has nothing | `test_feeds`: segments taken out, unsharing |
| 7 Activate to a destination | | `test_destinations`: dry run, outage, dead letters, replay |
| 8 Delete a person | A files it, B deletes too, and it is proven | `test_privacy`: two people decide, connectors |
| 9 Verify | both logs | |

Files by the thousand, and each member compared with the truth, are the demo's own.
"""

import re

from playwright.sync_api import Locator, Page, expect

from tests.worlds import connected_sides as sides
from tests.worlds.console import SLOW, Organization, check, choose, go_on, seen

SEGMENT = "Newsletter readers"
FEED = "People we both know"
POLICY = "Restrict third-party data export"
LABEL = "C2"
LEAVES = 10
DELETED = 11
AT_A, AT_B = range(30), range(LEAVES, 40)
WITHOUT_CONSENT = 28
SHARED = len(range(LEAVES, WITHOUT_CONSENT))
# A run, and a file, go through several functions, which may have to start first.
PATIENCE = 90_000

type Both = tuple[Organization, Organization]


def test_b_asks_and_a_accepts(organizations: Both) -> None:
    a, b = organizations
    a.console.open("partners")
    connect_id = a.page.get_by_text(re.compile(r"^([0-9A-Z]{5}-){3}[0-9A-Z]{5}$")).inner_text()
    b.console.open("partners/connect")
    b.page.get_by_role("textbox", name="Connect ID").fill(connect_id)
    seen(b.page.get_by_text("This connect ID belongs to"))
    b.page.get_by_role("button", name="Request connection").click()
    a.page.get_by_role("button", name="Review").click(timeout=SLOW)
    a.page.get_by_role("button", name="Accept").click()
    a.page.get_by_role("dialog").get_by_role("button", name="Accept").click()
    for one, other in ((a, b), (b, a)):
        one.console.open("partners")
        expect(one.row(other)).to_contain_text("Active", timeout=SLOW)


def test_a_uploads_its_people(organizations: Both) -> None:
    a, b = organizations
    known = sides.segment_of(b.side, "Members of B", AT_B)
    page = a.page
    a.console.open("segments/create")
    page.get_by_role("textbox", name="Name").fill(SEGMENT)
    choose(page, "Labels", LABEL)
    page.get_by_role("button", name="Create segment").click()
    page.get_by_role("button", name="Upload files").click()
    rows = [f"{number},{_mail(number)},{'nein' if number >= WITHOUT_CONSENT else 'ja'}" for number in AT_A]
    content = "\n".join(["crm_id,E-Mail,Consent", *rows]).encode()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "readers.csv", "mimeType": "text/csv", "buffer": content}
    )
    upload = page.get_by_role("button", name="Upload", exact=True)
    expect(upload).to_be_enabled(timeout=PATIENCE)
    upload.click()
    expect(page.get_by_text("Completed: the members are changed.")).to_be_visible(timeout=PATIENCE)
    sides.arrived(b.side, known, len(AT_B))


def test_a_publishes_and_b_enables(organizations: Both) -> None:
    a, b = organizations
    page = a.page
    a.console.open("feeds/create")
    page.get_by_role("textbox", name="Name").fill(FEED)
    choose(page, "Identity namespaces", sides.EMAIL)
    go_on(page, "Segments")
    check(page, SEGMENT)
    go_on(page, "Partners")
    check(page, b.side.organization)
    go_on(page, "Review")
    go_on(page, "Publish")
    seen(page.get_by_text("Is offered the feed"))
    page.get_by_role("button", name="Publish", exact=True).click()
    seen(page.get_by_text(f"Version 1 of the feed {FEED} is published."))

    b.console.open("received-feeds")
    b.page.get_by_role("link", name=FEED).click()
    b.page.get_by_role("button", name="Enable").click()
    b.page.get_by_role("dialog").get_by_role("button", name="Enable").click()
    _has(b, SHARED)
    b.page.get_by_role("button", name="Show members").click()
    seen(_member(b.page, LEAVES))
    expect(_member(b.page, WITHOUT_CONSENT)).to_have_count(0)


def test_a_policy_stops_it_and_lets_it_go_on(organizations: Both) -> None:
    a, b = organizations
    a.console.open("governance")
    dialog = a.page.get_by_role("dialog")
    for switch, left in (("on", 0), ("off", SHARED)):
        a.page.get_by_role("button", name=f"Switch {switch} {POLICY}").click()
        seen(dialog.get_by_text(FEED).first)
        dialog.get_by_role("button", name=f"Switch {switch}").click()
        _has(b, left)


def test_who_leaves_at_a_leaves_at_b(organizations: Both) -> None:
    a, b = organizations
    (segment,) = (each["segmentId"] for each in a.side.items("/segments") if each["name"] == SEGMENT)
    leaves = {"namespace": sides.EMAIL, "value": sides.address(LEAVES)}
    a.side.post("/memberships", {"changes": [{"identity": leaves, "segmentId": segment, "status": "exited"}]})
    _has(b, SHARED - 1)
    expect(_member(b.page, LEAVES)).to_have_count(0)
    seen(_member(b.page, DELETED))


def test_a_person_is_deleted_at_both_and_it_is_proven(organizations: Both) -> None:
    a, b = organizations
    page, dialog = a.page, a.page.get_by_role("dialog")
    a.console.open("privacy/create")
    for field, option in (("Regulation", "^GDPR"), ("Type", "^Erasure"), ("Namespace", "E-mail")):
        page.get_by_role("button", name=re.compile(f"^{field}")).last.click()
        page.get_by_role("option", name=re.compile(option)).first.click()
    page.get_by_role("textbox", name="Value").fill(_mail(DELETED))
    page.get_by_role("button", name="Preview").click()
    seen(dialog.get_by_text(b.side.organization).first)
    dialog.get_by_role("button", name="File request").click()
    code = page.get_by_text(re.compile(r"^\d{6}$"))
    digits = code.inner_text()
    page.get_by_role("button", name="I have stored it").click()
    page.get_by_role("button", name="Verify", exact=True).click()
    dialog.get_by_role("textbox").fill(digits)
    dialog.get_by_role("button", name="Verify").click()
    page.get_by_role("button", name="Approve", exact=True).click()
    dialog.get_by_role("button", name="Approve").click()

    b.console.open("privacy")
    b.page.get_by_role("link", name=re.compile("Erasure")).first.click(timeout=PATIENCE)
    b.page.get_by_role("button", name="Approve", exact=True).click()
    asked = b.page.get_by_role("dialog")
    asked.get_by_role("radio", name=re.compile("^Everything that you hold")).check()
    asked.get_by_role("button", name="Approve").click()

    expect(page.get_by_text("Fulfilled", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(a.row(b)).to_contain_text("Confirmed")
    page.get_by_role("button", name="Verify in this browser").click()
    seen(page.get_by_text("The history holds"))
    (suppressed,) = b.side.post("/suppressions/check", {"identities": [_identity(DELETED)]})["items"]
    assert suppressed["suppressed"]


def test_b_disconnects_and_has_nothing(organizations: Both) -> None:
    a, b = organizations
    b.console.open("partners")
    b.row(a).get_by_role("link").click()
    b.page.get_by_role("button", name="Disconnect").click()
    dialog = b.page.get_by_role("dialog")
    seen(dialog.get_by_text("You receive: 1 feed, 1 segment"))
    dialog.get_by_role("button", name="Disconnect").click()
    seen(b.page.get_by_role("button", name="Connect again"))
    b.console.open("received-feeds")
    expect(b.page.get_by_role("row", name=re.compile(FEED))).to_contain_text("Revoked")
    a.console.open("delivery")
    expect(a.page.get_by_role("row", name=re.compile(FEED))).to_contain_text("Closed", timeout=PATIENCE)


def test_both_logs_are_whole(organizations: Both) -> None:
    for one in organizations:
        one.console.open("activity")
        one.page.get_by_role("button", name="Verify").click()
        seen(one.page.get_by_text("The log is unchanged"))
        assert one.console.errors == []


def _mail(number: int) -> str:
    return f"person{number}@example.com"


def _identity(number: int) -> dict[str, str]:
    return {"namespace": sides.EMAIL, "value": sides.address(number), "format": "sha256"}


def _member(page: Page, number: int) -> Locator:
    return page.get_by_role("rowheader", name=sides.address(number))


def _has(receiver: Organization, members: int) -> None:
    """Wait until the receiver's page of the feed says that it has so many, without a reload."""
    counted = receiver.page.get_by_role("term").filter(has_text="Members received").locator("xpath=following::dd[1]")
    expect(counted).to_have_text(str(members), timeout=PATIENCE)
