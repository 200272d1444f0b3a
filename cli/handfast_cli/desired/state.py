"""What is there: the lists of the API that a document needs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from handfast_cli.desired.kinds import KINDS, REFERS
from handfast_cli.desired.models import Document
from handfast_cli.errors import CommandError
from handfast_cli.failures import document_of, exit_code_of
from handfast_cli.options import Session
from handfast_client.errors import ProblemError

Item = dict[str, Any]


class UnreadableError(CommandError):
    """A list that a section is compared with cannot be read."""

    def __init__(self, section: str, cause: ProblemError) -> None:
        self.exit_code, self.members = exit_code_of(cause), document_of(cause)
        super().__init__(f"{section} cannot be compared: {cause}")


_WHOLE = frozenset({"namespaces"})
"""Lists without pages."""
_FILE_SECRETS = ("password", "privateKey")


@dataclass(frozen=True)
class State:
    """What there is, by section, as the API answers it.

    `secrets` are the members that are secrets, by section, type and the member that they lie in. `type_actions` are
    the marketing actions that all destinations of a type are. `symbols` are what namespaces are called by their other
    names, in lower case.
    """

    settings: Item = field(default_factory=dict)
    items: dict[str, list[Item]] = field(default_factory=dict)
    core_policies: dict[str, bool] = field(default_factory=dict)
    secrets: dict[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    type_actions: dict[str, list[str]] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)

    def of(self, section: str) -> list[Item]:
        """The things of a section that a file could name."""
        return [item for item in self.items.get(section, []) if _is_own(section, item)]


def _is_own(section: str, item: Item) -> bool:
    match section:
        case "labels" | "marketingActions":
            return bool(item["custom"])
        case "policies":
            return not item["core"]
        case "segments":
            return bool(item["origin"] == "own")
        case "destinations":
            return bool(item["status"] != "deleting")
        case "activations":
            return bool(item["status"] != "ending")
        case _:
            return True


def read(session: Session, document: Document) -> State:
    """What the document's sections are compared with. Raises UnreadableError for a section."""
    sections = {section: None for section in KINDS if section in document.sections}
    needed = dict.fromkeys([*sections, *(other for section in sections for other in REFERS.get(section, ()))])
    if "corePolicies" in document.sections:
        needed |= {"policies": None}
    items = {section: list(_items(session, section)) for section in needed if section != "activations"}
    if "activations" in needed:
        items["activations"] = list(_activations(session, items["destinations"]))
    found = State(items=items, symbols=dict(_symbols(session, items)))
    _learn_types(session, found)
    found.core_policies.update(
        (each["policyId"], each["enabled"]) for each in items.get("policies", ()) if each["core"]
    )
    if "settings" in document.sections:
        found.settings.update(session.api.call("GET", session.path(""))["settings"])
    return found


def _items(session: Session, section: str) -> Iterator[Item]:
    path = session.path(KINDS[section].path)
    try:
        yield from session.api.call("GET", path)["items"] if section in _WHOLE else session.api.items(path)
    except ProblemError as error:
        raise UnreadableError(section, error) from error


def _activations(session: Session, destinations: Iterable[Item]) -> Iterator[Item]:
    for each in destinations:
        yield from session.api.items(session.path(f"/destinations/{quote(each['destinationId'], safe='')}/activations"))


def _learn_types(session: Session, found: State) -> None:
    found.secrets["sources", "sftp", "settings"] = frozenset(_FILE_SECRETS)
    if "destinations" in found.items:
        for each in session.api.call("GET", "/destination-types")["items"]:
            found.type_actions[each["type"]] = each["marketingActions"]
            for member in ("settings", "authentication"):
                secrets = frozenset(_write_only(each[f"{member}Schema"]))
                found.secrets["destinations", each["type"], member] = secrets
    if "connectors" in found.items:
        for each in session.api.call("GET", "/connector-types")["items"]:
            found.secrets["connectors", each["type"], "settings"] = frozenset(_write_only(each["settings"]))


def _write_only(schema: Any) -> Iterator[str]:
    """The members that a JSON schema calls secrets, in whichever of its alternatives."""
    if isinstance(schema, dict):
        for name, member in schema.get("properties", {}).items():
            if any(isinstance(each, dict) and each.get("writeOnly") for each in [member, *member.get("anyOf", ())]):
                yield name
        for value in schema.values():
            yield from _write_only(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _write_only(value)


def _symbols(session: Session, items: dict[str, list[Item]]) -> Iterator[tuple[str, str]]:
    if items.keys() & {"feeds", "sources", "destinations"}:
        for each in session.api.call("GET", "/reference/namespaces")["items"]:
            yield from ((name.lower(), each["code"]) for name in [each["code"], *(each["aliases"] or ())])
