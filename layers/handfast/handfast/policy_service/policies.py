"""Core policies, which a sandbox switches, and its own ones (docs/api.md, Governance)."""

from dataclasses import replace
from typing import Literal

from handfast.governance import store
from handfast.governance.expressions import labels_of
from handfast.governance.marketing_actions import reference
from handfast.governance.models import Rulebook
from handfast.governance.policies import ALWAYS_ON, Policy, PolicyStatus
from handfast.journal.models import Actor, Caller, Event
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.optimistic import Versions, check_version, until_written
from handfast.platform.problems import Conflict, NotFound
from handfast.platform.table import Write
from handfast.policy_service import labels, listing, marketing_actions
from handfast.policy_service.models import PolicyExpression, PolicyList, PolicyView, PutPolicy
from handfast.segments import policy_effects
from handfast.segments.models import RulesPreview
from handfast.segments.policy_effects import Change

MAX_CUSTOM = 100
_REFS = "/marketingActionRefs"

type Switch = Literal["enable", "disable"]
_STATUS: dict[Switch, PolicyStatus] = {"enable": "ENABLED", "disable": "DISABLED"}
_DONE = {"enable": "policy.enabled", "disable": "policy.disabled"}


def list_policies(caller: Caller, limit: int, cursor: str | None) -> PolicyList:
    """All policies, the core ones first, then the sandbox's own, oldest first.

    Raises Malformed for a cursor of another list.
    """
    found = list(store.rulebook(caller.sandbox_id).policies.values())
    items, more = listing.page(found, lambda each: each.policy_id, limit, cursor, f"policies|{caller.sandbox_id}")
    return PolicyList(items=list(map(view, items)), next_cursor=more)


def get(caller: Caller, policy_id: str) -> PolicyView:
    """One policy.

    Raises NotFound for an unknown one.
    """
    return view(_policy(store.rulebook(caller.sandbox_id), policy_id))


def create(caller: Caller, body: PutPolicy) -> PolicyView:
    """A new policy. One that is enabled stops what it forbids at once.

    Raises Refused for labels that the sandbox does not have, Conflict when it has as many policies as it may,
    TooManyRequests when what governs the data changes too fast.
    """
    return until_written("policy", lambda: _create(caller, body))


def _create(caller: Caller, body: PutPolicy) -> PolicyView:
    rules, at = store.rulebook(caller.sandbox_id), clock.now_text()
    if sum(not policy.core for policy in rules.policies.values()) >= MAX_CUSTOM:
        raise Conflict(f"a sandbox has at most {MAX_CUSTOM} policies of its own", current="too_many")
    return _write(caller, rules, None, _from(body, new_id("pol"), at, at, rules), "policy.created")


def preview_create(caller: Caller, body: PutPolicy) -> RulesPreview:
    """What a new policy would stop; refused as making it is.

    Raises Refused for labels that the sandbox does not have.
    """
    rules, at = store.rulebook(caller.sandbox_id), clock.now_text()
    return policy_effects.preview(_change(caller, rules, _from(body, new_id("pol"), at, at, rules)))


def put(caller: Caller, policy_id: str, body: PutPolicy, if_match: Versions) -> PolicyView:
    """Replace a policy of the sandbox's own.

    Raises NotFound for an unknown policy, Conflict for a core one, Stale when it is no longer the version in If-Match,
    Refused for labels that the sandbox does not have, TooManyRequests when what governs the data changes too fast.
    """

    def attempt() -> PolicyView:
        rules = store.rulebook(caller.sandbox_id)
        old = _own(rules, policy_id, if_match)
        new = _from(body, policy_id, old.created_at or clock.now_text(), clock.now_text(), rules)
        return _write(caller, rules, old, new, "policy.changed")

    return until_written("policy", attempt)


def preview_put(caller: Caller, policy_id: str, body: PutPolicy, if_match: Versions) -> RulesPreview:
    """What replacing a policy would stop or let go on; refused as replacing it is.

    Raises NotFound, Conflict, Stale and Refused as `put` does.
    """
    rules = store.rulebook(caller.sandbox_id)
    old = _own(rules, policy_id, if_match)
    new = _from(body, policy_id, old.created_at or clock.now_text(), clock.now_text(), rules)
    return policy_effects.preview(_change(caller, rules, new))


def switch(caller: Caller, policy_id: str, to: Switch) -> PolicyView:
    """Enable or disable a policy. What it forbids stops at once, and what nothing else forbids goes on.

    Raises NotFound for an unknown policy, Conflict for disabling the one that is always on, TooManyRequests when what
    governs the data changes too fast.
    """

    def attempt() -> PolicyView:
        rules = store.rulebook(caller.sandbox_id)
        old, new = _switched(rules, policy_id, to)
        return view(old) if old.status == new.status else _write(caller, rules, old, new, _DONE[to])

    return until_written("policy", attempt)


def preview_switch(caller: Caller, policy_id: str, to: Switch) -> RulesPreview:
    """What enabling or disabling a policy would stop or let go on; refused as doing it is.

    Raises NotFound and Conflict as `switch` does.
    """
    rules = store.rulebook(caller.sandbox_id)
    return policy_effects.preview(_change(caller, rules, _switched(rules, policy_id, to)[1]))


def _switched(rules: Rulebook, policy_id: str, to: Switch) -> tuple[Policy, Policy]:
    old = _policy(rules, policy_id)
    if policy_id == ALWAYS_ON and to == "disable":
        raise Conflict("sharing segments keeps this policy on", current="always_on")
    return old, replace(old, status=_STATUS[to], updated_at=clock.now_text())


def delete(caller: Caller, policy_id: str, if_match: Versions) -> None:
    """Delete a policy of the sandbox's own. What nothing else forbids goes on at once.

    Raises NotFound for an unknown policy, Conflict for a core one, Stale when it is no longer the version in If-Match,
    TooManyRequests when what governs the data changes too fast.
    """

    def attempt() -> None:
        rules = store.rulebook(caller.sandbox_id)
        old = _own(rules, policy_id, if_match)
        left = {name: policy for name, policy in rules.policies.items() if name != policy_id}
        change = Change.of_rules(caller.sandbox_id, rules, replace(rules, policies=left))
        _commit(caller, change, store.delete_policy(caller.sandbox_id, old), "policy.deleted", old)

    until_written("policy", attempt)


def _write(caller: Caller, rules: Rulebook, old: Policy | None, new: Policy, event_type: str) -> PolicyView:
    write = store.put_policy(caller.sandbox_id, new, old)
    _commit(caller, _change(caller, rules, new), write, event_type, new)
    return view(replace(new, revision=write.item["revision"]))


def _change(caller: Caller, rules: Rulebook, new: Policy) -> Change:
    after = replace(rules, policies={**rules.policies, new.policy_id: new})
    return Change.of_rules(caller.sandbox_id, rules, after)


def _commit(caller: Caller, change: Change, write: Write, event_type: str, policy: Policy) -> None:
    actor = Actor.of(caller)
    detail = {"name": policy.name, "status": policy.status, "marketingActions": list(policy.marketing_actions)}
    event = Event(caller.sandbox_id, event_type, actor, policy.policy_id, detail)
    policy_effects.commit(change, [write], [event], actor, caller.on)


def _from(body: PutPolicy, policy_id: str, created_at: str, at: str, rules: Rulebook) -> Policy:
    labels.check(rules, labels_of(body.deny), "/deny")
    marketing_actions.check(rules, body.actions, "/marketingActions" if body.marketing_actions else _REFS)
    return Policy(
        policy_id=policy_id,
        name=body.name,
        description=body.description,
        status=body.wanted_status,
        marketing_actions=body.actions,
        deny=body.deny,
        created_at=created_at,
        updated_at=at,
    )


def _policy(rules: Rulebook, policy_id: str) -> Policy:
    if policy_id not in rules.policies:
        raise NotFound("no such policy")
    return rules.policies[policy_id]


def _own(rules: Rulebook, policy_id: str, if_match: Versions) -> Policy:
    policy = _policy(rules, policy_id)
    if policy.core:
        raise Conflict("a core policy can be enabled or disabled, and nothing else", current="core")
    check_version(if_match, policy.revision, "policy")
    return policy


def view(policy: Policy) -> PolicyView:
    """A policy as it is answered."""
    return PolicyView(
        policy_id=policy.policy_id,
        name=policy.name,
        description=policy.description,
        core=policy.core,
        status=policy.status,
        enabled=policy.status == "ENABLED",
        marketing_actions=list(policy.marketing_actions),
        marketing_action_refs=list(map(reference, policy.marketing_actions)),
        deny=PolicyExpression.of(policy.deny),
        created_at=policy.created_at,
        updated_at=policy.updated_at,
        version=policy.revision,
    )
