"""Every route of the console: where each is seen, what can be done there, and what it says where there is nothing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser

from tests.worlds.console import ROOT, Console, User

PAGES = ROOT / "console" / "src" / "pages"
_COUNT_CALLS = """
if (!window.__calls) {
  const send = window.fetch;
  window.__calls = { open: 0 };
  window.fetch = (...call) => {
    window.__calls.open += 1;
    return send(...call).finally(() => { window.__calls.open -= 1; });
  };
}
for (const shown of document.querySelectorAll('#main > *')) shown.dataset.before = '';
"""
_IS_CALM = """() => {
  const isBusy = window.__calls.open || document.querySelector('#main [data-before]')
    || !document.querySelector('#main h1');
  window.__calls.calm = isBusy ? 0 : (window.__calls.calm ?? 0) + 1;
  return window.__calls.calm > 3;
}"""
_IN_HEADERS = re.compile(r"^( *)- columnheader .*:\n(?:\1 +.*\n)*", re.MULTILINE)
_ROLES = "button|checkbox|textbox|switch|radio|combobox|menuitem|spinbutton|slider"
_CONTROL = re.compile(rf'^ *- (?:{_ROLES})\b(?: "((?:[^"\\]|\\.)*)")?(.*)$', re.MULTILINE)


@dataclass(frozen=True)
class Route:
    """A route below a sandbox: `path` as the source has it.

    `acts` are controls by which something is done there. A viewer has none of them, or, where the route is `closed`,
    is not let in. `empty` is what it says in a sandbox that has nothing. `reads` is False where it asks the API for
    nothing of the sandbox. `by` names another thing than the path's parameter does.
    """

    path: str
    acts: tuple[str, ...] = ()
    empty: str = ""
    closed: bool = False
    reads: bool = True
    by: str = ""

    def at(self, ids: dict[str, str]) -> str:
        """Where it is seen, for things with these ids."""
        return re.sub(r":(\w+)", lambda found: ids[self.by or found[1]], self.path)


def closed(path: str, *acts: str, **more: bool | str) -> Route:
    """A route that a viewer is not let in."""
    return Route(path, acts, closed=True, **more)  # type: ignore[arg-type]


ROUTES = [
    Route("", empty="Start sharing"),
    Route(
        "partners",
        ("Connect partner", "Regenerate"),
        "Give your connect ID to a partner, or connect a partner whose connect ID you have been given.",
    ),
    closed("partners/connect", "Request connection"),
    Route("partners/:connection", ("Disconnect", "Let the partner estimate overlaps with our identities")),
    Route("segments", ("Create segment", "Upload files"), "Create a segment, then upload a file of people into it."),
    closed("segments/create", "Create segment"),
    Route("segments/uploads", ("Upload files",), "Upload a CSV, NDJSON or Parquet file to fill a segment."),
    closed("segments/uploads/create", "Upload"),
    Route("segments/uploads/:upload", ("Upload other files",)),
    Route("segments/imports/:import", ("Cancel import", "Choose folder", "Upload other files")),
    Route("segments/:segment", ("Delete", "Edit", "Edit labels", "Export", "Show members", "Upload files")),
    closed("segments/:segment/edit", "Save changes"),
    Route("sources", ("Create source",), "Create a source where a system of yours leaves files regularly."),
    closed("sources/create", "Name", "Next"),
    Route("sources/:source", ("Actions", "Run now", "Test"), by="fileSource"),
    closed("sources/:source/edit", "Name", "Next", by="fileSource"),
    Route("feeds", ("Create feed",), "It needs a segment and an active connection."),
    closed("feeds/create", "Next", "Save draft and close"),
    Route("feeds/:feed", ("Actions", "Edit", "Unshare from Organization B")),
    closed("feeds/:feed/edit", "Next", "Save draft and close"),
    Route(
        "received-feeds",
        empty="A feed appears here when a partner with an active connection publishes one to you.",
    ),
    Route("received-feeds/:receivedFeed", ("Disable", "Export", "Show members")),
    Route("destinations", ("Connect destination",), "Connect one from the catalogue"),
    Route("destinations/catalogue", ("Connect HTTP",)),
    closed("destinations/connect/:type", "Connect"),
    Route("destinations/activations/:activation", ("Actions", "Edit activation")),
    Route("destinations/:destination", ("Actions", "Activate segments", "Test")),
    closed("destinations/:destination/edit", "Save changes"),
    closed("destinations/:destination/activate", "Next"),
    Route("destinations/:destination/activations/:activation", ("Actions", "Edit activation")),
    closed("destinations/:destination/activations/:activation/edit", "Next"),
    Route("delivery", empty="A dataflow begins when a partner enables a feed"),
    Route("delivery/:dataflow", ("Pause",)),
    Route("governance", ("Create policy", "Switch on No analytics")),
    Route("governance/labels", ("Define label", "Delete loyal", "Edit loyal")),
    Route("governance/marketing-actions", ("Define marketing action", "Delete loyalty", "Edit loyalty")),
    Route("governance/policies", ("Create policy", "Switch on No analytics")),
    closed("governance/policies/create", "Review and create"),
    Route("governance/policies/:policy", ("Delete", "Edit", "Switch on No analytics")),
    closed("governance/policies/:policy/edit", "Review the change"),
    Route("governance/data-sources", ("Create data source",)),
    closed("governance/data-sources/create", "Create data source"),
    Route("governance/data-sources/:source", ("Edit",)),
    closed("governance/data-sources/:source/edit", "Review the change"),
    Route("governance/check"),
    Route("governance/audience-manager", empty="Enable a received feed: each of its segments is a trait here."),
    Route("privacy", ("New request",), "Enter a person's request, switch on the intake form"),
    closed("privacy/create", "Preview"),
    closed("privacy/bulk", "Download an example"),
    Route("privacy/bulk/:bulk"),
    closed("privacy/connectors", "Add connector", empty="Add the systems that also hold people's data"),
    closed("privacy/connectors/create", "Webhook"),
    closed("privacy/connectors/:connector", "Delete", "Edit", "Test connection"),
    closed("privacy/connectors/:connector/edit", "Save"),
    Route("privacy/register", empty="The numbers that the law asks for show as soon as a request comes in."),
    Route("privacy/processing-record"),
    Route("privacy/intake", ("Switch on",)),
    Route("privacy/drop-lists", empty="A connector of the type DROP fetches lists"),
    Route("privacy/drop-lists/:list"),
    Route("privacy/:request", ("Actions", "Verify")),
    Route("privacy/:request/proof", by="done"),
    Route("activity"),
    Route("activity/notifications", empty="You are told here when a partner answers"),
    closed("access", "Give a grant", "Invite"),
    closed("access/machines", "Give a grant", "Invite", empty="The operator makes machines, as described below."),
    closed(
        "access/recipient-tokens",
        "Create recipient token",
        empty="Create one for a tool that is to read what you receive",
    ),
    closed("access/recipient-tokens/create", "Create recipient token", reads=False),
    closed("access/recipient-tokens/:token", "Delete", "Rotate"),
    closed("access/invitations", "Invite", empty="Invite a colleague by e-mail and choose what they may do."),
    closed("access/invite", "Send invitation"),
    closed("access/add", "Principal ID"),
    closed("access/:principal", "Change rights", "Remove"),
    closed("access/:principal/edit", "Role Viewer"),
    closed("webhooks", "Create webhook", empty="Create one to hear of connections"),
    closed("webhooks/create", "Create webhook"),
    closed("webhooks/:webhook", "Send test event"),
    closed("webhooks/:webhook/edit", "Save changes"),
    Route(
        "settings",
        ("Define namespace", "Disable CARD"),
        "Define one to share another kind of ID, such as a loyalty number.",
    ),
    closed("settings/namespaces/define", "Define namespace", reads=False),
    closed("settings/:group", "Overlap threshold"),
]
"""All routes below a sandbox; the test of all routes holds that none is missing."""

READING = re.compile(
    r"Check|Collapse|Copy .*|Count drafts of policies too|CSV|Data with these labels, .*|Download .*|Get links|Joined|"
    r"How identities are given|Known limits .*|Mark .*as read.*|Namespace All|(Next|Previous) page|Other keys .*|"
    r"Page \d+ of all pages|Left|Parquet|Preferences|Prerequisites .*|Print|Read (again|register|it with other tools)|"
    r"Received (from|until)|Records and settings|Segment All segments|Show proof|Uploads|Values and their digests here|"
    r"Role that reads the bucket|Verify|Verify in this browser|Why two systems can still differ|"
    r".* Any( time)?|.*, Show record \d+|"
    r".* Choose (segments|data sources|labels|marketing actions)"
)
"""Controls that show, check, filter or copy and change nothing; that a notification is read, anybody may say."""


def in_source() -> list[str]:
    """The paths of all routes below a sandbox, read out of the console's source."""
    sources = [path.read_text() for path in sorted(PAGES.glob("*/index.tsx"))]
    found = [re.findall(r"path: '([^']*)'", source) for source in sources]
    assert [len(paths) for paths in found] == [source.count("page: () => import(") for source in sources]
    return [path for paths in found for path in paths]


@contextmanager
def at_console(chromium: Browser, url: str, user: User, locale: str = "en-US") -> Iterator[Console]:
    """The person signed in, with nothing in motion and axe-core let in, at a page that is in no sandbox."""
    context = chromium.new_context(locale=locale, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    console = Console(context.new_page(), url, user)
    console.sign_in("/invitations")
    yield console
    context.close()


def visit(console: Console, path: str) -> None:
    """Show another page of the person's sandbox, and wait until it has read all that it shows."""
    console.page.evaluate(_COUNT_CALLS)
    console.open(path)
    console.page.wait_for_function(_IS_CALM)


def controls(console: Console) -> set[str]:
    """The accessible names of what can be pressed, chosen or filled in on the page, sorting of tables apart."""
    shown = console.page.locator("#main").aria_snapshot()
    found = _CONTROL.findall(_IN_HEADERS.sub("", shown + "\n"))
    return {name for name, states in found if "[disabled]" not in states}
