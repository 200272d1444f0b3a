"""Values that plain SQL does not recognise: each distinct one is decided once by `Namespace.normalise` or `kept`.

Where a column has many, `Namespace.spelt` reads most of them at once, with the same result.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from handfast.identity import drop, profile_ids
from handfast.identity.namespaces import BLANKS, Reading, Rejected, is_digest
from handfast.ingest.facts import place_name
from handfast.ingest.parsing import Roles
from handfast.ingest.plan import Plan
from handfast.lake.duck import Connection, literal

_FETCH = 10_000
MANY = 4_000
"""Odd values of a column that are read in bulk; fewer are decided before the engine has compiled its patterns."""
_USUAL_BLANKS = " \t\r\n\xa0"  # to trim all of them takes ten times as long

type _Decision = tuple[int, str | None, bool, str | None, str | None, str | None]
"""The odd value's number, what it stands for, whether it came hashed, why it is left out, its last ten digits, and JSON
of its renderings by form."""


class Mixtures(NamedTuple):
    """The columns with digests and those with raw values, by `place_name`: of one that is both, half matches nobody."""

    hashed: tuple[str, ...]
    raw: tuple[str, ...]


def resolve(connection: Connection, roles: Roles, plan: Plan, work_dir: Path) -> Mixtures:
    """Make `resolved`, a row per odd value of `parsed`, and put each value decided there into `parsed`."""
    _decide(connection, roles, plan, work_dir)
    found = _mixtures(connection, roles)
    _take_resolved(connection, roles)
    return found


def _decide(connection: Connection, roles: Roles, plan: Plan, work_dir: Path) -> None:
    """Decide each distinct odd value once; the decisions travel by number, so that no raw value is written."""
    odd = " UNION ALL ".join(
        f"SELECT {index} AS place, o{index} AS text, {roles.region(index)} AS region FROM parsed"
        f" WHERE o{index} IS NOT NULL"
        for index in range(len(roles.identities) + (roles.profile_id is not None))
    )
    connection.execute(
        f"CREATE TABLE odd AS SELECT row_number() OVER () AS id, * FROM (SELECT DISTINCT * FROM ({odd}))"
    )
    _read_spellings(connection, roles, plan)
    decisions = work_dir / "decisions.csv"
    with decisions.open("w", newline="") as file:
        csv.writer(file).writerows(_decisions(connection, roles, plan))
    connection.execute(
        "CREATE TABLE resolved AS SELECT odd.* EXCLUDE (id), unhex(value) AS value, hashed, reason,"
        " unhex(last_ten) AS last_ten, rendered FROM odd"
        f" JOIN read_csv({literal(decisions)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"',"
        " columns={'id': 'BIGINT', 'value': 'VARCHAR', 'hashed': 'BOOLEAN', 'reason': 'VARCHAR',"
        " 'last_ten': 'VARCHAR', 'rendered': 'VARCHAR'}) USING (id)"
    )
    decisions.unlink()
    for place in _spelt_places(roles):
        connection.execute(f"INSERT INTO resolved {_decided_sql(roles, place)}")


def _spelt_places(roles: Roles) -> list[int]:
    """The columns of raw values whose usual spellings are read in bulk."""
    columns = zip(roles.identities, roles.namespaces, strict=True)
    return [place for place, (column, kind) in enumerate(columns) if kind.spelt and column.transform != "none"]


def _read_spellings(connection: Connection, roles: Roles, plan: Plan) -> None:
    """Make `spelt`: the canonical text of values of `odd`, by their numbers; null where it is to be decided."""

    def ask(select: str) -> list[tuple[Any, ...]]:
        return connection.execute(select).fetchall()

    connection.execute("CREATE TABLE spelt (id BIGINT, canonical VARCHAR)")
    for place in _spelt_places(roles):
        spelt = roles.namespaces[place].spelt
        region = "region" if plan.phone_region is None else f"coalesce(region, {literal(plan.phone_region)})"
        text = f"trim(text, {literal(_USUAL_BLANKS)}) AS text"
        values = f"(SELECT id, {text}, {region} AS region FROM odd WHERE place = {place})"
        ((count,),) = ask(f"SELECT count(*) FROM {values}")
        if spelt is not None and count >= MANY:
            connection.execute(f"INSERT INTO spelt {spelt(ask, values, roles.identities[place].form)}")


def _decided_sql(roles: Roles, place: int) -> str:
    """SELECT of rows of `resolved`, as `_decisions` makes them, of a column's values that are read in bulk."""
    last_ten = drop.phone_digest_sql("canonical") if place in roles.phones else "NULL"
    forms = [f"{literal(form.name)}, hex({form.value_sql('canonical')})" for form in roles.renderings.get(place, ())]
    rendered = f"json_object({', '.join(forms)})"
    return (
        f"SELECT place, text, region, unhex(sha256(canonical)), FALSE, NULL, {last_ten}, {rendered}"
        f" FROM odd JOIN spelt USING (id) WHERE place = {place} AND canonical IS NOT NULL"
    )


def _decisions(connection: Connection, roles: Roles, plan: Plan) -> Iterator[_Decision]:
    connection.execute(
        "SELECT id, place, text, region FROM odd ANTI JOIN (FROM spelt WHERE canonical IS NOT NULL) USING (id)"
    )
    while rows := connection.fetchmany(_FETCH):
        for number, place, text, region in rows:
            if place == len(roles.identities):
                yield _profile_id(number, text, plan.secret)
                continue
            column, namespace = roles.identities[place], roles.namespaces[place]
            hashed = namespace.hashed and is_digest(text)
            reading = Reading(region or plan.phone_region, column.form)
            try:
                value = namespace.normalise(text, phone_region=reading.phone_region, phone_form=reading.phone_form)
            except Rejected as rejected:
                yield number, None, False, None if rejected.reason == "empty" else rejected.reason, None, None
            else:
                raw = namespace.hashed and column.transform == "none" and not hashed
                last_ten = rendered = None
                if (place in roles.phones or place in roles.renderings) and not hashed:
                    canonical = namespace.canonical(text.strip(BLANKS), reading)
                    last_ten = drop.phone_digest(canonical).hex() if place in roles.phones else None
                    values = {form.name: form.value(canonical) for form in roles.renderings.get(place, ())}
                    rendered = json.dumps({name: made.hex() for name, made in values.items() if made is not None})
                yield number, None if raw else value.hex(), hashed, "not_hashed" if raw else None, last_ten, rendered


def _profile_id(number: int, text: str, secret: bytes) -> _Decision:
    try:
        kept = profile_ids.kept(text, secret)
    except Rejected as rejected:
        return number, None, False, rejected.reason, None, None
    return number, kept and kept.encode().hex(), False, None, None, None


def _mixtures(connection: Connection, roles: Roles) -> Mixtures:
    hashed: list[str] = []
    raw: list[str] = []
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        if not namespace.hashed:
            continue
        ((has_digests, has_raw),) = connection.execute(
            f"""
            SELECT coalesce(bool_or(hashed), FALSE), coalesce(bool_or(NOT hashed), FALSE) FROM (
                SELECT DISTINCT h{index} AS hashed FROM parsed WHERE v{index} IS NOT NULL
                UNION ALL
                SELECT hashed FROM resolved WHERE place = {index} AND (value IS NOT NULL OR reason = 'not_hashed')
            )
            """
        ).fetchall()
        name = place_name(roles.repeats[index], namespace.code, column.column)
        hashed += [name] * has_digests
        raw += [name] * has_raw
    return Mixtures(tuple(hashed), tuple(raw))


def _take_resolved(connection: Connection, roles: Roles) -> None:
    for place in range(len(roles.identities)):
        beside = f", k{place} = resolved.last_ten" if place in roles.phones else ""
        for form in roles.renderings.get(place, ()):
            beside += f", g{place}_{form.name} = unhex(json_extract_string(resolved.rendered, '$.{form.name}'))"
        connection.execute(
            f"""
            UPDATE parsed SET v{place} = resolved.value{beside} FROM resolved
            WHERE {roles.decides("resolved", place)} AND resolved.value IS NOT NULL
            """
        )
    if roles.profile_id is not None:
        place = len(roles.identities)
        connection.execute(
            f"""
            UPDATE parsed SET a{roles.profile_id} = decode(resolved.value) FROM resolved
            WHERE {roles.decides("resolved", place)}
            """
        )
