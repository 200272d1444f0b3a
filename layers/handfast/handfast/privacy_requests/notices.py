"""Who received what: recipients of people's identities, read from the disclosures of every dataflow there ever was."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Dataflow
from handfast.identity.keys import Key
from handfast.lake import people
from handfast.lake.people import Disclosure
from handfast.partners.models import PartnerRef
from handfast.privacy_requests import rules, scopes
from handfast.privacy_requests.models import DestinationRef, PrivacyRequest

type Receiver = PartnerRef | DestinationRef


@dataclass(frozen=True)
class Notice:
    """Who has to be told, and the identities that it was given, with their namespaces' codes.

    `number` counts how often it is told, each time of others.
    """

    receiver: Receiver
    identities: Mapping[Key, int]
    number: int = 1

    @property
    def recipient_id(self) -> str:
        """The id of the recipient as told so."""
        return rules.recipient_id(self.receiver, self.number)


def recipients(sandbox_id: str, asked: Mapping[str, tuple[PrivacyRequest, Iterable[Key]]]) -> dict[str, list[Notice]]:
    """Per request who has to be told of it, connection ended or not, in one reading of the ledger."""
    keys = {key for request, keys in asked.values() if scopes.travels(request.type, request.share) for key in keys}
    flows = [flow for flow in dataflows.dataflows(sandbox_id) if flow.source.is_sandbox(sandbox_id)]
    return notices(sandbox_id, asked, _rows(flows, keys))


def possible(sandbox_id: str, request: PrivacyRequest) -> list[Receiver]:
    """Whom a request may have to be told to, ended or not: to whom the sandbox ever gave anybody.

    Which of them received a person depends on whom they know, and a question alone does not tell it.
    """
    if not scopes.travels(request.type, request.share):
        return []
    flows = (flow for flow in dataflows.dataflows(sandbox_id) if flow.source.is_sandbox(sandbox_id))
    goes_on = scopes.goes_on(request)
    by_key = {found.key: found for found in map(receiver_of, flows) if goes_on or isinstance(found, DestinationRef)}
    return [by_key[name] for name in sorted(by_key)]


def receiver_of(flow: Dataflow) -> Receiver:
    """Whom a dataflow gives people to."""
    return flow.target.partner or DestinationRef(flow.target.about["destinationId"], flow.name)


def notices(
    sandbox_id: str,
    asked: Mapping[str, tuple[PrivacyRequest, Iterable[Key]]],
    rows: Iterable[tuple[Dataflow, Disclosure]],
) -> dict[str, list[Notice]]:
    """`recipients`, by rows of the ledger that have been read."""
    askers: dict[Key, list[str]] = defaultdict(list)
    for name, (request, keys) in asked.items():
        for key in keys if scopes.travels(request.type, request.share) else ():
            askers[key].append(name)
    found: dict[str, dict[str, Notice]] = {name: {} for name in asked}
    for flow, row in rows:
        for name in askers.get((row.hi, row.lo), ()) if flow.source.is_sandbox(sandbox_id) else ():
            receiver = receiver_of(flow)
            if _concerns(asked[name][0], receiver, row):
                _add(found[name], receiver, row)
    return {name: [by_key[target] for target in sorted(by_key)] for name, by_key in found.items()}


def _concerns(request: PrivacyRequest, receiver: Receiver, row: Disclosure) -> bool:
    """Whether a disclosure makes its receiver one to tell: a destination is by an erasure, or while it has somebody."""
    if isinstance(receiver, PartnerRef):
        return scopes.goes_on(request) and rules.concerns(request.type, request.received_at, row.disclosed_at)
    return request.type == "erasure" or row.withdrawn_at is None or row.withdrawn_at >= request.received_at


def _add(by_key: dict[str, Notice], receiver: Receiver, row: Disclosure) -> None:
    known = by_key[receiver.key].identities if receiver.key in by_key else {}
    by_key[receiver.key] = Notice(receiver, {**known, (row.hi, row.lo): row.namespace})


def unnotified(received: Iterable[Notice], notified: Mapping[str, frozenset[Key]]) -> Iterator[Notice]:
    """Those of the recipients that were given identities which they have not been told of, with these alone."""
    for notice in received:
        before = [keys for name, keys in notified.items() if rules.notified_as(name)[0] == notice.receiver.key]
        left = notice.identities.keys() - frozenset[Key]().union(*before)
        if left:
            yield replace(notice, identities={key: notice.identities[key] for key in left}, number=len(before) + 1)


def is_between(flow: Dataflow, partner: PartnerRef) -> bool:
    """Whether a dataflow of the sandbox comes from the partner or leads to it."""
    target = flow.target.partner
    return partner.key in {flow.source.key, target.key if target else None}


def delivered(sandbox_id: str, partner: PartnerRef, keys: Iterable[Key]) -> list[Disclosure]:
    """The rows of all that a partner has ever delivered of the identities."""
    flows = [flow for flow in dataflows.dataflows(sandbox_id) if flow.source.key == partner.key]
    return [row for _, row in _rows(flows, list(keys))]


def disclosures_of(sandbox_id: str, keys: Iterable[Key]) -> list[tuple[Dataflow, Disclosure]]:
    """The rows of every dataflow from or to the sandbox that name the identities."""
    return list(_rows(dataflows.dataflows(sandbox_id), list(keys)))


def _rows(flows: Iterable[Dataflow], keys: Iterable[Key]) -> Iterator[tuple[Dataflow, Disclosure]]:
    return ((flow, row) for flow in flows for row in people.disclosures(flow.dataflow_id, keys))
