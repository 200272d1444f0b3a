"""What is suppressed of the identities that somebody names, wherever that stands.

An identity is suppressed as itself or towards single partners, and a phone number by its last ten digits and a device
by its mobile advertising id, by which DROP lists people whom nobody here has known.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from handfast.identity.drop import listed_key, phone_key
from handfast.identity.keys import Key
from handfast.identity.namespaces import namespace
from handfast.lake import suppressions
from handfast.lake.suppressions import Reason
from handfast.platform.secret import identity_secret


def listed_as(
    identities: Mapping[Key, int], clear: Mapping[Key, tuple[str, ...]], values: Mapping[Key, bytes]
) -> dict[Key, Key]:
    """By each phone number of which the text was given, and each device or television known, DROP's key of it."""
    phone, secret = namespace("phone").code, identity_secret()
    numbers = {key: phone_key(secret, texts[0]) for key, texts in clear.items() if identities.get(key) == phone}
    devices = {key: listed_key(secret, identities[key], text) for key, text in values.items() if key in identities}
    return numbers | {key: listed for key, listed in devices.items() if listed}


def find(sandbox_id: str, keys: Collection[Key], listed: Mapping[Key, Key]) -> dict[Key, Reason]:
    """Those of the identities that are suppressed, and why; `listed` as of `listed_as`."""
    found = suppressions.find(sandbox_id, {*keys, *listed.values()}) if keys else {}
    reasons = ((key, found.get(listed.get(key, key)) or found.get(key)) for key in keys)
    return {key: reason for key, reason in reasons if reason}


@dataclass(frozen=True)
class Heeded:
    """An objection or erasure that is heeded for an identity, since when (RFC 3339).

    `towards` is the key of the one partner towards whom it holds; `as_listed`: it stands as DROP lists the identity.
    """

    reason: Reason
    since: str
    towards: str | None = None
    as_listed: bool = False


def heeded(sandbox_id: str, keys: Collection[Key], listed: Mapping[Key, Key]) -> dict[Key, list[Heeded]]:
    """All that is suppressed of each identity; `listed` as of `listed_as`."""
    found: dict[Key, list[Heeded]] = defaultdict(list)
    everywhere = suppressions.entries(sandbox_id, {*keys, *listed.values()}) if keys else {}
    for key in keys:
        if key in everywhere:
            found[key].append(Heeded(*everywhere[key]))
        if key in listed and listed[key] in everywhere:
            found[key].append(Heeded(*everywhere[listed[key]], as_listed=True))
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
