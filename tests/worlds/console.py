"""A signed-in person at the console: what the browser tests look through."""

import json
import os
import re
import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import ascii_lowercase
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Locator, Page, expect

from handfast_cli.demo.side import Side

ROOT = Path(__file__).resolve().parents[2]
AXE = files("axe_playwright_python") / "axe.min.js"
SCREENSHOTS = ROOT / ".local" / "screenshots"

# What is read every 15 seconds, or waits for a function to start on a busy machine.
SLOW = 60_000
MOST_TABS = 80
# How far around a control its focus ring may be, in pixels.
RING = 8

type User = dict[str, str]

long_only = pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "long", reason="a third language looks alike")


class Console:
    """One page of a browser at the console. `page` is Playwright's."""

    def __init__(self, page: Page, url: str, user: User) -> None:
        self.page = page
        self.url = url
        self.user = user
        self.errors: list[str] = []
        page.set_default_timeout(SLOW)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._take(message.type, message.text))

    @property
    def sandbox(self) -> str:
        return self.user["sandboxId"]

    def sign_in(self, path: str = "/") -> None:
        """Open a path, and sign in at the pool's page where it asks."""
        self.page.goto(self.url + path)
        password = self.page.locator("input[type=password]")
        expect(password.or_(self.page.locator("#main"))).to_be_visible()
        if password.is_visible():
            self.page.locator("input[name=username]").fill(self.user["email"])
            password.fill(self.user["password"])
            password.press("Enter")
        expect(self.page.locator("#main")).to_be_visible()
        self.page.wait_for_url(re.compile(re.escape(self.url)))

    def open(self, path: str) -> None:
        """Show a page of the person's sandbox, such as `webhooks`, without loading the console anew."""
        target = f"/sandboxes/{self.sandbox}" + (f"/{path}" if path else "")
        self.page.evaluate(
            "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')) }", target
        )
        self.page.wait_for_function("path => location.pathname === path", arg=target)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def prefer(self, **preferences: str | bool) -> None:
        """Change language (`locale`), `theme` or density (`isCompact`), and load the page anew."""
        path = urlsplit(self.page.url).path
        self.page.evaluate("held => localStorage.setItem('handfast.preferences', held)", json.dumps(preferences))
        self.sign_in(path)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def violations(self) -> list[str]:
        """What axe-core finds on the page against WCAG 2.2 AA, as `rule: element`."""
        self.page.evaluate(AXE.read_text())
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = self.page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
        return [f"{rule['id']}: {node['target'][0]}" for rule in found["violations"] for node in rule["nodes"]]

    def screenshot(self, name: str) -> Path:
        """A picture of the page in `.local/screenshots`, to be looked at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def _take(self, kind: str, text: str) -> None:
        # An answer that is no success is told by the browser too; what is wrong with it is the page's to say.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.errors.append(text)


@dataclass(frozen=True)
class Organization:
    """A fresh sandbox: its administrator at the API, and at the console."""

    side: Side
    console: Console

    @property
    def page(self) -> Page:
        """What the administrator sees."""
        return self.console.page

    def row(self, partner: "Organization") -> Locator:
        """The row of a table that names a partner."""
        return self.page.get_by_role("row").filter(has_text=partner.side.organization)


def people_of(stack: dict[str, list[User]], role: str) -> list[User]:
    return [user for user in stack["users"] if user["role"] == role]


def opened(context: BrowserContext, url: str, user: User) -> Console:
    console = Console(context.new_page(), url, user)
    console.sign_in()
    return console


def mark() -> str:
    """Six letters that tell what is made here from what earlier runs have left. Digits could be a phone number."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(6))


def seen(what: Locator) -> None:
    """Wait until it is there."""
    expect(what).to_be_visible(timeout=SLOW)


def go_on(page: Page, step: str) -> None:
    """Go on to a step of a wizard; going on saves what has been written, which takes its time."""
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", level=1, name=step)).to_be_visible()


def choose(page: Page, field: str, option: str) -> None:
    """Choose an option of a field of several, or choose it no more."""
    page.get_by_role("button", name=re.compile(f"^{field}")).click()
    page.get_by_role("option", name=re.compile(re.escape(option))).click()
    page.keyboard.press("Escape")


def check(page: Page, row: str) -> None:
    """Choose a row of a table, or choose it no more."""
    page.get_by_role("row", name=re.compile(row)).get_by_role("checkbox").click()


def reach(wanted: Locator, key: str = "Tab") -> None:
    """Move the focus there as a keyboard does, and check that a person sees where it is. `key` is what moves it."""
    seen(wanted)
    for _ in range(MOST_TABS):
        if _has_focus(wanted):
            assert _shows_focus(wanted), f"{wanted} has the focus, and looks as if it had not"
            return
        wanted.page.keyboard.press(key)
    pytest.fail(f"no way by keyboard to {wanted}")


def press(wanted: Locator, key: str = "Enter") -> None:
    """Go to a control and use it, by keyboard."""
    reach(wanted)
    wanted.page.keyboard.press(key)


def pick(field: Locator, option: str) -> None:
    """Choose an option of a field that opens a list, and close the list, by keyboard."""
    keyboard = field.page.keyboard
    press(field)
    wanted = field.page.get_by_role("option", name=re.compile(re.escape(option)))
    seen(wanted)
    for _ in range(MOST_TABS):
        keyboard.press("ArrowDown")
        # The focus stays where the list was opened, or on its search, which says what of the list is meant.
        if wanted.evaluate("option => option.id === document.activeElement.getAttribute('aria-activedescendant')"):
            keyboard.press("Enter")
            expect(wanted).to_have_attribute("aria-selected", "true")
            keyboard.press("Escape")
            expect(wanted).to_be_hidden()
            return
    pytest.fail(f"no way by keyboard to the option {option}")


def _has_focus(wanted: Locator) -> bool:
    return bool(wanted.evaluate("element => element === document.activeElement"))


def _shows_focus(focused: Locator) -> bool:
    """Whether what is around the element would look otherwise if something else had the focus."""
    box = focused.bounding_box()
    size = focused.page.viewport_size
    assert box is not None
    assert size is not None
    left, top = max(box["x"] - RING, 0), max(box["y"] - RING, 0)
    right = min(box["x"] + box["width"] + RING, size["width"])
    bottom = min(box["y"] + box["height"] + RING, size["height"])
    around: FloatRect = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    with_focus = focused.page.screenshot(clip=around, animations="disabled")
    focused.evaluate("element => element.blur()")
    without = focused.page.screenshot(clip=around, animations="disabled")
    focused.evaluate("element => element.focus({ preventScroll: true })")
    return with_focus != without
