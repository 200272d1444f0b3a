"""An Amazon S3 bucket, given files of changes or of whole memberships."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import Field, StringConstraints

from handfast.connectors import aws_roles
from handfast.connectors.contract import Check, TestResult
from handfast.destinations import files, roles
from handfast.destinations.contract import Account, Answer, Card, DestinationType, Limits, Pair, SnapshotFormat
from handfast.destinations.files import FileSettings
from handfast.destinations.roles import RoleAuthentication
from handfast.destinations.types.http import IDENTITIES
from handfast.platform.assumed import AssumedError, translated

_NAME = "Amazon S3"
_SERVICE = "s3"


class S3Settings(FileSettings):
    """Where the bucket is, and what is written there."""

    bucket: Annotated[
        str,
        StringConstraints(pattern=aws_roles.BUCKET),
        Field(title="Bucket", description="The bucket's name, in any account that the role may write to"),
    ]
    region: Annotated[
        str,
        StringConstraints(pattern=rf"^{aws_roles.REGION}$"),
        Field(title="Region", description="The AWS Region that the bucket is in"),
    ]
    prefix: Annotated[
        str,
        StringConstraints(pattern=r"^([A-Za-z0-9!_.*'()=-]{1,100}/){0,8}$"),
        Field(
            title="Prefix", description="The folder that files are written to: no slash at its begin, one at its end"
        ),
    ] = ""


class S3Sender:
    """A bucket that is being written to."""

    def __init__(self, account: Account[S3Settings, RoleAuthentication]) -> None:
        self._account = account
        self._settings = account.settings
        self._role = roles.role(account)

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Write the pairs' files. A repeat with the same id writes over them."""
        return files.written(
            files.files_of(self._account, pairs, batch_id), lambda file: self._put(file.name, file.body)
        )

    def put(self, path: Path) -> Answer:
        """Write a local file, in place of any of its name."""
        with path.open("rb") as opened:
            return self._put(path.name, opened)

    def probe(self) -> Answer:
        """Begin to write an object and give it up, which leaves nothing."""
        place = {"Bucket": self._settings.bucket, "Key": f"{self._settings.prefix}handfast-test"}
        try:
            client = self._client()
            with translated():
                upload = client.create_multipart_upload(**place)["UploadId"]
            with suppress(AssumedError), translated():
                client.abort_multipart_upload(**place, UploadId=upload)
        except AssumedError as error:
            return roles.answer_of(error, _NAME)
        return Answer(status=200)

    def _put(self, name: str, body: bytes | IO[bytes]) -> Answer:
        place = {"Bucket": self._settings.bucket, "Key": f"{self._settings.prefix}{name}"}
        try:
            client = self._client()
            with translated():
                client.put_object(**place, Body=body)
        except AssumedError as error:
            return roles.answer_of(error, _NAME)
        return Answer(status=200)

    def _client(self) -> Any:
        return self._role.client(_SERVICE, self._settings.region)


class S3(DestinationType[S3Settings, RoleAuthentication]):
    """The type."""

    type = "s3"
    name = _NAME
    settings_schema = S3Settings
    authentication_schema = RoleAuthentication
    limits = Limits(pairs=files.PAIRS, calls_per_second=20)
    card = Card(
        description="Writes who is in a segment, or changes of it, to a bucket of yours, as CSV, NDJSON, Parquet or "
        "files for Audience Manager, RTC Collaboration or LiveRamp.",
        identities=IDENTITIES,
        marketing_actions=("export_to_third_party", "data_export"),
        prerequisites=(
            roles.PREREQUISITE,
            "The role may s3:PutObject and s3:AbortMultipartUpload below the prefix, and kms:GenerateDataKey and "
            "kms:Decrypt with the bucket's key if it has one of its own.",
        ),
        limits=files.KNOWN_LIMITS,
        export_frequency="batch",
    )

    def test(self, account: Account[S3Settings, RoleAuthentication]) -> TestResult:
        """Assume the role, and begin to write an object that is given up."""
        checks = roles.checks(account, _SERVICE, account.settings.region)
        if not all(check.ok for check in checks):
            return TestResult((*checks, Check("bucket", False, "not checked: the role is not as it has to be")))
        answer = S3Sender(account).probe()
        said = "the role may write to the bucket" if answer.taken else f"{answer.detail}; compare bucket and region"
        return TestResult((*checks, Check("bucket", answer.taken, said)))

    def limits_of(self, account: Account[S3Settings, RoleAuthentication]) -> Limits:
        """Of snapshots no request has too many."""
        return files.limits_of(account, self.limits)

    def takes_snapshots(self, settings: S3Settings) -> bool:
        """As the settings say."""
        return settings.mode == "snapshot"

    def snapshot_format(self, account: Account[S3Settings, RoleAuthentication]) -> SnapshotFormat | None:
        """By the format that the settings name, where they say so."""
        return files.snapshot_format(account)

    @contextmanager
    def open(self, account: Account[S3Settings, RoleAuthentication]) -> Iterator[S3Sender]:
        """Assume the role when the first file is written."""
        yield S3Sender(account)

    def sample(self, account: Account[S3Settings, RoleAuthentication], pairs: Sequence[Pair]) -> Any:
        """The files of some pairs."""
        return files.sample(account, pairs)


destination: DestinationType[S3Settings, RoleAuthentication] = S3()
