"""The data plane's objects as relations of DuckDB, over local files."""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

from handfast.lake.duck import Connection, create_words, literal
from handfast.matching.models import BucketFiles, Terms

_RELATIONS, _CHANGED = (Path(__file__).with_name(f"{name}.sql") for name in ("relations", "changed"))

KEY_COLUMNS = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT"})
SUPPRESSION_COLUMNS = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT", "reason": "VARCHAR"})
MEMBERSHIP_COLUMNS = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT", "segment": "segment_id"})
PROFILE_COLUMNS = MappingProxyType(
    {
        "hi": "BIGINT",
        "lo": "BIGINT",
        "namespace": "SMALLINT",
        "value": "BLOB",
        "share": "VARCHAR",
        "profile_share": "VARCHAR",
    }
)
DISCLOSURE_COLUMNS = MappingProxyType(
    {
        "hi": "BIGINT",
        "lo": "BIGINT",
        "namespace": "SMALLINT",
        "value": "BLOB",
        "segment": "VARCHAR",
        "disclosed_at": "TIMESTAMP",
        "withdrawn_at": "TIMESTAMP",
    }
)
_MEMBER_STEP = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT", "realized": "BOOLEAN"})
_PARTNER_STEP = MappingProxyType({"hi": "BIGINT", "lo": "BIGINT", "namespace": "SMALLINT"})
_PROFILE_STEP = MappingProxyType(_PARTNER_STEP | {"share": "VARCHAR", "profile_share": "VARCHAR"})


@cache
def statement(path: Path) -> str:
    """The text of an SQL file."""
    return path.read_text()


def relation(files: Iterable[Path | None], columns: Mapping[str, str]) -> str:
    """A FROM item over the files that are there; without any, an empty one of the same columns."""
    paths = ", ".join(literal(path) for path in files if path is not None)
    if paths:
        return f"read_parquet([{paths}])"
    empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items())
    return f"(SELECT {empty} WHERE FALSE)"


def memberships(files: Mapping[str, Iterable[Path]]) -> str:
    """A FROM item of `hi, lo, segment` over membership files by segment."""
    parts = [
        f"SELECT hi, lo, CAST({literal(segment)} AS segment_id) AS segment FROM {relation(paths, KEY_COLUMNS)}"
        for segment, paths in files.items()
    ]
    return f"({' UNION ALL '.join(parts)})" if parts else relation((), MEMBERSHIP_COLUMNS)


def create_segment_type(
    connection: Connection, segments: Iterable[str], disclosures: Iterable[Path | None] = ()
) -> None:
    """Create the type `segment_id`: these segments and all that were ever delivered."""
    source = relation(disclosures, DISCLOSURE_COLUMNS)
    delivered = connection.execute(f"SELECT DISTINCT segment FROM {source}").fetchall()
    known = sorted({*segments, *(str(segment) for (segment,) in delivered)}) or [""]
    create_words(connection, "segment_id", known)


def items(group: Sequence[BucketFiles], terms: Terms) -> dict[str, str]:
    """The FROM items of some buckets; a stopped dataflow reads nothing but its disclosures and suppressions."""
    inputs = group if terms.segments else []
    partners = [files.partner if terms.partner else files.profiles for files in inputs]
    members = {name: [f.memberships[name] for f in inputs if name in f.memberships] for name in terms.segments}
    suppressions = [path for files in group for path in (files.suppressions, files.partner_suppressions)]
    return {
        "memberships": memberships({name: files for name, files in members.items() if files}),
        "profiles": relation([files.profiles for files in inputs], PROFILE_COLUMNS),
        "partner": relation(partners, KEY_COLUMNS),
        "suppressions": relation([files.suppressions for files in inputs], SUPPRESSION_COLUMNS),
        "suppressed_by_either": relation(suppressions, SUPPRESSION_COLUMNS),
        "disclosures": relation([files.disclosures for files in group], DISCLOSURE_COLUMNS),
    }


def relate(connection: Connection, sources: Mapping[str, str], terms: Terms) -> None:
    """Name the relations of the statements, over FROM items."""
    namespaces = ", ".join(map(str, terms.namespaces)) or "NULL"
    views = statement(_RELATIONS).format(**sources, namespaces=namespaces, consent_default=terms.consent_default)
    connection.execute(views)


def steps(files: Sequence[Sequence[Path]], columns: Mapping[str, str]) -> str:
    """A FROM item of rows as they were before each step; `files` of some buckets, by step."""
    parts = [
        f"SELECT {number} AS step, {', '.join(columns)} FROM {relation(paths, columns)}"
        for number, paths in enumerate(zip_longest(*files))
    ]
    return f"({' UNION ALL '.join(parts) or f'SELECT 0 AS step, * FROM {relation((), columns)}'})"


def changed(connection: Connection, group: Sequence[BucketFiles], terms: Terms) -> Mapping[str, str]:
    """Gather what is known of all that inputs changed, now and then; the FROM items of now.

    Those of then are the same with `then_` before memberships, profiles and partner.
    """
    all_of = items(group, terms)
    earlier = [files.earlier for files in group if files.earlier]
    partners = [one.partner if terms.partner else one.profiles for one in earlier]
    if not any((*(one.profiles for one in earlier), *partners)):  # the members that count are told by their own steps
        all_of["memberships"] = relation((), MEMBERSHIP_COLUMNS)
    by_segment = [
        f"SELECT step, hi, lo, CAST({literal(name)} AS segment_id) AS segment, realized"
        f" FROM {steps([one.memberships.get(name, ()) for one in earlier], _MEMBER_STEP)}"
        for name in terms.segments
    ]
    connection.execute(
        statement(_CHANGED).format(
            **all_of,
            profile_steps=steps([one.profiles for one in earlier], _PROFILE_STEP),
            partner_steps=steps(partners, _PARTNER_STEP),
            membership_steps=f"({' UNION ALL '.join(by_segment)})",
        )
    )
    return all_of | {name: f"now_{name}" for name in ("memberships", "profiles", "partner", "disclosures")}
