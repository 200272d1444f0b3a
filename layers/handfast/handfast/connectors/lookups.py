"""Looking for a person in a system that knows people by addresses and numbers as they are, and not by digests.

Only what the person gave can be asked by, so what comes of it says as well by what the system was not asked.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from handfast.connectors.contract import ConnectorError, Person, State, Status, not_asked

type Contact = Literal["email", "phone"]
type Identifier = tuple[Literal["profile_id", "email", "phone"], str]
"""A kind of identifier and its value."""

CONTACTS: dict[str, tuple[Contact, str]] = {
    "Email_LC_SHA256": ("email", "an e-mail address"),
    "Phone_SHA256_E.164": ("phone", "a phone number"),
}
"""Namespaces whose digests are of what a person can be written to or called by, with what to call that."""


@dataclass(frozen=True, repr=False)
class Lookup[T]:
    """What has come of looking for a person.

    `found` are the system's own records of the person. `asked`: there was anything to look for. `unasked` are kinds of
    identities of which no more than a digest is known here, which the system knows nobody by. `left_alone` says of
    what was found and may be another person's; empty where nothing was.
    """

    found: list[T]
    asked: bool
    unasked: str
    left_alone: str = ""

    @property
    def lacking(self) -> str:
        """What is open of the answer, as a sentence without its end; empty when nothing is."""
        return "; ".join(filter(None, (not_asked_by(self.unasked), self.left_alone)))

    @property
    def note(self) -> str:
        """What is open of the answer, as a sentence; empty when nothing is."""
        return f"{self.lacking[0].upper()}{self.lacking[1:]}." if self.lacking else ""

    @property
    def unsure(self) -> ConnectorError | None:
        """Why it cannot be said that the system knows nobody, where nothing was found; None where it has said so."""
        if not self.asked:
            return not_asked(
                f"no more than a digest is known here of {self.unasked}"
                if self.unasked
                else "it knows people by no identity that is known here"
            )
        if self.lacking:
            return ConnectorError("not_supported", f"it knows nobody by what it was asked; {self.lacking}")
        return None

    def nobody(self, absent: str) -> State:
        """The state of a deletion where nothing was found; `absent` is what to say where the system has said so."""
        return State.failed(self.unsure) if self.unsure else State(Status.ABSENT, absent)

    def rest(self, absent: str) -> list[State]:
        """What stays to be said of a deletion beside what was found: nobody, or by what the system was not asked."""
        if not self.found:
            return [self.nobody(absent)]
        return [State(Status.NOT_SUPPORTED, not_asked_by(self.unasked))] if self.unasked else []


def look_up[T](
    person: Person, ask: Callable[[Identifier], Mapping[str, T]], told: Callable[[T], Iterable[str]]
) -> Lookup[T]:
    """Look for the person by every profile id, address and number that is known as such; each record once.

    `ask` answers, for an identifier, the system's records by their ids there; `told` are the addresses and numbers that
    a record has: the system is asked by those of the person's, too.
    """
    found: dict[str, T] = {}
    asked: set[Identifier] = set()
    while identifiers := [each for each in dict.fromkeys(_identifiers(person)) if each not in asked]:
        asked.update(identifiers)
        for identifier in identifiers:
            found |= ask(identifier)
        person = learned(person, (text for record in found.values() for text in told(record)))
    return Lookup(list(found.values()), bool(asked), unasked(person))


def learned(person: Person, texts: Iterable[str]) -> Person:
    """The person with those of a system's addresses and numbers whose digests are known here as the person's."""
    digests = {digest for symbol, digest in person.identities if symbol in CONTACTS and not person.clear.get(digest)}
    plain = [text.strip().lower() for text in texts]
    new = {digest: (text,) for text in plain if (digest := hashlib.sha256(text.encode()).hexdigest()) in digests}
    return replace(person, clear={**person.clear, **new}) if new else person


def beside(handed: list[tuple[str, State]], unasked: str) -> list[tuple[str, State]]:
    """What a system was handed over, and that it was not asked by all that is known of the person: nobody is absent."""
    if not unasked:
        return handed
    known = [(reference, state) for reference, state in handed if state.status is not Status.ABSENT]
    return [*known, ("", State(Status.NOT_SUPPORTED, not_asked_by(unasked)))]


def others(person: Person) -> str:
    """What a system that knows digests, too, cannot be asked by; empty when there is nothing."""
    return "other ids" if person.is_partial else ""


def not_asked_by(unasked: str) -> str:
    """By what kinds of identities a system was not asked, as a sentence without its end; empty where there are none."""
    return f"it was not asked by {unasked}: no more than a digest is known here" if unasked else ""


def contacts(person: Person, symbol: str, digest: str) -> tuple[str, ...]:
    """The texts that a contact's digest is of, as far as the person gave them.

    An address is each text that was given, as systems keep some as they are written; a number is the canonical text
    alone (E.164), as the others may be somebody else's elsewhere.
    """
    texts = person.clear.get(digest, ())
    return texts if CONTACTS[symbol][0] == "email" else texts[:1]


def unasked(person: Person) -> str:
    """The kinds of identities that a system which knows no digests cannot be asked by; empty when there are none."""
    kinds = {
        CONTACTS[symbol][1]
        for symbol, digest in person.identities
        if symbol in CONTACTS and not person.clear.get(digest)
    }
    return " and ".join(sorted({*kinds, others(person)} - {""}))


def _identifiers(person: Person) -> Iterator[Identifier]:
    for profile_id in person.profile_ids:
        yield "profile_id", profile_id
    for symbol, digest in person.identities:
        if symbol in CONTACTS:
            yield from ((CONTACTS[symbol][0], text) for text in contacts(person, symbol, digest))
