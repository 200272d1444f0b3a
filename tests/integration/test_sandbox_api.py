"""A sandbox's settings by the API, and what its dataflows do by another way of counting consent."""

from pathlib import Path

import pytest

from functions.feeds import app as feeds
from handfast.access import service as access
from handfast.access import store
from handfast.dataflows import outbox, runs
from handfast.journal import store as journal
from handfast.platform import table
from tests.worlds.data_plane import Profile
from tests.worlds.exports import FIFTH, FIRST, FOURTH, SECOND, SIXTH, THIRD, Export, names, shared
from tests.worlds.sandboxes import Member, World


def change(member: Member, **settings: object) -> None:
    answer = member.call(feeds, "PATCH", "", {"settings": settings})
    assert answer.status == 200, answer.body


@pytest.fixture
def sharing(tmp_path: Path, stores: None) -> Export:
    sharing = shared(tmp_path)
    sharing.run()
    assert set(sharing.held()) == names(FIRST, THIRD)
    return sharing


def test_everybody_on_a_sandbox_reads_its_settings_and_its_administrators_change_them(world: World) -> None:
    admin, viewer = world.member(world.a), world.member(world.a, "viewer")
    read = viewer.call(feeds, "GET", "")
    assert (read.status, read.body["sandboxId"], read.body["organizationName"]) == (
        200,
        world.a.sandbox_id,
        "Organization A",
    )
    assert read.body["settings"]["consentDefault"] == "default_allow"
    assert read.body["settings"].keys() == store.settings(world.a).keys(), "all settings that there are"
    assert viewer.call(feeds, "PATCH", "", {"settings": {"phoneRegion": "DE"}}).status == 403
    old = {"If-Match": read.headers["ETag"]}
    strings = {"tcf": {"purposes": [1, 3], "vendorId": None}, "gpp": None}
    body = {"settings": {"phoneRegion": None, "holidays": ["2026-12-25"], "consentStrings": strings}}
    changed = admin.call(feeds, "PATCH", "", body, headers=old)
    assert changed.status == 200, changed.body
    assert changed.body["settings"] == read.body["settings"] | body["settings"]
    assert admin.call(feeds, "PATCH", "", body, headers=old).status == 412
    (record,) = [entry for entry in journal.log(world.a.sandbox_id) if entry["type"] == "sandbox.changed"]
    assert record["actor"]["id"] == admin.principal_id
    assert record["detail"]["old"] == {
        "phoneRegion": "US",
        "holidays": [],
        "consentStrings": {"tcf": None, "gpp": None},
    }
    assert record["detail"]["new"] == body["settings"]
    again = admin.call(feeds, "PATCH", "", body)
    assert again.headers["ETag"] == changed.headers["ETag"], "nothing is written that changes nothing"
    assert world.member(world.b).call(feeds, "GET", f"/sandboxes/{world.a.sandbox_id}").status == 404


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"consentDefault": "maybe"}, "/settings/consentDefault"),
        ({"consentDefault": None}, "/settings/consentDefault"),
        ({"removalGuard": 1.5}, "/settings/removalGuard"),
        ({"timeZone": "Europe/Bielefeld"}, "/settings/timeZone"),
        ({"holidays": ["25.12.2026"]}, "/settings/holidays/0"),
        ({"consentStrings": {"tcf": {"purposes": []}}}, "/settings/consentStrings/tcf/purposes"),
        ({"consentStrings": {"gpp": {"sections": ["ustx", "usxx"]}}}, "/settings/consentStrings"),
        ({"consentStrings": {"gpp": {"sections": ["tcfeuv2"]}}}, "/settings/consentStrings"),
        ({"name": "Another"}, "/settings/name"),
    ],
)
def test_settings_that_are_none_are_refused_with_a_pointer(
    world: World, settings: dict[str, object], pointer: str
) -> None:
    answer = world.member(world.a).call(feeds, "PATCH", "", {"settings": settings})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]
    assert store.sandbox(world.a.sandbox_id) == world.a


def test_another_consent_default_is_tried_first_and_then_moves_members_both_ways(sharing: Export) -> None:
    a = sharing.pair.a
    sharing.profiles(
        a.sandbox.sandbox_id,
        {FIRST: Profile(share="y"), SECOND: Profile(share="u"), THIRD: Profile(), FOURTH: Profile(profile_share="n")},
    )
    preview = a.call(feeds, "PATCH", "", {"settings": {"consentDefault": "default_deny"}}, query={"dryRun": "true"})
    name = "Spring"
    # SECOND once and THIRD in both segments, though the partner does not know SECOND.
    expected = {"dataflowId": sharing.dataflow, "name": name, "joining": 0, "leaving": 3}
    assert preview.body == {"dataflows": [expected], "guards": []}
    assert store.sandbox(a.sandbox.sandbox_id) == a.sandbox
    assert sharing.pair.exports() == []
    change(a, consentDefault="default_deny")
    run = next(iter(runs.runs(sharing.dataflow)))
    assert run.reason == "sandbox.changed"
    sharing.run()
    assert set(sharing.held()) == names(FIRST)
    body = {"settings": {"consentDefault": "default_allow", "phoneRegion": "DE"}}
    preview = a.call(feeds, "PATCH", "", body, query={"dryRun": "true"})
    assert preview.body == {"dataflows": [expected | {"joining": 3, "leaving": 0}], "guards": []}
    change(a, consentDefault="default_allow")
    sharing.run()
    assert set(sharing.held()) == names(FIRST, THIRD)
    change(a, phoneRegion="DE", rejectGuard=0.2)
    assert sharing.pair.exports() == [], "other settings reconcile nothing"


def test_a_crash_after_the_change_leaves_runs_that_the_sweep_begins(
    sharing: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(outbox, "dispatch", lambda _: None)
        change(sharing.pair.a, consentDefault="default_deny")
    assert sharing.pair.exports() == []
    outbox.dispatch_pending()
    sharing.run()
    assert sharing.held() == {}


def test_a_change_that_loses_its_race_writes_nothing(sharing: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    a = sharing.pair.a

    def overtake(_: object) -> None:
        monkeypatch.setattr(table, "before_write", None)
        access.change_sandbox(a.sandbox.sandbox_id, overlap_threshold=5)

    monkeypatch.setattr(table, "before_write", overtake)
    change(a, consentDefault="default_deny")
    settings = a.call(feeds, "GET", "").body["settings"]
    assert (settings["overlapThreshold"], settings["consentDefault"]) == (5, "default_deny")


def test_a_receiver_that_asks_for_it_is_given_nobody_whom_it_has_a_refusal_of(sharing: Export) -> None:
    a, b = sharing.pair.a, sharing.pair.b
    known = {FIRST: Profile(share="n"), THIRD: Profile(), FIFTH: Profile(), SIXTH: Profile()}
    sharing.profiles(b.sandbox.sandbox_id, known)
    sharing.dirty()
    sharing.run()
    assert set(sharing.held()) == names(FIRST, THIRD), "nobody asked"
    change(a, checkOwnConsent=True)
    assert sharing.pair.exports() == [], "the source receives nothing"
    change(b, checkOwnConsent=True)
    sharing.run()
    assert set(sharing.held()) == names(THIRD)
    change(b, consentDefault="default_deny")
    sharing.run()
    assert sharing.held() == {}
    sharing.profiles(b.sandbox.sandbox_id, known | {FIRST: Profile(share="y")})
    sharing.dirty()
    sharing.run()
    assert set(sharing.held()) == names(FIRST)
    change(b, checkOwnConsent=False)
    sharing.run()
    assert set(sharing.held()) == names(FIRST, THIRD)


def test_the_sender_cannot_tell_a_receivers_refusal_from_an_identity_that_it_does_not_know(sharing: Export) -> None:
    a, b = sharing.pair.a, sharing.pair.b

    def seen() -> object:
        sharing.dirty()
        sharing.run()
        return a.call(feeds, "GET", f"dataflows/{sharing.dataflow}/population").body

    change(b, checkOwnConsent=True)
    sharing.run()
    sharing.target(THIRD, FIFTH, SIXTH)
    unknown = seen()
    sharing.profiles(
        b.sandbox.sandbox_id, dict.fromkeys((THIRD, FIFTH, SIXTH), Profile()) | {FIRST: Profile(share="n")}
    )
    assert seen() == unknown
