"""What people cost in a sandbox that knows many: looking them up by profile id, and counting them.

    python -m benchmarks.people [identities, 10,000,000 by default]

A sandbox knows people by four identities each. A call gives consent answers by profile id: of one whom nobody knows,
of one person, and of as many as a call may name; and, to compare with, of an identity alone, for which nobody is looked
up. People are counted of a segment with 30 % of them, and in the population of two sandboxes of two fifths as many
identities each, a tenth in common, each a person of its own. It is the product's own code over a folder in S3's place.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import erase
from benchmarks.bucket_files import BITS, TERMS, generate, measure
from benchmarks.costs import place
from handfast.ingest import streamed_people
from handfast.ingest.streamed_people import Statement
from handfast.lake import people_counts
from handfast.matching import population_people
from handfast.platform import clock

IDENTITIES = 10_000_000
A_CALL = 1_000
_SANDBOX = "sbx"
_EACH = 4
_RUNS = 5


def call(data: Path, profile_ids: list[str | None]) -> Mapping[str, int]:
    """Take an answer of each of the people; what S3 was asked for it."""
    from benchmarks.folder import stored_in  # noqa: PLC0415 - generating needs none of it

    with TemporaryDirectory(dir=data.parent) as folder:
        root = erase.linked(data, Path(folder))
        with stored_in(root, erase.BITS) as objects:
            said = [Statement(clock.now(), None if name else (1, 1, 1, b""), name, "n") for name in profile_ids]
            streamed_people.publish(_SANDBOX, said)
        if not any((root / "changes").rglob("*")) and not any((root / "answers").rglob("*")):
            raise AssertionError("the call has changed nothing")
        return objects.asked


def count_members(data: Path) -> Mapping[str, int]:
    """Count the people of a segment; what S3 was asked for it."""
    from benchmarks.folder import stored_in  # noqa: PLC0415

    with stored_in(data, erase.BITS) as objects:
        if people_counts.members(_SANDBOX, "seg_1", None) is None:
            raise AssertionError("they are too many to count")
        return objects.asked


def count_population(root: Path) -> Mapping[str, int]:
    """Count the people of a population; what S3 was asked for it."""
    from benchmarks.folder import stored_in  # noqa: PLC0415

    with stored_in(root, BITS) as objects:
        if not population_people.counted(TERMS):
            raise AssertionError("they are too many to count")
        return objects.asked


def counting(identities: int) -> list[dict[str, Any]]:
    """A row per count."""
    with TemporaryDirectory() as temporary:
        data, pair, root = (Path(temporary) / name for name in ("data", "pair", "root"))
        erase.generate(data, identities // _EACH)
        generate(pair, identities * 2 // 5, 0.1)
        place(pair, root)
        rows = measure((count_members, data), (count_population, root), runs=_RUNS)
    return [
        _row(name, identities, row, seconds=row["seconds"], cpu_seconds=row["cpuSeconds"])
        for name, row in zip(("people of a segment", "people of a population"), rows, strict=True)
    ]


def _row(name: str, identities: int, row: Mapping[str, Any], *, seconds: float, cpu_seconds: float) -> dict[str, Any]:
    return {
        "case": name,
        "identities": identities,
        "seconds": round(seconds, 2),
        "cpuSeconds": round(cpu_seconds, 2),
        "peakMb": row["peakMb"],
        "reads": row["result"]["get"],
        "megabytesRead": round(row["result"]["bytes"] / 1e6, 1),
    }


def looking_up(identities: int) -> list[dict[str, Any]]:
    """A row per call: seconds and CPU seconds beyond those of an identity alone, peak memory in MB, what was read."""
    people = identities // _EACH
    cases: dict[str, list[str | None]] = {
        "an identity alone": [None],
        "one whom nobody knows": ["nobody"],
        "one person": ["p2"],
        f"{A_CALL:,} people": [f"p{number * (people // A_CALL) + 2}" for number in range(A_CALL)],
    }
    with TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        erase.generate(data, people)
        alone, *others = measure(*((call, data, names) for names in cases.values()), runs=_RUNS)
    return [
        _row(
            name,
            identities,
            row,
            seconds=row["seconds"] - alone["seconds"],
            cpu_seconds=row["cpuSeconds"] - alone["cpuSeconds"],
        )
        for name, row in zip([*cases][1:], others, strict=True)
    ]


def run(identities: int = IDENTITIES) -> list[dict[str, Any]]:
    """A row per case: seconds, CPU seconds, peak memory in MB, and what was read."""
    return looking_up(identities) + counting(identities)


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else IDENTITIES):
        print(json.dumps(row))
