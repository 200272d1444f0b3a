"""Which profiles of a space are a person's, as far as Segment can be asked.

The rule is Handfast's own: an address, a number or the source's id leads to a profile, a device does not. A device may
be used by several people, so one that leads to a profile with other ids leads to somebody whom nobody has shown to be
this person (GDPR Art. 15(4)).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handfast.connectors.contract import Person
from handfast.connectors.lookups import CONTACTS, Lookup, learned, unasked
from handfast.connectors.types.segment.profiles import Identifier, Profiles

_DEVICES = {"IDFA": "ios.idfa", "GAID": "android.idfa"}
_CONTACTS = frozenset({"email", "phone"})
_NAMING = frozenset({"user_id", *_CONTACTS})

LEFT_ALONE = "a device leads to a profile that may be another person's, which was left alone"
NO_USER_ID = "it holds a profile without a user id, which its regulations cannot name"


@dataclass(frozen=True, repr=False)
class FoundProfile:
    """A profile of the person: what it was found by, and its external ids."""

    identifier: Identifier
    external_ids: list[dict[str, Any]]

    @property
    def user_ids(self) -> list[str]:
        """As Segment spells them: regulations are case-sensitive where look-ups are not."""
        return [str(row["id"]) for row in self.external_ids if row.get("type") == "user_id" and row.get("id")]

    @property
    def contacts(self) -> list[str]:
        """The addresses and numbers that it has."""
        return [str(row.get("id")) for row in self.external_ids if row.get("type") in _CONTACTS]


def find(profiles: Profiles, person: Person) -> Lookup[FoundProfile]:
    """Look for the person by everything that Segment can be asked by, and read each profile once."""
    found: list[FoundProfile] = []
    read: set[Identifier] = set()
    asked: set[Identifier] = set()
    left_alone = ""
    devices = dict.fromkeys(_devices(person))
    while identifiers := [each for each in dict.fromkeys((*_naming(person), *devices)) if each not in asked]:
        asked.update(identifiers)
        for identifier in identifiers:
            rows = profiles.external_ids(identifier) if identifier not in read else []
            if not rows:
                continue
            if identifier in devices and any(row.get("type") in _NAMING for row in rows):
                left_alone = LEFT_ALONE
                continue
            read |= {(str(row.get("type")), str(row.get("id")).lower()) for row in rows}
            found.append(FoundProfile(identifier, rows))
        person = learned(person, (text for profile in found for text in profile.contacts))
    return Lookup(found, bool(asked), unasked(person), left_alone)


def _naming(person: Person) -> Iterator[Identifier]:
    yield from (("user_id", profile_id.lower()) for profile_id in person.profile_ids)
    for symbol, digest in person.identities:
        if symbol in CONTACTS:
            kind, _ = CONTACTS[symbol]
            texts = [text.lower() for text in person.clear.get(digest, ())]
            yield from ((kind, text) for text in texts)
            # Many sources identify a user by an address.
            yield from (("user_id", text) for text in texts if kind == "email")


def _devices(person: Person) -> Iterator[Identifier]:
    return ((_DEVICES[symbol], value.lower()) for symbol, value in person.identities if symbol in _DEVICES)
