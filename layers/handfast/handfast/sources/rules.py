"""Pure decisions about sources: when one is run, and which files a run takes."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handfast.ingest.models import MAX_IMPORT_PARTS, MAX_PART_BYTES
from handfast.platform import clock
from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile
from handfast.remote_files.models import Schedule, Takes
from handfast.sources.models import SourceState

MOST_FILES = MAX_IMPORT_PARTS
"""Files that a run takes: as many as an import has parts."""
_PACKED, _PACKED_BY = (".gz", ".gzip", ".zst", ".zstd"), 8
"""How names of packed files end, and how many times as many bytes they are taken to unpack to."""
MOST_LISTED = 1_000_000
"""Files that are listed of a source."""
SHOWN = 100
"""Names that a dry run shows of each kind."""
DIGEST_BYTES = 16
QUIET = timedelta(minutes=1)
"""How long after an event a run begins, so that the files that come together are taken together."""
PATIENCE = timedelta(minutes=15)
"""How long after the first event a run begins at the latest."""
_MOVED = timedelta(seconds=30)
"""How far an event moves a run at least: of thousands few write anything."""
_LACKING = frozenset({"archived", "unusable_name"})
"""Reasons to leave out a file without which a whole is not whole."""
AGAIN = timedelta(minutes=1)
"""When a run is tried again that had to wait."""
_RETRY, _MOST_RETRY = timedelta(minutes=15), timedelta(days=1)


# When


def next_at(schedule: Schedule | None, now: datetime) -> datetime | None:
    """When a schedule next runs a source after a time; None without a schedule.

    A daily time that a change of clocks leaves out is taken as that of before the change, one that comes twice as the
    first.
    """
    if schedule is None:
        return None
    if schedule.every_minutes is not None:
        return now + timedelta(minutes=schedule.every_minutes)
    zone = ZoneInfo(schedule.time_zone)
    at, day = time.fromisoformat(schedule.time_of_day or "00:00"), now.astimezone(zone).date()
    days = (datetime.combine(day + timedelta(days=ahead), at, zone).astimezone(UTC) for ahead in (0, 1, 2))
    return next(found for found in days if found > now)


def retry_at(schedule: Schedule | None, failures: int, now: datetime) -> datetime:
    """When a source is run after so many failures in a row: after ever longer, and no later than by its schedule."""
    doubled: int = 2 ** min(failures - 1, 10)
    again = now + min(_RETRY * doubled, _MOST_RETRY)
    planned = next_at(schedule, now)
    return min(again, planned) if planned else again


def after_event(state: SourceState, now: datetime) -> SourceState | None:
    """A source's state once an event of one of its files has come; None where it stays as it is."""
    first = clock.from_text(state.events_since) if state.events_since else now
    due = min(now + QUIET, first + PATIENCE)
    if state.event_at is not None and due - clock.from_text(state.event_at) < _MOVED:
        return None
    return replace(state, events_since=clock.to_text(first), event_at=clock.to_text(due))


# Which


@dataclass(frozen=True)
class Found:
    """The files of a run, those that are left out counted by reason, with the first few, and a version of them all.

    `seen` are the digests of all files that are read, unless there `is_more` than one run takes.
    """

    files: tuple[RemoteFile, ...]
    left_out: Mapping[str, int]
    examples: tuple[LeftOut, ...]
    is_more: bool
    seen: frozenset[bytes]

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """A version of the files as a whole, for which their order counts nothing."""
        return hashlib.sha256(b"".join(sorted(self.seen))).hexdigest()


def digest(place: str, file: RemoteFile) -> bytes:
    """What a file of this version at this place is known by."""
    text = f"{place}\0{file.name}\0{file.version}"
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


def found(
    listing: Iterable[RemoteFile | LeftOut],
    place: str,
    takes: Takes,
    known: Collection[bytes],
    most_bytes: int,
    go_on: Callable[[], None] = lambda: None,
) -> Found:
    """Which files a run takes; `known` are the digests of those that were taken before.

    New files are taken as far as they have `most_bytes` together, unpacked, but always one.

    `go_on` is called before each file, to stop by an error of its own. Raises RemoteError `too_many_files` for more
    than can be listed, and with `too_large` for what cannot be taken where all have to be.
    """
    files, seen, examples, is_more, size = list[RemoteFile](), set[bytes](), list[LeftOut](), False, 0
    left_out: Counter[str] = Counter()
    for number, each in enumerate(listing):
        go_on()
        if number >= MOST_LISTED:
            raise RemoteError("too_many_files", f"more than {MOST_LISTED:,} files lie there; name a folder below it")
        file = _of_this_run(each, place, takes, known, seen)
        if isinstance(file, LeftOut):
            left_out[file.reason] += 1
            examples += [file] if len(examples) < SHOWN else []
        elif len(files) == MOST_FILES or (files and takes == "new" and size + _unpacked(file) > most_bytes):
            is_more = True
            break
        else:
            files.append(file)
            size += _unpacked(file)
    if is_more and takes == "all":
        detail = f"all files are loaded as one, and there are more than {MOST_FILES:,}; write fewer, larger ones"
        raise RemoteError("too_many_files", detail)
    return Found(tuple(files), dict(left_out), tuple(examples), is_more, frozenset(seen))


def _of_this_run(
    file: RemoteFile | LeftOut, place: str, takes: Takes, known: Collection[bytes], seen: set[bytes]
) -> RemoteFile | LeftOut:
    """A file, left out where it was taken before; adds what it is known by to `seen`."""
    if isinstance(file, LeftOut):
        if takes == "all" and file.reason in _LACKING:
            raise RemoteError(file.reason, "all files are loaded as one, and one of them cannot be; a dry run names it")
        return file
    key = digest(place, file)
    seen.add(key)
    if takes == "new" and key in known:
        return LeftOut(file.name, file.size, "taken")
    if file.size <= MAX_PART_BYTES:
        return file
    if takes == "all":
        raise RemoteError("too_large", f"a file has more than {MAX_PART_BYTES >> 30} GiB; write several")
    return LeftOut(file.name, file.size, "too_large")


def _unpacked(file: RemoteFile) -> int:
    return file.size * (_PACKED_BY if file.name.lower().endswith(_PACKED) else 1)


def packed(digests: Iterable[bytes]) -> bytes:
    """Digests as one text of bytes."""
    return b"".join(sorted(digests))


def unpacked(content: bytes) -> frozenset[bytes]:
    """The digests that `packed` wrote."""
    return frozenset(content[start : start + DIGEST_BYTES] for start in range(0, len(content), DIGEST_BYTES))
