"""Every function in a container of its own, on moto's server and on the local stack.

`make sam-local` has built what is run. SAM_LOCAL_IMAGE may name a base image in place of the public one.
"""

import json
import logging
import multiprocessing
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from moto.server import ThreadedMotoServer

from handfast.access import service as access
from handfast.platform import aws, secret
from handfast_cli.local.deployment import STACK_NAME
from handfast_cli.local.emulator import aws_environment
from tests.sam_local.reach import NoEngineError, engine, reachable, variables
from tests.worlds.sandboxes import LiveWorld, World, organizations
from tests.worlds.stores import REGION, create_stores
from tests.worlds.template import FUNCTIONS, ROOT

BUILT = ROOT / ".aws-sam" / "sam-local" / "build" / "template.yaml"
NAMES = {
    properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: name for name, properties in FUNCTIONS.items()
}

PROCESSES = multiprocessing.get_context("forkserver")
"""Each a new one that has SAM's command line loaded, which takes longer than most functions."""
PROCESSES.set_forkserver_preload(["samcli.cli.main", "samcli.commands.local.invoke.cli"])


def sam(arguments: list[str], environment: dict[str, str], answered: Path, told: Path) -> None:
    """Run `sam` in this process, with what it prints in two files."""
    from samcli.cli.main import cli

    os.environ.update(environment)
    os.chdir(ROOT)
    for path, stream in ((answered, sys.stdout), (told, sys.stderr)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), stream.fileno())
    cli(arguments)


@dataclass(frozen=True)
class Place:
    """An emulator: its URL on this machine and in containers, and what sets a test's environment up on it."""

    url: str
    url_in_containers: str
    prepare: Callable[[pytest.MonkeyPatch], None]
    live: bool

    def run(self, folder: Path, service: str, event: dict[str, Any]) -> Any:
        """What the function answers to the event."""
        own = FUNCTIONS[NAMES[service]]["Environment"]["Variables"]
        found = {name: os.environ[name] for name in own if name in os.environ}
        file = folder / "variables.json"
        file.write_text(json.dumps({"Parameters": found | {"AWS_ENDPOINT_URL": self.url_in_containers}}))
        arm = platform.machine() in {"arm64", "aarch64"}
        asked, answered, told = (folder / name for name in ("event.json", "answer.json", "told"))
        asked.write_text(json.dumps(event))
        command = ["local", "invoke", NAMES[service], "--event", str(asked)]
        command += ["--template", str(BUILT), "--language-extensions", "--env-vars", str(file), "--skip-pull-image"]
        command += ["--parameter-overrides", f"Architecture={'arm64' if arm else 'x86_64'}"]
        if image := os.environ.get("SAM_LOCAL_IMAGE"):
            command += ["--invoke-image", image]
        environment = aws_environment(self.url) | {
            "AWS_DEFAULT_REGION": os.environ["AWS_DEFAULT_REGION"],
            "SAM_CLI_CONTAINER_CONNECTION_TIMEOUT": "60",
            "SAM_CLI_TELEMETRY": "0",
        }
        process = PROCESSES.Process(target=sam, args=(command, environment, answered, told))
        process.start()
        process.join()
        print(told.read_text())  # shown when the test fails
        assert process.exitcode == 0
        answer = json.loads(answered.read_text())
        assert not isinstance(answer, dict) or "errorType" not in answer, answer
        return answer


@pytest.fixture(scope="session", params=["moto", "stack"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Where the containers' calls go."""
    try:
        engine()
    except NoEngineError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    for client in (aws.dynamodb, aws.s3, aws.sqs, aws.events, aws.secretsmanager):
        client.cache_clear()
    yield from {"moto": _moto, "stack": _stack}[request.param]()


def _moto() -> Iterator[Place]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"

    def prepare(patch: pytest.MonkeyPatch) -> None:
        httpx.post(f"{url}/moto-api/reset").raise_for_status()
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        create_stores(patch)

    try:
        with reachable(port) as url_in_containers:
            yield Place(url, url_in_containers, prepare, live=False)
    finally:
        server.stop()


def _stack() -> Iterator[Place]:
    command = [sys.executable, "-m", "handfast_cli", "local", "up", "--json"]
    up = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if up.returncode != 0:
        pytest.fail("the local stack did not come up", pytrace=False)
    url = json.loads(up.stdout)["awsEndpointUrl"]

    def prepare(patch: pytest.MonkeyPatch) -> None:
        for name, value in variables(STACK_NAME).items():
            patch.setenv(name, value)

    with reachable(urlsplit(url).port or 80) as url_in_containers:
        yield Place(url, url_in_containers, prepare, live=True)


@pytest.fixture
def world(place: Place, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two new organisations there."""
    for name, value in aws_environment(place.url).items():
        monkeypatch.setenv(name, value)
    place.prepare(monkeypatch)
    secret.forget()
    access.forget()
    world = organizations()
    return LiveWorld(world.a, world.b, world.c) if place.live else world


@pytest.fixture
def run(place: Place, tmp_path: Path) -> Callable[[str, dict[str, Any]], Any]:
    """Runs the function of a service with an event, in a container."""
    return partial(place.run, tmp_path)
