"""Every route of the console with data: without a violation in light and dark, whole, and read-only for a viewer."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.worlds.console import Console, User, people_of
from tests.worlds.console_routes import READING, ROUTES, Route, at_console, controls, in_source, visit
from tests.worlds.furnished_sandbox import Furnished, furnished

BROKEN = re.compile(r'\{\s*"|\[\s*\{|"\w+":|\[object |\bundefined\b|\bNaN\b')
COLOURS = ("color-contrast", "link-in-text-block")
"""What of axe-core's rules depends on the theme."""
every_route = pytest.mark.parametrize("route", ROUTES, ids=[route.path or "home" for route in ROUTES])


@pytest.fixture(scope="module")
def sandbox(stack_file: Path) -> Furnished:
    return furnished(stack_file)


@pytest.fixture(scope="module")
def ids(sandbox: Furnished) -> dict[str, str]:
    return sandbox.ids | {"type": "http", "group": "sharing"}


def _in(sandbox: Furnished, user: User) -> User:
    return user | {"sandboxId": sandbox.side.session.sandbox}


@pytest.fixture(scope="module")
def admin(chromium: Browser, console_url: str, stack: dict[str, Any], sandbox: Furnished) -> Iterator[Console]:
    with at_console(chromium, console_url, _in(sandbox, people_of(stack, "sandbox-admin")[0])) as console:
        yield console


@pytest.fixture(scope="module")
def viewer(chromium: Browser, console_url: str, stack: dict[str, Any], sandbox: Furnished) -> Iterator[Console]:
    with at_console(chromium, console_url, _in(sandbox, people_of(stack, "viewer")[0])) as console:
        yield console


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    """The document's title of each route that was seen by its administrator."""
    return {}


def test_no_route_is_left_out() -> None:
    assert Counter(route.path for route in ROUTES) == Counter(in_source())


@every_route
def test_is_whole_and_without_violations(
    route: Route, admin: Console, ids: dict[str, str], titles: dict[str, str]
) -> None:
    visit(admin, route.at(ids))
    assert admin.violations() == []
    admin.page.emulate_media(color_scheme="dark")
    in_dark = admin.violations(*COLOURS)
    admin.page.emulate_media(color_scheme="light")
    assert in_dark == []
    titles[route.path] = admin.page.title()
    main = admin.page.locator("#main")
    assert main.locator("h1").inner_text().strip()
    assert not BROKEN.search(main.inner_text())
    assert set(route.acts) <= controls(admin)
    assert _taken(admin) == []


def test_each_has_a_title_of_its_own(titles: dict[str, str]) -> None:
    same = [
        {"governance", "governance/policies"},
        {"destinations/activations/:activation", "destinations/:destination/activations/:activation"},
    ]
    by_title: dict[str, set[str]] = {}
    for path, title in titles.items():
        assert title.endswith(" · Handfast")
        by_title.setdefault(title, set()).add(path)
    assert [paths for paths in by_title.values() if len(paths) > 1 and paths not in same] == []


@every_route
def test_a_viewer_cannot_act(route: Route, viewer: Console, ids: dict[str, str]) -> None:
    visit(viewer, route.at(ids))
    enabled = controls(viewer)
    if route.closed:
        assert "does not include" in viewer.page.locator("#main").inner_text()
        assert enabled == set()
    else:
        assert viewer.page.locator("#main h1").inner_text() != "Not allowed"
        assert [name for name in enabled if name in route.acts or not READING.fullmatch(name)] == []
    assert _taken(viewer) == []


def _taken(console: Console) -> list[str]:
    """The errors since they were last taken."""
    taken, console.errors = console.errors, []
    return taken
