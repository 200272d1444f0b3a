"""What a file's rows say of their people: answers and exits given with a profile id, with identities or without."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator
from pathlib import Path

from handfast.governance.consent import REFUSALS
from handfast.ingest import answers_of_file, person_facts
from handfast.ingest.parsing import Roles
from handfast.ingest.person_facts import LookUp
from handfast.ingest.plan import Plan
from handfast.lake.duck import Connection, create_table, literal, timestamp, write
from handfast.lake.known_people import keyed_sql

REPLACED = """
CREATE TABLE replaced AS
SELECT DISTINCT s.hi, s.lo, s.namespace
FROM stored AS s JOIN mine AS m ON m.profile_id = s.profile_id AND m.namespace = s.namespace
ANTI JOIN identities AS i ON i.hi = s.hi AND i.lo = s.lo
ANTI JOIN spoilt AS u ON u.profile_id = s.profile_id
"""
"""Makes `replaced`: the known identities that others of their person and namespace take the place of."""
SPOILT = """
SELECT a0 AS profile_id FROM parsed
WHERE a0 IS NOT NULL AND rowid IN (SELECT number FROM refused UNION ALL SELECT number FROM unusable)
"""
"""SELECT of whom the file has more of than was taken, so that nothing of theirs is replaced."""
_ACCEPTED = "rowid NOT IN (SELECT number FROM refused)"


def has_profile_ids(roles: Roles) -> bool:
    """Whether a column holds profile ids, which is then the first of the texts: `a0`."""
    return bool(roles.texts) and roles.texts[0].role == "profileId"


def speaks_sql(roles: Roles) -> str:
    """Whether a row of `parsed` says something of its person that holds without an identity, as a condition.

    Where a file has identities a row without a usable one is refused, but a refusal or an exit is not lost with it.
    """
    taken = f"IN {REFUSALS}" if roles.identities else "IS NOT NULL"
    said = [f"s{index} {taken}" for index in person_answers(roles)]
    said += [condition for _, condition, _ in _exits(roles, None)]
    return f"(a0 IS NOT NULL AND coalesce({' OR '.join(said)}, FALSE))" if said and has_profile_ids(roles) else "FALSE"


def person_answers(roles: Roles) -> list[int]:
    return [index for index, column in enumerate(roles.shares) if column.namespace is None]


def _exits(roles: Roles, segment_id: str | None) -> Iterator[tuple[str, str, str]]:
    """How rows of `parsed` say that somebody leaves a segment: which one, on which condition, and joined with what."""
    for index, column in enumerate(roles.flags):
        yield literal(column.segment_id or ""), f"(NOT f{index} OR (f{index} AND exits))", ""
    for index, column in enumerate(roles.lists):
        if column.leaves or roles.status:
            leaves = "TRUE" if column.leaves else "exits"
            known = f"JOIN listed ON listed.cell = l{index} AND listed.segment IS NOT NULL"
            yield "listed.segment", f"({leaves} AND l{index} IS NOT NULL)", known
    if roles.status and not roles.flags and not roles.lists:
        yield literal(segment_id or ""), "exits", ""


def has_repeated_people(connection: Connection, roles: Roles) -> bool:
    """Whether a profile id stands in more than one row of `parsed`."""
    if not has_profile_ids(roles):
        return False
    ((repeated,),) = connection.execute(
        "SELECT count(*) <> count(DISTINCT hash(a0)) FROM parsed WHERE a0 IS NOT NULL"
    ).fetchall()
    return bool(repeated)


def settle(connection: Connection, roles: Roles, plan: Plan, look_up: LookUp | None, *, repeated: bool) -> int:
    """Have what the file says of people hold for all their identities: those in it, and those that are known.

    `repeated` is what `has_repeated_people` says. Other rows of a file say all of their people themselves, but for
    those without an identity, and those that have one in common. Returns how many known identities others take the
    place of.
    """
    if not has_profile_ids(roles):
        return 0
    is_each_alone = not repeated and not _has_shared_identities(connection)
    if look_up is None and is_each_alone and not _has_rows_without_identity(connection, roles):
        _keep_refusals(connection, roles, plan)
        return 0
    connection.execute(
        f"""
        CREATE VIEW mine AS {mine_sql()};
        CREATE VIEW joined AS SELECT hi, lo, segment, number FROM memberships WHERE realized;
        CREATE VIEW persons AS {persons_sql(roles)};
        CREATE VIEW person_exits AS {exits_sql(roles, plan)};
        CREATE VIEW spoilt AS {SPOILT}
        """
    )
    say(connection, roles, plan)
    person_facts.decide(connection, look_up)
    if plan.replace_identities:
        connection.execute(REPLACED)
    return apply(connection, plan)


def apply(connection: Connection, plan: Plan) -> int:
    """Have what was decided hold for `identities` and `memberships`.

    Returns how many known identities others take the place of.
    """
    replaced = _leave_everything(connection, plan) if plan.replace_identities else 0
    connection.execute(
        """
        UPDATE identities SET profile_share = own.share, profile_share_at = own.given_at FROM own
        WHERE own.hi = identities.hi AND own.lo = identities.lo
        """
    )
    _append(
        connection,
        "identities",
        "hi, lo",
        "hi, lo, namespace, value, share AS profile_share, given_at AS profile_share_at",
        "spread",
    )
    connection.execute(
        "DELETE FROM memberships USING leaving AS l"
        " WHERE l.hi = memberships.hi AND l.lo = memberships.lo AND l.segment = memberships.segment"
    )
    _append(connection, "memberships", "segment, hi, lo", "hi, lo, namespace, segment, FALSE AS realized", "leaving")
    return replaced


def _leave_everything(connection: Connection, plan: Plan) -> int:
    """Let the identities that others take the place of leave all segments; returns how many they are."""
    ((count,),) = connection.execute("SELECT count(*) FROM replaced").fetchall()
    segments = [(segment,) for segment in sorted(set(plan.segments.values()))]
    create_table(connection, "everywhere", {"segment": "VARCHAR"}, segments)
    connection.execute("INSERT INTO leaving BY NAME SELECT replaced.*, segment FROM replaced, everywhere")
    return int(count)


def _append(connection: Connection, table: str, order: str, columns: str, source: str) -> None:
    """Put rows into a sorted table."""
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {source}").fetchall()
    if rows:
        connection.execute(f"INSERT INTO {table} BY NAME SELECT {columns} FROM {source}")
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS FROM {table} ORDER BY {order}")


def _has_shared_identities(connection: Connection) -> bool:
    """Whether an identity stands in several rows, which are of several people where no person is repeated."""
    return connection.execute("FROM superseded LIMIT 1").fetchone() is not None


def _has_rows_without_identity(connection: Connection, roles: Roles) -> bool:
    without = " AND ".join(f"v{place} IS NULL" for place in range(len(roles.identities))) or "TRUE"
    row = connection.execute(f"SELECT 1 FROM parsed WHERE a0 IS NOT NULL AND {without} LIMIT 1").fetchone()
    return row is not None


def mine_sql() -> str:
    """SELECT of the file's identities that have a profile id, with the person's answer that their rows give."""
    return (
        "SELECT hi, lo, namespace, a0 AS profile_id, profile_share, profile_share_at FROM identities"
        " WHERE a0 IS NOT NULL"
    )


def persons_sql(roles: Roles) -> str:
    """SELECT of the accepted rows that have a profile id, with what they say of consent."""
    said = "".join(f", s{index}, g{index}" for index in person_answers(roles))
    return f"SELECT a0 AS profile_id, rowid AS number{said} FROM parsed WHERE a0 IS NOT NULL AND {_ACCEPTED}"


def exits_sql(roles: Roles, plan: Plan) -> str:
    """SELECT of the accepted rows by which somebody leaves a segment."""
    exits = " UNION ALL ".join(
        f"SELECT a0 AS profile_id, CAST({segment} AS segment_id) AS segment, parsed.rowid AS number FROM parsed {join}"
        f" WHERE a0 IS NOT NULL AND {condition} AND parsed.{_ACCEPTED}"
        for segment, condition, join in _exits(roles, plan.segment_id)
    )
    return exits or "SELECT CAST(NULL AS VARCHAR) AS profile_id, '' AS segment, 0 AS number WHERE FALSE"


def say(connection: Connection, roles: Roles, plan: Plan) -> None:
    """Make the tables of what the file says, for `person_facts`, of `mine`, `persons` and `person_exits`."""
    at = f"TIMESTAMP {literal(str(timestamp(plan.at)))}"
    # An identity's rows count for its person, too, where only one of them has the profile id.
    answers = " UNION ALL ".join(
        [
            "SELECT profile_id, profile_share AS share, profile_share_at AS share_at FROM mine"
            " WHERE profile_share IS NOT NULL",
            *(
                f"SELECT profile_id, s{index}, g{index} FROM persons WHERE s{index} IS NOT NULL"
                for index in person_answers(roles)
            ),
        ]
    )
    connection.execute(
        f"""
        CREATE TABLE said AS
            SELECT profile_id, CAST(share AS VARCHAR) AS share, coalesce(share_at, {at}) AS given_at FROM (
                SELECT profile_id, {answers_of_file.latest_sql("share")} FROM ({answers}) GROUP BY profile_id
            );
        CREATE TABLE exits AS
            SELECT profile_id, segment, max(number) AS number FROM person_exits GROUP BY profile_id, segment;
        CREATE OR REPLACE TABLE named AS
            SELECT profile_id FROM mine UNION SELECT profile_id FROM said UNION SELECT profile_id FROM exits
        """
    )
    for index in person_answers(roles):
        connection.execute(
            f"""
            INSERT INTO overruled
            SELECT number, {literal(roles.shares[index].column)},
                {answers_of_file.overruling_sql(f"coalesce(g{index}, {at})", "said.given_at")}, profile_id
            FROM persons JOIN said USING (profile_id) WHERE s{index} <> CAST(said.share AS answer)
            """
        )


def _keep_refusals(connection: Connection, roles: Roles, plan: Plan) -> None:
    """Make `unknown` where nothing had to be looked up, and each person is one row with an identity."""
    answer, given_at = answers_of_file.of_person(roles)
    at = f"TIMESTAMP {literal(str(timestamp(plan.at)))}"
    refusals = (
        f"(SELECT a0 AS profile_id, {answer} AS share, coalesce({given_at}, {at}) AS share_at"
        f" FROM parsed WHERE a0 IS NOT NULL AND {answer} IN {REFUSALS} AND {_ACCEPTED})"
    )
    connection.execute(
        f"CREATE TABLE unknown AS SELECT hi, lo, share, share_at FROM ({keyed_sql(refusals)}) ORDER BY ALL"
    )


def write_answers(connection: Connection, roles: Roles, work_dir: Path) -> Path | None:
    """The answers of people that are kept beside those on identities (`person_facts`); None without any."""
    path = work_dir / "answers.parquet"
    return path if has_profile_ids(roles) and write(connection, "FROM unknown", path) else None
