"""The console under its content security policy: it works, and nothing is refused."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.worlds.console import opened, people_of


def test_console_works_under_its_policy_and_calls_nobody_else(
    chromium: Browser, console_url: str, stack: dict[str, Any]
) -> None:
    context = chromium.new_context(locale="en-US")
    origins: set[str] = set()
    context.on("request", lambda request: origins.add("/".join(request.url.split("/", 3)[:3])))
    try:
        console = opened(context, console_url, people_of(stack, "sandbox-admin")[0])
        console.open("webhooks")
        expect(console.page.get_by_role("heading", name="Webhooks")).to_be_visible()
        assert console.errors == []
        assert console.page.evaluate("[...Object.keys(sessionStorage)]") == []
        assert "code=" not in console.page.url
        for written in (
            "document.createElement('div').innerHTML = '<b>x</b>'",
            "document.createElement('script').src = '/x.js'",
            "trustedTypes.createPolicy('console', { createHTML: text => text })",
        ):
            with pytest.raises(Error, match="Trusted"):
                console.page.evaluate(written)
        assert "eyJ" not in console.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    finally:
        context.close()
    known = {console_url, *("/".join(stack[key].split("/", 3)[:3]) for key in ("apiUrl", "tokenUrl"))}
    assert origins <= known
