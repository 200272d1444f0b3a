"""What becomes of a list's requests: the status files, and the opt-outs that follow from denied deletions."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.journal.models import Sandbox
from handfast.lake.duck import Connection, connect, create_table, literal, parquet, relation, write
from handfast.platform import clock, objects
from handfast.platform.ids import new_id
from handfast.privacy_requests import bulk_store, external_ids, intake, list_store
from handfast.privacy_requests.bulk_store import Accepted, BulkEntry, PrivacyBulk
from handfast.privacy_requests.drop import rules, store
from handfast.privacy_requests.drop.models import DropList, Outcome
from handfast.privacy_requests.models import Origin, PrivacyRequest, Subject

_A_BULK = 500
_TOLD = {"request": "VARCHAR", "answer": "VARCHAR", "code": "TINYINT"}
_NOT_FOUND = rules.CODES["not_found"]


@dataclass(frozen=True)
class _Line:
    """A line that found somebody: its request's id, its `externalId`, and what it was compared to."""

    request: str
    external_id: str
    outcome: Outcome


def follow(sandbox: Sandbox, of: DropList) -> DropList:
    """Write the status files of what has ended, and end the list with the last; what has ended is not read again.

    A list that came by DROP's API has yet to be answered there.
    """
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
        answers = _answers(sandbox, of, [_Line(*row) for row in rows])
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
    outcomes = rules.counts(counts)
    if outcomes.get("open"):
        return store.save(replace(of, outcomes=outcomes), of) if outcomes != dict(of.outcomes) else of
    objects.delete(store.key(of, "matches.parquet"))
    if of.connector_id:
        return store.save(replace(of, outcomes=outcomes, step="answer"), of)
    ended = replace(of, status="completed", outcomes=outcomes, ended_at=clock.now_text())
    return store.save(ended, of, "completed")


def _answers(sandbox: Sandbox, of: DropList, lines: Sequence[_Line]) -> dict[str, rules.Answer]:
    """What lines come to by now, by their requests; the `externalId` of one may be another request's."""
    found = _requests(of.sandbox_id, [line.request for line in lines])
    others = external_ids.holders(of.sandbox_id, [line.external_id for line in lines if line.request not in found])
    found |= _requests(of.sandbox_id, list(others.values()))
    held = {line.request: found.get(line.request) or found.get(others.get(line.external_id, "")) for line in lines}
    denied = {name: request for name, request in held.items() if request and _is_denied_deletion(request)}
    opted_out = _opt_out(sandbox, of, denied)
    return {
        line.request: opted_out[line.request] if line.request in denied else _answer(line.outcome, held[line.request])
        for line in lines
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
        if of.is_answered(file):
            path = folder / f"status-{number}"
            connection.execute(
                f"COPY (SELECT id AS Id, CASE outcome WHEN 'not_found' THEN {_NOT_FOUND} ELSE code END AS Status"
                f" FROM lines LEFT JOIN told USING (request) WHERE file = {number} AND Status IS NOT NULL)"
                f" TO {literal(path)} (FORMAT csv, HEADER)"
            )
            store.put(store.status_key(of, file.file_name), path)


# Denials


def _is_denied_deletion(request: PrivacyRequest) -> bool:
    return request.status == "denied" and request.type == "erasure"


def _opt_out(sandbox: Sandbox, of: DropList, denied: Mapping[str, PrivacyRequest]) -> dict[str, rules.Answer]:
    """What lines of denied deletions come to: their people are opted out, by a request of its own that begins at once.

    The law gives no choice there: what is kept is neither sold nor shared (`rules.denied`).
    """
    names = {line: _opt_out_id(request) for line, request in denied.items()}
    found = _requests(of.sandbox_id, list(names.values()))
    missing = {line: denied[line] for line, name in names.items() if name not in found}
    for part in batched(_opt_outs(sandbox, of, missing), _A_BULK, strict=False):
        entries = tuple(BulkEntry(privacy_request_id=one.request.privacy_request_id) for one in part)
        bulk = PrivacyBulk(new_id("bulk"), of.sandbox_id, clock.now_text(), of.actor, entries=entries, total=len(part))
        bulk_store.create(bulk, part)
        bulk_store.wake(of.sandbox_id, bulk.bulk_id)
    return {line: _answer(rules.denied(request.ground), found.get(names[line])) for line, request in denied.items()}


def _opt_out_id(of: PrivacyRequest) -> str:
    """The same in every repeat, and for every list that the denied request answers."""
    digest = hashlib.sha256(f"{of.privacy_request_id}/opt_out".encode()).hexdigest()
    return f"{of.privacy_request_id[:14]}{digest[:16].upper()}"


def _opt_outs(sandbox: Sandbox, of: DropList, denied: Mapping[str, PrivacyRequest]) -> Iterable[Accepted]:
    at_once = replace(sandbox, privacy_rule="automatic")
    identities = _identities(of, list(denied)) if denied else {}
    for line, request in denied.items():
        new = _opt_out_id(request)
        made = intake.new_request(at_once, "opt_out", rules.REGULATION, clock.from_text(of.received_at), Origin(new))
        subject = Subject(
            {(hi, lo): code for hi, lo, code, *_ in identities[line]},
            frozenset(profile_id for *_, profile_id in identities[line] if profile_id),
            values={(hi, lo): bytes(value) for hi, lo, _, value, _ in identities[line]},
        )
        named = replace(made, external_id=f"{request.external_id}-opt-out")
        yield bulk_store.accepted(named, subject, None)


def _identities(of: DropList, lines: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Whom the lines of these requests have found."""
    found: dict[str, list[tuple[Any, ...]]] = {line: [] for line in lines}
    with TemporaryDirectory() as folder, connect() as connection:
        path = Path(folder) / "matches"
        objects.download(store.key(of, "matches.parquet"), path)
        create_table(connection, "named", {"request": "VARCHAR"}, [(line,) for line in lines])
        rows = connection.execute(
            f"SELECT * FROM {parquet([path])} SEMI JOIN named USING (request)"  # as `carrying_out` writes it
        ).fetchall()
    for line, _, _, _, *identity in rows:
        found[line].append(tuple(identity))
    return found
