"""Every function that a handler calls names in its docstring all the problems that it raises.

The walk follows calls by name through the package. It knows what a `try` keeps from leaving, takes `raise f(…)` for
what `f` is annotated to return, and follows no methods but those of kinds of items. A busy log
(`journal.store.commit`) may refuse any write, which docs/api.md says once for all calls.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from handfast.platform import problems

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "handfast"
PROBLEMS = frozenset(
    name
    for name, value in vars(problems).items()
    if isinstance(value, type) and issubclass(value, problems.Problem) and value is not problems.Problem
)
# Said once, in docs/api.md, Manners.
EVERYWHERE = {"journal.store.commit"}

type Name = tuple[str, str]
"""A module of the package, and a name in it."""


@dataclass
class Module:
    """What a module defines, and what its names stand for."""

    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    inner: dict[str, ast.FunctionDef] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, Name] = field(default_factory=dict)


@cache
def package() -> Mapping[str, Module]:
    """All modules of the package, by their names below it."""
    trees = {
        ".".join(path.relative_to(PACKAGE / "handfast").with_suffix("").parts): ast.parse(path.read_text())
        for path in (PACKAGE / "handfast").rglob("*.py")
    }
    return {name: _module(tree, set(trees)) for name, tree in trees.items()}


def _module(tree: ast.Module, known: set[str]) -> Module:
    module = Module()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            module.inner[node.name] = node
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("handfast"):
            _imported(module, node, known)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node
        if isinstance(node, ast.ClassDef) and node.name == "ItemKind":
            module.functions |= {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    return module


def _imported(module: Module, node: ast.ImportFrom, known: set[str]) -> None:
    origin = str(node.module).removeprefix("handfast").removeprefix(".")
    for alias in node.names:
        name = f"{origin}.{alias.name}".removeprefix(".")
        if name in known:
            module.modules[alias.asname or alias.name] = name
        else:
            module.names[alias.asname or alias.name] = (origin, alias.name)


def meant(module: str, node: ast.expr) -> Name | None:
    """What a name or `module.name` stands for in a module of the package."""
    here = package()[module]
    if isinstance(node, ast.Name):
        if node.id in here.functions:
            return module, node.id
        return here.names.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id in here.modules:
            return here.modules[node.value.id], node.attr
        if node.value.id.strip("_").isupper():  # a kind of item
            return "platform.items", node.attr
    return None


@cache
def raised(module: str, function: str) -> frozenset[str]:
    """The problems that leave a function; what it calls in a circle counts where the circle begins."""
    return _raised(module, function, frozenset())


def _raised(module: str, function: str, above: frozenset[Name]) -> frozenset[str]:
    known = package().get(module)
    if known is None or function not in known.functions or (module, function) in above:
        return frozenset()
    if f"{module}.{function}" in EVERYWHERE:
        return frozenset()
    found = known.functions[function]
    walk = Walk(module, above | {(module, function)}, _own_names(found))
    return frozenset(name for part in found.body for name in _leaving(walk, part))


def _own_names(function: ast.FunctionDef) -> frozenset[str]:
    """The parameters and variables of a function, which hide what the module calls so."""
    arguments = (node.arg for node in ast.walk(function) if isinstance(node, ast.arg))
    variables = (
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return frozenset((*arguments, *variables))


@dataclass(frozen=True)
class Walk:
    """Where a walk stands: the module, the functions above, and the names that the function has for itself."""

    module: str
    above: frozenset[Name]
    own: frozenset[str]

    def called(self, node: ast.expr) -> frozenset[str]:
        """The problems of a function that a name stands for."""
        if isinstance(node, ast.Name) and node.id in self.own:
            return frozenset()
        target = meant(self.module, node)
        return _raised(*target, self.above) if target else frozenset()


def _leaving(walk: Walk, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Try):
        yield from _leaving_a_try(walk, node)
        return
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield from _problems(walk.module, node.exc)
    if isinstance(node, ast.With):
        for item in node.items:
            yield from _in_place_of_a_lost_condition(walk, item.context_expr)
    if isinstance(node, ast.Call):
        # What is passed on may be called where it goes.
        passed = (*node.args, *(keyword.value for keyword in node.keywords))
        for target in (node.func, *(part for part in passed if isinstance(part, ast.Name | ast.Attribute))):
            yield from walk.called(target)
    for child in ast.iter_child_nodes(node):
        yield from _leaving(walk, child)


def _leaving_a_try(walk: Walk, node: ast.Try) -> Iterator[str]:
    caught = {name for handler in node.handlers for name in _names(handler.type)}
    for statement in node.body:
        yield from (name for name in _leaving(walk, statement) if not caught & {name, "Problem"})
    for part in (*node.handlers, *node.orelse, *node.finalbody):
        yield from _leaving(walk, part)


def _in_place_of_a_lost_condition(walk: Walk, node: ast.expr) -> Iterator[str]:
    """The problems of `lost_condition_is(…)`: the one given, or those that the function given makes."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lost_condition_is":
        for argument in node.args:
            yield from _made(walk, argument)


def _made(walk: Walk, node: ast.AST) -> Iterator[str]:
    here = package()[walk.module].inner
    for part in ast.walk(node):
        called = part.func if isinstance(part, ast.Call) else part
        name = called.id if isinstance(called, ast.Name) else ""
        if name in PROBLEMS:
            yield name
        elif name in here and here[name] is not node:
            yield from _made(walk, here[name])
        elif isinstance(called, ast.Attribute):
            yield from _annotated(walk.module, called)


def _annotated(module: str, name: ast.expr) -> Iterator[str]:
    """The problems that a function is annotated to return."""
    target = meant(module, name)
    function = package()[target[0]].functions.get(target[1]) if target and target[0] in package() else None
    yield from _names(function.returns) & PROBLEMS if function else ()


def _names(node: ast.expr | None) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} if node else set()


def _problems(module: str, node: ast.expr) -> Iterator[str]:
    """The problems that `raise node` raises."""
    call = node.func if isinstance(node, ast.Call) else node
    if isinstance(call, ast.Name) and call.id in PROBLEMS:
        yield call.id
    elif isinstance(node, ast.Call):
        yield from _annotated(module, call)


def called_by_handlers() -> list[Name]:
    """The functions of the package that the routes and handlers in functions/ call."""
    found = set()
    for path in (ROOT / "functions").rglob("*.py"):
        tree = ast.parse(path.read_text())
        here = _module(tree, set(package()))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                module = here.modules.get(node.func.value.id)
                if module and node.func.attr in package()[module].functions:
                    found.add((module, node.func.attr))
    return sorted(found)


@pytest.mark.parametrize(("module", "function"), called_by_handlers())
def test_a_docstring_names_every_problem(module: str, function: str) -> None:
    said = ast.get_docstring(package()[module].functions[function]) or ""
    assert {name for name in raised(module, function) if name not in said} == set()
    assert {name for name in PROBLEMS if name in said.split("Raises")[-1]} - raised(module, function) == set()
