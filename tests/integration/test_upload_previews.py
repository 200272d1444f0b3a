"""Looks at files before they are loaded, through the handlers, over moto."""

import gzip
import json
import urllib.parse
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from functions.segments import app as segments
from handfast.access import service as access
from handfast.ingest import heads, store
from handfast.ingest.file_queue import RUN_SECONDS
from handfast.ingest.models import HEAD_BYTES
from handfast.journal import store as journal
from handfast.lake import suppressions
from handfast.platform import clock
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.sharing import pointers, segment
from tests.worlds.uploads import announce, deliver_file, identity, ingested, keys, put_file, stored

CRM = (
    b"Kundennummer;E-Mail;Telefon;Einwilligung;Notiz;Land\n"
    b"10001;rosa.luxus@one.example;030 23125001;Ja;likes tulips;DE\n"
    b"10002;kai.uwe@two.example;0151 23456789;Nein;;DE\n"
    b"10003;not an address;;ja;;AT\n"
    b"10004;mia@three.example;;vielleicht;;DE\n"
)


def start(member: Member, **body: Any) -> Answer:
    return member.call(segments, "POST", "uploads/preview", {"fileName": "crm.csv"} | body)


def looked_at(member: Member, content: bytes, **body: Any) -> Mapping[str, Any]:
    """The whole way: asked for, put, read by the worker, and told."""
    answer = start(member, **body)
    assert answer.status == 201, answer.body
    preview: str = answer.body["previewId"]
    put_file(member, preview, content)
    assert deliver_file(member, preview)
    answer = member.call(segments, "GET", f"uploads/preview/{preview}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def by_column(found: Mapping[str, Any]) -> dict[str, Any]:
    return {each["column"]: each for each in found["columns"]}


def test_a_preview_tells_what_a_file_holds_and_changes_nothing(a: Member) -> None:
    answer = start(a)
    assert answer.status == 201
    preview = answer.body["previewId"]
    assert answer.headers["Location"].endswith(f"/uploads/preview/{preview}")
    assert urllib.parse.urlsplit(answer.body["uploadUrl"]).path.endswith(f"/uploads/{a.sandbox.sandbox_id}/{preview}")
    waiting = a.call(segments, "GET", f"uploads/preview/{preview}").body
    assert (waiting["status"], waiting["columns"], waiting["wouldReject"]) == ("awaiting_file", [], None)
    before, log = keys(""), len(list(journal.log(a.sandbox.sandbox_id)))

    put_file(a, preview, CRM)
    assert deliver_file(a, preview)
    found = a.call(segments, "GET", f"uploads/preview/{preview}").body

    assert keys("") == before, "the bytes are gone, and nothing else was written"
    assert len(list(journal.log(a.sandbox.sandbox_id))) == log
    assert a.call(segments, "GET", "uploads").body["items"] == []
    assert {
        name: found[name] for name in ("status", "format", "packing", "encoding", "delimiter", "rows", "whole")
    } == {
        "status": "completed",
        "format": "csv",
        "packing": "none",
        "encoding": "utf-8",
        "delimiter": ";",
        "rows": 4,
        "whole": True,
    }
    assert found["dialect"] == {"delimiter": ";", "header": None}
    assert (found["hasHeader"], found["linesAbove"], found["columnsFound"]) == (True, 0, 6)
    columns = by_column(found)
    assert {name: (each["as"], each["namespace"]) for name, each in columns.items()} == {
        "Kundennummer": ("profileId", None),
        "E-Mail": ("identity", "Email_LC_SHA256"),
        "Telefon": ("identity", "Phone_SHA256_E.164"),
        "Einwilligung": ("share", None),
        "Notiz": (None, None),
        "Land": ("phoneRegion", None),
    }
    mail = columns["E-Mail"]
    assert mail["why"] == "3 of 4 values look like e-mail addresses; the name says so too."
    assert (mail["shapes"], mail["fitting"], mail["values"]) == ({"email": 3, "text": 1}, 3, 4)
    assert columns["Einwilligung"]["answers"] == {"ja": "y", "nein": "n"}
    assert found["shareWords"] == [
        {"column": "Einwilligung", "word": "ja", "rows": 2, "answer": "y"},
        {"column": "Einwilligung", "word": "nein", "rows": 1, "answer": "n"},
    ]
    assert found["otherShareWords"] == 1
    assert found["wouldReject"] == {
        "rows": 4,
        "accepted": 2,
        "rejected": 2,
        "rejectedByReason": {"invalid_email": 1, "unknown_share": 1},
        "valuesRejected": {},
    }
    assert found["sample"][0] == ["number", "email", "national", "text", "text", "text"]
    assert found["sample"][2] == ["number", "text", "", "text", "", "text"]


def test_a_preview_and_the_load_say_the_same(world: World, a: Member) -> None:
    access.change_sandbox(a.sandbox.sandbox_id, reject_guard=0.05)
    found = looked_at(a, CRM)
    columns = [
        {name: each[name] for name in ("column", "as", "namespace", "transform", "answers") if each[name] is not None}
        for each in found["columns"]
        if each["mapped"]
    ]
    upload = ingested(world, a, CRM, columns=columns, allowRejects=True)
    told = found["wouldReject"]
    assert (told["rows"], told["rejectedByReason"], told["valuesRejected"]) == (
        upload.rows,
        dict(upload.rejected_by_reason),
        dict(upload.values_rejected),
    )
    assert found["error"]["reason"] == "reject_guard"
    assert looked_at(a, CRM, columns=columns, allowRejects=True)["error"] is None


def test_nothing_of_a_row_is_told_or_kept(a: Member) -> None:
    names = [
        "Planted",
        "Person",
        "planted.person@mail.example",
        "+49 30 231250",
        "Plantstrasse 7",
        "x7Hq9",
        "1987-11-23",
    ]
    rows = [[f"{each}{number}" for each in names] for number in range(40)]
    text = "\n".join(
        ";".join(row) for row in [["vorname", "nachname", "mail", "tel", "strasse", "einwilligung", "geb"], *rows]
    )
    for content in (text, text.partition("\n")[2]):
        found = looked_at(a, content.encode())
        item = store.file_preview(a.sandbox.sandbox_id, found["previewId"])
        assert item is not None
        assert item.found is not None
        told = json.dumps(found, ensure_ascii=False) + item.found.model_dump_json()
        for row in rows:
            for cell in row:
                assert cell not in told
                assert cell.lower() not in told.lower()


def test_words_are_told_where_they_are_usual_or_many_rows_have_them(a: Member) -> None:
    words = ["ja"] * 5 + ["Newsletter"] * 4 + ["Rosa Luxus"] * 2
    rows = [f"p{number}@one.example,{word}" for number, word in enumerate(words)]
    found = looked_at(a, "\n".join(["mail,consent", *rows]).encode())
    assert [(each["word"], each["rows"], each["answer"]) for each in found["shareWords"]] == [
        ("ja", 5, "y"),
        ("newsletter", 4, None),
    ]
    assert found["otherShareWords"] == 1
    assert found["wouldReject"]["rejectedByReason"] == {"unknown_share": 6}
    mapped = [
        {"column": "mail", "as": "identity", "namespace": "email"},
        {"column": "consent", "as": "share", "answers": {"Newsletter": "n"}},
    ]
    found = looked_at(a, "\n".join(["mail,consent", *rows]).encode(), columns=mapped)
    assert [(each["word"], each["answer"]) for each in found["shareWords"]] == [("ja", None), ("newsletter", "n")]
    assert found["wouldReject"]["rejectedByReason"] == {"unknown_share": 7}


def test_a_file_without_a_header_is_loaded_as_the_preview_says(world: World, a: Member) -> None:
    content = b"1,ann@one.example,y\n2,bob@two.example,n\n3,cat@three.example,y\n"
    found = looked_at(a, content)
    assert (found["hasHeader"], found["rows"]) == (False, 3)
    assert found["dialect"] == {"delimiter": ",", "header": ["column1", "column2", "column3"]}
    columns = [{"column": "column2", "as": "identity", "namespace": "email"}]
    upload = ingested(world, a, content, columns=columns, dialect=found["dialect"])
    assert (upload.status, upload.accepted, upload.rejected) == ("completed", 3, 0)
    named = looked_at(a, content, dialect={"header": ["id", "mail", "consent"]})
    assert by_column(named)["consent"]["as"] == "share"
    assert named["wouldReject"]["accepted"] == 3


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"dialect": {"delimiter": ";"}, "delimiter": ","}, "/delimiter"),
        ({"dialect": {"header": ["id", "other"]}}, "/columns/0/column"),
        ({"dialect": {"delimiter": ";"}, "format": "ndjson"}, "/dialect"),
        ({"dialect": {"header": []}}, "/dialect/header"),
        ({"dialect": {"header": ["rosa@one.example"]}}, "/dialect/header/0"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(a: Member, members: dict[str, Any], pointer: str) -> None:
    columns = [{"column": "mail", "as": "identity", "namespace": "email"}]
    body = {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": columns} | members
    answer = a.call(segments, "POST", "uploads", body)
    assert answer.status in {400, 422}
    assert pointer in pointers(answer)


def test_both_names_of_a_delimiter_are_read(world: World, a: Member) -> None:
    columns = [{"column": "mail", "as": "identity", "namespace": "email"}]
    for members in (
        {"delimiter": ";"},
        {"dialect": {"delimiter": ";"}},
        {"delimiter": ";", "dialect": {"delimiter": ";"}},
    ):
        assert stored(a, announce(a, columns, **members)).delimiter == ";"


def test_a_mapping_that_is_given_is_checked_and_read(a: Member) -> None:
    refused = start(a, columns=[{"column": "mail", "as": "identity", "namespace": "nothing"}])
    assert refused.status == 422
    assert pointers(refused) == ["/columns/0/namespace"]
    found = looked_at(a, CRM, columns=[{"column": "Notiz", "as": "identity", "namespace": "email"}])
    assert by_column(found)["Notiz"]["mapped"]
    assert not by_column(found)["E-Mail"]["mapped"]
    assert by_column(found)["E-Mail"]["namespace"] == "Email_LC_SHA256"
    assert found["wouldReject"]["accepted"] == 0
    assert found["error"]["reason"] == "all_rejected"
    missing = looked_at(a, CRM, columns=[{"column": "mail", "as": "identity", "namespace": "email"}])
    assert (missing["wouldReject"], missing["error"]["reason"]) == (None, "missing_column")


def test_a_sandboxs_segments_are_known(a: Member) -> None:
    loyal = segment(a, externalId="loyal")
    content = b"mail,loyal,segments\nann@one.example,1,loyal|other\nbob@two.example,0,loyal\n"
    columns = by_column(looked_at(a, content))
    assert (columns["loyal"]["as"], columns["loyal"]["name"]) == ("segment", loyal)
    assert (columns["segments"]["as"], columns["segments"]["name"]) == ("segment", None)


def test_strings_without_a_rule_are_not_read_and_it_is_said_why(a: Member) -> None:
    content = b"mail,tc_string\nann@one.example,CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA\n"
    column = by_column(looked_at(a, content))["tc_string"]
    assert (column["as"], column["mapped"]) == ("tcf", False)
    assert "consentStrings.tcf" in column["why"]


def test_an_erased_person_is_counted_as_a_load_would(a: Member) -> None:
    suppressions.add(a.sandbox.sandbox_id, [identity("email", "ann@one.example")], "erasure", clock.now())
    content = gzip.compress(b"mail\nann@one.example\nbob@two.example\n")
    found = looked_at(a, content, sizeBytes=len(content))
    assert (found["packing"], found["whole"]) == ("gzip", True)
    assert found["wouldReject"]["rejectedByReason"] == {"suppressed": 1}


def test_the_first_bytes_of_a_long_file_are_enough(a: Member) -> None:
    rows = b"".join(b"p%d@one.example,y\n" % number for number in range(600_000))
    assert len(rows) > HEAD_BYTES
    found = looked_at(a, b"mail,consent\n" + rows)
    assert (found["rows"], found["whole"]) == (10_000, False)
    assert found["wouldReject"]["accepted"] == 10_000


def test_what_is_put_again_is_deleted_and_changes_nothing(a: Member) -> None:
    found = looked_at(a, CRM)
    put_file(a, found["previewId"], b"mail\nann@one.example\n")
    assert deliver_file(a, found["previewId"], message=1)
    assert keys("uploads/") == []
    again = a.call(segments, "GET", f"uploads/preview/{found['previewId']}").body
    assert again == found


def test_a_preview_ends_where_no_file_comes_or_its_worker_dies(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    never, died = (start(a).body["previewId"] for _ in range(2))
    preview = store.file_preview(a.sandbox.sandbox_id, died)
    assert preview is not None
    assert store.begin_file_preview(preview)
    assert a.call(segments, "GET", f"uploads/preview/{died}").body["status"] == "processing"
    later = clock.now() + timedelta(seconds=RUN_SECONDS + 3600)
    monkeypatch.setattr(clock, "now", lambda: later)
    for name, reason in ((never, "expired"), (died, "processing_failed")):
        found = a.call(segments, "GET", f"uploads/preview/{name}").body
        assert (found["status"], found["error"]["reason"]) == ("failed", reason)
    assert a.call(segments, "GET", "uploads/preview/prv_none").status == 404


def test_bytes_that_are_gone_fail_the_preview(a: Member) -> None:
    name = start(a).body["previewId"]
    assert deliver_file(a, name)
    found = a.call(segments, "GET", f"uploads/preview/{name}").body
    assert (found["status"], found["error"]["reason"]) == ("failed", "no_file")


def test_an_answer_of_long_names_fits_and_a_body_that_does_not_is_refused(a: Member) -> None:
    names = [f"{number}{'同' * 190}" for number in range(300)]
    content = (",".join(["mail", *names]) + "\n" + ",".join(["ann@one.example", *["x"] * 300])).encode()
    found = looked_at(a, content)
    assert (found["status"], found["columnsFound"]) == ("completed", 301)
    assert 10 < len(found["columns"]) < 300
    assert "mail" in by_column(found)
    refused = start(a, dialect={"header": ["n" * 190] * 1000})
    assert (refused.status, refused.body["reason"]) == (422, "validation")


def test_whatever_a_reader_says_of_a_file_its_preview_ends(a: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ValueError("rosa@one.example")

    monkeypatch.setattr(heads, "read_head", fails)
    found = looked_at(a, CRM)
    assert (found["status"], found["error"]["reason"]) == ("failed", "processing_failed")
    assert keys("uploads/") == []


def test_another_sandbox_sees_nothing_and_a_reader_may_not_look(world: World, a: Member) -> None:
    found = looked_at(a, CRM)
    other = world.member(world.b)
    assert other.call(segments, "GET", f"uploads/preview/{found['previewId']}").status == 404
    reader = world.member(world.a, "viewer")
    assert start(reader).status == 403
    assert reader.call(segments, "GET", f"uploads/preview/{found['previewId']}").status == 403
