"""A system's interface as its operator declares it: what to call, and what the answers mean."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, field_validator, model_validator

from handfast.connectors import calls
from handfast.connectors.answers import Answered
from handfast.connectors.contract import Settings
from handfast.connectors.fields import HeaderName, HeaderValue, header_secret
from handfast.connectors.lookups import CONTACTS
from handfast.connectors.types.http.templates import (
    BodyTemplate,
    PathTemplate,
    Pointer,
    TextTemplate,
    Word,
    placeholders,
)
from handfast.identity.namespaces import UnknownNamespaceError, namespace
from handfast.platform.wire import Request

PROFILE_ID = "profileId"
_KNOWN_BY = ", ".join((PROFILE_ID, *CONTACTS))
_NOT_DECLARED = frozenset({"401", "403", "405", "429"})
"""Statuses by which a call was not taken, whatever it was for."""
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "user-agent"})


def _identifier(name: str) -> str:
    if name == PROFILE_ID:
        return name
    try:
        symbol = namespace(name).symbol
    except UnknownNamespaceError:
        symbol = ""
    if symbol not in CONTACTS:
        raise ValueError(f"must be one of {_KNOWN_BY}: a device may be several people's and leads to nobody outside")
    return symbol


def _status(text: str) -> str:
    if not re.fullmatch(r"[24]\d\d", text) or text in _NOT_DECLARED:
        raise ValueError("must be 2xx or 4xx, but for 401, 403, 405 and 429: any other means that nothing was done")
    return text


_Status = Annotated[str, AfterValidator(_status)]


class Identifier(Request):
    """What the system knows people by. `type` is its own word for that, for the placeholder `{type}`."""

    namespace: Annotated[str, AfterValidator(_identifier)]
    format: Literal["raw", "sha256"] = "raw"
    type: Word | None = None

    @model_validator(mode="after")
    def _is_known(self) -> "Identifier":
        if self.namespace == PROFILE_ID and self.format == "sha256":
            raise ValueError("a profileId is raw")
        return self


class Meaning(Request):
    """What an answer means, by its status; with `pointer`, `values` are what `completed` is by what stands there."""

    statuses: Annotated[dict[_Status, Answered], Field(min_length=1, max_length=50)]
    pointer: Pointer | None = None
    values: Annotated[dict[Word, Answered], Field(default_factory=dict, max_length=50)]

    @model_validator(mode="after")
    def _is_whole(self) -> "Meaning":
        if (self.pointer is None) != (not self.values):
            raise ValueError("pointer and values go together")
        if "completed" not in self.words:
            raise ValueError("must say which answer is completed")
        return self

    @property
    def words(self) -> set[str]:
        """All that an answer may mean."""
        return {*self.statuses.values(), *self.values.values()}


class Poll(Request):
    """Where what is in progress is asked about, a GET: a header's link, or the one at a pointer in the body."""

    header: HeaderName | None = None
    pointer: Pointer | None = None
    answer: Meaning

    @model_validator(mode="after")
    def _has_a_link(self) -> "Poll":
        if (self.header is None) == (self.pointer is None):
            raise ValueError("must have either a header or a pointer that the link is at")
        return self


class Call(Request):
    """A call that is made once for each identifier of a person."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: PathTemplate
    query: Annotated[dict[Word, TextTemplate], Field(default_factory=dict, max_length=20)]
    body: BodyTemplate = None
    answer: Meaning

    @model_validator(mode="after")
    def _names_somebody(self) -> "Call":
        if "identifier" not in placeholders(self.path, list(self.query.values()), self.body):
            raise ValueError("must have {identifier} in its path, query or body: it names nobody without")
        if self.body is not None and self.method == "GET":
            raise ValueError("a GET has no body")
        return self


class Order(Call):
    """A call by which something is done; what the system does later is asked about as `poll` says."""

    poll: Poll | None = None

    @model_validator(mode="after")
    def _can_be_followed(self) -> "Order":
        if ("in_progress" in self.answer.words) != (self.poll is not None):
            raise ValueError("an answer that is in_progress and poll, which says where to ask then, go together")
        return self


class Rows(Request):
    """A part of an answer that is shown to the person: an object, or a list of them, at a pointer."""

    collection: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    pointer: Pointer = ""


class Question(Call):
    """A call by which a person's data are read. One that is in progress is asked again."""

    records: Annotated[list[Rows], Field(min_length=1, max_length=20)]


class HttpSettings(Settings):
    """Where the system is, how it is called, and what its answers mean."""

    secrets_go_to = frozenset({"url", "credentialHeader"})

    url: str = Field(title="URL", description="The base that the paths are below, such as https://crm.example.com/api")
    credential: Annotated[SecretStr, AfterValidator(header_secret)] = Field(
        SecretStr(""), title="Credential", description="The whole header, such as Bearer …; empty for none"
    )
    credential_header: HeaderName = Field(
        "Authorization", title="Credential's header", description="Such as Authorization or X-API-Key"
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict,
        title="Headers",
        description="Sent with every call, and shown: no secrets",
        max_length=20,
    )
    identifiers: list[Identifier] = Field(
        title="Identifiers", description=f"What the system knows people by: {_KNOWN_BY}", min_length=1, max_length=10
    )
    test_path: PathTemplate = Field(
        title="Test path", description="A GET of it answers 2xx to the credential, and changes nothing"
    )
    access: Question | None = Field(None, title="Access", description="How a person's data are read")
    erasure: Order | None = Field(None, title="Erasure", description="How a person is deleted")
    opt_out: Order | None = Field(None, title="Opt-out", description="How the use of a person is stopped")
    opt_in: Order | None = Field(None, title="Opt-in", description="How an opt-out is lifted")

    @field_validator("url")
    @classmethod
    def _callable(cls, url: str) -> str:
        if "?" in calls.checked(url):
            raise ValueError("must not have a query")
        return url.rstrip("/")

    @field_validator("test_path")
    @classmethod
    def _names_nobody(cls, path: str) -> str:
        if placeholders(path):
            raise ValueError("must have no placeholders: it is asked about nobody")
        return path

    @model_validator(mode="after")
    def _is_of_use(self) -> "HttpSettings":
        if not any((self.access, self.erasure, self.opt_out, self.opt_in)):
            raise ValueError("declare at least one of access, erasure, optOut and optIn")
        taken = _OWN_HEADERS | {self.credential_header.lower()}
        if doubled := sorted(name for name in self.headers if name.lower() in taken):
            raise ValueError(f"headers must not have {doubled[0]}: it is set by Handfast")
        return self
