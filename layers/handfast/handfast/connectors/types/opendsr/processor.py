"""An OpenDSR processor (version 2.0): its discovery, its certificate and its requests.

Every answer that means success is checked for the processor's signature before it is parsed. `encoded_request`, which
holds the identities again and must not be stored, is never read.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Part, Person, Record, Settings, State, Status, not_asked
from handfast.connectors.lookups import others
from handfast.connectors.types.opendsr import signatures
from handfast.platform import clock
from handfast.platform.observability import measure
from handfast.platform.outbound import Answer

_RAW_TYPES = {"IDFA": "ios_advertising_id", "GAID": "android_advertising_id"}
_CLEAR_FORMS: Mapping[str, Callable[[str], str]] = {
    "raw": str,
    "sha1": lambda text: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(),
    "md5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
}
"""Forms of an address beside the digest held here: the first that a processor supports is used."""
_STATUS = {
    "pending": Status.SENT,
    "in_progress": Status.SENT,
    "completed": Status.CONFIRMED,
    "cancelled": Status.REFUSED,
    "canceled": Status.REFUSED,
    "failed": Status.FAILED,
}
_FORWARDED = _STATUS | {
    "pending": Status.PENDING,
    "in_progress": Status.PENDING,
    "sent": Status.SENT,
    "skipped": Status.ABSENT,
}
"""Of systems that a processor forwards to. `sent` is the last that many of them say, and no deletion."""


_CALIFORNIAN = frozenset({"ccpa", "cpra_ca_usa", "delete_act_ca_usa"})
"""What the protocol calls ccpa; of the two laws that it knows, all others are nearer to gdpr."""


class OpenDsrSettings(Settings):
    """Where a processor is and how it knows us."""

    secrets_go_to = frozenset({"url"})

    url: str = Field(title="URL", description="The processor's base URL with its version, such as https://…/v2")
    authorization: SecretStr = Field(
        SecretStr(""), title="Authorization", description="The Authorization header, such as Bearer …; empty for none"
    )
    requests_path: Literal["requests", "opendsr_requests", "opengdpr_requests"] = Field(
        "requests",
        title="Requests path",
        description="Where requests are, below the URL: AppsFlyer has opendsr_requests, OpenGDPR 1.0 opengdpr_requests",
    )
    property_id: str = Field(
        "",
        title="Property ID",
        description="The app that requests are about, as AppsFlyer asks for; empty for none",
        pattern=r"^[A-Za-z0-9._-]{0,200}$",
    )
    ca_certificates: str = Field(
        "", title="CA certificates", description="PEM of who may issue the processor's certificate; empty: public CAs"
    )

    @field_validator("url")
    @classmethod
    def _callable(cls, url: str) -> str:
        if urlsplit(calls.checked(url)).query:
            raise ValueError("must not have a query")
        return url.rstrip("/")

    @field_validator("authorization")
    @classmethod
    def _header(cls, authorization: SecretStr) -> SecretStr:
        text = authorization.get_secret_value()
        if not (text.isascii() and text.isprintable()):
            raise ValueError("must be printable ASCII")
        return authorization

    @field_validator("ca_certificates")
    @classmethod
    def _readable(cls, pem: str) -> str:
        if pem:
            signatures.authorities(pem)
        return pem


class _Identity(BaseModel):
    identity_type: str
    identity_format: str


class Discovery(BaseModel):
    """What a processor says it can do."""

    supported_identities: list[_Identity]
    supported_subject_request_types: list[str]
    processor_certificate: str


class _Created(BaseModel):
    subject_request_id: str
    expected_completion_time: str | None = None


class _Distribution(BaseModel):
    name: str = ""
    domain: str = ""
    status: str = ""


class _Extension(BaseModel):
    distribution_status: list[_Distribution] | None = None


class _Status(_Created):
    request_status: str
    results_url: str | None = None
    results_count: int | None = None
    extensions: dict[str, Any] | None = None


def _forms(person: Person) -> Iterator[list[tuple[str, str, str]]]:
    """Each identity in all forms that can be said of it, as type, format and value; the most sparing form first."""
    yield from ([("controller_customer_id", "raw", profile_id)] for profile_id in person.profile_ids)
    for symbol, value in person.identities:
        if symbol in _RAW_TYPES:
            yield [(_RAW_TYPES[symbol], "raw", value)]
        elif symbol == "Email_LC_SHA256":
            clear = person.clear.get(value, ())[:1]
            yield [
                ("email", "sha256", value),
                *(("email", form, of(text)) for form, of in _CLEAR_FORMS.items() for text in clear),
            ]


def request_id(person: Person, kind: str) -> str:
    """The UUID (version 4 in form, as required) of a request: the same for a repeat, which so does nothing new.

    After a refusal it is another: the processor knows the first one as cancelled, and for ever.
    """
    again = f"/{person.refusals}" if person.refusals else ""
    digest = hashlib.sha256(f"opendsr/{kind}/{person.request_id}{again}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


class Processor:
    """The processor of the settings. Discovery and certificate are fetched once, when first needed."""

    def __init__(self, settings: OpenDsrSettings) -> None:
        self._settings = settings
        self._domain = urlsplit(settings.url).hostname or ""
        secret = settings.authorization.get_secret_value()
        self._headers = {"authorization": secret} if secret else {}

    @cached_property
    def discovery(self) -> Discovery:
        """What the processor supports."""
        answer = calls.call("GET", f"{self._settings.url}/discovery", self._headers)
        return calls.read(calls.expect(answer, 200), Discovery)

    def certified(self) -> RSAPublicKey:
        """The key of the processor's certificate; ConnectorError `bad_signature` unless that is valid."""
        return self._key

    @cached_property
    def _key(self) -> RSAPublicKey:
        url = self.discovery.processor_certificate
        # Wherever it is hosted, without our credential: its issuer vouches for it, not its host.
        answer = calls.expect(calls.call("GET", url, {"accept": "*/*"}), 200)
        trusted = signatures.authorities(self._settings.ca_certificates)
        try:
            return signatures.trusted_key(answer.body, self._domain, trusted, clock.now())
        except signatures.SignatureError as error:
            raise _bad_signature("certificate", str(error)) from None

    def check_credential(self) -> None:
        """Raise ConnectorError when the processor does not let us ask for a request. Any other answer will do."""
        nobodys = str(uuid.UUID(int=0, version=4))
        answer = self._call("GET", f"/{nobodys}")
        if answer.status in (401, 403):
            calls.expect(answer, 200)

    def create(self, kind: str, person: Person) -> State:
        """Hand in a request (`erasure`, `access`), or find the one of an earlier attempt."""
        self.certified()  # before anything of the person leaves
        reference = request_id(person, kind)
        body = {
            "api_version": "2.0",
            "regulation": "ccpa" if person.regulation in _CALIFORNIAN else "gdpr",
            "subject_request_id": reference,
            "subject_request_type": kind,
            "submitted_time": clock.to_text(person.submitted_at),
            "subject_identities": self._identities(kind, person),
        }
        if self._settings.property_id:
            body["property_id"] = self._settings.property_id
        answer = self._call("POST", "", json.dumps(body).encode())
        if answer.status in (400, 409) and (earlier := self.status(reference)):
            return self.state_of(earlier)
        if answer.status == 409:
            detail = "the processor is still working on another request for the same identities"
            raise ConnectorError("unavailable", detail, transient=True)
        created = calls.read(self._signed(calls.expect(answer, 200, 201, 202)), _Created)
        self._same(created, reference)
        return State(Status.SENT, expected_at=calls.lenient_time(created.expected_completion_time))

    def status(self, reference: str) -> _Status | None:
        """What the processor says of a request; None when it does not know it."""
        answer = self._call("GET", f"/{reference}")
        if answer.status in (404, 410):
            return None
        found = calls.read(self._signed(calls.expect(answer, 200)), _Status)
        self._same(found, reference)
        return found

    def state(self, reference: str) -> State:
        """Where a request stands."""
        found = self.status(reference)
        return self.state_of(found) if found else State(Status.FAILED, "the processor does not know the request")

    def state_of(self, found: _Status) -> State:
        """OpenDSR's status as ours. Underscores and hyphens, one l and two: processors differ."""
        status = _STATUS.get(_spelt(found.request_status), Status.SENT)
        detail = "cancelled at the processor" if status is Status.REFUSED else ""
        # Under whatever domain: a processor's may be another than its host, and it has signed all of them.
        parts = tuple(part for each in (found.extensions or {}).values() for part in _forwarded(each))
        if status is Status.CONFIRMED and any(part.status is Status.PENDING for part in parts):
            status, detail = Status.SENT, "the processor is done; systems that it forwards to are not"
        return State(status, detail, parts, calls.lenient_time(found.expected_completion_time))

    def results(self, url: str) -> list[Record]:
        """What an access request has brought, in whatever form the processor chose."""
        headers = self._headers if calls.same_origin(url, self._settings.url) else {}
        answer = calls.expect(calls.call("GET", url, headers), 200)
        try:
            body = json.loads(answer.body)
        except ValueError:
            content_type = answer.headers.get("content-type", "application/octet-stream")
            content = base64.b64encode(answer.body).decode()
            return [Record("results", {"content_type": content_type, "base64": content})]
        rows = body if isinstance(body, list) else [body]
        return [Record("results", row if isinstance(row, dict) else {"value": row}) for row in rows]

    def unasked(self, person: Person) -> str:
        """The kinds of identities of the person that the processor knows people by, and cannot be told in its forms."""
        supported = self._supported
        knows_addresses = any(name == "email" for name, _ in supported)
        addresses = [forms for forms in _forms(person) if forms[0][0] == "email"]
        lacks = knows_addresses and any(supported.isdisjoint(form[:2] for form in forms) for forms in addresses)
        return " and ".join(filter(None, ("an e-mail address" if lacks else "", others(person))))

    @property
    def _supported(self) -> set[tuple[str, str]]:
        return {(each.identity_type, each.identity_format) for each in self.discovery.supported_identities}

    def _identities(self, kind: str, person: Person) -> list[dict[str, str]]:
        if kind not in self.discovery.supported_subject_request_types:
            raise not_asked(f"it takes no requests of type {kind}")
        usable = []
        for forms in _forms(person):
            if known := next((each for each in forms if each[:2] in self._supported), None):
                name, form, value = known
                usable.append({"identity_type": name, "identity_format": form, "identity_value": value})
        if not usable:
            raise not_asked("it knows people by no identity that is known here")
        return usable

    def _call(self, method: str, path: str, body: bytes = b"") -> Answer:
        headers = self._headers | ({"content-type": "application/json"} if body else {})
        return calls.call(method, f"{self._settings.url}/{self._settings.requests_path}{path}", headers, body)

    def _signed(self, answer: Answer) -> Answer:
        try:
            signatures.verify(answer.body, answer.headers, self._domain, self._key)
        except signatures.SignatureError as error:
            raise _bad_signature("signature", str(error)) from None
        return answer

    def _same(self, answer: _Created, reference: str) -> None:
        """A signed answer about another request, replayed, is no answer."""
        if answer.subject_request_id.lower() != reference:
            raise _bad_signature("replay", "the answer is about another request")


def _spelt(status: str) -> str:
    return status.lower().replace("-", "_")


def _bad_signature(reason: str, detail: str) -> ConnectorError:
    """The error, counted; without an alarm, as whoever sets a connector up chooses the system that answers it."""
    measure("RefusedSignatures", 1, reason=reason, protocol="opendsr")
    return ConnectorError("bad_signature", detail)


def _forwarded(extension: Any) -> tuple[Part, ...]:
    """The systems the processor forwards to, where its extension tells."""
    try:
        found = _Extension.model_validate(extension).distribution_status or []
    except ValidationError:
        return ()
    return tuple(Part(each.name or each.domain, _FORWARDED.get(_spelt(each.status), Status.SENT)) for each in found)
