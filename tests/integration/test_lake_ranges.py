"""Parquet objects copied in part."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from handfast.lake import ranges
from handfast.lake.duck import connect, write
from handfast.platform import objects
from handfast.platform.objects import LostRaceError
from tests.worlds.sandboxes import World

ROWS = 150_000


@pytest.fixture
def wide(world: World, tmp_path: Path) -> Path:
    """An object of three row groups and a footer longer than the tail, and the file it was written from."""
    path = tmp_path / "wide.parquet"
    rows = "SELECT i AS hi, (hash(i) // 2)::BIGINT AS lo, (i % 3)::SMALLINT AS code, sha256(i::VARCHAR) AS value"
    with connect() as connection:
        write(connection, f"{rows} FROM range({ROWS}) t(i)", path, {"trail": "x" * ranges.TAIL})
    objects.write_file("wide", path, replaces=None)
    return path


def told(path: Path, what: str) -> Any:
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT count(*), {what} FROM read_parquet('{path}')").fetchall()


def test_only_some_columns_are_copied_and_read_the_same(wide: Path, tmp_path: Path, read: dict[str, int]) -> None:
    part, absent = tmp_path / "part.parquet", tmp_path / "absent.parquet"
    stored = ranges.copy({part: "wide", absent: "none"}, {part: ("hi", "lo"), absent: ("hi",)})
    assert stored.keys() == {part}
    assert told(part, "sum(hash(hi, lo))") == told(wide, "sum(hash(hi, lo))")
    assert read["bytes"] < wide.stat().st_size / 2
    assert read["requests"] == 1 + 1 + 3  # the end, the rest of the footer, hi and lo of each row group
    ranges.fill(stored, {part: ("code", "value")})
    assert told(part, "sum(hash(columns(*)))") == told(wide, "sum(hash(columns(*)))")


def test_rows_beyond_a_limit_are_not_copied(wide: Path, tmp_path: Path, read: dict[str, int]) -> None:
    part = tmp_path / "part.parquet"
    ranges.copy({part: "wide"}, {part: ("hi", "lo")}, 1000)
    with duckdb.connect() as connection:
        some = "SELECT sum(hash(hi, lo)) FROM read_parquet('{}') WHERE hi <= 1000"
        assert connection.execute(some.format(part)).fetchall() == connection.execute(some.format(wide)).fetchall()
    assert read["requests"] == 1 + 1 + 1


def test_a_small_object_is_copied_at_once(world: World, tmp_path: Path, read: dict[str, int]) -> None:
    with connect() as connection:
        write(connection, "SELECT 1 AS hi, 'x' AS value", tmp_path / "small.parquet")
    objects.write_file("small", tmp_path / "small.parquet", replaces=None)
    part = tmp_path / "part.parquet"
    ranges.copy({part: "small"}, {part: ("hi",)})
    assert part.read_bytes() == (tmp_path / "small.parquet").read_bytes()
    assert read["requests"] == 1


def test_an_object_replaced_while_it_is_copied_is_a_lost_race(wide: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.parquet"
    stored = ranges.copy({part: "wide"}, {part: ("hi",)})
    objects.write_file("wide", wide, replaces=stored[part], metadata={"change": "same bytes"})
    objects.write("wide", b"other", replaces=next(objects.listing("wide")))
    with pytest.raises(LostRaceError):
        ranges.fill(stored, {part: ("value",)})


@pytest.mark.parametrize(
    ("parts", "merged"),
    [([], []), ([(5, 9), (0, 4)], [(0, 9)]), ([(0, 4), (10**6, 10**6 + 1), (2, 3)], [(0, 4), (10**6, 10**6 + 1)])],
)
def test_near_ranges_are_one(parts: list[ranges.Range], merged: list[ranges.Range]) -> None:
    assert ranges.merged(parts) == merged


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Requests to S3 and bytes of their answers."""
    seen = {"requests": 0, "bytes": 0}

    def counting(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            answer = original(*arguments)
            if answer is not None:
                seen["requests"] += 1
                seen["bytes"] += len(answer[0] if isinstance(answer, tuple) else answer)
            return answer

        return call

    for name in ("read_end", "read_range"):
        monkeypatch.setattr(objects, name, counting(getattr(objects, name)))
    return seen
