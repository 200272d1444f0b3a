"""Which environment variables a handler's code can come to read, found by following names from it.

What a definition at a module's top level mentions is followed into the module that defines it; a class counts with
all its methods. Code that imports modules by computed names counts with all that lies in folders beside it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {"handfast": ROOT / "layers" / "handfast", "functions": ROOT}
_NAME = re.compile(r"[A-Z]+(_[A-Z]+)+")
_NO_SETTING = re.compile(
    r"AWS_\w+|(SUPPRESS|DELETE)_\w+|USER_ID|PARTIAL_SUCCESS|NOT_SUPPORTED|USER_SUPPRESSED|DROP_\w+|GOOGLE_ADS|DISPLAY_VIDEO_\w+"
    r"|CONSENT_\w+|AUDIENCE_ID|\w+_USER_LIST_\w+|EXTERN_ID|MOBILE_ADVERTISER_ID|ALL_OLD|CRM_ID|LOYALTY_ID|ADFIXUS_ID|UPDATED_NEW|GOOGLE_AID|BATCH_CREATE"
    r"|INVALID_PARAMETER_VALUE|PERMISSION_DENIED|RESOURCE_DOES_NOT_EXIST|METHOD_NOT_ALLOWED|REQUEST_LIMIT_EXCEEDED"
    r"|TEMPORARILY_UNAVAILABLE|INTERNAL_ERROR"
    r"|FORCE_CHANGE_PASSWORD|EXTERNAL_PROVIDER|DEEP_ARCHIVE"
)
"""Texts in the code that look like a variable's name: what Lambda itself sets, and words of protocols."""

type Place = tuple[str, str]
"""A module and a name at its top level."""


@dataclass(frozen=True)
class Module:
    """What the names of a module stand for: definitions, other modules' definitions, and other modules."""

    definitions: dict[str, ast.stmt]
    imported: dict[str, Place]
    modules: dict[str, str]


def settings_of(handler: str, without: frozenset[Place] = frozenset()) -> set[str]:
    """The variables that the code behind a handler's module can read, not through the definitions `without`."""
    return {
        node.value
        for module, name in _reached(handler, without)
        for node in ast.walk(_module(module).definitions[name])
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if _NAME.fullmatch(node.value) and not _NO_SETTING.fullmatch(node.value)
    }


def _reached(handler: str, without: frozenset[Place]) -> set[Place]:
    found = set[Place]()
    waiting = [(handler, name) for name in _module(handler).definitions]
    while waiting:
        place = module, name = waiting.pop()
        if place in found or place in without:
            continue
        if name in _module(module).definitions:
            found.add(place)
            waiting += _mentioned(module, _module(module).definitions[name])
        elif name in _module(module).imported:
            waiting.append(_module(module).imported[name])
    return found


def _mentioned(module: str, definition: ast.stmt) -> Iterator[Place]:
    names = _module(module)
    for node in ast.walk(definition):
        match node:
            case ast.Attribute(value=ast.Name(id=owner)) if owner in names.modules:
                yield names.modules[owner], node.attr
            case ast.Name(id="import_module"):
                yield from _beside(module)
            case ast.Name(id=name) if name in names.imported:
                yield names.imported[name]
            case ast.Name(id=name) if name in names.definitions:
                yield module, name


def _beside(module: str) -> Iterator[Place]:
    """Every definition in the folders beside a module."""
    file = _file(module)
    assert file is not None
    for path in sorted(file.parent.glob("*/**/*.py")):
        parts = path.relative_to(SOURCES[module.partition(".")[0]]).with_suffix("").parts
        found = ".".join(parts).removesuffix(".__init__")
        yield from ((found, name) for name in _module(found).definitions)


@cache
def _module(module: str) -> Module:
    file = _file(module)
    assert file is not None, module
    tree = ast.parse(file.read_text())
    definitions = {name: statement for statement in tree.body for name in _defined(statement)}
    imported, modules = dict[str, Place](), dict[str, str]()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or (node.module or "").partition(".")[0] not in SOURCES:
            continue
        for alias in node.names:
            name, within = alias.asname or alias.name, f"{node.module}.{alias.name}"
            if _file(within):
                modules[name] = within
            else:
                imported[name] = (str(node.module), alias.name)
    return Module(definitions, imported, modules)


def _defined(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.TypeAlias(name=ast.Name(id=name)):
            yield name
        case ast.AnnAssign(target=target):
            yield from _assigned(target)
        case ast.Assign(targets=targets):
            yield from (name for each in targets for name in _assigned(each))


def _assigned(target: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


@cache
def _file(module: str) -> Path | None:
    path = SOURCES[module.partition(".")[0]].joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
