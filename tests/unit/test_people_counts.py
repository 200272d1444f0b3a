"""People counted from identities that come in some at a time, beside a count of them all at once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from handfast.lake.duck import connect, literal
from handfast.lake.people_counts import Standing

identities = st.tuples(st.integers(0, 2), st.sampled_from([None, "ann", "bob", "", "cleo"]), st.integers(1, 4))


@given(st.lists(st.lists(identities, min_size=1, max_size=6), max_size=4))
def test_a_person_of_a_part_counts_once_at_the_furthest_stage(groups: list[list[tuple[int, str | None, int]]]) -> None:
    furthest: dict[tuple[int, object], int] = {}
    for number, (part, profile_id, stage) in enumerate(identity for group in groups for identity in group):
        person = (part, profile_id if profile_id is not None else number)
        furthest[person] = max(furthest.get(person, 0), stage)
    with connect() as connection:
        standing = Standing(connection)
        for group in groups:
            rows = ", ".join(
                f"({part}, {literal(name) if name is not None else 'NULL'}, {n})" for part, name, n in group
            )
            standing.add(f"SELECT * FROM (VALUES {rows}) AS rows(part, profile_id, stage)")
        assert standing.people() == Counter((part, stage) for (part, _), stage in furthest.items())


def _text(profile_id: str | None) -> str:
    return "NULL" if profile_id is None else literal(profile_id)
