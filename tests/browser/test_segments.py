"""Segments in the console: from a file to members, and composed ones."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.worlds.console import Console, mark

MARK = mark()
NAME = f"Readers {MARK}"
COMPOSED = f"Readers, composed {MARK}"
PEOPLE = 40
# A file is sent, read and applied by three functions, which may have to start first, as those that read members do.
TAKEN_IN_MS = 90_000


def people_csv() -> bytes:
    rows = [f"{at},person{at}.{MARK}@one.example,ja,<b>{at}</b>" for at in range(PEOPLE)]
    return "\n".join(["crm_id,E-Mail,Consent,note", *rows, f"{PEOPLE},no address,ja,"]).encode()


def choose(page: Page, placeholder: str, option: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=placeholder).click()
    page.get_by_role("option", name=option).click()


def test_a_file_becomes_members(admin: Console) -> None:
    page = admin.page
    admin.open("segments/create")
    page.get_by_role("textbox", name="Name").fill(NAME)
    page.get_by_role("button", name="Create segment").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()

    page.get_by_role("button", name="Upload files").click()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "readers.csv", "mimeType": "text/csv", "buffer": people_csv()}
    )
    looks = f"{PEOPLE} of {PEOPLE + 1} values look like e-mail addresses."
    expect(page.get_by_text(looks)).to_be_visible(timeout=TAKEN_IN_MS)
    expect(page.get_by_text(f"By all {PEOPLE + 1} rows, read as an upload reads them.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("invalid_email"))).to_be_visible()
    expect(page.get_by_text("<b>0</b>")).to_have_count(0)
    expect(page.get_by_text(re.compile("^y . Yes$"))).to_be_visible()
    expect(page.get_by_role("button", name=f"Segment {NAME}")).to_be_visible()
    page.get_by_role("button", name="Upload", exact=True).click()

    expect(page.get_by_text("Completed: the members are changed.")).to_be_visible(timeout=TAKEN_IN_MS)
    expect(page.get_by_role("row", name=re.compile("invalid_email"))).to_be_visible()
    admin.sign_in(urlsplit(page.url).path)
    expect(page.get_by_text("Completed: the members are changed.")).to_be_visible()

    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("row", name=f"E-mail {PEOPLE}")).to_be_visible(timeout=TAKEN_IN_MS)
    page.get_by_role("button", name="Show members").click()
    expect(page.get_by_role("button", name="Copy Value")).to_have_count(PEOPLE, timeout=TAKEN_IN_MS)
    assert admin.errors == []


def test_a_folder_is_taken_once_its_bad_file_is_repaired(admin: Console, tmp_path: Path) -> None:
    page = admin.page
    folder = tmp_path / "export" / "dt=2026-11-28"
    folder.mkdir(parents=True)
    (folder.parent / "_SUCCESS").touch()
    (folder / "part-0.csv").write_bytes(people_csv())
    (folder / "part-1.csv").write_text(f"crm_id,Address\n900,late.{MARK}@one.example\n")
    admin.open("segments/uploads/create")
    page.locator("input[webkitdirectory]").set_input_files(folder.parent)
    expect(page.get_by_text("no data: _SUCCESS")).to_be_visible()
    expect(page.get_by_text("Of part-0.csv alone")).to_be_visible(timeout=TAKEN_IN_MS)
    page.get_by_role("button", name="Upload", exact=True).click()

    expect(page.get_by_role("heading", level=1, name="export")).to_be_visible()
    bad = page.get_by_role("table", name="Files that could not be read").get_by_role("row", name="part-1.csv")
    expect(bad).to_contain_text("missing_column", timeout=TAKEN_IN_MS)
    assert admin.violations() == []
    admin.sign_in(urlsplit(page.url).path)
    expect(page.get_by_role("button", name="Start again")).to_be_disabled()
    repaired = f"crm_id,E-Mail,Consent\n900,late.{MARK}@one.example,ja\n".encode()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "part-1.csv", "mimeType": "text/csv", "buffer": repaired}
    )
    page.get_by_role("button", name="Send and start again").click()
    expect(page.get_by_text("Completed: the members are changed.")).to_be_visible(timeout=TAKEN_IN_MS)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download list").click()
    assert "part-0.csv" in download.value.path().read_text()

    admin.open("segments/uploads")
    expect(page.get_by_role("row", name="export").first).to_contain_text("2 files")
    assert admin.errors == []


def test_a_segment_is_composed_checked_and_taken_apart(admin: Console) -> None:
    page = admin.page
    admin.open("segments/create")
    page.get_by_role("radio", name="Other segments").check()
    page.get_by_role("textbox", name="Name").fill(COMPOSED)
    choose(page, "Insert a segment Search by name or external ID", re.compile(NAME))
    page.get_by_role("button", name="Insert AND").click()
    expect(page.get_by_text("a segment, NOT, FREQUENCY or an opening parenthesis is expected here")).to_be_visible()
    page.get_by_role("button", name="Create segment").click()
    expect(page.get_by_text(re.compile("^at character")).last).to_be_visible()
    written = page.get_by_role("textbox", name="Expression")
    written.fill(written.input_value().removesuffix(" AND"))
    expect(page.get_by_text("The syntax is right.")).to_be_visible()
    page.get_by_role("button", name="Create segment").click()
    expect(page.get_by_role("heading", name=COMPOSED)).to_be_visible()
    expect(page.get_by_role("row", name=f"E-mail {PEOPLE}")).to_be_visible(timeout=TAKEN_IN_MS)

    page.get_by_role("button", name="Edit", exact=True).click()
    written.fill(f"FREQUENCY([{written.input_value().strip()}] <= 7D) >= 1")
    expect(page.get_by_text("Checked: this expression can be saved.")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nothing that is shared or delivered stops or resumes.")).to_be_visible()
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("The segment has been changed.")).to_be_visible(timeout=TAKEN_IN_MS)

    page.get_by_role("link", name=NAME).first.click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    delete(page, NAME)
    expect(dialog.get_by_text("Request ID:")).to_be_visible()
    dialog.get_by_role("link", name=COMPOSED).click()
    expect(page.get_by_role("heading", name=COMPOSED)).to_be_visible()
    for name in (COMPOSED, NAME):
        admin.open("segments")
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        delete(page, name)
        expect(page.get_by_text(f"The segment {name} has been deleted.")).to_be_visible()
    assert admin.errors == []


def delete(page: Page, name: str) -> None:
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name="Delete").click()
