"""Files for destinations, byte by byte, and an SFTP server that is given them."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncssh
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from handfast.destinations import files, registry
from handfast.destinations.contract import Account, Answer, Pair, Segment
from handfast.destinations.types.s3 import destination as s3
from handfast.destinations.types.sftp import destination as sftp
from tests.worlds.sftp_server import OWN_KEY, PASSWORD, USER, SftpServer, line_of, serving

EARLY, LATE = "2026-03-02T09:30:00.000Z", "2026-03-02T09:30:01.250Z"
READERS, BUYERS = Segment("seg_1", "Readers", "4711"), Segment("seg_2", "Buyers", "4712")
SEGMENTS = {"seg_1": READERS, "seg_2": BUYERS}
DEVICE = "aebe52e7-03ee-455a-b3c4-e57283966239"
PAIRS = [
    Pair("customer", 'crm,"1"', "seg_1", "realized", LATE),
    Pair("customer", 'crm,"1"', "seg_2", "exited", EARLY),
    Pair("idfa", DEVICE, "seg_1", "realized", EARLY),
]
BATCH = "bat_0123456789abcdef0123456789abcdef"
NAME = "20260302T093001.250Z-bat_0123456789abcdef0123456789abcdef"


def bucket(**settings: Any) -> Account[Any, Any]:
    place = {"bucket": "audiences", "region": "eu-west-1"}
    return Account(None, s3.settings_schema.model_validate(place | settings), None, SEGMENTS)


# Formats


CSV = (
    "segment,namespace,id,status,changedAt\n"
    f'4711,customer,"crm,""1""",realized,{LATE}\n'
    f'4712,customer,"crm,""1""",exited,{EARLY}\n'
    f"4711,idfa,{DEVICE},realized,{EARLY}\n"
)
NDJSON = (
    f'{{"segment":"4711","namespace":"customer","id":"crm,\\"1\\"","status":"realized","changedAt":"{LATE}"}}\n'
    f'{{"segment":"4712","namespace":"customer","id":"crm,\\"1\\"","status":"exited","changedAt":"{EARLY}"}}\n'
    f'{{"segment":"4711","namespace":"idfa","id":"{DEVICE}","status":"realized","changedAt":"{EARLY}"}}\n'
)


@pytest.mark.parametrize(("kind", "text"), [("csv", CSV), ("ndjson", NDJSON)])
def test_a_request_is_a_file_that_a_repeat_writes_again(kind: str, text: str) -> None:
    found = files.files_of(bucket(format=kind), PAIRS, BATCH)
    (file,) = found.files
    assert (file.name, file.body.decode(), file.positions) == (f"{NAME}.{kind}", text, (0, 1, 2))
    assert files.files_of(bucket(format=kind), PAIRS, BATCH) == found


def test_parquet_has_the_same_rows() -> None:
    (file,) = files.files_of(bucket(format="parquet"), PAIRS, BATCH).files
    assert file.name == f"{NAME}.parquet"
    rows = pq.read_table(io.BytesIO(file.body)).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("4711", "customer", 'crm,"1"', "realized", datetime(2026, 3, 2, 9, 30, 1, 250_000)),  # noqa: DTZ001
        ("4712", "customer", 'crm,"1"', "exited", datetime(2026, 3, 2, 9, 30)),  # noqa: DTZ001
        ("4711", "idfa", DEVICE, "realized", datetime(2026, 3, 2, 9, 30)),  # noqa: DTZ001
    ]


INBOUND = [
    ("customer", "crm-1", "ftp_dpm_77_1772443801.sync.", "crm-1\td_sid=4711,d_unsid=4712\n"),
    ("idfa", DEVICE, "ftp_dpm_20915_77_1772443801.sync.", f"{DEVICE.upper()}\td_sid=4711,d_unsid=4712\n"),
    ("gaid", DEVICE.upper(), "ftp_dpm_20914_77_1772443801.sync.", f"{DEVICE}\td_sid=4711,d_unsid=4712\n"),
]


@pytest.mark.parametrize(("target", "value", "name", "text"), INBOUND)
def test_audience_managers_file_adds_and_removes_traits(target: str, value: str, name: str, text: str) -> None:
    pairs = [
        Pair(target, value, "seg_1", "realized", LATE),
        Pair(target, value, "seg_2", "exited", EARLY),
    ]
    (file,) = files.files_of(bucket(format="audience-manager", dataSourceId=77), pairs, BATCH).files
    assert file.body.decode() == text
    assert file.name.startswith(name)
    assert file.name.removeprefix(name).isdigit()


def test_audience_managers_files_have_one_type_of_ids_each_and_none_that_it_does_not_take() -> None:
    pairs = [
        Pair("customer", "crm-1", "seg_1", "realized", EARLY),
        Pair("idfa", DEVICE, "seg_1", "realized", EARLY),
        Pair("customer", "crm:2", "seg_1", "realized", EARLY),
        Pair("customer", "crm-3", "seg_3", "realized", EARLY),
    ]
    to = bucket(format="audience-manager", dataSourceId=77)
    found = files.files_of(to, pairs, BATCH)
    assert [file.positions for file in found.files] == [(0,), (1,)]
    assert len({file.name for file in found.files}) == 2
    assert found.refused == {2: "id_not_taken", 3: "mapping_id_is_no_trait"}
    other = files.files_of(to, pairs, BATCH.replace("0", "f"))
    assert not {file.name for file in found.files} & {file.name for file in other.files}


def test_what_fails_after_the_first_file_is_tried_again_alone() -> None:
    pairs = [PAIRS[0]._replace(value="crm-1"), PAIRS[2]]
    found = files.files_of(bucket(format="audience-manager", dataSourceId=77), pairs, BATCH)
    answers = [Answer(status=200), Answer(status=403, detail="no")]
    answer = files.written(found, lambda _: answers.pop(0))
    assert answer == Answer(status=200, detail="no", again=frozenset({1}))
    first = files.written(found, lambda _: Answer(status=403, detail="no"))
    assert (first.status, first.taken) == (403, False)


@pytest.mark.parametrize(
    "settings",
    [
        {"format": "audience-manager"},
        {"dataSourceId": 77},
        {"format": "rtc-collaboration"},
        {"prefix": "/in/"},
        {"prefix": "in"},
        {"region": "eu-west-1.evil.example/"},
    ],
)
def test_what_no_file_can_be_written_by_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bucket(**settings)


def test_a_sample_shows_the_text_of_files() -> None:
    (shown,) = s3.sample(bucket(format="parquet"), PAIRS)
    assert shown["text"] == NDJSON
    (shown,) = s3.sample(bucket(), PAIRS)
    assert shown["text"] == CSV


# SFTP


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    with serving(tmp_path) as found:
        yield found


def by_sftp(server: SftpServer, authentication: dict[str, Any] | None = None, **settings: Any) -> Account[Any, Any]:
    place = {"host": "127.0.0.1", "port": server.port, "hostKey": server.host_key, "directory": "/in"}
    signed_in = {"userName": USER} | (authentication or {"password": PASSWORD})
    return Account(
        None,
        sftp.settings_schema.model_validate(place | settings),
        sftp.authentication_schema.model_validate(signed_in),
        SEGMENTS,
    )


def sent(to: Account[Any, Any], *batches: str) -> list[Answer]:
    with sftp.open(to) as sender:
        return [sender.send(PAIRS, batch) for batch in batches or (BATCH,)]


PRIVATE = OWN_KEY.export_private_key().decode()


@pytest.mark.parametrize("authentication", [{"password": PASSWORD}, {"kind": "key", "privateKey": PRIVATE}])
def test_a_file_has_its_name_once_it_is_whole(server: SftpServer, authentication: dict[str, Any]) -> None:
    assert [answer.taken for answer in sent(by_sftp(server, authentication), BATCH, BATCH)] == [True, True]
    assert server.files() == {f"{NAME}.csv": CSV.encode()}
    assert [call for call in server.calls if call[0] != "write"][:2] == [
        ("open", f"/in/.{NAME}.csv.part"),
        ("rename", f"/in/{NAME}.csv"),
    ]


def test_a_server_without_the_extension_has_a_repeat_done_already(server: SftpServer) -> None:
    for _ in range(2):
        server.faults["rename"] = asyncssh.SFTPOpUnsupported("no")
        assert sent(by_sftp(server))[0].taken
    assert server.files() == {f"{NAME}.csv": CSV.encode()}


@pytest.mark.parametrize("extension", [True, False])
def test_a_local_file_is_written_over_one_of_its_name(server: SftpServer, tmp_path: Path, extension: bool) -> None:
    path = tmp_path / "audiences-flow_1-00000.csv"
    with sftp.open(by_sftp(server, mode="snapshot")) as sender:
        for body in (b"x" * 20_000_000, b"short"):
            path.write_bytes(body)
            if not extension:
                server.faults["rename"] = asyncssh.SFTPOpUnsupported("no")
            assert sender.put(path).taken  # type: ignore[attr-defined]
            assert server.files() == {path.name: body}


def test_a_server_of_several_keys_is_known_by_any(server: SftpServer) -> None:
    assert sent(by_sftp(server, hostKey=line_of(server.other_key)))[0].taken


def test_a_server_with_another_key_is_not_talked_to_and_the_test_shows_its_key(server: SftpServer) -> None:
    other = line_of(asyncssh.generate_private_key("ssh-ed25519"))
    to = by_sftp(server, hostKey=other)
    (answer,) = sent(to)
    assert (answer.error, answer.may_succeed) == ("host_key", True)
    assert server.calls == []
    checks = sftp.test(to).checks
    assert [(check.name, check.ok) for check in checks] == [("server", False), ("signIn", False), ("directory", False)]
    assert server.host_key in checks[0].detail


@pytest.mark.parametrize(
    ("authentication", "settings", "status", "failed"),
    [
        ({"password": "wrong"}, {}, 401, "signIn"),
        ({"kind": "key", "privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----"}, {}, 401, "signIn"),
        (None, {"directory": "/nowhere"}, 404, "directory"),
    ],
)
def test_what_is_wrong_is_an_answer_and_a_check(
    server: SftpServer, authentication: dict[str, Any] | None, settings: dict[str, Any], status: int, failed: str
) -> None:
    to = by_sftp(server, authentication, **settings)
    (answer,) = sent(to)
    assert (answer.status, answer.taken) == (status, False)
    checks = sftp.test(to).checks
    assert next(check.name for check in checks if not check.ok) == failed


def test_a_test_leaves_nothing(server: SftpServer) -> None:
    assert sftp.test(by_sftp(server)).ok
    assert server.files() == {}


def test_a_server_that_breaks_off_is_connected_to_anew(server: SftpServer) -> None:
    server.faults["write"] = ConnectionResetError()
    first, second = sent(by_sftp(server), BATCH, BATCH)
    assert (first.taken, first.may_succeed, second.taken) == (False, True, True)
    assert server.files() == {f"{NAME}.csv": CSV.encode()}


def test_nobody_there_may_be_there_later(server: SftpServer) -> None:
    (answer,) = sent(by_sftp(server, port=1))
    assert (answer.error, answer.may_succeed) == ("connection_failed", True)


def test_a_private_address_is_refused(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    to = by_sftp(server)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    (answer,) = sent(to)
    assert answer.error == "address_refused"
    assert server.calls == []


@pytest.mark.parametrize(
    "settings",
    [
        {"port": 443},
        {"hostKey": "ssh-ed25519 AAAA"},
        {"hostKey": "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGLJ"},
        {"host": "files.example/etc"},
        {"directory": "in\nout"},
    ],
)
def test_settings_that_lead_nowhere_are_refused(
    server: SftpServer, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    with pytest.raises(ValidationError):
        by_sftp(server, **({"port": 22} | settings))


@pytest.mark.parametrize(
    "given", [{}, {"kind": "key", "password": PASSWORD}, {"password": PASSWORD, "privateKey": PRIVATE}]
)
def test_one_secret_signs_in(server: SftpServer, given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        sftp.authentication_schema.model_validate({"userName": USER} | given)


def test_kept_secrets_go_to_no_other_server() -> None:
    assert registry.destination_type("sftp").settings_schema.secrets_go_to == {"host", "port", "hostKey"}
