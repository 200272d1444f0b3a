"""Having the person of a request written to again, where the last message to it has failed."""

from handfast.journal.models import Actor, Caller
from handfast.platform import clock
from handfast.platform.optimistic import lost_condition_is
from handfast.platform.problems import Conflict, Refused
from handfast.privacy_requests import intake, messages, reading, store
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.views import view
from handfast.privacy_requests.wire import PrivacyRequestView


def send_again(caller: Caller, privacy_request_id: str) -> PrivacyRequestView:
    """Queue the last message to a request's person once more.

    Raises NotFound for an unknown request, Conflict where its last message has not failed, was a code, or failed so
    long ago that the address is forgotten, or when the request was changed at the same time, and Refused where nothing
    writes to people.
    """
    old = reading.load(caller, privacy_request_id)
    number = len(old.messages) - 1
    last = old.messages[-1] if old.messages else None
    if last is None or not messages.may_be_sent_again(last, clock.now()):
        why = "its last message can be sent again for 30 days after it has failed, unless it was a code"
        raise Conflict(why, current=last.status if last else old.status)
    if not intake.has_way(caller.sandbox_id):
        raise Refused("nothing writes to people: set a message webhook or MessageSender", reason="no_sender")
    detail: dict[str, object] = {"kind": last.kind, "language": last.language, "message": number}
    step = Step(old, messages.queued_again(old, number), "message_queued", Actor.of(caller), detail)
    with lost_condition_is(Conflict("the request was changed at the same time; read it again", current="changed")):
        (written,) = store.save(step)
    return view(written)
