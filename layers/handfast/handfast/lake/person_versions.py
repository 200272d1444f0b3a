"""How often changes that name people have become visible in a sandbox: who looks people up beforehand sees by it
afterwards whether another change came in between.
"""

from dataclasses import dataclass

from handfast.journal.keys import sandbox_key
from handfast.lake.change_log import SEGMENTS
from handfast.platform import table
from handfast.platform.table import UNCONDITIONAL, Update

_SK = "PEOPLE"


@dataclass(frozen=True)
class Versions:
    """Changes that name people, and those of them that give answers."""

    named: int = 0
    answered: int = 0


def read(sandbox_id: str) -> Versions:
    """The counts now."""
    item = table.get(SEGMENTS, sandbox_key(sandbox_id), _SK) or {}
    return Versions(item.get("named", 0), item.get("answered", 0))


def note(sandbox_id: str, since: Versions, *, answers: bool) -> bool:
    """Count a change that has become visible; whether another one that concerns it came after `since`.

    Each counts itself before it looks, so that of two at once at least one sees the other.
    """
    added = {"named": 1, "answered": int(answers)}
    table.apply(Update(SEGMENTS, sandbox_key(sandbox_id), _SK, add=added, condition=UNCONDITIONAL))
    now = read(sandbox_id)
    return now.answered > since.answered + answers or (answers and now.named > since.named + 1)
