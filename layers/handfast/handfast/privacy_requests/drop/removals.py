"""What consumers have taken back, as a list's Removed file says: the duty to delete and keep them out ends with it.

The Delete Act has a broker keep a consumer out "unless the consumer requests otherwise" (Civ. Code 1798.99.86(d)). So
requests that have not begun are cancelled, and what is suppressed by DROP's work item is lifted; what another request
or another work item has suppressed stays, and what is erased is gone.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.dataflows import outbox
from handfast.dataflows import store as dataflows
from handfast.identity.keys import Key
from handfast.journal.models import Actor, Sandbox
from handfast.lake import buckets, suppressions
from handfast.lake.duck import connect, parquet
from handfast.platform import clock, objects
from handfast.platform.problems import Conflict
from handfast.privacy_requests import external_ids, list_store, rules, service, subject_store
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.drop import store
from handfast.privacy_requests.drop.models import DropList
from handfast.privacy_requests.drop.rules import item_of
from handfast.privacy_requests.models import PrivacyRequest
from handfast.privacy_requests.store import Step
from handfast.privacy_requests.wire import DROP_IDS


@dataclass(frozen=True)
class TakenBack:
    """Requests that were cancelled, or would be, and identities that stood suppressed by the removed work items."""

    cancelled: int = 0
    lifted: int = 0


def preview(of: DropList) -> TakenBack:
    """What `carry_out` would do now."""
    items = [item for item, _ in _lines(of)]
    cancelled = ["cancel" in rules.TRANSITIONS[request.status] for _, request in _requests(of, items)]
    return TakenBack(cancelled.count(True), len({key for _, key in _suppressed(of, items)}))


def carry_out(sandbox: Sandbox, of: DropList) -> TakenBack:
    """Cancel the requests of removed work items that have not begun, and lift what is suppressed by them alone.

    Safe to repeat; what an earlier try has done is not counted again.
    """
    lines = _lines(of)
    items = [item for item, _ in lines]
    found = _requests(of, items)
    begun = [(item, request) for item, request in found if not _is_cancelled(sandbox, request)]
    lifted = _suppressed(of, items)
    standing = {item for item, _ in lifted}
    by_item = {item: {key} if key else set[Key]() for item, key in lines}
    for item, key in lifted:
        by_item[item].add(key)
    subjects = subject_store.get_each(of.sandbox_id, [request.privacy_request_id for _, request in begun])
    for (item, request), subject in zip(begun, subjects, strict=True):
        if subject:  # of what is under way, which has yet to suppress some
            by_item[item] |= subject.identities.keys()
        if subject or item in standing:
            _note(request, of)
    _lift(of.sandbox_id, [(key, item) for item, keys in by_item.items() for key in keys])
    return TakenBack(len(found) - len(begun), len({key for _, key in lifted}))


def _is_cancelled(sandbox: Sandbox, request: PrivacyRequest) -> bool:
    try:
        service.withdraw(sandbox, Actor.system(), request)
    except Conflict:
        return False  # begun or ended
    return True


def _lift(sandbox_id: str, places: Sequence[tuple[Key, str]]) -> None:
    now = clock.now()
    releases: tuple[suppressions.Release, ...] = ("release", "release_erasure")
    for release in releases:
        suppressions.say(sandbox_id, [(key, now, item) for key, item in places], release)
    spans = [buckets.span_name(span) for span in buckets.spans_of_keys(key for key, _ in places)]
    for flow in dataflows.dataflows(sandbox_id) if spans else ():
        if flow.status != "closed":
            outbox.mark_dirty(flow, "privacy_request", spans)


def _note(request: PrivacyRequest, of: DropList) -> None:
    """Record with a request that has begun, or ended, that its consumer has taken it back."""
    detail: dict[str, object] = {"dropListId": of.drop_list_id}
    requests.save_each([Step(request, request, "taken_back", Actor.system(), detail, announced=False)])


def _suppressed(of: DropList, items: Iterable[str]) -> set[tuple[str, Key]]:
    found = suppressions.listed_by(of.sandbox_id, items)
    return {(item, key) for item, keys in found.items() for key in keys}


def _requests(of: DropList, items: Iterable[str]) -> list[tuple[str, PrivacyRequest]]:
    """The requests of work items, each once, with its item."""
    names: set[str] = set()
    for item in items:
        name = f"{DROP_IDS}{item}"
        names |= {*external_ids.holders(of.sandbox_id, [name]).values()}
        names |= {*external_ids.beginning_with(of.sandbox_id, f"{name}-")}
    found = list_store.requests_each(of.sandbox_id, sorted(names))
    of_items = ((item_of(request.regulation, request.external_id), request) for request in found)
    return [(item, request) for item, request in of_items if item]


def _lines(of: DropList) -> list[tuple[str, Key | None]]:
    """Each removed work item, with the key of its hash where lines of its list have one."""
    with TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder) / "removed"
        if objects.download(store.key(of, "removed.parquet"), path) is None:
            return []
        rows = connection.execute(f"SELECT id, hi, lo FROM {parquet([path])} ORDER BY id").fetchall()
    return [(item, None if hi is None else (hi, lo)) for item, hi, lo in rows]
