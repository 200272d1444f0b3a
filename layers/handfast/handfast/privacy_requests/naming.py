"""What keeps requests that name recipients from telling whom partners know (docs/security.md, What a number tells).

A request of a sandbox's own whose person nobody else has proved, and that changes nothing by itself, costs its sandbox
nothing. So few of them a day may be answered on one principal's word, and each partner learns how often it is named.
"""

from collections.abc import Iterable, Sequence

from handfast.connectors.store import PRIVACY
from handfast.dataflows.models import Dataflow
from handfast.journal import hourly
from handfast.journal.models import Sandbox
from handfast.partners import other_side
from handfast.platform import quotas
from handfast.platform.quotas import Quota
from handfast.privacy_requests import rules
from handfast.privacy_requests.models import PrivacyRequest

NAMED_A_DAY = 20
"""Requests of a sandbox's own that only ask, in a UTC day; others are approved by a second principal."""
_QUOTA = Quota("naming", "requests", NAMED_A_DAY)


def counted(requests: Sequence[PrivacyRequest]) -> list[PrivacyRequest]:
    """New requests of one sandbox, those beyond the day's quota marked, which no rule approves, nor who entered them.

    It counts what was asked, not whom partners know, so that what is left of it tells nothing.
    """
    is_left, found = True, list[PrivacyRequest]()
    for request in requests:
        only_asks = rules.only_asks(request)
        if only_asks and is_left:
            pk = f"QUOTA#naming/{request.sandbox_id}"
            _, is_left = quotas.take(_QUOTA, 1, table_name=PRIVACY, pk=pk)
        found.append(rules.beyond_quota(request) if only_asks and not is_left else request)
    return found


def tell(sandbox: Sandbox, flows: Iterable[Dataflow]) -> None:
    """Count, by the hour and in the log of each dataflow's target, that a person is told of it."""
    for flow in flows:
        if partner := flow.target.partner:
            detail = {"name": flow.name}
            hourly.count([other_side.event(partner, "recipient.named", sandbox, flow.dataflow_id, detail)])
