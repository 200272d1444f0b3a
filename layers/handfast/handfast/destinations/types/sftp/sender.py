"""Writing files by SFTP: one connection, one file at a time, each under its name only once it is whole."""

import io
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO, Any

from handfast.connectors.sftp_connection import SECONDS, SftpConnection, failure_of
from handfast.destinations import files
from handfast.destinations.contract import Account, Answer, Pair
from handfast.destinations.files import File
from handfast.destinations.types.sftp.settings import SftpAuthentication, SftpSettings
from handfast.platform.outbound import OutboundError

SNAPSHOT_SECONDS = 180.0
"""For each file of a snapshot; a worker has 300 seconds, of which it begins nothing after the first 60."""
_CHUNK = 8 << 20
_ANSWERS = {
    "timeout": Answer(error="timeout", detail="the deadline passed"),
    "host_key": Answer(error="host_key", detail="the server has another key than hostKey"),
    "sign_in": Answer(status=401, detail="the server refuses to sign in"),
    "private_key": Answer(status=401, detail="the private key cannot be read"),
    "forbidden": Answer(status=403, detail="the server refuses to have files written to the directory"),
    "not_there": Answer(status=404, detail="the directory is not there"),
}


class SftpSender:
    """A server that is being written to. Threads may ask at once, and are served one after the other."""

    def __init__(self, account: Account[SftpSettings, SftpAuthentication]) -> None:
        self._account = account
        self._settings = account.settings
        self._connection = SftpConnection(account.settings, account.authentication)

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
        return self.answer(self._connection.connected)

    def probe(self) -> Answer:
        """Write a file, and remove it."""
        return self.answer(self._probed)

    def key_met(self) -> str | None:
        """The key that the server has, as a line; None when it tells none."""
        return self._connection.key_met()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def answer(self, do: Callable[[], Awaitable[Any]], seconds: float = SECONDS) -> Answer:
        """What comes of something; after a failure the next one connects anew."""
        import asyncssh  # noqa: PLC0415 - a third of a second, which only SFTP pays

        try:
            self._connection.run(do, seconds)
        except (ValueError, OSError, OutboundError, asyncssh.Error) as error:
            self._connection.drop()
            return _failure(error)
        return Answer(status=200)

    async def _written(self, file_name: str, body: IO[bytes]) -> None:
        import asyncssh  # noqa: PLC0415

        connection = await self._connection.connected()
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
        connection = await self._connection.connected()
        async with connection.start_sftp_client() as client:
            name = f"{self._settings.directory}/.handfast-test"
            async with client.open(name, "wb"):
                pass
            await client.remove(name)


def _failure(error: Exception) -> Answer:
    code = failure_of(error)
    if isinstance(error, OutboundError):
        return Answer(error=code, detail=error.detail)
    return _ANSWERS.get(code) or Answer(
        error="connection_failed", detail=f"the server broke off ({type(error).__name__})"
    )
