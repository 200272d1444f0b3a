"""The other side of a connection, as one side knows it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from handfast.journal.models import Sandbox
from handfast.platform.wire import View


def key_of(sandbox_id: str) -> str:
    """What names a sandbox in the items of its partners."""
    return sha256(sandbox_id.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class PartnerRef:
    """A sandbox as the other side of a connection knows it; one day it may live in another deployment.

    `address` is where to reach it. Only this area reads it, so that nothing of the other side's is reached but by
    `partners.other_side` and `partners.messages`.
    """

    address: Annotated[str, Field(alias="sandbox_id")]
    organization_name: str
    sandbox_name: str

    @classmethod
    def of(cls, sandbox: Sandbox) -> "PartnerRef":
        """The sandbox as its partners know it."""
        return cls(sandbox.sandbox_id, sandbox.organization_name, sandbox.name)

    @property
    def key(self) -> str:
        """What names this partner in one's own items; nothing can be reached by it."""
        return key_of(self.address)

    @property
    def name(self) -> str:
        """How people call it, with its organisation."""
        return f"{self.organization_name}, {self.sandbox_name}"

    def is_sandbox(self, sandbox_id: str) -> bool:
        """Whether it is this sandbox: where an item names both sides, which of them one's own is."""
        return self.address == sandbox_id


class Partner(View):
    """The other side."""

    organization_name: str
    sandbox_name: str

    @classmethod
    def of(cls, ref: PartnerRef) -> "Partner":
        """What is shown of a partner."""
        return cls(organization_name=ref.organization_name, sandbox_name=ref.sandbox_name)
