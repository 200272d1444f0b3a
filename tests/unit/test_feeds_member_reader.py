import csv
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from handfast.feeds import member_reader
from handfast.feeds.member_reader import Position
from handfast.feeds.models import ExportFormat, Member
from handfast.lake.duck import parquet
from tests.worlds.data_plane import DISCLOSURES, Row, read_rows, write_rows

AT = datetime.fromisoformat("2026-01-01T12:00:00")
LATER = datetime.fromisoformat("2026-01-02T00:00:00")
DIGEST = hashlib.sha256(b"digest").digest()
ECID = b"1" * 38
BOTH = ("seg_1", "seg_2")
LEAST = -(1 << 63)


@pytest.fixture
def disclosures(tmp_path: Path) -> dict[int, str]:
    rows: dict[int, list[Row]] = {
        0: [
            (1, 1, 1, DIGEST, "seg_1", LATER, None),
            (1, 1, 1, DIGEST, "seg_2", AT, None),
            (1, 2, 3, ECID, "seg_1", AT, LATER),
            (1, 2, 3, ECID, "seg_1", LATER, None),
            (2, 0, 3, ECID, "seg_1", AT, LATER),
            (3, -5, 3, ECID, "seg_2", AT, None),
        ],
        1: [(LEAST, LEAST, 3, ECID, "seg_1", AT, None), (-1, 4, 3, ECID, "seg_3", AT, None)],
    }
    return {
        bucket: parquet([write_rows(tmp_path / f"{bucket}.parquet", DISCLOSURES, part)])
        for bucket, part in rows.items()
    }


def member(namespace: str, value: str, segments: tuple[str, ...], since: str) -> Member:
    return Member(namespace=namespace, value=value, segment_ids=list(segments), since=since)


def walk(disclosures: dict[int, str], segments: tuple[str, ...], limit: int) -> Iterator[Member]:
    after: Position | None = None
    while True:
        start = after.bucket if after else 0
        members, after = member_reader.page(
            [(bucket, path) for bucket, path in disclosures.items() if bucket >= start], segments, limit, after
        )
        assert len(members) <= limit
        yield from members
        if after is None:
            return


def test_members_are_grouped_by_identity_and_withdrawn_rows_are_gone(disclosures: dict[int, str]) -> None:
    assert list(walk(disclosures, BOTH, 50)) == [
        member("Email_LC_SHA256", DIGEST.hex(), BOTH, "2026-01-01T12:00:00.000Z"),
        member("ECID", ECID.decode(), ("seg_1",), "2026-01-02T00:00:00.000Z"),
        member("ECID", ECID.decode(), ("seg_2",), "2026-01-01T12:00:00.000Z"),
        member("ECID", ECID.decode(), ("seg_1",), "2026-01-01T12:00:00.000Z"),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_of_any_size_show_each_member_once(disclosures: dict[int, str], limit: int) -> None:
    assert list(walk(disclosures, BOTH, limit)) == list(walk(disclosures, BOTH, 50))


def test_only_segments_that_may_be_read_are_shown(disclosures: dict[int, str]) -> None:
    members = list(walk(disclosures, ("seg_2",), 50))
    assert {tuple(shown.segment_ids) for shown in members} == {("seg_2",)}
    assert list(walk(disclosures, (), 50)) == []


def test_a_page_takes_no_more_buckets_than_it_needs(disclosures: dict[int, str]) -> None:
    taken: list[int] = []

    def buckets() -> Iterator[tuple[int, str]]:
        for bucket, path in disclosures.items():
            taken.append(bucket)
            yield bucket, path

    member_reader.page(buckets(), BOTH, 2, None)
    assert taken == [0]


def test_a_parquet_export_holds_what_the_pages_show(disclosures: dict[int, str], tmp_path: Path) -> None:
    target = tmp_path / "members.parquet"
    assert member_reader.export(disclosures.values(), BOTH, target, "parquet", tmp_path) == 4
    shown = [(m.namespace, m.value, m.segment_ids) for m in walk(disclosures, BOTH, 50)]
    assert [row[:3] for row in read_rows(target)] == shown


@pytest.mark.parametrize("rows", ["some", "none"])
def test_a_parquet_export_says_that_its_times_are_of_utc(
    disclosures: dict[int, str], tmp_path: Path, rows: str
) -> None:
    target = tmp_path / "members.parquet"
    member_reader.export(disclosures.values() if rows == "some" else [], BOTH, target, "parquet", tmp_path)
    (kind,) = (
        duckdb.execute(f"SELECT logical_type FROM parquet_schema('{target}') WHERE name = 'since'").fetchone() or ()
    )
    assert "isAdjustedToUTC=1" in kind
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Asia/Tokyo'")
        shown = connection.execute(f"SELECT epoch_ms(since) FROM '{target}'").fetchall()
    since = [datetime.fromisoformat(member.since) for member in walk(disclosures, BOTH, 50)]
    assert [at for (at,) in shown] == ([at.timestamp() * 1000 for at in since] if rows == "some" else [])


def test_a_csv_export_holds_what_the_pages_show(disclosures: dict[int, str], tmp_path: Path) -> None:
    target = tmp_path / "members.csv"
    assert member_reader.export(disclosures.values(), BOTH, target, "csv", tmp_path) == 4
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [
        {"namespace": m.namespace, "value": m.value, "segmentIds": " ".join(m.segment_ids), "since": m.since}
        for m in walk(disclosures, BOTH, 50)
    ]
    assert rows == shown


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_an_export_of_nothing_is_an_empty_file(tmp_path: Path, form: ExportFormat) -> None:
    target = tmp_path / "members"
    assert member_reader.export([], BOTH, target, form, tmp_path) == 0
    assert target.stat().st_size > 0
