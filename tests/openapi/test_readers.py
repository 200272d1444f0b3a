"""The document as tools of others read it: a validator, two generators of clients, a generator of calls."""

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import schemathesis
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.core.result import Ok

from handfast_cli.openapi import DOCUMENT

TOOLS = Path(sys.executable).parent


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return found


def examples() -> dict[str, Any]:
    """The example of each schema that has one."""
    schemas = document()["components"]["schemas"]
    return {name: schema["examples"][0] for name, schema in schemas.items() if "examples" in schema}


def run(tool: str, *arguments: str) -> str:
    """What the tool printed; it must end well."""
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [TOOLS / tool, *arguments], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def loaded(name: str, file: Path) -> ModuleType:
    """What was generated, as somebody imports it."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_the_validator_finds_nothing() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_openapi_python_client_makes_a_client_without_a_warning(tmp_path: Path) -> None:
    target = str(tmp_path / "generated_client")
    config = tmp_path / "config.yaml"
    # As its manual says for types that it does not know: lines of JSON are text to it.
    config.write_text("content_type_overrides: {application/x-ndjson: text/plain}\n")
    printed = run(
        *("openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"),
        *("--path", str(DOCUMENT), "--output-path", target, "--config", str(config)),
    )
    assert "warning" not in printed.lower()
    loaded("generated_client", Path(target, "__init__.py"))
    models = importlib.import_module("generated_client.models")
    calls = [file for file in Path(target, "api").glob("*/*.py") if file.stem != "__init__"]
    assert len(calls) == sum(len(methods) for methods in document()["paths"].values())
    for name, example in examples().items():
        assert getattr(models, name).from_dict(example).to_dict().keys() == example.keys(), name


def test_datamodel_code_generator_makes_models_that_read_every_example(tmp_path: Path) -> None:
    target = tmp_path / "handfast_models.py"
    printed = run(
        *("datamodel-codegen", "--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"),
        *("--target-python-version", "3.13", "--formatters", "builtin"),
        *("--input", str(DOCUMENT), "--output", str(target)),
    )
    assert "warning" not in printed.lower()
    models = loaded("handfast_models", target)
    for name, example in examples().items():
        assert getattr(models, name).model_validate_json(json.dumps(example)), name


def test_schemathesis_knows_what_to_send_to_every_operation() -> None:
    operations = list(schemathesis.openapi.from_dict(document()).get_all_operations())
    assert all(isinstance(operation, Ok) for operation in operations)
    assert len(operations) == sum(len(methods) for methods in document()["paths"].values())


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    for name in [name for name in sys.modules if name.startswith(("generated_client", "handfast_models"))]:
        del sys.modules[name]
