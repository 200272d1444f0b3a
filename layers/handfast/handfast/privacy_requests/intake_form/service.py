"""A sandbox's intake form: switching it on and off, and its address."""

import secrets
from dataclasses import replace

from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock, optimistic
from handfast.platform.optimistic import Versions, check_version, lost_condition_is
from handfast.platform.problems import NotFound, Refused
from handfast.privacy_requests import intake
from handfast.privacy_requests.intake_form import rules, store
from handfast.privacy_requests.intake_form.models import IntakeForm, IntakeFormView, PutIntakeForm
from handfast.privacy_requests.regulations import Regulation, regulation

_WHAT = "intake form"


def get(caller: Caller) -> IntakeFormView:
    """The sandbox's form. Raises NotFound where it is switched off."""
    return _view(_load(caller))


def put(caller: Caller, body: PutIntakeForm, if_match: Versions) -> IntakeFormView:
    """Switch the form on, or change it; its address stays.

    Raises Stale when it is no longer the version in If-Match, Refused for a regulation that is none, for types and
    regulations that do not go together, and where the deployment cannot send the codes that they need.
    """
    old = store.form(caller.sandbox_id)
    check_version(if_match, old.revision if old else None, _WHAT)
    laws = _laws(caller, body)
    new = IntakeForm(
        sandbox_id=caller.sandbox_id,
        form_id=old.form_id if old else _new_form_id(),
        types=tuple(body.types),
        regulations=tuple(dict.fromkeys(law.code for law in laws)),
        languages=tuple(body.languages),
        origins=tuple(body.allowed_origins),
        privacy_policy_url=body.privacy_policy_url,
        heading=body.heading,
        retention=body.retention,
        updated_at=clock.now_text(),
        revision=old.revision + 1 if old else 1,
    )
    return _saved(caller, old, new, "changed")


def rotate(caller: Caller) -> IntakeFormView:
    """Give the form another address; the one before takes no more requests, and shows the state of those it took.

    Raises NotFound where it is switched off, Stale when it changes at the same time.
    """
    old = _load(caller)
    new = replace(old, form_id=_new_form_id(), updated_at=clock.now_text(), revision=old.revision + 1)
    return _saved(caller, old, new, "rotated")


def remove(caller: Caller, if_match: Versions) -> None:
    """Switch the form off. Raises NotFound where it is, Stale when it is no longer the version in If-Match."""
    old = _load(caller)
    check_version(if_match, old.revision, _WHAT)
    with lost_condition_is(optimistic.stale(_WHAT)):
        store.delete(old, [_event(caller, "removed")])


def _saved(caller: Caller, old: IntakeForm | None, new: IntakeForm, change: str) -> IntakeFormView:
    with lost_condition_is(optimistic.stale(_WHAT)):
        store.save(old, new, [_event(caller, change)])
    return _view(new)


def _event(caller: Caller, change: str) -> Event:
    return Event(caller.sandbox_id, f"intake_form.{change}", Actor.of(caller), caller.sandbox_id, {})


def _load(caller: Caller) -> IntakeForm:
    found = store.form(caller.sandbox_id)
    if found is None:
        raise NotFound("the sandbox has no intake form; PUT one")
    return found


def _new_form_id() -> str:
    return secrets.token_hex(16)


def _laws(caller: Caller, body: PutIntakeForm) -> list[Regulation]:
    """The laws that a form is to offer, each of which goes with the types and with what the deployment can do."""
    laws = [_law(code, f"/regulations/{index}") for index, code in enumerate(body.regulations)]
    for index, kind in enumerate(body.types):
        if not any(kind in law.terms for law in laws):
            problem = f"no regulation of the form grants a request of type {kind}"
            raise Refused(problem, reason="not_a_right", pointer=f"/types/{index}")
    sends_codes = intake.has_way(caller.sandbox_id)
    for index, law in enumerate(laws):
        if not rules.types_under(body.types, law):
            problem = f"{law.name} grants none of the form's types of requests"
            raise Refused(problem, reason="not_a_right", pointer=f"/regulations/{index}")
        proved = [kind for kind in rules.types_under(body.types, law) if law.terms[kind].verification]
        if proved and not sends_codes:
            problem = (
                f"no codes can be sent, for the sandbox has no message webhook and the deployment no MessageSender: a"
                f" form can offer only what the law takes unproved, which {', '.join(proved)} under {law.code} is not"
            )
            raise Refused(problem, reason="no_sender", pointer="/types")
    return laws


def _law(code: str, pointer: str) -> Regulation:
    try:
        return regulation(code)
    except Refused as unknown:
        raise Refused(unknown.detail, pointer=pointer, **unknown.members) from None


def _view(of: IntakeForm) -> IntakeFormView:
    return IntakeFormView(
        form_id=of.form_id,
        path=rules.path_of(of.form_id),
        types=list(of.types),
        regulations=list(of.regulations),
        languages=list(of.languages),
        allowed_origins=list(of.origins),
        privacy_policy_url=of.privacy_policy_url,
        heading=of.heading,
        retention=of.retention,
        sends_codes=intake.has_way(of.sandbox_id),
        updated_at=of.updated_at,
        version=of.revision,
    )
