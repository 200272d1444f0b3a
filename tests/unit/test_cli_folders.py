"""Which files of a folder are sent, and which once more."""

from pathlib import Path

import pytest

from handfast_cli import folders
from handfast_cli.errors import InputError


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
