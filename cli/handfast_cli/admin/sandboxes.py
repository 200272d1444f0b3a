"""`handfast admin …` of organisations and sandboxes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from handfast_cli.admin.stack import Stack, deployment_of
from handfast_cli.asking import Yes, confirm
from handfast_cli.options import AsJson
from handfast_cli.output import show

if TYPE_CHECKING:
    from handfast.journal.models import Sandbox


def create_organization(name: str, stack: Stack = None, as_json: AsJson = False) -> None:
    """Create an organisation."""
    deployment_of(stack)
    from handfast.access import service  # noqa: PLC0415 - reads the environment that is set above, as elsewhere here

    show({"organizationId": service.create_organization(name), "name": name}, as_json=as_json)


ConsentDefault = Annotated[str | None, typer.Option(help="default_allow or default_deny.")]
RemovalGuard = Annotated[float | None, typer.Option(help="The share of members a snapshot may remove, 0 to 1.")]
RejectGuard = Annotated[float | None, typer.Option(help="The share of an upload's rows that may be refused, 0 to 1.")]
OverlapThreshold = Annotated[int | None, typer.Option(help="Smaller overlaps are neither told nor shared.")]
LargestShare = Annotated[
    float | None, typer.Option(help="The largest part of a segment, 0 to 1, that one partner may have.")
]
FastestGrowth = Annotated[
    float | None, typer.Option(help="By how much of itself a partner's universe may grow in a day; 1: to the double.")
]
MinimumAgeHours = Annotated[
    int | None, typer.Option(help="For how many hours a partner has to have known an identity before it counts.")
]
PhoneRegion = Annotated[str | None, typer.Option(help="The country of national phone numbers, such as US.")]
PrivacyRule = Annotated[
    str | None, typer.Option(help="How verified privacy requests begin: automatic, or by approval.")
]
PartnerErasures = Annotated[
    str | None, typer.Option(help="What a partner's erasure is about: delivered (by that partner), or everything.")
]
PrivacyFourEyes = Annotated[
    str | None,
    typer.Option(help="What another approves than who entered or verified it: wide (the default), always or never."),
]
TimeZone = Annotated[str | None, typer.Option(help="Where their deadlines are counted, such as Europe/Berlin.")]
Holidays = Annotated[
    str | None,
    typer.Option(metavar="DATES|FILE", help="Days nobody works: dates joined by commas, or a file with one a line."),
]

PhoneIndex = Annotated[
    bool | None,
    typer.Option(help="Index phone numbers that come raw by their last ten digits, by which DROP lists people."),
]

PackageReview = Annotated[
    bool | None,
    typer.Option(help="Have somebody look at a person's package, and withhold parts of it, before the person gets it."),
]

TraitFolder = Annotated[str | None, typer.Option(help="The folder of the traits that received segments are.")]
SegmentFolder = Annotated[str | None, typer.Option(help="The folder of received segments.")]
ProfileEntitlement = Annotated[
    int | None, typer.Option(help="How many identities uploads may bring the sandbox to, unless they say otherwise.")
]
CheckOwnConsent = Annotated[
    bool | None,
    typer.Option(help="Receive a partner's member only where one's own consent answers or default allow it."),
]


def create_sandbox(
    name: str,
    organization: Annotated[str, typer.Option(help="The organisation's id.")],
    consent_default: ConsentDefault = None,
    removal_guard: RemovalGuard = None,
    reject_guard: RejectGuard = None,
    overlap_threshold: OverlapThreshold = None,
    largest_share: LargestShare = None,
    fastest_growth: FastestGrowth = None,
    minimum_age_hours: MinimumAgeHours = None,
    phone_region: PhoneRegion = None,
    privacy_rule: PrivacyRule = None,
    partner_erasures: PartnerErasures = None,
    privacy_four_eyes: PrivacyFourEyes = None,
    time_zone: TimeZone = None,
    holidays: Holidays = None,
    phone_index: PhoneIndex = None,
    package_review: PackageReview = None,
    trait_folder: TraitFolder = None,
    segment_folder: SegmentFolder = None,
    profile_entitlement: ProfileEntitlement = None,
    check_own_consent: CheckOwnConsent = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Create a sandbox of an organisation."""
    settings = _settings(
        consent_default,
        removal_guard,
        reject_guard,
        overlap_threshold,
        largest_share,
        fastest_growth,
        minimum_age_hours,
        phone_region,
        privacy_rule,
        partner_erasures,
        privacy_four_eyes,
        time_zone,
        holidays,
        phone_index,
        package_review,
        trait_folder,
        segment_folder,
        profile_entitlement,
        check_own_consent,
    )
    deployment_of(stack)
    from handfast.access import service  # noqa: PLC0415

    _show_sandbox(service.create_sandbox(organization, name, **settings), as_json=as_json)


def change_sandbox(
    sandbox: Annotated[str, typer.Argument(help="The sandbox's id.")],
    consent_default: ConsentDefault = None,
    removal_guard: RemovalGuard = None,
    reject_guard: RejectGuard = None,
    overlap_threshold: OverlapThreshold = None,
    largest_share: LargestShare = None,
    fastest_growth: FastestGrowth = None,
    minimum_age_hours: MinimumAgeHours = None,
    phone_region: PhoneRegion = None,
    privacy_rule: PrivacyRule = None,
    partner_erasures: PartnerErasures = None,
    privacy_four_eyes: PrivacyFourEyes = None,
    time_zone: TimeZone = None,
    holidays: Holidays = None,
    phone_index: PhoneIndex = None,
    package_review: PackageReview = None,
    trait_folder: TraitFolder = None,
    segment_folder: SegmentFolder = None,
    profile_entitlement: ProfileEntitlement = None,
    check_own_consent: CheckOwnConsent = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Change settings of a sandbox, and show all of them; without options only show them.

    By another consent default, all that the sandbox shares is reconciled.
    """
    settings = _settings(
        consent_default,
        removal_guard,
        reject_guard,
        overlap_threshold,
        largest_share,
        fastest_growth,
        minimum_age_hours,
        phone_region,
        privacy_rule,
        partner_erasures,
        privacy_four_eyes,
        time_zone,
        holidays,
        phone_index,
        package_review,
        trait_folder,
        segment_folder,
        profile_entitlement,
        check_own_consent,
    )
    deployment_of(stack).use_queues()
    from handfast.dataflows import sandbox_settings  # noqa: PLC0415

    _show_sandbox(sandbox_settings.change_sandbox(sandbox, **settings), as_json=as_json)


def _settings(
    consent_default: str | None,
    removal_guard: float | None,
    reject_guard: float | None,
    overlap_threshold: int | None,
    largest_share: float | None,
    fastest_growth: float | None,
    minimum_age_hours: int | None,
    phone_region: str | None,
    privacy_rule: str | None,
    partner_erasures: str | None,
    privacy_four_eyes: str | None,
    time_zone: str | None,
    holidays: str | None,
    phone_index: bool | None,
    package_review: bool | None,
    trait_folder: str | None,
    segment_folder: str | None,
    profile_entitlement: int | None,
    check_own_consent: bool | None,
) -> dict[str, Any]:
    guards = {
        "largest_share": largest_share,
        "fastest_growth": fastest_growth,
        "minimum_age_hours": minimum_age_hours,
    }
    given = {
        "partner_guards": {name: value for name, value in guards.items() if value is not None} or None,
        "consent_default": consent_default,
        "removal_guard": removal_guard,
        "reject_guard": reject_guard,
        "overlap_threshold": overlap_threshold,
        "phone_region": phone_region,
        "privacy_rule": privacy_rule,
        "partner_erasures": partner_erasures,
        "privacy_four_eyes": privacy_four_eyes,
        "time_zone": time_zone,
        "holidays": None if holidays is None else _days(holidays),
        "phone_index": phone_index,
        "package_review": package_review,
        "trait_folder": trait_folder,
        "segment_folder": segment_folder,
        "profile_entitlement": profile_entitlement,
        "check_own_consent": check_own_consent,
    }
    return {key: value for key, value in given.items() if value is not None}


def _days(text: str) -> list[str]:
    """Dates joined by commas, or of a file's lines; an empty text is no day."""
    days = Path(text).read_text().splitlines() if text and Path(text).is_file() else text.split(",")
    return sorted({day.strip() for day in days if day.strip()})


def _show_sandbox(sandbox: "Sandbox", *, as_json: bool) -> None:
    from handfast.access import store  # noqa: PLC0415 - as elsewhere here

    show(_facts(sandbox) | store.settings(sandbox), as_json=as_json)


def list_organizations(stack: Stack = None, as_json: AsJson = False) -> None:
    """List the organisations."""
    deployment_of(stack)
    from handfast.access import store  # noqa: PLC0415 - as elsewhere here

    found = sorted(store.organizations(), key=lambda organization: organization.organization_id)
    items = [{"organizationId": each.organization_id, "name": each.name} for each in found]
    show({"items": items}, as_json=as_json)


def list_sandboxes(
    organization: Annotated[str | None, typer.Option(help="Of one organisation only: its id.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """List the sandboxes."""
    deployment_of(stack)
    from handfast.access import store  # noqa: PLC0415 - as elsewhere here

    found = [each for each in store.sandboxes() if organization in (None, each.organization_id)]
    items = [_facts(sandbox) for sandbox in sorted(found, key=lambda sandbox: sandbox.sandbox_id)]
    show({"items": items}, as_json=as_json)


def delete_sandbox(
    sandbox: Annotated[str, typer.Argument(help="The sandbox's id.")],
    yes: Yes = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Delete a sandbox with its data, and sign-in that is for it alone; shows what goes, and asks.

    Its connections have to be ended first, so that partners lose what was shared with them.
    """
    deployment_of(stack)
    from handfast_cli.admin import removal  # noqa: PLC0415 - loads every store, for this command and the next alone

    found = removal.sandbox(sandbox)
    removal.check(found)
    confirm(
        f"Delete the sandbox {found.name} of {found.organization_name} with all this?", removal.contents(found), yes=yes
    )
    show(removal.remove(found), as_json=as_json)


def delete_organization(
    organization: Annotated[str, typer.Argument(help="The organisation's id.")],
    yes: Yes = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Delete an organisation with all its sandboxes, as `delete-sandbox` does; shows what goes, and asks."""
    deployment_of(stack)
    from handfast.access import store  # noqa: PLC0415 - as elsewhere here
    from handfast_cli.admin import removal  # noqa: PLC0415

    found = removal.organization(organization)
    for sandbox in found.sandboxes:
        removal.check(sandbox)
    shown = {"items": [removal.contents(sandbox) for sandbox in found.sandboxes]}
    confirm(f"Delete the organisation {found.name} with all these sandboxes?", shown, yes=yes)
    removed = [removal.remove(sandbox) for sandbox in found.sandboxes]
    store.delete_organization(organization)
    show({"organizationId": organization, "status": "deleted", "sandboxes": removed}, as_json=as_json)


def _facts(sandbox: "Sandbox") -> dict[str, Any]:
    return {
        "sandboxId": sandbox.sandbox_id,
        "name": sandbox.name,
        "organizationId": sandbox.organization_id,
        "organizationName": sandbox.organization_name,
    }


COMMANDS: Mapping[str, Callable[..., None]] = {
    "create-organization": create_organization,
    "list-organizations": list_organizations,
    "delete-organization": delete_organization,
    "create-sandbox": create_sandbox,
    "change-sandbox": change_sandbox,
    "list-sandboxes": list_sandboxes,
    "delete-sandbox": delete_sandbox,
}
