"""What a cold start of each function takes: its imports, its first answer, its memory, what it is packed with.

    python -m benchmarks.imports [runs, 3 by default]

Each function runs in a process of its own with the libraries that `handfast local up` has packed and the boto3 of this
environment, bytecode at hand, as in Lambda, and answers its sample event twice; the stores are moto's server, which
holds what the event names. Milliseconds are CPU time of the process: waiting for AWS and for neighbours is not in them.
The median of the runs. Packages are the megabytes Lambda unpacks: the function's own files are less than one. The
template's memory sizes follow from the megabytes here and the peaks that the other benchmarks print.
"""

import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer

from handfast.platform.observability import logger
from handfast_cli.local.emulator import aws_environment
from tests.worlds import sample_events as samples
from tests.worlds.sandboxes import organizations
from tests.worlds.stores import REGION, create_stores, forget
from tests.worlds.template import FUNCTIONS, TEMPLATE

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".aws-sam" / "build"
LAYERS = ("HandfastLayer", "AnalyticsLayer")
RUNS = 3
# What Lambda's runtime brings.
RUNTIME = ("boto3", "botocore", "s3transfer", "dateutil", "urllib3", "jmespath", "six")
_PROBE = """
import json, sys, time
from types import SimpleNamespace
context = SimpleNamespace(
    function_name="probe",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:probe",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 29_000,
)
event = sys.stdin.read()
marks = [time.process_time()]
import {module}
marks.append(time.process_time())
imported = len(sys.modules)
loaded = sorted({{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names))
answers = []
for _ in range(2):
    answers.append({module}.{handler}(json.loads(event), context))
    marks.append(time.process_time())
milliseconds = [(end - start) * 1000 for start, end in zip(marks, marks[1:])]
# Not the resource module's figure, which begins with the parent's.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
megabytes = int(peak.split()[1]) / 1024
with open(sys.argv[1], "w") as file:
    json.dump([imported, milliseconds, megabytes, loaded, answers[0]], file)
"""


@dataclass(frozen=True)
class Function:
    """A function of the template."""

    name: str
    code: Path
    module: str
    handler: str
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Start:
    """A cold start: modules and packages imported, milliseconds of the import and two calls, megabytes at the peak."""

    modules: int
    milliseconds: list[float]
    megabytes: float
    packages: list[str]
    answer: Any


def functions() -> dict[str, Function]:
    """The template's functions by service."""
    of_all, found = TEMPLATE["Globals"]["Function"], {}
    for name, properties in FUNCTIONS.items():
        module, _, handler = (of_all | properties)["Handler"].partition(".")
        layers = dict.fromkeys(layer["Ref"] for layer in [*of_all["Layers"], *properties.get("Layers", [])])
        service = properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        short = name.removesuffix("Function")
        found[service] = Function(short, ROOT / properties["CodeUri"], module, handler, tuple(layers))
    return found


def _runtime(folder: Path) -> Path:
    """Put what Lambda's runtime brings into a folder, and the layers, which another build may take away."""
    for layer in LAYERS:
        copytree(BUILD / layer / "python", folder / layer)
    for name in RUNTIME:
        spec = find_spec(name)
        assert spec is not None
        place = Path(spec.submodule_search_locations[0] if spec.submodule_search_locations else str(spec.origin))
        (folder / place.name).symlink_to(place)
    return folder


def probe(service: str, event: dict[str, Any], runtime: Path) -> Start:
    """Start a function and have it answer the event twice."""
    function = functions()[service]
    folders = [function.code, ROOT / "layers" / "handfast", *(runtime / layer for layer in function.layers), runtime]
    environment = os.environ | {"PYTHONPATH": ":".join(map(str, folders)), "POWERTOOLS_SERVICE_NAME": service}
    interpreter: str = getattr(sys, "_base_executable", sys.executable)
    result = runtime / "result.json"
    code = _PROBE.format(module=function.module, handler=function.handler)
    command = [interpreter, "-S", "-c", code, str(result)]
    done = subprocess.run(
        command, env=environment, input=json.dumps(event), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{service}: {done.stderr}")
    return Start(*json.loads(result.read_text()))


def size(layer: str) -> float:
    """A layer's megabytes."""
    return sum(path.stat().st_size for path in (BUILD / layer).rglob("*") if path.is_file()) / 1e6


def start(url: str, runtime: Path, service: str) -> Start:
    """A cold start, on new stores that hold what the sample event names."""
    starts: list[Start] = []

    def run(service: str, event: dict[str, Any]) -> Any:
        starts.append(probe(service, event, runtime))
        return starts[-1].answer

    httpx.post(f"{url}/moto-api/reset").raise_for_status()
    with pytest.MonkeyPatch.context() as patch:
        settings = {
            "AWS_DEFAULT_REGION": REGION,
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        for name, value in (aws_environment(url) | settings).items():
            patch.setenv(name, value)
        create_stores(patch)
        forget()
        patch.setattr(samples, "run", run)
        samples.CASES[service](organizations())
    return starts[-1]


def run(runs: int = RUNS) -> list[dict[str, Any]]:
    """A row per function; the packages are those that not all functions load."""
    if not BUILD.exists():
        raise SystemExit("nothing is built yet: run `handfast local up` first")
    sizes = {layer: size(layer) for layer in LAYERS}
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logger.setLevel("ERROR")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        url = "http://{}:{}".format(*server.get_host_and_port())
        with tempfile.TemporaryDirectory() as folder:
            runtime = _runtime(Path(folder))
            starts = {service: [start(url, runtime, service) for _ in range(runs)] for service in samples.CASES}
    finally:
        server.stop()
    common = set.intersection(*(set(of[0].packages) for of in starts.values()))
    rows = []
    for service, function in functions().items():
        of = starts[service]
        load, first, second = (
            statistics.median(part) for part in zip(*(cold_start.milliseconds for cold_start in of), strict=True)
        )
        row: dict[str, Any] = {"function": function.name, "modules": of[0].modules}
        row |= {
            "import": load,
            "first": first,
            "second": second,
            "megabytes": max(cold_start.megabytes for cold_start in of),
        }
        row |= {"packed": sum(sizes[layer] for layer in function.layers)}
        rows.append(row | {"packages": [name for name in of[0].packages if name not in common]})
    return rows


def main() -> None:
    """Print a line per function."""
    print(
        "| function | package, MB | modules | import, ms | first call | second call | memory, MB | not loaded by all |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for row in sorted(run(*map(int, sys.argv[1:])), key=lambda row: str(row["function"])):
        print(
            f"| {row['function']} | {row['packed']:.0f} | {row['modules']} | {row['import']:.0f} | {row['first']:.0f} "
            f"| {row['second']:.0f} | {row['megabytes']:.0f} | {', '.join(row['packages'])} |"
        )


if __name__ == "__main__":
    main()
