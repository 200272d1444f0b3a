"""The objects that terms are reconciled from and into, by bucket and role."""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from handfast.lake import layout
from handfast.matching.models import Terms
from handfast.partners import other_side
from handfast.platform import objects
from handfast.platform.objects import ObjectVersion

MEMBERSHIPS = "memberships/"
"""What a role of members begins with, before the segment."""


BUCKET = re.compile(r"/(\d{5})\.parquet$")


DISCLOSURES = "disclosures"


CONNECTIONS = 16
"""To S3 at once."""


type Objects = Mapping[str, ObjectVersion]
"""A bucket's objects by role: profiles, partner, suppressions, partner_suppressions, disclosures, memberships/{one}."""


def listing(terms: Terms, dataflow_id: str | None = None) -> dict[int, dict[str, ObjectVersion]]:
    """The objects that reconciling these terms needs, by bucket; disclosures where a dataflow is named.

    Suppressions of both sides count for a stopped dataflow too: what it delivered may have to lose its values.
    """
    prefixes = {"suppressions": layout.suppressions(terms.source)}
    if dataflow_id:
        prefixes[DISCLOSURES] = layout.disclosures(dataflow_id)
        prefixes |= {"partner_suppressions": other_side.suppressions(terms.partner)} if terms.partner else {}
    if terms.segments:
        prefixes |= {"profiles": layout.profiles(terms.source)}
        prefixes |= {MEMBERSHIPS + name: layout.memberships(terms.source, name) for name in terms.segments}
        prefixes |= {"partner": other_side.universe(terms.partner)} if terms.partner else {}
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        lists = pool.map(lambda prefix: list(objects.listing(prefix)), prefixes.values())
    found: dict[int, dict[str, ObjectVersion]] = {}
    for role, listed in zip(prefixes, lists, strict=True):
        for stored in listed:
            if match := BUCKET.search(stored.key):
                found.setdefault(int(match[1]), {})[role] = stored
    return found


def terms_version(terms: Terms) -> str:
    """What tells terms from others."""
    return sha256(repr(terms).encode()).hexdigest()


def versions(found: Objects) -> dict[str, str]:
    """A bucket's objects' ETags by role."""
    return {role: stored.etag for role, stored in sorted(found.items())}


def fingerprint(terms: Terms, inputs: Objects) -> str:
    """What decides a bucket's estimate: the terms and the versions of the inputs."""
    return sha256(json.dumps([repr(terms), versions(inputs)]).encode()).hexdigest()
