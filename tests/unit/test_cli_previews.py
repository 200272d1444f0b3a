"""A look at a file by the command line, and an upload whose columns are guessed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from handfast_cli import asking, main, previews
from handfast_cli.errors import InputError
from handfast_cli.openapi import DOCUMENT
from handfast_cli.options import Session
from tests.worlds.cli_server import Server, answering, api_of

COLUMN = {
    "column": "E-Mail",
    "as": "identity",
    "namespace": "Email_LC_SHA256",
    "transform": "hash",
    "form": None,
    "name": None,
    "answers": None,
    "mapped": True,
    "why": "62 of 64 values look like e-mail addresses; the name says so too.",
    "reason": "email",
    "fitting": 62,
    "values": 64,
    "shapes": {"text": 2, "email": 62},
}
CONSENT = COLUMN | {
    "column": "Einwilligung",
    "as": "share",
    "namespace": None,
    "transform": None,
    "answers": {"ja": "y"},
    "why": "The name speaks of consent.",
}
NOTE = COLUMN | {
    "column": "Notiz",
    "as": None,
    "namespace": None,
    "transform": None,
    "mapped": False,
    "why": "Nothing.",
}
FOUND: dict[str, Any] = {
    "previewId": "prv_1",
    "fileName": "people.csv",
    "status": "completed",
    "format": "csv",
    "packing": "gzip",
    "encoding": "utf-8",
    "delimiter": ";",
    "hasHeader": True,
    "linesAbove": 2,
    "dialect": {"delimiter": ";", "header": None},
    "rows": 64,
    "whole": False,
    "columnsFound": 4,
    "columns": [COLUMN, CONSENT, NOTE],
    "shareWords": [
        {"column": "Einwilligung", "word": "ja", "rows": 41, "answer": "y"},
        {"column": "Einwilligung", "word": "evtl", "rows": 3, "answer": None},
    ],
    "otherShareWords": 1,
    "presets": [],
    "wouldReject": {
        "rows": 64,
        "accepted": 61,
        "rejected": 3,
        "rejectedByReason": {"invalid_email": 1, "unknown_share": 2},
        "valuesRejected": {"too_long": 1},
    },
    "warnings": [{"column": "E-Mail", "code": "frequent_value", "detail": "one value stands in 9 of 64 rows"}],
    "sample": [["email", "text", "text"]],
    "error": None,
    "createdAt": "2026-11-28T10:00:00.000Z",
    "expiresAt": "2026-11-28T11:00:00.000Z",
}
ENDED: dict[str, Any] = {
    "uploadId": "upl_1",
    "status": "completed",
    "error": None,
    "warnings": [],
    "progress": {"done": 1, "total": 1},
    "counts": {"rows": 64, "rejected": 0, "rejectedByReason": {}, "valuesRejected": {}},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with answering() as running:
        monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(running), "sbx_1"))
        monkeypatch.setattr("time.sleep", lambda _: None)
        yield running


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(b"E-Mail;Einwilligung;Notiz\nrosa@one.example;ja;x\n")
    return path


def answers(server: Server, *found: dict[str, Any], most: int = 10) -> None:
    created = {
        "previewId": "prv_1",
        "uploadUrl": f"{server.url}/put",
        "maxBytes": most,
        "maxParquetBytes": 20,
    }
    server.answers = [(201, created, {}), (200, b"", {"ETag": '"e"'}), *((200, each, {}) for each in found)]


def run(*words: str) -> Result:
    return CliRunner().invoke(main.app, ["segments", "upload", *words])


def body(server: Server, at: int = 0) -> Any:
    return json.loads(server.asked[at]["body"])


def test_the_answer_here_is_one_of_the_api() -> None:
    schemas = json.loads(Path(DOCUMENT).read_text())["components"]["schemas"]
    assert FOUND.keys() == schemas["FilePreviewView"]["properties"].keys()
    assert COLUMN.keys() == schemas["PreviewedColumn"]["properties"].keys()


def test_a_preview_sends_the_first_bytes_and_prints_what_they_tell(server: Server, people: Path) -> None:
    answers(server, FOUND | {"status": "awaiting_file"}, FOUND)
    result = run(str(people), "--preview", "--segment", "seg_1")
    assert result.exit_code == 0, result.output
    assert [asked["path"] for asked in server.asked] == [
        "/v1/sandboxes/sbx_1/uploads/preview",
        "/put",
        *["/v1/sandboxes/sbx_1/uploads/preview/prv_1"] * 2,
    ]
    size = people.stat().st_size
    assert body(server) == {"fileName": "people.csv", "mode": "delta", "segmentId": "seg_1", "sizeBytes": size}
    assert server.asked[1]["body"] == people.read_bytes()[:10]
    for line in (
        "people.csv: CSV packed with gzip in UTF-8, semicolons between cells, with a header, 2 lines above; 64 rows",
        "identity:Email_LC_SHA256",
        "email 62, text 2",
        "62 of 64 values look like e-mail addresses; the name says so too.",
        "not read",
        "1 more columns are not shown.",
        "unknown: --answer WORD=ANSWER",
        "Of 64 rows 61 would be taken, 3 refused: unknown_share 2, invalid_email 1.",
        "Single values would be left out: too_long 1.",
        "Column E-Mail: one value stands in 9 of 64 rows (frequent_value)",
    ):
        assert line in result.output


def test_a_preview_as_json_is_the_answer(server: Server, people: Path) -> None:
    answers(server, FOUND)
    result = run(str(people), "--preview", "--json", "--column", "E-Mail=identity:email")
    assert json.loads(result.stdout) == FOUND
    assert body(server)["columns"] == [{"column": "E-Mail", "as": "identity", "namespace": "email"}]


def test_a_preview_of_what_would_fail_ends_with_1(server: Server, people: Path) -> None:
    error = {"reason": "not_utf8", "detail": "the file is Latin-1; save it as UTF-8"}
    answers(server, FOUND | {"error": error, "wouldReject": None, "columns": [], "dialect": None})
    result = run(str(people), "--preview")
    assert result.exit_code == 1
    assert "not_utf8: the file is Latin-1" in result.output


def test_an_upload_without_columns_takes_the_guesses_once_agreed(server: Server, people: Path) -> None:
    answers(server, FOUND)
    server.answers += [
        (201, {"uploadId": "upl_1", "uploadUrl": f"{server.url}/put"}, {}),
        (200, b"", {"ETag": '"e"'}),
        (200, ENDED, {}),
    ]
    result = run(str(people), "--yes", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["uploadId"] == "upl_1"
    assert "identity:Email_LC_SHA256" in result.stderr
    assert body(server, 3) == {
        "fileName": "people.csv",
        "mode": "delta",
        "format": "csv",
        "dialect": {"delimiter": ";"},
        "columns": [
            {"column": "E-Mail", "as": "identity", "namespace": "Email_LC_SHA256", "transform": "hash"},
            {"column": "Einwilligung", "as": "share", "answers": {"ja": "y"}},
        ],
    }
    assert server.asked[4]["body"] == people.read_bytes()


def test_without_a_terminal_nothing_is_sent_that_nobody_agreed_to(server: Server, people: Path) -> None:
    answers(server, FOUND)
    result = run(str(people))
    assert result.exit_code == 2
    assert "--yes" in result.output
    assert len(server.asked) == 3


def test_at_a_terminal_it_is_asked(server: Server, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    answers(server, FOUND)
    result = CliRunner().invoke(main.app, ["segments", "upload", str(people)], input="n\n")
    assert result.exit_code != 0
    assert "Upload people.csv so?" in result.output
    assert len(server.asked) == 3


def test_nothing_is_uploaded_that_nothing_is_known_of(server: Server, people: Path) -> None:
    answers(server, FOUND | {"columns": [NOTE]})
    result = run(str(people), "--yes")
    assert result.exit_code == 2
    assert "--column" in result.output


def test_a_parquet_file_goes_as_a_whole_or_not_at_all(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    file.write_bytes(b"PAR1" + b"x" * 11)
    answers(server, FOUND)
    previews.look(Session(api_of(server), "sbx_1"), file, {"fileName": "people.parquet"}, lambda _: None)
    assert server.asked[1]["body"] == file.read_bytes()
    file.write_bytes(b"PAR1" + b"x" * 30)
    answers(server, FOUND)
    with pytest.raises(InputError, match="--column"):
        previews.look(Session(api_of(server), "sbx_1"), file, {"fileName": "people.parquet"}, lambda _: None)


@pytest.mark.parametrize(
    "words",
    [["--separator", "E-Mail=,"], ["--column-label", "E-Mail=C1"], ["--header", "a,,b"], ["--delimiter", "space"]],
)
def test_options_that_mean_nothing_are_refused(server: Server, people: Path, words: list[str]) -> None:
    result = run(str(people), *words)
    assert result.exit_code == 2
    assert not server.asked


def test_a_header_is_told(server: Server, people: Path) -> None:
    answers(server, FOUND)
    run(str(people), "--preview", "--header", "mail, ok,note", "--delimiter", "semicolon")
    assert body(server)["dialect"] == {"delimiter": ";", "header": ["mail", "ok", "note"]}
