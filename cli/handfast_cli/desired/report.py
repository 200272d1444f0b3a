"""What a plan says: lines for people, and one document for programs. It never holds a secret."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from handfast_cli.desired.applying import Done
from handfast_cli.desired.kinds import KINDS
from handfast_cli.desired.references import References
from handfast_cli.desired.rules import Change, Plan
from handfast_cli.desired.trying import Tried

_SIGNS = {"create": "+", "delete": "-", "unshare": "-", "request": "+"}


def document(plan: Plan, tries: Sequence[Tried]) -> dict[str, Any]:
    """The plan as JSON."""
    return {
        "changes": [_change(change, each) for change, each in zip(plan.changes, tries, strict=True)],
        "waiting": [{"section": each.section, "key": each.key, "why": each.why} for each in plan.waiting],
        "unmanaged": [{"section": section, "keys": list(keys)} for section, keys in plan.unmanaged.items()],
    }


def _change(change: Change, tried: Tried) -> dict[str, Any]:
    members = dict.fromkeys([*change.before, *change.after])
    return {
        "action": change.action,
        "section": change.section,
        "key": change.key,
        "id": change.id or None,
        "within": change.within or None,
        "members": [
            {"member": name, "from": change.before.get(name), "to": change.after.get(name)} for name in members
        ],
        "secrets": [
            {"member": f"{member}.{name}", "from": str(where)} for (member, name), where in change.secrets.items()
        ],
        "needs": [{"section": section, "key": key} for section, key in sorted(change.needs)],
        "effects": list(tried.lines),
        "dryRun": tried.answer,
        "refused": tried.refused,
    }


def done(made: Done) -> dict[str, Any]:
    """A change that was made, as JSON."""
    change = made.change
    about = {"action": change.action, "section": change.section, "key": change.key, "within": change.within or None}
    return about | {"told": made.told or None, "failed": made.failed}


def made(done: Done) -> str:
    """A change that was made, in a line."""
    return f"done: {title(done.change)}{f' ({done.told})' if done.told else ''}"


def lines(plan: Plan, tries: Sequence[Tried]) -> Iterator[str]:
    """The plan for people."""
    for change, each in zip(plan.changes, tries, strict=True):
        yield title(change)
        yield from (f"    {line}" for line in _details(change, plan.references))
        yield from (f"    → {line}" for line in each.lines)
        if each.refused:
            yield from (f"    ✗ {line}" for line in f"would be refused: {each.refused}".split("\n"))
    for wait in plan.waiting:
        yield f"… {KINDS[wait.section].noun} {wait.key}: {wait.why}"
    for section, keys in plan.unmanaged.items():
        yield f"? not in the file, and left as they are: {section}: {', '.join(keys)}"
    yield summary(plan.changes)


def title(change: Change) -> str:
    """A change in a line."""
    noun = (
        KINDS[change.section].noun if change.section in KINDS else {"corePolicies": "core policy"}.get(change.section)
    )
    named = change.key if noun else "settings of the sandbox"
    within = f" to {change.within}" if change.within else ""
    return f"{_SIGNS.get(change.action, '~')} {change.action} {noun + ' ' if noun else ''}{named}{within}"


def summary(changes: Iterable[Change]) -> str:
    """How much there is to do."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.action] = counts.get(change.action, 0) + 1
    told = ", ".join(f"{count} to {action}" for action, count in counts.items())
    return f"{told}." if told else "Nothing to do: all that the file names is as it says."


def _details(change: Change, references: References) -> Iterator[str]:
    if change.action == "publish":
        return
    for name, value in change.after.items():
        shown = _value(value, references)
        if name in change.before:
            yield f"{name}: {_value(change.before[name], references)} → {shown}"
        elif change.action != "create" or name != KINDS[change.section].key:
            yield f"{name}: {shown}"
    for (member, name), where in change.secrets.items():
        yield f"{member}.{name}: from {where}"


def _value(value: Any, references: References) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return references.name_of(value)
        case list() if all(isinstance(each, str) for each in value):
            return ", ".join(map(references.name_of, value)) or "none"
        case _:
            return json.dumps(_named(value, references), ensure_ascii=False)


def _named(value: Any, references: References) -> Any:
    match value:
        case str():
            return references.name_of(value)
        case dict():
            return {name: _named(each, references) for name, each in value.items()}
        case list():
            return [_named(each, references) for each in value]
        case _:
            return value
