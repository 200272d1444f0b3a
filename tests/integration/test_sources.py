"""Sources of files from their making to the members that they bring, through the handlers, over moto."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncssh
import deltalake
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from handfast.journal import store as journal
from handfast.journal.models import Actor
from handfast.platform import clock, objects
from handfast.remote_files import store
from handfast.remote_files.s3 import S3Files
from handfast.sources import running, service, state_store
from tests.worlds.roles import Trust, trusting
from tests.worlds.sandboxes import Member, World
from tests.worlds.sftp_server import OWN_KEY, PASSWORD, USER, SftpServer, line_of, serving
from tests.worlds.source_places import ARN, HEADER, Place, created, minute, own_bucket, refusing, secrets
from tests.worlds.uploads import identity, ingested, keys, members


@pytest.fixture
def trust(stores: None) -> Iterator[Trust]:
    with trusting("nobody") as found:
        yield found


@pytest.fixture
def place(trust: Trust, world: World, a: Member) -> Place:
    return Place(trust, world, a)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, which a test moves."""
    time = [datetime(2026, 3, 2, 9, 30, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: time[0])
    return time


def log(member: Member) -> list[tuple[str, dict[str, Any]]]:
    return [
        (record["type"], record["detail"])
        for record in journal.log(member.sandbox.sandbox_id)
        if record["type"].startswith("source.")
    ]


def mails(*addresses: str) -> set[tuple[int, int]]:
    return {identity("email", address) for address in addresses}


def test_a_folder_of_parts_becomes_members_and_only_new_files_are_taken_again(
    place: Place, a: Member, tmp_path: Path
) -> None:
    place.people("dt=2026-11-28/part-0.csv", "ann@one.example")
    place.people("dt=2026-11-29/part-1.csv", "bob@one.example")
    place.put("_SUCCESS", b"")
    place.put(".part-0.csv.crc", b"crc")
    place.put("empty.csv", b"")
    place.made()
    begun = place.run()
    assert (begun["status"], begun["files"], begun["trigger"], begun["more"]) == ("started", 2, "hand", False)
    assert begun["leftOut"] == {"hidden": 2, "empty": 1}
    found = place.imported(begun["importId"])
    assert (found["status"], found["sourceId"], found["counts"]["accepted"]) == ("completed", place.source, 2)
    assert members(a, place.segment, tmp_path) == mails("ann@one.example", "bob@one.example")

    place.people("dt=2026-11-30/part-2.csv", "cat@one.example")
    again = place.run()
    assert (again["files"], again["leftOut"]) == (1, {"hidden": 2, "empty": 1, "taken": 2})
    assert place.imported(again["importId"])["status"] == "completed"
    assert len(members(a, place.segment, tmp_path)) == 3

    nothing = place.run()
    assert (nothing["status"], nothing["importId"], nothing["files"]) == ("nothing_new", None, 0)
    assert nothing["leftOut"]["taken"] == 3
    assert [kind for kind, _ in log(a)] == ["source.created", "source.run", "source.run"]
    assert "part-0" not in str(log(a)), "no names of files in the log"


def test_a_file_that_was_replaced_is_new(place: Place) -> None:
    place.people("people.csv", "ann@one.example")
    place.made()
    place.imported(place.run()["importId"])
    assert place.run()["status"] == "nothing_new"
    place.people("people.csv", "ann@one.example", "bob@one.example")
    assert place.run()["files"] == 1


def test_folders_tell_values_of_columns(place: Place, a: Member) -> None:
    columns = [
        {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
        {"column": "status", "as": "status"},
    ]
    for status in ("realized", "exited"):
        place.put(f"status={status}/part.csv", f"mail\n{status}@one.example\n".encode())
    place.made(columns=columns)
    begun = place.run()
    found = place.imported(begun["importId"])
    assert (found["status"], found["counts"]["realized"]) == ("completed", 1), found


def test_a_dry_run_tells_what_would_be_taken_and_what_not(place: Place) -> None:
    place.people("dt=2026-11-28/part-0.csv", "ann@one.example")
    place.put("_SUCCESS", b"")
    place.made()
    told = place.run(dryRun="true")
    assert told == {
        "dryRun": True,
        "files": 1,
        "bytes": told["sample"][0]["bytes"],
        "sample": [
            {"name": "dt=2026-11-28/part-0.csv", "bytes": told["bytes"], "partition": {"dt": "2026-11-28"}},
        ],
        "leftOut": {"hidden": 1},
        "leftOutSample": [{"name": "_SUCCESS", "bytes": 0, "reason": "hidden"}],
        "more": False,
    }
    assert place.get()["lastRun"] is None
    assert keys("uploads/") == []
    begun = place.run()
    in_work = place.run(dryRun="true")
    assert (in_work["files"], in_work["leftOut"]) == (0, {"hidden": 1, "taken": 1}), (
        "what is in work is not taken twice"
    )
    assert begun["files"] == 1


def test_files_that_a_preset_reads_by_their_names_are_of_one_kind(place: Place) -> None:
    place.put("ftp_dpm_20914_99_1445374061.sync", b"aebe52e7-03ee-455a-b3c4-e57283966239\td_sid=17\n")
    unsaid = dict.fromkeys(("format", "mode", "segmentId")) | {"columns": []}
    place.made(**unsaid, preset="audience-manager-sync", fileName="ftp_dpm_20914_99_1445374061.sync")
    for other in ("ftp_dpm_20914_99_1445374062.overwrite", "ftp_dpm_20915_99_1445374062.sync"):
        place.put(other, b"bebe52e7-03ee-455a-b3c4-e57283966239\td_sid=17\n")
        assert "/files/1" in place.run(422)["error"]["detail"]
        place.remove(other)
    assert place.run()["files"] == 1


def test_a_run_waits_while_the_last_import_is_in_work(place: Place, now: list[datetime]) -> None:
    place.people("a.csv", "ann@one.example")
    place.made()
    first = place.run()
    place.people("b.csv", "bob@one.example")
    waits = place.run()
    assert (waits["status"], waits["importId"]) == ("waiting", first["importId"])
    found = place.get()
    assert (found["lastRun"]["importId"], found["nextRunAt"]) == (first["importId"], "2026-03-02T09:31:00.000Z")
    now[0] += timedelta(minutes=1)
    minute()
    assert place.get()["lastRun"]["importId"] == first["importId"]
    place.load(first["importId"])
    now[0] += timedelta(minutes=1)
    minute()
    last = place.get()["lastRun"]
    assert (last["status"], last["files"], last["trigger"]) == ("started", 1, "schedule")
    assert place.get()["nextRunAt"] is None


def test_files_of_an_import_that_failed_are_taken_again(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    place.put("b.csv", b"nothing,of,this\n1,2,3\n")
    place.made()
    failed = place.imported(place.run()["importId"])
    assert (failed["status"], failed["error"]["reason"]) == ("failed", "parts_refused")
    assert [part["name"] for part in failed["parts"]["failed"]] == ["b.csv"]
    assert "next run" in failed["error"]["detail"]
    place.people("b.csv", "bob@one.example")
    again = place.run()
    assert again["files"] == 2
    assert place.imported(again["importId"])["status"] == "completed"


def test_a_snapshot_is_of_all_files_and_is_loaded_once(
    place: Place, a: Member, tmp_path: Path, now: list[datetime]
) -> None:
    place.people("a.csv", "ann@one.example", "bob@one.example")
    place.made(mode="snapshot", allowRemoval=True, schedule={"everyMinutes": 60})
    assert place.get()["takes"] == "all"
    now[0] += timedelta(hours=1)
    minute()
    place.imported(place.get()["lastRun"]["importId"])
    assert members(a, place.segment, tmp_path) == mails("ann@one.example", "bob@one.example")

    now[0] += timedelta(hours=1)
    minute()
    assert place.get()["lastRun"]["status"] == "nothing_new", "nothing has changed there"

    place.people("a.csv", "bob@one.example")
    place.people("b.csv", "cat@one.example")
    now[0] += timedelta(hours=1)
    minute()
    last = place.get()["lastRun"]
    assert last["files"] == 2
    place.imported(last["importId"])
    assert members(a, place.segment, tmp_path) == mails("bob@one.example", "cat@one.example")
    now[0] += timedelta(minutes=1)
    assert place.run()["status"] == "started", "by hand all is loaded once more"


def test_a_snapshot_leaves_whom_others_have_put_into_the_segment(place: Place, a: Member, tmp_path: Path) -> None:
    def upload(*addresses: str) -> None:
        content = HEADER + b"".join(f"{mail},{mail},,y\n".encode() for mail in addresses)
        taken = ingested(place.world, a, content, mode="snapshot", segmentId=place.segment, allowRemoval=True)
        assert taken.status == "completed"

    upload("ann@one.example", "bob@one.example")
    place.people("a.csv", "bob@one.example", "cat@one.example")
    place.made(mode="snapshot")
    assert place.imported(place.run()["importId"])["status"] == "completed"
    assert members(a, place.segment, tmp_path) == mails("ann@one.example", "bob@one.example", "cat@one.example")

    place.people("a.csv", "bob@one.example", "dan@one.example")
    begun = place.run()
    assert place.imported(begun["importId"])["error"]["reason"] == "removal_guard", "one of the one it put alone"
    place.call("PATCH", f"sources/{place.source}", {"allowRemoval": True})
    assert place.imported(place.run()["importId"])["status"] == "completed"
    assert members(a, place.segment, tmp_path) == mails("ann@one.example", "bob@one.example", "dan@one.example")

    upload("eve@one.example")
    assert members(a, place.segment, tmp_path) == mails("bob@one.example", "dan@one.example", "eve@one.example")
    place.call("DELETE", f"sources/{place.source}")
    upload("eve@one.example")
    assert members(a, place.segment, tmp_path) == mails("eve@one.example"), "nobody else can remove them any more"


def test_nothing_there_takes_nobody_out(place: Place, a: Member, tmp_path: Path) -> None:
    place.people("a.csv", "ann@one.example")
    place.made(mode="snapshot", allowRemoval=True)
    place.imported(place.run()["importId"])
    place.remove("a.csv")
    assert place.run()["status"] == "nothing_new"
    assert members(a, place.segment, tmp_path) == mails("ann@one.example")


def test_more_files_than_one_run_takes_follow_by_themselves(
    place: Place, now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handfast.sources.rules.MOST_FILES", 2)
    for number in range(3):
        place.people(f"part-{number}.csv", f"person{number}@one.example")
    place.made()
    first = place.run()
    assert (first["files"], first["more"]) == (2, True)
    place.load(first["importId"])
    now[0] += timedelta(minutes=1)
    minute()
    last = place.get()["lastRun"]
    assert (last["files"], last["more"], last["trigger"]) == (1, False, "schedule")
    whole = place.call("PATCH", f"sources/{place.source}", {"mode": "snapshot"})
    assert whole.body["takes"] == "all"
    place.load(last["importId"])
    assert place.run(422)["error"]["reason"] == "too_many_files"


# Tables


def put_folder(place: Place, root: Path) -> None:
    for path in root.rglob("*"):
        if path.is_file():
            place.put(path.relative_to(root).as_posix(), path.read_bytes())


def people_of(*addresses: str) -> pa.Table:
    return pa.table({"mail": list(addresses), "day": ["2026-01-01"] * len(addresses)})


BY_MAIL = [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"}]


def test_a_new_version_of_a_delta_table_is_a_snapshot(
    place: Place, a: Member, tmp_path: Path, now: list[datetime]
) -> None:
    root = tmp_path / "table"
    deltalake.write_deltalake(root, people_of("ann@one.example", "bob@one.example"), partition_by=["day"])
    put_folder(place, root)
    place.made(kind="delta", format=None, columns=BY_MAIL, mode="snapshot", allowRemoval=True, onEvents=True)
    found = place.get()
    assert (found["format"], found["takes"], place.test()["outcome"]) == ("parquet", "all", "ok")
    first = place.run()
    assert first["files"] == 1
    assert place.imported(first["importId"])["status"] == "completed"
    assert members(a, place.segment, tmp_path) == mails("ann@one.example", "bob@one.example")

    deltalake.write_deltalake(root, people_of("bob@one.example", "cat@one.example"), mode="overwrite")
    put_folder(place, root)
    created("exports/day=2026-01-01/part-of-it.parquet")
    assert place.get()["nextRunAt"] is None, "a file is none of the table before its commit"
    created("exports/_delta_log/00000000000000000001.json")
    now[0] += timedelta(minutes=1)
    minute()
    last = place.get()["lastRun"]
    assert (last["trigger"], last["files"]) == ("event", 1), "what the version before had is left out"
    assert place.imported(last["importId"])["status"] == "completed"
    assert members(a, place.segment, tmp_path) == mails("bob@one.example", "cat@one.example")
    created("exports/_delta_log/00000000000000000001.json")
    now[0] += timedelta(minutes=1)
    minute()
    assert place.get()["lastRun"]["status"] == "nothing_new"


def test_an_iceberg_table_is_loaded(place: Place, a: Member, tmp_path: Path) -> None:
    catalog = SqlCatalog("made", uri=f"sqlite:///{tmp_path}/catalog.db", warehouse=f"file://{tmp_path}/lake")
    catalog.create_namespace("of")
    table = catalog.create_table("of.people", people_of("somebody").schema)
    table.append(people_of("ann@one.example"))
    table.append(people_of("bob@one.example"))
    put_folder(place, Path(table.location().removeprefix("file://")))
    catalog.close()
    place.made(kind="iceberg", format=None, columns=BY_MAIL, mode="snapshot", allowRemoval=True)
    assert place.test()["outcome"] == "ok"
    begun = place.run()
    assert begun["files"] == 2
    assert place.imported(begun["importId"])["status"] == "completed"
    assert members(a, place.segment, tmp_path) == mails("ann@one.example", "bob@one.example")


def test_a_table_that_is_none_or_cannot_be_read_says_so(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    table = {"kind": "delta", "format": None, "columns": BY_MAIL, "mode": "snapshot"}
    place.made(**table)
    assert place.test()["outcome"] == "no_files_found"
    assert place.run(422)["error"]["reason"] == "not_a_table"
    place.put("_delta_log/00000000000000000000.json", b"no json")
    assert place.test()["outcome"] == "invalid_file_format"
    assert place.run(422)["error"]["reason"] == "damaged_table"
    for wrong, pointer in (({"format": "csv"}, "/format"), ({"mode": "delta", "takes": "new"}, "/takes")):
        answer = place.call("POST", "sources", place.body(**table | wrong))
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)


def test_a_whole_is_not_taken_without_a_part_of_it(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    place.put("b.csv", b"archived", StorageClass="DEEP_ARCHIVE")
    place.made(mode="snapshot")
    assert place.run(422)["error"]["reason"] == "archived"
    place.made()
    begun = place.run()
    assert (begun["files"], begun["leftOut"]) == (1, {"archived": 1})


# What is set


def test_a_source_is_made_changed_and_deleted(place: Place, a: Member) -> None:
    place.people("a.csv", "ann@one.example")
    source = place.made(description="Nightly", schedule={"timeOfDay": "06:30", "timeZone": "Europe/Berlin"})
    answer = place.call("GET", f"sources/{source}")
    found = answer.body
    assert found["settings"] == {
        "bucket": "exports-of-theirs",
        "region": "eu-west-1",
        "prefix": "exports/",
        "roleArn": ARN,
    }
    assert found["schedule"] == {"everyMinutes": None, "timeOfDay": "06:30", "timeZone": "Europe/Berlin"}
    assert (found["externalId"], found["secrets"], found["format"], found["mode"]) == (source, [], "csv", "delta")
    assert found["columns"][1]["namespace"] == "email"
    place.run()
    assert keys(f"sources/{a.sandbox.sandbox_id}/") != []

    etag = answer.headers["ETag"]
    changed = place.call("PATCH", f"sources/{source}", {"status": "paused"}, headers={"If-Match": etag})
    assert (changed.status, changed.body["status"], changed.body["nextRunAt"]) == (200, "paused", None)
    stale = place.call("PATCH", f"sources/{source}", {"name": "Other"}, headers={"If-Match": etag})
    assert stale.status == 412
    resumed = place.call("PATCH", f"sources/{source}", {"status": "enabled", "schedule": {"everyMinutes": 5}}).body
    assert (resumed["schedule"]["everyMinutes"], resumed["nextRunAt"] is not None) == (5, True)
    assert resumed["columns"] == found["columns"]

    assert place.call("DELETE", f"sources/{source}", headers={"If-Match": etag}).status == 412
    assert place.call("DELETE", f"sources/{source}").status == 204
    assert place.call("GET", f"sources/{source}").status == 404
    assert keys(f"sources/{a.sandbox.sandbox_id}/") == []
    assert list(state_store.due("2999")) == []
    assert [kind for kind, _ in log(a)] == [
        "source.created",
        "source.run",
        "source.changed",
        "source.changed",
        "source.removed",
    ]


def test_sources_are_listed_filtered_and_sorted(place: Place) -> None:
    for name in ("Warehouse", "Attic"):
        place.made(name=name)
    listed = place.call("GET", "sources", query={"sort": "name"}).body["items"]
    assert [each["name"] for each in listed] == ["Attic", "Warehouse"]
    assert place.call("GET", "sources", query={"search": "ware", "kind": "s3"}).body["items"][0]["name"] == "Warehouse"
    assert place.call("GET", "sources", query={"status": "paused"}).body["items"] == []


def test_an_idempotency_key_makes_one_source_and_one_run(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    headers = {"Idempotency-Key": "once"}
    made = [place.call("POST", "sources", place.body(), headers=headers) for _ in range(2)]
    assert made[0].body["sourceId"] == made[1].body["sourceId"]
    place.source = place.trust.external_id = made[0].body["sourceId"]
    headers = {"Idempotency-Key": "run once"}
    runs = [place.call("POST", f"sources/{place.source}/run", headers=headers) for _ in range(2)]
    assert runs[0].body["importId"] == runs[1].body["importId"] is not None


def test_others_of_the_organisation_and_of_no_right_see_and_do_nothing(place: Place, world: World, b: Member) -> None:
    from functions.sources import app as sources

    source = place.made()
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/run"), ("POST", "/test")):
        body = {"name": "Mine"} if method == "PATCH" else None
        assert b.call(sources, method, f"sources/{source}{path}", body).status == 404
    viewer = world.member(world.a, "viewer")
    assert viewer.call(sources, "GET", f"sources/{source}").status == 200
    for method, path in (("DELETE", ""), ("POST", "/run"), ("POST", "/test")):
        refused = viewer.call(sources, method, f"sources/{source}{path}")
        assert (refused.status, refused.body["permission"]) == (403, "segments:write")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"settings": {"prefix": "../other/"}}, "/settings/prefix"),
        ({"settings": {"prefix": "exports/../other/"}}, "/settings/prefix"),
        ({"settings": {"prefix": "/exports/"}}, "/settings/prefix"),
        ({"settings": {"prefix": "exports"}}, "/settings/prefix"),
        ({"settings": {"prefix": "exports//"}}, "/settings/prefix"),
        ({"settings": {"prefix": "ex\u0007ports/"}}, "/settings/prefix"),
        ({"settings": {"prefix": "jane@example.com/"}}, "/settings/prefix"),
        ({"settings": {"bucket": "arn:aws:s3:::bucket"}}, "/settings/bucket"),
        ({"settings": {"region": "eu-west-1.evil.example/"}}, "/settings/region"),
        ({"settings": {"roleArn": "arn:aws:iam::123456789012:role/admin"}}, "/settings/roleArn"),
        ({"settings": {"roleArn": "arn:aws:iam::123456789012:role/handfast-destination-a"}}, "/settings/roleArn"),
        ({"settings": {"endpoint": "http://169.254.169.254"}}, "/settings/endpoint"),
        ({"kind": "ftp"}, "/kind"),
        ({"name": "jane@example.com"}, "/name"),
        ({"mode": "snapshot", "takes": "new"}, "/takes"),
        ({"mode": "snapshot", "segmentId": None}, "/segmentId"),
        ({"columns": []}, "/columns"),
        ({"columns": [{"column": "mail", "as": "identity", "namespace": "nothing"}]}, "/columns/0/namespace"),
        ({"format": None}, "/format"),
        ({"preset": "nothing"}, "/preset"),
        ({"schedule": {"everyMinutes": 1}}, "/schedule/everyMinutes"),
        ({"schedule": {"everyMinutes": 60, "timeOfDay": "06:00"}}, "/schedule"),
        ({"schedule": {"timeOfDay": "25:00"}}, "/schedule/timeOfDay"),
        ({"schedule": {"timeOfDay": "06:00", "timeZone": "Mars/Base"}}, "/schedule/timeZone"),
        ({"schedule": {}}, "/schedule"),
        ({"sizeBytes": 5}, "/sizeBytes"),
    ],
)
def test_what_cannot_work_is_refused_by_its_member(place: Place, members: dict[str, Any], pointer: str) -> None:
    answer = place.call("POST", "sources", place.body(**members))
    assert answer.status == 422, answer.body
    assert pointer in [error["pointer"] for error in answer.body["errors"]], answer.body
    assert place.call("GET", "sources").body["items"] == []


def test_the_deployments_own_bucket_is_never_a_source(place: Place) -> None:
    answer = place.call("POST", "sources", place.body(settings={"bucket": own_bucket()}))
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/settings/bucket")
    place.made()
    moved = place.call("PATCH", f"sources/{place.source}", {"settings": {"bucket": own_bucket()}})
    assert moved.status == 422


def test_a_sandbox_has_only_so_many(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handfast.remote_files.store.PER_SANDBOX", 1)
    place.made()
    answer = place.call("POST", "sources", place.body())
    assert (answer.status, answer.body["current"]) == (409, "too_many")
    place.call("DELETE", f"sources/{place.source}")
    place.made()


# SFTP


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stores: None) -> Iterator[SftpServer]:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    with serving(tmp_path) as found:
        yield found


def at(server: SftpServer) -> dict[str, Any]:
    place = {"host": "127.0.0.1", "port": server.port, "hostKey": server.host_key, "directory": "/in"}
    return place | {"userName": USER, "password": PASSWORD}


def sftp_source(place: Place, server: SftpServer) -> dict[str, Any]:
    answer = place.call("POST", "sources", place.body(kind="sftp") | {"settings": at(server)})
    assert answer.status == 201, answer.body
    place.source = answer.body["sourceId"]
    return dict(answer.body)


def test_a_servers_files_are_tested_and_taken_and_its_password_is_never_shown(
    place: Place, server: SftpServer, a: Member, tmp_path: Path
) -> None:
    (server.folder / "in" / "a.csv").write_bytes(HEADER + b"1,ann@one.example,,y\n")
    made = sftp_source(place, server)
    assert made["secrets"] == ["password"]
    assert PASSWORD not in str([made, place.get(), list(journal.log(a.sandbox.sandbox_id))])
    told = place.test()
    assert [check["name"] for check in told["checks"]] == ["server", "signIn", "list", "files", "read", "format"]
    assert told["ok"]
    begun = place.run()
    assert place.imported(begun["importId"])["status"] == "completed"
    (tmp_path / "members").mkdir()
    assert members(a, place.segment, tmp_path / "members") == mails("ann@one.example")
    assert place.run()["status"] == "nothing_new"


def test_a_password_goes_to_no_other_server_and_goes_with_the_source(place: Place, server: SftpServer) -> None:
    sftp_source(place, server)
    path = f"sources/{place.source}"
    (name,) = secrets()
    moved = place.call("PATCH", path, {"settings": {"host": "other.example.com"}})
    assert (moved.status, moved.body["errors"][0]["pointer"]) == (422, "/settings/host")
    kept = place.call("PATCH", path, {"settings": {"directory": "in"}})
    assert (kept.status, kept.body["secrets"]) == (200, ["password"])
    key = OWN_KEY.export_private_key().decode()
    changed = place.call("PATCH", path, {"settings": {"privateKey": key, "password": None}})
    assert (changed.status, changed.body["secrets"]) == (200, ["privateKey"])
    assert place.test()["checks"][1]["ok"]
    events = place.call("PATCH", path, {"onEvents": True})
    assert (events.status, events.body["errors"][0]["pointer"]) == (422, "/onEvents")
    assert name.endswith(place.source)
    service.remove_all(place.member.sandbox.sandbox_id, Actor.operator())
    assert secrets() == []
    assert place.call("GET", "sources").body["items"] == []


def test_a_server_that_is_another_one_is_told_apart(place: Place, server: SftpServer) -> None:
    sftp_source(place, server)
    other = at(server) | {"hostKey": line_of(asyncssh.generate_private_key("ssh-ed25519"))}
    assert place.call("PATCH", f"sources/{place.source}", {"settings": other}).status == 200
    told = place.test()
    assert (told["outcome"], told["checks"][-1]["name"]) == ("authentication_failed", "hostKey")
    assert place.run(422)["error"]["reason"] == "host_key"
    wrong = at(server) | {"password": "wrong"}
    assert place.call("PATCH", f"sources/{place.source}", {"settings": wrong}).status == 200
    told = place.test()
    assert (told["outcome"], told["checks"][-1]["name"]) == ("authentication_failed", "signIn")


# Outcomes of tests


def test_a_source_that_works_passes_every_check(place: Place) -> None:
    place.people("part-0.csv", "ann@one.example")
    place.made()
    told = place.test()
    assert (told["ok"], told["outcome"]) == (True, "ok")
    assert [check["name"] for check in told["checks"]] == ["role", "externalId", "list", "files", "read", "format"]
    assert place.get()["lastRun"] is None


@pytest.mark.parametrize(
    ("refused", "outcome", "failing"),
    [
        (("ListObjectsV2", "AccessDenied", 403), "access_denied", "list"),
        (("ListObjectsV2", "NoSuchBucket", 404), "access_denied", "list"),
        (("ListObjectsV2", "InternalError", 500), "unreachable", "list"),
        (("GetObject", "AccessDenied", 403), "access_denied", "read"),
        (("GetObject", "InvalidObjectState", 403), "access_denied", "read"),
        (("GetObject", "SlowDown", 503), "unreachable", "read"),
        (("GetObject", "PreconditionFailed", 412), "unreachable", "read"),
    ],
)
def test_what_s3_refuses_is_told_apart(place: Place, refused: tuple[str, str, int], outcome: str, failing: str) -> None:
    place.people("part-0.csv", "ann@one.example")
    place.made()
    with refusing(*refused):
        told = place.test()
    assert (told["outcome"], told["checks"][-1]["name"], told["checks"][-1]["ok"]) == (outcome, failing, False), told


def test_a_role_that_is_not_given_and_one_that_anybody_has_are_told_apart(place: Place) -> None:
    place.people("part-0.csv", "ann@one.example")
    place.made()
    place.trust.external_id = "src_of_another"
    told = place.test()
    assert (told["outcome"], told["checks"][-1]["name"]) == ("authentication_failed", "role")
    assert place.source in told["checks"][-1]["detail"], "says what the trust policy has to name"
    assert place.run(422)["error"]["reason"] == "authentication_failed"
    place.trust.external_id = None
    told = place.test()
    assert (told["outcome"], told["checks"][-1]["name"]) == ("authentication_failed", "externalId")


@pytest.mark.parametrize(
    ("files", "outcome", "says"),
    [
        ({}, "no_files_found", "nothing lies there"),
        ({"_SUCCESS": b"", ".a.csv": b"x", "_temporary/a.csv": b"x"}, "no_files_found", "left out"),
        ({"_delta_log/0.json": b"{}"}, "no_files_found", "Delta table"),
        ({"a.csv": b"PAR1" + b"x" * 50}, "invalid_file_format", "Parquet"),
        ({"a.csv": b"other,columns\n1,2\n"}, "invalid_file_format", "lacks columns"),
        ({"a.csv": HEADER.decode().encode("utf-16")}, "invalid_file_format", "UTF-16"),
    ],
)
def test_what_lies_there_is_told_apart(place: Place, files: dict[str, bytes], outcome: str, says: str) -> None:
    for name, content in files.items():
        place.put(name, content)
    place.made()
    told = place.test()
    assert (told["ok"], told["outcome"]) == (False, outcome), told
    assert says in told["checks"][-1]["detail"]


def test_a_fault_of_our_own_is_told_as_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.made()

    def broken(_: S3Files) -> Any:
        raise RuntimeError("not to be told")

    monkeypatch.setattr(S3Files, "checks", broken)
    told = place.test()
    assert (told["outcome"], told["checks"][-1]["name"]) == ("internal_error", "internal")
    assert "not to be told" not in str(told)


# Runs that fail, and at once


def test_a_run_that_fails_says_why_once_and_is_tried_again_ever_more_rarely(
    place: Place, a: Member, now: list[datetime]
) -> None:
    place.people("a.csv", "ann@one.example")
    place.made(schedule={"everyMinutes": 10_080})
    due = place.get()["nextRunAt"]
    assert due == "2026-03-09T09:30:00.000Z"
    now[0] += timedelta(days=7)
    with refusing("ListObjectsV2", "AccessDenied", 403):
        minute()
        found = place.get()
        assert (found["lastRun"]["status"], found["lastRun"]["error"]["reason"]) == ("failed", "access_denied")
        assert found["nextRunAt"] == "2026-03-09T09:45:00.000Z"
        now[0] += timedelta(minutes=15)
        minute()
        assert place.get()["nextRunAt"] == "2026-03-09T10:15:00.000Z"
    now[0] += timedelta(minutes=30)
    minute()
    assert place.get()["lastRun"]["status"] == "started"
    assert [kind for kind, _ in log(a)] == ["source.created", "source.failed", "source.run"]


def test_a_source_whose_segment_is_gone_says_so(place: Place, now: list[datetime]) -> None:
    from functions.segments import app as segments

    place.people("a.csv", "ann@one.example")
    place.made(schedule={"everyMinutes": 60})
    assert place.member.call(segments, "DELETE", f"segments/{place.segment}").status == 204
    answer = place.run(422)
    assert (answer["reason"], answer["error"]["reason"]) == ("source_failed", "validation")
    assert "/segmentId" in answer["detail"]
    now[0] += timedelta(hours=1)
    minute()
    assert place.get()["lastRun"]["error"]["reason"] == "validation"


def test_a_fault_gives_the_source_back_and_is_raised(
    place: Place, now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.people("a.csv", "ann@one.example")
    place.made(schedule={"everyMinutes": 60})

    def broken(*_: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr("handfast.ingest.imports.begin_from_source", broken)
    now[0] += timedelta(hours=1)
    with pytest.raises(ExceptionGroup):
        minute()
    found = place.get()
    assert (found["running"], found["lastRun"]["error"]["reason"]) == (False, "internal")
    monkeypatch.undo()


def test_of_two_runs_at_once_one_takes_the_files(place: Place) -> None:
    for number in range(5):
        place.people(f"{number}.csv", f"person{number}@one.example")
    place.made()
    sandbox = place.member.sandbox
    found = store.source(sandbox.sandbox_id, place.source)
    assert found

    def attempt(_: int) -> str:
        try:
            return running.run(found, sandbox, Actor.system(), "hand", clock.now() + timedelta(seconds=20)).outcome
        except state_store.RunningError:
            return "running"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))
    assert outcomes.count("started") == 1
    assert set(outcomes) <= {"started", "waiting", "running"}
    assert len([key for key in keys(f"uploads/{place.member.sandbox.sandbox_id}/") if "imp_" in key]) == 1


def test_a_run_that_died_is_begun_again_once_its_lease_has_ended(place: Place, now: list[datetime]) -> None:
    place.people("a.csv", "ann@one.example")
    place.made()
    sandbox = place.member.sandbox.sandbox_id
    state_store.claim(sandbox, place.source)
    assert place.run(409)["current"] == "running"
    assert place.get()["running"] is True
    now[0] += state_store.LEASE + timedelta(seconds=1)
    minute()
    assert place.get()["lastRun"]["status"] == "started"


def test_what_takes_too_long_to_list_is_left_to_a_worker(
    place: Place, now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.people("a.csv", "ann@one.example")
    place.made()
    monkeypatch.setattr("handfast.sources.service.WAITED", timedelta(seconds=-1))
    assert place.run()["status"] == "waiting"
    assert place.run(422, dryRun="true")["error"]["reason"] == "too_many_files"
    now[0] += timedelta(minutes=1)
    minute()
    assert place.get()["lastRun"]["files"] == 1


def test_a_file_that_is_replaced_while_it_is_read_is_not_taken_half(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    place.made()
    begun = place.run()
    place.people("a.csv", "ann@one.example", "bob@one.example")
    failed = place.imported(begun["importId"])
    (part,) = failed["parts"]["failed"]
    assert (failed["status"], part["name"], part["error"]["reason"]) == ("failed", "a.csv", "changed")
    again = place.run()
    assert place.imported(again["importId"])["counts"]["accepted"] == 2


def test_a_source_that_is_deleted_while_its_import_is_read_fails_it(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    place.made()
    begun = place.run()
    assert place.call("DELETE", f"sources/{place.source}").status == 204
    failed = place.imported(begun["importId"])
    assert failed["parts"]["failed"][0]["error"]["reason"] == "gone"


# Events


def test_events_by_the_thousand_make_one_run(
    place: Place, now: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.people("part-0.csv", "ann@one.example")
    place.made(onEvents=True)
    assert place.get()["nextRunAt"] is None
    writes: list[Any] = []
    monkeypatch.setattr("handfast.platform.table.before_write", writes.append)
    for number in range(1000):
        created(f"exports/part-{number}.csv")
    assert len(writes) == 1, "many events write once"
    monkeypatch.setattr("handfast.platform.table.before_write", None)
    assert place.get()["nextRunAt"] == "2026-03-02T09:31:00.000Z"
    minute()
    assert place.get()["lastRun"] is None
    now[0] += timedelta(minutes=1)
    minute()
    last = place.get()["lastRun"]
    assert (last["status"], last["trigger"]) == ("started", "event")
    assert place.get()["nextRunAt"] is None


def test_a_run_waits_for_files_that_go_on_coming_and_not_for_ever(place: Place, now: list[datetime]) -> None:
    place.people("part-0.csv", "ann@one.example")
    place.made(onEvents=True)
    for _ in range(30):
        created("exports/part-0.csv")
        now[0] += timedelta(seconds=40)
    due = clock.from_text(place.get()["nextRunAt"])
    assert due == datetime(2026, 3, 2, 9, 45, tzinfo=UTC)
    minute()
    assert place.get()["lastRun"]["trigger"] == "event"


@pytest.mark.parametrize(
    "event",
    [
        {"key": "other/part-0.csv"},
        {"key": "exports/_SUCCESS"},
        {"key": "exports/.part-0.csv.crc"},
        {"key": "exports/", "size": 0},
        {"key": "exports/part-0.csv", "bucket": "a-bucket-of-somebody-else"},
    ],
)
def test_events_of_what_is_not_taken_begin_nothing(place: Place, event: dict[str, Any]) -> None:
    place.made(onEvents=True)
    created(**event)
    assert place.get()["nextRunAt"] is None


def test_events_of_a_source_that_wants_none_or_is_paused_begin_nothing(place: Place) -> None:
    place.made()
    created("exports/part-0.csv")
    assert place.get()["nextRunAt"] is None
    place.call("PATCH", f"sources/{place.source}", {"onEvents": True})
    place.call("PATCH", f"sources/{place.source}", {"status": "paused"})
    created("exports/part-0.csv")
    assert place.get()["nextRunAt"] is None
    place.call("PATCH", f"sources/{place.source}", {"status": "enabled"})
    created("exports/part-0.csv")
    assert place.get()["nextRunAt"] is not None
    place.call("DELETE", f"sources/{place.source}")
    created("exports/part-0.csv")
    minute()


def test_events_while_a_run_is_in_work_begin_another(place: Place, now: list[datetime]) -> None:
    place.people("a.csv", "ann@one.example")
    place.made(onEvents=True)
    sandbox = place.member.sandbox
    before = S3Files.listing

    def listing(self: S3Files) -> Any:
        yield from before(self)
        created("exports/b.csv")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3Files, "listing", listing)
        first = place.run()
    assert place.get()["nextRunAt"] == "2026-03-02T09:31:00.000Z", "what came meanwhile is not lost"
    place.load(first["importId"])
    place.people("b.csv", "bob@one.example")
    now[0] += timedelta(minutes=1)
    minute()
    assert place.get()["lastRun"]["files"] == 1
    assert state_store.state(sandbox.sandbox_id, place.source) is not None


def test_a_prefix_that_is_changed_is_another_place(place: Place) -> None:
    place.people("a.csv", "ann@one.example")
    place.made(onEvents=True)
    place.imported(place.run()["importId"])
    place.s3.copy_object(Bucket="exports-of-theirs", Key="later/a.csv", CopySource="exports-of-theirs/exports/a.csv")
    place.call("PATCH", f"sources/{place.source}", {"settings": {"prefix": "later/"}})
    assert place.run(dryRun="true")["files"] == 1
    created("exports/b.csv")
    assert place.get()["nextRunAt"] is None
    created("later/b.csv")
    assert place.get()["nextRunAt"] is not None


def test_what_a_source_has_taken_holds_no_names(place: Place, a: Member) -> None:
    place.people("secret-name.csv", "ann@one.example")
    place.made()
    place.imported(place.run()["importId"])
    place.run()
    for key in keys(f"sources/{a.sandbox.sandbox_id}/"):
        found = objects.read(key)
        assert found
        assert b"secret" not in found[0]
