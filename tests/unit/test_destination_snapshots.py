"""Files of whole memberships, byte by byte."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from handfast.destinations import files
from handfast.destinations.contract import Account, Pair, Segment, SnapshotDelivery, SnapshotFormat, SnapshotPart
from handfast.destinations.snapshots.manifest import FileFacts, manifest
from handfast.destinations.snapshots.sampling import MEMBER_COLUMNS
from handfast.destinations.types.s3 import destination as s3
from handfast.lake.duck import connect, create_table

BATCH = "bat_01K5Z8Q4T3N7W2X9B6C1D0E5FG"
STEM = f"20260302T093001.250Z-{BATCH}"
AT = datetime(2026, 3, 2, 9, 30, 1, 250_000, tzinfo=UTC)
SEGMENTS = {"seg_1": Segment("seg_1", "Readers", "4711"), "seg_2": Segment("seg_2", "Buyers", "4712")}
DEVICE = "aebe52e7-03ee-455a-b3c4-e57283966239"
EMAIL, OTHER, PHONE = "1" * 64, "2" * 64, "3" * 64

type Row = tuple[int, str | None, str, str, str]
"""A key, a profile's id, a target identity, an id and a segment."""


def bucket(**settings: Any) -> Account[Any, Any]:
    place = {"bucket": "audiences", "region": "eu-west-1", "mode": "snapshot"}
    return Account(None, s3.settings_schema.model_validate(place | settings), None, SEGMENTS)


@contextmanager
def part(members: list[Row], leavers: list[Row], folder: Path, number: int = 0) -> Iterator[SnapshotPart]:
    targets = tuple(sorted({row[2] for row in members + leavers}))
    with connect() as connection:
        for name, rows in (("members", members), ("leavers", leavers)):
            whole = [
                (key, 0, profile, target, text, segment, SEGMENTS[segment].mapping_id)
                for key, profile, target, text, segment in rows
            ]
            create_table(connection, name, MEMBER_COLUMNS, whole)
        yield SnapshotPart(connection, folder, SnapshotDelivery("dst_1", "flow_1", BATCH, AT, targets), number)


def written(
    to: SnapshotFormat | None, folder: Path, members: list[Row], leavers: list[Row] | None = None, number: int = 0
) -> dict[str, str]:
    """The files, by name, written twice with the same bytes."""
    assert to
    found = []
    for again in ("first", "second"):
        (folder / again).mkdir(exist_ok=True)
        with part(members, leavers or [], folder / again, number) as made:
            found.append({file.path.name: file.path.read_bytes() for file in to.write(made)})
    assert found[0] == found[1]
    return {name: body.decode(errors="replace") for name, body in found[0].items()}


MEMBERS: list[Row] = [
    (1, None, "customer", 'crm,"1"', "seg_1"),
    (1, None, "customer", 'crm,"1"', "seg_2"),
    (2, None, "idfa", DEVICE, "seg_1"),
]
CSV = f'segment,namespace,id\n4711,customer,"crm,""1"""\n4712,customer,"crm,""1"""\n4711,idfa,{DEVICE}\n'
NDJSON = (
    '{"segment":"4711","namespace":"customer","id":"crm,\\"1\\""}\n'
    '{"segment":"4712","namespace":"customer","id":"crm,\\"1\\""}\n'
    f'{{"segment":"4711","namespace":"idfa","id":"{DEVICE}"}}\n'
)


@pytest.mark.parametrize(("kind", "text"), [("csv", CSV), ("ndjson", NDJSON)])
def test_rows_are_of_segment_namespace_and_id(kind: str, text: str, tmp_path: Path) -> None:
    to = files.snapshot_format(bucket(format=kind))
    assert written(to, tmp_path, MEMBERS) == {f"{STEM}-part-00000.{kind}": text}
    assert written(to, tmp_path, []) == {}


def test_parquet_has_the_same_rows(tmp_path: Path) -> None:
    (name,) = written(files.snapshot_format(bucket(format="parquet")), tmp_path, MEMBERS, number=12)
    assert name == f"{STEM}-part-00012.parquet"
    rows = pq.read_table(tmp_path / "first" / name).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("4711", "customer", 'crm,"1"'),
        ("4712", "customer", 'crm,"1"'),
        ("4711", "idfa", DEVICE),
    ]


COLLABORATION = (
    "AUDIENCE_ID,HASHED_EMAIL_SHA_256,HASHED_PHONE_SHA_256,HASHED_IPV4_SHA_256,IDFA,GAID,CRM_ID,LOYALTY_ID,ADFIXUS_ID\n"
)
ROWS: list[tuple[list[Row], str]] = [
    # A profile's identities in the same audiences share a row.
    (
        [
            (key, "ann", target, text, segment)
            for segment in ("seg_2", "seg_1")
            for key, target, text in (
                (1, "email_lc_sha256", OTHER),
                (2, "email_lc_sha256", EMAIL),
                (3, "phone_sha256_e.164", PHONE),
                (4, "idfa", DEVICE.upper()),
            )
        ],
        f"4711|4712,{EMAIL}|{OTHER},{PHONE},,{DEVICE},,,,\n",
    ),
    # Those in others do not, and no profile is shared by who has none.
    (
        [
            (1, "ann", "email_lc_sha256", EMAIL, "seg_1"),
            (2, "ann", "GAID", DEVICE, "seg_2"),
            (3, None, "loyalty_id", "L-1", "seg_1"),
            (4, None, "ADFIXUS_ID", "A-1", "seg_1"),
        ],
        f"4711,,,,,,,L-1,\n4711,,,,,,,,A-1\n4711,{EMAIL},,,,,,,\n4712,,,,,{DEVICE},,,\n",
    ),
    # A row has one CRM id.
    (
        [
            (1, "ann", "CRM_ID", "c-2", "seg_1"),
            (2, "ann", "crm_id", "c-1", "seg_1"),
            (3, "ann", "email_lc_sha256", EMAIL, "seg_1"),
        ],
        f"4711,{EMAIL},,,,,c-1,,\n4711,,,,,,c-2,,\n",
    ),
    # Nobody is in a file that is written over the one before.
    ([], ""),
]


@pytest.mark.parametrize(("members", "text"), ROWS)
def test_collaboration_has_a_row_for_a_profile(members: list[Row], text: str, tmp_path: Path) -> None:
    to = files.snapshot_format(bucket(format="rtc-collaboration"))
    assert written(to, tmp_path, members) == {"audiences-flow_1-00000.csv": COLLABORATION + text}


def test_liveramp_has_a_column_for_a_segment_and_a_file_for_each_type_of_ids(tmp_path: Path) -> None:
    to = files.snapshot_format(bucket(format="liveramp"))
    members: list[Row] = [
        (1, None, "email_lc_sha256", EMAIL, "seg_1"),
        (1, None, "email_lc_sha256", EMAIL, "seg_2"),
        (2, None, "gaid", DEVICE, "seg_2"),
        (3, None, "customer", "a|b", "seg_1"),
    ]
    assert written(to, tmp_path, members) == {
        f"{STEM}-CUSTOMER-part-00000.csv": 'CUSTOMER|4711|4712\n"a|b"|1|\n',
        f"{STEM}-EMAILLCSHA256-part-00000.csv": f"EMAILLCSHA256|4711|4712\n{EMAIL}|1|1\n",
        f"{STEM}-GAID-part-00000.csv": f"GAID|4711|4712\n{DEVICE}||1\n",
    }
    leaver: Row = (2, None, "gaid", DEVICE, "seg_2")
    assert written(to, tmp_path, [], [leaver]) == {f"{STEM}-GAID-part-00000.csv": "GAID|4711|4712\n"}
    assert written(to, tmp_path, [], [leaver], number=1) == {}


def test_audience_managers_overwrite_names_who_is_in_and_sync_who_is_in_none(tmp_path: Path) -> None:
    to = files.snapshot_format(bucket(format="audience-manager", dataSourceId=77))
    members: list[Row] = [
        (1, None, "customer", 'crm"1"', "seg_2"),
        (1, None, "customer", 'crm"1"', "seg_1"),
        (2, None, "idfa", DEVICE, "seg_1"),
    ]
    leavers: list[Row] = [(3, None, "customer", "crm-3", "seg_2"), (3, None, "customer", "crm-3", "seg_1")]
    found = {name.rpartition(".")[0]: text for name, text in written(to, tmp_path, members, leavers).items()}
    assert found == {
        "ftp_dpm_77_1772443801.overwrite": 'crm"1"\td_sid=4711,d_sid=4712\n',
        "ftp_dpm_77_1772443801.sync": "crm-3\td_unsid=4711,d_unsid=4712\n",
        "ftp_dpm_20915_77_1772443801.overwrite": f"{DEVICE.upper()}\td_sid=4711\n",
    }
    other = written(to, tmp_path, members, leavers, number=1)
    assert not {*other} & {*written(to, tmp_path, members, leavers)}
    assert written(to, tmp_path, []) == {}


REFUSALS = [
    ("audience-manager", ("customer", "crm:2", "4711"), "id_not_taken"),
    ("audience-manager", ("customer", "crm\t2", "4711"), "id_not_taken"),
    ("audience-manager", ("customer", "crm-2", "seg_3"), "mapping_id_is_no_trait"),
    ("audience-manager", ("customer", "crm-2", "4711"), None),
    ("rtc-collaboration", ("ecid", "1", "4711"), "no_column"),
    ("rtc-collaboration", ("crm_id", "a|b", "4711"), "id_not_taken"),
    ("rtc-collaboration", ("crm_id", "a", "a|b"), "mapping_id_not_taken"),
    ("rtc-collaboration", ("crm_id", "a", "x" * 256), "mapping_id_not_taken"),
    ("rtc-collaboration", ("HASHED_IPV4_SHA_256", "a", "x" * 255), None),
    ("liveramp", ("customer", "a", "sports fans"), "mapping_id_not_taken"),
    ("liveramp", ("customer", "a", "SPORTS_FANS"), None),
    ("csv", ("customer", "a:|\t", "sports fans"), None),
]


@pytest.mark.parametrize(("kind", "row", "reason"), REFUSALS)
def test_what_a_format_cannot_hold_is_said(kind: str, row: tuple[str, str, str], reason: str | None) -> None:
    to = files.snapshot_format(bucket(format=kind, **({"dataSourceId": 77} if kind == "audience-manager" else {})))
    assert to
    columns = dict.fromkeys(("target", "id", "mapping_id"), "VARCHAR")
    with connect() as connection:
        create_table(connection, "found", columns, [row])
        assert connection.execute(f"SELECT {to.refusal} FROM found").fetchall() == [(reason,)]


def test_a_manifest_names_the_files_and_who_is_in_them() -> None:
    of = SnapshotDelivery("dst_1", "flow_1", BATCH, AT, ("idfa",))
    told = manifest(of, "csv", [FileFacts("a.csv", 3, 90, "ab" * 32)], {"seg_2": 0, "seg_1": 3}, SEGMENTS)
    assert json.loads(told) == {
        "batchId": BATCH,
        "destinationId": "dst_1",
        "dataflowId": "flow_1",
        "createdAt": "2026-03-02T09:30:01.250Z",
        "mode": "snapshot",
        "format": "csv",
        "files": [{"name": "a.csv", "rows": 3, "bytes": 90, "sha256": "ab" * 32}],
        "segments": [
            {"segmentId": "seg_1", "mappingId": "4711", "identities": 3},
            {"segmentId": "seg_2", "mappingId": "4712", "identities": 0},
        ],
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "delta", "format": "rtc-collaboration"},
        {"mode": "delta", "format": "liveramp"},
        {"format": "audience-manager"},
        {"mode": "full"},
    ],
)
def test_what_is_no_format_of_whole_memberships_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bucket(**settings)


def test_a_sample_shows_the_files_of_a_delivery() -> None:
    pairs = [
        Pair("customer", 'crm,"1"', "seg_1", "realized", "2026-03-02T09:30:00.000Z"),
        Pair("customer", 'crm,"1"', "seg_2", "realized", "2026-03-02T09:30:00.000Z"),
        Pair("idfa", DEVICE, "seg_1", "realized", "2026-03-02T09:30:00.000Z"),
    ]
    assert [shown["text"] for shown in s3.sample(bucket(), pairs)] == [CSV]
    assert [shown["text"] for shown in s3.sample(bucket(format="parquet"), pairs)] == [NDJSON]
