"""Writing files by SFTP: one connection, one file at a time, each under its name only once it is whole."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

from handfast.destinations import files
from handfast.destinations.contract import Account, Answer, Pair
from handfast.destinations.files import File
from handfast.destinations.types.sftp.settings import SftpAuthentication, SftpSettings
from handfast.platform import outbound
from handfast.platform.outbound import OutboundError

if TYPE_CHECKING:
    import asyncssh

SECONDS = 30.0
"""For connecting and signing in, and for each file of changes."""
SNAPSHOT_SECONDS = 180.0
"""For each file of a snapshot; a worker has 300 seconds, of which it begins nothing after the first 60."""
_CHUNK = 8 << 20


class SftpSender:
    """A server that is being written to. Threads may ask at once, and are served one after the other."""

    def __init__(self, account: Account[SftpSettings, SftpAuthentication]) -> None:
        self._account = account
        self._settings = account.settings
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: asyncssh.SSHClientConnection | None = None

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Write the pairs' files. A repeat with the same id writes over them."""
        return files.written(files.files_of(self._account, pairs, batch_id), self._put)

    def put(self, path: Path) -> Answer:
        """Write a local file beside its name, and then rename it, in place of any of that name."""
        with path.open("rb") as opened:
            return self.answer(lambda: self._written(path.name, opened), SNAPSHOT_SECONDS)

    def _put(self, file: File) -> Answer:
        return self.answer(lambda: self._written(file.name, io.BytesIO(file.body)))

    def connected(self) -> Answer:
        """Connect and sign in, as far as that was not done."""
        return self.answer(self._connected)

    def probe(self) -> Answer:
        """Write a file, and remove it."""
        return self.answer(self._probed)

    def key_met(self) -> str | None:
        """The key that the server has, as a line; None when it tells none."""
        import asyncssh  # noqa: PLC0415

        async def met() -> "asyncssh.SSHKey | None":
            return await asyncssh.get_server_host_key(sock=self._socket())

        try:
            key = self._run(met)
        except (OutboundError, OSError, TimeoutError, asyncssh.Error):
            return None
        return " ".join(key.export_public_key().decode().split()[:2]) if key else None

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            if self._loop is not None:
                self._loop.run_until_complete(self._closed())
                self._loop.close()
                self._loop = None

    def answer(self, do: Callable[[], Awaitable[Any]], seconds: float = SECONDS) -> Answer:
        """What comes of something; after a failure the next one connects anew."""
        import asyncssh  # noqa: PLC0415 - a third of a second, which only SFTP pays

        try:
            self._run(do, seconds)
        except (ValueError, OSError, OutboundError, asyncssh.Error) as error:
            self._run(self._closed)
            return _failure(error)
        return Answer(status=200)

    def _run[Result](self, do: Callable[[], Awaitable[Result]], seconds: float = SECONDS) -> Result:
        async def timed() -> Result:
            async with asyncio.timeout(seconds):
                return await do()

        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            return self._loop.run_until_complete(timed())

    async def _closed(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()
            await connection.wait_closed()
        await asyncio.sleep(0.001)  # transports are closed by callbacks of the loop

    def _socket(self) -> Any:
        return outbound.connect(self._settings.host, self._settings.port)

    async def _connected(self) -> "asyncssh.SSHClientConnection":
        import asyncssh  # noqa: PLC0415

        if self._connection is None:
            given = self._account.authentication
            secret = given.private_key
            key = asyncssh.import_private_key(secret.get_secret_value()) if secret else None
            self._connection = await asyncssh.connect(
                sock=self._socket(),
                config=None,
                known_hosts=([asyncssh.import_public_key(self._settings.host_key)], [], []),
                username=given.user_name,
                password=given.password.get_secret_value() if given.password else None,
                client_keys=[key] if key else None,
                agent_path=None,
                gss_auth=False,
                gss_kex=False,
            )
        return self._connection

    async def _written(self, file_name: str, body: IO[bytes]) -> None:
        import asyncssh  # noqa: PLC0415

        connection = await self._connected()
        async with connection.start_sftp_client() as client:
            name = f"{self._settings.directory}/{file_name}"
            beside = f"{self._settings.directory}/.{file_name}.part"
            async with client.open(beside, "wb") as opened:
                while chunk := body.read(_CHUNK):
                    await opened.write(chunk)
            try:
                await client.posix_rename(beside, name)
            except asyncssh.SFTPOpUnsupported:
                if await client.exists(name):  # by an earlier try, or of the delivery before
                    await client.remove(name)
                await client.rename(beside, name)

    async def _probed(self) -> None:
        connection = await self._connected()
        async with connection.start_sftp_client() as client:
            name = f"{self._settings.directory}/.handfast-test"
            async with client.open(name, "wb"):
                pass
            await client.remove(name)


def _failure(error: Exception) -> Answer:
    import asyncssh  # noqa: PLC0415

    known: list[tuple[tuple[type[Exception], ...], Answer]] = [
        ((TimeoutError,), Answer(error="timeout", detail="the deadline passed")),
        ((asyncssh.HostKeyNotVerifiable,), Answer(error="host_key", detail="the server has another key than hostKey")),
        ((asyncssh.PermissionDenied,), Answer(status=401, detail="the server refuses to sign in")),
        ((ValueError,), Answer(status=401, detail="the private key cannot be read")),
        (
            (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect),
            Answer(status=403, detail="the server refuses to have files written to the directory"),
        ),
        ((asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath), Answer(status=404, detail="the directory is not there")),
    ]
    if isinstance(error, OutboundError):
        return Answer(error=error.reason, detail=error.detail)
    for kinds, answer in known:
        if isinstance(error, kinds):
            return answer
    return Answer(error="connection_failed", detail=f"the server broke off ({type(error).__name__})")
