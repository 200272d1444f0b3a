"""The intake form on the wire and in the table (docs/api.md, Privacy)."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from handfast.identity.free_text import ADDRESS_IN_URL, PlainName, PlainNote
from handfast.identity.patterns import holds_address
from handfast.platform.wire import Link, Request, Resource, TableItem, Timestamp, View
from handfast.privacy_requests.models import Language, PrivacyType
from handfast.privacy_requests.wire import SafeNote

type FormType = Literal[
    "access",
    "portability",
    "erasure",
    "rectification",
    "restriction",
    "objection",
    "limit",
    "opt_out",
    "opt_in",
]
"""What a form can offer: every type but `consent`, which opting out and in say in words that people know."""
type ReceiptState = Literal["received", "confirmed", "in_progress", "answered", "closed"]
"""A request as its person sees it. `closed`: it has ended unproved or was taken back, and nothing is done."""

_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def _origin(text: str) -> str:
    """An origin that may stand in a policy's `frame-ancestors`: nothing in it ends the directive or widens it."""
    parts = urlsplit(text)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise ValueError("the port is none") from None
    is_local = parts.scheme == "http" and parts.hostname == "localhost"
    if not (parts.scheme == "https" or is_local) or not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError("name a site as https://www.example.com, without a path; http://localhost works as well")
    origin = f"{parts.scheme}://{parts.hostname}{port}"
    if text != origin:
        raise ValueError(f"name the site alone, in small letters, without a path or a slash at its end: {origin}")
    return origin


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not _HOST.fullmatch((parts.hostname or "").lower()) or parts.username is not None:
        raise ValueError("name a page with https://")
    if holds_address(url):
        raise ValueError(ADDRESS_IN_URL)
    return url


def _distinct[Item](items: list[Item]) -> list[Item]:
    if len(set(items)) != len(items):
        raise ValueError("each at most once")
    return items


def _english() -> list[Language]:
    return ["en"]


type Distinct[Item] = Annotated[list[Item], AfterValidator(_distinct)]
Origin = Annotated[str, Field(max_length=300), AfterValidator(_origin)]
PolicyUrl = Annotated[
    str,
    Field(min_length=9, max_length=500, pattern=r"^[!-~]+$", json_schema_extra={"format": "uri"}),
    AfterValidator(_https),
]


@dataclass(frozen=True)
class IntakeForm(TableItem):
    """A sandbox's form. `form_id` is what its address is known by; `origins` are the sites that may embed it."""

    sandbox_id: str
    form_id: str
    types: tuple[FormType, ...]
    regulations: tuple[str, ...]
    languages: tuple[Language, ...]
    origins: tuple[str, ...]
    privacy_policy_url: str
    heading: str | None
    retention: str | None
    updated_at: str
    revision: int = 1


class PutIntakeForm(Request):
    """What a form offers, and to whom.

    `allowedOrigins` are the sites that may embed it or call it from their pages; none: it stands alone.
    `privacyPolicyUrl` is linked, `heading` stands above it, and `retention` says how long what people give is kept.
    """

    types: Annotated[Distinct[FormType], Field(min_length=1, max_length=9)]
    regulations: Annotated[Distinct[Annotated[str, Field(max_length=50)]], Field(min_length=1, max_length=10)]
    languages: Annotated[Distinct[Language], Field(min_length=1, max_length=3)] = Field(default_factory=_english)
    allowed_origins: Annotated[Distinct[Origin], Field(max_length=20)] = Field(default_factory=list)
    privacy_policy_url: PolicyUrl
    heading: Annotated[PlainName, Field(max_length=100)] | None = None
    retention: Annotated[PlainNote, Field(max_length=500)] | None = None


class IntakeFormView(Resource):
    """A sandbox's form. `path` is its address at the deployment, which anybody may open.

    `sendsCodes`: whether something writes to people. Where nothing does, a form offers only what the law has
    taken without a proof.
    """

    form_id: str
    path: str
    types: list[FormType]
    regulations: list[str]
    languages: list[Language]
    allowed_origins: list[str]
    privacy_policy_url: Link
    heading: str | None
    retention: str | None
    sends_codes: bool
    updated_at: Timestamp

    @property
    def etag_version(self) -> int:
        """The form's revision."""
        return self.version


class OfferedRegulation(View):
    """A law that a form offers, and the requests that people can make under it. `unproved` ones need no code."""

    regulation: str
    name: str
    types: list[FormType]
    unproved: list[FormType]


class PublicForm(View):
    """A form as it is shown to anybody: who answers, and what may be asked for."""

    organization_name: str
    heading: str | None
    regulations: list[OfferedRegulation]
    languages: list[Language]
    privacy_policy_url: Link
    retention: str | None


class Submission(Request):
    """A person's request by a form. `regulation` is needed where the form offers more than one.

    A code goes to `email`, and proves that address alone: a `phone` is taken only where the law asks for no proof.
    `note` says what a rectification is to correct. `website` stays empty: people do not see it, and programs fill it.
    """

    type: FormType
    regulation: Annotated[str, Field(max_length=50)] | None = None
    email: Annotated[str, Field(min_length=1, max_length=320)]
    phone: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    note: SafeNote | None = None
    language: Language | None = None
    website: Annotated[str, Field(max_length=500)] = ""


class Receipt(View):
    """A request as its person sees it, by a receipt that only the person was given.

    `awaitsCode`: nothing is done before the code is given, until `codeExpiresAt`. It is the same whether anything is
    known of the person here, or not.
    """

    receipt: str
    type: PrivacyType
    regulation: str
    state: ReceiptState
    awaits_code: bool
    code_expires_at: Timestamp | None
    received_at: Timestamp
    due_at: Timestamp
    answered_at: Timestamp | None
    is_written_to: bool
