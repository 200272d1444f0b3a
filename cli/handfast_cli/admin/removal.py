"""Deleting a sandbox: what keeps it from being deleted, what it has, and taking all of that away.

The log stays, and so do the records of privacy requests until their time, and this side's copies of what was connected
and shared, which partners' lists are made from: none of them has an identity.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handfast.access import clients, invitation_store, recipient_token_store, service
from handfast.access import store as access
from handfast.activity import store as activity
from handfast.connections import service as handshake
from handfast.connections import store as connections
from handfast.connectors import store as connectors
from handfast.dataflows import store as dataflows
from handfast.destinations import store as destinations
from handfast.feeds import store as feeds
from handfast.governance import store as governance
from handfast.ingest import store as ingest
from handfast.journal.models import Actor, Event, Sandbox
from handfast.lake import change_log, layout
from handfast.platform import objects
from handfast.platform.problems import Conflict, NotFound
from handfast.privacy_requests import duplicates, list_store, message_webhook_store, task_store
from handfast.privacy_requests import rules as privacy_rules
from handfast.privacy_requests.drop import store as drop_lists
from handfast.privacy_requests.intake_form import store as intake_forms
from handfast.privacy_requests.protocols.drp import agents
from handfast.remote_files import store as remote_files
from handfast.segments import store as segments
from handfast.sources import service as sources
from handfast_cli.admin import user_pool

_ASKED = privacy_rules.OPEN - privacy_rules.UNVERIFIED
"""States of requests that keep their sandbox; anybody can make one that nobody verifies."""


@dataclass(frozen=True)
class Organization:
    """An organisation with its sandboxes."""

    organization_id: str
    name: str
    sandboxes: tuple[Sandbox, ...]


_FOLDERS = (
    "uploads",
    "imports",
    "shards",
    "rejects",
    "packages",
    "access",
    "subjects",
    "drop_lists",
    "sources",
)
"""Folders whose keys have the sandbox's id second."""
_DISCLOSED = (layout.disclosures, layout.deliveries, layout.views)
"""The prefixes of what a dataflow has disclosed."""


def organization(organization_id: str) -> Organization:
    """The organisation. Raises NotFound."""
    found = access.organization(organization_id)
    if found is None:
        raise NotFound("no such organization; see `handfast admin list-organizations`")
    own = tuple(each for each in access.sandboxes() if each.organization_id == organization_id)
    return Organization(organization_id, found.name, own)


def sandbox(sandbox_id: str) -> Sandbox:
    """The sandbox. Raises NotFound."""
    found = access.sandbox(sandbox_id)
    if found is None:
        raise NotFound("no such sandbox; see `handfast admin list-sandboxes`")
    return found


def check(found: Sandbox) -> None:
    """Raises Conflict, with what helps, while something of the sandbox is under way that others rely on."""
    sandbox_id = found.sandbox_id
    active = [
        f"{each.connection_id} with {each.partner.organization_name}"
        for each in connections.connections(sandbox_id)
        if each.status == "active"
    ]
    if active:
        detail = "end its connections first, so that partners lose what was shared with them: "
        how = "; use `handfast connections disconnect` as one who may"
        raise Conflict(f"{sandbox_id}: {detail}{', '.join(active)}{how}", current="connected")
    left = [f"{each.destination_id} ({each.name})" for each in destinations.destinations(sandbox_id)]
    if left:
        detail = "delete its destinations first, and wait until their members have left: "
        how = "; use `handfast destinations delete` as one who may"
        raise Conflict(f"{sandbox_id}: {detail}{', '.join(left)}{how}", current="destinations")
    if any(flow.status != "closed" for flow in dataflows.dataflows(sandbox_id)):
        raise _busy(sandbox_id, "what was shared is still being withdrawn", "withdrawing")
    if any(upload.status == "processing" for upload in ingest.uploads(sandbox_id)):
        raise _busy(sandbox_id, "an upload is being processed", "processing")
    if any(objects.listing(change_log.sandbox_prefix(sandbox_id))):
        raise _busy(sandbox_id, "accepted data is still being applied", "applying")
    asked = [each.privacy_request_id for each in list_store.requests(sandbox_id) if each.status in _ASKED]
    if asked:
        detail = f"people wait for an answer to {', '.join(asked)}: have them completed, or deny or cancel them"
        raise Conflict(f"{sandbox_id}: {detail}", current="privacy_requests")


def _busy(sandbox_id: str, what: str, current: str) -> Conflict:
    return Conflict(f"{sandbox_id}: {what}; try again in a minute", current=current)


def contents(found: Sandbox) -> dict[str, Any]:
    """What goes with a sandbox, counted."""
    sandbox_id = found.sandbox_id
    counts = {
        "grants": access.grants_on(sandbox_id),
        "segments": segments.segments(sandbox_id),
        "feeds": feeds.feeds(sandbox_id),
        "webhooks": activity.webhooks(sandbox_id),
        "connectors": connectors.connectors(sandbox_id),
        "sources": remote_files.sources(sandbox_id),
        "recipientTokens": recipient_token_store.tokens(sandbox_id),
        "agents": agents.listed(sandbox_id),
        "objects": _keys(sandbox_id),
    }
    numbers = Counter({name: sum(1 for _ in things) for name, things in counts.items()})
    ended = [_name(principal) for principal in _only_here(sandbox_id)]
    return {"sandboxId": sandbox_id, "name": found.name, **numbers, "signInEnds": ended}


def remove(found: Sandbox) -> dict[str, Any]:
    """Take all of a sandbox away, and the sandbox last, so that it may be repeated. Returns what went.

    Raises Conflict as `check` does: a partner may have accepted a request meanwhile.
    """
    sandbox_id, went = found.sandbox_id, contents(found)
    handshake.close(sandbox_id)
    check(found)
    for agent in agents.listed(sandbox_id):
        agents.remove(sandbox_id, agent.agent_id)
    for principal_id in _only_here(sandbox_id):
        service.forget_principal(principal_id)
        _end_sign_in(principal_id)
    for grant in access.grants_on(sandbox_id):
        service.take_away(grant.principal_id, sandbox_id)
    for webhook in activity.webhooks(sandbox_id):
        activity.delete_webhook(sandbox_id, webhook, _event(sandbox_id, "webhook.deleted", webhook.webhook_id))
    for connector in connectors.connectors(sandbox_id):
        connectors.delete(connector, _event(sandbox_id, "connector.removed", connector.connector_id))
    if found_webhook := message_webhook_store.get(sandbox_id):
        deleted = _event(sandbox_id, "message_webhook.deleted", found_webhook.webhook_id)
        message_webhook_store.delete(sandbox_id, found_webhook, deleted)
    sources.remove_all(sandbox_id, Actor.operator())
    invitation_store.forget_all(sandbox_id)
    recipient_token_store.forget_all(sandbox_id)
    for store in (connectors, destinations, task_store, intake_forms, drop_lists, duplicates, activity):
        store.forget_all(sandbox_id)
    feeds.delete_feeds(sandbox_id)
    segments.delete_all(sandbox_id)
    governance.delete_all(sandbox_id)
    objects.delete(*_keys(sandbox_id))
    service.delete_sandbox(found)
    return {**went, "status": "deleted"}


def _event(sandbox_id: str, event_type: str, subject: str) -> Event:
    return Event(sandbox_id, event_type, Actor.operator(), subject)


def _only_here(sandbox_id: str) -> list[str]:
    """The people and machines who have a grant on this sandbox alone."""
    here = [grant.principal_id for grant in access.grants_on(sandbox_id)]
    return [
        principal for principal in here if {grant.sandbox_id for grant in access.grants_of(principal)} == {sandbox_id}
    ]


def _name(principal_id: str) -> str:
    found = access.principal(principal_id)
    return found.name if found else principal_id


def _end_sign_in(principal_id: str) -> None:
    for person in user_pool.people("sub", principal_id):
        user_pool.delete_person(person.username)
        return
    clients.delete(principal_id)


def _keys(sandbox_id: str) -> Iterator[str]:
    """The keys of the sandbox's objects, and of what it has disclosed."""
    prefixes = [
        layout.profiles(sandbox_id),
        layout.segments(sandbox_id),
        layout.suppressions(sandbox_id),
        layout.suppressions_towards_partners(sandbox_id),
        layout.suppression_log(sandbox_id),
        layout.answers(sandbox_id),
        layout.phone_index(sandbox_id),
        layout.renderings(sandbox_id),
        layout.departures(sandbox_id),
        change_log.sandbox_prefix(sandbox_id),
        *(f"{folder}/{sandbox_id}/" for folder in _FOLDERS),
    ]
    own = [flow for flow in dataflows.dataflows(sandbox_id) if flow.source.is_sandbox(sandbox_id)]
    prefixes += [prefix(flow.dataflow_id) for flow in own for prefix in _DISCLOSED]
    return (stored.key for prefix in prefixes for stored in objects.listing(prefix))
