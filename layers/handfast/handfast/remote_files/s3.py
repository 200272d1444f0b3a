"""Files below a prefix of an S3 bucket, by a role that may read them (docs/file-sources.md, S3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from handfast.connectors import aws_roles
from handfast.connectors.contract import Check, Settings
from handfast.identity.free_text import plain
from handfast.platform import objects
from handfast.platform.assumed import AssumedError, Role, translated
from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile, RemoteFiles
from handfast.remote_files.naming import LONGEST, sorted_out

MOST_READ = 128 << 20
"""Bytes of a file that is read as a whole, such as a table's log."""
PIECE = 8 << 20
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Classes of storage that nothing is read from before it is restored."""
_CHANGED = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})
_NO_BUCKET = "the bucket is not there; compare its name"
_HINTS = {
    "access_denied": "the role may not do it; it needs s3:ListBucket on the bucket, and s3:GetObject below the prefix"
    " (kms:Decrypt too, where the bucket has a key of its own)",
    "unreachable": "S3 did not answer; it is tried again",
    "changed": "the file was replaced after it was listed; the next run takes the new one",
    "archived": "the file is in a class of storage from which it has to be restored first",
}


def _folder(prefix: str) -> str:
    parts = prefix.split("/")
    if prefix and (parts[-1] or any(part in {"", ".", ".."} for part in parts[:-1])):
        raise ValueError("must be folders with a slash behind each, none of them empty, `.` or `..`, such as exports/")
    if not prefix.isprintable():
        raise ValueError("must not have control characters")
    return plain(prefix)


class S3Settings(Settings):
    """Where the bucket is, and by which role it is read."""

    bucket: Annotated[
        str,
        StringConstraints(pattern=aws_roles.BUCKET),
        Field(title="Bucket", description="The bucket's name, in any account"),
    ]
    region: Annotated[
        str,
        StringConstraints(pattern=rf"^{aws_roles.REGION}$"),
        Field(title="Region", description="The AWS Region that the bucket is in"),
    ]
    prefix: Annotated[
        str,
        StringConstraints(max_length=LONGEST),
        AfterValidator(_folder),
        Field(title="Prefix", description="The folder that files are read from, and all below it; a slash at its end"),
    ] = ""
    role_arn: Annotated[
        str,
        StringConstraints(pattern=aws_roles.arn_pattern("source")),
        Field(
            title="Role",
            description="The ARN of the role that may read; its name begins with handfast-source-. The external id is "
            "the source's id",
        ),
    ]


class S3Files(RemoteFiles):
    """A prefix that is being read."""

    def __init__(self, settings: S3Settings, source_id: str) -> None:
        """Take the settings; nothing is called before it has to be. Raises RemoteError for Handfast's own bucket."""
        if settings.bucket == objects.bucket_name():
            raise RemoteError("own_bucket", "the bucket is the one that Handfast keeps its own data in; name another")
        self._settings = settings
        self._source_id = source_id
        self._role = Role(settings.role_arn, source_id)

    def listing(self) -> Iterator[RemoteFile | LeftOut]:
        """The objects below the prefix, but for folders that consoles have made."""
        for entry in self._entries(""):
            name, size = self._relative(entry["Key"]), entry["Size"]
            if name == "" or (name.endswith("/") and not size):
                continue
            if entry.get("StorageClass") in _ARCHIVED:
                yield LeftOut(name, size, "archived")
            else:
                yield sorted_out(name, size, entry["ETag"].strip('"'))

    def chunks(self, file: RemoteFile) -> Iterator[bytes]:
        """The bytes of an object of this version."""
        yield from self.body(file.name, IfMatch=f'"{file.version}"')

    def read(self, name: str) -> bytes:
        """An object as a whole."""
        found = bytearray()
        for piece in self.body(name):
            found += piece
            if len(found) > MOST_READ:
                raise RemoteError("too_large", f"a file of the table's own is larger than {MOST_READ >> 20} MiB")
        return bytes(found)

    def names(self, folder: str) -> Iterator[str]:
        """The names of all objects below a folder."""
        return (self._relative(entry["Key"]) for entry in self._entries(f"{folder.rstrip('/')}/"))

    def close(self) -> None:
        """Nothing is kept open."""

    def checks(self) -> list[Check]:
        """Whether the role can be had, and not by others."""
        return aws_roles.checks(self._settings.role_arn, self._source_id, "s3", self._settings.region)

    def body(self, name: str, **condition: str) -> Iterator[bytes]:
        """The bytes of an object, in pieces, on a condition of S3's."""
        with _told():
            client = self._client()
            with translated():
                key = f"{self._settings.prefix}{name}"
                body = client.get_object(Bucket=self._settings.bucket, Key=key, **condition)["Body"]
                yield from body.iter_chunks(PIECE)

    def _entries(self, below: str) -> Iterator[Any]:
        place = {"Bucket": self._settings.bucket, "Prefix": f"{self._settings.prefix}{below}"}
        with _told():
            pages = iter(self._client().get_paginator("list_objects_v2").paginate(**place))
        while True:
            with _told(), translated():
                page = next(pages, None)
            if page is None:
                return
            yield from page.get("Contents", [])

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._settings.prefix)

    def _client(self) -> Any:
        return self._role.client("s3", self._settings.region)


@contextmanager
def _told() -> Iterator[None]:
    """Raise RemoteError in the place of AssumedError."""
    try:
        yield
    except AssumedError as error:
        raise _of(error) from None


def _of(error: AssumedError) -> RemoteError:
    is_passing = error.status is None or error.status == 429 or error.status >= 500
    if error.code.startswith("AssumeRole") and not is_passing:
        detail = "its trust policy has to name Handfast's roles, and the source's id as the external id"
        return RemoteError("authentication_failed", f"the role cannot be assumed ({error.code}); {detail}")
    if error.code == "NoSuchBucket":
        return RemoteError("gone", _NO_BUCKET)
    if is_passing:
        reason = "unreachable"
    elif error.code in _CHANGED:
        reason = "changed"
    elif error.code == "InvalidObjectState":
        reason = "archived"
    elif error.status in {403, 401}:
        reason = "access_denied"
    elif error.status == 404:
        return RemoteError("gone", "the file is not there any more")
    else:
        return RemoteError("refused", f"S3 refuses it ({error.code}); compare bucket and region")
    return RemoteError(reason, f"{_HINTS[reason]} ({error.code})")
