"""Requests that came many at once: the list that a worker makes them from, and what became of each.

pk             sk    item
BULK#{s}       {id}  bulk; expires
BULKS_OPEN#{s} {id}  bulk of which requests are still to be made

subjects/{sandbox}/{bulk}.json  its requests and their subjects, each as it is going to be kept; deleted with the last
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from handfast.connectors.store import PRIVACY
from handfast.journal.models import Actor
from handfast.platform import clock, objects, table
from handfast.platform.items import ItemKind
from handfast.platform.queues import Message, send
from handfast.platform.table import UNCONDITIONAL, Delete, Item, Put, Update
from handfast.platform.wire import Packed, TableItem
from handfast.privacy_requests import contact_store, subject_store
from handfast.privacy_requests.models import Contact, PrivacyRequest, Subject
from handfast.privacy_requests.store import REQUEST

KEPT = timedelta(days=30)
"""How long it can be read what became of a bulk."""


@dataclass(frozen=True)
class BulkEntry(TableItem):
    """A request of a bulk, or the problem for which there is none."""

    privacy_request_id: str | None = None
    problem: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class PrivacyBulk(TableItem):
    """Many requests that were taken together: `done` of `total` have been made or found to be there already."""

    bulk_id: str
    sandbox_id: str
    created_at: str
    actor: Packed[Actor]
    entries: Packed[tuple[BulkEntry, ...]]
    total: int
    done: int = 0
    ended_at: str | None = None


@dataclass(frozen=True)
class Accepted:
    """A request that is still to be made: its subject and contact as they are kept, and the digest of its code."""

    request: PrivacyRequest
    subject: Item
    code_digest: str | None = None
    contact: Mapping[str, str] | None = None


_BULK = ItemKind("privacy_bulk", PrivacyBulk, PRIVACY)


def _key(sandbox_id: str) -> str:
    return f"BULK#{sandbox_id}"


def _open_key(sandbox_id: str) -> str:
    return f"BULKS_OPEN#{sandbox_id}"


def _list_key(sandbox_id: str, bulk_id: str) -> str:
    return f"{subject_store.ROOT}{sandbox_id}/{bulk_id}.json"


def accepted(
    request: PrivacyRequest, subject: Subject, code_digest: str | None, contact: Contact | None = None
) -> Accepted:
    """A request as the list holds it: with no more of its person than is kept of a request that comes alone."""
    of = request.sandbox_id, request.privacy_request_id
    written_to = contact_store.document(*of, contact) if contact else None
    return Accepted(request, subject_store.document(*of, subject), code_digest, written_to)


def create(new: PrivacyBulk, listed: Sequence[Accepted]) -> None:
    """Keep a bulk with its list: from then on each of its requests is going to be made, whoever dies."""
    rows = [
        {
            "request": REQUEST.dump(one.request, "", ""),
            "subject": one.subject,
            "codeDigest": one.code_digest,
            "contact": one.contact,
        }
        for one in listed
    ]
    objects.write_json(_list_key(new.sandbox_id, new.bulk_id), rows, replaces=None)
    expires = int((clock.now() + KEPT).timestamp())
    marker = Put(PRIVACY, {"pk": _open_key(new.sandbox_id), "sk": new.bulk_id})
    table.transact([_BULK.put(new, _key(new.sandbox_id), new.bulk_id, ttl=expires), marker])


def bulk(sandbox_id: str, bulk_id: str) -> PrivacyBulk | None:
    """A bulk; None for an unknown one, and when it has expired."""
    return _BULK.get(_key(sandbox_id), bulk_id)


def listed(sandbox_id: str, bulk_id: str) -> list[Accepted] | None:
    """The requests that a bulk is made of; None once all are made."""
    key = _list_key(sandbox_id, bulk_id)
    read = objects.read_json(key) if objects.find(key) else None
    return (
        [
            Accepted(REQUEST.load(row["request"]), row["subject"], row["codeDigest"], row.get("contact"))
            for row in read[0]
        ]
        if read
        else None
    )


def bulk_of(sandbox_id: str, privacy_request_id: str) -> str | None:
    """The bulk from which a request is still to be made."""
    for marker in table.query(PRIVACY, _open_key(sandbox_id)):
        found = bulk(sandbox_id, marker["sk"])
        if found and any(entry.privacy_request_id == privacy_request_id for entry in found.entries):
            return found.bulk_id
    return None


def progressed(of: PrivacyBulk) -> None:
    """Keep how far a bulk is."""
    facts = _BULK.dump(of, "", "")
    assign = {name: facts[name] for name in ("done", "entries")}
    table.apply(Update(PRIVACY, _key(of.sandbox_id), of.bulk_id, assign=assign))


def end(of: PrivacyBulk) -> None:
    """Note that all of a bulk's requests are made, and forget its list. Safe to repeat."""
    ended = {"endedAt": of.ended_at or clock.now_text()}
    marker = Delete(PRIVACY, _open_key(of.sandbox_id), of.bulk_id, UNCONDITIONAL)
    table.transact([Update(PRIVACY, _key(of.sandbox_id), of.bulk_id, assign=ended), marker])
    forget_list(of.sandbox_id, of.bulk_id)


def forget_list(sandbox_id: str, bulk_id: str) -> None:
    """Delete a bulk's list."""
    objects.delete(_list_key(sandbox_id, bulk_id))


def waiting() -> Iterator[tuple[str, str]]:
    """Sandbox and id of the bulks whose lists are there."""
    for sandbox_id, name in subject_store.names():
        if name.startswith("bulk_"):
            yield sandbox_id, name


def wake(sandbox_id: str, bulk_id: str) -> None:
    """Have a worker make a bulk's requests."""
    send("PRIVACY_QUEUE_URL", [Message({"sandboxId": sandbox_id, "bulk": bulk_id})])
