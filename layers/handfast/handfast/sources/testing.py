"""Trying a source: whether it is reached, may be listed and read, and has files that can be loaded.

The outcomes are those that docs/file-sources.md tells apart (Tests).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.connectors.contract import Check
from handfast.ingest.models import HEAD_BYTES, MAX_PARQUET_BYTES
from handfast.journal.models import Caller, Sandbox
from handfast.platform.observability import logger
from handfast.remote_files import store
from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile
from handfast.remote_files.models import Source
from handfast.remote_files.registry import OpenFiles
from handfast.sources.service import load
from handfast.sources.wire import SourceCheck, SourceTest, TestOutcome

TEST_SECONDS = 25
"""What a caller of the API waits at most for a test."""
_LOOKED_AT = 1_000
"""Files that are listed to find one that is read."""
_PARQUET = b"PAR1"
_OUTCOMES: dict[str, TestOutcome] = {
    "authentication_failed": "authentication_failed",
    "host_key": "authentication_failed",
    "access_denied": "access_denied",
    "refused": "access_denied",
    "own_bucket": "access_denied",
    "gone": "access_denied",
    "archived": "access_denied",
    "not_a_table": "no_files_found",
    "changed": "unreachable",
    "unreachable": "unreachable",
    "address_refused": "unreachable",
}
"""What reasons come to; all others are of what lies there, and so of its format."""


class _FailedError(Exception):
    """A check that has failed, and what that comes to."""

    def __init__(self, outcome: TestOutcome, check: Check) -> None:
        super().__init__(check.detail)
        self.outcome = outcome
        self.check = check


def test(caller: Caller, source_id: str) -> SourceTest:
    """Try whether a source can be read as it is set up. Nothing is changed there or here.

    Raises NotFound for an unknown source.
    """
    found = load(caller, source_id)
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(_tested, found, caller.on).result(TEST_SECONDS)
    except TimeoutError:
        detail = f"it has not answered everything in {TEST_SECONDS} seconds; test again"
        return _told("unreachable", [Check("time", False, detail)])
    finally:
        pool.shutdown(wait=False)


def _tested(found: Source, sandbox: Sandbox) -> SourceTest:
    done: list[Check] = []
    try:
        with closing(store.files_of(found)) as opened:
            for check in _checks(found, sandbox, opened):
                done += [check]
    except _FailedError as failed:
        return _told(failed.outcome, [*done, failed.check])
    except RemoteError as error:
        unread = _failed("settings", error)
        return _told(unread.outcome, [*done, unread.check])
    except Exception:  # noqa: BLE001 - whoever tests is told of it
        logger.exception("a source could not be tested", extra={"sourceId": found.source_id})
        detail = "the test failed for a reason that is not the source's; test again, and then tell the operator"
        return _told("internal_error", [*done, Check("internal", False, detail)])
    return _told("ok", done)


def _checks(found: Source, sandbox: Sandbox, opened: OpenFiles) -> Iterator[Check]:
    """The checks that have passed, one after the other; raises _FailedError for the first that has not."""
    for check in opened.checks():
        if not check.ok:
            outcome: TestOutcome = "unreachable" if check.name == "server" else "authentication_failed"
            raise _FailedError(outcome, check)
        yield check
    try:
        listed = list(islice(opened.listing(), _LOOKED_AT))
    except RemoteError as error:
        raise _failed("list", error) from None
    yield Check("list", True, "the files can be listed")
    file = next((each for each in listed if isinstance(each, RemoteFile)), None)
    if file is None:
        raise _FailedError("no_files_found", Check("files", False, _why_none(listed)))
    yield Check("files", True, "there are files to be taken")
    with TemporaryDirectory() as folder:
        try:
            received = _fetched(opened, file, Path(folder) / "bytes")
        except RemoteError as error:
            raise _failed("read", error) from None
        yield Check("read", True, "a file can be read")
        from handfast.sources import file_check  # noqa: PLC0415 - the engine, which only a test needs

        wrong = file_check.why_unfit(found, sandbox, file, received, Path(folder))
        if wrong is not None:
            raise _FailedError("invalid_file_format", Check("format", False, wrong))
        yield Check("format", True, "the beginning of a file is as announced")


def _failed(name: str, error: RemoteError) -> _FailedError:
    return _FailedError(_OUTCOMES.get(error.reason, "invalid_file_format"), Check(name, False, error.detail))


def _why_none(listed: list[RemoteFile | LeftOut]) -> str:
    if not listed:
        return "nothing lies there; compare the folder"
    if any(isinstance(each, LeftOut) and each.name.startswith("_delta_log/") for each in listed):
        return "it is a Delta table: make a source of the kind delta, which knows the files that count"
    return "nothing there is to be taken: hidden, empty and archived files and those of unusable names are left out"


def _fetched(opened: OpenFiles, file: RemoteFile, target: Path) -> int:
    """Copy what is looked at into a file, a small Parquet file whole; returns its size in bytes."""
    done = 0
    with target.open("wb") as copy:
        is_whole = False
        for chunk in opened.chunks(file):
            is_whole = is_whole or (done == 0 and chunk.startswith(_PARQUET) and file.size <= MAX_PARQUET_BYTES)
            done += copy.write(chunk)
            if done >= HEAD_BYTES and not is_whole:
                break
    return done


def _told(outcome: TestOutcome, checks: Sequence[Check]) -> SourceTest:
    told = [SourceCheck(name=check.name, ok=check.ok, detail=check.detail) for check in checks]
    return SourceTest(ok=outcome == "ok", outcome=outcome, checks=told)
