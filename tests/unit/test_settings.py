"""Every function gets the variables that its code uses and no others, and names all that are missing as it starts."""

import runpy
from functools import cache
from typing import Any

import pytest

from handfast.edge import api as edge_api
from handfast.platform.settings import MissingSettingError, require, setting
from handfast_cli.openapi import apis, document_of
from tests.worlds.rights import RIGHTS
from tests.worlds.template import FUNCTIONS, ROOT, TEMPLATE, module_of
from tests.worlds.used_settings import settings_of

IDEMPOTENCY = frozenset({(edge_api.__name__, edge_api._idempotency.__name__)})


def given(name: str) -> dict[str, Any]:
    """The variables that the template gives to a function, without the name that its log lines have."""
    variables: dict[str, Any] = FUNCTIONS[name]["Environment"]["Variables"]
    return {key: value for key, value in variables.items() if key != "POWERTOOLS_SERVICE_NAME"}


@cache
def stores_answers(module: str) -> bool:
    """Whether the function can keep the answer to a POST with an Idempotency-Key."""
    api = apis().get(module.removeprefix("functions."))
    if api is None or edge_api._idempotency not in api._router_middlewares:
        return False
    return any("post" in methods for methods in document_of(api)["paths"].values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gets_what_its_code_uses_and_nothing_else(name: str) -> None:
    module = module_of(name)
    without = frozenset() if stores_answers(module) else IDEMPOTENCY
    assert given(name).keys() == settings_of(module, without)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if given(name)])
def test_a_function_does_not_start_without_one_and_names_all_that_are_missing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ROOT / f"{module_of(name).replace('.', '/')}.py"
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", name)
    for variable in given(name):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(MissingSettingError) as raised:
        runpy.run_path(str(file))
    assert set(raised.value.names) == given(name).keys()
    for variable in given(name):
        monkeypatch.setenv(variable, "set")
    assert "handler" in runpy.run_path(str(file))


def test_all_functions_have_in_common_only_the_emulators_address() -> None:
    assert TEMPLATE["Globals"]["Function"]["Environment"]["Variables"].keys() == {"AWS_ENDPOINT_URL"}


def resource_of(value: Any) -> str | None:
    """The resource that a variable names, by the words of `tests.rights`; None for a plain value."""
    ((kind, text),) = value.items()
    if kind == "Sub":
        return str(text).rpartition("/")[2]
    name = str(text).partition(".")[0]
    return None if name in TEMPLATE["Parameters"] else name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_rights_on_each_resource_that_its_variables_name_and_the_other_way_round(name: str) -> None:
    named = {resource for value in given(name).values() if (resource := resource_of(value))}
    all_named = {resource for other in FUNCTIONS for value in given(other).values() if (resource := resource_of(value))}
    rights = RIGHTS[name.removesuffix("Function")]
    touched = {"DataBucket" if place.endswith("/") else place for place, words in rights.items() if words != "receive"}
    assert named == touched & all_named


def test_a_missing_variable_is_an_error_in_lambda_and_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERE", "value")
    monkeypatch.setenv("EMPTY", "")
    require("THERE", "EMPTY", "ABSENT")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "function")
    require("THERE")
    with pytest.raises(MissingSettingError, match="EMPTY, ABSENT"):
        require("THERE", "EMPTY", "ABSENT")
    assert setting("THERE") == "value"
    with pytest.raises(MissingSettingError, match="EMPTY"):
        setting("EMPTY")
