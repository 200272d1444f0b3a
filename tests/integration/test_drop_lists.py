"""Lists of California's DROP: lines compared, people deleted or opted out at every partner, and DROP answered."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.access import app as namespaces_app
from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from functions.segments import app as segments
from handfast.access import service as access
from handfast.identity.namespaces import namespace
from handfast.journal import store as journal
from handfast.lake import suppressions
from handfast.platform import aws, clock, objects, table
from handfast.privacy_requests.drop import rules, store
from handfast.privacy_requests.drop import sweep as drop_sweep
from tests.worlds.drop import ANN, BOB, EMAILS, PHONES, csv, item, mail, phone, settle, work, zipped
from tests.worlds.exports import deliver
from tests.worlds.privacy import COLUMNS, file_of
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.sharing import pair_of, segment
from tests.worlds.uploads import (
    announce,
    apply_all,
    deliver_file,
    handled,
    identity,
    ingested,
    keys,
    put_file,
    rows,
    segment_of,
)

# The vectors of the documentation, as published.
VECTORS = {
    "+1(415)555-9317": "vGM7y5n+hBXRSEAklhHDPCbysyNgYTmXdMcagGUOY8E=",
    "+84(90)123 4567": "ptzVkgbv9DonwvPCHmXmJ2SEOaolSh37z3ZzY/Gmm+U=",
}


def created(member: Member, file_name: str, content: bytes, **members: Any) -> str:
    """Announce and put a list; returns its id."""
    answer = member.call(privacy, "POST", "drop-lists", {"fileName": file_name} | members)
    assert answer.status == 201, answer.body
    made: str = answer.body["dropListId"]
    key = f"drop_lists/{member.sandbox.sandbox_id}/{made}/file"
    assert key in answer.body["uploadUrl"]
    aws.s3().put_object(Bucket=objects.bucket_name(), Key=key, Body=content)
    return made


def started(member: Member, file_name: str, content: bytes, **members: Any) -> str:
    made = created(member, file_name, content, **members)
    answer = member.call(privacy, "POST", f"drop-lists/{made}/complete")
    assert answer.status == 202, answer.body
    return made


def told(member: Member, made: str) -> dict[str, str]:
    """What DROP is answered, by the names of the files."""
    answer: Answer = member.call(privacy, "GET", f"drop-lists/{made}/status")
    assert answer.status == 200, answer.body
    prefix = f"drop_lists/{member.sandbox.sandbox_id}/{made}/status/"
    for file in answer.body["items"]:
        assert prefix + file["fileName"] in file["url"]
    return {name.removeprefix(prefix): (objects.read(name) or (b"",))[0].decode() for name in keys(prefix)}


@pytest.fixture
def a(world: World) -> Member:
    access.change_sandbox(world.a.sandbox_id, phone_index=True, privacy_rule="automatic")
    return world.member(world.a)


@pytest.mark.parametrize(("written", "hashed"), VECTORS.items())
def test_the_published_vectors_are_what_phone_numbers_are_indexed_by(written: str, hashed: str) -> None:
    assert phone(written) == hashed


@pytest.mark.parametrize("address", ["alice@co.com", " Alice@Co.COM ", "a.lice+tag@co.com"])
def test_an_address_of_the_namespace_is_what_drop_hashes(address: str) -> None:
    standardised = "".join(address.split()).lower()
    assert base64.b64encode(namespace("email").normalise(address)).decode() == mail(standardised)


def test_who_is_on_a_list_is_deleted_and_who_is_not_yet_known_is_refused_later(
    world: World, a: Member, tmp_path: Path
) -> None:
    ingested(world, a, file_of(ANN, BOB, ("3", "cat@example.com", "")), columns=COLUMNS)
    content = zipped(
        Email=csv(mail("cat@example.com"), mail("dan@example.com")),
        Phone=csv(VECTORS["+1(415)555-9317"], phone("+14155550000")).replace(b"00000000000", b"P0000000000"),
        MAID=csv(mail("a device")).replace(b"00000000000", b"M0000000000"),
        CTVID=csv(mail("a screen")).replace(b"00000000000", b"T0000000000"),
    )
    made = started(a, "20260801_4821_DROP.zip", content)
    found = work(world, a, made)
    assert (found["status"], found["error"]) == ("completed", None)
    assert found["outcomes"] == {
        "notFound": 3, "deleted": 2, "optedOut": 0, "exempted": 0, "open": 0, "withdrawn": 0, "notCompared": 1
    }  # fmt: skip
    assert [(file["listType"], file["lines"], file["matched"], file["compared"]) for file in found["files"]] == [
        ("Email", 2, 1, True),
        ("Phone", 2, 1, True),
        ("MAID", 1, 0, True),
        ("CTVID", 1, 0, False),
    ]
    assert told(a, made) == {
        EMAILS: f"Id,Status\n{item(0)},3\n{item(1)},5\n",
        PHONES: "Id,Status\nP0000000000A,3\nP0000000000B,5\n",
        "20260801_4821_MAID.csv": "Id,Status\nM0000000000A,5\n",
    }
    prefix = f"profiles/sandbox={a.sandbox.sandbox_id}/"
    assert {row[:2] for row in rows(prefix, tmp_path)} == {identity("email", BOB[1]), identity("phone", BOB[2])}
    assert [row[:2] for row in rows("phone_index/", tmp_path)] == [identity("phone", BOB[2])]
    again = ingested(
        world, a, file_of(ANN, ("4", "dan@example.com", ""), ("5", "eve@example.com", "0014155550000")), columns=COLUMNS
    )
    assert (again.accepted, again.rejected_by_reason) == (0, {"suppressed": 3})
    requests = a.call(privacy, "GET", "privacy-requests").body["items"]
    assert {(one["type"], one["regulation"], one["externalId"]) for one in requests} == {
        ("erasure", "delete_act_ca_usa", f"drop-{item(0)}"),
        ("erasure", "delete_act_ca_usa", "drop-P0000000000A"),
    }
    left = {name.rpartition("/")[2] for name in keys(f"drop_lists/{a.sandbox.sandbox_id}/{made}/")}
    assert left.isdisjoint({"file", "matches.parquet", "unmatched.parquet"})


def test_a_number_that_was_listed_is_told_as_suppressed_and_comes_back_by_an_opt_in_that_lifts_it(
    world: World, a: Member
) -> None:
    listed = {"namespace": "phone", "value": ANN[2]}
    work(world, a, started(a, PHONES, csv(phone(ANN[2]))))

    def checked() -> Any:
        return a.call(privacy, "POST", "suppressions/check", {"identities": [listed]}).body["items"]

    def back(**members: Any) -> Any:
        body = {"type": "opt_in", "regulation": "gdpr", "verified": True, "subject": {"identities": [listed]}}
        made = a.call(privacy, "POST", "privacy-requests", body | members).body["privacyRequestId"]
        officer = world.member(world.a, "privacy-officer")
        officer.call(approvals, "POST", f"privacy-requests/{made}/approve")
        work(world, a, made)
        return a.call(privacy, "GET", f"privacy-requests/{made}").body["result"].get("stillSuppressed")

    assert checked() == [{"suppressed": True, "reason": "erasure", "partners": 0}]
    assert back() == {"erasure": 1}
    assert not back(liftErasure=True)
    assert checked() == [{"suppressed": False, "reason": None, "partners": 0}]
    assert ingested(world, a, file_of(ANN), columns=COLUMNS).accepted == 1


def test_a_match_reaches_the_partner_who_holds_the_person_and_brings_its_receipt(world: World, a: Member) -> None:
    access.change_sandbox(world.b.sandbox_id, privacy_rule="automatic")
    pair = pair_of(world)
    pair.published(segmentIds=[pair.buyers])
    assert pair.decide("enable").status == 200
    listed = b"mail\nann@example.com\nbob@example.com\n"
    mails = [{"column": "mail", "as": "identity", "namespace": "email"}]
    ingested(world, a, listed, columns=mails, segmentId=pair.buyers)
    ingested(world, pair.b, listed, columns=mails, segmentId=segment(pair.b, "Own"))
    assert deliver(pair.exports()) == []
    made = started(a, EMAILS, csv(mail("ann@example.com"), mail("cat@example.com")))
    for _ in range(8):
        found = work(world, a, made)
        assert deliver(pair.exports()) == []
        if found["status"] == "completed":
            break
    assert told(a, made) == {EMAILS: f"Id,Status\n{item(0)},3\n{item(1)},5\n"}
    (request,) = a.call(privacy, "GET", "privacy-requests").body["items"]
    (recipient,) = request["recipients"]
    assert (request["status"], recipient["status"]) == ("completed", "confirmed")
    assert recipient["receipt"]
    (passed,) = pair.b.call(privacy, "GET", "privacy-requests").body["items"]
    assert (passed["regulation"], passed["origin"]["partner"]) == ("delete_act_ca_usa", "Organization A")


def test_people_who_share_ten_digits_and_excepted_ones_are_opted_out_and_stay(
    world: World, a: Member, tmp_path: Path
) -> None:
    customers = segment_of(a)
    ingested(world, a, file_of(("8", "", "+17404234567"), ("9", "", "+447404234567")), columns=COLUMNS)
    ingested(world, a, file_of(BOB), columns=COLUMNS, segmentId=customers)
    made = started(a, PHONES, csv(phone("740-423-4567"), phone(BOB[2])), exemptSegmentId=customers)
    found = work(world, a, made)
    assert (found["status"], found["outcomes"]["optedOut"], found["outcomes"]["exempted"]) == ("completed", 1, 1)
    assert told(a, made) == {PHONES: f"Id,Status\n{item(0)},4\n{item(1)},2\n"}
    assert len(rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)) == 4
    assert a.call(privacy, "GET", "suppressions/count").body == {"erasure": 0, "optOut": 4}


def test_lines_await_the_decisions_of_the_sandbox_and_a_denial_is_an_exemption(world: World, a: Member) -> None:
    access.change_sandbox(world.a.sandbox_id, privacy_rule="approval")
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    made = started(a, EMAILS, csv(mail(ANN[1]), mail(BOB[1]), mail("dan@example.com")))
    found = work(world, a, made)
    assert (found["status"], found["outcomes"]["open"]) == ("running", 2)
    assert told(a, made) == {EMAILS: f"Id,Status\n{item(2)},5\n"}
    (other, first) = a.call(privacy, "GET", "privacy-requests").body["items"]
    body = {"reason": "a customer of ours", "ground": "claim_not_covered"}
    assert a.call(approvals, "POST", f"privacy-requests/{first['privacyRequestId']}/deny", body).status == 200
    assert work(world, a, made)["outcomes"]["open"] == 1
    known = "SBX#" + a.sandbox.sandbox_id, f"PRQ#{first['privacyRequestId']}"
    table.apply(table.Delete("PRIVACY_TABLE", *known, table.UNCONDITIONAL))  # what has ended is not looked up again
    assert a.call(privacy, "POST", f"privacy-requests/{other['privacyRequestId']}/cancel").status == 200
    found = work(world, a, made)
    assert (found["status"], found["outcomes"]["exempted"], found["outcomes"]["withdrawn"]) == ("completed", 1, 1)
    denied = next(number for number in (0, 1) if first["externalId"].endswith(item(number)))
    assert sorted(told(a, made)[EMAILS].splitlines()) == sorted(["Id,Status", f"{item(denied)},2", f"{item(2)},5"])


def test_phone_numbers_without_an_index_are_not_answered_for(world: World, a: Member) -> None:
    access.change_sandbox(world.a.sandbox_id, phone_index=False)
    ingested(world, a, file_of(ANN), columns=COLUMNS)
    made = started(a, PHONES, csv(phone(ANN[2])))
    found = work(world, a, made)
    assert ([file["compared"] for file in found["files"]], found["phonesNotIndexed"]) == ([False], 1)
    assert told(a, made) == {}
    access.change_sandbox(world.a.sandbox_id, phone_index=True)
    hashed = hashlib.sha256(b"+14155552671").hexdigest()
    ingested(world, a, file_of(("2", "", hashed)), columns=COLUMNS)
    found = work(world, a, made := started(a, PHONES, csv(phone(BOB[2]))))
    assert (found["outcomes"]["notFound"], found["phonesNotIndexed"]) == (1, 2)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("list.zip", b"no archive", "damaged_file"),
        ("list.zip", zipped(Other=csv(mail("x"))), "wrong_name"),
        ("list.zip", zipped(Email=csv(mail("x"), "c2hvcnQ=")), "malformed_csv"),
        (EMAILS, csv(mail("x")).replace(b"ID,Hash", b"Hash,ID"), "malformed_csv"),
        (EMAILS, csv(hashlib.sha256(b"x").hexdigest()), "malformed_csv"),
        (EMAILS, b"ID,Hash\nA,\xff\xfe\n", "malformed_csv"),
        ("list.zip", zipped(Email=csv(mail("x")), Phone=csv(mail("y"))), "malformed_csv"),
        (EMAILS, b'ID,Hash\n"unclosed,\n', "malformed_csv"),
        (EMAILS, csv(mail("x")).replace(b"00000000000A", b"../../etc"), "malformed_csv"),
    ],
)
def test_a_file_that_is_none_of_drops_changes_nothing(
    world: World, a: Member, name: str, content: bytes, reason: str
) -> None:
    found = work(world, a, started(a, name, content))
    assert (found["status"], found["error"]["reason"]) == ("failed", reason)
    assert keys("drop_lists/") + keys("suppressions") == []


def test_a_list_is_started_once_with_its_file_by_who_may_approve(world: World, a: Member, b: Member) -> None:
    wrong = a.call(privacy, "POST", "drop-lists", {"fileName": "people.csv"})
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "/fileName")
    viewer = world.member(world.a, "viewer")
    assert viewer.call(privacy, "POST", "drop-lists", {"fileName": EMAILS}).status == 403
    made = a.call(privacy, "POST", "drop-lists", {"fileName": EMAILS}).body["dropListId"]
    early = a.call(privacy, "POST", f"drop-lists/{made}/complete")
    assert (early.status, early.body["current"]) == (409, "awaiting_file")
    assert a.call(privacy, "GET", f"drop-lists/{made}/status").status == 409
    made = started(a, EMAILS, csv())
    assert a.call(privacy, "POST", f"drop-lists/{made}/complete").status == 409
    assert b.call(privacy, "GET", f"drop-lists/{made}").status == 404
    found = work(world, a, made)
    assert (found["status"], told(a, made)) == ("completed", {EMAILS: "Id,Status\n"})
    assert len(a.call(privacy, "GET", "drop-lists").body["items"]) == 2


def test_work_that_is_repeated_at_any_point_makes_no_request_twice(world: World, a: Member) -> None:
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    made = started(a, EMAILS, csv(mail(ANN[1]), mail(BOB[1])))
    message = {"sandboxId": a.sandbox.sandbox_id, "dropList": made}
    before = store.drop_list(a.sandbox.sandbox_id, made)
    assert before
    assert handled(queue.handler, message)
    left = store.drop_list(a.sandbox.sandbox_id, made)
    assert left
    store.save(before, left)  # as if the worker had died before it noted anything
    aws.s3().put_object(
        Bucket=objects.bucket_name(), Key=store.key(before, "file"), Body=csv(mail(ANN[1]), mail(BOB[1]))
    )
    assert handled(queue.handler, message)
    assert work(world, a, made)["outcomes"]["deleted"] == 2
    again = started(a, EMAILS, csv(mail(ANN[1]), mail(BOB[1])))
    assert work(world, a, again)["status"] == "completed"
    assert len(a.call(privacy, "GET", "privacy-requests").body["items"]) == 2


def test_the_sweep_wakes_lists_and_warns_of_the_next_ones(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = started(a, EMAILS, csv())
    world.messages("PRIVACY_QUEUE_URL")
    drop_sweep.sweep()
    message = {"sandboxId": a.sandbox.sandbox_id, "dropList": made}
    assert world.messages("PRIVACY_QUEUE_URL") == [message]
    now = clock.now()
    for days in (37, 39, 40, 44.5, 44.6, 45.1, 46, 90):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        drop_sweep.sweep()
    found = [event["type"] for event in journal.log(a.sandbox.sandbox_id)]
    kinds = [kind.removeprefix("drop_list.") for kind in found if kind.startswith("drop_list.")]
    assert [kind for kind in kinds if not kind.startswith("answers_")] == [
        "received",
        "due_soon",
        "due_soon",
        "overdue",
    ]
    answers = ["answers_due_soon", "answers_due_soon", "answers_overdue"]  # of the list, which nobody works on
    assert [kind for kind in kinds if kind.startswith("answers_")] == answers
    page = a.call(privacy, "GET", "drop-lists").body
    assert (page["items"][0]["overdue"], page["cycle"]["overdue"]) == (True, True)


def test_a_name_says_what_a_csv_lists() -> None:
    assert rules.list_type("20260312_4821_Email_part01.csv") == "Email"
    assert rules.list_type("20260312_4821_Removed.csv") == "Removed"
    for name in ("Email.csv", "20260312_4821_email.csv", "x/20260312_4821_Email.csv", "20260312_4821_Email_.csv"):
        assert rules.list_type(name) is None


def test_a_line_that_comes_again_is_answered_by_what_is_found_now_and_not_by_what_was_done_then(
    world: World, a: Member, tmp_path: Path
) -> None:
    american, british = ("8", "", "+17404234567"), ("9", "", "+447404234567")
    ingested(world, a, file_of(american, british), columns=COLUMNS)
    access.change_sandbox(world.a.sandbox_id, privacy_rule="approval")
    first = started(a, PHONES, csv(phone(american[2])))
    assert work(world, a, first)["outcomes"]["open"] == 1
    (pending,) = a.call(privacy, "GET", "privacy-requests").body["items"]
    access.change_sandbox(world.a.sandbox_id, privacy_rule="automatic")
    body = {
        "type": "erasure",
        "regulation": "gdpr",
        "verified": True,
        "subject": {"identities": [{"namespace": "phone", "value": british[2]}]},
    }
    assert a.call(privacy, "POST", "privacy-requests", body).status == 202
    joined = [work(world, a, first), work(world, a, started(a, PHONES, csv(phone(american[2]))))]
    assert [found["outcomes"]["open"] for found in joined] == [1, 1]
    path = f"privacy-requests/{pending['privacyRequestId']}/approve"
    assert a.call(approvals, "POST", path).status == 200
    for found in joined:
        assert work(world, a, found["dropListId"])["outcomes"]["optedOut"] == 1
    again = started(a, PHONES, csv(phone(american[2])))
    assert work(world, a, again)["outcomes"]["deleted"] == 1
    assert told(a, again) == {PHONES: f"Id,Status\n{item(0)},3\n"}
    assert rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path) == []


def test_who_comes_in_between_the_comparison_and_the_suppression_is_deleted(
    world: World, a: Member, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The upload is read before anybody is suppressed, and applied after the lines were compared."""
    phones = csv(phone(ANN[2])).replace(b"00000000000A", b"P0000000000A")
    made = started(a, "20260801_4821_DROP.zip", zipped(Email=csv(mail(BOB[1])), Phone=phones))
    suppress = suppressions.add_file

    def after_an_upload(*arguments: Any) -> None:
        late = announce(a, columns=COLUMNS)
        put_file(a, late, file_of(ANN, BOB))
        assert deliver_file(a, late)  # staged, and applied only later
        suppress(*arguments)

    monkeypatch.setattr(suppressions, "add_file", after_an_upload)
    found = work(world, a, made)
    assert (found["status"], found["outcomes"]["deleted"], found["outcomes"]["notFound"]) == ("completed", 2, 0)
    assert rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path) == []


def test_a_list_ends_with_its_last_request_and_waits_for_no_sweep(world: World, a: Member) -> None:
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    access.change_sandbox(world.a.sandbox_id, privacy_rule="approval")
    made = started(a, EMAILS, csv(mail(ANN[1]), mail(BOB[1])))
    work(world, a, made)
    first, other = a.call(privacy, "GET", "privacy-requests").body["items"]
    assert a.call(approvals, "POST", f"privacy-requests/{first['privacyRequestId']}/approve").status == 200
    assert a.call(privacy, "POST", f"privacy-requests/{other['privacyRequestId']}/cancel").status == 200
    settle(world)
    assert a.call(privacy, "GET", f"drop-lists/{made}").body["status"] == "completed"


@pytest.mark.parametrize(
    ("ground", "code"),
    [
        ("claim_not_covered", 2),
        ("outside_jurisdiction", 2),
        ("insufficient_verification", 4),
        ("suspected_fraud", 4),
        ("no_match", 4),
        ("too_many_requests", 4),
    ],
)
def test_a_denied_deletion_is_an_opt_out_told_by_its_ground(
    world: World, a: Member, ground: str, code: int, tmp_path: Path
) -> None:
    access.change_sandbox(world.a.sandbox_id, privacy_rule="approval")
    ingested(world, a, file_of(ANN), columns=COLUMNS)
    made = started(a, EMAILS, csv(mail(ANN[1])))
    work(world, a, made)
    (request,) = a.call(privacy, "GET", "privacy-requests").body["items"]
    path = f"privacy-requests/{request['privacyRequestId']}/deny"
    for vague in ({"reason": "so"}, {"reason": "so", "ground": "other"}):
        refused = a.call(approvals, "POST", path, vague)
        assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/ground")
    body = {"reason": "not to be deleted", "ground": ground}
    assert a.call(approvals, "POST", f"privacy-requests/{request['privacyRequestId']}/deny", body).status == 200
    found = work(world, a, made)
    assert (found["status"], told(a, made)) == ("completed", {EMAILS: f"Id,Status\n{item(0)},{code}\n"})
    assert a.call(privacy, "GET", "suppressions/count").body == {"erasure": 0, "optOut": 2}
    assert len(rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)) == 2
    assert {one["type"] for one in a.call(privacy, "GET", "privacy-requests").body["items"]} == {"erasure", "opt_out"}


def test_what_a_consumer_took_back_is_cancelled_where_it_has_not_begun(world: World, a: Member) -> None:
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    access.change_sandbox(world.a.sandbox_id, privacy_rule="approval")
    made = started(a, EMAILS, csv(mail(ANN[1]), mail(BOB[1])))
    work(world, a, made)
    removed = f"ID,Hash,ListType\n{item(0)},{mail(ANN[1])},Email\n{item(5)},{mail('x')},Email\n".encode()
    later = started(a, "20260915_4821_Removed.csv", removed)
    found = work(world, a, later)
    assert (found["status"], found["requestsCancelled"], found["outcomes"]["notCompared"]) == ("completed", 1, 0)
    assert told(a, later) == {}
    settle(world)
    assert a.call(privacy, "GET", f"drop-lists/{made}").body["outcomes"]["withdrawn"] == 1
    states = {one["externalId"]: one["status"] for one in a.call(privacy, "GET", "privacy-requests").body["items"]}
    assert states == {f"drop-{item(0)}": "cancelled", f"drop-{item(1)}": "pending"}


def removed(*lines: tuple[str, str, str]) -> bytes:
    """A Removed file of work items, each with its hash and its list."""
    return ("ID,Hash,ListType\n" + "".join(",".join(line) + "\n" for line in lines)).encode()


REMOVED = "20260915_4821_Removed.csv"


def test_what_drop_alone_suppressed_is_lifted_where_the_consumer_took_it_back(world: World, a: Member) -> None:
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    names = {"ann": ANN[1], "cat": "cat@example.com", "dan": "dan@example.com", "eve": "eve@example.com"}
    named = {name: identity("email", address) for name, address in names.items()}
    sandbox_id = a.sandbox.sandbox_id
    suppressions.add(sandbox_id, [named["dan"]], "erasure", clock.now())  # somebody else's request
    work(world, a, started(a, EMAILS, csv(*map(mail, names.values()))))
    twice = csv(mail(names["eve"])).replace(b"00000000000", b"E0000000000")
    work(world, a, started(a, "20260802_4821_Email.csv", twice))
    lines = [(item(n), mail(address), "Email") for n, address in enumerate(names.values())]
    content = removed(*lines, (item(9), mail("x"), "Phone"), (item(8), mail("y"), "NDZ"))
    before = keys("suppressions")
    tried = work(world, a, started(a, REMOVED, content, dryRun=True))
    assert (tried["status"], tried["dryRun"], tried["suppressionsLifted"]) == ("completed", True, 5)
    assert keys("suppressions") == before
    assert a.call(privacy, "GET", f"drop-lists/{tried['dropListId']}/status").body["current"] == "dry_run"
    found = work(world, a, started(a, REMOVED, content))
    assert (found["status"], found["suppressionsLifted"], found["requestsCancelled"]) == ("completed", 5, 0)
    assert suppressions.find(sandbox_id, named.values()) == {named["dan"]: "erasure", named["eve"]: "erasure"}
    assert suppressions.find(sandbox_id, [identity("phone", ANN[2])]) == {}
    upload = ingested(world, a, file_of(ANN, ("3", names["cat"], ""), ("4", names["dan"], "")), columns=COLUMNS)
    assert (upload.accepted, upload.rejected_by_reason) == (2, {"suppressed": 1})
    (request,) = a.call(privacy, "GET", "privacy-requests", query={"type": "erasure"}).body["items"]
    history = a.call(privacy, "GET", f"privacy-requests/{request['privacyRequestId']}/history").body
    assert "taken_back" in str(history)


def test_a_line_that_is_carried_out_after_its_removal_suppresses_nobody(world: World, a: Member) -> None:
    first = started(a, EMAILS, csv(mail("cat@example.com")))
    later = started(a, REMOVED, removed((item(0), mail("cat@example.com"), "Email")))
    work(world, a, later)
    work(world, a, first)
    assert suppressions.count(a.sandbox.sandbox_id) == {}


def test_a_dry_run_of_a_list_changes_nothing(world: World, a: Member) -> None:
    ingested(world, a, file_of(ANN, BOB), columns=COLUMNS)
    tried = work(world, a, started(a, EMAILS, csv(mail(ANN[1]), mail("cat@example.com")), dryRun=True))
    assert tried["outcomes"] | {"deleted": 1, "notFound": 1} == tried["outcomes"]
    assert (keys("suppressions"), keys("drop_lists"), a.call(privacy, "GET", "privacy-requests").body["items"]) == (
        [],
        [],
        [],
    )
    assert a.call(privacy, "GET", "drop-lists").body["cycle"] is None


DEVICE = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
DEVICES = [{"column": "mail", "as": "identity", "namespace": "email"}, {"column": "ad", "as": "identity"}]


def device(value: str) -> str:
    """What DROP lists a device by: its hex digits alone, in lower case."""
    return base64.b64encode(hashlib.sha256(value.replace("-", "").lower().encode()).digest()).decode()


@pytest.mark.parametrize("kind", ["idfa", "gaid"])
def test_devices_of_either_platform_are_found_and_refused_later(
    world: World, a: Member, kind: str, tmp_path: Path
) -> None:
    other = "0f8fad5b-d9cb-469f-a165-70867728950e"
    columns = [DEVICES[0], DEVICES[1] | {"namespace": kind}]
    ingested(world, a, f"mail,ad\n,{DEVICE.upper()}\nann@example.com,\n".encode(), columns=columns)
    made = started(a, "20260801_4821_MAID.csv", csv(device(DEVICE), device(other)))
    found = work(world, a, made)
    assert (found["status"], found["outcomes"]["deleted"], found["outcomes"]["notFound"]) == ("completed", 1, 1)
    assert told(a, made) == {"20260801_4821_MAID.csv": f"Id,Status\n{item(0)},3\n{item(1)},5\n"}
    prefix = f"profiles/sandbox={a.sandbox.sandbox_id}/"
    assert {row[:2] for row in rows(prefix, tmp_path)} == {identity("email", "ann@example.com")}
    again = ingested(world, a, f"mail,ad\n,{other}\nbob@example.com,{other}\n".encode(), columns=columns)
    assert (again.accepted, again.rejected_by_reason) == (1, {"suppressed": 1})
    assert {row[:2] for row in rows(prefix, tmp_path)} == {identity("email", each) for each in (ANN[1], BOB[1])}
    asked = {"identities": [{"namespace": kind, "value": other}]}
    checks = a.call(privacy, "POST", "suppressions/check", asked).body["items"]
    assert [each["reason"] for each in checks] == ["erasure"]


def test_numbers_that_are_streamed_raw_are_found_by_their_last_ten_digits_and_refused_later(
    world: World, a: Member, tmp_path: Path
) -> None:
    buyers = segment_of(a)

    def streamed(*values: str) -> Any:
        changes = [
            {"segmentId": buyers, "identity": {"namespace": "phone", "value": value}, "status": "realized"}
            for value in values
        ]
        answer = a.call(segments, "POST", "memberships", {"changes": changes})
        assert answer.status == 202, answer.body
        apply_all(world)
        return answer.body

    hashed = hashlib.sha256(b"+14155550001").hexdigest()
    assert streamed("+1 415 555 9317", hashed)["accepted"] == 2
    assert [row[:2] for row in rows("phone_index/", tmp_path)] == [identity("phone", ANN[2])]
    made = started(a, PHONES, csv(phone(ANN[2]), phone("+14155550000")))
    found = work(world, a, made)
    assert (found["outcomes"]["deleted"], found["outcomes"]["notFound"], found["phonesNotIndexed"]) == (1, 1, 1)
    assert streamed("+14155550000", ANN[2]) == {
        "accepted": 0,
        "rejected": [{"index": 0, "reason": "suppressed"}, {"index": 1, "reason": "suppressed"}],
    }


# The vectors of CalPrivacy's documentation: of a television, and what NDZ and NameVIN list of two people.
TELEVISION = ("SmartTV_9F8E7D6C", "d9fxuTIrKksBXYDlaWsvQbcyUUfCbUx7v78gd+KP+tc=")
NDZ = "PQOfn1RffEKmqMmNAzDKKaoZCwxWbQZkQzPWmQo9REA="
NAME_VIN = "rtnDuXIe63jXYQQXW5r07GJ7lSsrib8+46QuKFwkOmk="


def defined(member: Member, symbol: str, kind: str, drop_list: str | None) -> Answer:
    body = {"namespace": symbol, "name": symbol, "kind": kind, "dropList": drop_list}
    answer = member.call(namespaces_app, "POST", "namespaces", body)
    access.forget()
    return answer


@pytest.mark.parametrize(
    ("list_type", "kind", "value", "hashed"),
    [
        ("CTVID", "text", *TELEVISION),
        ("CTVID", "sha256", TELEVISION[1], TELEVISION[1]),
        ("NDZ", "sha256", NDZ, NDZ),
        ("NameVIN", "sha256", NAME_VIN, NAME_VIN),
    ],
)
def test_what_a_namespace_of_ones_own_holds_is_compared_with_its_list(
    world: World, a: Member, list_type: str, kind: str, value: str, hashed: str, tmp_path: Path
) -> None:
    assert defined(a, "MINE", kind, list_type).body["dropList"] == list_type
    columns = [*COLUMNS[:2], {"column": "own", "as": "identity", "namespace": "MINE"}]
    content = f"id,mail,own\n1,{ANN[1]},{value}\n".encode()
    file = f"20260801_4821_{list_type}.csv"
    early = work(world, a, started(a, file, csv(hashed)))
    assert early["outcomes"]["notFound"] == 1
    upload = ingested(world, a, content, columns=columns)
    is_of_one = list_type != "CTVID"
    assert (upload.rejected_by_reason, upload.values_rejected) == (
        ({"suppressed": 1}, {}) if is_of_one else ({}, {"suppressed": 1})
    )
    work(world, a, started(a, REMOVED, removed((item(0), hashed, list_type))))
    assert ingested(world, a, content, columns=columns).rejected_by_reason == {}
    made = started(a, file, csv(hashed, mail("another")).replace(b"00000000000", b"T0000000000"))
    found = work(world, a, made)
    assert (found["outcomes"]["deleted"], found["outcomes"]["notFound"]) == (1, 1)
    assert told(a, made) == {file: "Id,Status\nT0000000000A,3\nT0000000000B,5\n"}
    left = {row[:2] for row in rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)}
    assert left == (set() if is_of_one else {identity("email", ANN[1])})


def test_a_list_of_which_nothing_is_held_is_answered_only_where_somebody_says_so(world: World, a: Member) -> None:
    content = zipped(NDZ=csv(NDZ), CTVID=csv(TELEVISION[1]).replace(b"00000000000", b"T0000000000"))
    found = work(world, a, started(a, "20260801_4821_DROP.zip", content))
    assert (found["outcomes"]["notCompared"], found["outcomes"]["notFound"]) == (2, 0)
    made = started(a, "20260801_4821_DROP.zip", content, notHeld=["NDZ"])
    found = work(world, a, made)
    assert (found["outcomes"]["notCompared"], found["outcomes"]["notFound"], found["notHeld"]) == (1, 1, ["NDZ"])
    assert told(a, made) == {"20260801_4821_NDZ.csv": f"Id,Status\n{item(0)},5\n"}


@pytest.mark.parametrize("drop_list", ["NDZ", "NameVIN"])
def test_texts_are_compared_with_no_list_of_several_fields(a: Member, drop_list: str) -> None:
    refused = defined(a, "MINE", "text", drop_list)
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/dropList")
