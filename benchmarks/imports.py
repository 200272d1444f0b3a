"""What each function loads before its first event: modules, milliseconds, megabytes; and what it is packed with.

    python -m benchmarks.imports

Each import runs in a process of its own with what `handfast local up` has built and the boto3 of this environment, and
with bytecode at hand, as in Lambda; the median of five. Packages are the megabytes Lambda unpacks: the function's own
files are less than one. The template's memory sizes follow from the megabytes here and the peaks that the other
benchmarks print.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".aws-sam" / "build"
RUNS = 5
# What Lambda's runtime brings.
RUNTIME = ("boto3", "botocore", "s3transfer", "dateutil", "urllib3", "jmespath", "six")
_PROBE = """
import json, resource, sys, time
start = time.perf_counter()
import {module}
seconds = time.perf_counter() - start
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
packages = sorted({{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names))
print(json.dumps([len(sys.modules), seconds * 1000, megabytes, packages]))
"""


def functions() -> dict[str, tuple[str, tuple[str, ...]]]:
    """By function: the module of its handler, and its layers."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    of_all = template["Globals"]["Function"]
    found = {}
    for name, resource in template["Resources"].items():
        if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Function":
            properties = of_all | resource["Properties"]
            layers = [*of_all["Layers"], *resource["Properties"].get("Layers", [])]
            module = properties["Handler"].partition(".")[0]
            found[name] = module, tuple(layer["Ref"] for layer in layers)
    return found


def _runtime(folder: Path) -> Path:
    """A folder with what Lambda's runtime brings, and nothing else of this environment."""
    for name in RUNTIME:
        spec = find_spec(name)
        assert spec is not None
        place = Path(spec.submodule_search_locations[0] if spec.submodule_search_locations else str(spec.origin))
        (folder / place.name).symlink_to(place)
    return folder


def probe(function: str, module: str, layers: tuple[str, ...], runtime: Path) -> tuple[int, float, float, list[str]]:
    """Modules, milliseconds, peak megabytes and packages of one import."""
    folders = [BUILD / function, *(BUILD / layer / "python" for layer in layers), runtime]
    environment = {"PYTHONPATH": ":".join(map(str, folders)), "AWS_DEFAULT_REGION": "eu-west-1"}
    interpreter: str = getattr(sys, "_base_executable", sys.executable)
    command = [interpreter, "-S", "-c", _PROBE.format(module=module)]
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    modules, milliseconds, megabytes, packages = json.loads(output)
    return modules, milliseconds, megabytes, packages


def size(layer: str) -> float:
    """A layer's megabytes."""
    return sum(path.stat().st_size for path in (BUILD / layer).rglob("*") if path.is_file()) / 1e6


def run() -> list[dict[str, Any]]:
    """A row per function; the packages are those that not all functions load."""
    if not BUILD.exists():
        raise SystemExit("nothing is built yet: run `handfast local up` first")
    sizes = {layer: size(layer) for layer in ("HandfastLayer", "AnalyticsLayer")}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        runtime = _runtime(Path(folder))
        for name, (module, layers) in functions().items():
            runs = [probe(name, module, layers, runtime) for _ in range(RUNS)]
            row: dict[str, Any] = {
                "function": name.removesuffix("Function"),
                "modules": runs[0][0],
                "milliseconds": statistics.median(one[1] for one in runs),
                "megabytes": max(one[2] for one in runs),
                "packed": sum(sizes[layer] for layer in layers),
            }
            rows.append(row | {"packages": runs[0][3]})
    common = set.intersection(*(set(row["packages"]) for row in rows))
    return [row | {"packages": [name for name in row["packages"] if name not in common]} for row in rows]


def main() -> None:
    """Print a line per function."""
    print("| function | modules | import, ms | memory, MB | package, MB | not loaded by all |")
    print("|---|---|---|---|---|---|")
    for row in sorted(run(), key=lambda row: str(row["function"])):
        figures = f"{row['milliseconds']:.0f} | {row['megabytes']:.0f} | {row['packed']:.0f}"
        print(f"| {row['function']} | {row['modules']} | {figures} | {', '.join(row['packages'])} |")


if __name__ == "__main__":
    main()
