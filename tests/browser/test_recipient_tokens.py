"""Recipient tokens in the console: made, fetched by the link, rotated and deleted."""

import re

import httpx
from playwright.sync_api import expect

from tests.worlds.console import Console, mark


def test_a_token_is_made_fetched_rotated_and_deleted(admin: Console) -> None:
    page, name = admin.page, f"Power BI {mark()}"
    admin.open("access/recipient-tokens")
    page.get_by_role("button", name="Create recipient token").click()
    page.get_by_role("textbox", name="Name").fill(name)
    networks = page.get_by_role("textbox", name=re.compile("^Allowed networks"))
    networks.fill("0.0.0.0/0\noffice")
    page.get_by_role("button", name="Create recipient token").click()
    expect(page.get_by_text(re.compile("office: .*must be a network"))).to_be_visible()
    networks.fill("")
    page.get_by_role("button", name="Create recipient token").click()
    profile = httpx.post(_link(admin)).raise_for_status().json()
    page.get_by_role("button", name="I have stored it").click()

    expect(page.get_by_role("heading", name=name)).to_be_visible()
    read = httpx.get(f"{profile['endpoint']}/shares", headers={"Authorization": f"Bearer {profile['bearerToken']}"})
    assert read.status_code == httpx.codes.OK
    expect(page.locator("#main").get_by_text("Active")).to_be_visible()

    page.get_by_role("button", name="Rotate").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("The token in use works for")).click()
    page.get_by_role("option", name="No longer: it ends now").click()
    dialog.get_by_role("button", name="Rotate").click()
    _link(admin)
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_text("Awaiting activation")).to_be_visible()
    refused = httpx.get(read.url, headers=read.request.headers)
    assert refused.status_code == httpx.codes.UNAUTHORIZED

    page.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Create recipient token")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert admin.errors == []


def _link(console: Console) -> str:
    """The link that is shown once."""
    return console.page.get_by_text(re.compile("/sharing/activations/")).inner_text()
