from typing import get_args

import pytest

from handfast.partners.models import PartnerRef
from handfast.privacy_requests import rules, scopes
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyType

PARTNER = PartnerRef("sbx_a", "Organization A", "a")
TYPES: list[tuple[PrivacyType, str | None]] = [
    ("access", None),
    ("portability", None),
    ("erasure", None),
    ("opt_out", None),
    ("opt_in", None),
    ("consent", "y"),
    ("consent", "n"),
    ("rectification", None),
    ("restriction", None),
    ("objection", None),
    ("limit", None),
]


def request(kind: PrivacyType, share: str | None = None, partner: PartnerRef | None = PARTNER) -> PrivacyRequest:
    return PrivacyRequest(
        sandbox_id="sbx_b",
        privacy_request_id="prq_1",
        type=kind,
        regulation="gdpr",
        status="pending",
        received_at="2026-01-01T00:00:00.000Z",
        due_at="2026-02-01T00:00:00.000Z",
        origin=Origin("prq_0", partner, "prq_0" if partner else None),
        stages=rules.stages_of(kind),
        share=share,
    )


def test_no_yes_and_no_question_for_data_goes_from_partner_to_partner() -> None:
    stay = [pair for pair in TYPES if not scopes.travels(*pair)]
    assert stay == [("access", None), ("portability", None), ("opt_in", None), ("consent", "y")]
    assert {kind for kind, _ in TYPES} == {*get_args(PrivacyType.__value__)}


def test_only_a_partners_erasure_has_a_scope_and_reaches_what_it_delivered_unless_told_otherwise() -> None:
    of_a_partner = [scopes.scope_of(request(*pair)) for pair in TYPES]
    assert [pair for pair, scope in zip(TYPES, of_a_partner, strict=True) if scope] == [("erasure", None)]
    assert scopes.scope_of(request("erasure")) == "delivered"
    assert not any(scopes.scope_of(request(*pair, partner=None)) for pair in TYPES)


@pytest.mark.parametrize(
    ("partner", "scope", "limit", "goes_on"),
    [(None, None, None, True), (PARTNER, "delivered", PARTNER, False), (PARTNER, "everything", None, True)],
)
def test_what_a_partner_delivered_goes_no_further(
    partner: PartnerRef | None, scope: str | None, limit: PartnerRef | None, goes_on: bool
) -> None:
    asked = PrivacyRequest(**{**request("erasure", partner=partner).__dict__, "scope": scope})
    assert (scopes.limited_to(asked), scopes.goes_on(asked)) == (limit, goes_on)
