"""Marketing actions, core and custom: what they are, and the sandbox's own (docs/api.md, Governance)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from handfast.governance import store
from handfast.governance.marketing_actions import MARKETING_ACTION_DESCRIPTIONS, as_code, is_code, reference
from handfast.governance.models import CustomAction, Rulebook
from handfast.journal.models import Actor, Caller, Event
from handfast.journal.store import commit
from handfast.platform import clock
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, NotFound, Refused
from handfast.platform.table import Write
from handfast.policy_service import listing
from handfast.policy_service.models import MarketingActionList, MarketingActionView, PutMarketingAction

MAX_CUSTOM = 100
_CORE = {str(code): description for code, description in MARKETING_ACTION_DESCRIPTIONS.items()}


def list_actions(caller: Caller, limit: int, cursor: str | None) -> MarketingActionList:
    """All marketing actions, the core ones first.

    Raises Malformed for a cursor of another list.
    """
    rules = store.rulebook(caller.sandbox_id)
    found = [*map(_core, _CORE), *map(_custom, rules.actions.values())]
    scope = f"marketingActions|{caller.sandbox_id}"
    items, more = listing.page(found, lambda view: view.code, limit, cursor, scope)
    return MarketingActionList(items=list(items), next_cursor=more)


def get(caller: Caller, name: str) -> MarketingActionView:
    """One marketing action, core or custom.

    Raises NotFound for an unknown one.
    """
    code = str(as_code(name))
    if code in _CORE:
        return _core(code)
    return _custom(_own(store.rulebook(caller.sandbox_id), code))


def put(caller: Caller, code: str, body: PutMarketingAction, if_match: Versions) -> MarketingActionView:
    """Define a custom marketing action, or change its name and description.

    Raises NotFound for a code that none can have, Conflict for a core one and when the sandbox has as many as it may,
    Stale when it is no longer the version in If-Match, TooManyRequests when what governs the data changes too fast.
    """
    if as_code(code) in _CORE:
        raise Conflict("a core marketing action is as it is", current="core")
    if not is_code(code):
        raise NotFound("no marketing action can have this code: up to 40 of a-z, 0-9 and _, a letter first")
    return until_written("marketing action", lambda: _put(caller, code, body, if_match))


def _put(caller: Caller, code: str, body: PutMarketingAction, if_match: Versions) -> MarketingActionView:
    rules = store.rulebook(caller.sandbox_id)
    old, at = rules.actions.get(code), clock.now_text()
    check_version(if_match, old.revision if old else None, "marketing action")
    if old is None and len(rules.actions) >= MAX_CUSTOM:
        raise Conflict(f"a sandbox has at most {MAX_CUSTOM} custom marketing actions", current="too_many")
    new = CustomAction(code, body.name or code, body.description, at, at)
    write: Write = store.create_action(caller.sandbox_id, new)
    if old is not None:
        new = replace(new, created_at=old.created_at, feeds=old.feeds, revision=old.revision + 1)
        write = store.change_action(caller.sandbox_id, new, old)
    event_type = "marketing_action.changed" if old else "marketing_action.created"
    event = Event(caller.sandbox_id, event_type, Actor.of(caller), code, {"name": new.name})
    commit([write, store.fence(caller.sandbox_id, rules)], [event])
    return _custom(new)


def delete(caller: Caller, code: str, if_match: Versions) -> None:
    """Delete a custom marketing action that no policy names and no feed excludes.

    Raises NotFound for an unknown one, Conflict for a core one and while it is used, Stale when it is no longer the
    version in If-Match, TooManyRequests when what governs the data changes too fast.
    """
    if as_code(code) in _CORE:
        raise Conflict("a core marketing action stays", current="core")
    until_written("marketing action", lambda: _delete(caller, code, if_match))


def _delete(caller: Caller, code: str, if_match: Versions) -> None:
    rules = store.rulebook(caller.sandbox_id)
    old = _own(rules, code)
    check_version(if_match, old.revision, "marketing action")
    policies = {name: policy.name for name, policy in rules.policies.items() if code in policy.marketing_actions}
    feeds: dict[str, Any] = {"feedIds": sorted(old.feeds)[: listing.MOST_SHOWN]} if old.feeds else {}
    if policies or feeds:
        shown = listing.users({"policy": policies}) | feeds
        raise Conflict("the marketing action is used; take it out first", current="in_use", **shown)
    event = Event(caller.sandbox_id, "marketing_action.deleted", Actor.of(caller), code, {"name": old.name})
    commit([store.delete_action(caller.sandbox_id, old), store.fence(caller.sandbox_id, rules)], [event])


def check(rules: Rulebook, actions: Iterable[str], pointer: str) -> None:
    """Raise Refused for marketing actions, of a policy say, that the sandbox does not have."""
    for index, code in enumerate(actions):
        if rules.unknown_actions([code]):
            detail = f"no such marketing action: {code}; define it first"
            raise Refused(detail, reason="validation", pointer=f"{pointer}/{index}")


def _own(rules: Rulebook, code: str) -> CustomAction:
    if code not in rules.actions:
        raise NotFound("no such marketing action")
    return rules.actions[code]


def _core(code: str) -> MarketingActionView:
    return MarketingActionView(
        code=code,
        name=code.replace("_", " ").capitalize(),
        description=_CORE[code],
        custom=False,
        marketing_action_ref=reference(code),
        created_at=None,
        updated_at=None,
    )


def _custom(action: CustomAction) -> MarketingActionView:
    return MarketingActionView(
        code=action.code,
        name=action.name,
        description=action.description,
        custom=True,
        marketing_action_ref=reference(action.code),
        created_at=action.created_at,
        updated_at=action.updated_at,
        version=action.revision,
    )
