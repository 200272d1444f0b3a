"""A sandbox's own message system in the privacy table, as a webhook of one type.

pk       sk        item
SBX#{s}  MESSAGES  where messages to people are posted, and which secret signs them
"""

from collections.abc import Iterator

from handfast.activity.models import WebhookItem
from handfast.connectors.store import PRIVACY
from handfast.journal.keys import sandbox_key
from handfast.journal.models import Event
from handfast.journal.store import commit
from handfast.platform import items, table
from handfast.platform.items import FORM, ItemKind
from handfast.platform.table import Delete

_WEBHOOK = ItemKind("message_webhook", WebhookItem, PRIVACY)
_SK = "MESSAGES"


def get(sandbox_id: str) -> WebhookItem | None:
    """The sandbox's message webhook; None where it has none."""
    return _WEBHOOK.get(sandbox_key(sandbox_id), _SK)


def put(sandbox_id: str, old: WebhookItem | None, new: WebhookItem, event: Event) -> None:
    """Write the message webhook over the revision read, or as the first, else ConditionFailed."""
    commit([items.revise(_WEBHOOK, new, old, sandbox_key(sandbox_id), _SK)], [event])


def delete(sandbox_id: str, old: WebhookItem, event: Event) -> None:
    """Delete the message webhook at the revision read, else ConditionFailed."""
    commit([Delete(PRIVACY, sandbox_key(sandbox_id), _SK, items.at_revision(old))], [event])


def all_webhooks() -> Iterator[tuple[str, WebhookItem]]:
    """Every message webhook with its sandbox's id; reads the whole table, for the operator alone."""
    for item in table.scan(PRIVACY):
        if str(item.get(FORM, "")).startswith(f"{_WEBHOOK.name}/"):
            yield item["pk"].partition("#")[2], _WEBHOOK.load(item)
