"""Whose data a package has."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from handfast.identity.keys import Key
from handfast.identity.namespaces import namespace_of
from handfast.journal.models import Sandbox
from handfast.lake.people import StoredProfile
from handfast.privacy_requests import package_builder, rules
from handfast.privacy_requests.models import Origin, PrivacyRequest, Subject
from handfast.privacy_requests.package_document import to_html, to_json
from handfast.privacy_requests.stage_jobs import Job

AT = "2026-01-01T00:00:00.000Z"
SANDBOX = Sandbox("sbx_1", "sandbox", "org_1", "Organization")
NOBODY = None
rows = st.lists(st.tuples(st.integers(1, 5), st.sampled_from([NOBODY, "ann", "bob", "cleo"])), min_size=1, max_size=8)


def job(subject: Subject) -> Job:
    stages = rules.stages_of("access")
    request = PrivacyRequest("sbx_1", "prq_1", "access", "gdpr", "running", AT, AT, Origin("prq_1"), stages)
    return Job(request, subject)


def held(number: int, code: int, person: str | None) -> StoredProfile:
    value = bytes(32) if namespace_of(code).hashed else b"device"
    attributes = f'{{"secret": "of {person}"}}' if person else None
    return StoredProfile(number, 0, code, value, person, "y", None, AT, None, attributes)


def found(profiles: Sequence[StoredProfile], named: set[Key]) -> Subject:
    """What `find` finds when it is careful."""
    known = {
        profile.profile_id
        for profile in profiles
        if (profile.hi, profile.lo) in named and namespace_of(profile.namespace).hashed
    }
    own = {
        profile
        for profile in profiles
        if (profile.hi, profile.lo) in named or (profile.profile_id in known and profile.profile_id)
    }
    return Subject({(profile.hi, profile.lo): profile.namespace for profile in own}, frozenset(known - {None}))  # type: ignore[arg-type]


@given(rows, st.data())
def test_a_package_has_data_of_one_persons_profiles_alone(
    people: list[tuple[int, str | None]], data: st.DataObject
) -> None:
    profiles = [held(number, code, person) for number, (code, person) in enumerate(people)]
    named = {(profile.hi, profile.lo) for profile in data.draw(st.lists(st.sampled_from(profiles), min_size=1))}
    subject = found(profiles, named)
    holdings = package_builder._Holdings(
        {(profile.hi, profile.lo): profile for profile in profiles}, {}, {}, {}, {}, {}
    )
    withheld = package_builder._withheld(job(subject), holdings)
    package = package_builder._package(SANDBOX, job(subject), holdings, withheld, [], AT)
    asked = package_builder._shown(subject, holdings, withheld)
    of_devices = {profile.profile_id for profile in profiles if (profile.hi, profile.lo) in named}
    mine = subject.profile_ids or of_devices
    for person in {"ann", "bob", "cleo"} - mine:
        assert f"of {person}".encode() not in to_json(package) + to_html(package)
    assert {identity.profile_id for identity in package.identities} <= mine | {None}
    assert asked.identities.keys() == subject.identities.keys() - withheld == asked.values.keys()
    assert named <= {(profile.hi, profile.lo) for profile in profiles if (profile.hi, profile.lo) in subject.identities}
    assert len(package.identities) == len(subject.identities)
