"""Imports: many parts that are taken together, or not at all, over moto."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from functions.governance import app as governance
from functions.ingest import uploads
from functions.segments import app as segments
from handfast.ingest import import_parts, mapping, shards, splits, splitting, store
from handfast.lake.duck import connect
from handfast.platform import clock, objects, queues
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import (
    COLUMNS,
    apply_all,
    do_shared_work,
    handled,
    identity,
    keys,
    members,
    rows,
    segment_of,
    stored,
)

HEADER = b"id,mail,ad,consent\n"
PARTS = {
    "a.csv": HEADER + b"1,ann@one.example,,y\n2,bob@one.example,,y\n",
    "b.csv": HEADER + b"3,cat@one.example,,y\n4,no address,,y\n",
    "c.csv.gz": gzip.compress(HEADER + b"1,ann@one.example,,n\n5,eve@one.example,,y"),
}


def announced(member: Member, files: list[str] | int, **options: Any) -> tuple[str, str]:
    """An import that has been announced: its segment and its id."""
    segment_id = options.pop("segmentId", None) or segment_of(member)
    parts = {"parts": files} if isinstance(files, int) else {"files": files}
    body = {"fileName": "crm", "format": "csv", "mode": "delta", "columns": COLUMNS, "segmentId": segment_id}
    answer = member.call(segments, "POST", "imports", body | parts | options)
    assert answer.status == 201, answer.body
    return segment_id, answer.body["importId"]


def put(member: Member, import_id: str, files: Mapping[str, bytes]) -> None:
    """Put parts where their links lead, by their names."""
    names = import_parts.names(stored(member, import_id))
    for name, content in files.items():
        key = f"imports/{member.sandbox.sandbox_id}/{import_id}/parts/{names.index(name):06d}"
        objects.write(key, content, replaces=objects.find(key))


def started(member: Member, import_id: str) -> None:
    """Start an import whose parts are there."""
    answer = member.call(segments, "POST", f"imports/{import_id}/start")
    assert answer.status == 202, answer.body


def taken(world: World, member: Member, import_id: str) -> dict[str, Any]:
    """Start an import, do all its work, and read it."""
    started(member, import_id)
    work(world, member, import_id)
    return read(member, import_id)


def work(world: World, member: Member, import_id: str) -> None:
    """Do all the work of an import that has been started."""
    assert handled(uploads.handler, store.file_message(stored(member, import_id)))
    assert do_shared_work()
    apply_all(world)


def read(member: Member, import_id: str) -> dict[str, Any]:
    """An import as the API tells of it."""
    body: dict[str, Any] = member.call(segments, "GET", f"imports/{import_id}").body
    return body


def test_parts_are_one_whole_in_which_a_later_row_wins(world: World, a: Member, tmp_path: Path) -> None:
    segment_id, import_id = announced(a, list(PARTS))
    put(a, import_id, PARTS)
    done = taken(world, a, import_id)
    assert done["status"] == "completed", done["error"]
    assert done["parts"] == {"total": 3, "done": 3, "failed": [], "failedTotal": 0}
    counts = {name: done["counts"][name] for name in ("rows", "accepted", "rejected", "repeated", "people", "realized")}
    assert counts == {"rows": 6, "accepted": 5, "rejected": 1, "repeated": 1, "people": 4, "realized": 4}
    named = {identity("email", f"{name}@one.example") for name in ("ann", "bob", "cat", "eve")}
    assert members(a, segment_id, tmp_path) == named
    assert keys("imports/") == keys("uploads/") == keys("shards/") == []


def test_rejected_rows_are_counted_from_one_in_their_part(world: World, a: Member) -> None:
    _, import_id = announced(a, list(PARTS))
    put(a, import_id, PARTS)
    assert taken(world, a, import_id)["rejectsUrl"]
    rejects = objects.read(f"rejects/{a.sandbox.sandbox_id}/{import_id}.csv")
    assert rejects is not None
    assert rejects[0].decode().splitlines() == [
        "part,row,column,reason",
        "a.csv,1,consent,stricter_answer",
        "b.csv,2,mail,invalid_email",
    ]
    _, import_id = announced(a, ["b.csv"], allowRejects=True)
    put(a, import_id, {"b.csv": PARTS["b.csv"]})
    taken(world, a, import_id)
    rejects = objects.read(f"rejects/{a.sandbox.sandbox_id}/{import_id}.csv")
    assert rejects is not None
    assert rejects[0].decode().splitlines() == ["part,row,column,reason", "b.csv,2,mail,invalid_email"]


def test_an_answer_of_a_part_without_times_is_given_now(world: World, a: Member) -> None:
    times = {"column": "at", "as": "shareAt", "optional": True}
    _, import_id = announced(a, ["a.csv", "b.csv"], columns=[*COLUMNS, times])
    old = b"id,mail,ad,consent,at\n1,ann@one.example,,y,2025-01-01T00:00:00Z\n"
    put(a, import_id, {"a.csv": HEADER + b"1,ann@one.example,,n\n", "b.csv": old})
    assert taken(world, a, import_id)["counts"]["accepted"] == 2
    rejects = objects.read(f"rejects/{a.sandbox.sandbox_id}/{import_id}.csv")
    assert rejects is not None
    assert rejects[0].decode().splitlines()[1:] == ["b.csv,1,consent,newer_answer"]


def test_all_parts_at_fault_are_named_and_what_is_repaired_is_taken(world: World, a: Member, tmp_path: Path) -> None:
    segment_id, import_id = announced(a, list(PARTS))
    bad = {"a.csv": b"id;ad\n1;\n", "c.csv.gz": PARTS["c.csv.gz"][:-9]}
    put(a, import_id, PARTS | bad)
    failed = taken(world, a, import_id)
    assert (failed["status"], failed["error"]["reason"]) == ("failed", "parts_refused")
    reasons = {part["name"]: part["error"]["reason"] for part in failed["parts"]["failed"]}
    assert reasons == {"a.csv": "missing_column", "c.csv.gz": "damaged_file"}
    assert members(a, segment_id, tmp_path) == set()
    parts = a.call(segments, "GET", f"imports/{import_id}/parts").body["items"]
    assert [part["error"] is not None for part in parts] == [True, False, True]
    assert all(part["uploadUrl"] for part in parts)
    put(a, import_id, {name: PARTS[name] for name in bad})
    done = taken(world, a, import_id)
    assert (done["status"], done["counts"]["rows"], done["parts"]["failed"]) == ("completed", 6, [])
    assert len(members(a, segment_id, tmp_path)) == 4


def test_a_message_of_before_it_was_started_again_does_nothing(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 1)
    _, import_id = announced(a, ["a.csv", "b.csv", "bad.csv"])
    put(a, import_id, {name: PARTS[name] for name in ("a.csv", "b.csv")} | {"bad.csv": HEADER + b'6,"a\n7,b,,y\n'})
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    before = [message for message in world.messages("UPLOADS_QUEUE_URL") if message["stage"] == "read"]
    for message in before:
        assert handled(uploads.handler, message)
    assert read(a, import_id)["error"]["reason"] == "parts_refused"
    put(a, import_id, {"bad.csv": b""})
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    unnamed = [{name: value for name, value in message.items() if name != "changeId"} for message in before]
    assert handled(uploads.handler, *before, *unnamed)
    assert read(a, import_id)["splits"]["done"] == 0
    assert do_shared_work()
    apply_all(world)
    assert read(a, import_id)["counts"]["rows"] == 4


def test_a_part_that_is_put_while_it_is_read_is_not_taken_half(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 20)
    _, import_id = announced(a, ["a.csv", "b.csv"])
    put(a, import_id, {name: PARTS[name] for name in ("a.csv", "b.csv")})
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    put(a, import_id, {"a.csv": PARTS["a.csv"].replace(b"ann@", b"somebody.else@")})
    assert do_shared_work()
    failed = read(a, import_id)["parts"]["failed"]
    assert [(part["name"], part["error"]["reason"]) for part in failed] == [("a.csv", "file_replaced")]
    assert taken(world, a, import_id)["counts"]["rows"] == 4


def test_a_part_alone_whose_work_always_fails_ends_as_failed(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    _, import_id = announced(a, ["a.csv"])
    put(a, import_id, {"a.csv": PARTS["a.csv"]})
    started(a, import_id)
    monkeypatch.setattr(shards, "read", lambda *_: 1 / 0)
    message = store.file_message(stored(a, import_id))
    assert not handled(uploads.handler, message)
    assert read(a, import_id)["status"] == "processing"
    assert not handled(uploads.handler, message, receipt=queues.MAX_RECEIVES)
    assert read(a, import_id)["error"]["reason"] == "processing_failed"


def test_what_a_worker_left_that_died_as_the_import_failed_is_not_taken_again(world: World, a: Member) -> None:
    _, import_id = announced(a, ["a.csv"])
    put(a, import_id, {"a.csv": b"no header"})
    assert taken(world, a, import_id)["status"] == "failed"
    objects.write_json(store.file_key(a.sandbox.sandbox_id, import_id), [], replaces=None)
    put(a, import_id, {"a.csv": PARTS["a.csv"]})
    assert taken(world, a, import_id)["counts"]["rows"] == 2


def test_nothing_begins_before_all_parts_are_there(a: Member) -> None:
    _, import_id = announced(a, 3)
    answer = a.call(segments, "POST", f"imports/{import_id}/start")
    assert (answer.status, answer.body["reason"]) == (422, "missing_parts")
    assert "3 of 3 parts have not been put: part-000000, part-000001, part-000002" in answer.body["detail"]
    assert read(a, import_id)["status"] == "awaiting_file"


def test_a_part_that_is_too_long_and_parts_that_are_too_many_bytes_are_refused(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, import_id = announced(a, list(PARTS))
    put(a, import_id, PARTS)
    for name, most in (("MAX_PART_BYTES", 10), ("most_bytes", lambda: 100)):
        with monkeypatch.context() as limits:
            limits.setattr(f"handfast.ingest.imports.{name}", most)
            answer = a.call(segments, "POST", f"imports/{import_id}/start")
        assert (answer.status, answer.body["reason"]) == (422, "too_large")


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({}, "/parts"),
        ({"parts": 2, "files": ["a"]}, "/parts"),
        ({"parts": 0}, "/parts"),
        ({"parts": 10_001}, "/parts"),
        ({"files": []}, "/files"),
        ({"files": ["a", "a"]}, "/files/1"),
        ({"files": ["../a"]}, "/files/0"),
        ({"files": ["/a"]}, "/files/0"),
        ({"files": ["x//a"]}, "/files/0"),
        ({"files": ["a\nb"]}, "/files/0"),
        ({"files": ["a", "ann@one.example.csv"]}, "/files/1"),
        ({"files": ["mail=ann%40one.example/a"]}, "/files/0"),
        ({"files": ["a\u202eb"]}, "/files/0"),
        ({"parts": 2, "preview": True}, "/preview"),
        ({"parts": 2, "sizeBytes": 5}, "/sizeBytes"),
        ({"parts": 2, "segmentId": "seg_unknown"}, "/segmentId"),
    ],
)
def test_what_an_import_is_refused_for(a: Member, options: dict[str, Any], pointer: str) -> None:
    body = {"fileName": "crm", "format": "csv", "mode": "delta", "columns": COLUMNS, "segmentId": segment_of(a)}
    answer = a.call(segments, "POST", "imports", body | options)
    told = {error["pointer"] for error in answer.body.get("errors", ())} | {answer.body.get("pointer")}
    assert (answer.status, pointer in told) == (422, True), answer.body


def test_folders_tell_columns_that_files_lack(world: World, a: Member, tmp_path: Path) -> None:
    segment_of(a, "East")
    columns = [
        {"column": "mail", "as": "identity", "namespace": "email"},
        {"column": "region", "as": "segment"},
        {"column": "consent", "as": "share"},
    ]
    east, west = (
        a.call(segments, "POST", "segments", {"name": name, "externalId": name}).body["segmentId"]
        for name in ("east", "west's")
    )
    files = {
        "region=east/x=1/a.csv": b"mail,consent\nann@one.example,y\n",
        "region=west%27s/x=2/a.csv": b"mail,consent\nbob@one.example,y\n",
        "region=west's/x=3/a.csv": b"mail,consent\ncat@one.example,y\n",
    }
    body = {"fileName": "crm", "format": "csv", "mode": "delta", "columns": columns, "files": list(files)}
    import_id = a.call(segments, "POST", "imports", body).body["importId"]
    put(a, import_id, files)
    assert taken(world, a, import_id)["status"] == "completed"
    assert members(a, east, tmp_path) == {identity("email", "ann@one.example")}
    assert members(a, west, tmp_path) == {identity("email", f"{name}@one.example") for name in ("bob", "cat")}


def test_parts_without_a_byte_say_nothing_and_nothing_but_such_is_no_import(world: World, a: Member) -> None:
    nothing = {"empty.csv": b"", "empty.csv.gz": gzip.compress(b""), "empty.csv.zst": zstd.compress(b"")}
    _, import_id = announced(a, ["a.csv", *nothing])
    put(a, import_id, {"a.csv": PARTS["a.csv"]} | nothing)
    assert taken(world, a, import_id)["counts"]["rows"] == 2
    _, import_id = announced(a, list(nothing), mode="snapshot", allowRemoval=True)
    put(a, import_id, nothing)
    assert taken(world, a, import_id)["error"]["reason"] == "empty_file"


def test_a_snapshot_of_parts_removes_who_is_in_none_of_them_within_the_guard(
    world: World, a: Member, tmp_path: Path
) -> None:
    segment_id, first = announced(a, ["a.csv", "b.csv"])
    put(a, first, {name: PARTS[name] for name in ("a.csv", "b.csv")})
    taken(world, a, first)
    for allowed in (False, True):
        _, second = announced(a, ["a.csv"], segmentId=segment_id, mode="snapshot", allowRemoval=allowed)
        put(a, second, {"a.csv": HEADER + b"1,ann@one.example,,y\n"})
        done = taken(world, a, second)
        assert done["status"] == ("completed" if allowed else "failed")
        assert len(members(a, segment_id, tmp_path)) == (1 if allowed else 3)
    assert done["counts"]["exited"] == 2


def test_segments_that_parts_name_come_into_being_once(world: World, a: Member, tmp_path: Path) -> None:
    columns = [
        {"column": "mail", "as": "identity", "namespace": "email"},
        {"column": "audience", "as": "segment"},
    ]
    body = {"fileName": "crm", "format": "csv", "mode": "delta", "columns": columns, "createSegments": True}
    files = {"a": b"mail,audience\nann@one.example,new\n", "b": b"mail,audience\nbob@one.example,new|other\n"}
    import_id = a.call(segments, "POST", "imports", body | {"files": list(files)}).body["importId"]
    put(a, import_id, files)
    done = taken(world, a, import_id)
    assert (done["status"], done["counts"]["segmentsCreated"], done["counts"]["realized"]) == ("completed", 2, 3)
    made = {each["externalId"]: each for each in a.call(segments, "GET", "segments").body["items"]}
    assert len(members(a, made["new"]["segmentId"], tmp_path)) == 2


def test_small_parts_are_read_together_and_long_ones_in_splits(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 100)
    long = HEADER + b"".join(b"x%d,x%d@one.example,,y\n" % (number, number) for number in range(40))
    small = {f"{number}.csv": HEADER + b"s%d,s%d@one.example,,y\n" % (number, number) for number in range(5)}
    segment_id, import_id = announced(a, ["long.csv", *small])
    put(a, import_id, {"long.csv": long} | small)
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    reading = world.messages("UPLOADS_QUEUE_URL")
    assert {message["stage"] for message in reading} == {"read"}
    told = read(a, import_id)
    assert told["splits"]["total"] > len(reading) > 5
    assert (told["parts"]["done"], told["splits"]["done"]) == (0, 0)
    assert handled(uploads.handler, reading[-1])
    told = read(a, import_id)
    assert (told["parts"]["done"], told["splits"]["done"]) == (2, 2)
    for message in reading[:-1]:
        assert handled(uploads.handler, message)
    assert do_shared_work()
    apply_all(world)
    assert read(a, import_id)["splits"] is None
    assert len(members(a, segment_id, tmp_path)) == 45


def test_what_is_cancelled_leaves_nothing(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 50)
    segment_id, import_id = announced(a, list(PARTS))
    put(a, import_id, PARTS)
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    assert a.call(segments, "POST", f"imports/{import_id}/cancel").status == 202
    messages = world.messages("UPLOADS_QUEUE_URL")
    for message in messages:
        assert handled(uploads.handler, message)
    told = read(a, import_id)
    assert (told["status"], told["error"]["reason"]) == ("failed", "cancelled")
    assert keys("imports/") == keys("uploads/") == keys("shards/") == keys("changes/") == []
    assert members(a, segment_id, tmp_path) == set()
    assert a.call(segments, "POST", f"imports/{import_id}/start").status == 409
    assert a.call(segments, "POST", f"imports/{import_id}/cancel").status == 409


def test_one_that_awaits_its_parts_can_be_cancelled_and_one_that_is_accepted_cannot(world: World, a: Member) -> None:
    _, import_id = announced(a, list(PARTS))
    put(a, import_id, {"a.csv": PARTS["a.csv"]})
    assert a.call(segments, "POST", f"imports/{import_id}/cancel").status == 202
    for message in world.messages("UPLOADS_QUEUE_URL"):
        assert handled(uploads.handler, message)
    assert read(a, import_id)["error"]["reason"] == "cancelled"
    assert keys("imports/") == []
    _, import_id = announced(a, ["a.csv"])
    put(a, import_id, {"a.csv": PARTS["a.csv"]})
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    assert do_shared_work()
    assert a.call(segments, "POST", f"imports/{import_id}/cancel").status == 409
    apply_all(world)
    assert read(a, import_id)["status"] == "completed"


def test_one_that_is_cancelled_as_its_last_worker_accepts_it_is_not_taken(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment_id, import_id = announced(a, ["a.csv"])
    put(a, import_id, {"a.csv": PARTS["a.csv"]})
    started(a, import_id)
    accept = store.accept

    def cancelled_before(*given: Any) -> None:
        monkeypatch.setattr(store, "accept", accept)
        assert a.call(segments, "POST", f"imports/{import_id}/cancel").status == 202
        accept(*given)

    monkeypatch.setattr(store, "accept", cancelled_before)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    for message in world.messages("UPLOADS_QUEUE_URL"):
        assert handled(uploads.handler, message)
    apply_all(world)
    assert read(a, import_id)["error"]["reason"] == "cancelled"
    assert members(a, segment_id, tmp_path) == set()
    assert keys("changes/") == keys("shards/") == []


def test_a_started_import_cannot_be_started_again_and_an_old_one_not_at_all(
    a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, import_id = announced(a, ["a.csv"])
    put(a, import_id, {"a.csv": PARTS["a.csv"]})
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    assert a.call(segments, "POST", f"imports/{import_id}/start").status == 409
    _, late = announced(a, ["a.csv"])
    put(a, late, {"a.csv": PARTS["a.csv"]})
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + mapping.IMPORT_FOR)
    assert a.call(segments, "POST", f"imports/{late}/start").status == 409
    assert read(a, late)["error"]["reason"] == "expired"


def test_links_come_a_thousand_at_a_time(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handfast.ingest.imports.LINKS_PAGE", 2)
    body = {"fileName": "crm", "format": "csv", "mode": "delta", "columns": COLUMNS, "segmentId": segment_of(a)}
    answer = a.call(segments, "POST", "imports", body | {"parts": 5}).body
    assert len(answer["uploadUrls"]) == 2
    seen, cursor = 2, answer["nextCursor"]
    while cursor:
        page = a.call(
            segments, "GET", f"imports/{answer['importId']}/parts", query={"cursor": cursor, "limit": "2"}
        ).body
        assert [part["number"] for part in page["items"]] == list(range(seen, min(seen + 2, 5)))
        seen, cursor = seen + len(page["items"]), page["nextCursor"]
    assert seen == 5


def test_imports_are_listed_apart_from_uploads_and_for_their_sandbox_alone(a: Member, b: Member) -> None:
    _, import_id = announced(a, ["a.csv"])
    assert [each["importId"] for each in a.call(segments, "GET", "imports").body["items"]] == [import_id]
    assert a.call(segments, "GET", "uploads").body["items"] == []
    assert a.call(segments, "GET", "imports", query={"sourceId": "src_none"}).body["items"] == []
    for path in ("", "/parts"):
        assert b.call(segments, "GET", f"imports/{import_id}{path}").status == 404
    for act in ("start", "cancel"):
        assert b.call(segments, "POST", f"imports/{import_id}/{act}").status == 404
    assert b.call(segments, "GET", "imports").body["items"] == []


def test_long_parquet_is_read_by_its_row_groups(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 4000)
    path = tmp_path / "part.parquet"
    with connect() as connection:
        connection.execute(
            "COPY (SELECT 'c' || range AS id, 'p' || range || '@one.example' AS mail, 'y' AS consent, md5(id) AS x"
            f" FROM range(6_000)) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
        )
    columns = [column for column in COLUMNS if column["column"] != "ad"]
    segment_id, import_id = announced(a, ["dt=1/a.parquet", "b.parquet"], format="parquet", columns=columns)
    put(a, import_id, {"dt=1/a.parquet": path.read_bytes(), "b.parquet": path.read_bytes()})
    started(a, import_id)
    assert handled(uploads.handler, store.file_message(stored(a, import_id)))
    assert read(a, import_id)["splits"]["total"] == 6
    for message in world.messages("UPLOADS_QUEUE_URL"):
        assert handled(uploads.handler, message)
    assert do_shared_work()
    apply_all(world)
    done = read(a, import_id)
    assert (done["status"], done["counts"]["rows"], done["counts"]["people"]) == ("completed", 12_000, 6_000)
    assert len(members(a, segment_id, tmp_path)) == 6_000


def test_what_is_packed_and_long_is_unpacked_and_cut(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splits, "SPLIT_BYTES", 500)
    monkeypatch.setattr(splitting, "PACKED_BYTES", 50)
    rows = b"".join(b"x%d,x%d@one.example,,y\n" % (number, number) for number in range(60))
    files = {"a.csv.gz": gzip.compress(HEADER + rows), "b.csv.zst": zstd.compress(HEADER + rows.replace(b"x", b"z"))}
    segment_id, import_id = announced(a, list(files))
    put(a, import_id, files)
    done = taken(world, a, import_id)
    assert (done["status"], done["counts"]["rows"]) == ("completed", 120)
    assert len(members(a, segment_id, tmp_path)) == 120
    bad = {"a.csv.gz": files["a.csv.gz"][:-9], "bomb.csv.gz": gzip.compress(HEADER + b"x" * 30_000)}
    _, import_id = announced(a, list(bad))
    put(a, import_id, bad)
    reasons = {part["name"]: part["error"]["reason"] for part in taken(world, a, import_id)["parts"]["failed"]}
    assert reasons == {"a.csv.gz": "damaged_file", "bomb.csv.gz": "unpacked_too_large"}
    assert keys("shards/") == []


@pytest.mark.parametrize("shared", [False, True])
def test_an_overwrite_leaves_alone_of_whom_a_refused_row_speaks(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, shared: bool
) -> None:
    source = a.call(governance, "POST", "data-sources", {"name": "CRM"}).body["dataSourceId"]
    columns = [{"column": "mail", "as": "identity", "namespace": "email"}, {"column": "s", "as": "segment"}]
    one, two = (
        a.call(segments, "POST", "segments", {"name": name, "externalId": name}).body["segmentId"]
        for name in ("one", "two")
    )
    body = {"fileName": "crm", "format": "csv", "columns": columns, "dataSourceId": source, "allowRejects": True}

    def load(files: dict[str, bytes], mode: str) -> None:
        import_id = a.call(segments, "POST", "imports", body | {"mode": mode, "files": list(files)}).body["importId"]
        put(a, import_id, files)
        done = taken(world, a, import_id)
        assert done["status"] == "completed", done["error"]

    load({"a": b"mail,s\n" + b"".join(b"%s@one.example,one\n" % name for name in (b"ann", b"bob", b"cat"))}, "delta")
    rows = [b"ann@one.example,unknown\n", b"ann@one.example,two\n", b"bob@one.example,two\n"]
    if shared:
        load({f"{number}": b"mail,s\n" + row for number, row in enumerate(rows)}, "overwrite")
    else:
        load({"all": b"mail,s\n" + b"".join(rows)}, "overwrite")
    assert members(a, one, tmp_path) == {identity("email", f"{name}@one.example") for name in ("ann", "cat")}
    assert members(a, two, tmp_path) == {identity("email", f"{name}@one.example") for name in ("ann", "bob")}


def test_files_of_a_preset_have_to_be_of_one_kind_and_are_read_by_it(world: World, a: Member, tmp_path: Path) -> None:
    made = a.call(segments, "POST", "segments", {"name": "trait", "externalId": "17"}).body["segmentId"]
    names = ["date=2026-11-28/ftp_dpm_20914_99_1445374061.sync.1", "ftp_dpm_20914_99_1445374061.sync.2"]
    body = {"fileName": "ftp_dpm_20914_99_1445374061.sync", "preset": "audience-manager-sync"}
    other = a.call(segments, "POST", "imports", body | {"files": [*names, "ftp_dpm_20915_99_1445374061.sync"]})
    assert [error["pointer"] for error in other.body["errors"]] == ["/files/2"]
    import_id = a.call(segments, "POST", "imports", body | {"files": names}).body["importId"]
    devices = ["aebe52e7-03ee-455a-b3c4-e57283966239", "bebe52e7-03ee-455a-b3c4-e57283966239"]
    put(a, import_id, {name: f"{device}\td_sid=17\n".encode() for name, device in zip(names, devices, strict=True)})
    assert taken(world, a, import_id)["status"] == "completed"
    assert members(a, made, tmp_path) == {identity("GAID", device) for device in devices}


def stream(world: World, member: Member, segment_id: str, name: str, status: str, share: str) -> None:
    """Stream a membership with an answer, and apply it."""
    change = {"identity": {"namespace": "email", "value": f"{name}@one.example"}, "segmentId": segment_id}
    body = {"changes": [change | {"status": status, "share": share}]}
    assert member.call(segments, "POST", "memberships", body).body["accepted"] == 1
    apply_all(world)


@pytest.mark.parametrize("told", [False, True])
def test_what_came_after_the_extract_stays_where_its_time_is_told(
    world: World, a: Member, tmp_path: Path, *, told: bool
) -> None:
    columns = [COLUMNS[1], {"column": "consent", "as": "share", "namespace": "email"}]
    segment_id, first = announced(a, ["a"], columns=columns)
    put(a, first, {"a": b"mail,consent\nann@one.example,y\nbob@one.example,y\n"})
    taken(world, a, first)
    extracted = clock.now_text()
    stream(world, a, segment_id, "cat", "realized", "y")
    stream(world, a, segment_id, "ann", "realized", "n")
    options: dict[str, Any] = {"mode": "snapshot", "allowRemoval": True, "columns": columns, "segmentId": segment_id}
    _, second = announced(a, ["a"], **options, **({"asOf": extracted} if told else {}))
    put(a, second, {"a": b"mail,consent\nann@one.example,y\n"})
    ended = taken(world, a, second)
    assert (ended["status"], ended["asOf"] == extracted, ended["asOf"] >= extracted) == ("completed", told, True)
    left = {"ann", "cat"} if told else {"ann"}
    assert members(a, segment_id, tmp_path) == {identity("email", f"{name}@one.example") for name in left}
    answers = {row[:2]: row[5] for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)}
    assert answers[identity("email", "ann@one.example")] == ("n" if told else "y")


def test_a_file_of_the_future_is_refused(a: Member) -> None:
    body = {"fileName": "crm", "format": "csv", "mode": "delta", "columns": COLUMNS, "parts": 1}
    answer = a.call(segments, "POST", "imports", body | {"asOf": "2999-01-01T00:00:00Z"})
    assert [error["pointer"] for error in answer.body["errors"]] == ["/asOf"]
