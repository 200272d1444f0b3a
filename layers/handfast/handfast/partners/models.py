"""The other side, as one side knows it."""

from dataclasses import dataclass

from handfast.platform.wire import View


@dataclass(frozen=True)
class PartnerRef:
    """The other side as one side knows it; one day it may live in another deployment."""

    sandbox_id: str
    organization_name: str
    sandbox_name: str


class Partner(View):
    """The other side."""

    organization_name: str
    sandbox_name: str
