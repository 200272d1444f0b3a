"""What a partner's request may do here, and how far it reaches. Pure.

A sandbox decides on its own data: what a partner passes on withdraws, limits or corrects, or is refused, and a
partner's erasure is about what that partner has delivered, unless the sandbox itself has it reach everything.
"""

from handfast.journal.models import ErasureScope
from handfast.partners.models import PartnerRef
from handfast.privacy_requests.models import PrivacyRequest, PrivacyType

NOT_A_PARTNERS = "a partner passes on what withdraws, limits or corrects alone, no yes and no question for data"
"""Why anything else that comes from a partner is refused."""
_ON_SHARING = frozenset[PrivacyType]({"restriction", "objection", "opt_out", "opt_in", "consent"})
_TRAVEL = frozenset[PrivacyType]({"erasure", "rectification", "restriction", "objection", "limit", "opt_out"})


def travels(kind: PrivacyType, share: str | None) -> bool:
    """Whether a request goes from partner to partner: one that allows nothing and has no data handed out."""
    return kind in _TRAVEL or (kind == "consent" and share == "n")


def scope_of(request: PrivacyRequest) -> ErasureScope | None:
    """How far the erasure reaches that a partner has passed on; None for every other request."""
    if request.type != "erasure" or request.origin.partner is None:
        return None
    return request.scope or "delivered"


def limited_to(request: PrivacyRequest) -> PartnerRef | None:
    """The partner whose deliveries alone the request is about; None where it is about all that the sandbox holds."""
    return request.origin.partner if scope_of(request) == "delivered" else None


def stays_inside(request: PrivacyRequest) -> bool:
    """Whether this side's systems outside hear nothing of it: a partner's answer on sharing, or on what it delivered.

    What people see to by hand they see to at the systems, too.
    """
    if request.origin.partner is None:
        return False
    return scope_of(request) == "delivered" or request.type in _ON_SHARING


def goes_on(request: PrivacyRequest) -> bool:
    """Whether partners who received the person's identities from here have to hear of the request.

    What a partner has delivered goes to no other, since no received segment can be shared; a destination that it was
    given to hears of it.
    """
    return travels(request.type, request.share) and limited_to(request) is None
