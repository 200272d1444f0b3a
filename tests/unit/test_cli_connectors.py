"""Settings and secrets as the command line is given them."""

from pathlib import Path

import pytest
import typer

from handfast_cli import connectors


def test_a_secret_is_asked_for_or_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "prompt", lambda name, **_: f"typed {name}")
    (tmp_path / "key.pem").write_text("two\nlines\n")
    given = connectors.given_settings(None, ["kind=key"], ["password", f"privateKey={tmp_path / 'key.pem'}"])
    assert given == {"kind": "key", "password": "typed password", "privateKey": "two\nlines\n"}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(b"\xff\xfe")
    for name in ("key.der", "nowhere"):
        with pytest.raises(typer.BadParameter, match=name):
            connectors.given_settings(None, [], [f"privateKey={tmp_path / name}"])
