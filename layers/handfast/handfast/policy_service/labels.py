"""Core labels, and custom ones of a sandbox (docs/api.md, Governance)."""

from collections.abc import Iterable
from dataclasses import replace

from handfast.governance import store
from handfast.governance.expressions import labels_of
from handfast.governance.labels import LABEL_DESCRIPTIONS, is_code
from handfast.governance.models import CustomLabel, Rulebook
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import clock
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.policy_service import listing
from handfast.policy_service.models import LabelList, LabelView, PutLabel
from handfast.segments import store as segments

MAX_CUSTOM = 100


def list_labels(caller: Caller, limit: int, cursor: str | None) -> LabelList:
    """All labels that data of the sandbox may carry, the core ones first.

    Raises Malformed for a cursor of another list.
    """
    rules = store.rulebook(caller.sandbox_id)
    found = [*(_core(code) for code in LABEL_DESCRIPTIONS), *map(_custom, rules.labels.values())]
    items, more = listing.page(found, lambda view: view.code, limit, cursor, f"labels|{caller.sandbox_id}")
    return LabelList(items=list(items), next_cursor=more)


def get(caller: Caller, code: str) -> LabelView:
    """One label, core or custom.

    Raises NotFound for an unknown one.
    """
    if code in LABEL_DESCRIPTIONS:
        return _core(code)
    return _custom(_own(store.rulebook(caller.sandbox_id), code))


def put(caller: Caller, code: str, body: PutLabel, if_match: Versions) -> LabelView:
    """Define a custom label, or change its name and description.

    Raises NotFound for a code that no label can have, Conflict for a core label in any case of letters and when the
    sandbox has as many as it may, Stale when the label is no longer the version in If-Match, TooManyRequests when what
    governs the data changes too fast.
    """
    if code in LABEL_DESCRIPTIONS:
        raise Conflict("a core label is as it is", current="core")
    if not is_code(code):
        raise NotFound("no label can have this code: up to 40 letters, digits, - and _, a letter first")
    return until_written("label", lambda: _put(caller, code, body, if_match))


def _put(caller: Caller, code: str, body: PutLabel, if_match: Versions) -> LabelView:
    rules = store.rulebook(caller.sandbox_id)
    old, at = rules.labels.get(code), clock.now_text()
    check_version(if_match, old.revision if old else None, "label")
    alike = next((core for core in LABEL_DESCRIPTIONS if core.casefold() == code.casefold()), None)
    if old is None and alike:
        raise Conflict(
            f"{alike} is a core label, and case counts: data with {code} would not be held back", current="core"
        )
    if old is None and len(rules.labels) >= MAX_CUSTOM:
        raise Conflict(f"a sandbox has at most {MAX_CUSTOM} custom labels", current="too_many")
    new = CustomLabel(code, body.name, body.description, old.created_at if old else at, at)
    event_type = "label.changed" if old else "label.created"
    event = Event(caller.sandbox_id, event_type, Actor.of(caller), code, {"name": new.name})
    commit([store.put_label(caller.sandbox_id, new, old), store.fence(caller.sandbox_id, rules)], [event])
    return _custom(replace(new, revision=old.revision + 1 if old else 1))


def delete(caller: Caller, code: str, if_match: Versions) -> None:
    """Delete a custom label that nothing carries and no policy names.

    Raises NotFound for an unknown label, Conflict for a core one and while it is used, Stale when it is no longer the
    version in If-Match, TooManyRequests when what governs the data changes too fast.
    """
    if code in LABEL_DESCRIPTIONS:
        raise Conflict("a core label stays", current="core")
    until_written("label", lambda: _delete(caller, code, if_match))


def _delete(caller: Caller, code: str, if_match: Versions) -> None:
    rules = store.rulebook(caller.sandbox_id)
    old = _own(rules, code)
    check_version(if_match, old.revision, "label")
    users = {
        "segment": {
            own.segment_id: own.name
            for own in segments.segments(caller.sandbox_id)
            if code in own.labels or any(code in labels for labels in own.column_labels.values())
        },
        "dataSource": {name: source.name for name, source in rules.sources.items() if code in source.labels},
        "policy": {name: policy.name for name, policy in rules.policies.items() if code in labels_of(policy.deny)},
    }
    if any(users.values()):
        raise Conflict("the label is used; take it off first", current="in_use", **listing.users(users))
    event = Event(caller.sandbox_id, "label.deleted", Actor.of(caller), code, {"name": old.name})
    commit([store.delete_label(caller.sandbox_id, old), store.fence(caller.sandbox_id, rules)], [event])


def _own(rules: Rulebook, code: str) -> CustomLabel:
    if code not in rules.labels:
        raise NotFound("no such label")
    return rules.labels[code]


def check(rules: Rulebook, labels: Iterable[str], pointer: str) -> None:
    """Raise Refused for labels, of a policy say, that the sandbox does not have."""
    if unknown := rules.unknown(labels):
        raise Refused(f"no such label: {unknown[0]}; define it first", reason="validation", pointer=pointer)


def _core(code: str) -> LabelView:
    return LabelView(code=code, name=f"Label {code}", description=LABEL_DESCRIPTIONS[code], custom=False)


def _custom(label: CustomLabel) -> LabelView:
    return LabelView(
        code=label.code, name=label.name, description=label.description, custom=True, version=label.revision
    )
