"""Klaviyo: reads a person's profiles and events, has profiles deleted and their addresses suppressed."""

from collections.abc import Iterator, Sequence
from typing import cast

from handfast.connectors import calls
from handfast.connectors.contract import (
    Connector,
    Limits,
    Person,
    Record,
    Reference,
    State,
    Status,
    TestResult,
)
from handfast.connectors.lookups import look_up
from handfast.connectors.types.klaviyo.api import SUPPRESS, UNSUPPRESS, JobType, Klaviyo, KlaviyoSettings, Profile

ABSENT = "no profile of the account is of this person"
NO_ADDRESS = "it suppresses e-mail addresses alone, and a profile of the person has none"
TEXTS = "it suppresses e-mail alone, and a profile of the person gets text messages"
_DELETION = "data-privacy-deletion-job"


class KlaviyoConnector:
    """The connector."""

    type = "klaviyo"
    name = "Klaviyo"
    settings_schema = KlaviyoSettings
    # Deletions a minute, the least of what is called (x-klaviyo-ratelimit of its OpenAPI document).
    limits = Limits(people=60, calls_per_minute=60, in_order=True)

    def test(self, settings: KlaviyoSettings) -> TestResult:
        """Check that the key may do each of the things that are asked of it, without doing them to anybody."""
        api = Klaviyo(settings)
        return calls.checks(
            ("profiles", api.try_profiles, "the key must be a private one with the scope profiles:read"),
            ("events", api.try_events, "the key needs the scope events:read"),
            ("deletion", api.try_deletion, "the key needs the scope data-privacy:write"),
            (
                "suppression",
                api.try_suppression,
                "the key needs the scopes profiles:write, subscriptions:write and subscriptions:read",
            ),
        )

    def access(self, settings: KlaviyoSettings, person: Person) -> Iterator[Record]:
        """Every profile that the person is found by, with its subscriptions, and its events."""
        api = Klaviyo(settings)
        found = look_up(person, api.profiles, Profile.contacts)
        if not found.found and (unsure := found.unsure):
            raise unsure
        for profile in found.found:
            yield Record("profiles", profile.data)
            yield from (Record("events", event) for event in api.events(profile))
        if found.note:
            yield Record("notes", {"note": found.note})

    def delete(self, settings: KlaviyoSettings, people: Sequence[Person]) -> list[Reference]:
        """Find everybody's profiles and have each deleted by its id."""
        api = Klaviyo(settings)
        return calls.hand_over(people, lambda person: _delete(api, person))

    def suppress(self, settings: KlaviyoSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """Find everybody's profiles and have their addresses suppressed, or what was suppressed so lifted.

        Nobody whom Klaviyo does not know is named to it: it would make a profile of them.
        """
        api = Klaviyo(settings)
        return calls.hand_over(people, lambda person: _suppress(api, person, lift))

    def poll(self, settings: KlaviyoSettings, reference: str) -> State:
        """Whether a profile is gone, or where a suppression's job stands."""
        api = Klaviyo(settings)
        kind, _, name = reference.partition("/")
        if kind == _DELETION:
            return State(Status.CONFIRMED if api.is_gone(name) else Status.SENT)
        return api.job(cast("JobType", kind), name)


connector: Connector[KlaviyoSettings] = KlaviyoConnector()


def _delete(api: Klaviyo, person: Person) -> list[tuple[str, State]]:
    found = look_up(person, api.profiles, Profile.contacts)
    for profile in found.found:
        api.delete(profile)
    handed = [(f"{_DELETION}/{profile.id}", State(Status.SENT)) for profile in found.found]
    return [*handed, *(("", state) for state in found.rest(ABSENT))]


def _suppress(api: Klaviyo, person: Person, lift: bool) -> list[tuple[str, State]]:
    found = look_up(person, api.profiles, Profile.contacts)
    handed = [state for profile in found.found for state in _suppressed(api, profile, lift)]
    return [*handed, *(("", state) for state in found.rest(ABSENT))]


def _suppressed(api: Klaviyo, profile: Profile, lift: bool) -> Iterator[tuple[str, State]]:
    job = UNSUPPRESS if lift else SUPPRESS
    email = profile.email
    if profile.is_suppressed != lift:
        yield "", State(Status.CONFIRMED)
    elif email:
        yield f"{job}/{api.suppress(email, job)}", State(Status.SENT)
    else:
        yield "", State(Status.NOT_SUPPORTED, NO_ADDRESS)
    if not lift and profile.gets_texts:
        yield "", State(Status.NOT_SUPPORTED, TEXTS)
