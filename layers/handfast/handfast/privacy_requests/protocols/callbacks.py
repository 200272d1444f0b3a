"""Telling controllers and agents where their requests stand: at least once for each change, until they took it.

What is sent is the state as it is then, so a late attempt never tells an old one; a receiver that has been told it
already is left alone.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.platform import sender
from handfast.platform.sender import Outcome
from handfast.privacy_requests import store
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.drp import states as drp
from handfast.privacy_requests.protocols.opendsr import certificate
from handfast.privacy_requests.protocols.opendsr import states as opendsr
from handfast.privacy_requests.protocols.opendsr.wire import OpenDsrCallback
from handfast.privacy_requests.protocols.store import Intake

_QUEUE = "PRIVACY_QUEUE_URL"


def deliver(message: Mapping[str, Any]) -> None:
    """Tell all receivers of a request's callbacks, or with `target` one of them, once its time has come."""
    if sender.put_off(_QUEUE, message):
        return
    request = store.request(message["sandboxId"], message["callback"])
    arrived = protocols.intake(message["callback"])
    if request is None or arrived is None:
        raise LookupError("no such request with callbacks")
    for target in _targets(message, arrived):
        _tell(request, arrived, target, message.get("attempt", 1))


def give_up(message: Mapping[str, Any]) -> None:
    """Tell in the log that a callback whose message went wrong here for the last time has not been made."""
    request = store.request(message["sandboxId"], message["callback"])
    arrived = protocols.intake(message["callback"])
    if request is not None and arrived is not None:
        for target in _targets(message, arrived):
            _note_failed(request, arrived.callbacks[target], message.get("attempt", 1))


def _targets(message: Mapping[str, Any], arrived: Intake) -> Iterable[int]:
    return [message["target"]] if "target" in message else range(len(arrived.callbacks))


def _note_failed(request: PrivacyRequest, url: str, attempts: int) -> None:
    detail = {"host": urlsplit(url).hostname or "", "requestType": request.type, "attempts": attempts}
    failed = "privacy_request.callback_failed"
    commit([], [Event(request.sandbox_id, failed, Actor.system(), request.privacy_request_id, detail)])


def _tell(request: PrivacyRequest, arrived: Intake, target: int, attempt: int) -> None:
    url = arrived.callbacks[target]
    written = _written(request, arrived, url)
    digest = sha256(written[0]).hexdigest() if written else ""
    if written and arrived.notified.get(str(target)) == digest:
        return
    outcome = sender.post(url, *written) if written else Outcome(error="no_certificate")
    if outcome.delivered:
        protocols.note_told(request.privacy_request_id, target, digest)
        return
    pointer = {"sandboxId": request.sandbox_id, "callback": request.privacy_request_id, "target": target}
    if sender.follow_up(_QUEUE, {**pointer, "attempt": attempt}, outcome) is None:
        _note_failed(request, url, attempt)


def _written(request: PrivacyRequest, arrived: Intake, url: str) -> tuple[bytes, dict[str, str]] | None:
    """The body and the headers of a callback; None while there is nothing to sign with."""
    if request.protocol == "drp":
        return drp.state(request, arrived).model_dump_json().encode(), {}
    own = certificate.current()
    if own is None:
        return None
    from handfast.privacy_requests.protocols.opendsr import signing  # noqa: PLC0415 - few messages are signed

    callback = OpenDsrCallback(**opendsr.state(request, arrived, own).__dict__, status_callback_url=url)
    body = callback.model_dump_json().encode()
    return body, signing.signature(own, body, former_names=arrived.former_names)
