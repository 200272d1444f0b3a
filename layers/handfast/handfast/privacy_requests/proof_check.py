"""Checking offline what proves a request: a history file or a receipt, against the keys that are trusted. Pure."""

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, computed_field

from handfast.journal.chain import GENESIS, record_hash
from handfast.platform.problems import Malformed
from handfast.platform.wire import View
from handfast.privacy_requests.proof import (
    KEY_BYTES,
    History,
    Receipt,
    Record,
    Signature,
    SignedDocument,
    canonical,
    decoded,
    fault,
    parsed,
    places,
    read_receipt,
)

_Document: TypeAdapter[History | Receipt] = TypeAdapter(
    Annotated[History | Receipt, Field(discriminator="type")], config=ConfigDict(defer_build=True)
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


def verify(data: bytes, *trusted_keys: str) -> Report:
    """Check a history file, or a signed receipt: every link, every signature. Needs the file and the keys alone.

    `trusted_keys`, public keys in base64, must have signed the file and each receipt in it: whoever makes a file up can
    sign it with a key of their own, so nothing holds by a key that was not named. Raises Malformed when one is no key.
    """
    for trusted_key in trusted_keys:
        _refuse_other_than_key(trusted_key)
    try:
        content = parsed(data)
        as_written = canonical(content) == data
        signed = SignedDocument.model_validate(content)
        document = _Document.validate_python(signed.document)
    except ValidationError as error:
        return Report(checks=(_failed("file", f"neither a history nor a receipt: {places(error)}"),))
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


def _refuse_other_than_key(text: str) -> None:
    try:
        decoded(text, KEY_BYTES)
    except ValueError as error:
        raise Malformed(f"a public key is {KEY_BYTES} bytes in base64") from error
