"""Reading privacy requests: one, its history, and how those of a time were answered (docs/api.md, Privacy)."""

from datetime import date, timedelta

from handfast.journal.models import Caller
from handfast.platform import clock, secret
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.privacy_requests import bulk_store, intake, list_store, proof, recipient_store, store
from handfast.privacy_requests.metrics import Metrics
from handfast.privacy_requests.metrics import metrics as count
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.views import view
from handfast.privacy_requests.wire import PrivacyRequestView, ReceiptKey, ReceiptKeys

_MAX_PERIOD = timedelta(days=732)


def get(caller: Caller, privacy_request_id: str) -> PrivacyRequestView:
    """One request.

    Raises NotFound for an unknown request, Conflict while a bulk's is still to be made.
    """
    return view(load(caller, privacy_request_id))


def load(caller: Caller, privacy_request_id: str) -> PrivacyRequest:
    """One request as it is kept.

    Raises NotFound for an unknown request, Conflict while a bulk's is still to be made.
    """
    found = store.request(caller.sandbox_id, privacy_request_id)
    if found is None:
        if bulk_id := bulk_store.bulk_of(caller.sandbox_id, privacy_request_id):
            raise Conflict("it is accepted and about to be made; try again soon", current="accepted", bulkId=bulk_id)
        raise NotFound("no such privacy request")
    return found


def history(caller: Caller, privacy_request_id: str) -> bytes:
    """All that was recorded of a request, with its receipts, signed: a file that anyone can check offline.

    Raises NotFound for an unknown request, Conflict while a bulk's is still to be made.
    """
    request = load(caller, privacy_request_id)
    receipts = [
        proof.SignedDocument.model_validate(dict(recipient.receipt))
        for recipient in recipient_store.recipients(caller.sandbox_id, privacy_request_id)
        if recipient.receipt
    ]
    records = store.history(privacy_request_id)
    built_at, seed = clock.now_text(), secret.derived(secret.RECEIPTS, "receipts")
    return proof.build_history(privacy_request_id, request.origin.root_id, records, receipts, built_at, seed)


def metrics(caller: Caller, first: date | None, last: date | None) -> Metrics:
    """How the requests received from one day to another, in this year so far without, were answered.

    Raises Refused for more than two years.
    """
    calendar = intake.calendar_of(caller.on)
    last = last or calendar.day_of(clock.now())
    first = first or last.replace(month=1, day=1)
    if not timedelta() <= last - first < _MAX_PERIOD:
        raise Refused("from must not be after to, nor more than two years before it", reason="period")
    made = list_store.made_since(caller.sandbox_id, calendar.end_of(first - timedelta(days=1)))
    return count(made, calendar, first, last)


def receipt_keys() -> ReceiptKeys:
    """The keys that the deployment's histories and receipts are signed with, the one that signs now first."""
    keys = [proof.public_key(seed) for seed in secret.accepted(secret.RECEIPTS, "receipts")]
    return ReceiptKeys(keys=[ReceiptKey(key_id=proof.key_id(key), public_key=key) for key in keys])
