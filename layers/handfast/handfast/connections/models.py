"""Connections: the connect ID and the two-way handshake (seed 000; docs/api.md, Connect)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from handfast.identity.custom import ValueKind
from handfast.identity.free_text import PlainNote
from handfast.identity.probe import Difference
from handfast.partners.models import Partner, PartnerRef
from handfast.platform.wire import Packed, Request, Resource, TableItem, Timestamp, View

type Status = Literal["pending", "active", "rejected", "withdrawn", "expired", "disconnected"]
type Direction = Literal["incoming", "outgoing"]


@dataclass(frozen=True)
class NamespaceOffer(TableItem):
    """A namespace of its own that one side takes over a connection: agreed on when the other side takes the same."""

    code: int
    symbol: str
    kind: ValueKind
    min_length: int
    max_length: int


@dataclass(frozen=True)
class Connection(TableItem):
    """A connection as one side sees it, in its own copy. People are named only in their own side's copy.

    `feeds_shared` and `segments_shared` are what that side shares over it: all that is offered and not ended;
    `allows_estimates` is whether that side lets the partner estimate how much both sides' identities overlap, and
    `revision` counts how often it has said so;
    `namespaces` are the namespaces of its own that it takes over the connection.
    """

    connection_id: str
    direction: Direction
    partner: Packed[PartnerRef]
    status: Status
    requested_at: str
    expires_at: str
    connect_id: str
    note: str | None = None
    requested_by: str | None = None
    decided_at: str | None = None
    decided_by: str | None = None
    decision_note: str | None = None
    feeds_shared: int = 0
    segments_shared: int = 0
    allows_estimates: bool = False
    namespaces: Packed[tuple[NamespaceOffer, ...]] = ()
    revision: int = 1


class ConnectId(View):
    """The identifier of a sandbox that is handed to a partner outside the product."""

    connect_id: str
    created_at: Timestamp


class ConnectIdBody(Request):
    """A connect ID, with or without dashes, in any case."""

    connect_id: Annotated[str, Field(min_length=1, max_length=64)]


class Preview(View):
    """Whose connect ID it is."""

    organization_name: str
    sandbox_name: str


class RequestConnection(ConnectIdBody):
    """Ask the owner of a connect ID for a connection, and let it estimate overlaps once it accepts, or not."""

    note: PlainNote | None = None
    allows_estimates: bool = False


class Decision(Request):
    """An answer to a request."""

    note: PlainNote | None = None


class Acceptance(Decision):
    """A request accepted, and whether the partner may estimate overlaps."""

    allows_estimates: bool = False


class PatchConnection(Request):
    """What one's own side of a connection allows."""

    allows_estimates: bool


class Disconnect(Request):
    """End a connection."""

    reason: PlainNote | None = None


class Sharing(View):
    """What flows one way over a connection."""

    feeds: int = 0
    segments: int = 0


class AgreedNamespace(View):
    """A namespace of a sandbox's own that one side takes over the connection, or both: then feeds may share it.

    Agreed on is what has the same symbol, kind and lengths on both sides.
    """

    namespace: str
    kind: ValueKind
    min_length: int | None
    max_length: int | None
    status: Literal["agreed", "proposed_by_you", "proposed_by_partner"]


class ProbeAgreement(View):
    """Whether both sides make the same digests of fixed values of a namespace, by their settings."""

    namespace: str
    agrees: bool


class ProbeValue(View):
    """A value to hash as it stands, and its digest here; null where the sandbox's settings give it no meaning."""

    namespace: str
    value: str
    digest: str | None


class ProbeView(Resource):
    """What a hasher is tried with, and whether the sandboxes agree; of no agreement in a connection not active."""

    agreements: list[ProbeAgreement]
    values: list[ProbeValue]


class ProbeDigest(Request):
    """The digest that a hasher makes of a value of the probe, in hex or Base64."""

    value: Annotated[str, Field(min_length=1, max_length=100)]
    digest: Annotated[str, Field(min_length=1, max_length=200)]


class ProbeDigests(Request):
    """Digests of values of the probe, of one namespace."""

    namespace: Annotated[str, Field(max_length=50)]
    digests: Annotated[list[ProbeDigest], Field(min_length=1, max_length=20)]


class HasherResult(View):
    """Whether a digest is the one made here, and the rules that its maker follows otherwise.

    A digest that agrees may be written otherwise than in lower-case hex, which is read as well.
    """

    value: str
    agrees: bool
    differences: list[Difference]


class HasherAnswer(View):
    """Whether a hasher agrees, value by value."""

    namespace: str
    agrees: bool
    items: list[HasherResult]


class ConnectionView(Resource):
    """A connection as the caller's side sees it.

    `allowsEstimates` is whether the partner may estimate how much its segments overlap with the caller's identities,
    `partnerAllowsEstimates` whether the caller may do so.
    """

    connection_id: str
    status: Status
    direction: Direction
    partner: Partner
    requested_at: Timestamp
    requested_by: str | None
    decided_at: Timestamp | None
    decided_by: str | None
    decision_note: str | None
    expires_at: Timestamp
    connect_id_retired: bool
    note: str | None
    sharing: Sharing
    receiving: Sharing
    allows_estimates: bool
    partner_allows_estimates: bool
    namespaces: list[AgreedNamespace]
    probe: list[ProbeAgreement] | None = None
    """Of an active connection that is read by itself."""


class ConnectionList(View):
    """A page of connections, newest first."""

    items: list[ConnectionView]
    next_cursor: str | None


class DisconnectPreview(View):
    """What a disconnect would end."""

    dry_run: Literal[True] = True
    connection_id: str
    sharing: Sharing
    receiving: Sharing
