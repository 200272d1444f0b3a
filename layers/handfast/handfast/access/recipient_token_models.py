"""Recipient tokens: what tools that know only bearer tokens read received members with (docs/api.md)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from handfast.access.rules import network
from handfast.identity.free_text import PlainName
from handfast.platform.wire import GivenTime, Link, Packed, Request, Resource, TableItem, Timestamp, View

type TokenStatus = Literal["awaiting_activation", "active", "expired"]

MOST_NETWORKS = 20
MOST_GRACE = 7 * 24 * 3600


@dataclass(frozen=True)
class FormerToken(TableItem):
    """A token that was replaced: its digest, and until when it still works."""

    digest: str
    until: str


@dataclass(frozen=True)
class RecipientToken(TableItem):
    """A token, of which only digests are kept: of the token once it was fetched, of its link until then.

    `former` are the tokens before it that still work, `created_by` names who made it.
    """

    token_id: str
    sandbox_id: str
    name: str
    created_at: str
    created_by: str
    expires_at: str
    allowed_networks: tuple[str, ...] = ()
    digest: str | None = None
    activated_at: str | None = None
    link_digest: str | None = None
    link_expires_at: str | None = None
    former: Packed[tuple[FormerToken, ...]] = ()
    last_used_at: str | None = None
    revision: int = 1


@dataclass(frozen=True)
class TokenRef(TableItem):
    """Where the token is that a digest is of, or the digest of its link."""

    sandbox_id: str
    token_id: str


Network = Annotated[str, Field(max_length=50), AfterValidator(network)]
Networks = Annotated[list[Network], Field(max_length=MOST_NETWORKS)]


class CreateRecipientToken(Request):
    """A token to make. It expires in 90 days where nothing is said, in a year at the latest.

    It works from `allowedNetworks` alone, such as 203.0.113.0/24 or 2001:db8::/48; from everywhere without any.
    """

    name: PlainName
    expires_at: GivenTime | None = None
    allowed_networks: Networks = Field(default_factory=list)


class RotateRecipientToken(Request):
    """A token to replace. The one before works for `graceSeconds` more, never for longer than it would have.

    `expiresAt` is that of the new one, in 90 days where nothing is said.
    """

    grace_seconds: Annotated[int, Field(ge=0, le=MOST_GRACE)] = 24 * 3600
    expires_at: GivenTime | None = None


class RecipientTokenView(Resource):
    """A token as its sandbox sees it, never the token itself.

    `activationUrl` is there once, in the answer that makes it: it gives the profile file once, until
    `activationExpiresAt`. `graceUntil` is when the last token before it ends, null where none works any more.
    """

    token_id: str
    name: str
    status: TokenStatus
    created_at: Timestamp
    created_by: str
    expires_at: Timestamp
    allowed_networks: list[str]
    last_used_at: Timestamp | None
    activated_at: Timestamp | None
    grace_until: Timestamp | None
    activation_url: Link | None = None
    activation_expires_at: Timestamp | None = None


class RecipientTokenList(View):
    """A page of tokens, newest first."""

    items: list[RecipientTokenView]
    next_cursor: str | None


class ProfileFile(View):
    """What tools read by: the protocol's profile, version 1."""

    share_credentials_version: Literal[1] = 1
    endpoint: str
    bearer_token: str
    expiration_time: Timestamp
