"""What the repository says of itself is there: pages, sections, sources, make's targets, commands, constants."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import pytest
import typer
from typer.main import get_command

from handfast_cli.main import app

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = frozenset({".py", ".sql", ".yaml", ".md", ".toml", ".sh"})
OWN = PurePosixPath("tests/unit/test_references.py")

_LINK = re.compile(r"\]\(([^()\s]+)\)")
_PAGE = re.compile(r"(?<![\w/])docs/[\w-]+\.\w+")
_SECTION = re.compile(r"(?<![\w/])(docs/[\w-]+\.md)`?, (?=[A-Z])(.{1,60})")
_SEED = re.compile(r"\bseeds? (\d{3})((?:(?:, | and |, and )\d{3})*)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?<![\w/])(?:\.\./)*(?:design|reference)/[\w.-]+")
_STANDARD = re.compile(r"\bRFC (\d+)|\b11 CCR (\d+)")
# A docstring or a comment goes on in its next line.
_LINE_END = re.compile(r"\s*\n\s*(?:#|--)?\s*")
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_SET = re.compile(r"^(?:\w+=\S+ )+")
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")


@cache
def _tracked() -> frozenset[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def _texts() -> list[str]:
    return sorted(
        name
        for name in _tracked()
        if (PurePosixPath(name).suffix in SUFFIXES or PurePosixPath(name).name == "Makefile")
        and PurePosixPath(name) != OWN
    )


def _pages() -> list[str]:
    return [name for name in _texts() if name.endswith(".md")]


@cache
def _text(name: str) -> str:
    return (ROOT / name).read_text()


@cache
def _headings(name: str) -> tuple[str, ...]:
    plain = _BLOCK.sub("", _text(name))
    return tuple(line.strip() for line in re.findall(r"^#+ (.+)$", plain, re.MULTILINE))


def _anchors(name: str) -> set[str]:
    """As GitHub makes them: lower case, without punctuation, spaces as hyphens."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _headings(name)}


def _missing_link(name: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = normpath((PurePosixPath(name).parent / path).as_posix()) if path else name
    if found not in _tracked():
        return True
    return bool(anchor) and anchor not in _anchors(found)


@pytest.mark.parametrize("name", _pages())
def test_a_link_leads_to_a_page_and_its_section(name: str) -> None:
    targets = [target for target in _LINK.findall(_text(name)) if "://" not in target]
    assert [target for target in targets if _missing_link(name, target)] == []


def test_every_page_that_is_named_is_there_and_so_is_its_section() -> None:
    wrong = []
    for name in _texts():
        text = _LINE_END.sub(" ", _text(name))
        wrong += [f"{name}: {page}" for page in _PAGE.findall(text) if page not in _tracked()]
        for page, rest in _SECTION.findall(text):
            sections = _headings(page) if page in _tracked() else ()
            if not any(re.match(rf"{re.escape(section)}(?!\w)", rest) for section in sections):
                wrong.append(f"{name}: {page}, {rest}")
    assert wrong == []


def test_a_seed_that_is_named_is_told_in_the_sources() -> None:
    told = set(_headings("docs/sources.md"))
    wrong = []
    for name in _texts():
        for first, others in _SEED.findall(_LINE_END.sub(" ", _text(name))):
            numbers = [first, *re.findall(r"\d{3}", others)]
            wrong += [f"{name}: seed {number}" for number in numbers if f"Seed {number}" not in told]
    assert wrong == []


def test_nothing_is_referred_to_that_lies_outside_the_repository() -> None:
    wrong = [f"{name}: {path}" for name in _texts() for path in _ELSEWHERE.findall(_text(name))]
    assert [finding for finding in wrong if finding.partition(": ")[2] not in _tracked()] == []


def test_a_standard_that_is_cited_is_among_the_sources() -> None:
    named = {standard for found in _STANDARD.findall(_text("docs/sources.md")) for standard in found if standard}
    named |= set(re.findall(r"\b\d{4}\b", _text("docs/sources.md")))
    wrong = [
        f"{name}: {standard}"
        for name in _texts()
        for found in _STANDARD.findall(_text(name))
        for standard in found
        if standard and standard not in named
    ]
    assert wrong == []


# Commands


def _lines(name: str) -> Iterator[str]:
    """The lines of a page's blocks and its code spans, which are commands or something else."""
    text = _text(name)
    for block in _BLOCK.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from _SPAN.findall(_BLOCK.sub("", text))


def _commands(name: str, program: str) -> list[str]:
    """What follows a program's name in a page, without a comment."""
    lines = (
        _SET.sub("", line.strip().removeprefix("$ ")).removeprefix(".venv/bin/").partition(" #")[0]
        for line in _lines(name)
    )
    return [line.removeprefix(program).strip() for line in lines if re.match(rf"{program}(?: |$)", line)]


@cache
def _targets() -> frozenset[str]:
    rules = re.findall(r"^([a-z][\w -]*):(?!=)", _text("Makefile"), re.MULTILINE)
    return frozenset(target for rule in rules for target in rule.split())


@pytest.mark.parametrize("name", _pages())
def test_make_knows_the_targets_of_a_page(name: str) -> None:
    words = [word for command in _commands(name, "make") for word in command.split()]
    assert [word for word in words if word not in _targets() and not word.startswith("-")] == []


def _wrong_words(command: str) -> list[str]:
    """The words of a command line that the command does not know; what is left out (…) is passed over."""
    found: Any = get_command(app)
    for word in command.partition("|")[0].split():
        if not hasattr(found, "list_commands") or word.startswith("-"):
            break
        if word == "…":
            return []
        known = found.get_command(typer.Context(found), word)
        if known is None:
            return [word]
        found = known
    options = {"--help", *(option for parameter in found.params for option in parameter.opts)}
    given = (word.partition("=")[0] for word in command.split() if word.startswith("--"))
    return [option for option in given if option not in options]


@pytest.mark.parametrize("name", _pages())
def test_handfast_knows_the_commands_and_options_of_a_page(name: str) -> None:
    wrong = {command: words for command in _commands(name, "handfast") if (words := _wrong_words(command))}
    assert wrong == {}


def test_a_command_that_does_not_exist_is_found() -> None:
    assert _wrong_words("feeds publish FEED --dry-run") == []
    assert _wrong_words("admin …") == []
    assert _wrong_words("segments upload … --allow-removals") == ["--allow-removals"]
    assert _wrong_words("feeds republish FEED") == ["republish"]
    assert _wrong_words("feeds publish FEED --dryrun") == ["--dryrun"]


def test_a_limit_stands_in_the_code_under_the_name_that_its_page_gives() -> None:
    spans = (span for span in _SPAN.findall(_text("docs/limits.md")) if "_" in span)
    named = {span for span in spans if _CONSTANT.fullmatch(span)}
    code = "\n".join(_text(name) for name in _texts() if name.startswith("layers/") and name.endswith(".py"))
    assert {name for name in named if not re.search(rf"^{name}\b.*=", code, re.MULTILINE)} == set()
