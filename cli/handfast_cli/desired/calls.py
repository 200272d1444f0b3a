"""The calls that a change is, tried and done alike."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from handfast_cli.desired.bodies import SecretReference, wanted
from handfast_cli.desired.kinds import KINDS
from handfast_cli.desired.references import References
from handfast_cli.desired.rules import Change
from handfast_cli.desired.state import Item, State
from handfast_cli.options import Session

Call = tuple[str, str, Any]
"""Method, path below the API, and body."""


def call_of(session: Session, change: Change, references: References, state: State) -> Call:
    """The call that makes a change, without secrets. Names mean what they mean by now."""
    match change.action:
        case "enable" | "disable":
            call: Call = "POST", session.path(f"/policies/{_quoted(change.id)}/{change.action}"), None
        case "request":
            call = "POST", session.path("/connect-requests"), change.after
        case "accept":
            call = "POST", session.path(f"/connections/{_quoted(change.id)}/accept"), change.after
        case "publish" | "unshare":
            feed = references.find("feeds", change.key)
            call = "POST", session.path(f"/feeds/{_quoted(feed)}/{change.action}"), change.after or None
        case "delete":
            call = "DELETE", _path(session, change, references), None
        case "create":
            call = _making(session, change, references, state)
        case "change":
            call = _changing(session, change, references, state)
    return call


def _making(session: Session, change: Change, references: References, state: State) -> Call:
    kind, members = KINDS[change.section], _members(change, references, state)
    taken = kind.kept if kind.makes == "PUT" else members.keys() - kind.later
    body = {name: value for name, value in members.items() if name in taken}
    return kind.makes, _path(session, change, references), body


def _changing(session: Session, change: Change, references: References, state: State) -> Call:
    if change.section == "settings":
        return "PATCH", session.path(""), {"settings": change.after}
    kind = KINDS[change.section]
    if change.section == "connections":
        return "PATCH", _path(session, change, references), change.after
    members = _members(change, references, state)
    body = {name: members[name] for name in change.after}
    if kind.kept:
        body = {name: value for name, value in ((change.actual or {}) | body).items() if name in kind.kept}
    return kind.changes, _path(session, change, references), body


def _members(change: Change, references: References, state: State) -> dict[str, Any]:
    if change.thing is None:
        raise TypeError(f"{change.action} of {change.key} is of nothing in the file")
    return wanted(change.section, change.thing, references, state, change.actual).members


def _path(session: Session, change: Change, references: References) -> str:
    kind, within = KINDS[change.section], ""
    if change.section == "activations":
        destination = (
            change.actual["destinationId"] if change.actual else references.find("destinations", change.within)
        )
        within = f"/destinations/{_quoted(destination)}"
    by_code = kind.identifier == kind.key
    identifier = change.id or (change.key if by_code and kind.makes == "PUT" else "")
    named = identifier and not (by_code and kind.makes == "POST")
    return session.path(f"{within}{kind.path}{f'/{_quoted(identifier)}' if named else ''}")


def with_secrets(
    body: Any, secrets: Mapping[tuple[str, str], SecretReference], values: Mapping[SecretReference, str]
) -> Any:
    """A body with the secrets that it is sent with."""
    for (member, name), reference in secrets.items():
        body = {**body, member: {**(body.get(member) or {}), name: values[reference]}}
    return body


def later_call(session: Session, change: Change, made: Item) -> Call | None:
    """The call for what making does not take, where it is not so already."""
    kind = KINDS[change.section]
    late = {name: value for name, value in change.after.items() if name in kind.later and made.get(name) != value}
    if not late:
        return None
    return kind.changes, session.path(f"{kind.path}/{_quoted(made[kind.identifier])}"), late


def _quoted(text: str) -> str:
    return quote(text, safe="")
