"""What a file and a sandbox differ in: the changes that would make the one of the other, in the order of their doing.

Nothing here calls anything: docs/desired-state.md, What a plan says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from handfast_cli.desired.bodies import SecretError, SecretReference, wanted
from handfast_cli.desired.comparing import is_same
from handfast_cli.desired.kinds import KINDS, Kind
from handfast_cli.desired.models import Connection, Destination, Document, Feed, Thing, targets
from handfast_cli.desired.references import References, UnknownNameError, keys_of, named_in, pending
from handfast_cli.desired.state import Item, State

Action = Literal["create", "change", "delete", "request", "accept", "enable", "disable", "publish", "unshare"]

LIVE = frozenset({"pending", "active"})
DECIDED = frozenset({"rejected", "withdrawn", "disconnected"})
"""Ends of a connection that somebody has decided on."""


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
class Waiting:
    """What the file wants and this sandbox alone cannot do."""

    section: str
    key: str
    why: str


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
        self._references = References(document, state)
        self._errors: list[str] = []
        self._waiting: list[Waiting] = []
        self._met: dict[str, set[str]] = {}
        self._matched: dict[int, Item | None] = {}

    def plan(self) -> Plan:
        self._match_all()
        changes = [*self._settings()]
        for section, kind in KINDS.items():
            if section == "policies":
                changes += self._core_policies()
            changes += self._section(kind)
        changes += self._deletions()
        if self._errors:
            raise PlanError(*self._errors)
        return Plan(tuple(changes), tuple(self._waiting), self._unmanaged(), self._references)

    # What of the file is what of the sandbox

    def _match_all(self) -> None:
        for connection in self._document.connections:
            self._match_connection(connection)
        for section, kind in KINDS.items():
            if section not in {"connections", "activations"}:
                for thing in _things(self._document, section):
                    self._keep(kind, thing, self._matching(kind, thing, self._state.of(section)))
        for destination in self._document.destinations:
            self._match_activations(destination)

    def _keep(self, kind: Kind, thing: Thing, actual: Item | None) -> None:
        self._matched[id(thing)] = actual
        if actual is None:
            self._references.expect(kind.section, thing.key)
        else:
            self._met.setdefault(kind.section, set()).add(actual[kind.identifier])
            self._references.learn(kind.section, thing.key, actual[kind.identifier])

    def _matching(self, kind: Kind, thing: Thing, items: Iterable[Item]) -> Item | None:
        meant, key = getattr(thing, "id", ""), thing.key
        if meant:
            found = [item for item in items if item[kind.identifier] == meant]
            if not found:
                self._errors.append(
                    f"{kind.section} {key!r}: there is no {kind.noun} {meant}: leave `id` out to make it"
                )
        else:
            found = [item for item in items if item[kind.key] == key]
        if len(found) > 1:
            ids = ", ".join(item[kind.identifier] for item in found)
            self._errors.append(f"{kind.section} {key!r}: {len(found)} are called so ({ids}): write `id` of one")
        return found[0] if found else None

    def _match_activations(self, destination: Destination) -> None:
        there = self._matched[id(destination)]
        items = [
            each for each in self._state.of("activations") if there and each["destinationId"] == there["destinationId"]
        ]
        for thing in destination.activations:
            named = [{**each, "name": targets(pair["target"] for pair in each["mapping"])} for each in items]
            alone = len(items) == len(destination.activations) == 1 and not thing.id
            self._keep(
                KINDS["activations"], thing, named[0] if alone else self._matching(KINDS["activations"], thing, named)
            )

    def _match_connection(self, connection: Connection) -> None:
        found = [item for item in self._state.items.get("connections", ()) if connection.key in keys_of(item)]
        live = [item for item in found if item["status"] in LIVE]
        if len(live) > 1:
            self._errors.append(
                f"connections {connection.key!r}: {len(live)} sandboxes are connected: name its `sandbox`"
            )
        self._met.setdefault("connections", set()).update(item["connectionId"] for item in live)
        decided = [item for item in found if item["status"] in DECIDED]
        self._matched[id(connection)] = live[0] if live else None
        why = _why_not_yet(connection, live[0] if live else None, decided)
        if why:
            self._waiting.append(Waiting("connections", connection.key, why))
        if not live or live[0]["status"] == "pending":
            if connection.accept and live and not why:
                self._references.expect_partner(connection)
            else:
                self._references.wait_for(connection)

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
            for thing in _in_order(_things(self._document, kind.section)):
                changes = list(self._thing(kind, thing))
                yield from changes
                if isinstance(thing, Feed):
                    yield from self._publishing(thing, changes)

    def _thing(self, kind: Kind, thing: Thing, parent: Destination | None = None) -> Iterator[Change]:
        actual, place = self._matched[id(thing)], f"{kind.section} {thing.key!r}"
        if parent:
            place = f"destinations {parent.key!r}: activations {thing.key!r}"
        try:
            want = wanted(kind.section, thing, self._references, self._state, actual)
        except (UnknownNameError, SecretError) as error:
            self._errors.append(f"{place}: {error}")
            return
        within = {"within": parent.key} if parent else {}
        needs = set(pending(want.members)) | set(self._own_words(want.members))
        if parent and self._matched[id(parent)] is None:
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
            for thing in _things(self._document, section):
                if self._matched[id(thing)] is None and repr(thing.key) in text:
                    yield section, thing.key

    def _due_secrets(self, secrets: Any, actual: Item, different: list[str]) -> dict[tuple[str, str], SecretReference]:
        """Those to send: all when asked to or where they may go elsewhere, else those that are not set."""
        if self._send_secrets or {"settings", "authentication"}.intersection(different):
            return dict(secrets)
        set_already = "secretNames" if "secretNames" in actual else "secrets"
        return {place: reference for place, reference in secrets.items() if place[1] not in actual[set_already]}

    def _connection(self, connection: Connection) -> Iterator[Change]:
        actual = self._matched[id(connection)]
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
        actual = self._matched[id(feed)]
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
            yield from self._unsharing(actual, about, needs, has_waiting=bool(waits))
        elif changes or actual is None or actual["status"] == "draft" or actual["hasUnpublishedChanges"]:
            yield Change("publish", needs=needs, **about)

    def _unsharing(
        self, actual: Item | None, about: dict[str, Any], needs: frozenset[tuple[str, str]], *, has_waiting: bool
    ) -> Iterator[Change]:
        """A version has to be for somebody: who is left at the end is unshared from."""
        shares = [each for each in (actual or {}).get("shares", ()) if each["status"] not in {"revoked", "declined"}]
        for share in shares:
            yield Change("unshare", after={"connectionId": share["connectionId"]}, needs=needs, **about)
        if not shares and not has_waiting:
            self._waiting.append(Waiting("feeds", about["key"], "is published once it names a partner"))

    # What is not in the file

    def _deletions(self) -> Iterator[Change]:
        for section in reversed(KINDS):
            if section in self._document.prune:
                for item in sorted(self._others(section), key=lambda item: not item.get("expression")):
                    kind = KINDS[section]
                    yield Change("delete", section, _shown(section, item), item[kind.identifier], actual=item)

    def _others(self, section: str) -> list[Item]:
        """Of activations, those of the destinations that the file names."""
        met, kind = self._met.get(section, set()), KINDS[section]
        others = [item for item in self._state.of(section) if item[kind.identifier] not in met]
        if section == "dataSources":  # the one of what is received is there by itself
            return [item for item in others if item["createdAt"]]
        if section == "activations":
            return [item for item in others if item["destinationId"] in self._met.get("destinations", ())]
        return others

    def _unmanaged(self) -> dict[str, tuple[str, ...]]:
        told = [
            section for section in KINDS if _is_told(section, self._document) and section not in self._document.prune
        ]
        found = {section: tuple(_shown(section, item) for item in self._others(section)) for section in told}
        if "connections" in found:
            live = [item for item in self._others("connections") if item["status"] in LIVE]
            found["connections"] = tuple(keys_of(item)[1] for item in live)
        return {section: names for section, names in found.items() if names}


def _is_told(section: str, document: Document) -> bool:
    return ("destinations" if section == "activations" else section) in document.sections


def _shown(section: str, item: Item) -> str:
    if section == "activations":
        return f"{item['destinationName']}: {targets(pair['target'] for pair in item['mapping'])}"
    return str(item[KINDS[section].key] if section != "connections" else keys_of(item)[1])


def _things(document: Document, section: str) -> list[Any]:
    for name, member in Document.model_fields.items():
        if member.alias == section:
            return list(getattr(document, name))
    return []


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


def _why_not_yet(connection: Connection, live: Item | None, decided: list[Item]) -> str:
    """Why neither the file nor the sandbox can connect now; empty where one can, or is connected."""
    if live and live["status"] == "active":
        return ""
    ended = max(decided, key=lambda item: str(item["decidedAt"] or item["requestedAt"]), default=None)
    if live and live["direction"] == "outgoing":
        return "has not answered the request yet"
    if ended:
        what = f"was {ended['status']}"
        return f"{what}, which the file does not undo: {'accept' if live else 'ask'} by hand (`handfast connections`)"
    if live:
        return "" if connection.accept else "asks to connect: accept it by hand, or write `accept: true`"
    return "" if connection.connect_id else "is not connected: write its `connectId`, or wait for its request"
