"""An SFTP server on the loopback interface, in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "audiences", "planted-password"
OWN_KEY = asyncssh.generate_private_key("ssh-ed25519")
"""By which the user may sign in."""


@dataclass
class SftpServer:
    """A server with one user, and what was asked of it. Each of `faults` is raised by the next call of its name."""

    folder: Path
    key: asyncssh.SSHKey
    port: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)
    other_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ecdsa-sha2-nistp256"))

    @property
    def host_key(self) -> str:
        """Its key as a line."""
        return line_of(self.key)

    def files(self) -> dict[str, bytes]:
        """What is in the folder `in`, by name."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / "in").iterdir())}


def line_of(key: asyncssh.SSHKey) -> str:
    """A public key as a line, as it is set."""
    return " ".join(key.export_public_key().decode().split()[:2])


def _session(server: SftpServer) -> Any:
    class Session(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=str(server.folder).encode())

        def _note(self, name: str, path: bytes) -> None:
            server.calls.append((name, path.decode()))
            if name in server.faults:
                raise server.faults.pop(name)

        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            self._note("open", path)
            return super().open(path, pflags, attrs)

        def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
            self._note("write", b"")
            return super().write(file_obj, offset, data)

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
            self._note("rename", newpath)
            return super().posix_rename(oldpath, newpath)

    return Session


class _Guard(asyncssh.SSHServer):
    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return (username, key.public_data) == (USER, OWN_KEY.public_data)


@contextmanager
def serving(folder: Path) -> Iterator[SftpServer]:
    """A server that is listening, with an empty folder `in`."""
    (folder / "in").mkdir()
    server = SftpServer(folder, asyncssh.generate_private_key("ssh-ed25519"))
    loop, ready, ends = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    connections: list[asyncssh.SSHServerConnection] = []

    async def serve() -> None:
        listening = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[server.key, server.other_key],
            server_factory=lambda: _Guard(connections),
            sftp_factory=_session(server),
        )
        server.port = listening.get_port()
        ready.set()
        await ends.wait()
        listening.close()
        await listening.wait_closed()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        await asyncio.sleep(0.01)  # transports are closed by callbacks of the loop

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join()
        loop.close()
