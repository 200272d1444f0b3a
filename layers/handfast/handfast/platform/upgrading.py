"""Bringing what an older version of Handfast stored into the forms of this one: `handfast admin upgrade`.

Items are upgraded as they are read too (`platform.items`); this makes it last, so that a later version may forget the
forms before. It may be repeated, and run while functions work: an item that changes meanwhile is left for the next
run, as whoever changed it may have written it in the new form.
"""

from collections import Counter
from functools import reduce
from operator import and_
from pathlib import Path
from tempfile import TemporaryDirectory

from boto3.dynamodb.conditions import Attr, ConditionBase

from handfast.platform import objects, table
from handfast.platform.items import FORM, KINDS
from handfast.platform.objects import LostRaceError
from handfast.platform.table import ConditionFailed, Item, Put


def upgrade_items(table_setting: str) -> Counter[str]:
    """Rewrite the items of an older form in the table that a setting names; returns how many of each form there were.

    Raises NewerFormError for an item of a later version of Handfast.
    """
    counts: Counter[str] = Counter()
    for item in table.scan(table_setting):
        kind = KINDS.get(str(item.get(FORM, "")).partition("/")[0])
        if kind is None or item[FORM] == kind.form:
            continue
        try:
            table.apply(Put(table_setting, kind.upgraded(item), _unchanged(item)))
        except ConditionFailed:
            counts["changed meanwhile"] += 1
        else:
            counts[item[FORM]] += 1
    return counts


def _unchanged(item: Item) -> ConditionBase:
    return reduce(and_, (Attr(name).eq(value) for name, value in item.items()))


def upgrade_objects() -> Counter[str]:
    """Rewrite the objects that are of an older form; returns how many of each form there were."""
    counts: Counter[str] = Counter()
    for kind in objects.KINDS.values():
        for listed in objects.listing(f"{kind.prefix}/"):
            form = _upgrade_object(kind, listed.key)
            counts.update([form] if form else [])
    return counts


def _upgrade_object(kind: objects.ObjectKind, key: str) -> str | None:
    """Upgrade one object; returns the form that it had, None where nothing was to be done."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "object"
        found = objects.download(key, path, any_form=True)
        if found is None or found.form == kind.form:
            return None
        for upgrade in kind.upgrades[found.form - 1 :]:
            upgrade(path)
        try:
            objects.write_file(key, path, replaces=found, metadata=found.metadata)
        except LostRaceError:
            return "changed meanwhile"
    return f"{kind.prefix}/{found.form}"
