"""What a file and a sandbox differ in: the changes that would make the one of the other, in the order of their doing.

Nothing here calls anything: docs/desired-state.md, What a plan says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from handfast_cli.desired.bodies import SecretError, SecretReference, wanted
from handfast_cli.desired.comparing import is_same
from handfast_cli.desired.kinds import KINDS, Kind
from handfast_cli.desired.matching import Matches, Waiting, things
from handfast_cli.desired.models import Connection, Destination, Document, Feed, Thing, targets
from handfast_cli.desired.references import References, UnknownNameError, keys_of, named_in, pending
from handfast_cli.desired.state import Item, State

Action = Literal["create", "change", "delete", "request", "accept", "enable", "disable", "publish", "unshare"]


class PlanError(ValueError):
    """The file cannot be carried out here; each argument is one reason, with what to do."""


@dataclass(frozen=True)
class Change:
    """One thing to do. `before` and `after` are the members that differ, in the API's names.

    `key` is what the file calls the thing and `id` what the API does, empty for what is to be made. `secrets` are sent
    along. `needs` are the things, by section and key, that changes before this one make. `within` is the destination
    of an activation.
    """

    action: Action
    section: str
    key: str
    id: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    secrets: dict[tuple[str, str], SecretReference] = field(default_factory=dict)
    needs: frozenset[tuple[str, str]] = frozenset()
    thing: Thing | None = None
    actual: Item | None = field(default=None, compare=False)
    within: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Its section and key."""
        return self.section, self.key


@dataclass(frozen=True)
class Plan:
    """The changes in their order, what is waited for, and what is there and not in the file, by section.

    `references` know what the file's names mean, and learn what is made.
    """

    changes: tuple[Change, ...]
    waiting: tuple[Waiting, ...]
    unmanaged: dict[str, tuple[str, ...]]
    references: References


def plan(document: Document, state: State, *, send_secrets: bool = False) -> Plan:
    """The plan for a document and what is there. Raises PlanError."""
    return _Planning(document, state, send_secrets=send_secrets).plan()


class _Planning:
    def __init__(self, document: Document, state: State, *, send_secrets: bool) -> None:
        self._document, self._state, self._send_secrets = document, state, send_secrets
        self._matches = Matches(document, state)
        self._references = self._matches.references
        self._errors = list(self._matches.errors)
        self._waiting = list(self._matches.waiting)

    def plan(self) -> Plan:
        changes = [*self._settings()]
        for section, kind in KINDS.items():
            if section == "policies":
                changes += self._core_policies()
            changes += self._section(kind)
        changes += self._deletions()
        if self._errors:
            raise PlanError(*self._errors)
        return Plan(tuple(changes), tuple(self._waiting), self._unmanaged(), self._references)

    # What is to be done

    def _settings(self) -> Iterator[Change]:
        members, there = self._document.settings, self._state.settings
        different = [name for name, value in members.items() if not is_same(value, there.get(name), name)]
        if unknown := [name for name in members if name not in there]:
            known = ", ".join(sorted(there))
            self._errors.append(f"settings: there is no setting {', '.join(unknown)}; there are {known}")
        elif different:
            before, after = {name: there[name] for name in different}, {name: members[name] for name in different}
            yield Change("change", "settings", "sandbox", before=before, after=after)

    def _core_policies(self) -> Iterator[Change]:
        for name, is_on in self._document.core_policies.items():
            there = self._state.core_policies.get(name)
            if there is None:
                self._errors.append(f"corePolicies: there is no {name}; `handfast policies list` shows them")
            elif there != is_on:
                action: Action = "enable" if is_on else "disable"
                yield Change(action, "corePolicies", name, name, {"enabled": there}, {"enabled": is_on})

    def _section(self, kind: Kind) -> Iterator[Change]:
        if kind.section == "connections":
            for connection in self._document.connections:
                yield from self._connection(connection)
        elif kind.section == "activations":
            for destination in self._document.destinations:
                for activation in destination.activations:
                    yield from self._thing(kind, activation, destination)
        else:
            for thing in _in_order(things(self._document, kind.section)):
                changes = list(self._thing(kind, thing))
                yield from changes
                if isinstance(thing, Feed):
                    yield from self._publishing(thing, changes)

    def _thing(self, kind: Kind, thing: Thing, parent: Destination | None = None) -> Iterator[Change]:
        actual, place = self._matches.actual(thing), f"{kind.section} {thing.key!r}"
        if parent:
            place = f"destinations {parent.key!r}: activations {thing.key!r}"
        try:
            want = wanted(kind.section, thing, self._references, self._state, actual)
        except (UnknownNameError, SecretError) as error:
            self._errors.append(f"{place}: {error}")
            return
        within = {"within": parent.key} if parent else {}
        needs = set(pending(want.members)) | set(self._own_words(want.members))
        if parent and self._matches.actual(parent) is None:
            needs.add(("destinations", parent.key))
        about: dict[str, Any] = {"section": kind.section, "key": thing.key, "thing": thing, **within}
        if actual is None:
            yield Change("create", after=want.members, secrets=dict(want.secrets), needs=frozenset(needs), **about)
            return
        different = [name for name, value in want.members.items() if not is_same(value, actual.get(name), name)]
        if changed := kind.fixed.intersection(different):
            what = ", ".join(sorted(changed))
            self._errors.append(f"{place}: {what} cannot be changed: name a new one otherwise, and take this one out")
        secrets = self._due_secrets(want.secrets, actual, different)
        if different or secrets:
            before = {name: actual.get(name) for name in different}
            after = {name: want.members[name] for name in different}
            yield Change(
                "change",
                id=actual[kind.identifier],
                before=before,
                after=after,
                secrets=secrets,
                needs=frozenset(needs),
                actual=actual,
                **about,
            )

    def _own_words(self, members: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """What of the sandbox's own words the members use that the file is to make."""
        text = str([members.get(name) for name in ("labels", "columns", "deny", "marketingActions", "namespaces")])
        text += str(members.get("restrictedMarketingActions"))
        for section in ("labels", "marketingActions", "namespaces"):
            for thing in things(self._document, section):
                if self._matches.actual(thing) is None and repr(thing.key) in text:
                    yield section, thing.key

    def _due_secrets(self, secrets: Any, actual: Item, different: list[str]) -> dict[tuple[str, str], SecretReference]:
        """Those to send: all when asked to or where they may go elsewhere, else those that are not set."""
        if self._send_secrets or {"settings", "authentication"}.intersection(different):
            return dict(secrets)
        set_already = "secretNames" if "secretNames" in actual else "secrets"
        return {place: reference for place, reference in secrets.items() if place[1] not in actual[set_already]}

    def _connection(self, connection: Connection) -> Iterator[Change]:
        actual = self._matches.actual(connection)
        about: dict[str, Any] = {"section": "connections", "key": connection.key, "thing": connection, "actual": actual}
        if any(each.key == connection.key for each in self._waiting if each.section == "connections"):
            return
        words = {name: value for name, value in connection.given().items() if name in {"note", "allowsEstimates"}}
        if actual is None:
            yield Change("request", after={"connectId": connection.connect_id, **words}, **about)
        elif actual["status"] == "pending":
            yield Change("accept", id=actual["connectionId"], after=words, **about)
        elif "allowsEstimates" in words and words["allowsEstimates"] != actual["allowsEstimates"]:
            before, after = (
                {"allowsEstimates": each} for each in (actual["allowsEstimates"], words["allowsEstimates"])
            )
            yield Change("change", id=actual["connectionId"], before=before, after=after, **about)

    def _publishing(self, feed: Feed, changes: list[Change]) -> Iterator[Change]:
        actual = self._matches.actual(feed)
        waits = [name for name in feed.partners if self._references.is_waited_for(name)]
        if waits:
            self._waiting.append(Waiting("feeds", feed.key, f"is not shared with {', '.join(waits)} yet"))
        if not feed.published:
            return
        about: dict[str, Any] = {"section": "feeds", "key": feed.key, "thing": feed, "actual": actual}
        about |= {"id": actual["feedId"] if actual else ""}
        needs = frozenset(place for change in changes for place in (change.place, *change.needs))
        partners = _partners(actual, changes)
        if not partners:
            yield from self._unsharing(actual, about, has_waiting=bool(waits))
        elif changes or actual is None or actual["status"] == "draft" or actual["hasUnpublishedChanges"]:
            yield Change("publish", needs=needs, **about)

    def _unsharing(self, actual: Item | None, about: dict[str, Any], *, has_waiting: bool) -> Iterator[Change]:
        """A version has to be for somebody: who is left at the end is unshared from."""
        shares = [each for each in (actual or {}).get("shares", ()) if each["status"] not in {"revoked", "declined"}]
        for share in shares:
            yield Change("unshare", after={"connectionId": share["connectionId"]}, **about)
        if not shares and not has_waiting:
            self._waiting.append(Waiting("feeds", about["key"], "is published once it names a partner"))

    # What is not in the file

    def _deletions(self) -> Iterator[Change]:
        for section in reversed(KINDS):
            if section in self._document.prune:
                for item in sorted(self._matches.others(section), key=lambda item: not item.get("expression")):
                    kind = KINDS[section]
                    yield Change("delete", section, _shown(section, item), item[kind.identifier], actual=item)

    def _unmanaged(self) -> dict[str, tuple[str, ...]]:
        told = [
            section for section in KINDS if _is_told(section, self._document) and section not in self._document.prune
        ]
        found = {section: tuple(_shown(section, item) for item in self._matches.others(section)) for section in told}
        return {section: names for section, names in found.items() if names}


def _is_told(section: str, document: Document) -> bool:
    return ("destinations" if section == "activations" else section) in document.sections


def _shown(section: str, item: Item) -> str:
    if section == "activations":
        return f"{item['destinationName']}: {targets(pair['target'] for pair in item['mapping'])}"
    return str(item[KINDS[section].key] if section != "connections" else keys_of(item)[1])


def _in_order(things: list[Any]) -> Iterator[Any]:
    """Things after those that their expressions name. A circle is left as it is: the API refuses it."""
    left = list(things)
    while left:
        names = {each.key for each in left}
        free = next((each for each in left if not _parts(each) & (names - {each.key})), left[0])
        left.remove(free)
        yield free


def _parts(thing: Any) -> set[str]:
    return set(named_in(getattr(thing, "expression", None) or ""))


def _partners(actual: Item | None, changes: list[Change]) -> list[str]:
    """The connections that the draft names after the changes."""
    for change in changes:
        if "connectionIds" in change.after:
            return list(change.after["connectionIds"])
    return list(actual["connectionIds"]) if actual else []
