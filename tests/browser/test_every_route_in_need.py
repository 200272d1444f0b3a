"""Every route of the console where the API fails, and every list where there is nothing yet."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Route as Call

from handfast_cli.demo.command import new_side
from tests.worlds.console import Console, people_of
from tests.worlds.console_routes import ROUTES, Route, at_console, visit

DETAIL, REQUEST = "The store does not answer", "req-of-this-test"
PROBLEM = {"type": "/v1/problems/internal", "title": "Internal error", "status": 500, "instance": "/"}
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    "Content-Type": "application/problem+json",
    "Retry-After": "0",
}
"""As the console tries again, it does so at once."""
IDS = {
    "connection": "con_1",
    "upload": "upl_1",
    "import": "imp_1",
    "segment": "seg_1",
    "feed": "feed_1",
    "receivedFeed": "rf_1",
    "type": "http",
    "activation": "act_1",
    "destination": "dst_1",
    "dataflow": "flow_1",
    "policy": "pol_1",
    "source": "ds_1",
    "fileSource": "src_1",
    "bulk": "bulk_1",
    "connector": "cn_1",
    "list": "drl_1",
    "request": "prq_1",
    "done": "prq_2",
    "token": "rtk_1",
    "principal": "principal-1",
    "webhook": "whk_1",
    "group": "sharing",
}


@pytest.fixture(scope="module")
def empty(chromium: Browser, console_url: str, stack: dict[str, Any], stack_file: Path) -> Iterator[Console]:
    """The administrator of a sandbox that has nothing."""
    sandbox = str(new_side(stack_file, "a").session.sandbox)
    user = people_of(stack, "sandbox-admin")[0] | {"sandboxId": sandbox}
    with at_console(chromium, console_url, user) as console:
        yield console


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """What the page whose calls fail has asked for."""
    return []


@pytest.fixture(scope="module")
def failing(chromium: Browser, console_url: str, stack: dict[str, Any], asked: list[str]) -> Iterator[Console]:
    """An administrator to whom the API answers nothing but who that is, in German."""

    def fail(call: Call) -> None:
        if call.request.method == "OPTIONS":
            call.fallback()
            return
        asked.append(call.request.url)
        body = json.dumps(PROBLEM | {"detail": DETAIL, "requestId": REQUEST})
        call.fulfill(status=500, headers=HEADERS, body=body)

    with at_console(chromium, console_url, people_of(stack, "sandbox-admin")[0], "de-DE") as console:
        console.page.route(re.compile(r"/v1/(?!me\b)"), fail)
        yield console


@pytest.mark.parametrize("route", ROUTES, ids=[route.path or "home" for route in ROUTES])
def test_a_failure_is_told(route: Route, failing: Console, asked: list[str]) -> None:
    asked.clear()
    visit(failing, route.at(IDS))
    main = failing.page.locator("#main")
    expect(main.locator("h1")).to_have_text(re.compile(r"\w"))
    if route.reads:
        expect(main.get_by_text(DETAIL).first).to_be_visible()
        expect(main.get_by_text(REQUEST).first).to_be_visible()
    else:
        assert [url for url in asked if "/notifications?limit=" not in url] == []
        expect(main.get_by_text(DETAIL)).to_have_count(0)
    assert failing.errors == []


LISTS = [route for route in ROUTES if route.empty]


@pytest.mark.parametrize("route", LISTS, ids=[route.path or "home" for route in LISTS])
def test_where_there_is_nothing_it_says_what_to_do_first(route: Route, empty: Console) -> None:
    visit(empty, route.path)
    assert route.empty in empty.page.locator("#main").inner_text()
    assert empty.errors == []


@pytest.mark.parametrize("path", ["partners", "segments", "feeds", "webhooks"])
def test_what_takes_its_time_is_told_and_comes(path: str, empty: Console) -> None:
    page, main = empty.page, empty.page.locator("#main")
    calls, held, is_slow = re.compile(r"/v1/sandboxes/[^/]+/(?!notifications)"), list[Call](), [True]

    def hold(call: Call) -> None:
        if is_slow[0]:
            held.append(call)
        else:
            call.continue_()

    page.route(calls, hold)
    empty.sign_in(f"/sandboxes/{empty.sandbox}/{path}")
    expect(main.get_by_text(re.compile("loading", re.IGNORECASE)).first).to_be_visible()
    is_slow[0] = False
    for call in held:
        call.continue_()
    (route,) = (each for each in ROUTES if each.path == path)
    expect(main.get_by_text(route.empty).first).to_be_visible()
    page.unroute(calls)
    assert empty.errors == []
