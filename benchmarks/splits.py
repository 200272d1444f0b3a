"""A file that many workers share: what each piece of work takes of time, memory and disk, whatever the whole is.

    python -m benchmarks.splits [rows, 20,000,000 by default]

The people of `benchmarks.ingest`, with their profile ids, read in splits, folded, decided and sealed as the workers do
it, each piece in a process of its own, two at a time, over local files in place of S3. The disk is what lies below the
worker's folder, where the engine spills too, without what other workers gave it; the memory is the process's peak.
"""

import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest import people_plan, write_people
from handfast.ingest import cutting, facts, shards
from handfast.ingest.csv_source import START_BYTES, decoded_start, find_dialect
from handfast.ingest.shared_work import cut_of
from handfast.ingest.splits import SPLIT_BYTES, Cut

ROWS = 20_000_000
_BITS = 6
WORKERS = 2
_MEMORY_MB = "3008"
"""Of the function of uploads (`MemorySize` in template.yaml), by which the engine's memory is set."""


@dataclass(frozen=True)
class Piece:
    """What a piece of work came to, and what it took."""

    made: Any
    seconds: float
    cpu_seconds: float
    peak_mb: int
    disk_mb: float
    given_mb: float


def taken(work: Callable[..., Any], given: list[Path], folder: Path, *arguments: Any) -> Piece:
    """Do a piece of work and watch what it takes."""
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = _MEMORY_MB
    os.environ["TMPDIR"] = str(folder)
    folder.mkdir(parents=True)
    size = sum(path.stat().st_size for path in given)
    most, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], _size(folder))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began, cpu = time.monotonic(), time.process_time()
    try:
        made = work(*arguments)
    finally:
        ended.set()
        watcher.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return Piece(made, time.monotonic() - began, time.process_time() - cpu, peak, most[0] / 1e6, size / 1e6)


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(place) / name).stat().st_blocks * 512
    return total


def _read(source: Path, piece: cutting.ByteRange, header: int, number: int, cut: Cut, folder: Path) -> shards.SplitRead:
    path = folder / "source" / "file"
    path.parent.mkdir()
    with source.open("rb") as file, path.open("wb") as target:
        if piece.start:
            target.write(file.read(header))
        file.seek(piece.start)
        target.write(file.read(piece.end - piece.start))
    return shards.read(path, people_plan(_BITS), number, cut, folder)


def _pieces(source: Path) -> tuple[list[cutting.ByteRange], int]:
    with source.open("rb") as file:

        def read(start: int, end: int) -> bytes:
            file.seek(start)
            return file.read(end - start)

        names = [column.column for column in people_plan(_BITS).columns]
        dialect = find_dialect(decoded_start(read(0, START_BYTES)), names, None)
        pieces = cutting.cut_csv(read, source.stat().st_size, SPLIT_BYTES, dialect)
        return pieces, cutting.header_end(read, dialect)


def _for(made: list[Mapping[str, Path]], place: int) -> dict[str, list[Path]]:
    given: dict[str, list[Path]] = {}
    for files in made:
        for name, path in files.items():
            kind, _, number = name.partition("/")
            if number == str(place):
                given.setdefault(kind, []).append(path)
    return given


def _own(files: Mapping[str, Path]) -> dict[str, list[Path]]:
    return {kind: [path] for kind, path in files.items() if "/" not in kind}


def run(rows: int = ROWS) -> Iterator[dict[str, Any]]:
    """What cutting took, and each stage at its worst, with the pieces that it had."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "people.csv"
        write_people(source, rows)
        began = time.monotonic()
        pieces, header = _pieces(source)
        yield {"stage": "cut", "pieces": len(pieces), "seconds": time.monotonic() - began}
        cut = cut_of(len(pieces), _BITS)
        plan = people_plan(_BITS)
        with ProcessPoolExecutor(WORKERS, get_context("spawn"), max_tasks_per_child=1) as pool:

            def work(stage: str, count: int, start: Callable[[int, Path], tuple[Any, ...]]) -> list[Piece]:
                began = time.monotonic()
                futures = []
                for number in range(count):
                    place = folder / f"{stage}-{number}"
                    job, given, *arguments = start(number, place)
                    futures.append(pool.submit(taken, job, given, place, *arguments))
                done = [future.result() for future in futures]
                stages.append(worst(stage, done, time.monotonic() - began))
                return done

            stages: list[dict[str, Any]] = []
            read = [
                piece.made
                for piece in work("read", len(pieces), lambda n, at: (_read, [], source, pieces[n], header, n, cut, at))
            ]
            source.unlink()
            facts.check(facts.merged([split.facts for split in read]), plan)
            written = [split.files for split in read]

            def folding(number: int, at: Path) -> tuple[Any, ...]:
                given = _for(written, number)
                return shards.fold, [path for paths in given.values() for path in paths], given, plan, cut, at, None

            folded = [piece.made for piece in work("fold", cut.slices, folding)]

            def deciding(group: int, at: Path) -> tuple[Any, ...]:
                given = _for([*written, *(one.files for one in folded)], group)
                return shards.decide, [path for paths in given.values() for path in paths], given, plan, cut, at, None

            decided = [piece.made for piece in work("decide", cut.groups, deciding)]

            def sealing(number: int, at: Path) -> tuple[Any, ...]:
                given = _own(folded[number].files) | _for([one.files for one in decided], number)
                return shards.seal, [path for paths in given.values() for path in paths], given, plan, at

            work("seal", cut.slices, sealing)
        yield from stages


def worst(stage: str, done: list[Piece], seconds: float) -> dict[str, Any]:
    """What the pieces of a stage took together, and the largest of them."""
    return {
        "stage": stage,
        "pieces": len(done),
        "seconds": seconds,
        "pieceSeconds": max(piece.seconds for piece in done),
        "cpuSeconds": sum(piece.cpu_seconds for piece in done),
        "peakMb": max(piece.peak_mb for piece in done),
        "diskMb": max(piece.disk_mb for piece in done),
        "givenMb": max(piece.given_mb for piece in done),
    }


if __name__ == "__main__":
    for line in run(*map(int, sys.argv[1:2])):
        told = (
            f"{name} {value:,.1f}" if isinstance(value, float) else f"{name} {value}" for name, value in line.items()
        )
        print("  ".join(told), flush=True)
