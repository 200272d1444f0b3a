"""When the console's Home has painted what is largest on it, on the local stack.

    python -m benchmarks.console [turns, 10 by default]

A seeded administrator, signed in and with the stack warm, loads the console anew each turn, as a link would: with the
browser's cache of files, and without.
"""

import json
import statistics
import sys
from typing import Any

from playwright.sync_api import Page, sync_playwright

from handfast_cli.local.commands import bring_up
from handfast_cli.local.paths import state_folder
from tests.worlds.chromium import FLAGS, installed
from tests.worlds.console import opened, people_of

_LARGEST = """
() => new Promise(done => {
  let last = 0;
  new PerformanceObserver(list => { last = list.getEntries().at(-1).startTime })
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done(last), 3000);
})
"""


def _loaded(page: Page, password: str, user: str) -> float:
    """Milliseconds from the navigation to Home until its largest content is painted."""
    page.reload()
    if page.locator("input[type=password]").or_(page.locator("#main h1")).first.get_attribute("type") == "password":
        page.locator("input[name=username]").fill(user)
        page.locator("input[type=password]").fill(password)
        page.locator("input[type=password]").press("Enter")
    page.locator("#main h1").wait_for()
    return float(page.evaluate(_LARGEST))


def run(turns: int = 10) -> list[dict[str, Any]]:
    """Milliseconds, the median and the most of the turns."""
    bring_up(state_folder())
    stack = json.loads((state_folder() / "stack.json").read_text())
    user = people_of(stack, "sandbox-admin")[0]
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=FLAGS)
        for case in ("with files in the cache", "without"):
            context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
            page = opened(context, stack["consoleUrl"].rstrip("/"), user).page
            session = context.new_cdp_session(page)
            session.send("Network.setCacheDisabled", {"cacheDisabled": case == "without"})
            took = [_loaded(page, user["password"], user["email"]) for _ in range(turns)]
            rows.append({"case": case, "turns": turns, "p50": round(statistics.median(took)), "most": round(max(took))})
            context.close()
        browser.close()
    return rows


def main() -> None:
    """Print the cases."""
    for row in run(*map(int, sys.argv[1:])):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
