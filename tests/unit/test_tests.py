"""How the tests are built: what they share stands in tests/worlds."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("tests", "benchmarks", "cli") for path in (ROOT / folder).rglob("*.py"))


def _imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_test_module_is_imported_by_another() -> None:
    # sam_local.reach is for its own folder alone, whose `__main__` uses it too.
    shared = ("tests.worlds.", "tests.destination_servers.", "tests.sam_local.reach.")
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in FILES
        for name in _imported(ast.parse(path.read_text()))
        if name.startswith("tests.") and not f"{name}.".startswith(shared)
    ] == []


def test_no_test_patches_a_private_name() -> None:
    """Crashes and races come through the seams of tests/worlds/faults.py, so that private names can change alone."""
    found = [
        f"{path.relative_to(ROOT)}: {name.value}"
        for path in FILES
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(("setattr", "setitem", "patch", "object"))
        for name in call.args[:2]
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
        if any(part.startswith("_") for part in name.value.split("."))
    ]
    assert found == []
