"""Takes the pictures of docs/console from a local stack on which `make demo` has told its story.

    make demo && .venv/bin/python -m tests.browser.pictures

Each page is seen by the first organisation's administrator in the newest sandbox of the story, received feeds and
privacy requests by the second's. Most are light and 1,440 pixels wide, one is dark, one 1,024 wide.
"""

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from handfast_cli.profiles import Person
from handfast_cli.user_pool import UserPool
from handfast_client.api import Api
from tests.worlds.chromium import FLAGS, installed
from tests.worlds.console import ROOT, opened, people_of

FOLDER = ROOT / "docs" / "console"


@dataclass(frozen=True)
class Picture:
    """A page to be seen: `path` below the sandbox, or what finds it by the console of organisation `of`."""

    name: str
    path: str
    of: int = 0
    width: int = 1440
    theme: str = "light"
    tab: str = ""
    link: str = ""


PICTURES = [
    Picture("home", ""),
    Picture("home-dark", "", theme="dark"),
    Picture("partners", "partners"),
    Picture("partner", "partners", link="Organization"),
    Picture("connect-partner", "partners/connect"),
    Picture("segments", "segments"),
    Picture("segment", "segments", link="."),
    Picture("segment-create", "segments/create"),
    Picture("uploads", "segments/uploads"),
    Picture("upload-create", "segments/uploads/create"),
    Picture("sources", "sources"),
    Picture("source-create", "sources/create"),
    Picture("feeds", "feeds"),
    Picture("feeds-1024", "feeds", width=1024),
    Picture("feed", "feeds", link="."),
    Picture("feed-create", "feeds/create"),
    Picture("received-feeds", "received-feeds", of=1),
    Picture("received-feed", "received-feeds", of=1, link="."),
    Picture("destinations", "destinations"),
    Picture("catalogue", "destinations/catalogue"),
    Picture("destination", "destinations", link="."),
    Picture("delivery", "delivery"),
    Picture("dataflow", "delivery", link="."),
    Picture("governance", "governance"),
    Picture("labels", "governance/labels"),
    Picture("audience-manager", "governance/audience-manager", of=1),
    Picture("privacy", "privacy", tab="Done"),
    Picture("privacy-request", "privacy", tab="Done", link="."),
    Picture("connectors", "privacy/connectors"),
    Picture("activity", "activity"),
    Picture("access", "access"),
    Picture("webhooks", "webhooks"),
    Picture("settings", "settings"),
]


def _take(browser: Browser, stack: dict[str, Any], sandboxes: list[str], picture: Picture) -> None:
    context = browser.new_context(locale="en-US", viewport={"width": picture.width, "height": 900})
    person = people_of(stack, "sandbox-admin")[picture.of] | {"sandboxId": sandboxes[picture.of]}
    console = opened(context, str(stack["consoleUrl"]).rstrip("/"), person)
    console.prefer(theme=picture.theme, locale="en")
    console.open(picture.path)
    console.page.wait_for_load_state("networkidle")
    if picture.tab:
        console.page.get_by_role("tab", name=picture.tab).click()
    if picture.link:
        rows = console.page.locator("#main table tbody tr")
        expect(rows.first).to_be_visible()
        wanted = rows.get_by_role("link") if picture.link == "." else rows.get_by_role("link", name=picture.link)
        wanted.first.click()
        console.page.wait_for_load_state("networkidle")
    console.page.wait_for_timeout(1_500)  # charts draw themselves
    # The navigation is as high as the window: a picture of a longer page would cut it off.
    height = int(console.page.evaluate("document.documentElement.scrollHeight"))
    console.page.set_viewport_size({"width": picture.width, "height": min(max(height, 900), 1_400)})
    console.page.wait_for_timeout(500)
    _keep(console.page.screenshot(), FOLDER / f"{picture.name}.png")
    context.close()


def _keep(shot: bytes, path: Path) -> None:
    """Write a picture with 128 colours, which nobody sees and which is a third of the bytes."""
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(128).save(path, optimize=True)


def main() -> None:
    """Take all, or those that are named."""
    stack = json.loads((ROOT / ".local" / "stack.json").read_text())
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=FLAGS)
        sandboxes = _stories(stack)
        for picture in PICTURES:
            if not sys.argv[1:] or picture.name in sys.argv[1:]:
                _take(browser, stack, sandboxes, picture)
        browser.close()


def _stories(stack: dict[str, Any]) -> list[str]:
    """The sandboxes of both organisations that the demo has told its story in last."""
    a, b = (_demos(stack, person) for person in people_of(stack, "sandbox-admin"))
    api, told = a
    name, first = next(each for each in reversed(told) if _has_story(api, each[1]))
    return [_with_source(api, first), next(sandbox for made, sandbox in b[1] if made >= name)]


def _with_source(api: Api, sandbox: str) -> str:
    """The sandbox, with a source to be seen: the story has none."""
    path = f"/sandboxes/{sandbox}/sources"
    if not api.call("GET", path)["items"]:
        settings = {"bucket": "example-exports", "region": "us-east-1", "prefix": "audiences/"}
        settings["roleArn"] = "arn:aws:iam::000000000000:role/handfast-source-exports"
        columns = [{"column": "E-Mail", "as": "identity", "namespace": "email", "transform": "hash"}]
        about = {"name": "Nightly export", "kind": "s3", "format": "csv", "mode": "delta", "columns": columns}
        api.call("POST", path, body=about | {"settings": settings, "schedule": {"timeOfDay": "06:30"}})
    return sandbox


def _demos(stack: dict[str, Any], person: dict[str, str]) -> tuple[Api, list[tuple[str, str]]]:
    pool = UserPool(stack["region"], stack["userPoolClientId"], stack["awsEndpointUrl"])
    api = Api(stack["apiUrl"], Person(pool, person["email"], password=person["password"]).token())
    grants = api.call("GET", "/me")["grants"]
    return api, sorted((each["sandboxName"], each["sandboxId"]) for each in grants if "Demo" in each["sandboxName"])


def _has_story(api: Api, sandbox: str) -> bool:
    feeds = api.call("GET", f"/sandboxes/{sandbox}/feeds")["items"]
    return "Newsletter by e-mail" in [feed["name"] for feed in feeds]


if __name__ == "__main__":
    main()
