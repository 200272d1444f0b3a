"""The wheels of the SDK and of the command line, each alone in an environment that has nothing else."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pydantic

from handfast_cli.errors import ExitCode
from handfast_cli.local.deployment import uv
from tests.worlds.cli_server import Answer, answering

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = ROOT / "layers" / "handfast" / "handfast" / "identity"
NEEDS_PYDANTIC = {"free_text.py", "given.py"}
SCRIPT = """
import sys
from handfast_client import Client, ProblemError, hash_value
client = Client.from_environment()
found = list(client.connections.list(status="active"))
try:
    client.feeds.publish("feed_1")
except ProblemError as problem:
    print(found[0]["connectionId"], type(problem).__name__, problem.code, hash_value("email", " Ann@Example.com "))
print(*sorted({"pydantic", "boto3", "typer", "rich"} & sys.modules.keys()))
"""
EVERY_NOUN = """
from handfast_cli.commands import helps, loaded
for name in helps():
    if hasattr(loaded(name), "list_commands"):
        print(name, *loaded(name).list_commands(None))
"""
TOKEN: Answer = (200, {"access_token": "t", "expires_in": 3600}, {})
PAGE: Answer = (200, {"items": [{"connectionId": "con_1"}], "nextCursor": None}, {})


def run(*words: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    # Nothing of this environment's packages and profiles, and nothing of the checkout.
    left_out = ("PYTHON", "VIRTUAL", "HANDFAST")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    kept |= {"UV_PYTHON_DOWNLOADS": "never"} | environment
    return subprocess.run(words, env=kept, capture_output=True, text=True, check=False, cwd="/")


def done(*words: str | Path) -> str:
    told = run(*words)
    assert told.returncode == 0, told.stderr
    return told.stdout


def installed(folder: Path, *packages: str) -> Path:
    """The programs of an environment with the wheels, and of the lock what they need."""
    project, mine = ("--project", str(ROOT), "--quiet"), ("--python", sys.executable)
    for package in packages:
        done(uv(), "build", *project, *mine, "--wheel", "--package", package, "--out-dir", folder, ROOT)
    needs, how = folder / "needs.txt", ("--frozen", "--no-default-groups", "--no-emit-workspace", "--no-header")
    done(uv(), "export", *project, *mine, "--package", packages[-1], *how, "--output-file", needs)
    done(uv(), "venv", "--quiet", "--no-project", "--python", oldest(), folder / "alone")
    into = ("--quiet", "--python", folder / "alone" / "bin" / "python")
    done(uv(), "pip", "install", *into, "--requirement", needs)
    done(uv(), "pip", "install", *into, "--no-deps", "--offline", *folder.glob("*.whl"))
    return folder / "alone" / "bin"


def oldest() -> str:
    """The oldest Python there is that the wheels are for."""
    found = (run(uv(), "python", "find", "--no-project", version) for version in ("3.11", "3.12"))
    return next((told.stdout.strip() for told in found if told.returncode == 0), sys.executable)


def machine(url: str, home: Path) -> dict[str, str]:
    place = {"XDG_CONFIG_HOME": str(home), "HANDFAST_URL": url, "HANDFAST_SANDBOX": "sbx_1"}
    return place | {"HANDFAST_CLIENT_ID": "id", "HANDFAST_CLIENT_SECRET": "secret"}


def test_the_sdk_alone_calls_lists_tells_problems_and_hashes(tmp_path: Path) -> None:
    programs = installed(tmp_path, "handfast-client")
    with answering() as server:
        refused = {"type": "/v1/problems/conflict", "title": "Conflict", "detail": "no", "current": "revoked"}
        told: Answer = (200, {"tokenUrl": f"{server.url}/token"}, {})
        server.answers = [told, TOKEN, PAGE, (409, refused, {})]
        said = run(programs / "python", "-c", SCRIPT, **machine(server.url, tmp_path))
    assert said.returncode == 0, said.stderr
    (problem, loaded) = said.stdout.splitlines()
    assert problem == f"con_1 ConflictError revoked {hashlib.sha256(b'ann@example.com').hexdigest()}"
    assert loaded == "", "more is loaded than is needed"
    paths = [asked["path"] for asked in server.asked]
    below = "/v1/sandboxes/sbx_1"
    assert paths == [
        *("/v1/.well-known/handfast.json", "/token"),
        *(f"{below}/connections?status=active", f"{below}/feeds/feed_1/publish?dryRun=false"),
    ]


def test_the_command_line_alone_has_what_needs_only_the_api(tmp_path: Path) -> None:
    programs = installed(tmp_path, "handfast-client", "handfast-cli")
    handfast = programs / "handfast"
    assert re.fullmatch(r"handfast \d+\.\d+\.\d+\n", done(handfast, "--version"))
    listed = done(handfast, "--help")
    assert "connections" in listed
    assert not re.search(r"^  (local|demo|admin) ", listed, re.MULTILINE)
    nouns = done(programs / "python", "-c", EVERY_NOUN)
    assert re.search(r"^policies .*\bcreate\b", nouns, re.MULTILINE)
    assert re.search(r"^connectors .*\badd\b", nouns, re.MULTILINE)
    assert run(handfast, "admin", "list-users").returncode == ExitCode.INVALID
    proof = ("privacy", "verify", ROOT / "README.md")
    for words, extra in ((("plan", "/none.yaml"), "desired"), (("mcp",), "mcp"), (proof, "proofs")):
        assert f"install handfast-cli[{extra}]" in run(handfast, *words).stderr
    with answering() as server:
        server.answers = [(200, {"tokenUrl": f"{server.url}/token"}, {}), TOKEN, PAGE]
        said = run(handfast, "connections", "list", "--json", **machine(server.url, tmp_path))
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == PAGE[1]


def project(folder: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())


def shipped(folder: str) -> dict[str, str]:
    """The layer's files that the wheel of a folder carries, by where they are here."""
    files: dict[str, str] = project(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    return files


def test_what_checks_proofs_is_shipped_whole(tmp_path: Path) -> None:
    for source, target in (shipped("client") | shipped("cli")).items():
        (tmp_path / target).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / target).symlink_to((ROOT / "cli" / source).resolve())
    path = [str(tmp_path), str(Path(pydantic.__file__).parents[1])]
    rules = "import handfast.privacy_requests.proof_check, handfast.privacy_requests.register_check"
    done(sys.executable, "-S", "-c", f"import sys; sys.path += {path}; {rules}")


def test_what_hashes_is_shipped_as_it_stands_but_for_what_needs_pydantic() -> None:
    wanted = {*(file.name for file in IDENTITY.glob("*.py")), "kinds"} - NEEDS_PYDANTIC
    assert shipped("client") == {
        f"../layers/handfast/handfast/identity/{name}": f"handfast/identity/{name}" for name in sorted(wanted)
    }


def test_all_parts_have_one_version_and_the_sdk_needs_little() -> None:
    version = project(".")["project"]["version"]
    for package in ("client/handfast_client", "cli/handfast_cli"):
        assert f'__version__ = "{version}"' in (ROOT / package / "__init__.py").read_text()
    packed = json.loads((ROOT / "console" / "client" / "package.json").read_text())
    assert packed["version"] == version
    assert list(packed["dependencies"]) == ["openapi-fetch"]
    assert f"handfast-client=={version}" in project("cli")["project"]["dependencies"]
    assert len(project("client")["project"]["dependencies"]) <= 5
