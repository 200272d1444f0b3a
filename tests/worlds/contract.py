"""Schemathesis over the served OpenAPI document: whoever serves it, no answer may be one that it does not allow."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky, Unsatisfiable
from schemathesis import BaseSchema, Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
BOUNDED = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
# What ends things comes last, so that all others meet what there is.
ORDER = ("GET", "PUT", "PATCH", "POST", "DELETE")
LAST = ("/disconnect", "/unshare", "/decline", "/regenerate")


def read(document: Mapping[str, Any], ids: Mapping[str, str]) -> BaseSchema:
    """The document as somebody reads it who has a token and knows these ids, by path parameter."""
    schema = schemathesis.openapi.from_dict(_with_ids(document, ids))
    schema.config.generation.update(with_security_parameters=False)
    return schema


def _with_ids(document: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Its answers stay as they are."""
    known = deepcopy(dict(document))
    for parameter in known["components"]["parameters"].values():
        if parameter["in"] == "path" and parameter["name"] in ids:
            parameter["schema"] = {"enum": [ids[parameter["name"]]]}
    for operations in known["paths"].values():
        for operation in operations.values():
            _know(operation.get("requestBody"), known, ids, set())
    return known


def _know(schema: Any, document: Mapping[str, Any], ids: Mapping[str, str], seen: set[str]) -> None:
    """Put the ids into the schemas of a body, which no answer shares."""
    if isinstance(schema, list):
        for item in schema:
            _know(item, document, ids, seen)
    elif isinstance(schema, dict):
        name = schema.get("$ref", "").rpartition("/")[2]
        if name in document["components"]["schemas"] and name not in seen:
            seen.add(name)
            _know(document["components"]["schemas"][name], document, ids, seen)
        for field, definition in schema.get("properties", {}).items():
            _know_field(field, definition, ids)
        _know(list(schema.values()), document, ids, seen)


def _know_field(field: str, definition: dict[str, Any], ids: Mapping[str, str]) -> None:
    if (known := ids.get(field.removesuffix("Id"))) and field.endswith("Id"):
        definition["enum"] = [known]
    if (known := ids.get(field.removesuffix("Ids"))) and field.endswith("Ids"):
        for option in definition.get("anyOf", [definition]):
            option.get("items", {})["enum"] = [known]


def problem_json(response: Response, case: Case[Any]) -> None:
    """Errors outside the protocols' routes are problems that say where and what."""
    protocol = any(part in case.path for part in ("/opendsr/", "/drp/", "/sharing/"))
    if response.status_code < 400 or protocol:
        return
    kind = response.headers.get("content-type", [""])[0]
    assert kind == "application/problem+json", f"{case.method} {case.path}: {response.status_code} as {kind}"
    assert json.loads(response.content)["status"] == response.status_code


def disagreements(
    schema: BaseSchema, examples: int, modes: Iterable[GenerationMode] = tuple(GenerationMode), **call: Any
) -> list[str]:
    """What the answers to so many calls of each kind and route have that the document does not allow."""
    found: dict[str, str] = {}
    for operation in sorted(_operations(schema), key=_order):
        for mode in modes:
            for text in _explored(operation, mode, examples, call):
                found.setdefault(text.partition("\n")[0] + operation.label, f"{operation.label} ({mode}): {text}")
    return list(found.values())


def _operations(schema: BaseSchema) -> Iterator[Any]:
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        yield result.ok()


def _order(operation: Any) -> tuple[bool, int, str]:
    return operation.path.endswith(LAST), ORDER.index(operation.method.upper()), operation.path


def _explored(operation: Any, mode: GenerationMode, examples: int, call: Mapping[str, Any]) -> list[str]:
    found: list[str] = []

    @seed(1)
    @settings(BOUNDED, max_examples=examples)
    @given(operation.as_strategy(generation_mode=mode))
    def explore(case: Case[Any]) -> None:
        found.extend(_checked(case, case.call(**call)))

    with suppress(Unsatisfiable):  # a route that takes nothing has nothing wrong to be sent
        explore()
    return found


def _checked(case: Case[Any], response: Response) -> Iterator[str]:
    """What is wrong with an answer."""
    shown = f"{response.content[:300]!r}\n{case.as_curl_command()[:600]}"
    try:
        problem_json(response, case)
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from (f"{failure}\n{shown}" for failure in group.exceptions)
    except (Failure, AssertionError) as error:
        yield f"{error}\n{shown}"


def walk(schema: BaseSchema, stories: int, steps: int, **call: Any) -> list[str]:
    """The same of so many stories, in which a call takes what an earlier one answered."""
    found: list[str] = []
    met: set[int] = set()

    # Schemathesis begins where no id is asked for, if it can: with lists that lead to no sandbox, and nowhere else.
    of_sandboxes = schema.include(path_regex="^/sandboxes/")

    class Walk(of_sandboxes.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
            return call

        def validate_response(self, response: Response, case: Case[Any], *_: Any, **__: Any) -> None:
            met.add(response.status_code)
            if "null" not in case.path_parameters.values():  # what an answer leaves empty is no id
                found.extend(_checked(case, response))

    story = settings(BOUNDED, max_examples=4, stateful_step_count=steps)
    for number in range(stories * 4):
        if number >= stories and {200, 201} <= met:
            break  # what a story meets is chance: as many as it takes for one to have made something
        with suppress(Flaky):  # a story that meets what another has left may choose otherwise: then the next begins
            run_state_machine_as_test(seed(number)(Walk), settings=story)
    assert {200, 201} <= met
    return found
