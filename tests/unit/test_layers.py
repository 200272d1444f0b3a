"""Which way imports run: down the layers, and never between areas of one layer (docs/architecture.md, Layers)."""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "handfast" / "handfast"
LAYERS = (
    {"platform"},
    {"identity", "journal", "console_site"},
    {"governance"},
    {"access", "lake"},
    {"partners"},
    {"matching", "connections", "activity", "edge", "connectors"},
    {"dataflows", "remote_files"},
    {"segments"},
    {"feeds", "policy_service"},
    {"destinations"},
    {"ingest", "segment_export", "delivery", "sharing"},
    {"privacy_requests", "sources"},
    {"reference"},
)
LAYER_OF = {area: layer for layer, areas in enumerate(LAYERS) for area in areas}


def _imported(module: ast.Module) -> Iterator[str]:
    """What a module imports, wherever in it: in functions and for type checking too."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name the whole path"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _violations(package: Path) -> list[str]:
    return [
        f"{path.relative_to(package)}: {name}"
        for path in sorted(package.glob("*/**/*.py"))
        for name in _imported(ast.parse(path.read_text()))
        if name.startswith("handfast.")
        and (area := path.relative_to(package).parts[0]) != (other := name.split(".")[1])
        and LAYER_OF[other] >= LAYER_OF[area]
    ]


def test_imports_run_down_the_layers() -> None:
    assert _violations(PACKAGE) == []


def test_an_import_up_or_across_is_named_wherever_it_stands(tmp_path: Path) -> None:
    module = tmp_path / "lake" / "deep" / "module.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        "import handfast.platform.table\n"
        "from handfast.lake import spans\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    from handfast import access\n"
        "def lazy():\n"
        "    import handfast.feeds.store\n"
    )
    assert sorted(_violations(tmp_path)) == [
        "lake/deep/module.py: handfast.access",
        "lake/deep/module.py: handfast.feeds.store",
    ]


def test_the_page_shows_the_same_layers() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    section = page.partition("\n## Layers\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d*) ?\| `(\w+)` \|", section, re.MULTILINE)
    # A row without a number belongs to the layer of the row above it.
    numbers: Iterable[str] = itertools.accumulate((number for number, _ in rows), lambda above, number: number or above)
    assert {area: int(number) for (_, area), number in zip(rows, numbers, strict=True)} == LAYER_OF
