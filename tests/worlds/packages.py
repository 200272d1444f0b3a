"""A package of a person, with something in each of its sections."""

from handfast.privacy_requests.models import PrivacyType
from handfast.privacy_requests.package_document import (
    About,
    Answer,
    Consent,
    Disclosure,
    Identity,
    Membership,
    Package,
    Record,
    Suppression,
    System,
)

AT = "2026-03-04T05:06:07.000Z"


def package(kind: PrivacyType = "access", text: str = "Oslo", systems: list[System] | None = None) -> Package:
    """The package, with this text wherever there is one, and these answers of systems outside."""
    given = Disclosure(
        organization=text,
        sandbox=text,
        namespace="IDFA",
        value=text,
        segment=text,
        disclosed_at=AT,
        withdrawn_at=None,
    )
    return Package(
        about=About(
            privacy_request_id="prq_1",
            type=kind,
            regulation="gdpr",
            regulation_name="GDPR",
            received_at=AT,
            made_at=AT,
            organization=text,
            sandbox=text,
        ),
        identities=[
            Identity(
                namespace="Email_LC_SHA256",
                value="ab" * 32,
                hashed=True,
                profile_id=text,
                attributes={text: text},
                consent=Consent(identity="y", person=None, answered_at=AT),
                withheld=False,
            )
        ],
        answers=[Answer(profile_id=text, share="n", answered_at=AT)],
        memberships=[Membership(namespace="IDFA", value=text, segment=text, since=AT)],
        suppressions=[Suppression(namespace="IDFA", value=None, reason="opt_out", since=AT)],
        recipients=[given],
        sources=[given],
        systems=[
            System(connector_id="cn_1", name=text, status="answered", records=[Record(collection=text, data=text)]),
        ]
        if systems is None
        else systems,
        left_out=[text],
    )
