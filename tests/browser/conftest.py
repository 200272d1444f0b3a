"""The console in Chromium against a running stack, which is started by nobody here.

`HANDFAST_STACK` names the stack's file, else `.local/stack.json`. A stack that serves the console says where
(`consoleUrl`); for another one `functions/console/site` is served here.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser import site
from tests.browser.console import ROOT, Console, opened, people_of

SITE = ROOT / "functions" / "console" / "site"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _missing(what: str) -> None:
    """Skip on a person's machine, and fail where tests are meant to run."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    path = Path(os.environ.get("HANDFAST_STACK", ROOT / ".local" / "stack.json"))
    if not path.exists():
        _missing("No stack is up: run make up")
    return dict(json.loads(path.read_text()))


@pytest.fixture(scope="session")
def console_url(stack: dict[str, Any]) -> Iterator[str]:
    if given := os.environ.get("HANDFAST_CONSOLE_URL") or stack.get("consoleUrl"):
        yield given.rstrip("/")
        return
    if not (SITE / "index.html").exists():
        _missing("The console is not built: run make console")
    with site.served(SITE, stack) as origin:
        yield origin


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=10_000)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        _missing("No Chromium is installed: apt-get install chromium")
    browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    yield browser
    browser.close()


type SignIn = Callable[[str], Console]


@pytest.fixture(scope="module")
def sign_in(chromium: Browser, console_url: str, stack: dict[str, Any]) -> Iterator[SignIn]:
    """`sign_in("viewer")` gives the first organisation's person of that role, signed in once in a module."""
    at_console: dict[str, Console] = {}
    contexts = []

    def signed_in(role: str) -> Console:
        if role not in at_console:
            # Only the scripts of axe-core need it; that the policy lets the console work is what test_policy.py holds.
            context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900}, bypass_csp=True)
            contexts.append(context)
            at_console[role] = opened(context, console_url, people_of(stack, role)[0])
        return at_console[role]

    yield signed_in
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def admin(sign_in: SignIn) -> Console:
    return sign_in("sandbox-admin")


@pytest.fixture(scope="module")
def viewer(sign_in: SignIn) -> Console:
    return sign_in("viewer")
