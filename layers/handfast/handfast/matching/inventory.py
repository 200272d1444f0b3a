"""The objects that terms are reconciled from and into, by bucket and role."""

import json
from collections.abc import Mapping
from hashlib import sha256

from handfast.lake import buckets, layout
from handfast.lake.transfers import parallel
from handfast.matching.models import Terms
from handfast.partners import other_side
from handfast.platform.objects import ObjectVersion

MEMBERSHIPS = "memberships/"
"""What a role of members begins with, before the segment."""


RECEIVED = "received/"
"""What a role of received members begins with, before the dataflow that has given them."""
DISCLOSURES = "disclosures"


type Objects = Mapping[str, ObjectVersion]
"""A bucket's objects by role: profiles, partner, suppressions, partner_suppressions, suppressions_towards_partner,
suppressions_towards_source, disclosures, renderings, memberships/{one}, received/{dataflow}."""


def listing(terms: Terms, dataflow_id: str | None = None) -> dict[int, dict[str, ObjectVersion]]:
    """The objects that reconciling these terms needs, by bucket; disclosures where a dataflow is named.

    Suppressions of both sides count for a stopped dataflow too: what it delivered may have to lose its values.
    """
    prefixes = {"suppressions": layout.suppressions(terms.source)}
    if terms.partner:
        prefixes["suppressions_towards_partner"] = layout.suppressions_towards(terms.source, terms.partner.key)
    if dataflow_id:
        prefixes[DISCLOSURES] = layout.disclosures(dataflow_id)
    if dataflow_id and terms.partner:
        prefixes["partner_suppressions"] = other_side.suppressions(terms.partner)
        prefixes["suppressions_towards_source"] = other_side.suppressions_towards(terms.partner, terms.source)
    if terms.segments:
        prefixes |= {"profiles": layout.profiles(terms.source)}
        received = dict(terms.received)
        own = (name for name in terms.sources if name not in received)
        prefixes |= {MEMBERSHIPS + name: layout.memberships(terms.source, name) for name in own}
        prefixes |= {RECEIVED + flow: layout.disclosures(flow) for flows in received.values() for flow in flows}
        prefixes |= {"renderings": layout.renderings(terms.source)} if terms.forms else {}
        prefixes |= {"partner": other_side.universe(terms.partner)} if terms.partner else {}
    lists = parallel(lambda prefix: list(buckets.listing(prefix)), prefixes.values())
    by_bucket: dict[int, dict[str, ObjectVersion]] = {}
    for role, listed in zip(prefixes, lists, strict=True):
        for bucket, stored in listed:
            by_bucket.setdefault(bucket, {})[role] = stored
    return by_bucket


def terms_version(terms: Terms) -> str:
    """What tells terms from others; the number, what is kept of a bucket under them."""
    form = 2 if terms.partner else 3
    return sha256(f"{form} {terms!r}".encode()).hexdigest()


def versions(listed: Objects) -> dict[str, str]:
    """A bucket's objects' ETags by role."""
    return {role: stored.etag for role, stored in sorted(listed.items())}


def fingerprint(terms: Terms, inputs: Objects) -> str:
    """What decides a bucket's estimate: the terms and the versions of the inputs."""
    return sha256(json.dumps([repr(terms), versions(inputs)]).encode()).hexdigest()
