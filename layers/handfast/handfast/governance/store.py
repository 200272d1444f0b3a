"""The governance table: a sandbox's own labels, marketing actions and policies, and data sources, all read together."""

from dataclasses import replace

from boto3.dynamodb.conditions import Attr

from handfast.governance.labels import in_order
from handfast.governance.models import AUDIENCE_SHARING, CustomAction, CustomLabel, DataSource, Rulebook
from handfast.governance.policies import CORE_POLICIES, Policy
from handfast.journal.keys import sandbox_key
from handfast.platform import table
from handfast.platform.items import FORM, ItemKind, at_revision, revise
from handfast.platform.table import ABSENT, Delete, Put, Update

GOVERNANCE = "GOVERNANCE_TABLE"

_LABEL = ItemKind("label", CustomLabel, GOVERNANCE)
_POLICY = ItemKind("policy", Policy, GOVERNANCE)
_SOURCE = ItemKind("data_source", DataSource, GOVERNANCE)

_ACTION = ItemKind("marketing_action", CustomAction, GOVERNANCE, exclude=("feeds",))

_FENCE = "FENCE"
"""Sorts before all else of the partition: what a read finds of it is never newer than the rest that it finds."""


def rulebook(sandbox_id: str) -> Rulebook:
    """All that governs the sandbox's data; a core policy is as it comes, unless the sandbox has switched it."""
    revision = 0
    labels: dict[str, CustomLabel] = {}
    actions: dict[str, CustomAction] = {}
    policies, sources = dict(CORE_POLICIES), {AUDIENCE_SHARING.data_source_id: AUDIENCE_SHARING}
    for item in table.query(GOVERNANCE, sandbox_key(sandbox_id)):
        kind = item.get(FORM, "").partition("/")[0]
        if item["sk"] == _FENCE:
            revision = item["revision"]
        elif kind == _LABEL.name:
            label = _LABEL.load(item)
            labels[label.code] = label
        elif kind == _POLICY.name:
            policy = _POLICY.load(item)
            policies[policy.policy_id] = _current(policy)
        elif kind == _ACTION.name:
            action = _ACTION.load(item)
            actions[action.code] = action
        else:
            source = _SOURCE.load(item)
            sources[source.data_source_id] = source
    return Rulebook(revision, {code: labels[code] for code in in_order(labels)}, policies, sources, actions)


def _current(stored: Policy) -> Policy:
    """Of a core policy the table says only whether it is enabled."""
    core = CORE_POLICIES.get(stored.policy_id)
    if core is None:
        return stored
    return replace(core, status=stored.status, updated_at=stored.updated_at, revision=stored.revision)


def fence(sandbox_id: str, read: Rulebook) -> Update:
    """The write that a change of what governs the data needs: refused when another such change came in between.

    So of two changes that are harmless each alone, the later knows of the earlier.
    """
    condition = Attr("revision").eq(read.revision) if read.revision else ABSENT
    return Update(GOVERNANCE, sandbox_key(sandbox_id), _FENCE, add={"revision": 1}, condition=condition)


def put_label(sandbox_id: str, new: CustomLabel, over: CustomLabel | None) -> Put:
    """Write a custom label over the revision read, or as a new one."""
    return revise(_LABEL, new, over, sandbox_key(sandbox_id), f"LABEL#{new.code}")


def delete_label(sandbox_id: str, old: CustomLabel) -> Delete:
    """Delete a custom label at the revision read."""
    return Delete(GOVERNANCE, sandbox_key(sandbox_id), f"LABEL#{old.code}", at_revision(old))


def put_policy(sandbox_id: str, new: Policy, over: Policy | None) -> Put:
    """Write a policy over the revision read, or as a new one; a core policy is there only once it was switched."""
    stored = None if over is None or (over.core and over.updated_at is None) else over
    return revise(_POLICY, new, stored, sandbox_key(sandbox_id), f"POLICY#{new.policy_id}")


def delete_policy(sandbox_id: str, old: Policy) -> Delete:
    """Delete a policy at the revision read."""
    return Delete(GOVERNANCE, sandbox_key(sandbox_id), f"POLICY#{old.policy_id}", at_revision(old))


def create_action(sandbox_id: str, new: CustomAction) -> Put:
    """Write a custom marketing action as a new one."""
    return _ACTION.put(new, sandbox_key(sandbox_id), _action_key(new.code))


def change_action(sandbox_id: str, new: CustomAction, over: CustomAction) -> Update:
    """Give a custom marketing action another name and description, over the revision read."""
    said = {"name": new.name, "description": new.description, "updatedAt": new.updated_at}
    place = sandbox_key(sandbox_id), _action_key(new.code)
    return Update(GOVERNANCE, *place, assign=said, add={"revision": 1}, condition=at_revision(over))


def delete_action(sandbox_id: str, old: CustomAction) -> Delete:
    """Delete a custom marketing action at the revision read, unless a feed excludes it."""
    condition = at_revision(old) & Attr("feeds").not_exists()
    return Delete(GOVERNANCE, sandbox_key(sandbox_id), _action_key(old.code), condition)


def use_action(sandbox_id: str, code: str, feed_id: str) -> Update:
    """The write by which a feed excludes a custom marketing action; refused where there is none."""
    return Update(GOVERNANCE, sandbox_key(sandbox_id), _action_key(code), add={"feeds": {feed_id}})


def release_action(sandbox_id: str, code: str, feed_id: str) -> Update:
    """The write by which a feed excludes a custom marketing action no longer."""
    return Update(GOVERNANCE, sandbox_key(sandbox_id), _action_key(code), discard={"feeds": {feed_id}})


def _action_key(code: str) -> str:
    return f"MARKETING_ACTION#{code}"


def put_source(sandbox_id: str, new: DataSource, over: DataSource | None) -> Put:
    """Write a data source over the revision read, or as a new one; one by itself is there only once it was changed."""
    stored = None if over is None or over.updated_at is None else over
    return revise(_SOURCE, new, stored, sandbox_key(sandbox_id), f"SOURCE#{new.data_source_id}")


def delete_all(sandbox_id: str) -> None:
    """Delete all that governs a sandbox that is deleted."""
    table.clear(GOVERNANCE, sandbox_key(sandbox_id))
