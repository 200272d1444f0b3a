"""How far a request reaches: whom its subject's identities lead to, and what a device that others use would add.

A request goes by what the person has proved: an address, a number or a profile id leads to all of a profile, a device
to nothing but itself. Who approves may have it lead on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from handfast.journal.models import Sandbox
from handfast.lake import people
from handfast.lake.people import FoundPerson
from handfast.privacy_requests import rules
from handfast.privacy_requests.intake import by_namespace
from handfast.privacy_requests.models import PrivacyRequest, Subject


@dataclass(frozen=True)
class Extent:
    """Whom a request concerns, what of them is known, and the counts that whoever approves is shown."""

    subject: Subject
    found: FoundPerson
    counts: Mapping[str, Any]


def extents(sandbox_id: str, asked: Mapping[str, tuple[PrivacyRequest, Subject]]) -> dict[str, Extent]:
    """How far each request reaches, by its id, in one sweep.

    `counts` are `identities`, also `byNamespace`, the `profiles` that they are of, and of a request that changes
    something `sharedDevices`: what its devices would add.
    """
    own = {name: subject.own for name, (_, subject) in asked.items()}
    led = {_led(name): subject for name, (request, subject) in asked.items() if not rules.reads(request.type)}
    found = people.find_people(
        sandbox_id,
        {name: subject.identities for name, subject in (own | led).items()},
        {name: subject.profile_ids for name, subject in (own | led).items()},
        careful=own,
    )
    return {
        name: _extent(request, subject, found[name], found.get(_led(name), found[name]))
        for name, (request, subject) in asked.items()
    }


def _led(name: str) -> str:
    return f"{name}/devices"


def _extent(request: PrivacyRequest, subject: Subject, own: FoundPerson, led: FoundPerson) -> Extent:
    before = subject.own
    by_device = frozenset(led.identities.keys() - before.identities.keys() - own.identities.keys())
    ids_by_device = led.profile_ids - before.profile_ids - own.profile_ids
    is_led = request.shared_devices == "profiles"
    found = led if is_led else own
    reached = replace(
        subject if is_led else before,
        identities={**(subject if is_led else before).identities, **found.identities},
        profile_ids=(subject if is_led else before).profile_ids | found.profile_ids,
        by_device=by_device if is_led else frozenset(),
        ids_by_device=ids_by_device if is_led else frozenset(),
    )
    counts: dict[str, Any] = {
        "byNamespace": by_namespace(found.identities),
        "identities": len(found.identities),
        "profiles": found.profiles,
    }
    if not rules.reads(request.type):
        added = {key: code for key, code in led.identities.items() if key in by_device}
        counts["sharedDevices"] = {"profiles": len(ids_by_device), "byNamespace": by_namespace(added)}
    return Extent(reached, found, counts)


def is_to_be_referred(sandbox: Sandbox, request: PrivacyRequest, counts: Mapping[str, Any]) -> bool:
    """Whether an approved request goes back for a decision, for it reaches further than its approval went.

    One that has begun does not: what it did stays done.
    """
    if rules.has_begun(request):
        return False
    found = rules.assessed(request, counts)
    is_alone = request.approved_by in request.handled_by and rules.needs_another(found, sandbox.privacy_four_eyes)
    shown = request.stages[0].detail.get("sharedDevices")
    return is_alone or (request.shared_devices == "profiles" and counts["sharedDevices"] != shown)
