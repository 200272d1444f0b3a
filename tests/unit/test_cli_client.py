"""The API client, uploads and streams against a server that answers as it is told."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handfast_cli import main, pushing, uploads
from handfast_cli.errors import ExitCode, InputError
from handfast_cli.options import Session
from handfast_cli.pushing import StoppedError
from handfast_client import Client, ConfigurationError
from handfast_client.api import Api
from handfast_client.api import run as carry_out
from handfast_client.errors import ProblemError, SignInError
from handfast_client.exchange import ATTEMPTS, Steps, Token
from handfast_client.sign_in import client_credentials
from handfast_client.uploads import TransferError
from tests.worlds.cli_server import Answer, Server, answering, api_of


@pytest.fixture
def server() -> Iterator[Server]:
    with answering() as running:
        yield running


@pytest.fixture
def api(server: Server) -> Api:
    return api_of(server)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_a_call_carries_the_token_and_goes_below_v1(server: Server, api: Api) -> None:
    server.answers = [(200, {"name": "x"}, {})]
    assert api.call("GET", "/me", query={"limit": 2, "dryRun": True, "cursor": None}) == {"name": "x"}
    asked = server.asked[0]
    assert asked["path"] == "/v1/me?limit=2&dryRun=true"
    assert asked["headers"]["authorization"] == "Bearer the-token"


@pytest.mark.parametrize(
    "url", ["", "api.example.com", "https://", "ftp://x.example", "http://[::1", "https://x.example?a"]
)
def test_what_is_no_address_is_told_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address of a deployment"):
        Client(url, token="t")


def test_an_address_may_be_given_with_what_paths_begin_with(server: Server) -> None:
    server.answers = [(200, {"connectId": "x"}, {})]
    client = Client(f" {api_of(server).url}/v1/ ", token="t\n", sandbox="sbx_1")
    assert client.connect_id.get() == {"connectId": "x"}
    assert server.asked[0]["headers"]["authorization"] == "Bearer t"
    assert server.asked[0]["path"] == "/v1/sandboxes/sbx_1/connect-id"


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_id_that_names_another_path_is_not_sent(server: Server, name: str) -> None:
    client = Client(api_of(server).url, token="t", sandbox="sbx_1")
    with pytest.raises(ConfigurationError, match="an id is empty"):
        client.segments.update(name, name="Mine")
    with pytest.raises(ConfigurationError, match="an id is empty"):
        client.in_sandbox(name).segments.get("seg_1")
    assert not server.asked


def test_only_a_post_carries_an_idempotency_key_and_each_its_own(server: Server, api: Api) -> None:
    server.answers = [(200, {}, {})]
    for method in ("POST", "POST", "GET", "PUT"):
        api.call(method, "/x", body={} if method != "GET" else None)
    keys = [asked["headers"].get("idempotency-key") for asked in server.asked]
    assert keys[0]
    assert keys[1]
    assert keys[0] != keys[1]
    assert keys[2:] == [None, None]


def test_a_busy_service_is_asked_again_with_the_same_key_after_the_time_it_names(
    server: Server, api: Api, waits: list[float]
) -> None:
    waiting: list[Answer] = [(429, {}, {"Retry-After": after}) for after in ("3", "nan", "-1", "1e9", "tomorrow")]
    server.answers = [*waiting, (201, {"done": True}, {})]
    assert api.call("POST", "/x", body={"a": 1}) == {"done": True}
    assert len({asked["headers"]["idempotency-key"] for asked in server.asked}) == 1
    assert [asked["body"] for asked in server.asked] == [b'{"a":1}'] * 6
    assert waits == [3.0, 0.0, 0.0, 30.0, 16.0]


def test_a_service_that_stays_busy_ends_as_an_error(server: Server, api: Api) -> None:
    server.answers = [(503, {"title": "Busy"}, {})]
    with pytest.raises(ProblemError) as caught:
        api.call("GET", "/x")
    assert caught.value.status == 503
    assert len(server.asked) == ATTEMPTS


def test_a_problem_becomes_an_error_that_names_every_member_that_is_wrong(server: Server, api: Api) -> None:
    problem = {
        "title": "Refused",
        "detail": "see errors",
        "requestId": "r-1",
        "errors": [{"pointer": "/name", "message": "missing"}, {"pointer": "/url", "message": "not a URL"}],
    }
    server.answers = [(422, problem, {})]
    with pytest.raises(ProblemError) as caught:
        api.call("POST", "/x", body={})
    assert caught.value.document == problem
    assert str(caught.value).splitlines() == [
        "422 Refused: see errors",
        "  /name: missing",
        "  /url: not a URL",
        "  request r-1",
    ]


def test_an_answer_that_is_not_json_is_shown_as_it_is(server: Server, api: Api) -> None:
    server.answers = [(502, b"bad gateway", {})]
    with pytest.raises(ProblemError, match="bad gateway"):
        api.call("GET", "/x")


def test_an_empty_answer_is_none(server: Server, api: Api) -> None:
    server.answers = [(204, b"", {})]
    assert api.call("DELETE", "/x") is None


def test_items_follows_the_cursor_to_the_end(server: Server, api: Api) -> None:
    server.answers = [
        (200, {"items": [{"n": 1}], "nextCursor": "more"}, {}),
        (200, {"items": [{"n": 2}], "nextCursor": None}, {}),
    ]
    assert [item["n"] for item in api.items("/x")] == [1, 2]
    assert [asked["path"] for asked in server.asked] == ["/v1/x?limit=200", "/v1/x?limit=200&cursor=more"]


def test_a_token_is_asked_for_once_and_renewed_before_it_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers = [(200, {}, {})]
    given: list[str] = []

    def token() -> Steps[Token]:
        yield from ()
        given.append(f"token-{len(given)}")
        return given[-1], 3600.0

    api = Api(server.url, token)
    now = time.monotonic()
    api.call("GET", "/x")
    api.call("GET", "/x")
    monkeypatch.setattr(time, "monotonic", lambda: now + 3590.0)
    api.call("GET", "/x")
    sent = [asked["headers"]["authorization"] for asked in server.asked]
    assert sent == ["Bearer token-0", "Bearer token-0", "Bearer token-1"]


def test_client_credentials_are_exchanged_for_a_token(server: Server) -> None:
    server.answers = [(200, {"access_token": "t", "expires_in": 60}, {})]
    assert carry_out(client_credentials(f"{server.url}/oauth2/token", "id", "secret")()) == ("t", 60.0)
    assert server.asked[0]["body"] == b"grant_type=client_credentials&client_id=id&client_secret=secret"


def test_a_refused_client_says_nothing_of_its_secret(server: Server) -> None:
    server.answers = [(400, {"error": "invalid_client"}, {})]
    with pytest.raises(SignInError) as caught:
        carry_out(client_credentials(server.url, "id", "the-secret")())
    assert "the-secret" not in str(caught.value)


@pytest.fixture
def session(api: Api) -> Session:
    return Session(api, "sbx_1")


def test_a_file_goes_to_the_address_the_api_answers_with(server: Server, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"a,b\n" * 1000)
    server.answers = [(201, {"uploadId": "upl_1", "uploadUrl": f"{server.url}/put"}, {}), (200, b"", {"ETag": '"e"'})]
    seen: list[int] = []
    created = uploads.send_file(session, file, {"fileName": "people.csv"}, seen.append)
    assert created["uploadId"] == "upl_1"
    create, put = server.asked
    assert create["path"] == "/v1/sandboxes/sbx_1/uploads"
    assert json.loads(create["body"]) == {"fileName": "people.csv"}
    assert (put["method"], put["body"]) == ("PUT", file.read_bytes())
    assert "transfer-encoding" not in put["headers"]
    assert sum(seen) == 4000


def test_a_large_file_goes_in_parts_which_are_then_completed(
    server: Server, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MULTIPART_FROM", 10)
    file = tmp_path / "people.csv"
    file.write_bytes(b"0123456789abcdef!")
    parts = [
        {"partNumber": number, "uploadUrl": f"{server.url}/{number}", "sizeBytes": size}
        for number, size in ((1, 8), (2, 8), (3, 1))
    ]
    server.answers = [
        (201, {"uploadId": "upl_1", "uploadUrl": None, "parts": parts}, {}),
        *((200, b"", {"ETag": f'"{number}"'}) for number in (1, 2, 3)),
        (202, {}, {}),
    ]
    uploads.send_file(session, file, {}, lambda _: None)
    create, *puts, complete = server.asked
    assert json.loads(create["body"]) == {"sizeBytes": 17}
    assert [put["body"] for put in puts] == [b"01234567", b"89abcdef", b"!"]
    assert complete["path"] == "/v1/sandboxes/sbx_1/uploads/upl_1/complete"
    assert json.loads(complete["body"]) == {
        "parts": [{"partNumber": number, "etag": f'"{number}"'} for number in (1, 2, 3)]
    }


def test_a_broken_transfer_is_repeated_and_counted_once(server: Server, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"x" * 5000)
    created: Answer = (201, {"uploadId": "upl_1", "uploadUrl": f"{server.url}/put"}, {})
    server.answers = [created, (500, b"", {}), (200, b"", {"ETag": '"e"'})]
    seen: list[int] = []
    uploads.send_file(session, file, {}, seen.append)
    assert [asked["body"] for asked in server.asked[1:]] == [b"x" * 5000] * 2
    assert sum(seen) == 5000


def test_a_refused_file_is_not_sent_again(server: Server, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"x")
    refusal = b"<Error><Code>AccessDenied</Code><Message>no right</Message></Error>"
    server.answers = [(201, {"uploadId": "upl_1", "uploadUrl": f"{server.url}/put"}, {}), (403, refusal, {})]
    with pytest.raises(TransferError, match="403 AccessDenied no right"):
        uploads.send_file(session, file, {}, lambda _: None)
    assert len(server.asked) == 2


def test_following_an_upload_reports_progress_until_it_ended(server: Server, session: Session) -> None:
    server.answers = [
        (200, {"status": "processing", "progress": {"done": 1, "total": 2}}, {}),
        (200, {"status": "completed", "progress": {"done": 2, "total": 2}}, {}),
    ]
    seen: list[dict[str, int]] = []
    assert uploads.follow(session, "upl_1", seen.append)["status"] == "completed"
    assert [state["done"] for state in seen] == [1, 2]


COUNTS = {"rows": 10, "rejected": 0, "rejectedByReason": {}, "valuesRejected": {}}


def test_what_was_left_out_of_a_file_is_told_by_reason_the_most_frequent_first() -> None:
    assert uploads.left_out({"uploadId": "upl_1", "counts": COUNTS}) == []
    some = COUNTS | {"rejected": 3, "rejectedByReason": {"invalid_email": 1, "unknown_share": 2}}
    assert uploads.left_out({"uploadId": "upl_1", "counts": some}) == [
        "3 of 10 rows were refused: unknown_share 2, invalid_email 1",
        "Each with its row and column: handfast uploads rejects upl_1",
        "What each reason means and what to do: docs/troubleshooting.md, Rows or values are rejected",
    ]
    values = COUNTS | {"valuesRejected": {"all_zero_device_id": 4}}
    lines = uploads.left_out({"uploadId": "upl_1", "counts": values})
    assert lines[:2] == [
        "4 single values were left out: all_zero_device_id 4",
        "Each with its row and column: handfast uploads rejects upl_1",
    ]


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (
            {"status": "completed", "rejectsUrl": "/list"},
            [{"row": "2", "column": "e\u2028mail\n", "reason": "invalid_email"}],
        ),
        ({"status": "completed", "rejectsUrl": None}, []),
        ({"status": "failed", "rejectsUrl": None}, []),
    ],
)
def test_what_was_left_out_is_printed_or_saved(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: dict[str, Any], found: list[Any]
) -> None:
    monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(server), "sbx_1"))
    file, text = (
        tmp_path / "rejects.csv",
        "row,column,reason\n" + ('2,"e\u2028mail\n",invalid_email\n' if found else ""),
    )
    url = state["rejectsUrl"] and f"{server.url}{state['rejectsUrl']}"
    told = {}
    for option in ("", "--json", f"--output={file}"):
        server.answers = [(200, state | {"rejectsUrl": url}, {}), (200, text.encode(), {})]
        told[option] = CliRunner().invoke(main.app, ["uploads", "rejects", "upl_1", *filter(None, [option])])
        assert told[option].exit_code == 0
    assert told[""].stdout == file.read_text() == text
    assert json.loads(told["--json"].stdout) == {"items": found}
    assert f"{len(found)}" in told[f"--output={file}"].stdout.partition("lines")[2]


def test_a_list_of_rejects_that_is_not_there_yet_or_no_more_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(server), "sbx_1"))
    server.answers = [(200, {"status": "processing", "rejectsUrl": None}, {})]
    command = ["uploads", "rejects", "upl_1", "--output", str(tmp_path / "rejects.csv")]
    assert CliRunner().invoke(main.app, command).exit_code == ExitCode.CONFLICT
    server.answers = [(200, {"status": "completed", "rejectsUrl": f"{server.url}/list"}, {}), (404, b"", {})]
    told = CliRunner().invoke(main.app, command)
    assert (told.exit_code, "30 days" in told.stderr) == (ExitCode.FAILED, True)
    assert not (tmp_path / "rejects.csv").exists()


def test_words_for_answers_are_those_of_the_file() -> None:
    assert uploads.read_answers(["ja=y", "a=b=n", "=u"]) == {"ja": "y", "a=b": "n", "": "u"}
    for wrong in (["ja"], ["ja=y", "ja=n"]):
        with pytest.raises(InputError, match="WORD=ANSWER"):
            uploads.read_answers(wrong)


def test_a_separator_is_of_a_column() -> None:
    columns = [uploads.read_column(text) for text in ("mails=identity:email", "id=profileId")]
    assert uploads.with_separators(columns, ["mails=|"]) == [columns[0] | {"separator": "|"}, columns[1]]
    for wrong in (["mails"], ["other=|"]):
        with pytest.raises(InputError, match="COLUMN="):
            uploads.with_separators(columns, wrong)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        (["--column", "mail=identity:email"], {"format": "csv", "mode": "delta"}),
        (["--preset", "rtc-collaboration"], {"preset": "rtc-collaboration", "columns": None}),
        (
            ["--preset", "rtc-collaboration", "--mode", "overwrite", "--data-source", "ds_1", "--create-segments"],
            {"mode": "overwrite", "dataSourceId": "ds_1", "createSegments": True},
        ),
        (["--preset", "x", "--answer", "yes=y"], {"shareValues": {"yes": "y"}}),
    ],
)
def test_what_a_preset_says_is_left_to_it(
    server: Server, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], body: Any
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"mail\nnobody\n")
    monkeypatch.setattr(Session, "of", lambda *_: session)
    server.answers = [(201, {"uploadId": "upl_1", "uploadUrl": f"{server.url}/put"}, {}), (200, b"", {"ETag": '"e"'})]
    result = CliRunner().invoke(main.app, ["segments", "upload", str(file), *options, "--no-wait"])
    assert result.exit_code == 0, result.output
    sent = json.loads(server.asked[0]["body"])
    assert {name: sent.get(name) for name in body} == body
    assert "format" not in sent or "preset" not in sent


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("failed", 1)])
def test_an_upload_that_fails_ends_the_command_with_1(
    server: Server, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"mail\nnobody\n")
    monkeypatch.setattr(Session, "of", lambda *_: session)
    refused = COUNTS | {"rows": 1, "rejected": 1, "rejectedByReason": {"invalid_email": 1}}
    error = {"reason": "all_rejected", "detail": "every row was refused"} if status == "failed" else None
    warning = {"column": "mail", "code": "another_namespace", "detail": "most look like phone numbers"}
    ended = {"uploadId": "upl_1", "status": status, "counts": refused, "error": error, "warnings": [warning]}
    server.answers = [
        (201, {"uploadId": "upl_1", "uploadUrl": f"{server.url}/put"}, {}),
        (200, b"", {"ETag": '"e"'}),
        (200, ended | {"progress": {"done": 1, "total": 1}}, {}),
    ]
    words = ["segments", "upload", str(file), "--column", "mail=identity:email", "--allow-rejects"]
    result = CliRunner().invoke(main.app, words)
    assert result.exit_code == code
    assert "1 of 1 rows were refused: invalid_email 1" in result.output
    assert "Column mail: most look like phone numbers (another_namespace)" in result.output
    assert ("all_rejected: every row was refused" in result.output) is (code == 1)
    assert json.loads(server.asked[0]["body"])["allowRejects"] is True


def test_changes_go_a_thousand_at_a_time_and_a_rejected_one_is_named_by_its_line(
    server: Server, session: Session
) -> None:
    server.answers = [
        (202, {"accepted": 999, "rejected": [{"index": 3, "reason": "invalid_email"}]}, {}),
        (202, {"accepted": 1, "rejected": [{"index": 0, "reason": "unknown_segment"}]}, {}),
    ]
    lines = ["\n", *(json.dumps({"n": number}) for number in range(1002))]
    result = pushing.push_changes(session, pushing.read_changes(lines), lambda _: None)
    sizes = [len(json.loads(asked["body"])["changes"]) for asked in server.asked]
    assert sizes == [1000, 2]
    assert result == {
        "accepted": 1000,
        "rejected": [{"line": 5, "reason": "invalid_email"}, {"line": 1002, "reason": "unknown_segment"}],
    }


def test_changes_are_sent_as_they_come_and_no_more_are_read_than_are_sent_soon(
    server: Server, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "LONGEST_WAIT", 0.01)
    server.answers = [(202, {"accepted": 1, "rejected": []}, {})]
    lines: queue.Queue[str] = queue.Queue()
    read: list[int] = []

    def coming() -> Iterator[str]:
        for number, line in enumerate(iter(lines.get, "")):
            read.append(number)
            yield line

    with ThreadPoolExecutor() as pool:
        pushed = pool.submit(pushing.push_changes, session, pushing.read_changes(coming()), lambda _: None)
        lines.put("{}")
        until(lambda: len(server.asked) == 1)
        lines.put("{}")
        until(lambda: len(server.asked) == 2)
        lines.put("")
        assert pushed.result() == {"accepted": 2, "rejected": []}
    assert read == [0, 1]
    read.clear()
    for _ in range(5000):
        lines.put("{}")
    first = pushing.batches(pushing.read_changes(coming()))
    assert len(next(first)) == 1000
    until(lambda: len(read) == 3001)
    assert not pushing_goes_on(read)


def until(holds: Callable[[], bool]) -> None:
    """Waits for what another thread does."""
    for _ in range(500):
        if holds():
            return
        threading.Event().wait(0.01)
    pytest.fail("it never happens")


def pushing_goes_on(read: list[int]) -> bool:
    """Whether more is read in a moment."""
    before = len(read)
    threading.Event().wait(0.05)
    return len(read) > before


def test_where_sending_stops_is_told_by_line(server: Server, session: Session) -> None:
    server.answers = [(202, {"accepted": 999, "rejected": [{"index": 0, "reason": "invalid_email"}]}, {})]
    lines = [*(["{}"] * 1000), "{}", "nothing"]
    with pytest.raises(StoppedError, match=r"Line 1002 is not.*\n.*from line 1001 on.*999 were accepted") as stopped:
        pushing.push_changes(session, pushing.read_changes(lines), lambda _: None)
    assert stopped.value.exit_code == ExitCode.INVALID
    assert stopped.value.members["rejected"] == [{"line": 1, "reason": "invalid_email"}]
    errors = [{"pointer": "/changes/1/status", "message": "unknown"}]
    server.answers = [(422, {"title": "Refused", "detail": "see errors", "errors": errors}, {})]
    with pytest.raises(StoppedError, match=r"line 3 /status: unknown\n.*from line 1 on") as refused:
        pushing.push_changes(session, pushing.read_changes(["{}", "", "{}"]), lambda _: None)
    assert (refused.value.members["status"], refused.value.members["nextLine"]) == (422, 1)


def test_rejected_changes_are_told_as_they_are_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "of", lambda *_: Session(api_of(server), "sbx_1"))
    server.answers = [(202, {"accepted": 0, "rejected": [{"index": 0, "reason": "invalid_email"}]}, {})]
    told = CliRunner().invoke(main.app, ["consents", "push", "-"], input=b"\n{}\n")
    assert (told.exit_code, told.stderr) == (1, "Line 2: invalid_email\n")


@pytest.mark.parametrize("line", ["{", "[]", "nothing", b'{"a": "\xff"}'])
def test_a_line_that_is_no_json_object_is_named(line: str | bytes) -> None:
    with pytest.raises(InputError, match="Line 2"):
        list(pushing.read_changes(["{}", line]))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("id=profileId", {"column": "id", "as": "profileId"}),
        ("country=phoneRegion", {"column": "country", "as": "phoneRegion"}),
        (
            "tel=identity:phone:hash:national",
            {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash", "form": "national"},
        ),
        ("mail=identity:email", {"column": "mail", "as": "identity", "namespace": "email"}),
        (
            "mail=identity:email:hash",
            {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
        ),
        ("a=b=attribute:tier", {"column": "a=b", "as": "attribute", "name": "tier"}),
        ("gold=segment:seg_1", {"column": "gold", "as": "segment", "name": "seg_1"}),
        ("kind=namespace", {"column": "kind", "as": "namespace"}),
        ("value=identity", {"column": "value", "as": "identity"}),
        ("value=identity::none", {"column": "value", "as": "identity", "transform": "none"}),
    ],
)
def test_a_column_is_read_from_its_option(text: str, column: dict[str, str]) -> None:
    assert uploads.read_column(text) == column


def test_a_delimiter_has_a_name_or_is_itself() -> None:
    assert [uploads.read_delimiter(text) for text in (None, "tab", ";", "comma")] == [None, "\t", ";", ","]
    with pytest.raises(InputError, match="semicolon"):
        uploads.read_delimiter("space")


@pytest.mark.parametrize("text", ["", "=", "id", "=profileId", "id=profileId:x", "mail=identity:email:hash:e164:more"])
def test_a_column_that_says_nothing_clear_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        uploads.read_column(text)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "csv"),
        ("a.b.CSV.gz", "csv"),
        ("a.ndjson.zst", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.parquet", "parquet"),
    ],
)
def test_the_format_follows_the_name(name: str, form: str) -> None:
    assert uploads.file_format(Path(name)) == form


@pytest.mark.parametrize("name", ["people", "people.xlsx", "people.gz"])
def test_a_name_that_tells_no_format_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        uploads.file_format(Path(name))
