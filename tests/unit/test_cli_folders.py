"""Which files of a folder are sent, and which once more."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from handfast_cli import folders, main
from handfast_cli.errors import InputError
from handfast_cli.options import Session
from tests.worlds.cli_server import answering, api_of


def test_what_other_systems_leave_beside_files_is_not_sent(tmp_path: Path) -> None:
    for name in (
        "b.csv",
        "a.csv",
        "dt=2026-11-28/a.csv",
        "_day=1/a.csv",
        "_SUCCESS",
        ".crc",
        "_temporary/c.csv",
        ".x/d.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("id\n")
    assert list(folders.parts_of(tmp_path)) == ["_day=1/a.csv", "a.csv", "b.csv", "dt=2026-11-28/a.csv"]


def test_a_folder_of_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_SUCCESS").touch()
    with pytest.raises(InputError, match="no file but such as begin"):
        folders.parts_of(tmp_path)


def test_a_folder_that_was_sent_in_part_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("mail\n")
    with answering() as server:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(server), "sbx_1"))
        links = [f"{server.url}/a", f"{server.url}/b"]
        server.answers = [(201, {"importId": "imp_1", "uploadUrls": links, "nextCursor": None}, {})]
        server.answers += [(403, b"", {})] * 2
        command = ["segments", "upload", str(tmp_path), "--column", "mail=identity:email", "--segment", "seg_1"]
        told = CliRunner().invoke(main.app, command)
    assert told.exit_code != 0
    assert "--again imp_1" in told.stderr
