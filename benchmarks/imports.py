"""What each function loads before its first event: modules, milliseconds, megabytes.

    python -m benchmarks.imports

Each import runs in a process of its own with bytecode at hand, as in Lambda; the median of five. The template's memory
sizes follow from the megabytes here and the peaks that the other benchmarks print.
"""

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
_PROBE = """
import resource, sys, time
start = time.perf_counter()
import functions.{name}
seconds = time.perf_counter() - start
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(len(sys.modules), seconds * 1000, megabytes, "duckdb" in sys.modules)
"""


def probe(name: str) -> tuple[int, float, float, bool]:
    """Modules, milliseconds and peak megabytes of one import, and whether DuckDB is among them."""
    command = [sys.executable, "-c", _PROBE.format(name=name)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/handfast'}", "AWS_DEFAULT_REGION": "eu-west-1"}
    output = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    modules, milliseconds, megabytes, has_duckdb = output.split()
    return int(modules), float(milliseconds), float(megabytes), has_duckdb == "True"


def main() -> None:
    """Print a line per handler file."""
    print("| handler | modules | import, ms | memory, MB | DuckDB |\n|---|---|---|---|---|")
    for path in sorted((ROOT / "functions").glob("*/*.py")):
        name = f"{path.parent.name}.{path.stem}"
        runs = [probe(name) for _ in range(RUNS)]
        milliseconds = statistics.median(run[1] for run in runs)
        megabytes = max(run[2] for run in runs)
        loaded = "yes" if runs[0][3] else "no"
        print(f"| {name} | {runs[0][0]} | {milliseconds:.0f} | {megabytes:.0f} | {loaded} |")


if __name__ == "__main__":
    main()
