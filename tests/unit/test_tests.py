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
    shared = ("tests.worlds.", "tests.sam_local.reach.")
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in FILES
        for name in _imported(ast.parse(path.read_text()))
        if name.startswith("tests.") and not f"{name}.".startswith(shared)
    ] == []
