"""What proves a request offline: recipients' receipts and the request's whole history, signed with Ed25519 (RFC 8032).

A signature is over the document's canonical JSON: sorted names, no white space, UTF-8, whole numbers only (RFC 8785
for names in ASCII). A file is canonical itself, so that not one byte of it changes unnoticed. Pure: the seed of the
key comes from `secret.derived(secret.RECEIPTS, "receipts")`.
"""

import base64
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, computed_field
from pydantic.alias_generators import to_camel

from handfast.journal.chain import GENESIS, record_hash
from handfast.journal.models import ErasureScope
from handfast.platform.problems import Malformed
from handfast.platform.wire import Name, View

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


_Document: TypeAdapter[History | Receipt] = TypeAdapter(
    Annotated[History | Receipt, Field(discriminator="type")], config=ConfigDict(defer_build=True)
)
_MEMBERS = frozenset(
    to_camel(name) for form in (SignedDocument, Signature, Receipt, Record, History) for name in form.model_fields
)


class Check(View):
    """One thing that was checked, and what was found."""

    subject: str
    holds: bool
    detail: str


class Report(View):
    """What a file proves. `trusted`: it is signed with a key that was named."""

    checks: tuple[Check, ...]
    type: str | None = None
    privacy_request_id: str | None = None
    root_id: str | None = None
    key_id: str | None = None
    public_key: str | None = None
    trusted: bool = False

    @computed_field  # type: ignore[prop-decorator]
    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> str:
        """The outcome in a sentence or two."""
        failed = [check.subject for check in self.checks if not check.holds]
        if failed == ["key"]:
            return (
                f"Whole, but not verified: it is signed with the key {self.key_id}, {self.public_key}. The file cannot "
                "tell whose key that is: compare it with one you have from the deployment, and name it."
            )
        if failed:
            return f"Does not hold: {len(failed)} of {len(self.checks)} checks failed."
        return f"Holds, and is signed with the key you named, {self.key_id}."


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
    read = _parsed(canonical(document))
    key = public_key(seed)
    value = _private_key(seed).sign(canonical(read))
    return SignedDocument(document=read, signature=Signature(key_id=key_id(key), public_key=key, value=_encoded(value)))


def fault(signed: SignedDocument) -> str | None:
    """Why the signature does not hold, or None when it does. Whose key it is, is another question."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    signature = signed.signature
    try:
        key = _decoded(signature.public_key, KEY_BYTES)
        value = _decoded(signature.value, _SIGNATURE_BYTES)
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
        raise Malformed(f"this is no receipt: {_places(error)}") from error


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
    record = _parsed(canonical(content))
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


def verify(data: bytes, *trusted_keys: str) -> Report:
    """Check a history file, or a signed receipt: every link, every signature. Needs the file and the keys alone.

    `trusted_keys`, public keys in base64, must have signed the file and each receipt in it: whoever makes a file up can
    sign it with a key of their own, so nothing holds by a key that was not named. Raises Malformed when one is no key.
    """
    for trusted_key in trusted_keys:
        _refuse_other_than_key(trusted_key)
    try:
        content = _parsed(data)
        as_written = canonical(content) == data
        signed = SignedDocument.model_validate(content)
        document = _Document.validate_python(signed.document)
    except ValidationError as error:
        return Report(checks=(_failed("file", f"neither a history nor a receipt: {_places(error)}"),))
    except (ValueError, RecursionError):
        return Report(checks=(_failed("file", "cannot be read as canonical JSON"),))
    signature, found = signed.signature, fault(signed)
    checks = [
        _check("file", None if as_written else "not byte for byte as it was written", "as it was written"),
        _check("signature", found, f"by the key {signature.key_id}"),
    ]
    checks.append(_check("key", _untrusted(signature, trusted_keys), "one that you named"))
    if isinstance(document, History):
        checks += _history_checks(document, trusted_keys)
    return Report(
        checks=tuple(checks),
        type=document.type,
        privacy_request_id=document.privacy_request_id,
        root_id=document.root_id,
        key_id=signature.key_id,
        public_key=signature.public_key,
        trusted=found is None and signature.public_key in trusted_keys,
    )


def _untrusted(signature: Signature, trusted_keys: Collection[str]) -> str | None:
    if signature.public_key in trusted_keys:
        return None
    return f"signed with {signature.public_key}, which is no key that you named"


def _history_checks(history: History, trusted_keys: Collection[str]) -> Iterator[Check]:
    previous = GENESIS
    for sequence, record in enumerate(history.records, start=1):
        found = _break(record, sequence, previous, history.privacy_request_id)
        yield _check(f"record {sequence}", found, f"{record.type} at {record.at}")
        previous = record.hash
    yield _check("head", None if history.head == previous else "not the hash of the last record", history.head)
    for number, receipt in enumerate(history.receipts, start=1):
        yield _receipt_check(f"receipt {number}", receipt, history.root_id, trusted_keys)


def _break(record: Record, sequence: int, previous: str, privacy_request_id: str) -> str | None:
    if record.sequence != sequence:
        return f"numbered {record.sequence}"
    if record.subject != privacy_request_id:
        return "of another request"
    if record.previous_hash != previous:
        return "does not follow the one before it"
    if record.hash != record_hash(record.as_json()):
        return "the content is not what was hashed"
    return None


def _receipt_check(subject: str, signed: SignedDocument, root_id: str, trusted_keys: Collection[str]) -> Check:
    try:
        receipt = read_receipt(signed)
    except Malformed as error:
        return _failed(subject, error.detail)
    if receipt.root_id != root_id:
        return _failed(subject, "answers another request")
    found = _untrusted(signed.signature, trusted_keys)
    by = f"by the key {signed.signature.key_id}"
    return _check(subject, found, f"{receipt.recipient}: {receipt.outcome} at {receipt.at}, {by}")


def _check(subject: str, found: str | None, otherwise: str) -> Check:
    return Check(subject=subject, holds=found is None, detail=otherwise if found is None else found)


def _failed(subject: str, found: str) -> Check:
    return Check(subject=subject, holds=False, detail=found)


def _parsed(data: bytes) -> dict[str, Any]:
    parsed = json.loads(data.decode(), parse_float=_no_number, parse_constant=_no_number)
    if not isinstance(parsed, dict):
        raise ValueError("a document is an object")  # noqa: TRY004 - of the content, not of the argument
    return parsed


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no whole number")


def _places(error: ValidationError) -> str:
    """Where a form does not fit, by its own members only: what else stands in a file is not repeated."""
    found = [
        ("/".join(str(part) for part in entry["loc"] if isinstance(part, int) or part in _MEMBERS), entry["type"])
        for entry in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return ", ".join(f"{place or 'document'} ({kind})" for place, kind in found[:5])


def _refuse_other_than_key(text: str) -> None:
    try:
        _decoded(text, KEY_BYTES)
    except ValueError as error:
        raise Malformed(f"a public key is {KEY_BYTES} bytes in base64") from error


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str, length: int) -> bytes:
    """Raises ValueError for anything but the one way to write that many bytes."""
    data = base64.b64decode(text, validate=True)
    if len(data) != length or _encoded(data) != text:
        raise ValueError("not canonical base64 of that length")
    return data
