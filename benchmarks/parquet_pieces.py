"""A Parquet file that many workers share: the bytes, memory and disk that a piece of it takes, and the whole.

    python -m benchmarks.parquet_pieces [rows, 2,000,000 by default]

The people of `benchmarks.ingest`, with their profile ids, as DuckDB writes them by default. Each piece is cut out and
read in a process of its own, as a worker reads a split, over a local file in place of S3; so is the whole, by one. The
memory is the process's peak, the disk what lies below the worker's folder, as in `benchmarks.splits`.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest import people_plan, write_people
from benchmarks.splits import WORKERS, taken, worst
from handfast.ingest import shards
from handfast.ingest.cutting import Read
from handfast.ingest.parquet_cutting import RowGroups, cut_parquet, write_piece
from handfast.ingest.shared_work import cut_of
from handfast.ingest.splits import SPLIT_BYTES
from handfast.lake.duck import connect, copy, literal

ROWS = 2_000_000
_BITS = 6


@contextmanager
def _reading(source: Path, asked: list[int]) -> Iterator[Read]:
    """Read a file by places; how many bytes each time is added to `asked`."""
    with source.open("rb") as file:

        def read(start: int, end: int) -> bytes:
            asked.append(end - start)
            file.seek(start)
            return file.read(end - start)

        yield read


def _work(source: Path, piece: RowGroups, number: int, pieces: int, folder: Path) -> int:
    """Read a piece as a worker does; returns the bytes that were asked for."""
    asked: list[int] = []
    path = folder / "source" / "file"
    path.parent.mkdir()
    with _reading(source, asked) as read:
        write_piece(read, source.stat().st_size, piece, path)
    shards.read(path, replace(people_plan(_BITS), format="parquet"), number, cut_of(pieces, _BITS), folder)
    return sum(asked)


def run(rows: int = ROWS) -> Iterator[dict[str, Any]]:
    """What cutting takes, then the whole as one piece, and the pieces of about a split each at their worst."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "people.parquet"
        write_people(folder / "people.csv", rows)
        with connect() as connection:
            people = f"FROM read_csv({literal(folder / 'people.csv')}, all_varchar = true)"
            copy(connection, people, source, "FORMAT parquet")
        size = source.stat().st_size
        asked: list[int] = []
        with _reading(source, asked) as read:
            began = time.monotonic()
            pieces = cut_parquet(read, size, SPLIT_BYTES)
            yield {"stage": "cut", "seconds": time.monotonic() - began, "fileMb": size / 1e6, "mb": sum(asked) / 1e6}
            whole = cut_parquet(read, size, size)
        for stage, cut in (("whole", whole), ("pieces", pieces)):
            began = time.monotonic()
            with ProcessPoolExecutor(WORKERS, get_context("spawn"), max_tasks_per_child=1) as pool:
                futures = []
                for number, piece in enumerate(cut):
                    at = folder / f"{stage}-{number}"
                    futures.append(pool.submit(taken, _work, [], at, source, piece, number, len(pieces), at))
                done = [future.result() for future in futures]
            largest = {"rows": max(piece.rows for piece in cut), "mb": max(piece.made for piece in done) / 1e6}
            yield worst(stage, done, time.monotonic() - began) | largest


if __name__ == "__main__":
    for line in run(*map(int, sys.argv[1:2])):
        told = (
            f"{name} {value:,.3f}" if isinstance(value, float) else f"{name} {value}" for name, value in line.items()
        )
        print("  ".join(told), flush=True)
