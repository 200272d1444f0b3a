"""The kinds of things that a file may name: where the API has them, and how they are made, changed and deleted."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Kind:
    """One kind, in its section of the file and at its path below the sandbox.

    `key` is the member of the API's items that things are matched by, `identifier` the one that paths name them by.
    `later` are members that making does not take and a change does; `fixed` those that no change takes; `kept` those
    that a change by PUT or POST needs with the others. `tries` are the calls that have a dry run.
    """

    section: str
    noun: str
    path: str
    identifier: str
    key: str = "name"
    makes: Literal["POST", "PUT"] = "POST"
    changes: Literal["PATCH", "PUT", "POST"] = "PATCH"
    later: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    kept: tuple[str, ...] = ()
    tries: frozenset[Literal["create", "change"]] = frozenset()
    deletes: bool = True


STATUS = frozenset({"status"})
CODES = ("name", "description")

_KINDS = (
    Kind("labels", "label", "/labels", "code", "code", "PUT", "PUT", kept=CODES),
    Kind("marketingActions", "marketing action", "/marketing-actions", "code", "code", "PUT", "PUT", kept=CODES),
    Kind(
        "namespaces",
        "namespace",
        "/namespaces",
        "namespace",
        "namespace",
        changes="POST",
        later=STATUS,
        fixed=frozenset({"kind", "minLength", "maxLength"}),
        kept=("namespace", "name", "kind", "minLength", "maxLength", "dropList"),
        deletes=False,
    ),
    Kind("dataSources", "data source", "/data-sources", "dataSourceId", tries=frozenset({"change"}), deletes=False),
    Kind("segments", "segment", "/segments", "segmentId", tries=frozenset({"change"})),
    Kind(
        "policies",
        "policy",
        "/policies",
        "policyId",
        changes="PUT",
        kept=("name", "description", "marketingActions", "deny", "enabled"),
        tries=frozenset({"create", "change"}),
    ),
    Kind("sources", "source", "/sources", "sourceId", later=STATUS, fixed=frozenset({"kind"})),
    Kind("connections", "connection", "/connections", "connectionId", deletes=False),
    Kind("feeds", "feed", "/feeds", "feedId"),
    Kind(
        "destinations",
        "destination",
        "/destinations",
        "destinationId",
        later=STATUS,
        fixed=frozenset({"type"}),
        tries=frozenset({"change"}),
    ),
    Kind("activations", "activation", "/activations", "activationId", tries=frozenset({"create", "change"})),
    Kind("connectors", "connector", "/connectors", "connectorId", fixed=frozenset({"type"})),
    Kind("webhooks", "webhook", "/webhooks", "webhookId", "url", later=STATUS),
)
KINDS = {kind.section: kind for kind in _KINDS}
"""By section, in the order in which they are made: what is named comes before what names it."""

REFERS: dict[str, tuple[str, ...]] = {
    "sources": ("segments", "dataSources", "namespaces"),
    "feeds": ("segments", "connections", "namespaces"),
    "destinations": ("activations", "segments", "namespaces"),
}
"""What has to be known beside the things of a section themselves."""
