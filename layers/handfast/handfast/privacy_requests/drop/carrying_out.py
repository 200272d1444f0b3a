"""The work on a DROP list, step by step; each is safe to repeat, and a message goes on where the list stands.

fetch    a list of a connector is downloaded from DROP (`fetching`)
match    every line is compared, and what it comes to is written down, with the id of the request it becomes
suppress whom no line has found is refused by later uploads (Civ. Code 1798.99.86(d))
recheck  every line is compared once more, as others may have come in between the two
request  the requests are made, by bulks; of what consumers took back, those that have not begun are cancelled
follow   the status files are written, until each request has ended (`following`)
answer   a connector's list is answered at DROP (`fetching`)
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.access import store as access
from handfast.connectors.contract import ConnectorError
from handfast.journal.models import Sandbox
from handfast.lake import suppressions
from handfast.lake.duck import Connection, connect, create_table, parquet, write
from handfast.platform import clock, objects, queues
from handfast.platform.ids import new_id
from handfast.platform.secret import identity_secret
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import bulk_store, external_ids, intake, list_store
from handfast.privacy_requests import rules as life
from handfast.privacy_requests.bulk_store import Accepted, BulkEntry, PrivacyBulk
from handfast.privacy_requests.drop import fetching, following, matching, reading, removals, rules, store
from handfast.privacy_requests.drop.models import DropFile, DropList, DropStep, ListType, Outcome
from handfast.privacy_requests.drop.reading import ListRejected
from handfast.privacy_requests.drop.removals import TakenBack
from handfast.privacy_requests.models import Origin, PrivacyType, Subject
from handfast.privacy_requests.wire import DROP_IDS

_A_BULK = 500
_JUST_AFTER = timedelta(milliseconds=1)


def carry_on(sandbox_id: str, drop_list_id: str) -> None:
    """Do what can be done now for a list; when it takes long, the rest is left to another message."""
    began = clock.now()
    found, sandbox = store.drop_list(sandbox_id, drop_list_id), access.sandbox(sandbox_id)
    if found is None or sandbox is None or (found.retry_at or "") > clock.now_text():
        return
    try:
        while found.status in ("processing", "running"):
            step = found.step
            found = _STEPS[step](sandbox, found)
            if step == found.step == "follow":
                return
            if queues.is_enough(began):
                store.wake(sandbox_id, drop_list_id)
                return
    except ConnectorError as error:
        fetching.put_off(found, error)
    except ListRejected as rejected:
        failed = replace(
            found, status="failed", reason=rejected.reason, detail=rejected.detail, ended_at=clock.now_text()
        )
        store.save(failed, found, "failed")
        objects.delete(store.key(found, "file"))
    except ConditionFailed:
        return  # another worker is at it


# Matching


def _match(sandbox: Sandbox, of: DropList) -> DropList:
    with TemporaryDirectory() as name, connect() as connection:
        folder = Path(name)
        if objects.download(store.key(of, "file"), folder / "file") is None:
            raise ListRejected("no_file", "the file is gone; create the list anew")
        files = reading.unpacked(folder / "file", of.file_name, folder)
        reading.read(connection, files)
        compared = matching.compared(sandbox)
        if "Phone" not in compared:
            connection.execute("UPDATE lines SET list_type = 'other' WHERE list_type = 'Phone'")
        matching.match(connection, sandbox, identity_secret(), of.exempt_segment_id, of.not_held)
        not_indexed = matching.not_indexed(connection, of.sandbox_id) if _lists_phones(files) else 0
        if of.step == "recheck":
            _release_opted_out(connection, of, folder)
        _write_matches(connection, of, folder)
        counted = _counted(connection, files, compared)
        outcomes = dict(connection.execute("SELECT outcome, count(*) FROM outcomes GROUP BY ALL").fetchall())
    found = sum(outcomes.values()) - outcomes.get("not_found", 0)
    if of.is_dry_run:
        return _dry_run(of, counted, outcomes, not_indexed)
    totals = {"notFound": outcomes.get("not_found", 0), "open": found}
    step: DropStep = "request" if of.step == "recheck" else "suppress"
    return store.save(replace(of, step=step, files=counted, outcomes=totals, not_indexed=not_indexed), of)


def _dry_run(of: DropList, files: tuple[DropFile, ...], outcomes: Mapping[str, int], not_indexed: int) -> DropList:
    """End a list that is only compared: what would come of it is told, and nothing of it is kept or done."""
    taken = removals.preview(of)
    objects.delete(*(store.key(of, part) for part in store.PARTS))
    ended = replace(
        of,
        status="completed",
        files=files,
        outcomes=rules.counts(outcomes),
        not_indexed=not_indexed,
        cancelled=taken.cancelled,
        lifted=taken.lifted,
        ended_at=clock.now_text(),
    )
    return store.save(ended, of)


def _lists_phones(files: Mapping[str, Path]) -> bool:
    return any(rules.list_type(name) == "Phone" for name in files)


def _counted(connection: Connection, files: Mapping[str, Path], compared: Collection[ListType]) -> tuple[DropFile, ...]:
    rows = connection.execute(
        "SELECT file, count(*), count(*) FILTER (outcome <> 'not_found') FROM lines LEFT JOIN outcomes USING (line)"
        " GROUP BY file"
    ).fetchall()
    counts = {file: (lines, matched) for file, lines, matched in rows}
    counted = []
    for number, name in enumerate(files):
        kind, (lines, matched) = rules.list_type(name) or "Removed", counts.get(number, (0, 0))
        counted.append(DropFile(name, kind, lines, matched, kind in compared))
    return tuple(counted)


def _write_matches(connection: Connection, of: DropList, folder: Path) -> None:
    """Write down what each line comes to, each that found somebody with the id of its request, by its work item."""
    items = connection.execute(
        "SELECT DISTINCT id FROM lines JOIN outcomes USING (line) WHERE outcome <> 'not_found' ORDER BY id"
    ).fetchall()
    made = list(_named(of, [item for (item,) in items]))
    create_table(connection, "requests", {"id": "VARCHAR", "request": "VARCHAR", "external_id": "VARCHAR"}, made)
    selects: Mapping[store.Part, str] = {
        "lines.parquet": "SELECT l.file, l.id, o.outcome, r.request, r.external_id FROM lines AS l"
        " JOIN outcomes AS o USING (line)"
        " LEFT JOIN requests AS r ON r.id = l.id AND o.outcome <> 'not_found' ORDER BY line",
        "matches.parquet": "SELECT r.request, r.external_id, l.id, min(o.outcome) OVER (PARTITION BY l.id) AS outcome,"
        " m.hi, m.lo, m.namespace, m.value,"
        " CASE WHEN m.waits OR l.list_type IN ('NDZ', 'NameVIN') THEN m.profile_id END AS profile_id"
        " FROM matched AS m JOIN lines AS l USING (line)"
        " JOIN outcomes AS o USING (line) JOIN requests AS r ON r.id = l.id ORDER BY l.id, hi, lo",
        "removed.parquet": "SELECT DISTINCT id, hi, lo FROM lines LEFT JOIN taken_back USING (id)"
        " WHERE list_type = 'Removed' ORDER BY id",
        "unmatched.parquet": "SELECT DISTINCT hi, lo, id AS listed_by FROM keyed JOIN outcomes USING (line)"
        " JOIN lines USING (line) WHERE outcome = 'not_found' ORDER BY hi, lo, listed_by",
    }
    for part, select in selects.items():
        write(connection, select, folder / part)
        store.put(store.key(of, part), folder / part)


def _named(of: DropList, items: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    """Each line with its request's id and `externalId`.

    A line of an earlier list has that list's request while it is open, or was denied; one that has ended otherwise
    says nothing of those who are found now.
    """
    holders = external_ids.holders(of.sandbox_id, [f"{DROP_IDS}{item}" for item in items])
    earlier = list_store.requests_each(of.sandbox_id, list(holders.values()))
    joined = {one.privacy_request_id for one in earlier if one.status in life.OPEN or one.status == "denied"}
    for item in items:
        name, own_id = f"{DROP_IDS}{item}", _request_id(of, item)
        holder = holders.get(name, own_id)
        if holder == own_id or holder in joined:
            yield item, holder, name
        else:
            yield item, own_id, f"{name}-{of.drop_list_id}"


def _request_id(of: DropList, item: str) -> str:
    """The same in every repeat; of the time of the list."""
    digest = hashlib.sha256(f"{of.sandbox_id}/{of.drop_list_id}/{item}".encode()).hexdigest()
    return f"prq_{of.drop_list_id.removeprefix('drl_')[:10]}{digest[:16].upper()}"


# Suppressing


def _suppress(_: Sandbox, of: DropList) -> DropList:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "unmatched"
        if objects.download(store.key(of, "unmatched.parquet"), path):
            suppressions.add_file(of.sandbox_id, path, "erasure", clock.from_text(of.received_at))
    return store.save(replace(of, step="recheck"), of)


def _release_opted_out(connection: Connection, of: DropList, folder: Path) -> None:
    """Lift what was suppressed of lines that are found by now and not deleted: uploads of them go on.

    Only what stands by these lines is lifted: no other erasure of them.
    """
    if objects.download(store.key(of, "unmatched.parquet"), folder / "before") is None:
        return
    rows = connection.execute(
        "SELECT DISTINCT hi, lo, id FROM keyed JOIN outcomes USING (line) JOIN lines USING (line)"
        f" SEMI JOIN {parquet([folder / 'before'])} USING (hi, lo) WHERE outcome IN ('opted_out', 'exempted')"
    ).fetchall()
    if rows:
        after = clock.from_text(of.received_at) + _JUST_AFTER
        words: list[suppressions.Word] = [((hi, lo), after, item) for hi, lo, item in rows]
        suppressions.say(of.sandbox_id, words, "release_erasure")


# Requests


def _request(sandbox: Sandbox, of: DropList) -> DropList:
    """Make as many requests as a bulk has; the list goes on when there are no more."""
    with TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder) / "matches"
        accepted = []
        if objects.download(store.key(of, "matches.parquet"), path):
            rows = connection.execute(
                f"SELECT * FROM {parquet([path])} SEMI JOIN (SELECT DISTINCT id FROM {parquet([path])}"
                f" ORDER BY id LIMIT {_A_BULK} OFFSET {of.made}) USING (id) ORDER BY id"
            ).fetchall()
            accepted = list(_accepted(sandbox, of, rows))
    if accepted:
        ids = tuple(BulkEntry(privacy_request_id=one.request.privacy_request_id) for one in accepted)
        bulk = PrivacyBulk(new_id("bulk"), of.sandbox_id, clock.now_text(), of.actor, entries=ids, total=len(accepted))
        bulk_store.create(bulk, accepted)
        bulk_store.wake(of.sandbox_id, bulk.bulk_id)
        return store.save(replace(of, made=of.made + len(accepted)), of)
    taken = removals.carry_out(sandbox, of)
    new = replace(of, step="follow", status="running", cancelled=taken.cancelled, lifted=taken.lifted)
    followed = store.save(new, of, "taken_back" if taken != TakenBack() else None)
    parts: Iterable[store.Part] = ("file", "unmatched.parquet", "removed.parquet")
    objects.delete(*(store.key(of, part) for part in parts))
    return followed


def _accepted(sandbox: Sandbox, of: DropList, rows: Sequence[tuple[Any, ...]]) -> Iterable[Accepted]:
    """The requests of rows of `matches`: one for each work item, about all who answer to it."""
    by_request: dict[tuple[str, str, Outcome], list[tuple[Any, ...]]] = {}
    for request, external_id, _, outcome, *identity in rows:
        by_request.setdefault((request, external_id, outcome), []).append(tuple(identity))
    for (request_id, external_id, outcome), identities in by_request.items():
        kind: PrivacyType = "erasure" if outcome == "deleted" else "opt_out"
        made = intake.new_request(sandbox, kind, rules.REGULATION, clock.from_text(of.received_at), Origin(request_id))
        subject = Subject(
            {(hi, lo): code for hi, lo, code, *_ in identities},
            # Of an identity that is refused when its change is applied, the person is known by the id alone; and what
            # names a person by several fields is of one person, as an id is.
            frozenset(profile_id for *_, profile_id in identities if profile_id),
            {(hi, lo): bytes(value) for hi, lo, _, value, _ in identities if value},
        )
        yield bulk_store.accepted(replace(made, external_id=external_id), subject, None)


_STEPS: Mapping[DropStep, Callable[[Sandbox, DropList], DropList]] = {
    "fetch": fetching.fetch,
    "match": _match,
    "suppress": _suppress,
    "recheck": _match,
    "request": _request,
    "follow": following.follow,
    "answer": fetching.answer,
}
