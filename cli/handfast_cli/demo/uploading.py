"""Sending a file and comparing what came of it, row by row, with what somebody reading it would know."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from handfast_cli import uploads
from handfast_cli.demo.generator import EMAIL, GAID, IDFA, PHONE, Bar, File
from handfast_cli.demo.report import DifferenceError, Report
from handfast_cli.demo.side import Side, lines, until
from handfast_cli.transfers import ENDED

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


def upload(report: Report, side: Side, name: str, file: File, columns: Iterable[Mapping[str, str]]) -> None:
    """Uploads the file through its link and waits. Raises DifferenceError when a count or a rejected row differs."""
    body = {"fileName": file.path.name, "format": "csv", "mode": "delta", "columns": list(columns)}
    size, sent = file.path.stat().st_size, 0
    with report.measured(f"{name}: sent", len(file.rows)) as bar:

        def advance(count: int) -> None:
            nonlocal sent
            sent += count
            bar(sent, size)

        created = uploads.send_file(side.session, file.path, body, advance)
    with report.measured(f"{name}: ingested", len(file.rows)) as bar:
        ended = until(lambda: _ended(side, created["uploadId"], bar))
    if ended is None or ended["status"] != "completed":
        raise DifferenceError(f"{name}: the upload {f'failed: {ended["error"]}' if ended else 'does not end'}")
    _compare(report, name, file, ended)


def _ended(side: Side, upload_id: str, bar: Bar) -> Any:
    """The upload once it has ended, None before."""
    state = side.get(f"/uploads/{upload_id}")
    bar(state["progress"]["done"], state["progress"]["total"])
    return state if state["status"] in ENDED else None


def _compare(report: Report, name: str, file: File, ended: Mapping[str, Any]) -> None:
    flaws = [(place, row.flaw, row.rejected) for place, row in enumerate(file.rows, start=1) if row.flaw]
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
    wanted = Counter((str(place), *flaw) for place, flaw, _ in flaws)
    url = ended.get("rejectsUrl")
    found = Counter((line["row"], line["column"], line["reason"]) for line in (lines(url) if url else ()))
    report.equal(f"{name}: rejects file, lines missing", {}, dict(wanted - found))
    report.equal(f"{name}: rejects file, lines too many", {}, dict(found - wanted))
    report.say(f"{counts['rows']:,} rows = {counts['accepted']:,} accepted + {counts['rejected']:,} rejected")
    if flaws:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(refused.items()))
        report.say(f"Rejected: {reasons}; left out of accepted rows: {left_out.total():,} single values")
