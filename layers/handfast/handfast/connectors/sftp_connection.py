"""A connection to an SFTP server, whose key is the one that was named, and what came of calls over it."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from handfast.connectors.sftp_settings import SftpAuthentication, SftpServer
from handfast.platform import outbound
from handfast.platform.outbound import OutboundError

if TYPE_CHECKING:
    import asyncssh

SECONDS = 30.0
"""For connecting and signing in, and for each call that names no other time."""


class SftpConnection:
    """A server that is connected to when it is first called. Threads may call at once, and are served one by one."""

    def __init__(self, server: SftpServer, authentication: SftpAuthentication) -> None:
        self._server = server
        self._authentication = authentication
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: asyncssh.SSHClientConnection | None = None

    def run[Result](self, do: Callable[[], Awaitable[Result]], seconds: float = SECONDS) -> Result:
        """What a coroutine returns, within so many seconds. `failure_of` tells what its errors mean."""

        async def timed() -> Result:
            async with asyncio.timeout(seconds):
                return await do()

        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            return self._loop.run_until_complete(timed())

    async def connected(self) -> "asyncssh.SSHClientConnection":
        """The connection, made and signed in as far as that was not done."""
        import asyncssh  # noqa: PLC0415 - a third of a second, which only SFTP pays

        if self._connection is None:
            given = self._authentication
            secret = given.private_key
            key = asyncssh.import_private_key(secret.get_secret_value()) if secret else None
            self._connection = await asyncssh.connect(
                sock=self._socket(),
                config=None,
                known_hosts=([asyncssh.import_public_key(self._server.host_key)], [], []),
                username=given.user_name,
                password=given.password.get_secret_value() if given.password else None,
                client_keys=[key] if key else None,
                agent_path=None,
                gss_auth=False,
                gss_kex=False,
            )
        return self._connection

    def key_met(self) -> str | None:
        """The key that the server has, as a line; None when it tells none."""
        import asyncssh  # noqa: PLC0415

        async def met() -> "asyncssh.SSHKey | None":
            return await asyncssh.get_server_host_key(sock=self._socket())

        try:
            key = self.run(met)
        except (OutboundError, OSError, TimeoutError, asyncssh.Error):
            return None
        return " ".join(key.export_public_key().decode().split()[:2]) if key else None

    def drop(self) -> None:
        """End the connection; the next call connects anew."""
        self.run(self._dropped)

    def close(self) -> None:
        """End the connection for good."""
        with self._lock:
            if self._loop is not None:
                self._loop.run_until_complete(self._dropped())
                self._loop.close()
                self._loop = None

    async def _dropped(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()
        await asyncio.sleep(0.001)  # transports are closed by callbacks of the loop

    def _socket(self) -> Any:
        return outbound.connect(self._server.host, self._server.port)


def failure_of(error: Exception) -> str:
    """What an error of a call means.

    `timeout`, `host_key` (another key than the one named), `sign_in`, `private_key` (one that cannot be read),
    `forbidden`, `not_there`, or the code of why there is no connection.
    """
    import asyncssh  # noqa: PLC0415

    known: list[tuple[tuple[type[Exception], ...], str]] = [
        ((TimeoutError,), "timeout"),
        ((asyncssh.HostKeyNotVerifiable,), "host_key"),
        ((asyncssh.PermissionDenied,), "sign_in"),
        ((ValueError,), "private_key"),
        ((asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect), "forbidden"),
        ((asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath), "not_there"),
    ]
    if isinstance(error, OutboundError):
        return error.reason
    return next((code for kinds, code in known if isinstance(error, kinds)), "connection_failed")
