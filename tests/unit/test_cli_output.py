"""What the commands print is what the API answered, whatever somebody wrote into it."""

import pytest
from rich.console import Console

from handfast_cli import output


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Console:
    """A terminal of 80 columns that keeps what is printed."""
    console = Console(width=80, record=True, color_system=None)
    monkeypatch.setattr(output, "console", console)
    return console


@pytest.mark.parametrize("name", ["Deal [/b]", "Kunden [alt] 2025", "[link=https://x.example]Click[/link]", "[red]m"])
def test_a_partners_text_is_no_markup(printed: Console, name: str) -> None:
    output.show({"items": [{"name": name}]}, as_json=False, columns=("name",))
    output.show({"name": name, "names": [name]}, as_json=False)
    output.show(name, as_json=False)
    assert printed.export_text().count(name) == 4


def test_a_link_is_never_cut(printed: Console) -> None:
    link = f"https://bucket.example/{'x' * 300}"
    output.show({"rejectsUrl": link}, as_json=False)
    assert link in "".join(line.removeprefix("rejectsUrl").strip() for line in printed.export_text().splitlines())
