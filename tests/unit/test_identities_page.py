"""The page of identities shows what the code does; and all ways in do the same.

`python -m tests.unit.test_identities_page` writes the table into docs/identities.md.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from handfast.identity.keys import key
from handfast.identity.namespaces import BLANKS, Reading, Rejected, is_digest, namespace
from handfast.ingest.models import Column, Transform
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows
from tests.worlds.identity_shapes import SHAPES, Shape
from tests.worlds.plans import PLAN, SECRET

PAGE = Path(__file__).resolve().parents[2] / "docs" / "identities.md"
HEAD = ("| namespace | value | as it comes | as a digest |", "|---|---|---|---|")


def outcome(shape: Shape) -> str:
    """The canonical form, `its digest`, or the reason for refusing the value, by the function that decides."""
    kind = namespace(shape.namespace)
    try:
        kind.normalise(shape.value, phone_region=shape.region, phone_form=shape.form)
    except Rejected as rejected:
        return rejected.reason
    if kind.hashed and is_digest(shape.value):
        return "the digest"
    return kind.canonical(shape.value.strip(BLANKS), Reading(shape.region, shape.form))


def staged(shapes: Sequence[Shape], transform: Transform | None, work_dir: Path) -> list[str | bytes]:
    """What an upload of each value makes: the identity's key as bytes, or the reason for refusing it."""
    found: dict[int, str | bytes] = {}
    ordered = sorted(range(len(shapes)), key=lambda place: _column_of(shapes[place]))
    for _, places in groupby(ordered, key=lambda place: _column_of(shapes[place])):
        alike = list(places)
        found |= zip(alike, _staged_alike([shapes[place] for place in alike], transform, work_dir), strict=True)
    return [found[place] for place in range(len(shapes))]


def _column_of(shape: Shape) -> tuple[str, ...]:
    """What the values of one column have in common; it may not hold both raw and hashed values."""
    return shape.namespace, shape.region or "", shape.form or "", str(is_digest(shape.value))


def _staged_alike(shapes: Sequence[Shape], transform: Transform | None, work_dir: Path) -> list[str | bytes]:
    """Each row puts its identity into a segment of its own, which tells whose key is whose."""
    kind = namespace(shapes[0].namespace)
    segments = [f"row {row}" for row in range(1, len(shapes) + 1)]
    file = work_dir / "file.csv"
    with file.open("w", newline="") as lines:
        values = (shape.value for shape in shapes)
        csv.writer(lines).writerows([("value", "in"), *zip(values, segments, strict=True)])
    identity = Column("value", "identity", kind.code, transform if kind.hashed else None, form=shapes[0].form)
    columns, known = (identity, Column("in", "segment")), {name: name for name in segments}
    plan = replace(PLAN, columns=columns, segments=known, phone_region=shapes[0].region)
    result = stage(file, plan, work_dir)
    found: dict[str, str | bytes] = {}
    for span in result.spans:
        for hi, lo, segment, *_ in read_rows(span.memberships) if span.memberships else ():
            found[segment] = hi.to_bytes(8, signed=True) + lo.to_bytes(8, signed=True)
    if result.rejects is not None:
        refused = csv.DictReader(result.rejects.read_text().splitlines())
        found |= {f"row {line['row']}": line["reason"] for line in refused}
    return [found[name] for name in segments]


def _expected(shape: Shape) -> str | bytes:
    kind = namespace(shape.namespace)
    try:
        value = kind.normalise(shape.value, phone_region=shape.region, phone_form=shape.form)
    except Rejected as rejected:
        return rejected.reason
    hi, lo = key(SECRET, kind.code, value)
    return hi.to_bytes(8, signed=True) + lo.to_bytes(8, signed=True)


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode().replace("|", "\\|").replace("\\\\", "\\")


def _rows() -> Iterator[str]:
    for shape in SHAPES:
        kind = namespace(shape.namespace)
        found = outcome(shape)
        beside = ", ".join(filter(None, (shape.region, shape.form)))
        is_raw = found != "the digest" and "_" not in found
        digest = "" if not kind.hashed else "`not_hashed`" if is_raw else _cell(found)
        known = f" ({beside})" if beside else ""
        yield f"| {kind.symbol} | `{_shown(shape.value)}`{known} | {_cell(found)} | {digest} |"


def _cell(found: str) -> str:
    return found if found == "the digest" else f"`{_shown(found)}`"


def page() -> str:
    """The page with the table that the code gives."""
    before = PAGE.read_text().partition(HEAD[0])[0]
    return before + "\n".join((*HEAD, *_rows())) + "\n"


def test_the_page_shows_what_the_code_does() -> None:
    assert PAGE.read_text() == page(), "run python -m tests.unit.test_identities_page"


@pytest.mark.parametrize("transform", ["hash", None])
def test_an_upload_does_what_every_other_way_in_does(transform: Transform | None, tmp_path: Path) -> None:
    found = zip(SHAPES, staged(SHAPES, transform, tmp_path), strict=True)
    assert [(shape, made) for shape, made in found if made != _expected(shape)] == []


def test_a_column_of_digests_refuses_what_is_raw(tmp_path: Path) -> None:
    hashed = [shape for shape in SHAPES if namespace(shape.namespace).hashed]
    for shape, found in zip(hashed, staged(hashed, "none", tmp_path), strict=True):
        expected = _expected(shape)
        if isinstance(expected, bytes) and not is_digest(shape.value):
            expected = "not_hashed"
        assert found == expected, shape


if __name__ == "__main__":
    sys.exit(PAGE.write_text(page()) == 0)
