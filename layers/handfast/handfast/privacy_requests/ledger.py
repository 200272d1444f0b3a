"""Who received what: recipients of people's identities, read from the deliveries of every dataflow there ever was."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from handfast.feeds import store as feeds
from handfast.feeds.models import Dataflow
from handfast.privacy_requests import find, rules
from handfast.privacy_requests.find import Disclosure
from handfast.privacy_requests.models import Key, PrivacyRequest

_PAGE = 200


@dataclass(frozen=True)
class Told:
    """A recipient to tell, and the identities that it was given, with their namespaces' codes."""

    sandbox_id: str
    name: str
    identities: Mapping[Key, int]


def dataflows(sandbox_id: str) -> Iterator[Dataflow]:
    """All dataflows from and to a sandbox, ended ones too."""
    cursor = None
    while True:
        found, cursor = feeds.dataflows_page(sandbox_id, _PAGE, cursor)
        yield from found
        if cursor is None:
            return


def recipients(sandbox_id: str, asked: Mapping[str, tuple[PrivacyRequest, Iterable[Key]]]) -> dict[str, list[Told]]:
    """Per request who has to be told of it, connection ended or not, in one reading of the ledger."""
    askers: dict[Key, list[str]] = defaultdict(list)
    for name, (request, keys) in asked.items():
        for key in keys if rules.tells_recipients(request.type) else ():
            askers[key].append(name)
    given: dict[str, dict[str, Told]] = {name: {} for name in asked}
    for flow in dataflows(sandbox_id):
        if flow.source.sandbox_id == sandbox_id:
            for row in find.disclosures(flow.dataflow_id, askers):
                for name in askers[row.hi, row.lo]:
                    request = asked[name][0]
                    if rules.concerns(request.type, request.received_at, row.disclosed_at):
                        _add(given[name], flow, row)
    return {name: [told[target] for target in sorted(told)] for name, told in given.items()}


def _add(told: dict[str, Told], flow: Dataflow, row: Disclosure) -> None:
    target = flow.target.sandbox_id
    name = f"{flow.target.organization_name}, {flow.target.sandbox_name}"
    known = told[target].identities if target in told else {}
    told[target] = Told(target, name, {**known, (row.hi, row.lo): row.namespace})


def held(sandbox_id: str, keys: Iterable[Key]) -> list[tuple[Dataflow, Disclosure]]:
    """The rows of every dataflow from or to the sandbox that name the identities."""
    named = list(keys)
    return [(flow, row) for flow in dataflows(sandbox_id) for row in find.disclosures(flow.dataflow_id, named)]
