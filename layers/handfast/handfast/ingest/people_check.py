"""What changes under way at once did not know of each other: answers that some identities of a person lack."""

from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.ingest import person_facts
from handfast.ingest.person_facts import LookUp
from handfast.lake import answers, buckets, change_log, known_people
from handfast.lake.duck import Connection, connect, write
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.secret import identity_secret

_CHANGE = """
    SELECT hi, lo, namespace, value, CAST(NULL AS VARCHAR) AS profile_id, CAST(NULL AS VARCHAR) AS share,
        share AS profile_share, CAST(NULL AS TIMESTAMP) AS share_at, CAST(NULL AS VARCHAR) AS attributes,
        given_at AS profile_share_at
    FROM spread
"""


def settle_everybody(sandbox_id: str, including: str = "") -> None:
    """Have all identities of each person get the person's answer, those of changes that wait as well.

    `including` is a change that is about to become visible.
    """
    with TemporaryDirectory() as folder:

        def look_up(connection: Connection) -> None:
            known_people.look_up_undecided(connection, sandbox_id, identity_secret(), Path(folder), including)

        _settle(sandbox_id, Path(folder), look_up)


def settle_some(sandbox_id: str, profile_ids: list[str]) -> None:
    """Have all identities of some people get the person's answer."""
    with TemporaryDirectory() as folder:

        def look_up(connection: Connection) -> None:
            connection.executemany("INSERT INTO named VALUES (?)", [[profile_id] for profile_id in profile_ids])
            known_people.look_up(connection, sandbox_id, identity_secret(), Path(folder))

        _settle(sandbox_id, Path(folder), look_up)


def _settle(sandbox_id: str, folder: Path, look_up: LookUp) -> None:
    change_id, at = new_id("chg"), clock.now()
    with connect() as connection:
        answers.create_rules(connection)
        person_facts.create_tables(connection)
        person_facts.decide(connection, look_up)
        concerned = []
        for span in buckets.all_spans():
            path = folder / change_log.PROFILES
            within = buckets.within_sql(buckets.span_range(span, buckets.bucket_bits()))
            if write(connection, f"{_CHANGE} WHERE {within} ORDER BY hi, lo", path):
                change_log.put_change_file(sandbox_id, span, change_id, path, change_log.PROFILES)
                concerned.append(span)
    if concerned:
        change_log.publish_answers(sandbox_id, change_id, at, concerned)
