"""Every type of problem and every stable code that the product answers is in the catalogue, which docs repeat."""

import ast
from collections.abc import Iterator
from pathlib import Path

from handfast.edge.problem_pages import CODES, markdown
from handfast.platform import problems
from handfast.platform.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
TREES = [ast.parse(path.read_text()) for path in sorted((ROOT / "layers/handfast/handfast").rglob("*.py"))]
TYPES = {name: each for name, each in vars(problems).items() if isinstance(each, type) and issubclass(each, Problem)}
MAKERS = {"_refused": 2, "untrusted": 0}
"""Functions that make problems, and which argument is the code."""


def codes() -> Iterator[tuple[str, str]]:
    """The codes that problems are made with, each with the type's slug."""
    for call in (node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        given = [keyword.value for keyword in call.keywords if keyword.arg in {"reason", "current"}]
        if name in MAKERS:
            given += call.args[MAKERS[name] : MAKERS[name] + 1]
        if name not in TYPES and name not in MAKERS and name != "OutboundError":
            continue
        slug = "untrusted" if name == "untrusted" else getattr(TYPES.get(name), "slug", "refused")
        yield from ((slug, value.value) for value in given if isinstance(value, ast.Constant))  # type: ignore[misc]


def test_every_code_is_in_the_catalogue() -> None:
    raised = set(codes())
    found = {slug: {code for of, code in raised if of == slug} for slug in CODES}
    known = {slug: set(texts) for slug, texts in CODES.items()}
    assert {slug: found[slug] - known[slug] for slug in CODES} == {slug: set() for slug in CODES}
    # What is named by no literal where it is raised: reasons of addresses that may not be called.
    assert {slug: known[slug] - found[slug] for slug in CODES} == {
        "conflict": set(),
        "refused": {"address_refused", "name_not_found"},
        "untrusted": set(),
    }


def test_every_problem_is_of_a_type_that_has_a_page_of_its_own() -> None:
    defined = {
        node.name
        for tree in TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") in TYPES for base in node.bases)
    }
    assert defined | {"Problem"} == TYPES.keys()
    assert len({each.slug for each in TYPES.values()}) == len({each.title for each in TYPES.values()}) == len(TYPES)
    assert all("remedy" in vars(each) and each.__doc__ for each in TYPES.values())


def test_the_page_of_problems_is_the_catalogue() -> None:
    assert (ROOT / "docs/problems.md").read_text() == markdown(), "run `make openapi`"
