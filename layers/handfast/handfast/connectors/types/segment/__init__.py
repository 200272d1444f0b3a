"""Twilio Segment: reads a person's profile, and has their user ids suppressed and deleted."""

from collections.abc import Iterator, Sequence
from functools import partial

from handfast.connectors import calls
from handfast.connectors.contract import (
    Check,
    Connector,
    ConnectorError,
    Limits,
    Person,
    Record,
    Reference,
    State,
    Status,
    TestResult,
)
from handfast.connectors.lookups import Lookup
from handfast.connectors.types.segment.people import NO_USER_ID, FoundProfile, find
from handfast.connectors.types.segment.profiles import Identifier, Profiles, no_such_profile
from handfast.connectors.types.segment.regulations import Regulations, RegulationType, batches
from handfast.connectors.types.segment.settings import SegmentSettings

EVENTS_NOTE = "Segment gives out the events of the last 14 days only; older events are not part of this package."
ABSENT = "no profile of the space is of this person"
SUPPRESS_ONLY = "the connector is set to suppress only: Segment takes in no more, and keeps what it holds"
_NOBODY: Identifier = ("user_id", "handfast-connection-test")
_UNCHECKED = "not checked: the credential above it failed"


class Segment:
    """The connector."""

    type = "segment"
    name = "Twilio Segment"
    settings_schema = SegmentSettings
    # Users a regulation; regulations a minute (the Config API's limit); users a month (docs/sources.md, Seed 001).
    limits = Limits(people=1_000, calls_per_minute=200, calls_per_person=False, people_per_month=110_000)

    def test(self, settings: SegmentSettings) -> TestResult:
        """Check the access token, the workspace, the access secret and the space, each on its own."""
        return TestResult((*_test_api(settings), *_test_profiles(settings)))

    def access(self, settings: SegmentSettings, person: Person) -> Iterator[Record]:
        """Metadata, events, traits and external ids of every profile the person is found by, each profile once."""
        profiles = Profiles(settings)
        found = find(profiles, person)
        if not found.found and (unsure := found.unsure):
            raise unsure
        for profile in found.found:
            yield Record("segment_user", profiles.metadata(profile.identifier) or {})
            yield from (Record("track_events", event) for event in profiles.events(profile.identifier))
            yield Record("notes", {"note": EVENTS_NOTE})
            yield Record("traits", profiles.traits(profile.identifier))
            yield from (Record("external_ids", row) for row in profile.external_ids)
        if found.note:
            yield Record("notes", {"note": found.note})

    def delete(self, settings: SegmentSettings, people: Sequence[Person]) -> list[Reference]:
        """Resolve everybody's user ids and send them in as few regulations as the limits allow."""
        return _regulate(settings, people, settings.regulation, keeps=settings.regulation == "SUPPRESS_ONLY")

    def suppress(self, settings: SegmentSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """As a deletion, but by regulations that only suppress, or unsuppress."""
        return _regulate(settings, people, "UNSUPPRESS" if lift else "SUPPRESS_ONLY", keeps=False)

    def poll(self, settings: SegmentSettings, reference: str) -> State:
        """Where the regulation stands, by destination."""
        return Regulations(settings).state(reference)


connector: Connector[SegmentSettings] = Segment()


def _regulate(
    settings: SegmentSettings, people: Sequence[Person], regulation: RegulationType, *, keeps: bool
) -> list[Reference]:
    """Send a regulation for the people; `keeps`: it is not all that was asked for, as Segment keeps what it holds."""
    owned, references = _resolve(Profiles(settings), people)
    regulations = Regulations(settings)
    for batch in batches(owned):
        positions = tuple(sorted({position for position, _ in batch}))
        try:
            regulation_id = regulations.create(list(dict.fromkeys(user_id for _, user_id in batch)), regulation)
        except ConnectorError as error:
            references.append(Reference("", positions, State.failed(error)))
            continue
        references.append(Reference(regulation_id, positions, State(Status.SENT)))
        if keeps:
            references.append(Reference("", positions, State(Status.NOT_SUPPORTED, SUPPRESS_ONLY)))
    return references


def _resolve(profiles: Profiles, people: Sequence[Person]) -> tuple[list[tuple[int, str]], list[Reference]]:
    """Pairs of a person's position and one of their user ids, and references for what no regulation can be sent of."""
    owned: list[tuple[int, str]] = []
    without: list[Reference] = []
    for position, found in enumerate(calls.ask_each(people, partial(find, profiles))):
        if isinstance(found, ConnectorError):
            without.append(Reference("", (position,), State.failed(found)))
            continue
        owned += [(position, user_id) for user_id in dict.fromkeys(_user_ids(found))]
        without += [Reference("", (position,), state) for state in found.rest(ABSENT)]
        if not all(profile.user_ids for profile in found.found):
            without.append(Reference("", (position,), State(Status.NOT_SUPPORTED, NO_USER_ID)))
    return owned, without


def _user_ids(found: Lookup[FoundProfile]) -> list[str]:
    return [user_id for profile in found.found for user_id in profile.user_ids]


def _test_api(settings: SegmentSettings) -> tuple[Check, Check]:
    regulations = Regulations(settings)
    try:
        regulations.check_token()
    except ConnectorError as error:
        hint = "; tokens made since 2024 are for the Public API" if settings.api == "config" else ""
        return Check("access_token", False, error.detail + hint), Check("workspace", False, _UNCHECKED)
    token = Check("access_token", True, "accepted")
    try:
        regulations.check_workspace()
    except ConnectorError as error:
        return token, Check("workspace", False, error.detail)
    return token, Check("workspace", True, "found")


def _test_profiles(settings: SegmentSettings) -> tuple[Check, Check]:
    try:
        answer = Profiles(settings).ask(_NOBODY, "metadata")
        if answer.status == 401:
            calls.expect(answer, 200)
        known = no_such_profile(answer) or answer.status == 200
    except ConnectorError as error:
        return Check("access_secret", False, error.detail), Check("space", False, _UNCHECKED)
    space = "found" if known else f"the profiles API does not answer for this space ({answer.status})"
    return Check("access_secret", True, "accepted"), Check("space", known, space)
