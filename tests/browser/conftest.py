"""The console in Chromium, as the deployed stack serves it.

`HANDFAST_CONSOLE_URL` may name another address of it, that of a development server.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from handfast_cli.demo.command import new_side
from tests.worlds import chromium as chromium_world
from tests.worlds.console import Console, Organization, opened, people_of
from tests.worlds.deployed import Stack


def _missing(what: str) -> None:
    """Skip on a person's machine, and fail where tests are meant to run."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def stack(stack: Stack) -> dict[str, Any]:
    return stack.facts


@pytest.fixture(scope="session")
def stack_file(stack: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stack") / "stack.json"
    path.write_text(json.dumps(stack))
    return path


@pytest.fixture(scope="session")
def console_url(stack: dict[str, Any]) -> str:
    return str(os.environ.get("HANDFAST_CONSOLE_URL") or stack["consoleUrl"]).rstrip("/")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=60_000)  # a busy machine makes none fail
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = chromium_world.installed()
    if path is None:
        _missing("No Chromium is installed: apt-get install chromium")
    browser = playwright.chromium.launch(executable_path=path, args=chromium_world.FLAGS)
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
            context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
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


@pytest.fixture(scope="module")
def organizations(
    chromium: Browser, console_url: str, stack_file: Path, stack: dict[str, Any]
) -> Iterator[tuple[Organization, Organization]]:
    """A and B, each an administrator in a sandbox that has nothing, both signed in once in a module."""
    contexts, found = [], []
    for letter, user in zip("ab", people_of(stack, "sandbox-admin"), strict=True):
        side = new_side(stack_file, letter, overlap_threshold=0)
        context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
        contexts.append(context)
        person = user | {"sandboxId": str(side.session.sandbox)}
        found.append(Organization(side, opened(context, console_url, person)))
    yield found[0], found[1]
    for context in contexts:
        context.close()
