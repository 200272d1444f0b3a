"""A directory of an SFTP server, given files of changes or of whole memberships."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from handfast.connectors.contract import Check, TestResult
from handfast.destinations import files
from handfast.destinations.contract import Account, Card, DestinationType, Limits, Pair, SnapshotFormat
from handfast.destinations.types.http import IDENTITIES
from handfast.destinations.types.sftp.sender import SftpSender
from handfast.destinations.types.sftp.settings import SftpAuthentication, SftpSettings


class Sftp(DestinationType[SftpSettings, SftpAuthentication]):
    """The type."""

    type = "sftp"
    name = "SFTP"
    settings_schema = SftpSettings
    authentication_schema = SftpAuthentication
    limits = Limits(pairs=files.PAIRS, calls_per_second=10)
    card = Card(
        description="Writes who is in a segment, or changes of it, to a directory of an SFTP server, as CSV, NDJSON, "
        "Parquet or files for Audience Manager, RTC Collaboration or LiveRamp.",
        identities=IDENTITIES,
        marketing_actions=("export_to_third_party", "data_export"),
        prerequisites=(
            "A server with a public address, whose host key you have from its operator.",
            "A user of the server who may write, rename and remove files in the directory.",
        ),
        limits=(
            "A file has its name once it is whole: until then it begins with a dot and ends in .part.",
            *files.KNOWN_LIMITS,
        ),
        export_frequency="batch",
    )

    def test(self, account: Account[SftpSettings, SftpAuthentication]) -> TestResult:
        """Meet the server's key, sign in, and write a file that is removed."""
        with closing(SftpSender(account)) as sender:
            answer = sender.connected()
            if answer.error is not None:
                met = sender.key_met() if answer.error == "host_key" else None
                said = (
                    f"it is {met}; compare it with what the operator says" if met else "compare host, port and hostKey"
                )
                return TestResult(
                    (Check("server", False, f"{answer.detail}; {said}"), *_unchecked("signIn", "directory"))
                )
            server = Check("server", True, f"the server has the key {account.settings.host_key}")
            if not answer.taken:
                failed = Check("signIn", False, f"{answer.detail}; compare userName and the password or key")
                return TestResult((server, failed, *_unchecked("directory")))
            answer = sender.probe()
            said = "a file can be written and removed" if answer.taken else f"{answer.detail}; compare directory"
            signed_in = Check("signIn", True, "the server lets Handfast in")
            return TestResult((server, signed_in, Check("directory", answer.taken, said)))

    def limits_of(self, account: Account[SftpSettings, SftpAuthentication]) -> Limits:
        """Of snapshots no request has too many."""
        return files.limits_of(account, self.limits)

    def takes_snapshots(self, settings: SftpSettings) -> bool:
        """As the settings say."""
        return settings.mode == "snapshot"

    def snapshot_format(self, account: Account[SftpSettings, SftpAuthentication]) -> SnapshotFormat | None:
        """By the format that the settings name, where they say so."""
        return files.snapshot_format(account)

    @contextmanager
    def open(self, account: Account[SftpSettings, SftpAuthentication]) -> Iterator[SftpSender]:
        """Connect when the first file is written, and keep the connection until the block ends."""
        with closing(SftpSender(account)) as sender:
            yield sender

    def sample(self, account: Account[SftpSettings, SftpAuthentication], pairs: Sequence[Pair]) -> Any:
        """The files of some pairs."""
        return files.sample(account, pairs)


def _unchecked(*names: str) -> tuple[Check, ...]:
    return tuple(Check(name, False, "not checked: there is no connection") for name in names)


destination: DestinationType[SftpSettings, SftpAuthentication] = Sftp()
