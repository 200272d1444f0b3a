"""Braze: exports a person's profiles, has them deleted, and has them unsubscribed from e-mail and push."""

from collections.abc import Iterator, Sequence

from handfast.connectors import calls
from handfast.connectors.contract import Connector, Limits, Person, Record, Reference, State, Status, TestResult
from handfast.connectors.lookups import look_up
from handfast.connectors.types.braze.api import SUBSCRIBED, UNSUBSCRIBED, Braze, BrazeSettings, Subscription, User

ABSENT = "no profile of the workspace is of this person"
TEXTS = "it unsubscribes from e-mail and push alone, and a profile of the person has a phone number"
_DELETED = "deleted"


class BrazeConnector:
    """The connector."""

    type = "braze"
    name = "Braze"
    settings_schema = BrazeSettings
    # Exports a minute are 250 where Braze limits them most; a person takes about three (docs/sources.md).
    limits = Limits(people=50, calls_per_minute=80)

    def test(self, settings: BrazeSettings) -> TestResult:
        """Check that the key may do each of the things that are asked of it, without doing them to anybody."""
        api = Braze(settings)
        hint = "the key, of the workspace at this endpoint, needs the permission"
        return calls.checks(
            ("export", api.try_export, f"{hint} users.export.ids"),
            ("deletion", api.try_deletion, f"{hint} users.delete"),
            ("subscription", api.try_tracking, f"{hint} users.track"),
        )

    def access(self, settings: BrazeSettings, person: Person) -> Iterator[Record]:
        """Every profile that the person is found by, with all that Braze exports."""
        found = look_up(person, Braze(settings).users, User.contacts)
        if not found.found and (unsure := found.unsure):
            raise unsure
        yield from (Record("users", user.data) for user in found.found)
        if found.note:
            yield Record("notes", {"note": found.note})

    def delete(self, settings: BrazeSettings, people: Sequence[Person]) -> list[Reference]:
        """Find everybody's profiles and have each deleted by its id."""
        api = Braze(settings)
        return calls.hand_over(people, lambda person: _delete(api, person))

    def suppress(self, settings: BrazeSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """Find everybody's profiles and have each unsubscribed from e-mail and push, or subscribed again."""
        api = Braze(settings)
        return calls.hand_over(people, lambda person: _subscribe(api, person, SUBSCRIBED if lift else UNSUBSCRIBED))

    def poll(self, settings: BrazeSettings, reference: str) -> State:
        """Whether the profile is gone, or its subscription what it is to be; one that is gone is sent nothing."""
        goal, _, braze_id = reference.partition("/")
        user = Braze(settings).user(braze_id)
        is_done = user is None or (goal != _DELETED and user.is_unsubscribed == (goal == UNSUBSCRIBED))
        return State(Status.CONFIRMED if is_done else Status.SENT)


connector: Connector[BrazeSettings] = BrazeConnector()


def _delete(api: Braze, person: Person) -> list[tuple[str, State]]:
    found = look_up(person, api.users, User.contacts)
    for user in found.found:
        api.delete(user)
    handed = [(f"{_DELETED}/{user.id}", State(Status.SENT)) for user in found.found]
    return [*handed, *(("", state) for state in found.rest(ABSENT))]


def _subscribe(api: Braze, person: Person, state: Subscription) -> list[tuple[str, State]]:
    """Set the subscriptions of a person's profiles; each tells first whether the opposite was done that it undoes."""
    found = look_up(person, api.users, User.contacts)
    opposite = SUBSCRIBED if state == UNSUBSCRIBED else UNSUBSCRIBED
    handed = []
    for user in found.found:
        api.subscribe(user, state)
        was_done = user.is_unsubscribed == (opposite == UNSUBSCRIBED)
        undone = (f"{opposite}/{user.id}", Status.CONFIRMED if was_done else Status.SUPERSEDED)
        handed.append((f"{state}/{user.id}", State(Status.SENT, supersedes=undone)))
        if user.has_phone and state == UNSUBSCRIBED:
            handed.append(("", State(Status.NOT_SUPPORTED, TEXTS)))
    return [*handed, *(("", state) for state in found.rest(ABSENT))]
