"""Which profiles of a space are a person's, as far as Segment can be asked.

The rule is Handfast's own: an address, a number or the source's id leads to a profile, a device does not. A device may
be used by several people, so one that leads to a profile with other ids leads to somebody whom nobody has shown to be
this person (GDPR Art. 15(4)).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handfast.connectors.contract import ConnectorError, Person, not_asked
from handfast.connectors.types.segment.profiles import Identifier, Profiles

_DEVICES = {"IDFA": "ios.idfa", "GAID": "android.idfa"}
_CONTACTS = {"Email_LC_SHA256": ("email", "an e-mail address"), "Phone_SHA256_E.164": ("phone", "a phone number")}
_NAMING = frozenset({"user_id", "email", "phone"})

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


@dataclass(frozen=True, repr=False)
class FoundPerson:
    """What has come of looking for a person.

    `asked`: there was anything to look for. `unasked` are kinds of identities of which no more than a digest is known
    here, which Segment knows nobody by. `left_alone`: LEFT_ALONE holds.
    """

    profiles: list[FoundProfile]
    asked: bool
    unasked: str
    left_alone: bool

    @property
    def lacking(self) -> str:
        """What is open of the answer, as a sentence without its end; empty when nothing is."""
        unasked = f"it was not asked by {self.unasked}: no more than a digest is known here" if self.unasked else ""
        return "; ".join(filter(None, (unasked, LEFT_ALONE if self.left_alone else "")))

    @property
    def unsure(self) -> ConnectorError | None:
        """Why it cannot be said that Segment knows nobody, where no profile was found; None where it has said so."""
        if not self.asked:
            return not_asked(
                f"no more than a digest is known here of {self.unasked}"
                if self.unasked
                else "it knows people by no identity that is known here"
            )
        if self.lacking:
            return ConnectorError("not_supported", f"it knows nobody by what it was asked; {self.lacking}")
        return None


def find(profiles: Profiles, person: Person) -> FoundPerson:
    """Look for the person by everything that Segment can be asked by, and read each profile once."""
    found: list[FoundProfile] = []
    read: set[Identifier] = set()
    left_alone = False
    naming, devices = list(dict.fromkeys(_naming(person))), list(dict.fromkeys(_devices(person)))
    for identifier in (*naming, *devices):
        rows = profiles.external_ids(identifier) if identifier not in read else []
        if not rows:
            continue
        if identifier in devices and any(row.get("type") in _NAMING for row in rows):
            left_alone = True
            continue
        read |= {(str(row.get("type")), str(row.get("id")).lower()) for row in rows}
        found.append(FoundProfile(identifier, rows))
    return FoundPerson(found, bool(naming or devices), _unasked(person), left_alone)


def _naming(person: Person) -> Iterator[Identifier]:
    yield from (("user_id", profile_id.lower()) for profile_id in person.profile_ids)
    for symbol, digest in person.identities:
        if symbol in _CONTACTS:
            kind, _ = _CONTACTS[symbol]
            texts = [text.lower() for text in person.clear.get(digest, ())]
            yield from ((kind, text) for text in texts)
            # Many sources identify a user by an address.
            yield from (("user_id", text) for text in texts if kind == "email")


def _devices(person: Person) -> Iterator[Identifier]:
    return ((_DEVICES[symbol], value.lower()) for symbol, value in person.identities if symbol in _DEVICES)


def _unasked(person: Person) -> str:
    kinds = {
        _CONTACTS[symbol][1]
        for symbol, digest in person.identities
        if symbol in _CONTACTS and not person.clear.get(digest)
    }
    return " and ".join(sorted(kinds | {"other ids"} if person.is_partial else kinds))
