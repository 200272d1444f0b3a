"""When a source is run, which files a run takes, and which names are taken at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.ingest.models import MAX_PART_BYTES
from handfast.platform import clock
from handfast.remote_files.contract import LeftOut, RemoteError, RemoteFile
from handfast.remote_files.models import Schedule
from handfast.remote_files.naming import is_hidden, partition_of, sorted_out, tells_of_files, why_left_out
from handfast.sources import rules
from handfast.sources.models import SourceState

ANY = 1 << 40
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


# Names


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("part-0.csv", False),
        ("dt=1/part-0.csv", False),
        ("_day=1/part-0.csv", False),
        ("_SUCCESS", True),
        ("dt=1/_SUCCESS", True),
        ("_temporary/0/part-0.csv", True),
        ("_delta_log/00000000000000000000.json", True),
        (".part-0.csv.crc", True),
        (".hoodie/part-0.csv", True),
    ],
)
def test_names_are_hidden_as_for_spark(name: str, *, hidden: bool) -> None:
    assert is_hidden(name) is hidden


def test_folders_tell_values_as_hive_writes_them() -> None:
    name = "dt=2026-11-28/country=__HIVE_DEFAULT_PARTITION__/a%3Db=x%2Fy/plain/dt=2026-11-29/part=0.csv"
    assert partition_of(name) == {"dt": "2026-11-29", "country": None, "a=b": "x/y"}
    assert partition_of("=x/part.csv") == {}


@pytest.mark.parametrize(
    "name",
    [
        "../part.csv",
        "a/../b.csv",
        "a//b.csv",
        "/a.csv",
        "./a.csv",
        "a/\u0007.csv",
        "a\u202e.csv",
        "a\0.csv",
        "line\nbreak.csv",
        "jane@example.com.csv",
        "mail=jane%40example.com/part.csv",
        "phone=%2B4930 23125001/part.csv",
        "x\ud800.csv",
        "x" * 901,
    ],
)
def test_names_that_lead_out_or_hold_people_or_marks_are_not_usable(name: str) -> None:
    assert why_left_out(name, 5) == "unusable_name"


@pytest.mark.parametrize(
    "name",
    [
        "data_0_0_0.csv.gz",
        "part-00000-7c9e6679-7425-40de-944b-e07fc1f90ae7-c000.snappy.parquet",
        "part-00000-tid-6915151515151515151-0151-2345-6789-1-1-c000.snappy.parquet",
        "000000000000.parquet",
        "dt=2026-11-28/hour=09/export 1 (copy).csv",
        "ftp_dpm_20914_77_1772443801.sync.1.gz",
        "20260302T093001.250Z-bat_01K5.csv",
    ],
)
def test_names_that_other_systems_write_are_usable(name: str) -> None:
    assert why_left_out(name, 5) is None


def test_an_empty_file_is_left_out() -> None:
    assert sorted_out("a.csv", 0, "1") == LeftOut("a.csv", 0, "empty")
    assert sorted_out("dt=1/a.csv", 1, "1") == RemoteFile("dt=1/a.csv", 1, "1", {"dt": "1"})


@given(st.text())
def test_any_name_is_read_or_left_out(name: str) -> None:
    found = sorted_out(name, 1, "1")
    assert found.name == name
    assert isinstance(found, LeftOut) or ".." not in name.split("/")


# Which


def files(*names: str, size: int = 1) -> list[RemoteFile]:
    return [RemoteFile(name, size, f"version of {name}") for name in names]


def test_new_files_are_those_that_no_run_has_taken_in_this_version_at_this_place() -> None:
    first = rules.found(files("a", "b"), "here", "new", frozenset(), ANY)
    assert [file.name for file in first.files] == ["a", "b"]
    again = rules.found([*files("a", "b"), RemoteFile("a2", 1, "1")], "here", "new", first.seen, ANY)
    assert ([file.name for file in again.files], again.left_out) == (["a2"], {"taken": 2})
    other = RemoteFile("a", 1, "another")
    assert rules.found([other], "here", "new", first.seen, ANY).files == (other,)
    assert len(rules.found(files("a", "b"), "there", "new", first.seen, ANY).files) == 2


def test_all_files_are_taken_whatever_was() -> None:
    first = rules.found(files("a", "b"), "here", "all", frozenset(), ANY)
    again = rules.found(files("b", "a"), "here", "all", first.seen, ANY)
    assert len(again.files) == 2
    assert first.fingerprint == again.fingerprint
    assert rules.found(files("a"), "here", "all", frozenset(), ANY).fingerprint != first.fingerprint


def test_a_run_takes_as_many_files_and_bytes_as_one_import_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_FILES", 3)
    found = rules.found(files(*"abcd"), "here", "new", frozenset(), ANY)
    assert (len(found.files), found.is_more) == (3, True)
    found = rules.found(files(*"abcd", size=6), "here", "new", frozenset(), 10)
    assert (len(found.files), found.size, found.is_more) == (1, 6, True)
    found = rules.found(files("a", "b.csv.gz", size=2), "here", "new", frozenset(), 10)
    assert (len(found.files), found.is_more) == (1, True), "what is packed is more"
    found = rules.found(files("a", size=11), "here", "new", frozenset(), 10)
    assert (len(found.files), found.is_more) == (1, False), "a file larger than that goes alone"
    assert len(rules.found(files(*"abc", size=6), "here", "all", frozenset(), 10).files) == 3
    with pytest.raises(RemoteError, match="too_many_files"):
        rules.found(files(*"abcd"), "here", "all", frozenset(), ANY)


def test_a_file_too_long_for_a_part_is_left_out_or_stops_what_has_to_be_whole() -> None:
    long = files("long", size=MAX_PART_BYTES + 1)
    assert rules.found([*long, *files("a")], "here", "new", frozenset(), ANY).left_out == {"too_large": 1}
    with pytest.raises(RemoteError, match="too_large"):
        rules.found(long, "here", "all", frozenset(), ANY)


def test_a_hundred_thousand_files_are_told_apart_and_packed() -> None:
    def listing() -> Iterator[RemoteFile | LeftOut]:
        for number in range(100_000):
            yield RemoteFile(f"dt={number % 100}/part-{number}.csv", 1, str(number))

    known: frozenset[bytes] = frozenset()
    for _ in range(2):
        found = rules.found(listing(), "here", "new", known, ANY)
        assert (len(found.files), found.is_more) == (rules.MOST_FILES, True)
        known |= {rules.digest("here", file) for file in found.files}
    content = rules.packed(known)
    assert len(content) == 2 * rules.MOST_FILES * rules.DIGEST_BYTES
    assert rules.unpacked(content) == known
    assert rules.found(listing(), "here", "new", known, ANY).left_out == {"taken": 2 * rules.MOST_FILES}


def test_no_more_is_listed_than_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_LISTED", 2)
    with pytest.raises(RemoteError, match="too_many_files"):
        rules.found([LeftOut("a", 1, "hidden")] * 3, "here", "new", frozenset(), ANY)


def test_examples_are_few_and_counts_whole() -> None:
    found = rules.found([LeftOut(str(number), 1, "hidden") for number in range(500)], "here", "new", frozenset(), ANY)
    assert (found.left_out, len(found.examples)) == ({"hidden": 500}, rules.SHOWN)


# When


@pytest.mark.parametrize(
    ("schedule", "now", "then"),
    [
        (Schedule(every_minutes=60), NOW, NOW + timedelta(hours=1)),
        (Schedule(time_of_day="09:31"), NOW, NOW + timedelta(minutes=1)),
        (Schedule(time_of_day="09:30"), NOW, NOW + timedelta(days=1)),
        (Schedule(time_of_day="06:30", time_zone="Europe/Berlin"), NOW, datetime(2026, 3, 3, 5, 30, tzinfo=UTC)),
        (Schedule(time_of_day="01:00", time_zone="Pacific/Auckland"), NOW, datetime(2026, 3, 2, 12, tzinfo=UTC)),
        # Clocks go forward at 2:00, and back at 3:00.
        (
            Schedule(time_of_day="02:30", time_zone="Europe/Berlin"),
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),
        (
            Schedule(time_of_day="02:30", time_zone="Europe/Berlin"),
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),
    ],
)
def test_a_schedule_tells_when_a_source_is_run_next(schedule: Schedule, now: datetime, then: datetime) -> None:
    assert rules.next_at(schedule, now) == then


def test_without_a_schedule_it_is_not_run_by_itself() -> None:
    assert rules.next_at(None, NOW) is None


@given(
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - in UTC
)
def test_a_daily_run_comes_within_a_day_and_a_change_of_clocks(at: datetime, zone: str, now: datetime) -> None:
    then = rules.next_at(Schedule(time_of_day=f"{at.hour:02d}:{at.minute:02d}", time_zone=zone), now)
    assert then is not None
    assert now < then <= now + timedelta(hours=25)


def test_what_fails_is_tried_again_ever_more_rarely_and_never_later_than_planned() -> None:
    waits = [rules.retry_at(None, failures, NOW) - NOW for failures in (1, 2, 3, 20)]
    assert waits == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)]
    assert rules.retry_at(Schedule(every_minutes=5), 20, NOW) - NOW == timedelta(minutes=5)


def test_events_move_a_run_until_it_is_quiet_and_no_further_than_they_may() -> None:
    state = rules.after_event(SourceState("sbx", "src"), NOW)
    assert state is not None
    assert state.due_at == clock.to_text(NOW + rules.QUIET)
    assert rules.after_event(state, NOW + timedelta(seconds=29)) is None
    moved = rules.after_event(state, NOW + timedelta(seconds=30))
    assert moved is not None
    assert (moved.event_at, moved.events_since) == (clock.to_text(NOW + timedelta(seconds=90)), state.events_since)
    late = NOW + rules.PATIENCE - timedelta(seconds=10)
    last = rules.after_event(moved, late)
    assert last is not None
    assert last.event_at == clock.to_text(NOW + rules.PATIENCE)
    assert rules.after_event(last, late + timedelta(hours=1)) is None, "it is due already"


def test_it_is_due_by_whichever_comes_first() -> None:
    assert SourceState("sbx", "src").due_at is None
    assert SourceState("sbx", "src", next_at="2", event_at="1").due_at == "1"
    assert SourceState("sbx", "src", next_at="1", event_at="2").due_at == "1"


def test_of_a_table_what_commits_a_version_tells_of_files() -> None:
    telling = [
        ("delta", "_delta_log/00000000000000000001.json"),
        *(("iceberg", f"metadata/{name}") for name in ("v2.metadata.json", "v2.gz.metadata.json", "version-hint.text")),
        ("iceberg", "metadata/v2.metadata.json.gz"),
    ]
    silent = [("delta", "part-0.parquet"), ("delta", "_delta_log/_last_checkpoint"), ("iceberg", "data/0.parquet")]
    assert [tells_of_files(*each) for each in (*telling, *silent)] == [True] * len(telling) + [False] * len(silent)
