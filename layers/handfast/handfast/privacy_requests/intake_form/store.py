"""The privacy table's items of intake forms.

pk              sk      item
SBX#{s}         INTAKE  the sandbox's form; none where it is switched off
INTAKE#{form}   INTAKE  whose form that is, or was: receipts are found by it after the form has another id
QUOTA#intake-{what}/{…}  {period}  requests by the form that came from a network, or for an address; expires
"""

from collections.abc import Sequence

from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.platform import items, table
from handfast.platform.items import ItemKind
from handfast.platform.table import UNCONDITIONAL, Delete, Put, Write
from handfast.privacy_requests.intake_form.models import IntakeForm

_FORM = ItemKind("intake_form", IntakeForm, PRIVACY)
_PLACE = "INTAKE"


def _form_key(form_id: str) -> str:
    return f"INTAKE#{form_id}"


def form(sandbox_id: str) -> IntakeForm | None:
    """The sandbox's form; None where it is switched off."""
    return _FORM.get(sandbox_key(sandbox_id), _PLACE)


def owner(form_id: str) -> str | None:
    """The sandbox that has, or had, the form with that id."""
    item = table.get(PRIVACY, _form_key(form_id), _PLACE)
    return item["sandboxId"] if item else None


def save(old: IntakeForm | None, new: IntakeForm, events: Sequence[Event]) -> None:
    """Write a form; raises ConditionFailed when it is no longer what was read."""
    writes: list[Write] = [items.revise(_FORM, new, old, sandbox_key(new.sandbox_id), _PLACE)]
    if old is None or old.form_id != new.form_id:
        writes.append(Put(PRIVACY, {"pk": _form_key(new.form_id), "sk": _PLACE, "sandboxId": new.sandbox_id}))
    commit(writes, events)


def delete(old: IntakeForm, events: Sequence[Event]) -> None:
    """Take a form away; its receipts are still found. Raises ConditionFailed when it is no longer what was read."""
    commit([Delete(PRIVACY, sandbox_key(old.sandbox_id), _PLACE, items.at_revision(old))], events)


def forget_all(sandbox_id: str) -> None:
    """Forget the form of a sandbox that is deleted, and those it was; reads the whole table, for the operator alone."""
    for item in table.scan(PRIVACY):
        if item["sk"] == _PLACE and sandbox_id in (item.get("sandboxId"), item["pk"].partition("#")[2]):
            table.apply(Delete(PRIVACY, item["pk"], _PLACE, UNCONDITIONAL))
