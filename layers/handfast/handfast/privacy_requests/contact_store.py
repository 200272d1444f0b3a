"""Where people are written to about their requests: encrypted, until the last message has been sent.

subjects/{sandbox}/contact_{privacyRequest}.json  the address, its language and a one-time code, encrypted
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from handfast.platform import objects, secret
from handfast.platform.ids import first_id
from handfast.privacy_requests import subject_store
from handfast.privacy_requests.models import Contact

_PREFIX = "contact_"


def _key(sandbox_id: str, privacy_request_id: str) -> str:
    return f"{subject_store.ROOT}{sandbox_id}/{_PREFIX}{privacy_request_id}.json"


def create(sandbox_id: str, privacy_request_id: str, contact: Contact) -> None:
    """Keep where the person of a request that is being made is written to."""
    create_document(sandbox_id, privacy_request_id, document(sandbox_id, privacy_request_id, contact))


def document(sandbox_id: str, privacy_request_id: str, contact: Contact) -> dict[str, str]:
    """What is kept of where the person of a request is written to."""
    return _sealed(_key(sandbox_id, privacy_request_id), contact)


def create_document(sandbox_id: str, privacy_request_id: str, document: Mapping[str, str]) -> None:
    """Keep a `document`, unless it is kept already."""
    with suppress(objects.LostRaceError):
        objects.write_json(_key(sandbox_id, privacy_request_id), document, replaces=None)


def _sealed(key: str, contact: Contact) -> dict[str, str]:
    return {"contact": secret.sealed(secret.PRIVACY, "subjects", key, json.dumps(asdict(contact)).encode())}


def get(sandbox_id: str, privacy_request_id: str) -> Contact | None:
    """Where the person of a request is written to; None once that is forgotten."""
    key = _key(sandbox_id, privacy_request_id)
    read = objects.read_json(key) if objects.find(key) else None
    return Contact(**json.loads(secret.opened(secret.PRIVACY, "subjects", key, read[0]["contact"]))) if read else None


def delete(sandbox_id: str, privacy_request_id: str) -> None:
    """Forget where the person was written to."""
    objects.delete(_key(sandbox_id, privacy_request_id))


def reseal() -> int:
    """Encrypt all addresses by the version of the secret that is in force; returns how many."""
    resealed = 0
    for sandbox_id, name in list(_names()):
        key, contact = _key(sandbox_id, name), get(sandbox_id, name)
        if contact:
            with suppress(objects.LostRaceError):
                objects.write_json(key, _sealed(key, contact), replaces=objects.find(key))
                resealed += 1
    return resealed


def made_before(at: datetime) -> Iterator[tuple[str, str]]:
    """Sandbox and id of the requests made before then, or never made, whose person's address is kept."""
    for sandbox_id, name in _names():
        if name < first_id("prq", at):
            yield sandbox_id, name


def _names() -> Iterator[tuple[str, str]]:
    for sandbox_id, name in subject_store.names():
        if name.startswith(_PREFIX):
            yield sandbox_id, name.removeprefix(_PREFIX)
