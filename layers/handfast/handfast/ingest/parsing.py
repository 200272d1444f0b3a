"""SQL that reads an uploaded file's cells: one row per row of the file, canonical values and reasons beside them."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator
from dataclasses import dataclass

from handfast.governance.consent import SHARE_ANSWERS
from handfast.identity import free_text, profile_ids
from handfast.identity.digests import hex_digest_sql
from handfast.identity.namespaces import MAX_LENGTH, Namespace, namespace_of
from handfast.ingest.models import Column
from handfast.ingest.plan import Plan
from handfast.ingest.sources import Source
from handfast.lake.duck import literal

REALIZED_WORDS = ("1", "true", "yes", "y", "realized")
EXITED_WORDS = ("0", "false", "no", "n", "exited")
_RAW = f"regexp_matches({{0}}, {literal(free_text.IDENTITY).replace('{', '{{').replace('}', '}}')})"


@dataclass(frozen=True)
class Roles:
    """The plan's columns by what they do; their places here name what `parsed` holds of them.

    The odd values of a profile id, of which there is one column, have the place behind those of the identities.
    """

    identities: tuple[Column, ...]
    namespaces: tuple[Namespace, ...]
    phone_region: Column | None
    texts: tuple[Column, ...]
    shares: tuple[Column, ...]
    status: Column | None
    flags: tuple[Column, ...]
    lists: tuple[Column, ...]

    @classmethod
    def of(cls, plan: Plan) -> "Roles":
        def having(role: str) -> tuple[Column, ...]:
            return tuple(column for column in plan.columns if column.role == role)

        segments = having("segment")
        return cls(
            identities=having("identity"),
            namespaces=tuple(namespace_of(column.namespace or 0) for column in having("identity")),
            phone_region=next(iter(having("phoneRegion")), None),
            texts=(*having("profileId"), *having("attribute")),
            shares=having("share"),
            status=next(iter(having("status")), None),
            flags=tuple(column for column in segments if column.segment_id is not None),
            lists=tuple(column for column in segments if column.segment_id is None),
        )

    def region(self, place: int) -> str:
        """SQL: the region that an identity column's odd values are read for, of a row of `parsed`."""
        return "region" if self._is_regional(place) else "CAST(NULL AS VARCHAR)"

    def decides(self, resolved: str, place: int) -> str:
        """SQL: whether a row of `resolved` decides an identity column's odd value of a row of `parsed`."""
        same_region = ""
        if self._is_regional(place):
            same_region = f" AND {resolved}.region IS NOT DISTINCT FROM parsed.region"
        return f"{resolved}.place = {place} AND {resolved}.text = o{place}{same_region}"

    def _is_regional(self, place: int) -> bool:
        return self.phone_region is not None and place < len(self.namespaces) and self.namespaces[place].regional

    @property
    def profile_id(self) -> int | None:
        """The place among the texts of the profile id."""
        return next((index for index, column in enumerate(self.texts) if column.role == "profileId"), None)


def parsed_sql(source: Source, roles: Roles) -> str:
    """SELECT of the table `parsed`; the text of each cell is trimmed, and null when blank, in the inner one."""
    names = {column: f"t{index}" for index, column in enumerate(source.columns)}
    cells = ", ".join(f"nullif({_trimmed(source.columns[column])}, '') AS {name}" for column, name in names.items())
    expressions = [
        *(f"{text} AS {name}" for name, text in _own_columns(names, roles)),
        *(f"{text} AS {name}" for name, text in _identity_columns(names, roles)),
        f"{_problem(names, roles, with_column=False)} AS problem",
        f"{_problem(names, roles, with_column=True)} AS problem_column",
    ]
    trimmed = f"SELECT {cells} FROM {source.relation}"
    return f"SELECT {', '.join(expressions)} FROM (SELECT *, {', '.join(_shapes(names, roles))} FROM ({trimmed}))"


def _trimmed(text: str) -> str:
    """Without spaces around; only text that begins or ends like it has some pays for the search."""
    return f"CASE WHEN {text} < '!' OR {text} > '~' OR suffix({text}, ' ') THEN trim({text}) ELSE {text} END"


def _own_columns(names: dict[str, str], roles: Roles) -> Iterator[tuple[str, str]]:
    """What a row says of its person: the region of its phone numbers, profile id, answers, segments, attributes."""
    if roles.phone_region:
        yield "region", f"upper({names[roles.phone_region.column]})"
    for index, column in enumerate(roles.texts):
        text = names[column.column]
        if index == roles.profile_id:
            yield f"a{index}", f"CASE WHEN r{index} IS NULL AND plain_id THEN {profile_ids.plain_kept(text)} END"
            yield f"o{len(roles.identities)}", f"CASE WHEN r{index} IS NULL AND NOT plain_id THEN {text} END"
        else:
            yield f"a{index}", f"CASE WHEN r{index} IS NULL THEN {text} END"
        yield f"x{index}", f"r{index}"
    for index, column in enumerate(roles.shares):
        yield f"s{index}", _answer(names[column.column], column)
    yield "exits", f"coalesce(NOT {_flag(names[roles.status.column])}, FALSE)" if roles.status else "FALSE"
    for index, column in enumerate(roles.flags):
        yield f"f{index}", _flag(names[column.column])
    for index, column in enumerate(roles.lists):
        yield f"l{index}", names[column.column]


def _answer(text: str, column: Column) -> str:
    """The answer that a cell gives; what the upload says of its words comes first."""
    words = {answer.lower(): answer for answer in SHARE_ANSWERS} | dict(column.answers)
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(answer)}" for word, answer in words.items())
    return f"CAST(CASE lower({text}) {cases} END AS answer)"


def _flag(text: str) -> str:
    return f"CASE WHEN lower({text}) IN {REALIZED_WORDS} THEN TRUE WHEN lower({text}) IN {EXITED_WORDS} THEN FALSE END"


def _shapes(names: dict[str, str], roles: Roles) -> Iterator[str]:
    """What decides on texts, each once.

    Per profile id and attribute why it is left out `r`; per identity column whether its text is a digest `d`, and
    whether plain SQL knows its canonical form `p`.
    """
    for index, column in enumerate(roles.texts):
        text = names[column.column]
        raw = f"WHEN {_RAW.format(text)} THEN 'raw_identifier'"
        if index == roles.profile_id:
            raw = ""
            yield f"({profile_ids.is_plain(text)}) AS plain_id"
        yield f"CASE WHEN strlen({text}) > {MAX_LENGTH} THEN 'too_long' {raw} END AS r{index}"
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        text = names[column.column]
        plain = "FALSE" if namespace.hashed and column.transform == "none" else namespace.plain(text)
        yield f"({hex_digest_sql(text) if namespace.hashed else 'FALSE'}) AS d{index}, ({plain}) AS p{index}"


def _identity_columns(names: dict[str, str], roles: Roles) -> Iterator[tuple[str, str]]:
    """Per identity column its canonical value `v`, whether it came hashed `h`, and what is left to decide `o`."""
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        text, digest, plain = names[column.column], f"d{index}", f"p{index}"
        canonical = namespace.plain_canonical.format(text)
        value = f"unhex(sha256({canonical}))" if namespace.hashed else f"encode({canonical})"
        yield f"v{index}", f"CASE WHEN {plain} THEN {value} WHEN {digest} THEN unhex({text}) END"
        yield f"h{index}", digest
        yield f"o{index}", f"CASE WHEN {plain} OR {digest} THEN NULL ELSE {text} END"


def _problem(names: dict[str, str], roles: Roles, *, with_column: bool) -> str:
    """The first reason to leave out a row that a cell gives, or the column it stands in; null without any."""
    checks = [(column, _answer(names[column.column], column), "unknown_share") for column in roles.shares]
    checks += [
        (column, _flag(names[column.column]), "unknown_status")
        for column in (*roles.flags, *([roles.status] if roles.status else []))
    ]
    cases = " ".join(
        f"WHEN {names[column.column]} IS NOT NULL AND ({known}) IS NULL"
        f" THEN {literal(column.column if with_column else reason)}"
        for column, known, reason in checks
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"
