"""The people of the stories, and a model in plain Python of what a sandbox holds of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from handfast.identity.keys import key
from handfast.identity.namespaces import namespace
from handfast.platform.secret import identity_secret

COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "second", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "device", "as": "identity", "namespace": "gaid"},
    {"column": "consent", "as": "share"},
]

type Key = tuple[int, int]


def identity(symbol: str, value: str) -> tuple[Key, bytes]:
    """An identity's key and canonical value."""
    kind = namespace(symbol)
    canonical = kind.normalise(value)
    return key(identity_secret(), kind.code, canonical), canonical


@dataclass
class Person:
    """A person by profile id, with all identities that anybody may know."""

    number: int
    columns: Mapping[str, tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        n = self.number
        self.columns = {
            "mail": ("email", f"person{n}@example.com"),
            "second": ("email", f"other{n}@example.com"),
            "device": ("gaid", f"aebe52e7-03ee-455a-b3c4-e5728396623{n}"),
        }


PEOPLE = [Person(n) for n in range(3)]


@dataclass
class Change:
    """What a change says: of identities (key, profile id, answer) and of members; `snapshot` replaces a segment."""

    profiles: list[tuple[Key, str, str | None]]
    members: dict[tuple[Key, str], bool]
    snapshot: str | None = None


@dataclass
class Known:
    """What a sandbox holds, by the model: of each identity the profile id and the last answer, and who is a member."""

    profiles: dict[Key, list[str | None]] = field(default_factory=dict)
    members: set[tuple[Key, str]] = field(default_factory=set)
    changes: dict[str, Change] = field(default_factory=dict)

    def taken(self, change_id: str, change: Change, said: Mapping[str, str]) -> None:
        """A change is accepted, with what it says of people: it holds for all their identities, known or on their way.

        `said` are the people's answers, by profile id. Identities that come with a profile id alone take the answer
        that the person has given; one who leaves a segment does so with all identities.
        """
        rows = [(who, str(profile_id), share) for who, (profile_id, share) in self.profiles.items()]
        rows += [row for _, waiting in sorted(self.changes.items()) for row in waiting.profiles]
        in_force = {**{profile_id: share for _, profile_id, share in rows if share}, **said}
        own = {who for who, _, _ in change.profiles}
        change.profiles = [(who, profile_id, in_force.get(profile_id)) for who, profile_id, _ in change.profiles]
        spread = {(who, profile_id) for who, profile_id, _ in rows if profile_id in said and who not in own}
        change.profiles += [(who, profile_id, said[profile_id]) for who, profile_id in sorted(spread)]
        people = {profile_id for who, profile_id, _ in change.profiles if who in own}
        for _, segment in [member for member, realized in change.members.items() if not realized]:
            change.members |= {(who, segment): False for who, profile_id, _ in rows if profile_id in people}
        self.changes[change_id] = change

    def apply(self, change: Change, erased: set[Key]) -> None:
        """Identities and members as a change leaves them; nobody erased comes in."""
        for who, profile_id, share in change.profiles:
            if who not in erased:
                old = self.profiles.get(who, [None, None])
                self.profiles[who] = [profile_id or old[0], share or old[1]]
        if change.snapshot:
            self.members -= {
                member for member in self.members if member[1] == change.snapshot and member not in change.members
            }
        for member, realized in change.members.items():
            if not realized:
                self.members.discard(member)
            elif member[0] not in erased:
                self.members.add(member)

    def erase(self, gone: set[Key]) -> None:
        """Nothing of the identities is left."""
        self.profiles = {who: held for who, held in self.profiles.items() if who not in gone}
        self.members = {member for member in self.members if member[0] not in gone}
