"""DROP's lists in the privacy table, and their files.

pk        sk        item
DROP#{s}  {id}      list
DROPS     {s}#{id}  list that a worker has something to do for
CYCLES    {s}       when the sandbox last received lists

drop_lists/{sandbox}/{id}/file              what was downloaded; deleted once it is read
drop_lists/{sandbox}/{id}/matches.parquet   who was found; deleted when the list ends
drop_lists/{sandbox}/{id}/unmatched.parquet keys of who was not; deleted once they are suppressed
drop_lists/{sandbox}/{id}/removed.parquet   work items that consumers took back; deleted once they are
drop_lists/{sandbox}/{id}/lines.parquet     each line's id and what it comes to
drop_lists/{sandbox}/{id}/answers.parquet   what came of the requests that have ended
drop_lists/{sandbox}/{id}/status/{name}     a status file
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from boto3.dynamodb.conditions import Attr

from handfast.connectors.store import PRIVACY
from handfast.identity.drop import OwnList
from handfast.journal.models import Actor, Event
from handfast.journal.store import commit
from handfast.platform import aws, clock, items, objects, table
from handfast.platform.items import ItemKind
from handfast.platform.queues import Message, send
from handfast.platform.table import UNCONDITIONAL, ConditionFailed, Delete, Item, Put, Write
from handfast.privacy_requests.drop.models import DropCycle, DropList
from handfast.privacy_requests.drop.rules import REGULATION
from handfast.privacy_requests.models import PrivacyRequest

type Part = Literal[
    "file", "matches.parquet", "unmatched.parquet", "removed.parquet", "lines.parquet", "answers.parquet"
]
PARTS: tuple[Part, ...] = get_args(Part.__value__)


def _by_file(item: Item) -> Item:
    unknown = dict.fromkeys(("warnedUntil", "connectorId", "retryAt", "answeredAt"))
    return item | unknown | {"cancelled": 0}


def _before_dry_runs(item: Item) -> Item:
    return item | {"lifted": 0, "isDryRun": False, "notHeld": "[]"}


def _without_connector(item: Item) -> Item:
    return item | {"connectorId": None, "exemptSegmentId": None}


def _before_not_held(item: Item) -> Item:
    return item | {"notHeld": "[]"}


_LIST = ItemKind("drop_list", DropList, PRIVACY, upgrades=(_by_file, _before_dry_runs))
_CYCLE = ItemKind("drop_cycle", DropCycle, PRIVACY, upgrades=(_without_connector, _before_not_held))
_OPEN, _CYCLES = "DROPS", "CYCLES"
_AT_WORK = ("processing", "running")


def _key(sandbox_id: str) -> str:
    return f"DROP#{sandbox_id}"


def _marker(of: DropList) -> str:
    return f"{of.sandbox_id}#{of.drop_list_id}"


def create(new: DropList) -> None:
    """Keep a list whose file is to come, by whomever it was asked for or by its connector."""
    writes: list[Write] = [items.revise(_LIST, new, None, _key(new.sandbox_id), new.drop_list_id)]
    if new.status in _AT_WORK:
        writes.append(Put(PRIVACY, {"pk": _OPEN, "sk": _marker(new)}, UNCONDITIONAL))
    table.transact(writes)


def drop_list(sandbox_id: str, drop_list_id: str) -> DropList | None:
    """One list."""
    return _LIST.get(_key(sandbox_id), drop_list_id)


def lists_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[DropList], str | None]:
    """A page of lists, newest first. Raises Malformed for a cursor of another list."""
    return items.page(_LIST, _key(sandbox_id), "", limit, cursor)


def save(new: DropList, over: DropList, event: str | None = None) -> DropList:
    """Write a list over the one read, with the event `drop_list.…` where it is one; returns it as written.

    The sweep finds it while it is processing or running. Raises ConditionFailed when it is no longer what was read.
    """
    is_open = new.status in _AT_WORK
    marker: Write = (
        Put(PRIVACY, {"pk": _OPEN, "sk": _marker(new)}, UNCONDITIONAL)
        if is_open
        else Delete(PRIVACY, _OPEN, _marker(new), UNCONDITIONAL)
    )
    detail = {"fileName": new.file_name, **new.outcomes} | ({"reason": new.reason} if new.reason else {})
    actor = new.actor if event == "received" else Actor.system()
    events = [Event(new.sandbox_id, f"drop_list.{event}", actor, new.drop_list_id, detail)] if event else []
    commit([items.revise(_LIST, new, over, _key(new.sandbox_id), new.drop_list_id), marker], events)
    written = drop_list(new.sandbox_id, new.drop_list_id)
    if written is None:
        raise LookupError("the list is gone")
    return written


def open_lists() -> Iterator[tuple[str, str]]:
    """Sandbox and id of the lists that a worker has something to do for."""
    for item in table.query(PRIVACY, _OPEN):
        sandbox_id, _, drop_list_id = item["sk"].rpartition("#")
        yield sandbox_id, drop_list_id


def wake(sandbox_id: str, drop_list_id: str, delay: int = 0) -> None:
    """Have a worker go on with a list, after so many seconds (at most 900)."""
    send("PRIVACY_QUEUE_URL", [Message({"sandboxId": sandbox_id, "dropList": drop_list_id}, delay=delay)])


def wake_for(written: Iterable[PrivacyRequest]) -> None:
    """Have a worker look at the open lists of sandboxes of which one of the requests, one of a list, has ended."""
    for sandbox_id in {one.sandbox_id for one in written if one.regulation == REGULATION and one.ended_at}:
        for item in table.query(PRIVACY, _OPEN, f"{sandbox_id}#"):
            wake(sandbox_id, item["sk"].removeprefix(f"{sandbox_id}#"))


# The cycle


def cycles() -> list[DropCycle]:
    """When each sandbox that has received lists did so last."""
    return list(_CYCLE.query(_CYCLES))


def cycle(sandbox_id: str) -> DropCycle | None:
    """When the sandbox has received lists last; None before the first."""
    return _CYCLE.get(_CYCLES, sandbox_id)


def begin_cycle(sandbox_id: str, received_at: str) -> None:
    """Note when lists were received; an earlier time than the one noted changes nothing."""
    old = cycle(sandbox_id)
    if old is None or old.received_at < received_at:
        kept = old or DropCycle(sandbox_id, received_at, received_at)
        new = replace(kept, received_at=received_at, warned_until=received_at)
        table.apply(_CYCLE.put(new, _CYCLES, sandbox_id, UNCONDITIONAL))


def fetch_by(
    sandbox_id: str,
    connector_id: str | None,
    exempt_segment_id: str | None = None,
    not_held: tuple[OwnList, ...] = (),
) -> None:
    """Have the next lists fetched by a connector from now on, or by none."""
    old, now = cycle(sandbox_id), clock.now_text()
    kept = old or DropCycle(sandbox_id, now, now)
    new = replace(kept, connector_id=connector_id, exempt_segment_id=exempt_segment_id, not_held=not_held)
    table.apply(_CYCLE.put(new, _CYCLES, sandbox_id, UNCONDITIONAL))


def warned(new: DropCycle, over: DropCycle, event: Event) -> None:
    """Note a warning with its event, once."""
    unchanged = Attr("warnedUntil").eq(over.warned_until)
    with suppress(ConditionFailed):
        commit([_CYCLE.put(new, _CYCLES, new.sandbox_id, unchanged)], [event])


# Files


def key(of: DropList, part: Part) -> str:
    """The key of one of a list's objects."""
    return f"drop_lists/{of.sandbox_id}/{of.drop_list_id}/{part}"


def status_key(of: DropList, file_name: str) -> str:
    """The key of a status file."""
    return f"drop_lists/{of.sandbox_id}/{of.drop_list_id}/status/{file_name}"


def upload_link(of: DropList, seconds: int) -> str:
    """A link to PUT the file to."""
    parameters = {"Bucket": objects.bucket_name(), "Key": key(of, "file")}
    return aws.s3().generate_presigned_url("put_object", Params=parameters, ExpiresIn=seconds)


def put(name: str, path: Path) -> None:
    """Write an object over whatever is there: a worker that repeats a step writes the same."""
    objects.write_file(name, path, replaces=objects.find(name))


def forget_all(sandbox_id: str) -> None:
    """Forget the lists of a sandbox that is deleted, and when the next ones were due."""
    table.clear(PRIVACY, _key(sandbox_id))
    table.clear(PRIVACY, _OPEN, f"{sandbox_id}#")
    table.clear(PRIVACY, _CYCLES, sandbox_id)
