"""Consent answers in a file: their times, what consent strings say, and which of several in the file count.

`s…` of `parsed` is an answer and `g…` when it was given; null is when the upload was accepted.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from handfast.governance import consent_strings
from handfast.governance.bits import ConsentStringError
from handfast.governance.consent import CLOCK_SKEW
from handfast.governance.consent_strings import Rules, StringAnswer
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import Plan, UploadRejected
from handfast.lake.duck import Connection, literal, timestamp

_FETCH = 10_000
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_READ: dict[str, Callable[[str, Rules], StringAnswer]] = {
    "tcf": consent_strings.read_tcf,
    "gpp": consent_strings.read_gpp,
}

type _Decision = tuple[int, str | None, str | None, str | None]
"""A string's number, its answer, when that was given, and why it is refused."""


def settle(connection: Connection, roles: Roles, plan: Plan, work_dir: Path) -> None:
    """Put the answers of consent strings into `parsed`, and refuse rows for their times."""
    for index, column in enumerate(roles.shares):
        if column.role in _READ:
            _check_rule(column.role, plan.rules)
            _decide(connection, index, column.role, plan, work_dir)
            _take(connection, index, column.column)
            connection.execute(f"ALTER TABLE parsed DROP COLUMN c{index}")
    # Also where this file lacks the column of times: those of other parts are compared with its answers.
    if any(column.role in {"shareAt", *_READ} for column in plan.columns):
        _check_times(connection, roles, plan)


def _check_rule(role: str, rules: Rules) -> None:
    if not (rules.purposes if role == "tcf" else rules.sections):
        raise UploadRejected(
            "no_consent_rule", f"the sandbox has no rule for {role.upper()} strings; set consentStrings.{role}"
        )


def _decide(connection: Connection, index: int, role: str, plan: Plan, work_dir: Path) -> None:
    """Make `strings`: each distinct string with what it says; the decisions travel by number."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE strings AS
        SELECT row_number() OVER () AS id, text FROM (SELECT DISTINCT c{index} AS text FROM parsed)
        WHERE text IS NOT NULL
        """
    )
    path = work_dir / "strings.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(_decisions(connection, _READ[role], plan.rules))
    connection.execute(
        "CREATE OR REPLACE TABLE strings AS SELECT text, CAST(share AS answer) AS share, given_at, reason"
        f" FROM strings JOIN read_csv({literal(path)}, auto_detect=false, header=false, delim=',', quote='\"',"
        " escape='\"', columns={'id': 'BIGINT', 'share': 'VARCHAR', 'given_at': 'TIMESTAMP', 'reason': 'VARCHAR'})"
        " USING (id)"
    )
    path.unlink()


def _decisions(connection: Connection, read: Callable[[str, Rules], StringAnswer], rules: Rules) -> Iterator[_Decision]:
    connection.execute("SELECT id, text FROM strings")
    while rows := connection.fetchmany(_FETCH):
        for number, text in rows:
            try:
                said = read(text, rules)
            except ConsentStringError as error:
                yield number, None, None, error.reason
            else:
                at = said.given_at
                odd = at is not None and not _EARLIEST <= at < _EARLIEST.replace(year=3000)
                given = str(timestamp(at)) if at and not odd else None
                yield number, said.share, given, "unknown_time" if odd else None


def _take(connection: Connection, index: int, column: str) -> None:
    connection.execute(
        f"""
        UPDATE parsed SET s{index} = strings.share, g{index} = coalesce(strings.given_at, g{index}),
            problem_column = CASE WHEN problem IS NULL AND strings.reason IS NOT NULL
                THEN {literal(column)} ELSE problem_column END,
            problem = coalesce(problem, strings.reason)
        FROM strings WHERE strings.text = c{index}
        """
    )


def _check_times(connection: Connection, roles: Roles, plan: Plan) -> None:
    """Give each answer its time, and refuse rows with one to come; one that a clock ahead explains was given now."""
    now = f"TIMESTAMP {literal(str(timestamp(plan.at)))}"
    latest = f"TIMESTAMP {literal(str(timestamp(plan.at + CLOCK_SKEW)))}"
    for index, column in enumerate(roles.shares):
        at = roles.share_at if column.role == "share" and roles.share_at else column
        connection.execute(
            f"UPDATE parsed SET problem = 'in_the_future', problem_column = {literal(at.column)}"
            f" WHERE g{index} > {latest} AND s{index} IS NOT NULL AND problem IS NULL"
        )
        connection.execute(f"UPDATE parsed SET g{index} = {now} WHERE g{index} IS NULL OR g{index} > {now}")


_NOT_GIVEN = ("CAST(NULL AS answer)", "CAST(NULL AS TIMESTAMP)")


def of_person(roles: Roles) -> tuple[str, str]:
    """SQL of the answer of a row of `parsed` for the person, and of its time."""
    found = (index for index, column in enumerate(roles.shares) if column.namespace is None)
    return next(((f"s{index}", f"g{index}") for index in found), _NOT_GIVEN)


def of_identity(roles: Roles, place: int) -> tuple[str, str]:
    """SQL of the answer of a row of `parsed` for the identity of a place, or for its namespace, and of its time."""
    identity, repeat, code = roles.identities[place], roles.repeats[place], roles.namespaces[place].code
    for index, column in enumerate(roles.shares):
        is_its_own = column.of == identity.column and roles.share_repeats[index] == repeat
        if is_its_own or (column.of is None and column.namespace == code):
            return f"s{index}", f"g{index}"
    return _NOT_GIVEN


def latest_sql(name: str) -> str:
    """SQL of the answer in force among several rows of `identities`, and of its time: the latest, then the strictest.

    Answers without a time are all of one time.
    """
    weight = f"weight({name}, {name}_at)"
    return f"arg_max({name}, {weight}) AS {name}, arg_max({name}_at, {weight}) AS {name}_at"


def create_overruled(connection: Connection) -> None:
    """Create `overruled`, without rows."""
    connection.execute('CREATE TABLE overruled (number BIGINT, "column" VARCHAR, reason VARCHAR, profile_id VARCHAR)')


def note_overruled(connection: Connection, roles: Roles) -> None:
    """`overruled`: the rows' answers that another one in the file outweighs, and whether it is a newer one."""
    create_overruled(connection)
    for column in roles.shares:
        name = "profile_share" if column.namespace is None else "share"
        of_namespace = "TRUE" if column.namespace is None else f"identities.namespace = {column.namespace}"
        connection.execute(
            f"""
            INSERT INTO overruled
            SELECT number, {literal(column.column)}, {overruling_sql(f"identities.{name}_at", f"folded.{name}_at")},
                {"NULL" if roles.profile_id is None else "identities.a0"}
            FROM identities
            JOIN folded ON folded.hi = identities.hi AND folded.lo = identities.lo
            WHERE identities.{name} <> folded.{name} AND {of_namespace}
            """
        )


def overruling_sql(at: str, of_the_other: str) -> str:
    """SQL of why an answer does not count: another is newer, or stricter."""
    return f"CASE WHEN {at} < {of_the_other} THEN 'newer_answer' ELSE 'stricter_answer' END"
