"""What a request changes in a sandbox's data, as changes that ingest applies (docs/architecture.md, Change log)."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.identity.keys import Key
from handfast.lake import buckets, change_log, layout
from handfast.lake.duck import connect, create_table, timestamp, write
from handfast.lake.people import Profile


def erase(sandbox_id: str, change_id: str, at: datetime, keys: Iterable[Key]) -> None:
    """Have identities leave profiles and all memberships; safe to repeat with the same id."""
    spans = buckets.by_span(sorted(set(keys)), lambda key: key[0])
    with TemporaryDirectory() as folder, connect() as connection:
        for span, part in spans.items():
            create_table(connection, "named", layout.KEY_COLUMNS, part)
            path = Path(folder) / change_log.ERASE
            write(connection, "FROM named", path)
            change_log.put_change_file(sandbox_id, span, change_id, path, change_log.ERASE)
    change_log.publish_request(sandbox_id, change_id, at, spans, erases=True)


def answer(
    sandbox_id: str,
    change_id: str,
    at: datetime,
    keys: Iterable[Key],
    profiles: Iterable[Profile],
    share: str,
    given_at: datetime,
) -> None:
    """Give the identities of a person one consent answer, theirs and the person's; safe to repeat with the same id.

    `profiles` are those of the keys that the sandbox knows; of what was answered later than `given_at` nothing changes.
    """
    columns = {name: layout.PROFILE_COLUMNS[name] for name in ("hi", "lo", "namespace", "value")}
    rows = sorted((profile.hi, profile.lo, profile.namespace, profile.value) for profile in profiles)
    answered = (
        "CAST(NULL AS VARCHAR) AS profile_id, $share AS share, $share AS profile_share, $at::TIMESTAMP AS share_at,"
        " CAST(NULL AS VARCHAR) AS attributes, $at::TIMESTAMP AS profile_share_at"
    )
    with TemporaryDirectory() as folder, connect() as connection:
        for span, part in buckets.by_span(rows, lambda row: row[0]).items():
            create_table(connection, "named", columns, part)
            connection.execute(
                f"CREATE OR REPLACE TABLE change AS SELECT *, {answered} FROM named",
                {"share": share, "at": timestamp(given_at)},
            )
            path = Path(folder) / change_log.PROFILES
            write(connection, "FROM change", path)
            change_log.put_change_file(sandbox_id, span, change_id, path, change_log.PROFILES)
    change_log.publish_request(sandbox_id, change_id, at, buckets.spans_of_keys(keys), erases=False)


def applied(sandbox_id: str, change_id: str, keys: Iterable[Key]) -> bool:
    """Whether ingest has applied the change to every span of the identities."""
    return all(change_log.is_applied(sandbox_id, change_id, span) for span in buckets.spans_of_keys(keys))
