"""What the rows of one identity come to, and their place in a change.

Rows act as if applied one after another: of two that speak of the same identity the later one wins. Of two consent
answers of one identity or person the one given later wins, of two given at once the stricter, whatever their order.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import json
from pathlib import Path
from typing import NamedTuple

from handfast.ingest import answers_of_file
from handfast.ingest.counting import find_repeated
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import OVERWRITTEN, Plan
from handfast.lake.duck import Connection, literal, timestamp, write


class Parts(NamedTuple):
    """A part of a change, as local files; None where it has no such part."""

    profiles: Path | None
    memberships: Path | None


def take_last_said(connection: Connection, said: str, plan: Plan) -> None:
    """Make `memberships` of what a SELECT has of segments: of each identity and segment what was said last.

    A segment that a row names twice is left if either says so, by the order of the sort. Of whom a refused row speaks
    as well, nothing is overwritten.
    """
    connection.execute(
        f"CREATE TABLE memberships AS SELECT * FROM ({said}) ORDER BY segment, hi, lo, number, realized DESC"
    )
    if plan.overwrite:
        overwritten = f"segment = {literal(OVERWRITTEN)}"
        withheld = f"SELECT (hi, lo) FROM memberships WHERE {overwritten} AND realized IS NULL"
        connection.execute(f"DELETE FROM memberships WHERE {overwritten} AND (hi, lo) IN ({withheld})")
    connection.execute(f"DELETE FROM memberships WHERE rowid IN ({_superseded('memberships', 'hi, lo, segment')})")


def _superseded(table: str, key: str) -> str:
    """The rows of a sorted table that the next row has the same key as."""
    return f"SELECT id FROM (SELECT rowid AS id, ({key}) = lead(({key})) OVER () AS again FROM {table}) WHERE again"


def fold(connection: Connection, roles: Roles) -> None:
    """Make the rows of one identity one: of its texts the last that is given, of answers the strictest."""
    connection.execute(f"CREATE TABLE superseded AS {_superseded('identities', 'hi, lo')}")
    find_repeated(connection, roles)
    texts = [f"a{index}" for index in range(len(roles.texts))]
    answers = ["share", "share_at", "profile_share", "profile_share_at"]
    folded = [answers_of_file.latest_sql(name) for name in ("share", "profile_share")]
    folded += [f"arg_max({name}, number) AS {name}" for name in texts]
    connection.execute(
        f"""
        CREATE TABLE folded AS
        SELECT hi, lo, {", ".join(folded)}
        FROM identities
        WHERE (hi, lo) IN (SELECT (hi, lo) FROM identities WHERE rowid IN (SELECT id FROM superseded))
        GROUP BY hi, lo
        """
    )
    answers_of_file.note_overruled(connection, roles)
    connection.execute("DELETE FROM identities WHERE rowid IN (SELECT id FROM superseded)")
    connection.execute(
        f"""
        UPDATE identities SET {", ".join(f"{name} = folded.{name}" for name in answers + texts)}
        FROM folded WHERE folded.hi = identities.hi AND folded.lo = identities.lo
        """
    )


def write_change(connection: Connection, roles: Roles, plan: Plan, folder: Path, within: str = "TRUE") -> Parts:
    """Write the profiles and memberships of a change, of the keys that a condition names."""
    at = f"TIMESTAMP '{timestamp(plan.at)}'"
    profile_id = "CAST(NULL AS VARCHAR)" if roles.profile_id is None else f"a{roles.profile_id}"
    profiles = f"""
        SELECT hi, lo, namespace, value, {profile_id} AS profile_id,
            share, profile_share, CASE WHEN share IS NOT NULL THEN coalesce(share_at, {at}) END AS share_at,
            {_attributes(roles)} AS attributes,
            CASE WHEN profile_share IS NOT NULL THEN coalesce(profile_share_at, {at}) END AS profile_share_at
        FROM identities
    """
    memberships = "SELECT hi, lo, segment, realized, namespace FROM memberships"
    folder.mkdir(exist_ok=True)

    def written(select: str, name: str) -> Path | None:
        path = folder / name
        return path if write(connection, f"{select} WHERE {within}", path) else None

    return Parts(written(profiles, "profiles.parquet"), written(memberships, "memberships.parquet"))


def _attributes(roles: Roles) -> str:
    """A JSON object of the attributes given, or null; one that is cleared is a member that is null (RFC 7396)."""
    members = [
        f"{literal(json.dumps(column.name or column.column, ensure_ascii=False) + ':')}"
        f" || coalesce(CAST(to_json(nullif(a{index}, '')) AS VARCHAR), CASE WHEN a{index} = '' THEN 'null' END)"
        for index, column in enumerate(roles.texts)
        if column.role == "attribute"
    ]
    if not members:
        return "CAST(NULL AS VARCHAR)"
    return f"nullif('{{' || concat_ws(',', {', '.join(members)}) || '}}', '{{}}')"
