"""A request's life as a table, and what its recipients' states mean for it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from handfast.journal.models import FourEyes, PrivacyRule
from handfast.lake.suppressions import Reason
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.problems import Conflict
from handfast.privacy_requests import task_rules as connectors
from handfast.privacy_requests.models import (
    STAGES,
    DestinationRef,
    PrivacyOrigin,
    PrivacyRequest,
    PrivacyStatus,
    PrivacyType,
    Recipient,
    RequestAnswer,
    Stage,
    StageName,
    StageStatus,
)
from handfast.privacy_requests.task_models import ConnectorTask

type Action = Literal[
    "verify",
    "expire",
    "approve",
    "deny",
    "cancel",
    "start",
    "refer",
    "complete",
    "complete_with_gaps",
    "retry",
    "extend",
]

TRANSITIONS: dict[PrivacyStatus, dict[Action, PrivacyStatus]] = {
    "unverified": {
        "verify": "pending",
        "expire": "expired",
        "deny": "denied",
        "cancel": "cancelled",
        "extend": "unverified",
    },
    "pending": {"approve": "approved", "deny": "denied", "cancel": "cancelled", "extend": "pending"},
    "approved": {"start": "running", "cancel": "cancelled", "extend": "approved"},
    "running": {
        "refer": "pending",
        "complete": "completed",
        "complete_with_gaps": "completed_with_gaps",
        "retry": "running",
        "extend": "running",
    },
    "completed_with_gaps": {"complete": "completed", "retry": "running"},
    "completed": {},
    "denied": {},
    "cancelled": {},
    "expired": {},
}
"""What each status allows, and the status it leads to."""

OPEN = frozenset[PrivacyStatus]({"unverified", "pending", "approved", "running"})
UNVERIFIED = frozenset[PrivacyStatus]({"unverified", "expired"})
"""Of requests that nobody has verified, which may be many: they are listed and counted apart from the others."""
ATTEMPTS = 5
"""How often a stage is tried before it waits for a retry by hand."""
CODE_TRIES = 3
WAIT_AT_LEAST = timedelta(hours=1)
"""How long a request waits for others' answers when its deadline is over."""
_READING = frozenset[StageName]({"find", "package", "complete"})
_TELLING = frozenset[StageName]({"find", "connectors", "recipients", "complete"})


def status_at(request: PrivacyRequest, at: str) -> PrivacyStatus:
    """A request's status at a time (RFC 3339): an unverified one has expired with its code, written down or not."""
    expired = request.status == "unverified" and (request.code_expires_at or "") <= at
    return "expired" if expired else request.status


def origin_of(request: PrivacyRequest) -> PrivacyOrigin:
    """Which way a request came in: by our own API, from a partner, by a protocol or by the form."""
    return request.protocol or ("partner" if request.origin.partner else "own")


def has_party(request: PrivacyRequest) -> bool:
    """Whether a controller or an agent has brought it, who verifies it and is told of it, and not its person."""
    return request.protocol in {"opendsr", "drp"}


def reads(kind: PrivacyType) -> bool:
    """Whether the request is answered with a package of the person's data, and changes nothing."""
    return kind in {"access", "portability"}


def lifts(request: PrivacyRequest) -> bool:
    """Whether the request allows again what another one may have forbidden."""
    return request.type == "opt_in" or request.share == "y"


def answer_of(request: PrivacyRequest) -> RequestAnswer | None:
    """What the person is answered in a word; None as long as there is no answer, or nobody to be given one."""
    match request.status:
        case "denied":
            return "denied"
        case "completed_with_gaps":
            return "partial"
        case "completed":
            unknown = needs_match(request.type) and request.result.get("matched") is False
            if unknown:
                return "no_match"
            return "partial" if request.result.get("withheld") else "fulfilled"
    return None


def left_suppressed(request: PrivacyRequest) -> bool:
    """Whether all that is open of an ended request are identities that stay suppressed here, and nobody's answer."""
    left = sum(request.result.get("stillSuppressed", {}).values())
    return bool(left) and request.result.get("gaps") == left


def suppression_of(kind: PrivacyType) -> Reason | None:
    """How a request has its person suppressed. An objection and a restriction stop sharing, as an opt-out does."""
    if kind == "erasure":
        return "erasure"
    return "opt_out" if kind in {"opt_out", "objection", "restriction"} else None


def ends_sharing(kind: PrivacyType, share: str | None) -> bool:
    """Whether a request takes its person out of all that is shared."""
    return suppression_of(kind) is not None or (kind, share) == ("consent", "n")


def needs_match(kind: PrivacyType) -> bool:
    """Whether it comes to nothing where nobody is found; what only forbids something holds for later as well."""
    return reads(kind) or by_hand(kind) or kind in {"erasure", "consent"}


def by_hand(kind: PrivacyType) -> bool:
    """Whether somebody has to do what no program does: to correct, to restrict or to limit other uses of the data."""
    return kind in {"rectification", "restriction", "limit"}


def has_act_outside(kind: PrivacyType) -> bool:
    """Whether systems outside have a call for it; where they have none it is done there by hand."""
    return kind not in {"rectification", "limit"}


def handled(request: PrivacyRequest, actor_id: str | None) -> PrivacyRequest:
    """The request with one more of those who entered or verified it; None is nobody here."""
    known = {*request.handled_by, *([actor_id] if actor_id else [])}
    return replace(request, handled_by=tuple(sorted(known)))


def only_asks(request: PrivacyRequest) -> bool:
    """Whether it may name recipients and changes nothing by itself, so that it could be made to learn of others.

    The intake form's is its person's: the code went to the address that it is about.
    """
    names = request.type == "access" or not has_act_outside(request.type)
    return names and request.origin.partner is None and request.protocol != "intake"


def beyond_quota(request: PrivacyRequest) -> PrivacyRequest:
    """A new request that only asks when its day's quota is spent: another principal than who entered it approves it."""
    status = "pending" if request.status == "approved" else request.status
    return replace(request, is_beyond_quota=True, status=status)


def needs_another(request: PrivacyRequest, four_eyes: FourEyes) -> bool:
    """Whether who entered or verified the request may not approve it, as far as its reach is known."""
    if request.is_beyond_quota:
        return True
    if four_eyes != "wide":
        return four_eyes == "always"
    is_wide = request.type == "erasure" and request.stages[0].detail.get("profiles", 0) > 1
    is_from_outside = request.origin.partner is not None or request.protocol is not None
    return is_wide or is_from_outside or request.lifts_erasure


def verified_status(request: PrivacyRequest, rule: PrivacyRule) -> PrivacyStatus:
    """The status of a verified request. Whatever the sandbox's rule, somebody approves what lifts an erasure, and what
    only asks once its day's quota is spent.
    """
    is_somebodys = request.lifts_erasure or request.is_beyond_quota
    return "approved" if rule == "automatic" and not is_somebodys else "pending"


def suppressed_why(result: Mapping[str, Any]) -> str | None:
    """Why a request that allows something again has left identities suppressed; None where it has left none."""
    left = result.get("stillSuppressed")
    if not left:
        return None
    counts = ", ".join(f"{name} {count}" for name, count in sorted(left.items()))
    return (
        f"identities stay suppressed ({counts}): an opt_in lifts an opt_out that was said before it, and one with"
        " liftErasure an erasure"
    )


def is_assessed(request: PrivacyRequest) -> bool:
    """Whether it is looked up, for who decides, how far the request would reach."""
    has_preview = request.origin.partner is not None and request.type == "erasure"  # by its scopes
    return not has_preview and not reads(request.type)


def is_to_be_assessed(request: PrivacyRequest) -> bool:
    """Whether how far the request would reach has still to be looked up."""
    return request.status == "pending" and is_assessed(request) and "profiles" not in request.stages[0].detail


def assessed(request: PrivacyRequest, counts: Mapping[str, Any]) -> PrivacyRequest:
    """The request with how far it would reach: what its first stage, find, is going to find."""
    first, *others = request.stages
    return replace(request, stages=(replace(first, detail=counts), *others))


def referred(request: PrivacyRequest, counts: Mapping[str, Any]) -> PrivacyRequest:
    """An approved request that waits for another decision, since it reaches further than its approval went."""
    first, *others = request.stages
    stages = (replace(first, status="pending", started_at=None, detail=counts), *others)
    return replace(request, status=after(request.status, "refer"), stages=stages, approved_by=None)


def has_begun(request: PrivacyRequest) -> bool:
    """Whether anything was changed for the request, be it that it begins anew."""
    return any(stage.detail for stage in request.stages if stage.name == "suppress")


def stages_of(kind: PrivacyType, *, reviewed: bool = False) -> tuple[Stage, ...]:
    """The stages of a new request; `reviewed`: its package, if it has one, is looked at before the person gets it."""
    return tuple(Stage(name) for name in STAGES if _has(kind, name, reviewed=reviewed))


def _has(kind: PrivacyType, name: StageName, *, reviewed: bool) -> bool:
    if name == "review":
        return reviewed and reads(kind)
    if reads(kind):
        return name in _READING
    if name == "manual_task":
        return by_hand(kind)
    return name in _TELLING if not has_act_outside(kind) else name != "package"


def after(status: PrivacyStatus, action: Action) -> PrivacyStatus:
    """The status that an action leads to; Conflict where it is not allowed."""
    try:
        return TRANSITIONS[status][action]
    except KeyError:
        raise Conflict(f"a request that is {status} cannot be changed so ({action})", current=status) from None


def denied(request: PrivacyRequest) -> PrivacyStatus:
    """The status of a denial: as `after`, and where somebody finds out by hand that there is nothing to be done."""
    return "denied" if awaits_hand(request) else after(status_at(request, clock.now_text()), "deny")


def with_stage(
    request: PrivacyRequest, name: StageName, status: StageStatus, at: str, detail: Mapping[str, Any] | None = None
) -> PrivacyRequest:
    """The request with a stage begun, done or failed."""
    stages = tuple(
        replace(
            stage,
            status=status,
            started_at=stage.started_at or at,
            ended_at=at if status in {"done", "failed"} else None,
            detail=detail if detail is not None else stage.detail,
        )
        if stage.name == name
        else stage
        for stage in request.stages
    )
    return replace(request, stages=stages, attempts=0 if status == "done" else request.attempts)


def again_from(request: PrivacyRequest, name: StageName) -> PrivacyRequest:
    """The request with a stage and all that follow it to be done again."""
    names = [stage.name for stage in request.stages]
    stages = tuple(
        _afresh(stage) if index >= names.index(name) else stage for index, stage in enumerate(request.stages)
    )
    change_id = None if "apply" in names[names.index(name) :] else request.change_id
    return replace(request, stages=stages, attempts=0, change_id=change_id)


def _afresh(stage: Stage) -> Stage:
    """A stage to be done again; a package that is made anew is reviewed anew."""
    detail = {} if stage.name == "review" else stage.detail
    return replace(stage, status="pending", started_at=None, ended_at=None, detail=detail)


def resumed(request: PrivacyRequest) -> PrivacyRequest:
    """The request going on where it failed: at the failed stage, or where its gaps are, ended or waiting with some."""
    failed = next((stage.name for stage in request.stages if stage.status == "failed"), None)
    is_open = request.status == "completed_with_gaps" or is_awaiting(request) or awaits_review(request)
    if failed is None and not is_open:
        raise Conflict("nothing of it has failed", current=request.status)
    if failed == "verify" and request.stage.detail.get("reason") == "timed_out":
        failed = "withdraw"  # what it waited for in vain has to be set off again
    gaps: StageName = "package" if reads(request.type) else "recipients"
    return replace(again_from(request, failed or gaps), status=after(request.status, "retry"), result={})


def concerns(kind: PrivacyType, received_at: str, disclosed_at: str) -> bool:
    """Whether a disclosure makes its recipient one to tell.

    For an opt-out and a limit only one that was made since (11 CCR 7026(f), 7027(g)).
    """
    return kind not in {"opt_out", "limit"} or disclosed_at >= received_at


def recipient_id(receiver: PartnerRef | DestinationRef, number: int) -> str:
    """The id of a partner or destination as a recipient that is told for the nth time."""
    return receiver.key if number == 1 else f"{receiver.key}#{number}"


def recipient_of(receiver: PartnerRef | DestinationRef, number: int) -> Recipient:
    """A recipient that is to be told for the nth time."""
    name = recipient_id(receiver, number)
    if isinstance(receiver, PartnerRef):
        return Recipient(name, partner=receiver)
    return Recipient(name, destination=receiver)


def notified_as(recipient_id: str) -> tuple[str, int]:
    """The key of the partner or destination that a recipient's id names, and for how many times it is told so."""
    key, _, number = recipient_id.partition("#")
    return key, int(number or 1)


def is_destination(recipient_id: str) -> bool:
    """Whether a recipient's id is a destination's."""
    return recipient_id.startswith("dst_")


def done_by_hand(old: Recipient, note: str, at: str) -> Recipient:
    """A recipient that was a gap, as what somebody has seen to there."""
    return replace(old, status="confirmed", confirmed_at=at, reason=f"done by hand: {note}")


def is_gap(recipient: Recipient) -> bool:
    """Whether the person's answer has to name this recipient as one that has not confirmed."""
    return recipient.status not in {"confirmed", "absent"} and not recipient.known


def is_awaiting(request: PrivacyRequest) -> bool:
    """Whether all is done here, and others have yet to answer: a state of its own, in which nothing is to be done."""
    last = request.stages[-1:]
    return request.status == "running" and any((stage.name, stage.status) == ("complete", "running") for stage in last)


def awaits_hand(request: PrivacyRequest) -> bool:
    """Whether the next that it needs is what somebody does by hand, a review of its package among it."""
    return _is_at(request, "manual_task") or awaits_review(request)


def is_reviewed(request: PrivacyRequest) -> bool:
    """Whether its package is looked at before the person gets it."""
    return any(stage.name == "review" for stage in request.stages)


def awaits_review(request: PrivacyRequest) -> bool:
    """Whether somebody has to look at its package before the person gets it."""
    return _is_at(request, "review") and "withheld" not in request.stage.detail


def _is_at(request: PrivacyRequest, name: StageName) -> bool:
    return request.status == "running" and (request.stage.name, request.stage.status) == (name, "running")


def package_until(request: PrivacyRequest) -> str | None:
    """Until when (RFC 3339) the person's package is there, or was; None while it is not made, or not yet released."""
    made = [stage for stage in request.stages if stage.name in {"package", "review"}]
    return str(made[-1].detail["expiresAt"]) if made and made[-1].status == "done" else None


def waits_until(request: PrivacyRequest) -> str:
    """Until when a request waits for others' answers: the law's deadline, but a while where that is over already."""
    began = request.stage.started_at or clock.now_text()
    return max(request.due_at, clock.to_text(clock.from_text(began) + WAIT_AT_LEAST))


def is_unanswered(recipients: Iterable[Recipient], tasks: Iterable[ConnectorTask]) -> bool:
    """Whether a recipient or a system outside has yet to answer."""
    told = any(recipient.status in {"pending", "sent"} and not recipient.known for recipient in recipients)
    return told or any(not task.status.ended for task in tasks)


def may_tell_origin(request: PrivacyRequest, recipients: Collection[Recipient]) -> bool:
    """Whether the partner that a request came from may be told what came of it: once no answer comes by itself.

    Its answer does not wait for a decision elsewhere, of which its receipt says nothing.
    """
    is_on_its_way = any(recipient.status == "sent" and recipient.awaited for recipient in recipients)
    return not is_on_its_way and not is_left_outside(request, recipients)


def is_left_outside(request: PrivacyRequest, recipients: Iterable[Recipient]) -> bool:
    """Whether a destination may still have whom a request takes out of all that is shared."""
    gaps = any(recipient.destination and is_gap(recipient) for recipient in recipients)
    return gaps and ends_sharing(request.type, request.share)


def looked_at_again(request: PrivacyRequest) -> PrivacyRequest:
    """A request that waits for others' answers, with its last stage to be done."""
    return with_stage(request, "complete", "pending", clock.now_text())


def gaps(recipients: Iterable[Recipient], tasks: Iterable[ConnectorTask]) -> int:
    """How many recipients, systems outside and systems behind those have not confirmed."""
    return sum(map(is_gap, recipients)) + sum(len(connectors.gaps(task)) for task in tasks)


def repeatable(request: PrivacyRequest, recipients: Collection[Recipient], tasks: Iterable[ConnectorTask]) -> bool:
    """Whether somebody may have to be told again, or the origin has yet to be told, for which the subject is kept."""
    told = any(recipient.status == "failed" or recipient.next_at for recipient in recipients)
    owed = request.origin.partner is not None and is_left_outside(request, recipients)
    return told or owed or any(task.next_at for task in tasks)


def answered(
    request: PrivacyRequest, recipients: Collection[Recipient], tasks: Collection[ConnectorTask]
) -> PrivacyRequest:
    """The request after an answer: one that waits goes on with the last, one that ended with gaps completes with it.

    A partner's that ended while a destination had the person still is completed anew: the partner has yet to be told.
    """
    if is_awaiting(request):
        is_to_be_told = request.origin.partner and may_tell_origin(request, recipients)
        return looked_at_again(request) if is_to_be_told or not is_unanswered(recipients, tasks) else request
    if request.status != "completed_with_gaps":
        return request
    if request.origin.partner and any(each.destination for each in recipients) and may_tell_origin(request, recipients):
        return looked_at_again(replace(request, status=after(request.status, "retry"), result={}))
    left = gaps(recipients, tasks) + sum(request.result.get("stillSuppressed", {}).values())
    status = request.status if left else after(request.status, "complete")
    return replace(request, status=status, result={**request.result, "gaps": left})


def delay(waited: float, *, is_woken: bool = False) -> int:
    """Seconds until the next look at something that has been waited for so long: a quarter of it, 1 to 300.

    `is_woken`: whoever ends the wait has the worker look, so that this look is for a message that was lost. 5 at least
    then: earlier, it would come beside the other one, and do the next stages twice.
    """
    return max(5 if is_woken else 1, min(300, int(waited / 4)))
