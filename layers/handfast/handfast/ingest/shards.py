"""A file too large for one worker: read in splits, its identities folded in slices, its people decided in groups.

    read     a split into its rows: who they name, and what they say, cut by slice and by group
    fold     a slice of the keys over all splits: the rows of one identity become one
    decide   a group of the people over all splits and slices: what holds for all of a person's identities
    seal     a slice once more: what was decided of its people, and its part of the change

A file without profile ids needs no groups, and is folded into its part of the change at once. What they come to
together is what `staging.stage` makes of the whole: a row's number is that of its split before its place there, so that
a later row of the file wins whoever has read it.
"""

# ruff: noqa: S608 - statements are built from quoted names, numbers and this module's own text
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from handfast.ingest import answers_of_file, counting, folding, people_of_file, person_facts, phone_numbers, reading
from handfast.ingest.cells import Cell, Source
from handfast.ingest.counting import counted, overruled
from handfast.ingest.facts import Facts, merged
from handfast.ingest.parsing import Roles
from handfast.ingest.person_facts import LookUp
from handfast.ingest.plan import Plan, StagedCounts
from handfast.ingest.refusals import rejects_sql, told_columns
from handfast.ingest.rendering import write_renderings
from handfast.ingest.splits import Cut, Written
from handfast.ingest.staging import working
from handfast.lake import layout
from handfast.lake.duck import Connection, create_table, literal, relation, spreadsheet_safe, write

_SPLIT_BITS = 32
"""Bits of a row's number that tell its place in its split."""
_ROW = (1 << _SPLIT_BITS) - 1

type Given = Mapping[str, Sequence[Path]]
"""What other workers have written for one, by kind."""


def row_number(split: int, row: int) -> int:
    """The number, among all rows of an import, of a row of a split, both from 0."""
    return (split << _SPLIT_BITS) + row


# Reading


@dataclass(frozen=True)
class SplitRead:
    """What a split's rows came to. `unnamed` are the accepted rows without a profile id, `created` the new ids of
    segments that its cells name.
    """

    facts: Facts
    unnamed: int
    files: Written
    created: Mapping[str, str] = field(default_factory=dict)


def read(source_path: Path, plan: Plan, split: int, cut: Cut, work_dir: Path) -> SplitRead:
    """Read a split, which is a file of its own; raises UploadRejected for one that cannot be read."""
    with working() as connection:
        roles, found, created = reading.read(connection, source_path, plan, work_dir)
        out = _folder(work_dir)
        first = row_number(split, 0)
        whole = _whole(plan)
        columns = _plain(_identity_types(whole), _texts(roles, whole))
        identities = f"SELECT {columns} FROM (FROM identities {_counted_from(first)})"
        files = _sliced(connection, cut, "identities", identities, out)
        said = f"SELECT {_plain(_SAID)} FROM (FROM ({reading.said_sql(roles, plan)}) {_counted_from(first)})"
        connection.execute(f"CREATE TABLE said AS SELECT * FROM ({said}) ORDER BY hi, lo")
        files |= _sliced(connection, cut, "said", "SELECT * FROM said", out)
        if people_of_file.has_profile_ids(roles):
            files |= _people(connection, roles, plan, cut, first, out)
        files |= _written(connection, {"rejects": f"FROM ({rejects_sql(roles)}) {_counted_from(first)}"}, out)
        beside = {"phone_index": phone_numbers.write_index, "renderings": write_renderings}
        files |= {name: path for name, make in beside.items() if (path := make(connection, roles, out))}
        return SplitRead(found, counting.unnamed_rows(connection, roles), files, created)


def _counted_from(first: int) -> str:
    """SQL behind a FROM item: its rows with their numbers among all; what comes before all rows keeps its place."""
    return f"SELECT * REPLACE (CASE WHEN number < 0 THEN number ELSE CAST(number AS BIGINT) + {first} END AS number)"


def _people(connection: Connection, roles: Roles, plan: Plan, cut: Cut, first: int, out: Path) -> Written:
    """What rows say of people, by group."""
    whole = _whole(plan)
    columns = _plain(_person_types(whole), _answers(roles, whole))
    persons = f"SELECT {columns} FROM ({people_of_file.persons_sql(roles)})"
    exits = f"SELECT * REPLACE (CAST(segment AS VARCHAR) AS segment) FROM ({people_of_file.exits_sql(roles, plan)})"
    files = _grouped(connection, cut, "persons", f"FROM ({persons}) {_counted_from(first)}", out)
    files |= _grouped(connection, cut, "person_exits", f"FROM ({exits}) {_counted_from(first)}", out)
    return files | _grouped(connection, cut, "spoilt", f"SELECT DISTINCT * FROM ({people_of_file.SPOILT})", out)


def _folder(work_dir: Path) -> Path:
    folder = work_dir / "out"
    folder.mkdir()
    return folder


def _written(connection: Connection, kinds: Mapping[str, str], out: Path) -> Written:
    """The files of selects that have rows, by kind."""
    files = {kind: out / f"{kind.replace('/', '-')}.parquet" for kind in kinds}
    return {kind: path for kind, path in files.items() if write(connection, kinds[kind], path)}


def _sliced(connection: Connection, cut: Cut, kind: str, select: str, out: Path) -> Written:
    places = {f"{kind}/{number}": f"{select} WHERE {cut.within(number)}" for number in range(cut.slices)}
    return _written(connection, places, out)


def _grouped(connection: Connection, cut: Cut, kind: str, select: str, out: Path, by: str = "profile_id") -> Written:
    # In the order of the groups, of which each is then read alone.
    grouped = f"SELECT *, CAST({cut.group_sql(by)} AS INTEGER) AS of_group FROM ({select}) ORDER BY of_group"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE grouped AS {grouped}")
    places = {
        f"{kind}/{group}": f"SELECT * EXCLUDE (of_group) FROM grouped WHERE of_group = {group}"
        for group in range(cut.groups)
    }
    return _written(connection, places, out)


# Folding


@dataclass(frozen=True)
class SliceFolded:
    """A slice's identities once each; `change`, of a file without profile ids, is its part of the change."""

    files: Written
    change: folding.Parts | None = None


def fold(given: Given, plan: Plan, cut: Cut, work_dir: Path, look_up: LookUp | None) -> SliceFolded:
    """Fold a slice of what was read of all splits. `look_up` finds what the sandbox knows of its identities."""
    out = _folder(work_dir)
    with working() as connection:
        roles = _roles(connection, plan)
        _load(connection, "identities", given, _identity_types(roles), order="hi, lo, number")
        _load(connection, "said", given, _SAID)
        folding.take_last_said(connection, "SELECT * FROM said", plan)
        folding.fold(connection, roles)
        files = _written(connection, {"overruled": "FROM overruled", "repeated": "FROM repeated"}, out)
        if not people_of_file.has_profile_ids(roles):
            return SliceFolded(files, folding.write_change(connection, roles, plan, out / "change"))
        folded = {
            "identities": f"SELECT {_plain(_identity_types(roles))} FROM identities",
            "memberships": f"SELECT {_plain(_SAID)} FROM memberships",
        }
        files |= _written(connection, folded, out)
        connection.execute(f"CREATE TABLE mine AS {people_of_file.mine_sql()}; CREATE TABLE named (profile_id VARCHAR)")
        (look_up or person_facts.know_nobody)(connection)
        files |= _grouped(connection, cut, "mine", f"SELECT {_plain(_MINE)} FROM mine", out)
        known = "SELECT stored.*, mine.profile_id AS named_by FROM stored JOIN mine USING (hi, lo)"
        files |= _grouped(connection, cut, "known", known, out, by="named_by")
        # What is known of an identity counts no longer for a person of another group whom it comes from.
        elsewhere = f"{cut.group_sql()} <> {cut.group_sql('named_by')}"
        moved = f"SELECT hi, lo, profile_id, named_by FROM ({known}) WHERE {elsewhere}"
        files |= _grouped(connection, cut, "moved", moved, out)
        return SliceFolded(files)


# Deciding


@dataclass(frozen=True)
class GroupDecided:
    """What holds for a group of people, of whom the file names so many, by the slices of their identities.

    The file of `answers` is what `lake.answers` keeps.
    """

    files: Written
    people: int


def decide(given: Given, plan: Plan, cut: Cut, work_dir: Path, look_up: LookUp | None) -> GroupDecided:
    """Decide a group of people by what their rows say and what the sandbox knows of them."""
    out = _folder(work_dir)
    with working() as connection:
        roles = _roles(connection, plan)
        _load(connection, "mine", given, _MINE)
        _load(connection, "persons", given, _person_types(roles))
        _load(connection, "person_exits", given, _EXITS)
        _load(connection, "spoilt", given, {"profile_id": "VARCHAR"})
        _load(connection, "known", given, _KNOWN)
        _load(connection, "moved", given, _MOVED)
        answers_of_file.create_overruled(connection)
        people_of_file.say(connection, roles, plan)
        _look_up(connection, look_up)
        connection.execute(f"CREATE TABLE joined ({_columns(_SAID)}); CREATE TABLE identities (hi BIGINT, lo BIGINT)")
        person_facts.conclude(connection)
        connection.execute("DELETE FROM own WHERE (hi, lo) IN (SELECT (hi, lo) FROM moved)")
        if plan.replace_identities:
            connection.execute(people_of_file.REPLACED)
        ((people,),) = connection.execute("SELECT count(DISTINCT profile_id) FROM persons").fetchall()
        files = _written(connection, {"answers": "FROM unknown", "overruled": "FROM overruled"}, out)
        for kind in _decided(plan):
            files |= _sliced(connection, cut, kind, f"FROM {kind}", out)
        return GroupDecided(files, int(people))


def _look_up(connection: Connection, look_up: LookUp | None) -> None:
    """Make `stored` and `kept` of the group's people; what is known of their identities was found with the slices."""
    connection.execute("CREATE TABLE of_file AS FROM mine; DELETE FROM mine")
    (look_up or person_facts.know_nobody)(connection)
    connection.execute(
        """
        INSERT INTO stored BY NAME SELECT * EXCLUDE (named_by) FROM known ANTI JOIN stored USING (hi, lo);
        INSERT INTO mine FROM of_file;
        INSERT INTO mine BY NAME SELECT hi, lo, named_by AS profile_id FROM moved
        """
    )


def _decided(plan: Plan) -> Mapping[str, Mapping[str, str]]:
    """The tables of what was decided that concern identities, by name, with their columns."""
    return {
        "own": {**layout.KEY_COLUMNS, "share": "VARCHAR", "given_at": "TIMESTAMP"},
        "spread": {
            **layout.KEY_COLUMNS,
            "namespace": "SMALLINT",
            "value": "BLOB",
            "share": "VARCHAR",
            "given_at": "TIMESTAMP",
        },
        "leaving": {
            **layout.KEY_COLUMNS,
            "namespace": "SMALLINT",
            "segment": "VARCHAR",
            "number": "BIGINT",
            "is_stored": "BOOLEAN",
        },
    } | ({"replaced": {**layout.KEY_COLUMNS, "namespace": "SMALLINT"}} if plan.replace_identities else {})


# Sealing


@dataclass(frozen=True)
class SliceSealed:
    """A slice's part of the change, and how many known identities others take the place of there."""

    change: folding.Parts
    replaced: int


def seal(given: Given, plan: Plan, work_dir: Path) -> SliceSealed:
    """Have what was decided of people hold in a slice, of what it was folded to."""
    out = _folder(work_dir)
    with working() as connection:
        roles = _roles(connection, plan)
        _load(connection, "identities", given, _identity_types(roles), order="hi, lo")
        _load(connection, "memberships", given, _SAID, order="segment, hi, lo")
        for kind, columns in _decided(plan).items():
            _load(connection, kind, given, columns)
        # Groups see no identities but those of their people, and no rows.
        named = "(hi, lo) IN (SELECT (hi, lo) FROM identities WHERE a0 IS NOT NULL)"
        connection.execute(
            f"""
            DELETE FROM spread WHERE {named};
            DELETE FROM leaving WHERE is_stored AND {named};
            DELETE FROM leaving USING memberships AS m
                WHERE m.hi = leaving.hi AND m.lo = leaving.lo AND m.segment = leaving.segment
                    AND m.realized AND m.number > leaving.number
            """
        )
        if plan.replace_identities:
            connection.execute("DELETE FROM replaced WHERE (hi, lo) IN (SELECT (hi, lo) FROM identities)")
        replaced = people_of_file.apply(connection, plan)
        return SliceSealed(folding.write_change(connection, roles, plan, out / "change"), replaced)


# The whole


def count(
    connection: Connection, parts: Sequence[Facts], unnamed: int, given: Given, people: int, replaced: int
) -> StagedCounts:
    """What came of all rows, of whom `unnamed` have no profile id: files of `overruled` and `repeated`, by kind."""
    found = merged(parts)
    ((repeated, repeated_unnamed),) = connection.execute(
        "SELECT count(DISTINCT number), count(DISTINCT number) FILTER (NOT is_named)"
        f" FROM {relation(given.get('repeated', ()), {'number': 'BIGINT', 'is_named': 'BOOLEAN'})}"
    ).fetchall()
    return counted(
        found,
        overruled=overruled(connection, relation(given.get("overruled", ()), _REJECTS)),
        repeated=repeated,
        people=people + unnamed - repeated_unnamed,
        replaced=replaced,
    )


@dataclass(frozen=True)
class SplitRows:
    """Which part of an import a split is of, None for an upload, and how many rows of it stand before the split."""

    part: str | None
    first: int


def write_rejects(
    connection: Connection,
    rejects: Sequence[Path],
    splits: Sequence[SplitRows],
    path: Path,
    *,
    with_profile_id: bool,
) -> bool:
    """Write a CSV of row, column and reason of files of rejects, of an import with the part before them.

    The profile id is behind them where it is asked for. Rows count from 1 by part. False without any.
    """
    create_table(
        connection,
        "of_split",
        {"split": "BIGINT", "part": "VARCHAR", "first": "BIGINT"},
        [(number, split.part, split.first) for number, split in enumerate(splits)],
    )
    part = f'{spreadsheet_safe("part")} AS "part", ' if any(split.part is not None for split in splits) else ""
    ((rows,),) = connection.execute(
        f"""
        COPY (
            SELECT {part}"row", {told_columns(with_profile_id=with_profile_id)} FROM (
                SELECT DISTINCT split, part, first + (number & {_ROW}) + 1 AS "row", "column", reason, profile_id
                FROM {relation(rejects, _REJECTS)} JOIN of_split ON split = number >> {_SPLIT_BITS}
            ) ORDER BY split, "row", "column", reason
        ) TO {literal(path)} (FORMAT csv, HEADER)
        """
    ).fetchall()
    return bool(rows)


# Tables that travel between workers


_REJECTS: Mapping[str, str] = {
    "number": "BIGINT",
    "column": "VARCHAR",
    "reason": "VARCHAR",
    "profile_id": "VARCHAR",
}
_SAID: Mapping[str, str] = {
    "hi": "BIGINT",
    "lo": "BIGINT",
    "segment": "segment_id",
    "realized": "BOOLEAN",
    "namespace": "SMALLINT",
    "number": "BIGINT",
}
_MINE: Mapping[str, str] = {
    **layout.KEY_COLUMNS,
    "namespace": "SMALLINT",
    "profile_id": "VARCHAR",
    "profile_share": "answer",
    "profile_share_at": "TIMESTAMP",
}
_EXITS: Mapping[str, str] = {"profile_id": "VARCHAR", "segment": "VARCHAR", "number": "BIGINT"}
_KNOWN: Mapping[str, str] = {
    **layout.KEY_COLUMNS,
    "namespace": "SMALLINT",
    "value": "BLOB",
    "profile_id": "VARCHAR",
    "share": "VARCHAR",
    "given_at": "TIMESTAMP",
    "named_by": "VARCHAR",
}
_MOVED: Mapping[str, str] = {**layout.KEY_COLUMNS, "profile_id": "VARCHAR", "named_by": "VARCHAR"}


def _identity_types(whole: Roles) -> Mapping[str, str]:
    return {
        **layout.KEY_COLUMNS,
        "number": "BIGINT",
        "namespace": "SMALLINT",
        "value": "BLOB",
        **{f"a{index}": "VARCHAR" for index in range(len(whole.texts))},
        "share": "answer",
        "share_at": "TIMESTAMP",
        "profile_share": "answer",
        "profile_share_at": "TIMESTAMP",
    }


def _person_types(whole: Roles) -> Mapping[str, str]:
    answers = people_of_file.person_answers(whole)
    types = {"profile_id": "VARCHAR", "number": "BIGINT", **{f"s{index}": "answer" for index in answers}}
    return types | {f"g{index}": "TIMESTAMP" for index in answers}


def _whole(plan: Plan) -> Roles:
    """The plan's columns as if a file had each once, whose cells nobody reads any more."""
    return Roles.of(plan, Source("", {column.column: (Cell(""),) for column in plan.columns}))


def _roles(connection: Connection, plan: Plan) -> Roles:
    reading.create_types(connection, plan)
    return _whole(plan)


def _texts(roles: Roles, whole: Roles) -> Mapping[str, str]:
    """The texts of a split by their places in the whole: one file may lack a column that another has."""
    return {
        f"a{place}": f"a{roles.texts.index(column)}" if column in roles.texts else "NULL"
        for place, column in enumerate(whole.texts)
    }


def _answers(roles: Roles, whole: Roles) -> Mapping[str, str]:
    """The answers of a split's people by their places in the whole, where answers for identities may be fewer."""
    found: dict[str, str] = {}
    for place in people_of_file.person_answers(whole):
        column = whole.shares[place]
        for kind in ("s", "g"):
            found[f"{kind}{place}"] = f"{kind}{roles.shares.index(column)}" if column in roles.shares else "NULL"
    return found


def _plain(types: Mapping[str, str], stored: Mapping[str, str] = MappingProxyType({})) -> str:
    """SQL: columns of a table as a file has them: words as text. `stored` is what the table calls some of them."""
    plain = ((name, kind if kind.isupper() else "VARCHAR") for name, kind in types.items())
    return ", ".join(f"CAST({stored.get(name, name)} AS {kind}) AS {name}" for name, kind in plain)


def _columns(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in types.items())


def _load(connection: Connection, name: str, given: Given, types: Mapping[str, str], order: str = "") -> None:
    """Make a table of files of its kind."""
    rows = relation(given.get(name, ()), types)
    columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in types.items())
    connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM {rows} {f'ORDER BY {order}' if order else ''}")
