"""What is suppressed of the identities that somebody names, wherever that stands.

An identity is suppressed as itself or towards single partners, and a phone number by its last ten digits, by which
DROP lists people whom nobody here has known.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from handfast.identity.drop import phone_key
from handfast.identity.keys import Key
from handfast.identity.namespaces import namespace
from handfast.lake import suppressions
from handfast.lake.suppressions import Reason
from handfast.platform.secret import identity_secret


def last_tens(identities: Mapping[Key, int], clear: Mapping[Key, tuple[str, ...]]) -> dict[Key, Key]:
    """By each phone number of which the text was given, the key of its last ten digits."""
    code = namespace("phone").code
    return {key: phone_key(identity_secret(), texts[0]) for key, texts in clear.items() if identities.get(key) == code}


def find(sandbox_id: str, keys: Collection[Key], numbers: Mapping[Key, Key]) -> dict[Key, Reason]:
    """Those of the identities that are suppressed, and why; `numbers` as of `last_tens`."""
    found = suppressions.find(sandbox_id, {*keys, *numbers.values()}) if keys else {}
    reasons = ((key, found.get(numbers.get(key, key)) or found.get(key)) for key in keys)
    return {key: reason for key, reason in reasons if reason}


@dataclass(frozen=True)
class Heeded:
    """An objection or erasure that is heeded for an identity, since when (RFC 3339).

    `towards` is the key of the one partner towards whom it holds; `by_last_ten`: it stands by a number's last digits.
    """

    reason: Reason
    since: str
    towards: str | None = None
    by_last_ten: bool = False


def heeded(sandbox_id: str, keys: Collection[Key], numbers: Mapping[Key, Key]) -> dict[Key, list[Heeded]]:
    """All that is suppressed of each identity; `numbers` as of `last_tens`."""
    found: dict[Key, list[Heeded]] = defaultdict(list)
    everywhere = suppressions.entries(sandbox_id, {*keys, *numbers.values()}) if keys else {}
    for key in keys:
        if key in everywhere:
            found[key].append(Heeded(*everywhere[key]))
        if key in numbers and numbers[key] in everywhere:
            found[key].append(Heeded(*everywhere[numbers[key]], by_last_ten=True))
    for partner in suppressions.partners(sandbox_id) if keys else ():
        for key, entry in suppressions.entries(sandbox_id, keys, towards=partner).items():
            found[key].append(Heeded(*entry, towards=partner))
    return found


def towards_partners(sandbox_id: str, keys: Collection[Key]) -> Counter[Key]:
    """Towards how many partners each identity is suppressed."""
    return Counter(
        key
        for partner in suppressions.partners(sandbox_id)
        for key in suppressions.find(sandbox_id, keys, towards=partner)
    )
