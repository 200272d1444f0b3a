"""Where each request stands at a connector."""

from dataclasses import dataclass

from handfast.connectors.contract import Status
from handfast.platform.wire import TableItem
from handfast.privacy_requests.models import PrivacyRequest


@dataclass(frozen=True)
class DeletionPart(TableItem):
    """A system behind the system, and where the deletion stands there."""

    name: str
    status: Status


@dataclass(frozen=True)
class Deletion(TableItem):
    """One deletion that the system has taken; `reference` is what it is asked about by, empty where it cannot be."""

    reference: str
    status: Status
    detail: str = ""
    parts: tuple[DeletionPart, ...] = ()


@dataclass(frozen=True)
class ConnectorTask(TableItem):
    """Where a request's erasure stands at one connector.

    `pending` until the system has taken it, which is tried from `began_at` on; `deletions` are those it is part
    of. `next_at` is when something is to be done about it: sent again, asked about, or what a repeat needs forgotten.
    `refusals` is how often the system has refused it and was asked anew; `lifts`: it allows again what another one may
    have forbidden.
    """

    connector_id: str
    name: str
    status: Status
    began_at: str
    next_at: str | None
    deletions: tuple[Deletion, ...] = ()
    detail: str | None = None
    sent_at: str | None = None
    confirmed_at: str | None = None
    attempts: int = 0
    refusals: int = 0
    lifts: bool = False


@dataclass(frozen=True)
class Opposite:
    """Another request of the same person that has the same system do the opposite, and has not ended there.

    `includes`: it names all that the first names to the system; `is_included`: the first names all that it names.
    """

    request: PrivacyRequest
    task: ConnectorTask
    includes: bool
    is_included: bool
