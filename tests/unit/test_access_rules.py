"""What a grant permits, and what a sandbox's settings may be."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from handfast.access.rules import PERMISSIONS, ROLES, effective, unknown
from handfast.journal.models import Sandbox

READS = {name for name in PERMISSIONS if name.endswith(":read")}
SANDBOX: dict[str, Any] = {
    "sandbox_id": "sbx_1",
    "name": "production",
    "organization_id": "org_1",
    "organization_name": "Organization",
}


# Roles


@pytest.mark.parametrize(
    ("role", "beside_reading"),
    [
        ("viewer", set()),
        ("partner-admin", {"connections:request", "connections:approve", "connections:manage"}),
        (
            "audience-manager",
            {
                "segments:write",
                "profiles:read",
                "feeds:write",
                "feeds:approve",
                "destinations:manage",
                "destinations:activate",
            },
        ),
        ("privacy-officer", {"privacy:request", "privacy:approve", "governance:write"}),
        ("sandbox-admin", PERMISSIONS),
    ],
)
def test_a_role_reads_all_but_people_and_does_what_it_is_for(role: str, beside_reading: set[str]) -> None:
    assert ROLES[role] == (READS - {"profiles:read"}) | beside_reading


def test_only_the_administrator_manages_access() -> None:
    assert [role for role, permissions in ROLES.items() if "access:manage" in permissions] == ["sandbox-admin"]


# Grants


def test_a_grant_permits_what_its_role_does_and_what_it_names() -> None:
    assert effective("viewer", ["profiles:read"]) == READS
    assert effective(None, ["feeds:write", "feeds:write"]) == {"feeds:write"}
    assert effective("viewer", []) == ROLES["viewer"]


def test_nothing_and_names_that_are_no_longer_known_permit_nothing() -> None:
    assert effective(None, []) == frozenset()
    assert effective("owner", ["feeds:publish"]) == frozenset()
    assert effective("", ["access:manage", "*"]) == {"access:manage"}


def test_every_name_that_means_nothing_is_pointed_at() -> None:
    assert unknown("viewer", sorted(PERMISSIONS)) == []
    assert unknown(None, []) == []
    assert unknown("Viewer", ["feeds:read", "feeds:publish", "", "FEEDS:READ"]) == [
        "/role",
        "/permissions/1",
        "/permissions/2",
        "/permissions/3",
    ]
    assert unknown("", []) == ["/role"]


# Sandboxes


def sandbox(**settings: Any) -> Sandbox:
    return TypeAdapter(Sandbox).validate_python(SANDBOX | settings)


def test_a_sandbox_without_settings_asks_before_it_deletes_and_hides_small_overlaps() -> None:
    assert sandbox() == Sandbox(
        **SANDBOX,
        consent_default="default_allow",
        removal_guard=0.3,
        reject_guard=0.05,
        overlap_threshold=1000,
        phone_region=None,
        privacy_rule="approval",
        partner_erasures="delivered",
        privacy_four_eyes="wide",
        time_zone="UTC",
        holidays=(),
        phone_index=False,
        package_review=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("consent_default", "default_deny"),
        ("removal_guard", 0.0),
        ("removal_guard", 1.0),
        ("reject_guard", 0.0),
        ("reject_guard", 1.0),
        ("overlap_threshold", 0),
        ("phone_region", "DE"),
        ("privacy_rule", "automatic"),
        ("time_zone", "America/Los_Angeles"),
        ("holidays", ("2026-12-25", "2028-02-29")),
    ],
)
def test_a_setting_is_taken_up_to_its_limits(name: str, value: Any) -> None:
    assert getattr(sandbox(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("consent_default", "allow"),
        ("removal_guard", -0.01),
        ("removal_guard", 1.01),
        ("reject_guard", -0.01),
        ("reject_guard", 1.01),
        ("removal_guard", float("nan")),
        ("overlap_threshold", -1),
        ("overlap_threshold", 0.5),
        ("phone_region", "de"),
        ("phone_region", "DEU"),
        ("privacy_rule", None),
        ("time_zone", "Europe/Bielefeld"),
        ("time_zone", ""),
        ("holidays", ("2026-02-29",)),
        ("holidays", ("25.12.2026",)),
        ("holidays", ("2026-12-25T00:00",)),
    ],
)
def test_a_setting_beyond_its_limits_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        sandbox(**{name: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {name}


def test_a_holiday_is_written_in_one_way() -> None:
    assert sandbox(holidays=["20261225", "2026-W01-1"]).holidays == ("2026-12-25", "2025-12-29")
