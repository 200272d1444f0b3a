"""What the values of identity columns look like, which warnings come of it, and which values stand in very many rows.

No value is kept or told: only how many there are of each shape.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from collections.abc import Iterator, Mapping, Sequence

from handfast.identity.namespaces import Namespace, namespace_of
from handfast.ingest.facts import Facts
from handfast.ingest.models import Column, ColumnWarning
from handfast.ingest.parsing import Roles
from handfast.ingest.value_shapes import shape_sql
from handfast.lake.duck import Connection

type Shapes = Mapping[str, Mapping[str, int]]
"""By column, how many of its values have which shape."""

_PLAIN = {1: "email", 2: "e164", 3: "ecid", 4: "device_id", 5: "device_id"}
"""The shape of what plain SQL recognises, by namespace code."""
_FITTING = {code: {shape} for code, shape in _PLAIN.items()} | {2: {"e164", "international", "national"}}
_OF_FORM = {
    "e164": {"e164", "international"},
    "national": {"national"},
    "digitsWithCountryCode": {"national"},
}
"""The shapes of phone numbers that fit a declared form."""
_DIGESTS = ("sha256_hex", "sha256_base64")
_LOOKS = {
    "email": "e-mail addresses",
    "e164": "phone numbers",
    "international": "phone numbers",
    "national": "phone numbers",
    "ecid": "ECIDs",
    "device_id": "device ids",
    "sha256_hex": "digests",
    "sha256_base64": "digests",
}
_FREQUENT_ROWS = 20
_FREQUENT_SHARE = 0.01
_SAMPLE = 20_000  # of so many rows, a value that stands in one of a hundred is in 200, give or take 14


def count_shapes(connection: Connection, roles: Roles) -> Shapes:
    """How many values of each identity column of `parsed` have which shape, before any row is refused."""
    counted: dict[str, dict[str, int]] = {}
    for place, (column, namespace) in enumerate(zip(roles.identities, roles.namespaces, strict=True)):
        plain = _PLAIN.get(namespace.code, "other")
        rows = connection.execute(
            f"""
            SELECT
                CASE WHEN h{place} THEN 'sha256_hex' WHEN o{place} IS NULL THEN '{plain}'
                    ELSE {shape_sql(f"o{place}")} END,
                count(*)
            FROM parsed WHERE coalesce(h{place}, FALSE) OR v{place} IS NOT NULL OR o{place} IS NOT NULL
            GROUP BY 1 ORDER BY 1
            """
        ).fetchall()
        shapes = counted.setdefault(column.column, {})
        for shape, count in rows:
            shapes[shape] = shapes.get(shape, 0) + count
    return counted


def warnings_of(facts: Facts, columns: Sequence[Column]) -> tuple[ColumnWarning, ...]:
    """What is odd about an upload's columns, though it refuses nothing."""
    # Where a column says the namespaces, each row declares its own.
    identities = (column for column in columns if column.role == "identity")
    declared = [(column, namespace_of(column.namespace)) for column in identities if column.namespace is not None]
    return tuple(dict.fromkeys((*facts.warnings, *_form_warnings(declared, facts.shapes), *_frequent_warnings(facts))))


def _form_warnings(declared: Sequence[tuple[Column, Namespace]], shapes: Shapes) -> Iterator[ColumnWarning]:
    """Columns most of whose values look like something else than the columns are declared to hold."""
    for column, namespace in declared:
        counts = shapes.get(column.column, {})
        half = sum(counts.values()) / 2
        others = sum(counts.get(shape, 0) for shape in _FITTING[2] - _OF_FORM.get(column.form or "", _FITTING[2]))
        if others > half:
            detail = f"{others} of {2 * half:.0f} phone numbers do not have the form {column.form}; correct it"
            yield ColumnWarning(column.column, "another_form", detail)
        looks: dict[str, int] = {}
        for shape, count in counts.items():
            fits = shape in _FITTING.get(namespace.code, set()) or (namespace.hashed and shape in _DIGESTS)
            if not fits and shape in _LOOKS:
                looks[_LOOKS[shape]] = looks.get(_LOOKS[shape], 0) + count
        for look, count in looks.items():
            if count > half:
                detail = f"{count} of {2 * half:.0f} values look like {look}; map the column as what it holds"
                yield ColumnWarning(column.column, "another_namespace", detail)
        digests = sum(counts.get(shape, 0) for shape in _DIGESTS)
        if namespace.hashed and column.transform == "hash" and digests > half:
            detail = f"{digests} of {2 * half:.0f} values are digests, which are never hashed again; map it as digests"
            yield ColumnWarning(column.column, "digests_in_raw_column", detail)


def _frequent_warnings(facts: Facts) -> Iterator[ColumnWarning]:
    least = max(_FREQUENT_ROWS, facts.rows * _FREQUENT_SHARE)
    for column, counts in facts.frequent.items():
        times = sorted((count for count in counts.values() if count >= least), reverse=True)
        if times:
            also = f"; {len(times) - 1} more stand in at least {times[-1]}" if len(times) > 1 else ""
            detail = f"one value stands in {times[0]} of {facts.rows} rows{also}; is it a placeholder?"
            yield ColumnWarning(column, "frequent_value", detail)


def frequent_values(connection: Connection, roles: Roles) -> dict[str, dict[str, int]]:
    """By column of identities and profile ids, how many rows of `parsed` its most frequent values stand in.

    A value is told by its digest. One of a whole file's that is frequent is so in one of its splits at least.
    """
    ((rows,),) = connection.execute("SELECT count(*) FROM parsed").fetchall()
    identifying = list(_identifying(roles))
    cells = ", ".join(cell for _, cell in identifying)
    # A value this frequent is frequent in a part of the rows, too, which is looked at before all of them.
    connection.execute(
        f"CREATE TEMP TABLE sampled AS SELECT {cells} FROM parsed WHERE hash(rowid) % {max(1, rows // _SAMPLE)} = 0"
    )
    found: dict[str, dict[str, int]] = {}
    for column, cell in identifying:
        likely = connection.execute(
            f"""
            SELECT {cell} FROM sampled WHERE {cell} IS NOT NULL
            GROUP BY 1 HAVING count(*) >= greatest(2, {_FREQUENT_SHARE / 2} * (SELECT count(*) FROM sampled))
            """
        ).fetchall()
        if not likely:
            continue
        times = connection.execute(
            f"SELECT sha256({cell}), count(*) FROM parsed WHERE {cell} IN (SELECT unnest(?)) GROUP BY 1",
            [[value for (value,) in likely]],
        ).fetchall()
        counts = found.setdefault(column.column, {})
        for digest, count in times:
            counts[digest] = counts.get(digest, 0) + count
    connection.execute("DROP TABLE sampled")
    return found


def _identifying(roles: Roles) -> Iterator[tuple[Column, str]]:
    yield from ((column, f"v{place}") for place, column in enumerate(roles.identities))
    yield from ((column, f"a{index}") for index, column in enumerate(roles.texts) if column.role == "profileId")
