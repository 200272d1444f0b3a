"""SQL that reads an uploaded file's cells: one row per row of the file, canonical values and reasons beside them."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from handfast.governance.consent import SHARE_ANSWERS
from handfast.identity import drop, patterns, profile_ids
from handfast.identity.digests import hex_digest_sql
from handfast.identity.namespaces import MAX_LENGTH, Namespace, namespace_of, namespaces
from handfast.identity.renderings import FORMS, Form
from handfast.ingest.cells import Source
from handfast.ingest.models import ANSWER_ROLES, Blanks, Column
from handfast.ingest.plan import Plan
from handfast.lake.duck import literal

REALIZED_WORDS = ("1", "1.0", "true", "yes", "y", "realized", "existing", "active")
EXITED_WORDS = ("0", "0.0", "false", "no", "n", "exited", "expired")
_SHORT_WORD = "[\\p{L}0-9_-]{1,20}"
_TIME = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.]\d+)?)?([Zz]|[+-]\d\d(:?\d\d)?)"
_RAW = f"regexp_matches({{0}}, {literal(patterns.IDENTITY).replace('{', '{{').replace('}', '}}')})"


@dataclass(frozen=True)
class Roles:
    """The plan's columns by what they do; their places here name what `parsed` holds of them.

    The odd values of a profile id, of which there is one column, have the place behind those of the identities.
    A column of identities has a place for each time that the file repeats its name (`repeats`, from 0), and, where a
    column says of which namespace its values are (`namespace_column`), for each namespace. `phones` are the places of
    the phone numbers that are indexed by their last ten digits; `renderings` are, by place, the forms that raw values
    are kept in too. Columns that are optional and not there are left out. A share column that answers for the values of
    an identity column has a place for each of its cells, whose numbers are `share_repeats`.
    """

    identities: tuple[Column, ...]
    namespaces: tuple[Namespace, ...]
    repeats: tuple[int, ...]
    namespace_column: Column | None
    phone_region: Column | None
    texts: tuple[Column, ...]
    shares: tuple[Column, ...]
    share_repeats: tuple[int, ...]
    share_at: Column | None
    status: Column | None
    flags: tuple[Column, ...]
    lists: tuple[Column, ...]
    blanks: Blanks
    phones: tuple[int, ...] = ()
    renderings: Mapping[int, tuple[Form, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, source: Source) -> "Roles":
        def having(role: str) -> tuple[Column, ...]:
            return tuple(column for column in plan.columns if column.role == role and source.columns[column.column])

        segments = having("segment")
        shares = tuple(
            (repeat, column)
            for column in plan.columns
            if column.role in ANSWER_ROLES
            for repeat in range(len(source.columns[column.column]))
        )
        identities = tuple(
            (repeat, replace(column, namespace=code))
            for column in having("identity")
            for repeat in range(len(source.columns[column.column]))
            for code in ([column.namespace] if column.namespace is not None else [*namespaces(), *plan.own_namespaces])
        )
        kinds = tuple(namespace_of(column.namespace or 0) for _, column in identities)
        indexed = (
            place
            for place, (_, column) in enumerate(identities)
            if kinds[place].regional and column.transform != "none"
        )
        forms = {
            place: tuple(FORMS[name] for name in plan.renderings if FORMS[name].namespace == kinds[place].code)
            for place, (_, column) in enumerate(identities)
            if column.transform != "none"
        }
        return cls(
            identities=tuple(column for _, column in identities),
            namespaces=kinds,
            repeats=tuple(repeat for repeat, _ in identities),
            namespace_column=next(iter(having("namespace")), None),
            phone_region=next(iter(having("phoneRegion")), None),
            texts=(*having("profileId"), *having("attribute")),
            shares=tuple(column for _, column in shares),
            share_repeats=tuple(repeat for repeat, _ in shares),
            share_at=next(iter(having("shareAt")), None),
            status=next(iter(having("status")), None),
            flags=tuple(column for column in segments if column.segment_id is not None),
            lists=tuple(column for column in segments if column.segment_id is None),
            blanks=plan.blanks,
            phones=tuple(indexed) if plan.phone_index else (),
            renderings={place: wanted for place, wanted in forms.items() if wanted},
        )

    @property
    def words(self) -> tuple[tuple[Column, int], ...]:
        """The columns whose cells are of a short list, and refuse their row when they are not, by cell."""
        others = (self.share_at, self.status, self.namespace_column, self.phone_region)
        once = (*self.flags, *self.lists, *(column for column in others if column is not None))
        return (*zip(self.shares, self.share_repeats, strict=True), *((column, 0) for column in once))

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


@dataclass(frozen=True)
class Cells:
    """The names that the trimmed cells of a file's columns have, and those of why they hold nothing, if they can."""

    texts: Mapping[tuple[str, int], str]
    refusals: Mapping[str, str]

    @classmethod
    def of(cls, source: Source) -> "Cells":
        places = [(name, repeat) for name, cells in source.columns.items() for repeat in range(len(cells))]
        texts = {place: f"t{number}" for number, place in enumerate(places)}
        refusals = {
            texts[name, repeat]: cell.refusal
            for name, cells in source.columns.items()
            for repeat, cell in enumerate(cells)
            if cell.refusal is not None
        }
        return cls(texts, refusals)

    def __getitem__(self, column: Column) -> str:
        """The cell of a column that the file has once."""
        return self.texts[column.column, 0]

    def share(self, roles: Roles, index: int) -> str:
        """The cell of a place among the answers."""
        return self.texts[roles.shares[index].column, roles.share_repeats[index]]

    def refusal(self, text: str) -> str:
        """Why a cell holds nothing."""
        return self.refusals.get(text, "CAST(NULL AS VARCHAR)")


def parsed_sql(source: Source, roles: Roles) -> str:
    """SELECT of the table `parsed`; the text of each cell is trimmed, and null when blank, in the inner one."""
    cells = Cells.of(source)
    trimmed = [
        f"nullif({_trimmed(source.columns[name][repeat].text)}, '') AS {text}"
        for (name, repeat), text in cells.texts.items()
    ]
    refusals = [*cells.refusals.values(), *([source.row_refusal] if source.row_refusal else [])]
    expressions = [
        *(f"{text} AS {name}" for name, text in _own_columns(cells, roles)),
        *(f"{text} AS {name}" for name, text in _identity_columns(cells, roles)),
        f"{_problem(source, cells, roles, with_column=False)} AS problem",
        f"{_problem(source, cells, roles, with_column=True)} AS problem_column",
    ]
    inner = f"SELECT {', '.join([*trimmed, *refusals])} FROM {source.relation}"
    return f"SELECT {', '.join(expressions)} FROM (SELECT *, {', '.join(_shapes(cells, roles))} FROM ({inner}))"


def _trimmed(text: str) -> str:
    """Without spaces around; only text that begins or ends like it has some pays for the search."""
    return f"CASE WHEN {text} < '!' OR {text} > '~' OR suffix({text}, ' ') THEN trim({text}) ELSE {text} END"


def _own_columns(cells: Cells, roles: Roles) -> Iterator[tuple[str, str]]:
    """What a row says of its person: the region of its phone numbers, profile id, answers, segments, attributes."""
    if roles.phone_region:
        yield "region", f"upper({cells[roles.phone_region]})"
    for index, column in enumerate(roles.texts):
        text = cells[column]
        refused = f"coalesce({cells.refusal(text)}, r{index})"
        if index == roles.profile_id:
            yield f"a{index}", f"CASE WHEN r{index} IS NULL AND plain_id THEN {profile_ids.plain_kept(text)} END"
            yield f"o{len(roles.identities)}", f"CASE WHEN r{index} IS NULL AND NOT plain_id THEN {text} END"
        else:
            kept = f"coalesce({text}, '')" if roles.blanks == "clear" else text
            yield f"a{index}", f"CASE WHEN {refused} IS NULL THEN {kept} END"
        yield f"x{index}", refused
    for index, column in enumerate(roles.shares):
        is_word, cell = column.role == "share", cells.share(roles, index)
        yield f"s{index}", _answer(cell, column) if is_word else "CAST(NULL AS answer)"
        yield f"g{index}", _time(cells[roles.share_at]) if roles.share_at else "CAST(NULL AS TIMESTAMP)"
        if is_word:
            yield f"w{index}", _unknown_word(cell, column)
        else:
            yield f"c{index}", cell
    yield "exits", f"coalesce(NOT {_flag(cells[roles.status])}, FALSE)" if roles.status else "FALSE"
    for index, column in enumerate(roles.flags):
        yield f"f{index}", _flag(cells[column])
    for index, column in enumerate(roles.lists):
        yield f"l{index}", cells[column]


def _answer(text: str, column: Column) -> str:
    """The answer that a cell gives; what the upload says of its words comes first, of integers as floats too."""
    floats = {f"{word}.0": answer for word, answer in column.answers.items() if word.isdecimal()}
    words = {answer.lower(): answer for answer in SHARE_ANSWERS} | floats | dict(column.answers)
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(answer)}" for word, answer in words.items())
    return f"CAST(CASE coalesce(lower({text}), '') {cases} END AS answer)"


def _unknown_word(text: str, column: Column) -> str:
    """What a cell says that is no answer, in lower case, where it is as short as a word."""
    # The pattern takes longer than all else about a cell, so that only what is no answer is held against it.
    short = f"CASE WHEN regexp_full_match({text}, '{_SHORT_WORD}') THEN lower({text}) END"
    return f"CASE WHEN {text} IS NOT NULL AND {_answer(text, column)} IS NULL THEN {short} END"


def _time(text: str) -> str:
    """A time with its offset (RFC 3339), in UTC; null for anything else, and before this millennium."""
    at = f"make_timestamp(epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)))"
    return f"CASE WHEN regexp_full_match({text}, {literal(_TIME)}) AND year({at}) BETWEEN 2000 AND 2999 THEN {at} END"


def _flag(text: str) -> str:
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN lower({text}) IN {REALIZED_WORDS} THEN TRUE"
        f" WHEN lower({text}) IN {EXITED_WORDS} THEN FALSE END"
    )


def _in(text: str, words: Iterable[str]) -> str:
    return f"lower({text}) IN ({', '.join(map(literal, words))})"


def _shapes(cells: Cells, roles: Roles) -> Iterator[str]:
    """What decides on texts, each once.

    Per profile id and attribute why it is left out `r`; per identity column its text `i`, whether that is a digest
    `d`, and whether plain SQL knows its canonical form `p`.
    """
    for index, column in enumerate(roles.texts):
        text = cells[column]
        raw = f"WHEN {_RAW.format(text)} THEN 'raw_identifier'"
        if index == roles.profile_id:
            raw = ""
            yield f"({profile_ids.is_plain(text)}) AS plain_id"
        yield f"CASE WHEN strlen({text}) > {MAX_LENGTH} THEN 'too_long' {raw} END AS r{index}"
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        text = f"i{index}"
        cell = cells.texts[column.column, roles.repeats[index]]
        if roles.namespace_column is None:
            yield f"{cell} AS {text}"
        else:
            yield f"CASE WHEN {_in(cells[roles.namespace_column], sorted(namespace.names))} THEN {cell} END AS {text}"
        plain = "FALSE" if namespace.hashed and column.transform == "none" else namespace.plain(text)
        yield f"({hex_digest_sql(text) if namespace.hashed else 'FALSE'}) AS d{index}"
        yield f"({plain}) AS p{index}"


def _identity_columns(cells: Cells, roles: Roles) -> Iterator[tuple[str, str]]:
    """Per identity column its canonical value `v`, whether it came hashed `h`, and what is left to decide `o`.

    `g` is a digest in a form of a platform's, `k` the digest of an indexed phone number's last ten digits, `e` why the
    cell holds nothing, where its type may be the cause.
    """
    for index, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        text, digest, plain = f"i{index}", f"d{index}", f"p{index}"
        canonical = namespace.plain_canonical.format(text)
        value = f"unhex(sha256({canonical}))" if namespace.hashed else f"encode({canonical})"
        yield f"v{index}", f"CASE WHEN {plain} THEN {value} WHEN {digest} THEN unhex({text}) END"
        if index in roles.phones:
            yield f"k{index}", f"CASE WHEN {plain} THEN {drop.phone_digest_sql(canonical)} END"
        for form in roles.renderings.get(index, ()):
            yield f"g{index}_{form.name}", f"CASE WHEN {plain} THEN {form.value_sql(canonical)} END"
        yield f"h{index}", digest
        yield f"o{index}", f"CASE WHEN {plain} OR {digest} THEN NULL ELSE {text} END"
        yield f"e{index}", cells.refusal(cells.texts[column.column, roles.repeats[index]])


def _problem(source: Source, cells: Cells, roles: Roles, *, with_column: bool) -> str:
    """The first reason to leave out a row that a cell gives, or the column it stands in; null without any."""

    def told(column: Column, reason: str) -> str:
        return literal(column.column) if with_column else reason

    cases = [f"WHEN {source.row_refusal} IS NOT NULL THEN {'NULL' if with_column else source.row_refusal}"] * bool(
        source.row_refusal
    )
    cases += [
        f"WHEN {refusal} IS NOT NULL THEN {told(column, refusal)}"
        for column, repeat in roles.words
        if (refusal := cells.refusals.get(cells.texts[column.column, repeat])) is not None
    ]
    statuses = (*roles.flags, *([roles.status] if roles.status else []))
    words = [(column, cells.share(roles, index)) for index, column in enumerate(roles.shares) if column.role == "share"]
    checks = [(column, cell, _answer(cell, column), "unknown_share") for column, cell in words]
    checks += [(column, cells[column], _time(cells[column]), "unknown_time") for column in [roles.share_at] if column]
    checks += [(column, cells[column], _flag(cells[column]), "unknown_status") for column in statuses]
    cases += [
        f"WHEN {cell} IS NOT NULL AND ({known}) IS NULL THEN {told(column, literal(reason))}"
        for column, cell, known, reason in checks
    ]
    cases += list(_unknown_namespace(cells, roles, told))
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"


def _unknown_namespace(cells: Cells, roles: Roles, told: Callable[[Column, str], str]) -> Iterator[str]:
    """A value of which the row says no namespace that there is."""
    if roles.namespace_column is None:
        return
    values = sorted(
        {cells.texts[column.column, repeat] for column, repeat in zip(roles.identities, roles.repeats, strict=True)}
    )
    known = _in(cells[roles.namespace_column], sorted({name for each in roles.namespaces for name in each.names}))
    yield (
        f"WHEN coalesce({', '.join(values)}) IS NOT NULL AND NOT coalesce({known}, FALSE)"
        f" THEN {told(roles.namespace_column, literal('unknown_namespace'))}"
    )
