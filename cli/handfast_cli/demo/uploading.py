"""Sending a file and comparing what came of it, row by row, with what somebody reading it would know."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from handfast_cli import folders, uploads
from handfast_cli.demo.generator import EMAIL, GAID, IDFA, PHONE, Bar, File, Row
from handfast_cli.demo.report import DifferenceError, Report
from handfast_cli.demo.side import Side, lines, until
from handfast_client.uploads import ENDED, Advance

CRM = (
    {"column": "customer", "as": "profileId"},
    {"column": "email", "as": "identity", "namespace": EMAIL, "transform": "hash"},
    {"column": "phone", "as": "identity", "namespace": PHONE, "transform": "hash"},
    {"column": "idfa", "as": "identity", "namespace": IDFA},
    {"column": "gaid", "as": "identity", "namespace": GAID},
    {"column": "consent", "as": "share"},
    {"column": "segment", "as": "segment"},
    {"column": "note", "as": "attribute", "name": "note"},
)
PARTNER = (
    {"column": "member", "as": "profileId"},
    {"column": "email_sha256", "as": "identity", "namespace": EMAIL, "transform": "none"},
    {"column": "phone_sha256", "as": "identity", "namespace": PHONE, "transform": "none"},
    {"column": "idfa", "as": "identity", "namespace": IDFA},
    {"column": "gaid", "as": "identity", "namespace": GAID},
)


PARTS = 8
"""Files that A's export comes in."""


def upload(report: Report, side: Side, name: str, file: File, columns: Iterable[Mapping[str, str]]) -> None:
    """Uploads the file through its link and waits. Raises DifferenceError when a count or a rejected row differs."""
    body = _body(file, columns)
    with _sending(report, name, file) as advance:
        created = uploads.send_file(side.session, file.path, body, advance)
    ended = _followed(report, side, name, len(file.rows), f"/uploads/{created['uploadId']}")
    if ended["status"] != "completed":
        raise DifferenceError(f"{name}: the upload failed: {ended['error']}")
    _compare(report, name, file, ended, {"": file.rows})


def upload_in_parts(report: Report, side: Side, name: str, file: File, columns: Iterable[Mapping[str, str]]) -> None:
    """Uploads the file as a folder of parts, one of which is cut short and sent again once that is told.

    Raises DifferenceError when nothing is told of it, or a count or a rejected row differs.
    """
    folder, rows = _cut(file)
    parts = folders.parts_of(folder)
    bad = list(parts)[PARTS // 2]
    whole = parts[bad].read_bytes()
    parts[bad].write_bytes(whole[: len(whole) // 2])
    with _sending(report, f"{name} in {PARTS} parts", file) as advance:
        import_id = folders.send_folder(side.session, parts, _body(file, columns), advance)
    place = f"/imports/{import_id}"
    refused = _followed(report, side, name, len(file.rows), place)
    failed = {part["name"]: part["error"]["reason"] for part in refused["parts"]["failed"]}
    report.equal(f"{name}: the parts that cannot be read", {bad: "damaged_file"}, failed)
    report.equal(f"{name}: what was taken of the others", 0, refused["counts"]["accepted"])
    report.say(f"{bad} was cut short on its way: nothing is taken, and A is told of that part")
    parts[bad].write_bytes(whole)
    sent = folders.send_again(side.session, import_id, parts, lambda _: None)
    report.equal(f"{name}: the parts sent again", [bad], sent)
    report.say("A sends it once more, and starts the import again")
    ended = _followed(report, side, name, len(file.rows), place)
    report.equal(f"{name}: its end", "completed", ended["status"])
    _compare(report, name, file, ended, rows)


def _cut(file: File) -> tuple[Path, dict[str, Sequence[Row]]]:
    """The file as a folder of packed parts with a header each, and the rows of each part by its name."""
    folder = file.path.parent / "export"
    folder.mkdir()
    header, *records = _records(file.path)
    size = -(-len(records) // PARTS)
    rows: dict[str, Sequence[Row]] = {}
    for number in range(PARTS):
        name = f"part-{number}.csv.gz"
        (folder / name).write_bytes(gzip.compress((header + "".join(records[number * size :][:size])).encode(), 1))
        rows[name] = file.rows[number * size :][:size]
    (folder / "_SUCCESS").touch()
    return folder, rows


def _records(path: Path) -> list[str]:
    """The records of a CSV as they are written, some of several lines."""
    with path.open(newline="") as file:
        lines = file.readlines()
    reader, begins = csv.reader(lines), 0
    records = []
    for _ in reader:
        records.append("".join(lines[begins : reader.line_num]))
        begins = reader.line_num
    return records


def _body(file: File, columns: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    return {"fileName": file.path.name, "format": "csv", "mode": "delta", "columns": list(columns)}


@contextmanager
def _sending(report: Report, name: str, file: File) -> Iterator[Advance]:
    size, sent = file.path.stat().st_size, 0
    with report.measured(f"{name}: sent", len(file.rows)) as bar:

        def advance(count: int) -> None:
            nonlocal sent
            sent += count
            bar(sent, size)

        yield advance


def _followed(report: Report, side: Side, name: str, rows: int, place: str) -> dict[str, Any]:
    with report.measured(f"{name}: ingested", rows) as bar:
        ended = until(lambda: _ended(side, place, bar))
    if ended is None:
        raise DifferenceError(f"{name}: the upload does not end")
    return ended


def _ended(side: Side, place: str, bar: Bar) -> dict[str, Any] | None:
    """The upload once it has ended, None before."""
    state: dict[str, Any] = side.get(place)
    done = state["splits"] or state["progress"]
    bar(done["done"], done["total"])
    return state if state["status"] in ENDED else None


def _compare(
    report: Report, name: str, file: File, ended: Mapping[str, Any], parts: Mapping[str, Sequence[Row]]
) -> None:
    """Compares with the rows of each part, by its name; a file that is not in parts is one without a name."""
    flaws = [
        ((part, place), row.flaw, row.rejected)
        for part, rows in parts.items()
        for place, row in enumerate(rows, start=1)
        if row.flaw
    ]
    refused = Counter(reason for _, (_, reason), rejected in flaws if rejected)
    left_out = Counter(reason for _, (_, reason), rejected in flaws if not rejected)
    expected = {
        "rows": len(file.rows),
        "accepted": len(file.rows) - refused.total(),
        "rejected": refused.total(),
        "rejectedByReason": dict(refused),
        "valuesRejected": dict(left_out),
        "realized": sum(len(row.identities) * len(row.segments) for row in file.rows if not row.rejected),
        "exited": 0,
    }
    counts = ended["counts"]
    report.equal(f"{name}: the counts", expected, {member: counts[member] for member in expected})
    wanted = Counter((part, str(place), *flaw) for (part, place), flaw, _ in flaws)
    url = ended.get("rejectsUrl")
    told = lines(url) if url else ()
    found = Counter((line.get("part", ""), line["row"], line["column"], line["reason"]) for line in told)
    report.equal(f"{name}: rejects file, lines missing", {}, dict(wanted - found))
    report.equal(f"{name}: rejects file, lines too many", {}, dict(found - wanted))
    report.say(f"{counts['rows']:,} rows = {counts['accepted']:,} accepted + {counts['rejected']:,} rejected")
    if flaws:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(refused.items()))
        report.say(f"Rejected: {reasons}; left out of accepted rows: {left_out.total():,} single values")
