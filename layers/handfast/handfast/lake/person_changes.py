"""What a request changes in a sandbox's data, as changes that ingest applies (docs/architecture.md, Change log)."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.identity.keys import Key
from handfast.lake import buckets, change_log
from handfast.lake.duck import connect, write
from handfast.lake.people import Profile


def erase(sandbox_id: str, change_id: str, at: datetime, keys: Iterable[Key]) -> None:
    """Have identities leave profiles and all memberships; safe to repeat with the same id."""
    spans: dict[int, list[Key]] = defaultdict(list)
    for key in sorted(set(keys)):
        spans[buckets.spans_of_keys([key])[0]].append(key)
    with TemporaryDirectory() as folder, connect() as connection:
        for span, part in spans.items():
            columns = [list(column) for column in zip(*part, strict=True)]
            connection.execute("CREATE OR REPLACE TABLE named (hi BIGINT, lo BIGINT)")
            connection.execute("INSERT INTO named SELECT unnest(?::BIGINT[]), unnest(?::BIGINT[])", columns)
            path = Path(folder) / "erase.parquet"
            write(connection, "FROM named", path)
            change_log.put_change_file(sandbox_id, span, change_id, path, "erase.parquet")
    change_log.publish_own(sandbox_id, change_id, at, spans, erase=True)


def answer(
    sandbox_id: str, change_id: str, at: datetime, keys: Iterable[Key], profiles: Iterable[Profile], share: str
) -> None:
    """Give the identities of a person one consent answer, theirs and the person's; safe to repeat with the same id.

    `profiles` are those of the keys that the sandbox knows.
    """
    spans: dict[int, list[Profile]] = {span: [] for span in buckets.spans_of_keys(keys)}
    for profile in sorted(profiles, key=lambda one: (one.hi, one.lo)):
        spans[buckets.spans_of_keys([(profile.hi, profile.lo)])[0]].append(profile)
    said = (
        "CAST(NULL AS VARCHAR) AS profile_id, $share AS share, $share AS profile_share, $at::TIMESTAMP AS share_at,"
        " CAST(NULL AS VARCHAR) AS attributes"
    )
    with TemporaryDirectory() as folder, connect() as connection:
        for span, part in spans.items():
            if not part:
                continue
            connection.execute("CREATE OR REPLACE TABLE named (hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB)")
            connection.executemany(
                "INSERT INTO named VALUES (?, ?, ?, ?)", [(one.hi, one.lo, one.namespace, one.value) for one in part]
            )
            connection.execute(
                f"CREATE OR REPLACE TABLE change AS SELECT *, {said} FROM named",
                {"share": share, "at": at.replace(tzinfo=None)},
            )
            path = Path(folder) / "profiles.parquet"
            write(connection, "FROM change", path)
            change_log.put_change_file(sandbox_id, span, change_id, path, "profiles.parquet")
    change_log.publish_own(sandbox_id, change_id, at, spans, erase=False)


def applied(sandbox_id: str, change_id: str, keys: Iterable[Key]) -> bool:
    """Whether ingest has applied the change to every span of the identities."""
    return all(change_log.is_applied(sandbox_id, change_id, span) for span in buckets.spans_of_keys(keys))
