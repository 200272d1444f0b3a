"""Every reason to refuse a file, a row or a value, and every warning, has an entry that says what to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from handfast.identity.namespaces import namespaces
from handfast.matching import models
from handfast.reference.reasons import REASONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers/handfast/handfast"
PLACES = {"Rejected": 0, "UploadRejected": 0, "Failure": 0, "ColumnWarning": 1}
"""Which argument of what refuses, or warns, is the reason."""
_BEGINNINGS = "all ambiguous damaged empty in invalid looks malformed mixed no not phone placeholder ragged raw removal"
_CODE = re.compile(
    rf"\b(?:{'|'.join([*_BEGINNINGS.split(), 'reject|stricter|too|unknown|unpacked|unsupported|wrong'])})_\w+\b"
)
NO_REASONS = frozenset(
    {"in_clause", "in_force", "no_email", "phone_sha256", "phone_region", "phone_form", "phone_index", "phone_digits"}
    | {"phone_national", "phone_e"}
)
"""What else is written like one, in statements and names."""


def texts(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, docstrings left out; a text with parts in braces, part by part."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def raised(tree: ast.AST) -> Iterator[str]:
    """The reasons that are given to what refuses or warns."""
    for node in ast.walk(tree):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in PLACES and len(node.args) > PLACES[name]:
            for part in ast.walk(node.args[PLACES[name]]):
                if isinstance(part, ast.Constant) and re.fullmatch("[a-z_0-9]*[a-z0-9]", str(part.value)):
                    yield str(part.value)


def reasons() -> set[str]:
    """All reasons of identities and ingest."""
    found = {f"invalid_{kind.symbol.lower()}" for kind in namespaces().values() if kind.symbol in {"IDFA", "GAID"}}
    for path in sorted([*PACKAGE.glob("identity/**/*.py"), *PACKAGE.glob("ingest/**/*.py")]):
        tree = ast.parse(path.read_text())
        found |= {*raised(tree), *(code for text in texts(tree) for code in _CODE.findall(text))}
    return found - NO_REASONS


def test_every_reason_has_an_entry_with_what_to_do() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text()
    entries = {
        code
        for line in page.splitlines()
        if line.startswith("|")
        for code in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert reasons() - entries == set()
    assert {"invalid_email", "unknown_segment", "malformed_csv", "frequent_value", "ragged_row"} <= reasons()


def test_every_reason_is_in_the_list_that_the_api_serves() -> None:
    assert reasons() - {code for subject in ("upload", "value", "warning") for code in REASONS[subject]} == set()
    assert set(REASONS["member"]) == set(models.REASONS)
    assert set(REASONS["run"]) == {"lost_races", "processing_failed"}
