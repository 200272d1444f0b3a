"""What was found in the rows of a file, or of a split of one, and what it refuses the whole for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from handfast.ingest.cells import MALFORMED_LINE, RAGGED_ROW, missing_in_lines, no_rows
from handfast.ingest.models import ColumnWarning, Delimiter
from handfast.ingest.plan import Plan, UploadRejected

type ByName = Mapping[str, int]
"""How often, by name."""


@dataclass(frozen=True)
class Facts:
    """What reading came to: `rows`, of which some have each of the `problems`, or none ("").

    `lacking` are columns of identities without any value, `hashed` and `raw` those with digests, and with raw values,
    each by its name after what tells it from another of that name (`place_name`).
    `shapes` and `frequent` count values by column: by what they look like, and of the most frequent ones by digest.
    `warnings` are those of opening, `unknown_shares` the words of consent that mean nothing, by rows.
    Of `refused` rows and of `unusable` values in rows that were taken it has the number by reason.
    """

    rows: int = 0
    problems: ByName = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    shapes: Mapping[str, ByName] = field(default_factory=dict)
    frequent: Mapping[str, ByName] = field(default_factory=dict)
    refused: ByName = field(default_factory=dict)
    unusable: ByName = field(default_factory=dict)
    delimiter: Delimiter | None = None
    warnings: tuple[ColumnWarning, ...] = ()
    unknown_shares: ByName = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """These facts as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Facts":
        """The facts of such a document."""
        lists = {name: tuple(document[name]) for name in ("lacking", "hashed", "raw")}
        warnings = tuple(ColumnWarning(**warning) for warning in document["warnings"])
        return cls(**{**document, **lists, "warnings": warnings})


def place_name(repeat: int, namespace: int, column: str) -> str:
    """The name of a column among those of its name, and of each of the namespaces that its cells may be of."""
    return f"{repeat}/{namespace}/{column}"


def merged(parts: Sequence[Facts]) -> Facts:
    """The facts of a whole, from those of its splits."""
    with_rows = [part for part in parts if part.rows]
    return Facts(
        rows=sum(part.rows for part in parts),
        problems=_sums(part.problems for part in parts),
        lacking=tuple(
            name
            for name in (with_rows[0].lacking if with_rows else ())
            if all(name in one.lacking for one in with_rows)
        ),
        hashed=tuple(sorted({name for part in parts for name in part.hashed})),
        raw=tuple(sorted({name for part in parts for name in part.raw})),
        shapes=_sums_by_column(part.shapes for part in parts),
        frequent=_sums_by_column(part.frequent for part in parts),
        refused=_sums(part.refused for part in parts),
        unusable=_sums(part.unusable for part in parts),
        delimiter=next((part.delimiter for part in parts if part.delimiter), None),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        unknown_shares=_sums(part.unknown_shares for part in parts),
    )


def _sums(parts: Iterable[ByName]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            sums[name] = sums.get(name, 0) + count
    return sums


def _sums_by_column(parts: Iterable[Mapping[str, ByName]]) -> dict[str, dict[str, int]]:
    by_column: dict[str, list[ByName]] = {}
    for part in parts:
        for column, counts in part.items():
            by_column.setdefault(column, []).append(counts)
    return {column: _sums(counts) for column, counts in by_column.items()}


def check(facts: Facts, plan: Plan) -> None:
    """Raise UploadRejected for what is not as it was announced: no rows, none that can be read, or mixed columns."""
    _check_rows(facts, plan)
    if facts.rows and facts.lacking and plan.format == "ndjson":
        raise missing_in_lines(facts.lacking[0])
    mixed = sorted(set(facts.hashed) & set(facts.raw))
    if mixed:
        raise UploadRejected(
            "mixed_raw_and_hashed",
            f"the column {mixed[0].split('/', 2)[2]!r} holds both raw and hashed values; put them into two columns, or"
            " hash all or none of them",
        )


def _check_rows(facts: Facts, plan: Plan) -> None:
    if not facts.rows and not plan.may_be_empty:
        raise no_rows()
    if not facts.rows or not facts.problems.keys() <= {RAGGED_ROW, MALFORMED_LINE}:
        return
    if plan.format == "ndjson":
        raise UploadRejected("malformed_json", "no line of the file is one JSON object without repeated names")
    if plan.preset:
        raise UploadRejected("not_of_preset", f"no row of the file is one of {plan.preset}; choose another preset")
    if RAGGED_ROW not in facts.problems:
        raise UploadRejected("malformed_csv", "no row of the file can be read; close every quote, double quotes inside")
    raise UploadRejected(
        "ragged_rows", "no row of the file has as many fields as the header; quote cells that hold the delimiter"
    )
