"""A sandbox that does what a plan says, without any call: what the rules of desired states are tested against."""

import itertools
import re
from copy import deepcopy
from typing import Any

from handfast_cli.desired.comparing import UNORDERED
from handfast_cli.desired.kinds import KINDS
from handfast_cli.desired.models import targets
from handfast_cli.desired.references import NotYet
from handfast_cli.desired.rules import Change, Plan
from handfast_cli.desired.state import Item, State

DEFAULTS: dict[str, Item] = {
    "labels": {"custom": True, "description": None},
    "policies": {"core": False, "description": None},
    "segments": {"origin": "own", "labels": [], "description": None, "externalId": None, "expression": None},
    "dataSources": {"labels": [], "exportControls": [], "createdAt": "2026-03-01T12:00:00.000Z"},
    "feeds": {
        "description": None,
        "restrictedMarketingActions": [],
        "connectionIds": [],
        "showPopulation": False,
        "status": "draft",
        "hasUnpublishedChanges": True,
        "shares": [],
    },
    "destinations": {"description": None, "status": "enabled", "secretNames": [], "authentication": {}},
    "activations": {"status": "active", "attributes": []},
    "connectors": {"secrets": []},
    "webhooks": {"status": "enabled"},
}
SECRETS: dict[tuple[str, str, str], frozenset[str]] = {
    ("destinations", "http", "settings"): frozenset(),
    ("destinations", "http", "authentication"): frozenset({"bearerToken"}),
    ("connectors", "webhook", "settings"): frozenset({"secret"}),
}
CORE = "restrict_email_targeting"


class ImaginedSandbox:
    """Keeps the lists that the API would answer. Partners that are asked to connect do not answer."""

    def __init__(self) -> None:
        self.state = State(
            items={section: [] for section in KINDS},
            core_policies={CORE: False},
            secrets=dict(SECRETS),
            symbols={"email": "Email_LC_SHA256", "email_lc_sha256": "Email_LC_SHA256"},
            settings={"overlapThreshold": 1000, "consentDefault": "default_allow"},
        )
        self._ids: dict[tuple[str, str], str] = {}
        self._numbers = itertools.count(1)

    def connection(self, organization: str, status: str, direction: str) -> None:
        """A connection in some state."""
        partner = {"organizationName": organization, "sandboxName": "main"}
        self.state.items["connections"].append(
            {"connectionId": f"con_{next(self._numbers)}", "status": status, "direction": direction, "partner": partner}
            | {"decidedAt": None, "requestedAt": "2026-03-01T12:00:00.000Z", "allowsEstimates": False}
        )

    def do(self, plan: Plan, most: int | None = None) -> None:
        """Make the changes, or the first ones."""
        self._ids = {}
        for change in plan.changes[:most]:
            self._do(change)

    def _do(self, change: Change) -> None:
        after = {name: _stored(name, self._resolved(value)) for name, value in deepcopy(change.after).items()}
        if change.section == "settings":
            self.state.settings.update(after)
        elif change.section == "corePolicies":
            self.state.core_policies[change.id] = change.action == "enable"
        elif change.action == "create":
            self._create(change, after)
        elif change.action == "request":
            self.connection(change.key.partition("/")[0], "pending", "outgoing")
        elif change.action == "delete":
            self.state.items[change.section].remove(self._item(change))
        else:
            self._change(change, self._item(change), after)

    def _change(self, change: Change, item: Item, after: Item) -> None:
        match change.action:
            case "change":
                item |= {name: _merged(item.get(name), value) for name, value in after.items()}
                if change.section == "feeds":
                    item["hasUnpublishedChanges"] = True
                self._set_secrets(item, change)
            case "accept":
                item |= {"status": "active"} | {name: value for name, value in after.items() if name != "note"}
                self._ids["connections", change.key] = item["connectionId"]
            case "publish":
                shares = [{"connectionId": each, "status": "pending"} for each in item["connectionIds"]]
                item |= {"status": "published", "hasUnpublishedChanges": False, "shares": shares}
            case "unshare":
                item["shares"] = [share for share in item["shares"] if share["connectionId"] != after["connectionId"]]

    def _create(self, change: Change, after: Item) -> None:
        kind = KINDS[change.section]
        identifier = after.get(kind.identifier) or f"{kind.section[:3]}_{next(self._numbers)}"
        item = deepcopy(DEFAULTS[change.section]) | after | {kind.identifier: identifier}
        if change.section == "activations":
            destination = self._ids.get(("destinations", change.within)) or next(
                each["destinationId"] for each in self.state.items["destinations"] if each["name"] == change.within
            )
            item |= {"destinationId": destination, "destinationName": change.within}
            assert targets(each["target"] for each in item["mapping"]) == change.key
        self._set_secrets(item, change)
        self.state.items[change.section].append(item)
        self._ids[change.section, change.key] = identifier

    def _item(self, change: Change) -> Item:
        kind = KINDS[change.section]
        identifier = change.id or self._ids[change.place]
        return next(item for item in self.state.items[change.section] if item[kind.identifier] == identifier)

    @staticmethod
    def _set_secrets(item: Item, change: Change) -> None:
        for member in ("secretNames", "secrets"):
            if member in item:
                item[member] = sorted({*item[member], *(name for _, name in change.secrets)})

    def _resolved(self, value: Any) -> Any:
        match value:
            case NotYet():
                return self._ids[value.place]
            case str():
                return re.sub(r"\{([^{}]+)\}", lambda found: self._ids["segments", found[1]], value)
            case dict():
                return {name: self._resolved(each) for name, each in value.items()}
            case list():
                return [self._resolved(each) for each in value]
            case _:
                return value


def _merged(old: Any, new: Any) -> Any:
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def _stored(member: str, value: Any) -> Any:
    """A set is answered in an order of the API's own."""
    return value[::-1] if member in UNORDERED and isinstance(value, list) else value
