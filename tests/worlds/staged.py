"""What a file has been made into, read back."""

import csv
from pathlib import Path
from typing import Any

from handfast.ingest.plan import Plan, Staged, StagedCounts
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows


def profiles(result: Staged) -> dict[tuple[int, int], tuple[Any, ...]]:
    """The profiles by key, which are sorted by it: namespace, value, profile id, answers, times, attributes."""
    parts = [read_rows(span.profiles) for span in result.spans if span.profiles]
    assert all(part == sorted(part, key=lambda row: row[:2]) for part in parts)
    rows = [row for part in parts for row in part]
    return {(row[0], row[1]): row[2:] for row in rows}


def memberships(result: Staged) -> dict[tuple[tuple[int, int], str], bool]:
    """Whether an identity joins a segment or leaves it, by its key and the segment."""
    rows = [row for span in result.spans if span.memberships for row in read_rows(span.memberships)]
    assert rows == sorted(rows, key=lambda row: (row[2], *row[:2]))
    return {((row[0], row[1]), row[2]): row[3] for row in rows}


def rejects(result: Staged) -> list[tuple[int, str, str]]:
    """What is listed as left out: row, column and reason."""
    if result.rejects is None:
        return []
    with result.rejects.open() as file:
        return [(int(line["row"]), line["column"], line["reason"]) for line in csv.DictReader(file)]


def everything(path: Path, plan: Plan, folder: Path) -> tuple[StagedCounts, list[str]]:
    """The counts of a file, and the rows of all that is written of it below a new folder, with its rejects."""
    folder.mkdir()
    result = stage(path, plan, folder)
    written = sorted(str(row) for file in folder.rglob("*.parquet") for row in read_rows(file))
    return result.counts, [*written, *map(str, rejects(result))]
