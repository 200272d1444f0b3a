"""Whose data a request is about, who decides on it, and how a person comes back. Tables are in memory."""

from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.approvals import app as approvals
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from handfast.access import service as access
from handfast.journal import store as journal
from handfast.lake import suppressions
from handfast.platform import clock, objects
from handfast.privacy_requests import replaying, store
from tests.worlds.memory import Deployment
from tests.worlds.privacy import ANN, BOB, COLUMNS, automatic, stream, subject
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.sharing import segment
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
)

TABLET = "6d92078a-8246-4ba4-ae5b-76104861e7dc"
DEVICE = {"namespace": "GAID", "value": TABLET, "format": "raw"}
WITH_DEVICE = [*COLUMNS[:2], {"column": "gaid", "as": "identity", "namespace": "GAID"}]
MAIL = {"ann": ANN[1], "bob": BOB[1]}


def shared_tablet(*people: str) -> bytes:
    lines = [f"{number},{MAIL[name]},{TABLET}" for number, name in enumerate(people, 1)]
    return "\n".join(["id,mail,gaid", *lines, ""]).encode()


@pytest.fixture
def world(stores: None, monkeypatch: pytest.MonkeyPatch) -> World:
    Deployment().install_tables(monkeypatch)
    access.forget()
    return organizations()


@dataclass
class Desk:
    """A sandbox that knows Ann and Bob, who share a tablet; `clerk` enters and `officer` approves."""

    world: World
    clerk: Member
    officer: Member
    buyers: str

    @property
    def id(self) -> str:
        return self.clerk.sandbox.sandbox_id

    def upload(self, content: bytes, **body: Any) -> Any:
        columns = body.pop("columns", WITH_DEVICE)
        return ingested(self.world, self.clerk, content, columns=columns, segmentId=self.buyers, **body)

    def request(self, kind: str, *identities: Any, by: Member | None = None, **members: Any) -> Answer:
        body = {"type": kind, "regulation": "gdpr", "verified": True, "subject": {"identities": list(identities)}}
        return (by or self.clerk).call(privacy, "POST", "privacy-requests", body | members)

    def requested(self, kind: str, *identities: Any, **members: Any) -> str:
        answer = self.request(kind, *identities, **members)
        assert answer.status == 202, answer.body
        made: str = answer.body["privacyRequestId"]
        return made

    def get(self, made: str) -> Any:
        return self.officer.call(privacy, "GET", f"privacy-requests/{made}").body

    def approve(self, made: str, by: Member | None = None, **body: Any) -> Answer:
        return (by or self.officer).call(approvals, "POST", f"privacy-requests/{made}/approve", body or None)

    def look(self) -> None:
        assert handled(queue.handler, {"sandboxId": self.id})

    def work(self) -> None:
        for _ in range(12):
            self.look()
            apply_all(self.world)
            if not store.work(self.id):
                return

    def done(self, kind: str, *identities: Any, by: Member | None = None, **body: Any) -> Any:
        """A request that an officer approves and that is carried out."""
        made = self.requested(kind, *identities)
        self.look()
        answer = self.approve(made, by, **body)
        assert answer.status == 200, answer.body
        self.work()
        return self.get(made)

    def known(self, tmp_path: Path) -> set[str]:
        names = {identity("email", mail): name for name, mail in MAIL.items()} | {identity("gaid", TABLET): "tablet"}
        return {names[row[:2]] for row in rows(f"profiles/sandbox={self.id}/", tmp_path)}

    def suppressed(self) -> dict[str, str]:
        named = {identity("email", mail): name for name, mail in MAIL.items()} | {identity("gaid", TABLET): "tablet"}
        return {named[key]: reason for key, reason in suppressions.find(self.id, named).items()}


def mail(name: str) -> Any:
    return subject(MAIL[name])["identities"][0]


@pytest.fixture
def desk(world: World) -> Desk:
    clerk, officer = world.member(world.a), world.member(world.a, "privacy-officer")
    made = Desk(world, clerk, officer, segment(clerk, "Buyers"))
    made.upload(shared_tablet("ann", "bob"))
    return made


# The last word


@pytest.mark.parametrize(
    ("asked", "suppressed", "left"),
    [
        (["opt_out", "opt_in"], {}, None),
        (["opt_in", "opt_out"], {"ann": "opt_out"}, {"opt_out": 1}),
        (["opt_in", "objection", "opt_in", "erasure"], {"ann": "erasure"}, {"erasure": 1}),
    ],
)
def test_of_requests_that_are_worked_on_together_the_last_one_counts(
    desk: Desk, asked: list[str], suppressed: dict[str, str], left: dict[str, int] | None
) -> None:
    made = [desk.requested(kind, mail("ann")) for kind in asked]
    desk.look()
    for request in reversed(made):
        assert desk.approve(request).status == 200
    desk.work()
    views = [desk.get(request) for request in made]
    assert {key: reason for key, reason in desk.suppressed().items() if key != "tablet"} == suppressed
    assert [view["result"].get("stillSuppressed") for view in views if view["type"] == "opt_in"] == [
        left for kind in asked if kind == "opt_in"
    ]


@pytest.mark.parametrize(
    ("asked", "suppressed"),
    [
        (["opt_out", "opt_in"], {}),
        (["opt_in", "opt_out"], {"ann": "opt_out"}),
        (["opt_in", "objection", "opt_in"], {}),
        (["erasure", "release"], {}),
        (["release", "erasure"], {"ann": "erasure"}),
        (["erasure", "release", "opt_out"], {"ann": "opt_out"}),
    ],
)
def test_the_last_word_counts_in_whatever_order_requests_are_approved(
    desk: Desk, asked: list[str], suppressed: dict[str, str]
) -> None:
    release = {"liftErasure": True}
    for order in permutations(range(len(asked))):
        made = [
            desk.requested("opt_in", mail("ann"), **release) if kind == "release" else desk.requested(kind, mail("ann"))
            for kind in asked
        ]
        for which in order:
            desk.look()
            assert desk.approve(made[which]).status == 200
            desk.work()
        assert {key: why for key, why in desk.suppressed().items() if key != "tablet"} == suppressed, order
        assert {desk.get(request)["status"] for request in made} <= {"completed", "completed_with_gaps"}


@pytest.mark.parametrize("asked", ["yn", "ny"])
def test_an_answer_that_is_approved_late_is_as_old_as_the_person_gave_it(
    desk: Desk, asked: str, tmp_path: Path
) -> None:
    made = [desk.requested("consent", mail("ann"), share=share) for share in asked]
    for request in reversed(made):
        desk.look()
        assert desk.approve(request).status == 200
        desk.work()
    answers = {row[:2]: row[5] for row in rows(f"profiles/sandbox={desk.id}/", tmp_path)}
    assert answers[identity("email", MAIL["ann"])] == asked[-1]
    assert {desk.get(request)["status"] for request in made} == {"completed"}


@pytest.mark.parametrize("is_older", [True, False])
def test_a_suppression_list_counts_by_when_it_was_read(desk: Desk, is_older: bool) -> None:
    columns = [{"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"}]
    content = f"mail\n{MAIL['ann']}\n".encode()
    early = None if is_older else desk.requested("opt_in", mail("ann"))
    upload = announce(desk.clerk, columns, mode="suppression")
    put_file(desk.clerk, upload, content)
    assert deliver_file(desk.clerk, upload)
    made = early or desk.requested("opt_in", mail("ann"))
    desk.look()
    assert desk.approve(made).status == 200
    desk.look()  # before the list is applied
    apply_all(desk.world)
    desk.work()
    assert desk.suppressed() == ({} if is_older else {"ann": "opt_out"})


# A device that others use


@pytest.mark.parametrize("kind", ["erasure", "opt_out"])
def test_a_request_goes_by_what_the_person_proved_and_takes_nobody_with_whom_a_device_is_shared(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    view = desk.done(kind, mail("ann"), DEVICE)
    assert (view["status"], view["result"]["identities"]) == ("completed", 2)
    assert desk.suppressed() == {"ann": kind, "tablet": kind}
    assert desk.known(tmp_path) == ({"bob"} if kind == "erasure" else {"ann", "bob", "tablet"})


def test_a_device_alone_is_erased_alone(desk: Desk, tmp_path: Path) -> None:
    assert desk.done("erasure", DEVICE)["status"] == "completed"
    assert desk.known(tmp_path) == {"ann", "bob"}
    assert desk.suppressed() == {"tablet": "erasure"}


@pytest.mark.parametrize("kind", ["opt_in", "consent"])
def test_nobody_says_yes_for_another_through_a_device(desk: Desk, tmp_path: Path, kind: str) -> None:
    suppressions.add(desk.id, [identity("email", MAIL["bob"])], "opt_out", clock.now())
    share = {"share": "y"} if kind == "consent" else {}
    made = desk.requested(kind, mail("ann"), DEVICE, **share)
    assert desk.approve(made).status == 200
    desk.work()
    assert desk.get(made)["status"] == "completed"
    assert desk.suppressed() == {"bob": "opt_out"}
    answers = {row[:2]: row[5] for row in rows(f"profiles/sandbox={desk.id}/", tmp_path)}
    assert answers[identity("email", MAIL["bob"])] is None


def test_what_a_shared_device_would_add_is_shown_in_counts_before_anybody_decides(desk: Desk) -> None:
    added = {"profiles": 1, "byNamespace": {"Email_LC_SHA256": 1}}
    body = {"type": "erasure", "regulation": "gdpr", "subject": {"identities": [mail("ann"), DEVICE]}}
    preview = desk.clerk.call(privacy, "POST", "privacy-requests", body, query={"dryRun": "true"}).body
    assert preview["identities"]["byNamespace"] == {"Email_LC_SHA256": 1, "GAID": 1}
    assert (preview["profiles"], preview["sharedDevices"], preview["fourEyes"]) == (2, added, True)
    made = desk.requested("erasure", mail("ann"), DEVICE)
    assert desk.approve(made, sharedDevices="profiles").body["current"] == "not_assessed"
    desk.look()
    find = desk.get(made)["stages"][0]
    assert (find["status"], find["startedAt"]) == ("pending", None)
    assert (find["detail"]["identities"], find["detail"]["sharedDevices"]) == (2, added)
    assert desk.world.messages("INGEST_QUEUE_URL") == []


def test_who_approves_may_have_a_device_lead_on_as_far_as_was_shown(desk: Desk, tmp_path: Path) -> None:
    assert desk.done("erasure", mail("ann"), DEVICE, sharedDevices="profiles")["result"]["identities"] == 3
    assert desk.known(tmp_path) == set()
    assert desk.suppressed().keys() == {"ann", "bob", "tablet"}


def test_an_approval_of_more_than_was_shown_goes_back_for_another(desk: Desk, tmp_path: Path) -> None:
    made = desk.requested("erasure", mail("ann"), DEVICE)
    desk.look()
    assert desk.approve(made, sharedDevices="profiles").status == 200
    desk.upload(b"id,mail,gaid\n2,carl@example.com,\n")
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["stages"][0]["detail"]["sharedDevices"]["byNamespace"]) == (
        "pending",
        {"Email_LC_SHA256": 2},
    )
    assert desk.suppressed() == {}
    assert len(rows(f"profiles/sandbox={desk.id}/", tmp_path)) == 4
    assert desk.approve(made).status == 200
    desk.work()
    assert desk.get(made)["status"] == "completed"


def test_a_row_of_somebody_else_with_an_erased_device_is_taken_without_it(desk: Desk, tmp_path: Path) -> None:
    desk.done("erasure", mail("ann"), DEVICE)
    upload = desk.upload(
        b"id,mail,gaid\n1,%s,%s\n2,%s,%s\n3,,%s\n"
        % tuple(text.encode() for text in (MAIL["ann"], TABLET, MAIL["bob"], TABLET, TABLET)),
        mode="snapshot",
    )
    assert (upload.accepted, upload.rejected_by_reason, upload.values_rejected) == (
        1,
        {"suppressed": 2},
        {"suppressed": 1},
    )
    assert desk.known(tmp_path) == {"bob"}
    rejects = next(key for key in keys("rejects/") if upload.upload_id in key)
    assert objects.download(rejects, tmp_path / "rejects")
    assert (tmp_path / "rejects").read_text().splitlines()[1:] == [
        "1,,suppressed",
        "2,gaid,suppressed",
        "3,,suppressed",
    ]


NAMES = ("mail0", "mail1", "mail2", "phone0", "phone1", "phone2", "tablet", "telly")
VALUES = {
    **{f"mail{n}": ("email", f"person{n}@example.com") for n in range(3)},
    **{f"phone{n}": ("phone", f"+1415555267{n}") for n in range(3)},
    "tablet": ("gaid", TABLET),
    "telly": ("gaid", "aebe52e7-03ee-455a-b3c4-e57283966231"),
}
OWN_COLUMNS = [*COLUMNS, {"column": "gaid", "as": "identity", "namespace": "GAID"}]


@given(
    lines=st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.booleans(), st.sampled_from(["", "tablet", "telly"])),
        min_size=1,
        max_size=6,
    ),
    asked=st.lists(
        st.tuples(st.sampled_from(["erasure", "opt_out"]), st.sets(st.sampled_from(NAMES), min_size=1, max_size=3)),
        min_size=1,
        max_size=3,
    ),
)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_whatever_devices_are_shared_only_what_was_named_or_is_of_a_named_address_goes(
    lines: Any, asked: Any, world: World, tmp_path: Path
) -> None:
    objects.delete(*keys(""))
    desk = Desk(world, world.member(world.a), world.member(world.a, "privacy-officer"), "")
    automatic(world.a)
    text, of = ["id,mail,tel,gaid"], dict[str, set[str]]()
    for number, has_mail, has_phone, device in lines:
        named = [f"mail{number}"] * has_mail + [f"phone{number}"] * has_phone
        own = [*named, *([device] if device else [])]
        cells = {name.rstrip("012"): VALUES[name][1] for name in named}
        text.append(f"{number},{cells.get('mail', '')},{cells.get('phone', '')},{VALUES[device][1] if device else ''}")
        for name in own:  # who says it last has it
            for others in of.values():
                others.discard(name)
        of.setdefault(str(number), set()).update(own)
    ingested(world, desk.clerk, "\n".join([*text, ""]).encode(), columns=OWN_COLUMNS)
    expected = dict[str, str]()
    for kind, names in asked:
        leading = {name for name in names if name not in {"tablet", "telly"}}
        reached = names.union(*(held for held in of.values() if held & leading))
        expected |= {name: kind for name in reached if expected.get(name) != "erasure"}
        desk.requested(kind, *({"namespace": VALUES[name][0], "value": VALUES[name][1]} for name in sorted(names)))
        desk.work()
        if kind == "erasure":
            of = {number: held - reached for number, held in of.items()}
    keyed = {identity(*value): name for name, value in VALUES.items()}
    assert {keyed[key]: why for key, why in suppressions.find(desk.id, keyed).items()} == expected
    held = {keyed[row[:2]] for row in rows(f"profiles/sandbox={desk.id}/", tmp_path)}
    assert held == set().union(*of.values())


# Four eyes


def test_who_entered_an_erasure_of_several_profiles_may_not_approve_it(desk: Desk, tmp_path: Path) -> None:
    made = desk.requested("erasure", mail("ann"), mail("bob"))
    desk.look()
    view = desk.get(made)
    assert (view["fourEyes"], view["stages"][0]["detail"]["profiles"]) == (True, 2)
    refused = desk.approve(made, desk.clerk)
    assert (refused.status, refused.body["reason"], refused.body["permission"]) == (
        422,
        "another_approver",
        "privacy:approve",
    )
    assert "another principal" in refused.body["detail"]
    assert desk.get(made)["status"] == "pending"
    assert desk.approve(made).status == 200
    desk.work()
    assert desk.get(made)["status"] == "completed"
    assert desk.known(tmp_path) == set()


def test_an_approval_before_it_is_known_how_far_a_request_reaches_goes_back_when_it_reaches_too_far(
    desk: Desk, tmp_path: Path
) -> None:
    made = desk.requested("erasure", mail("ann"), mail("bob"))
    assert desk.approve(made, desk.clerk).status == 200
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["fourEyes"]) == ("pending", True)
    assert desk.suppressed() == {}
    assert desk.known(tmp_path) == {"ann", "bob", "tablet"}
    assert desk.approve(made, desk.clerk).body["reason"] == "another_approver"
    assert "privacy_request.referred" in [record["type"] for record in journal.log(desk.id)]


def test_a_request_for_data_has_no_shared_devices_to_decide_on(desk: Desk) -> None:
    made = desk.requested("access", mail("ann"))
    desk.look()
    refused = desk.approve(made, sharedDevices="profiles")
    assert (refused.status, refused.body["reason"]) == (422, "no_shared_devices")
    assert desk.approve(made).status == 200


def test_who_took_the_code_may_not_approve_and_what_concerns_one_profile_needs_one_person(desk: Desk) -> None:
    alone = desk.requested("erasure", mail("ann"))
    desk.look()
    assert desk.get(alone)["fourEyes"] is False
    assert desk.approve(alone, desk.clerk).status == 200
    answer = desk.request("erasure", mail("bob"), DEVICE, verified=False).body
    code = {"code": answer["verificationCode"]}
    path = f"privacy-requests/{answer['privacyRequestId']}"
    assert desk.officer.call(privacy, "POST", f"{path}/verify", code).status == 200
    access.change_sandbox(desk.id, privacy_four_eyes="always")
    for member in (desk.clerk, desk.officer):
        assert desk.approve(answer["privacyRequestId"], member).body["reason"] == "another_approver"
    access.change_sandbox(desk.id, privacy_four_eyes="never")
    assert desk.approve(answer["privacyRequestId"], desk.clerk).status == 200


def test_requests_of_a_bulk_have_two_pairs_of_eyes_too(desk: Desk) -> None:
    item = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject(*MAIL.values())}
    answer = desk.clerk.call(privacy, "POST", "privacy-requests/bulk", {"items": [item]}).body
    for message in desk.world.messages("PRIVACY_QUEUE_URL") + desk.world.messages("PRIVACY_QUEUE_URL"):
        assert handled(queue.handler, message)
    desk.look()
    (made,) = [each["privacyRequestId"] for each in answer["items"]]
    assert desk.approve(made, desk.clerk).body["reason"] == "another_approver"


# The way back


def test_an_opt_in_after_an_erasure_says_what_stays_suppressed_and_why(desk: Desk) -> None:
    desk.done("erasure", mail("ann"))
    view = desk.done("opt_in", mail("ann"))
    assert view["status"] == "completed_with_gaps"
    assert (view["result"]["stillSuppressed"], view["result"]["gaps"]) == ({"erasure": 1}, 1)
    assert "erasure 1" in view["reason"]
    assert "liftErasure" in view["reason"]
    assert desk.suppressed() == {"ann": "erasure"}


@pytest.fixture
def back(desk: Desk) -> Desk:
    desk.done("erasure", mail("ann"))
    automatic(desk.clerk.sandbox)
    made = desk.requested("opt_in", mail("ann"), liftErasure=True)
    desk.look()
    assert (desk.get(made)["status"], desk.get(made)["fourEyes"]) == ("pending", True)
    assert desk.approve(made, desk.clerk).body["reason"] == "another_approver"
    assert desk.approve(made).status == 200
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["liftsErasure"], view["reason"]) == ("completed", True, None)
    return desk


def test_a_person_who_comes_back_is_released_by_a_reviewed_request(back: Desk, tmp_path: Path) -> None:
    assert back.suppressed() == {}
    upload = back.upload(shared_tablet("ann"))
    assert (upload.accepted, upload.rejected_by_reason) == (1, {})
    assert "ann" in back.known(tmp_path)
    assert stream(back.clerk, back.buyers, MAIL["ann"])["rejected"] == []
    log = [record for record in journal.log(back.id) if record["type"].startswith("privacy_request.approved")]
    assert log


def test_a_replay_suppresses_nobody_who_was_released_since(back: Desk) -> None:
    since = clock.from_text("2020-01-01T00:00:00Z")
    objects.delete(*keys("suppressions"))
    found = replaying.replay(back.id, since)
    assert back.suppressed() == {}
    assert found.released == 1
    assert back.requested("erasure", mail("ann"))
    back.work()
    objects.delete(*keys("suppressions"))
    replaying.replay(back.id, since)
    assert back.suppressed()["ann"] == "erasure"


def test_the_way_back_needs_a_code_where_nobody_has_verified_the_person_and_is_an_opt_in(desk: Desk) -> None:
    answer = desk.request("opt_in", mail("ann"), regulation="ccpa", verified=False, liftErasure=True)
    assert (answer.status, answer.body["status"]) == (202, "unverified")
    refused = desk.request("erasure", mail("ann"), liftErasure=True)
    assert (refused.status, "liftErasure" in str(refused.body)) == (422, True)


def test_a_yes_to_sharing_says_that_an_opt_out_stays(desk: Desk) -> None:
    desk.done("opt_out", mail("ann"))
    made = desk.requested("consent", mail("ann"), share="y")
    assert desk.approve(made).status == 200
    desk.work()
    view = desk.get(made)
    assert (view["status"], view["result"]["stillSuppressed"]) == ("completed_with_gaps", {"opt_out": 1})
