"""Files below a directory of an SFTP server (docs/file-sources.md, SFTP)."""

import stat
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Self, cast

from pydantic import Field, SecretStr, model_validator

from handfast.connectors.contract import Check
from handfast.connectors.sftp_connection import SECONDS, SftpConnection, failure_of
from handfast.connectors.sftp_settings import SftpAuthentication, SftpServer
from handfast.identity.free_text import PlainNote
from handfast.platform.outbound import OutboundError
from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile, RemoteFiles
from handfast.remote_files.naming import sorted_out

if TYPE_CHECKING:
    import asyncssh

DEPTH = 20
"""Folders within folders that are looked into."""
_FOLDER_SECONDS = 120.0
PIECE = 8 << 20
"""Bytes that are read of a file at a time."""
_PIECE_SECONDS = 60.0
_MOST_READ = 128 << 20
_TOLD = {
    "host_key": ("host_key", "the server has another key than hostKey"),
    "sign_in": ("authentication_failed", "the server refuses to sign in; compare userName and the password or key"),
    "private_key": ("authentication_failed", "the private key cannot be read"),
    "forbidden": ("access_denied", "the server refuses to have the directory or a file of it read"),
    "not_there": ("gone", "the directory or the file is not there"),
    "timeout": ("unreachable", "the server did not answer in time"),
}


class SftpSettings(SftpServer):
    """Where the server is, and how Handfast signs in: by a password or a key."""

    user_name: Annotated[PlainNote, Field(title="User name", min_length=1, max_length=100)]
    password: SecretStr | None = Field(None, title="Password", max_length=1024)
    private_key: SecretStr | None = Field(
        None, title="Private key", description="OpenSSH's form or PEM, without a passphrase", max_length=16384
    )

    @model_validator(mode="after")
    def _signs_in_one_way(self) -> Self:
        if bool(self.password) == bool(self.private_key):
            raise ValueError("must have either password or privateKey")
        if any(part == ".." for part in self.directory.split("/")):
            raise ValueError("directory must not lead out of itself")
        _ = self.authentication
        return self

    @property
    def authentication(self) -> SftpAuthentication:
        """How Handfast signs in."""
        return SftpAuthentication(
            kind="key" if self.private_key else "password",
            user_name=self.user_name,
            password=self.password,
            private_key=self.private_key,
        )


class SftpFiles(RemoteFiles):
    """A directory that is being read. One thread at a time is served."""

    def __init__(self, settings: SftpSettings) -> None:
        """Take the settings; nothing is called before it has to be."""
        self._settings = settings
        self._connection = SftpConnection(settings, settings.authentication)
        self._opened: asyncssh.SFTPClient | None = None

    def listing(self) -> Iterator[RemoteFile | LeftOut]:
        """The regular files below the directory; neither links nor what they lead to."""
        for path, entry in self._walked(""):
            attributes = entry.attrs
            size = attributes.size or 0
            if stat.S_ISREG(attributes.permissions or stat.S_IFREG):
                yield sorted_out(path, size, _version(attributes))

    def chunks(self, file: RemoteFile) -> Iterator[bytes]:
        """The bytes of a file, whose size and time are looked at before and after."""
        changed = RemoteError("changed", "the file was replaced after it was listed; the next run takes the new one")
        opened, attributes = self._call(lambda: self._open(file.name))
        try:
            if _version(attributes) != file.version:
                raise changed
            done = 0
            while piece := self._call(lambda: _piece(opened, PIECE, done), _PIECE_SECONDS):  # noqa: B023 - called at once
                done += len(piece)
                if done > file.size:
                    raise changed
                yield piece
            if done != file.size or _version(self._call(opened.stat)) != file.version:
                raise changed
        finally:
            self._close(opened)

    def read(self, name: str) -> bytes:
        """A file as a whole."""
        opened, attributes = self._call(lambda: self._open(name))
        try:
            if (attributes.size or 0) > _MOST_READ:
                raise RemoteError("too_large", f"a file is larger than {_MOST_READ >> 20} MiB")
            return self._call(lambda: _piece(opened, _MOST_READ, 0), _FOLDER_SECONDS)
        finally:
            self._close(opened)

    def names(self, folder: str) -> Iterator[str]:
        """The names of all files below a folder."""
        return (path for path, _ in self._walked(folder.strip("/")))

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def checks(self) -> list[Check]:
        """Whether the server has its key, and lets Handfast in."""
        try:
            self._call(self._client)
        except RemoteError as error:
            if error.reason == "authentication_failed":
                return [self._server(), Check("signIn", False, error.detail)]
            if error.reason != "host_key":
                return [Check("server", False, f"{error.detail}; compare host and port")]
            met = self._connection.key_met()
            said = f"it is {met}; compare it with what the operator says" if met else "compare host, port and hostKey"
            return [Check("hostKey", False, f"{error.detail}; {said}")]
        return [self._server(), Check("signIn", True, "the server lets Handfast in")]

    def _server(self) -> Check:
        return Check("server", True, f"the server has the key {self._settings.host_key}")

    def _walked(self, folder: str) -> Iterator[tuple[str, "asyncssh.SFTPName"]]:
        """All that is no folder, by its path below the directory, folder by folder."""
        waiting = [folder]
        while waiting:
            place = waiting.pop()
            for entry in self._call(lambda: self._listed(place), _FOLDER_SECONDS):  # noqa: B023 - called at once
                name = str(entry.filename)
                if name in {".", ".."}:
                    continue
                path = f"{place}/{name}" if place else name
                if not stat.S_ISDIR(entry.attrs.permissions or 0):
                    yield path, entry
                elif "/" not in name and path.count("/") < DEPTH:
                    waiting.append(path)
                elif "/" not in name:
                    raise RemoteError("too_many_files", f"folders lie more than {DEPTH} deep; name one below them")

    async def _client(self) -> "asyncssh.SFTPClient":
        if self._opened is None:
            connection = await self._connection.connected()
            # Bytes that are no UTF-8 make a name that is left out, and no error.
            self._opened = await connection.start_sftp_client(path_errors="surrogateescape")
        return self._opened

    async def _listed(self, folder: str) -> "list[asyncssh.SFTPName]":
        client = await self._client()
        return list(await client.readdir(self._path(folder)))

    async def _open(self, name: str) -> "tuple[asyncssh.SFTPClientFile, asyncssh.SFTPAttrs]":
        client = await self._client()
        opened = await client.open(self._path(name), "rb")
        return opened, await opened.stat()

    def _path(self, name: str) -> str:
        return f"{self._settings.directory}/{name}" if name else self._settings.directory

    def _close(self, opened: "asyncssh.SFTPClientFile") -> None:
        if self._opened is not None:
            self._call(opened.close)

    def _call[Result](self, do: Callable[[], Awaitable[Result]], seconds: float = SECONDS) -> Result:
        """What a call returns; after a failure the next one connects anew. Raises RemoteError."""
        import asyncssh  # noqa: PLC0415 - a third of a second, which only SFTP pays

        try:
            return self._connection.run(do, seconds)
        except (ValueError, OSError, OutboundError, asyncssh.Error) as error:
            if failure_of(error) not in {"forbidden", "not_there"}:
                self._opened = None
                self._connection.drop()
            raise _of(error) from None


async def _piece(opened: "asyncssh.SFTPClientFile", size: int, begin: int) -> bytes:
    return cast("bytes", await opened.read(size, begin))  # of a file that was opened for bytes


def _version(attributes: "asyncssh.SFTPAttrs") -> str:
    return f"{attributes.size}-{attributes.mtime}"


def _of(error: Exception) -> RemoteError:
    code = failure_of(error)
    if isinstance(error, OutboundError):
        return RemoteError("address_refused" if code == "address_refused" else "unreachable", error.detail)
    return RemoteError(*_TOLD.get(code, ("unreachable", f"the server broke off ({type(error).__name__})")))
