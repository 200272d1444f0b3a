"""What the document of the API never lacks, whatever route comes next."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regress
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from handfast.platform import wire
from handfast_cli.openapi import DOCUMENT, ROOT, document

type Json = dict[str, Any]

METHODS = {"get", "put", "post", "delete", "patch"}
VERBS = re.compile(
    "accept|approve|backfill|cancel|change|check|complete|count|create|decide|decline|delete|deny|disable|discard"
    "|disconnect|enable|estimate|explain|export|extend|get|list|pause|preview|publish|put|read|regenerate|reject"
    "|release|replay|request|resend|resume|retry|revoke|rotate|run|set|start|test|unshare|update|verify|withdraw"
)
MERGED = document()
SCHEMAS: Json = MERGED["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in MERGED["paths"].items()
    for method, operation in methods.items()
}


def validator(schema: Json) -> Draft202012Validator:
    formats = Draft202012Validator.FORMAT_CHECKER
    assert "date-time" in formats.checkers
    return Draft202012Validator(schema | {"components": MERGED["components"]}, format_checker=formats)


def found(value: Any, key: str) -> Iterator[Any]:
    """The values of a key anywhere below."""
    if isinstance(value, list):
        for item in value:
            yield from found(item, key)
    elif isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        for item in value.values():
            yield from found(item, key)


def parameters(operation: Json) -> list[Json]:
    """The operation's parameters as the components define them."""
    known = MERGED["components"]["parameters"]
    return [known[entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry for entry in operation["parameters"]]


def test_the_document_lies_beside_the_function_that_serves_it_and_nowhere_else() -> None:
    kept = {
        path.relative_to(ROOT)
        for part in ("functions", "layers", "cli")
        for path in (ROOT / part).rglob("openapi.json")
    }
    assert kept == {Path("functions/access/openapi.json")}
    assert json.loads(DOCUMENT.read_text()) == MERGED


def test_every_path_has_only_operations_with_a_name_of_their_own() -> None:
    methods = [set(methods) for methods in MERGED["paths"].values()]
    assert all(each <= METHODS for each in methods)
    assert len(OPERATIONS) == sum(map(len, methods))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    verb, *noun = re.findall(r"^[a-z]+|[A-Z][a-z]*", name)
    assert VERBS.fullmatch(verb)
    assert noun
    assert verb + "".join(noun) == name
    assert operation["description"].startswith(operation["summary"])
    assert operation["description"].endswith(".")
    assert not operation["summary"].endswith(".")
    assert set(operation["tags"]) <= {tag["name"] for tag in MERGED["tags"]}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_refers_to_the_errors_that_all_have(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    for status, response in operation["responses"].items():
        assert ("$ref" in response) == (status >= "400"), status
    assert {"400", "404", "429", "500"} <= operation["responses"].keys()
    assert ("401" in operation["responses"]) >= bool(operation["security"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_who_may_call_it(name: str) -> None:
    _, path, operation = OPERATIONS[name]
    assert operation["security"] in ([], [{"cognito": []}])
    assert operation["security"] or "x-permission" not in operation
    is_open = (
        path in {"/openapi.json", "/.well-known/handfast.json", "/receipt-keys", "/problems/{problem}"}
        or "/drp/" in path
        or path.startswith(("/intake/", "/sharing/"))
        or path.endswith(("/discovery", "/certificate"))
    )
    assert is_open == (operation["security"] == [])


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_the_headers_of_its_kind(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    taken = {entry["name"] for entry in parameters(operation)} if "parameters" in operation else set()
    protocol = "/opendsr/" in path or "/drp/" in path or path.startswith("/sharing/")
    takes_key = method == "post" and not protocol and not path.startswith("/intake/")
    assert ("Idempotency-Key" in taken) == takes_key
    versioned = method in {"patch", "put", "delete"} and not protocol
    assert ("If-Match" in taken) == versioned == ("412" in operation["responses"])
    assert ("limit" in taken) == ("cursor" in taken)
    ok = next(response for status, response in operation["responses"].items() if status < "400")
    if method in {"patch", "put"}:
        assert "ETag" in ok["headers"]
    made = "201" in operation["responses"] and f"{path}/" in BELOW and not protocol
    if made or "303" in operation["responses"]:
        assert "Location" in ok["headers"]


BELOW = {
    re.sub(r"\{\w+\}$", "", path)
    for path, methods in MERGED["paths"].items()
    if "get" in methods and path.endswith("}")
} | {"/sandboxes/{sandbox}/connect-requests/"}
"""The paths below which each of what was made there is read."""


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_parameter_is_described(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    for parameter in parameters(operation) if "parameters" in operation else ():
        assert parameter["description"], parameter
        if "example" in parameter:
            validator(parameter["schema"]).validate(parameter["example"])


def test_what_all_lists_and_all_paths_take_is_said_once() -> None:
    shared = {entry["name"] for entry in MERGED["components"]["parameters"].values()}
    assert {"limit", "cursor", "dryRun", "If-Match", "Idempotency-Key", "sandbox"} <= shared
    for _, _, operation in OPERATIONS.values():
        assert not shared & {entry.get("name") for entry in operation.get("parameters", ())}


def test_a_429_says_when_to_try_again() -> None:
    responses = MERGED["components"]["responses"]
    assert all("Retry-After" in responses[name]["headers"] for name in responses if name.endswith("TooManyRequests"))


def test_no_reference_dangles_and_no_component_is_left_over() -> None:
    references = set(found(MERGED, "$ref"))
    present = {
        f"#/components/{kind}/{name}"
        for kind, components in MERGED["components"].items()
        for name in components
        if kind != "securitySchemes"
    }
    assert references == present


def test_patterns_are_of_ecma_262() -> None:
    patterns = set(found(MERGED, "pattern"))
    assert patterns
    for pattern in patterns:
        regress.Regex(pattern, flags="u")
        assert not re.search(r"\\[dwsDWS]", pattern), f"{pattern}: what it means differs from reader to reader"


TIME = re.compile(r"at|since|asOf|\w+(At|_at|By|_by|_time)")
NO_TIME = {"createdBy", "groupBy", "requestedBy", "decidedBy", "invitedBy", "brokenAt"}


def test_times_and_addresses_have_their_format() -> None:
    for name, schema in SCHEMAS.items():
        for member, definition in schema.get("properties", {}).items():
            if TIME.fullmatch(member) and member not in NO_TIME:
                assert "date-time" in set(found(definition, "format")), (name, member)
            if member.lower().endswith("url"):
                assert "uri" in set(found(definition, "format")), (name, member)


def test_every_schema_has_an_example_that_it_allows() -> None:
    for name, schema in SCHEMAS.items():
        assert ("properties" in schema) == ("examples" in schema), name
        for example in schema.get("examples", ()):
            validator({"$ref": f"#/components/schemas/{name}"}).validate(example)


def test_the_example_of_a_body_is_one_that_the_api_takes() -> None:
    bodies = {model.__name__: model for model in all_of(wire.Request)}
    sent = {
        reference.rpartition("/")[2]
        for _, path, operation in OPERATIONS.values()
        for reference in found(operation.get("requestBody", {}), "$ref")
        if "/opendsr/" not in path and "/drp/" not in path and not path.startswith("/sharing/")
    }
    assert sent <= bodies.keys()
    for name in sent:
        TypeAdapter(bodies[name]).validate_json(json.dumps(SCHEMAS[name]["examples"][0]))


def all_of(model: type[wire.Request]) -> set[type[wire.Request]]:
    return {below for each in model.__subclasses__() for below in {each} | all_of(each)}


def test_the_document_says_whose_it_is() -> None:
    assert MERGED["openapi"] == "3.1.0"
    assert MERGED["info"].keys() >= {"title", "version", "description", "license"}
    assert MERGED["servers"]
    used = {tag for _, _, operation in OPERATIONS.values() for tag in operation["tags"]}
    assert [tag["name"] for tag in MERGED["tags"] if tag["name"] not in used] == []
    assert all(tag["description"] for tag in MERGED["tags"])
