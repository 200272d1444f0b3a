"""A signed-in person at the console: what the browser tests look through."""

import json
import re
import secrets
from importlib.resources import files
from pathlib import Path
from string import ascii_lowercase
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parents[2]
AXE = files("axe_playwright_python") / "axe.min.js"
SCREENSHOTS = ROOT / ".local" / "screenshots"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

type User = dict[str, str]


class Console:
    """One page of a browser at the console. `page` is Playwright's."""

    def __init__(self, page: Page, url: str, user: User) -> None:
        self.page = page
        self.url = url
        self.user = user
        self.errors: list[str] = []
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

    def violations(self, *rules: str) -> list[str]:
        """What axe-core finds on the page against WCAG 2.2 AA, or these rules of it, as `rule: element`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        options = {"runOnly": rules or WCAG, "resultTypes": ["violations"], "iframes": False}
        found = self.page.evaluate("options => axe.run(document, options)", options)
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


def people_of(stack: dict[str, list[User]], role: str) -> list[User]:
    return [user for user in stack["users"] if user["role"] == role]


def opened(context: BrowserContext, url: str, user: User) -> Console:
    console = Console(context.new_page(), url, user)
    # Straight into the sandbox: the entry page would lead elsewhere meanwhile.
    console.sign_in(f"/sandboxes/{console.sandbox}")
    return console


def mark() -> str:
    """Six letters that tell what is made here from what earlier runs have left. Digits could be a phone number."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(6))
