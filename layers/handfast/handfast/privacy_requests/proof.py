"""What proves a request offline: recipients' receipts and the request's whole history, signed with Ed25519 (RFC 8032).

A signature is over the document's canonical JSON: sorted names, no white space, UTF-8, whole numbers only (RFC 8785
for names in ASCII). A file is canonical itself, so that not one byte of it changes unnoticed. Pure: the seed of the
key comes from `secret.derived(secret.RECEIPTS, "receipts")`.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from handfast.journal.chain import GENESIS, record_hash
from handfast.journal.models import ErasureScope
from handfast.platform.problems import Malformed
from handfast.platform.wire import Name

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

type Outcome = Literal["confirmed", "absent", "not_supported", "refused", "failed"]

KEY_BYTES = 32
_SIGNATURE_BYTES = 64

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z+/]{43}=$")]
_KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
_RecordType = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)*$")]
_Time = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$")]


class _Form(BaseModel):
    """What is signed has exactly these members, of exactly these types."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        strict=True,
        frozen=True,
        defer_build=True,
    )

    def as_json(self) -> dict[str, Any]:
        """As it is sent and stored, names in camelCase."""
        return self.model_dump(by_alias=True)


class Signature(_Form):
    """`value` and `public_key` in base64; `key_id` names the key in few characters."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    key_id: _KeyId
    public_key: _Key
    value: str


class SignedDocument(_Form):
    """A document and the signature over it."""

    document: dict[str, Any]
    signature: Signature


class Receipt(_Form):
    """A recipient's answer to a request that was passed on to it; nothing in it names or keys a person.

    `privacy_request_id` is the recipient's own request, `root_id` the one at its origin, `counts` those that the
    question named. `scope` of an erasure: whether what its sender had delivered is gone, or everything.
    """

    type: Literal["privacy_receipt"] = "privacy_receipt"
    version: Literal[1] = 1
    privacy_request_id: Name
    root_id: Name
    recipient: Name
    outcome: Outcome
    at: _Time
    counts: dict[str, Annotated[int, Field(ge=0)]]
    scope: ErasureScope | None = None


class Record(_Form):
    """An entry of a request's history, chained as the activity log is; `subject` is the request's id."""

    sequence: int
    type: _RecordType
    at: _Time
    actor: dict[str, Any]
    subject: str
    detail: dict[str, Any]
    previous_hash: str
    hash: _Hash


class History(_Form):
    """All that was recorded of a request: its chain of records, its head, and the receipts that came."""

    type: Literal["privacy_request_history"] = "privacy_request_history"
    version: Literal[1] = 1
    privacy_request_id: Name
    root_id: Name
    built_at: _Time
    records: Annotated[list[Record], Field(min_length=1)]
    receipts: list[SignedDocument]
    head: _Hash


_MEMBERS = frozenset(
    to_camel(name) for form in (SignedDocument, Signature, Receipt, Record, History) for name in form.model_fields
)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one sequence of bytes that a document is signed as. Raises ValueError for text that is no Unicode."""
    text = json.dumps(dict(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def _private_key(seed: bytes) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - few calls sign

    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(seed: bytes) -> str:
    """The public key, in base64, of the key with that seed of 32 bytes."""
    return _encoded(_private_key(seed).public_key().public_bytes_raw())


def key_id(key: str) -> str:
    """The short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(base64.b64decode(key)).hexdigest()[:16]


def sign(document: Mapping[str, Any], seed: bytes) -> SignedDocument:
    """The document, signed with the key of that seed. Raises ValueError for a number that is not whole."""
    read = parsed(canonical(document))
    key = public_key(seed)
    value = _private_key(seed).sign(canonical(read))
    return SignedDocument(document=read, signature=Signature(key_id=key_id(key), public_key=key, value=_encoded(value)))


def fault(signed: SignedDocument) -> str | None:
    """Why the signature does not hold, or None when it does. Whose key it is, is another question."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    signature = signed.signature
    try:
        key = decoded(signature.public_key, KEY_BYTES)
        value = decoded(signature.value, _SIGNATURE_BYTES)
        if signature.key_id != key_id(signature.public_key):
            return "the key's id is not that of the public key"
        Ed25519PublicKey.from_public_bytes(key).verify(value, canonical(signed.document))
    except ValueError:
        return "the public key or the signature is not one"
    except InvalidSignature:
        return "the content is not what was signed"
    return None


def sign_receipt(receipt: Receipt, seed: bytes) -> SignedDocument:
    """The receipt as the recipient sends it."""
    # Without what it does not say, so that who knows receipts of before reads it.
    return sign(receipt.model_dump(by_alias=True, exclude_none=True), seed)


def read_receipt(signed: SignedDocument) -> Receipt:
    """The receipt in it. Raises Malformed when it is none or its signature does not hold."""
    found = fault(signed)
    if found:
        raise Malformed(f"the receipt does not hold: {found}")
    try:
        return Receipt.model_validate(signed.document)
    except ValidationError as error:
        raise Malformed(f"this is no receipt: {places(error)}") from error


def next_record(
    previous: Mapping[str, Any] | None,
    *,
    record_type: str,
    at: str,
    actor: Mapping[str, Any],
    privacy_request_id: str,
    detail: Mapping[str, Any],
) -> dict[str, Any]:
    """The record that follows `previous` (None: the first) in a request's history, ready to be stored.

    `detail` holds ids, counts and reasons, never an identity. Raises ValueError for a number that is not whole.
    """
    content = {
        "sequence": previous["sequence"] + 1 if previous else 1,
        "type": record_type,
        "at": at,
        "actor": dict(actor),
        "subject": privacy_request_id,
        "detail": dict(detail),
        "previousHash": previous["hash"] if previous else GENESIS,
    }
    # Hashed as it will be read back.
    record = parsed(canonical(content))
    return record | {"hash": record_hash(record)}


def build_history(
    privacy_request_id: str,
    root_id: str,
    records: Iterable[Mapping[str, Any]],
    receipts: Iterable[SignedDocument],
    built_at: str,
    seed: bytes,
) -> bytes:
    """The history file, to be handed over byte for byte.

    The chain is signed as it is kept, whole or broken: `verify` tells which. Raises ValueError for records that are
    none, or when there is not one.
    """
    kept = [Record.model_validate(dict(record)) for record in records]
    history = History(
        privacy_request_id=privacy_request_id,
        root_id=root_id,
        built_at=built_at,
        records=kept,
        receipts=list(receipts),
        head=kept[-1].hash if kept else "",
    )
    return canonical(sign(history.as_json(), seed).as_json())


def parsed(data: bytes) -> dict[str, Any]:
    """The object in JSON bytes. Raises ValueError for other content and for a number that is not whole."""
    parsed = json.loads(data.decode(), parse_float=_no_number, parse_constant=_no_number)
    if not isinstance(parsed, dict):
        raise ValueError("a document is an object")  # noqa: TRY004 - of the content, not of the argument
    return parsed


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no whole number")


def places(error: ValidationError) -> str:
    """Where a form does not fit, by its own members only: what else stands in a file is not repeated."""
    found = [
        ("/".join(str(part) for part in entry["loc"] if isinstance(part, int) or part in _MEMBERS), entry["type"])
        for entry in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return ", ".join(f"{place or 'document'} ({kind})" for place, kind in found[:5])


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(text: str, length: int) -> bytes:
    """Raises ValueError for anything but the one way to write that many bytes."""
    data = base64.b64decode(text, validate=True)
    if len(data) != length or _encoded(data) != text:
        raise ValueError("not canonical base64 of that length")
    return data
