"""The work on a DROP list, step by step; each is safe to repeat, and a message goes on where the list stands.

match    every line is compared, and what it comes to is written down, with the id of the request it becomes
suppress whom no line has found is refused by later uploads (Civ. Code 1798.99.86(d))
request  the requests are made, by bulks
follow   the status files are written, until each request has ended
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.access import store as access
from handfast.journal.models import Sandbox
from handfast.lake import suppressions
from handfast.lake.duck import Connection, connect, create_table, literal, parquet, relation, write
from handfast.platform import clock, objects, queues
from handfast.platform.ids import new_id
from handfast.platform.secret import identity_secret
from handfast.platform.table import ConditionFailed
from handfast.privacy_requests import bulk_store, external_ids, intake, list_store
from handfast.privacy_requests import rules as life
from handfast.privacy_requests.bulk_store import Accepted, BulkEntry, PrivacyBulk
from handfast.privacy_requests.drop import matching, reading, rules, store
from handfast.privacy_requests.drop.models import DropFile, DropList, Outcome
from handfast.privacy_requests.drop.reading import ListRejected
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyType, Subject

REGULATION = "delete_act_ca_usa"
_A_BULK = 500
_TOLD = {"request": "VARCHAR", "answer": "VARCHAR", "code": "TINYINT"}
_NOT_FOUND = rules.CODES["not_found"]


def carry_on(sandbox_id: str, drop_list_id: str) -> None:
    """Do what can be done now for a list; when it takes long, the rest is left to another message."""
    began = clock.now()
    found, sandbox = store.drop_list(sandbox_id, drop_list_id), access.sandbox(sandbox_id)
    if found is None or sandbox is None or found.status not in ("processing", "running"):
        return
    try:
        while found.step != "follow":
            found = _STEPS[found.step](sandbox, found)
            if queues.is_enough(began):
                store.wake(sandbox_id, drop_list_id)
                return
        _follow(found)
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
        indexed = sandbox.phone_index
        connection.execute("UPDATE lines SET list_type = 'other' WHERE list_type = 'Phone'") if not indexed else None
        matching.match(connection, of.sandbox_id, identity_secret(), of.exempt_segment_id)
        not_indexed = matching.not_indexed(connection, of.sandbox_id) if _lists_phones(files) else 0
        _write_matches(connection, of, folder)
        counted = _counted(connection, files, indexed=indexed)
        outcomes = dict(connection.execute("SELECT outcome, count(*) FROM outcomes GROUP BY ALL").fetchall())
    found = sum(outcomes.values()) - outcomes.get("not_found", 0)
    totals = {"notFound": outcomes.get("not_found", 0), "open": found}
    return store.save(replace(of, step="suppress", files=counted, outcomes=totals, not_indexed=not_indexed), of)


def _lists_phones(files: Mapping[str, Path]) -> bool:
    return any(rules.list_type(name) == "Phone" for name in files)


def _counted(connection: Connection, files: Mapping[str, Path], *, indexed: bool) -> tuple[DropFile, ...]:
    rows = connection.execute(
        "SELECT file, count(*), count(*) FILTER (outcome <> 'not_found') FROM lines LEFT JOIN outcomes USING (line)"
        " GROUP BY file"
    ).fetchall()
    counts = {file: (lines, matched) for file, lines, matched in rows}
    counted = []
    for number, name in enumerate(files):
        kind, (lines, matched) = rules.list_type(name) or "Removed", counts.get(number, (0, 0))
        compared = kind == "Email" or (kind == "Phone" and indexed)
        counted.append(DropFile(name, kind, lines, matched, compared))
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
        " m.hi, m.lo, m.namespace, m.value FROM matched AS m JOIN lines AS l USING (line)"
        " JOIN outcomes AS o USING (line) JOIN requests AS r ON r.id = l.id ORDER BY l.id, hi, lo",
        "unmatched.parquet": "FROM unmatched ORDER BY hi, lo",
    }
    for part, select in selects.items():
        write(connection, select, folder / part)
        store.put(store.key(of, part), folder / part)


def _named(of: DropList, items: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    """Each line with its request's id and `externalId`.

    A line of an earlier list has that list's request while it is open, or was denied; one that has ended otherwise
    says nothing of those who are found now.
    """
    holders = external_ids.holders(of.sandbox_id, [f"drop-{item}" for item in items])
    earlier = list_store.requests_each(of.sandbox_id, list(holders.values()))
    joined = {one.privacy_request_id for one in earlier if one.status in life.OPEN or one.status == "denied"}
    for item in items:
        name, own_id = f"drop-{item}", _request_id(of, item)
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
    return store.save(replace(of, step="request"), of)


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
    followed = store.save(replace(of, step="follow", status="running"), of)
    parts: Iterable[store.Part] = ("file", "matches.parquet", "unmatched.parquet")
    objects.delete(*(store.key(of, part) for part in parts))
    return followed


def _accepted(sandbox: Sandbox, of: DropList, rows: Sequence[tuple[Any, ...]]) -> Iterable[Accepted]:
    """The requests of rows of `matches`: one for each work item, about all who answer to it."""
    by_request: dict[tuple[str, str, Outcome], list[tuple[Any, ...]]] = {}
    for request, external_id, _, outcome, *identity in rows:
        by_request.setdefault((request, external_id, outcome), []).append(tuple(identity))
    for (request_id, external_id, outcome), identities in by_request.items():
        kind: PrivacyType = "erasure" if outcome == "deleted" else "opt_out"
        made = intake.new_request(sandbox, kind, REGULATION, clock.from_text(of.received_at), Origin(request_id))
        subject = Subject(
            {(hi, lo): code for hi, lo, code, _ in identities},
            values={(hi, lo): bytes(value) for hi, lo, _, value in identities},
        )
        yield bulk_store.accepted(replace(made, external_id=external_id), subject, None)


# Following


def _follow(of: DropList) -> None:
    """Write the status files of what has ended, and end the list with the last; what has ended is not read again."""
    with TemporaryDirectory() as name, connect() as connection:
        folder = Path(name)
        objects.download(store.key(of, "lines.parquet"), folder / "lines")
        connection.execute(f"CREATE TABLE lines AS FROM {parquet([folder / 'lines'])}")
        before = [folder / "answers"] if objects.download(store.key(of, "answers.parquet"), folder / "answers") else []
        connection.execute(f"CREATE TABLE told AS FROM {relation(before, _TOLD)}")
        rows = connection.execute(
            "SELECT DISTINCT request, external_id, outcome FROM lines ANTI JOIN told USING (request)"
            " WHERE request IS NOT NULL"
        ).fetchall()
        answers = _answers(of.sandbox_id, rows)
        create_table(
            connection, "asked", _TOLD, [(name, answer, rules.code(answer)) for name, answer in answers.items()]
        )
        connection.execute("INSERT INTO told FROM asked")
        if any(answer != "open" for answer in answers.values()):
            write(connection, "FROM told WHERE answer <> 'open' ORDER BY request", folder / "told")
            store.put(store.key(of, "answers.parquet"), folder / "told")
        _write_status(connection, of, folder)
        counts: dict[str, int] = dict(
            connection.execute(
                "SELECT coalesce(answer, outcome), count(*) FROM lines LEFT JOIN told USING (request) GROUP BY ALL"
            ).fetchall()
        )
    names = {"not_found": "notFound", "opted_out": "optedOut"}
    outcomes = {names.get(name, name): count for name, count in sorted(counts.items())}
    if not outcomes.get("open"):
        ended = replace(of, status="completed", outcomes=outcomes, ended_at=clock.now_text())
        store.save(ended, of, "completed")
    elif outcomes != dict(of.outcomes):
        store.save(replace(of, outcomes=outcomes), of)


def _answers(sandbox_id: str, rows: Sequence[tuple[str, str, Outcome]]) -> dict[str, rules.Answer]:
    """What lines come to by now, by their requests; the `externalId` of one may be another request's."""
    found = _requests(sandbox_id, [request for request, *_ in rows])
    others = external_ids.holders(sandbox_id, [external_id for request, external_id, _ in rows if request not in found])
    found |= _requests(sandbox_id, list(others.values()))
    return {
        request: _answer(outcome, found.get(request) or found.get(others.get(external_id, "")))
        for request, external_id, outcome in rows
    }


def _requests(sandbox_id: str, names: Sequence[str]) -> dict[str, PrivacyRequest]:
    return {
        request.privacy_request_id: request
        for part in batched(names, _A_BULK, strict=False)
        for request in list_store.requests_each(sandbox_id, part)
    }


def _answer(outcome: Outcome, found: PrivacyRequest | None) -> rules.Answer:
    if found is None:
        return "open"
    # The request of an earlier list may be of the other type than this list's comparison.
    done: Outcome = "deleted" if found.type == "erasure" else "opted_out"
    return rules.answered(done if "deleted" in (outcome, done) else outcome, found.status)


def _write_status(connection: Connection, of: DropList, folder: Path) -> None:
    for number, file in enumerate(of.files):
        if file.compared:
            path = folder / f"status-{number}"
            connection.execute(
                f"COPY (SELECT id AS Id, CASE outcome WHEN 'not_found' THEN {_NOT_FOUND} ELSE code END AS Status"
                f" FROM lines LEFT JOIN told USING (request) WHERE file = {number} AND Status IS NOT NULL)"
                f" TO {literal(path)} (FORMAT csv, HEADER)"
            )
            store.put(store.status_key(of, file.file_name), path)


_STEPS = {"match": _match, "suppress": _suppress, "request": _request}
