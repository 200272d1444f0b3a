"""A sandbox's identities as platforms hash them, where that is otherwise than here: `renderings/`.

A row is an identity whose value once came raw in an upload or a stream call that asked for renderings, with a digest
by form (`identity.renderings.FORMS`); of a value that came hashed none can be made.
"""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.identity.renderings import FORMS
from handfast.lake import buckets, layout
from handfast.lake.duck import connect, relation
from handfast.lake.rewriting import rewrite

_FORMS = ", ".join(f"coalesce(named.{name}, old.{name}) AS {name}" for name in FORMS)
_ADDED = f"SELECT hi, lo, {_FORMS} FROM named FULL JOIN old USING (hi, lo) ORDER BY hi, lo"

type FormCounts = dict[int, tuple[int, dict[str, int]]]
"""By namespace code, how many members a segment has, and of how many of them each form is known."""


def add(sandbox_id: str, rows: str) -> None:
    """Keep the rows of a FROM item of `layout.RENDERING_COLUMNS`; a repeat changes nothing."""
    with connect() as connection:
        connection.execute(f"CREATE TABLE given AS SELECT * FROM {rows}")
        rewrite(connection, layout.renderings(sandbox_id), layout.RENDERING_COLUMNS, _ADDED)


def count(sandbox_id: str, segment_id: str) -> FormCounts:
    """How many of a segment's members there are, and of how many each form is known, bucket by bucket."""
    places = {
        "members": (layout.memberships(sandbox_id, segment_id), layout.MEMBER_COLUMNS),
        "profiles": (layout.profiles(sandbox_id), layout.PROFILE_COLUMNS),
        "renderings": (layout.renderings(sandbox_id), layout.RENDERING_COLUMNS),
    }
    listed = {name: dict(buckets.listing(prefix)) for name, (prefix, _) in places.items()}
    forms = ", ".join(f"count(r.{name})" for name in FORMS)
    counts: FormCounts = {}
    for bucket in sorted(listed["members"]):
        with TemporaryDirectory() as folder, connect() as connection:
            sources = {}
            for name, (_, columns) in places.items():
                stored = {bucket: listed[name][bucket]} if bucket in listed[name] else {}
                files = buckets.download(stored, Path(folder), name)
                sources[name] = relation([path for path, _ in files.values()], columns)
            rows = connection.execute(
                f"SELECT p.namespace, count(*), {forms} FROM {sources['members']} AS m"
                f" JOIN {sources['profiles']} AS p ON p.hi = m.hi AND p.lo = m.lo"
                f" LEFT JOIN {sources['renderings']} AS r ON r.hi = m.hi AND r.lo = m.lo GROUP BY 1"
            ).fetchall()
        for code, members, *known in rows:
            before, sums = counts.get(code, (0, dict.fromkeys(FORMS, 0)))
            added = {name: sums[name] + number for name, number in zip(FORMS, known, strict=True)}
            counts[code] = (before + members, added)
    return counts
