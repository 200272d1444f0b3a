"""Webhooks in the console: made, tested and deleted."""

import re

from playwright.sync_api import expect

from tests.worlds.console import Console

URL = "https://console-test.handfast.invalid/events"


def test_a_webhook_is_made_tested_and_deleted(admin: Console) -> None:
    page = admin.page
    admin.open("webhooks")
    page.get_by_role("button", name="Create webhook").click()
    page.get_by_role("textbox", name="URL").fill("nonsense")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Request ID:")).to_be_visible()
    page.get_by_role("textbox", name="URL").fill(URL)
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text(re.compile("^whsec_"))).to_be_visible()
    page.get_by_role("button", name="I have stored it").click()

    expect(page.get_by_role("heading", name=URL)).to_be_visible()
    page.get_by_role("button", name="Send test event").click()
    expect(page.get_by_text("The test event got no answer")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("webhook.test"))).to_be_visible()

    page.get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_role("textbox").fill(URL)
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name=re.compile("^Webhooks"))).to_be_visible()
    expect(page.get_by_role("link", name=URL)).to_have_count(0)
    assert admin.errors == []
