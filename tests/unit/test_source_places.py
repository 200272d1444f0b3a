"""Files at an SFTP server, and settings of sources that no server is reached by."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import ValidationError

from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile
from handfast.remote_files.registry import open_files
from handfast.remote_files.sftp import DEPTH, SftpFiles, SftpSettings
from tests.worlds.sftp_server import OWN_KEY, PASSWORD, USER, SftpServer, line_of, serving

OTHER = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
PRIVATE = OWN_KEY.export_private_key().decode()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    with serving(tmp_path) as found:
        yield found


def settings(server: SftpServer, **others: Any) -> dict[str, Any]:
    place = {"host": "127.0.0.1", "port": server.port, "hostKey": server.host_key, "directory": "/in"}
    return place | {"userName": USER} | ({} if "privateKey" in others else {"password": PASSWORD}) | others


@pytest.fixture
def opened(server: SftpServer) -> Iterator[SftpFiles]:
    found = open_files("sftp", "src_1", settings(server), {})
    assert isinstance(found, SftpFiles)
    with closing(found):
        yield found


def write(server: SftpServer, name: str, content: bytes) -> Path:
    path = server.folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(opened: SftpFiles) -> set[str]:
    return {file.name for file in opened.files()}


def fails(opened: SftpFiles, what: Any) -> RemoteError:
    with pytest.raises(RemoteError) as raised:
        what(opened)
    return raised.value


def listed(opened: SftpFiles) -> None:
    list(opened.listing())


def test_files_of_all_folders_are_listed_and_read(server: SftpServer, opened: SftpFiles) -> None:
    write(server, "a.csv", b"a" * 20_000_000)
    write(server, "dt=2026-11-28/b.csv", b"b")
    write(server, "_SUCCESS", b"")
    write(server, "empty.csv", b"")
    found = {each.name: each for each in opened.listing()}
    assert {name for name, each in found.items() if isinstance(each, LeftOut)} == {"_SUCCESS", "empty.csv"}
    inner = found["dt=2026-11-28/b.csv"]
    assert isinstance(inner, RemoteFile)
    assert (inner.size, inner.partition) == (1, {"dt": "2026-11-28"})
    large = found["a.csv"]
    assert isinstance(large, RemoteFile)
    assert b"".join(opened.chunks(large)) == b"a" * 20_000_000
    assert opened.read("dt=2026-11-28/b.csv") == b"b"
    assert set(opened.names("dt=2026-11-28")) == {"dt=2026-11-28/b.csv"}


def test_a_key_signs_in_too(server: SftpServer) -> None:
    write(server, "a.csv", b"a")
    with closing(SftpFiles(SftpSettings.model_validate(settings(server, privateKey=PRIVATE)))) as opened:
        assert names(opened) == {"a.csv"}
        assert [(check.name, check.ok) for check in opened.checks()] == [("server", True), ("signIn", True)]


def test_links_are_no_files_and_lead_nowhere(server: SftpServer, opened: SftpFiles, tmp_path: Path) -> None:
    write(server, "a.csv", b"a")
    (server.folder / "secret").write_bytes(b"secret")
    (server.folder / "in" / "link.csv").symlink_to(server.folder / "secret")
    (server.folder / "in" / "loop").symlink_to(server.folder / "in")
    assert names(opened) == {"a.csv"}


def test_names_that_nobody_can_use_are_left_out(server: SftpServer, opened: SftpFiles) -> None:
    write(server, "a.csv", b"a")
    write(server, "bell\u0007.csv", b"a")
    write(server, "jane@example.com.csv", b"a")
    (server.folder / "in" / "raw").mkdir()
    (Path(str(server.folder)) / "in" / "raw" / b"\xff.csv".decode(errors="surrogateescape")).write_bytes(b"a")
    left = [each for each in opened.listing() if isinstance(each, LeftOut)]
    assert {each.reason for each in left} == {"unusable_name"}
    assert (len(left), names(opened)) == (3, {"a.csv"})


def test_folders_too_deep_are_refused(server: SftpServer, opened: SftpFiles) -> None:
    write(server, "/".join("d" * (DEPTH + 2)) + "/a.csv", b"a")
    assert fails(opened, listed).reason == "too_many_files"


def test_a_file_that_was_replaced_is_another(server: SftpServer, opened: SftpFiles) -> None:
    path = write(server, "a.csv", b"first")
    (file,) = opened.files()
    path.write_bytes(b"longer than the first")
    assert fails(opened, lambda each: list(each.chunks(file))).reason == "changed"
    path.unlink()
    assert fails(opened, lambda each: list(each.chunks(file))).reason == "gone"


def test_a_file_that_grows_while_it_is_read_is_not_taken_half(
    server: SftpServer, opened: SftpFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handfast.remote_files.sftp.PIECE", 5)
    path = write(server, "a.csv", b"0123456789")
    (file,) = opened.files()
    given = []

    def read(each: SftpFiles) -> None:
        for chunk in each.chunks(file):
            path.write_bytes(b"0123456789 and more, without an end")
            given.append(chunk)

    assert fails(opened, read).reason == "changed"
    assert b"".join(given) == b"0123456789", "no more is stored than was listed"
    assert names(opened) == {"a.csv"}, "the connection goes on"


@pytest.mark.parametrize(
    ("others", "reason", "failing"),
    [
        ({"password": "wrong"}, "authentication_failed", "signIn"),
        ({"privateKey": OTHER}, "authentication_failed", "signIn"),
        ({"hostKey": line_of(asyncssh.generate_private_key("ssh-ed25519"))}, "host_key", "hostKey"),
        ({"port": 1}, "unreachable", "server"),
        ({"host": "name.invalid"}, "unreachable", "server"),
    ],
)
def test_what_keeps_from_reading_is_told_apart(
    server: SftpServer, others: dict[str, Any], reason: str, failing: str
) -> None:
    with closing(SftpFiles(SftpSettings.model_validate(settings(server, **others)))) as opened:
        assert fails(opened, listed).reason == reason
        checks = opened.checks()
        assert (checks[-1].name, checks[-1].ok) == (failing, False)
        if reason == "host_key":
            assert server.host_key.split()[0] in checks[-1].detail, "says which key it has"


def test_a_folder_that_is_not_there_or_closed_is_told(server: SftpServer) -> None:
    with closing(SftpFiles(SftpSettings.model_validate(settings(server, directory="/nothing")))) as opened:
        assert fails(opened, listed).reason == "gone"


def test_private_hosts_are_not_called(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    reachable = settings(server)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    for host in ("127.0.0.1", "169.254.169.254", "10.0.0.1", "localhost"):
        with closing(SftpFiles(SftpSettings.model_validate(reachable | {"host": host, "port": 22}))) as opened:
            assert fails(opened, listed).reason == "address_refused"
    with pytest.raises(ValidationError):
        SftpSettings.model_validate(reachable | {"port": 443})


@pytest.mark.parametrize(
    "others",
    [
        {"password": None},
        {"privateKey": PRIVATE, "password": PASSWORD},
        {"privateKey": "no key"},
        {"hostKey": "ssh-ed25519 AAAA"},
        {"hostKey": None},
        {"directory": "../etc"},
        {"directory": "/in/../../etc"},
        {"directory": "/in\n"},
        {"host": "user@host"},
        {"userName": "a\u0007b"},
        {"command": "cat"},
    ],
)
def test_settings_that_cannot_work_are_refused(server: SftpServer, others: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SftpSettings.model_validate(settings(server, **others))
