"""What a plan says, of any file and any sandbox: carried out it leaves nothing to do, from wherever it broke off."""

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handfast_cli.desired import applying, secrets
from handfast_cli.desired.models import Document
from handfast_cli.desired.references import pending
from handfast_cli.desired.rules import Change, Plan, PlanError, plan
from handfast_cli.errors import InputError
from handfast_cli.options import Session
from handfast_client.api import Api
from tests.worlds.imagined_sandbox import CORE, ImaginedSandbox

PARTNERS = ("North", "South", "West")
LABELS = ("loyal", "C3", "staff")
SEGMENTS = ("Readers", "Buyers", "Both")


def _some(values: tuple[str, ...], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=least, unique=True)


def _optional(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=members)


TEXTS = st.sampled_from(["one", "two"])
NOTES = st.none() | TEXTS
SETTINGS = st.fixed_dictionaries({"url": st.sampled_from(["https://a.example", "https://b.example"])})
SECRET = st.sampled_from([{"env": "TOKEN"}, {"file": "token"}])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    names = draw(_some(SEGMENTS[:2], least=1))
    segments = [{"name": name} | draw(_optional(labels=_some(LABELS), description=NOTES)) for name in names]
    if draw(st.booleans()) and len(names) == 2:
        segments.insert(0, {"name": "Both", "expression": "{Readers} AND {Buyers}"})
    named = [each["name"] for each in segments]
    partners = draw(_some(PARTNERS))
    feeds = [
        {"name": name, "segments": draw(_some(tuple(named), least=1)), "namespaces": ["email"]}
        | {"published": draw(st.sampled_from([True, True, False]))}
        | ({"partners": draw(_some(tuple(partners), least=1))} if partners else {})
        for name in draw(_some(("Spring", "Autumn")))
    ]
    sections: dict[str, Any] = {
        "labels": [{"code": code, "name": draw(TEXTS)} for code in ("loyal", "staff")],
        "segments": segments,
        "corePolicies": {CORE: draw(st.booleans())},
        "policies": [
            {"name": name, "marketingActions": ["analytics"], "enabled": draw(st.booleans())}
            | {"deny": {"operator": "OR", "operands": [{"label": each} for each in draw(_some(LABELS, least=1))]}}
            for name in draw(_some(("Mine", "Other")))
        ],
        "connections": [
            {"organization": name, "sandbox": "main"} | draw(_optional(connectId=st.just("A"), accept=st.booleans()))
            for name in partners
        ],
        "feeds": feeds,
        "destinations": [
            {"name": name, "type": "http", "settings": draw(SETTINGS), "authentication": {"bearerToken": draw(SECRET)}}
            | {"activations": draw(st.sampled_from([[], [_activation(named)]]))}
            | draw(_optional(status=st.sampled_from(["enabled", "disabled"])))
            for name in draw(_some(("Warehouse",)))
        ],
        "connectors": [
            {"name": "Newsletter", "type": "webhook", "settings": draw(SETTINGS) | {"secret": draw(SECRET)}}
        ],
        "webhooks": [
            {"url": url, "types": ["feed.*"]} for url in draw(_some(("https://a.example", "https://b.example")))
        ],
        "settings": draw(_optional(overlapThreshold=st.sampled_from([0, 1000]))),
    }
    there = {"segments", "labels", *draw(_some(tuple(sections)))}
    if feeds and "feeds" in there:
        there.add("connections")
    sections = {name: value for name, value in sections.items() if name in there}
    prunable = tuple(sorted(there & {"feeds", "policies", "destinations", "connectors", "webhooks"}))
    return Document.model_validate({"version": 1, "prune": draw(_some(prunable)) if prunable else []} | sections)


def _activation(names: list[str]) -> dict[str, Any]:
    return {"segments": [{"segment": each} for each in names], "mapping": [{"source": "email", "target": "mail"}]}


@st.composite
def sandboxes(draw: st.DrawFn) -> ImaginedSandbox:
    made = ImaginedSandbox()
    for name in draw(_some(PARTNERS)):
        status = draw(st.sampled_from(["active", "active", "pending", "rejected", "disconnected", "expired"]))
        made.connection(name, status, draw(st.sampled_from(["incoming", "outgoing"])))
    return made


def of(sandbox: ImaginedSandbox, document: Document) -> Plan:
    return plan(document, sandbox.state)


@settings(max_examples=60)
@given(sandboxes(), st.lists(documents(), min_size=1, max_size=3), st.integers(0, 12))
def test_what_is_carried_out_leaves_nothing_to_do(
    sandbox: ImaginedSandbox, wanted: list[Document], broke_off: int
) -> None:
    for document in wanted:
        sandbox.do(of(sandbox, document), most=broke_off)
        sandbox.do(of(sandbox, document))
        assert of(sandbox, document).changes == ()
        assert _unpublished(sandbox, document) == []


def _unpublished(sandbox: ImaginedSandbox, document: Document) -> list[str]:
    """The feeds that are to be published, are for somebody, and are not."""
    wanted = {feed.name for feed in document.feeds if feed.published}
    return [
        feed["name"]
        for feed in sandbox.state.items["feeds"]
        if feed["name"] in wanted and feed["connectionIds"] and feed["hasUnpublishedChanges"]
    ]


@settings(max_examples=60)
@given(sandboxes(), documents())
def test_what_is_named_comes_before_what_names_it(sandbox: ImaginedSandbox, document: Document) -> None:
    made: set[tuple[str, str]] = set()
    there = {("destinations", each["name"]) for each in sandbox.state.items["destinations"]}
    for change in of(sandbox, document).changes:
        assert set(pending(change.after)) <= change.needs <= made
        assert not change.within or change.actual or ("destinations", change.within) in change.needs | there
        assert change.action != "publish" or change.place not in made or change.place in change.needs
        made.add(change.place)


@settings(max_examples=30)
@given(sandboxes(), documents(), documents())
def test_nothing_is_deleted_that_no_section_to_prune_has(
    sandbox: ImaginedSandbox, before: Document, document: Document
) -> None:
    sandbox.do(of(sandbox, before))
    found = of(sandbox, document)
    assert {change.section for change in found.changes if change.action == "delete"} <= set(document.prune)
    assert not set(found.unmanaged) & set(document.prune)


def document(**sections: Any) -> Document:
    return Document.model_validate({"version": 1} | sections)


def test_what_the_file_leaves_out_stays() -> None:
    sandbox = ImaginedSandbox()
    sandbox.do(of(sandbox, document(segments=[{"name": "Readers", "labels": ["C3"], "description": "those"}])))
    assert of(sandbox, document(segments=[{"name": "Readers"}])).changes == ()
    (change,) = of(sandbox, document(segments=[{"name": "Readers", "labels": []}])).changes
    assert (change.before, change.after) == ({"labels": ["C3"]}, {"labels": []})


def test_braces_name_segments_in_expressions_alone() -> None:
    sandbox = ImaginedSandbox()
    sandbox.do(of(sandbox, document(segments=[{"name": "Readers"}])))
    both = {"name": "A {new} name", "expression": "{Readers} AND {Buyers}", "description": "of {some}"}
    found = of(sandbox, document(segments=[both, {"name": "Readers"}, {"name": "Buyers"}]))
    assert found.changes[-1].needs == {("segments", "Buyers")}
    assert found.references.name_of(found.changes[-1].after["expression"]) == both["expression"]


def test_double_names_are_told_and_an_id_says_which() -> None:
    sandbox = ImaginedSandbox()
    for _ in range(2):
        sandbox.do(of(ImaginedSandbox(), document(segments=[{"name": "Readers"}])))
    with pytest.raises(PlanError, match="2 are called so"):
        of(sandbox, document(segments=[{"name": "Readers"}]))
    one, other = (each["segmentId"] for each in sandbox.state.items["segments"])
    renamed = of(sandbox, document(segments=[{"id": one, "name": "Readers of old"}]))
    assert [(change.id, change.after) for change in renamed.changes] == [(one, {"name": "Readers of old"})]
    assert renamed.unmanaged == {"segments": ("Readers",)}
    feed = {"name": "Spring", "segments": ["Readers"], "namespaces": ["email"]}
    with pytest.raises(PlanError, match=f"write the id of one|{other}"):
        of(sandbox, document(feeds=[feed]))
    (made,) = of(sandbox, document(feeds=[feed | {"segments": [other]}])).changes
    assert made.after["segmentIds"] == [other]


def test_secrets_are_sent_when_they_are_not_set_when_settings_change_and_when_asked() -> None:
    sandbox = ImaginedSandbox()
    wanted = {"name": "Warehouse", "type": "http", "settings": {"url": "https://a.example"}}
    wanted["authentication"] = {"kind": "bearer", "bearerToken": {"env": "TOKEN"}}
    first = of(sandbox, document(destinations=[wanted]))
    assert "bearerToken" not in str(first.changes[0].after)
    sandbox.do(first)
    assert of(sandbox, document(destinations=[wanted])).changes == ()
    (again,) = plan(document(destinations=[wanted]), sandbox.state, send_secrets=True).changes
    (moved,) = of(sandbox, document(destinations=[wanted | {"settings": {"url": "https://b.example"}}])).changes
    assert list(again.secrets) == list(moved.secrets) == [("authentication", "bearerToken")]
    sandbox.state.items["destinations"][0]["secretNames"] = []
    assert of(sandbox, document(destinations=[wanted])).changes[0].secrets
    with pytest.raises(PlanError, match="no file holds"):
        of(sandbox, document(destinations=[wanted | {"authentication": {"bearerToken": "in the file"}}]))
    with pytest.raises(PlanError, match="goes nowhere else"):
        of(sandbox, document(destinations=[wanted | {"authentication": {"bearerToken": {"env": "HANDFAST_X"}}}]))


@pytest.mark.parametrize(("until", "told"), [(None, "its test failed: "), ("2026-03-01", "former secrets stay in use")])
def test_former_secrets_are_told_to_stay_where_they_do(until: str | None, told: str) -> None:
    sandbox = ImaginedSandbox()
    wanted: dict[str, Any] = {"name": "Warehouse", "type": "http", "settings": {"url": "https://a.example"}}
    wanted["authentication"] = {"kind": "bearer", "bearerToken": {"env": "TOKEN"}}
    sandbox.do(of(sandbox, document(destinations=[wanted])))
    again = plan(document(destinations=[wanted]), sandbox.state, send_secrets=True)

    class Answering:
        def call(self, _: str, path: str, **__: Any) -> dict[str, Any]:
            check = {"name": "request", "ok": False, "detail": "401"}
            return {"checks": [check]} if path.endswith("/test") else {"formerSecretsUntil": until}

    values = dict.fromkeys(again.changes[0].secrets.values(), "secret")
    (done,) = applying.carry_out(Session(cast("Api", Answering()), "sbx_1"), again, sandbox.state, values)
    assert (done.failed, told in done.told) == (True, True)


def test_secrets_are_read_from_variables_and_files_and_all_that_are_missing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sending(**given: dict[str, str]) -> tuple[Change, ...]:
        wanted = {"name": "Warehouse", "type": "http", "settings": {"url": "https://a.example"}}
        sandbox = ImaginedSandbox()
        sandbox.state.secrets["destinations", "http", "authentication"] = frozenset(given)
        return of(sandbox, document(destinations=[wanted | {"authentication": given}])).changes

    monkeypatch.setenv("TOKEN", "of the environment")
    (tmp_path / "line").write_text("of a file\r\n")
    (tmp_path / "key").write_text("of\nlines\n")
    changes = sending(token={"env": "TOKEN"}, line={"file": "line"}, key={"file": "key"})
    assert {*secrets.values(changes, tmp_path).values()} == {"of a file", "of the environment", "of\nlines\n"}
    with pytest.raises(InputError) as told:
        secrets.values(sending(token={"env": "NONE"}, key={"file": "none"}), tmp_path)
    assert str(told.value).splitlines()[1:] == [
        "destinations 'Warehouse': set the environment variable NONE",
        "destinations 'Warehouse': none cannot be read as text",
    ]
    (tmp_path / "environ").write_text("HANDFAST_CLIENT_SECRET=x\0PATH=y\0")
    with pytest.raises(InputError, match="environ cannot be read as text"):
        secrets.values(sending(key={"file": "environ"}), tmp_path)
    monkeypatch.setattr(secrets, "config_folder", lambda: tmp_path / "own")
    with pytest.raises(InputError, match="is of the command line itself"):
        secrets.values(sending(key={"file": "../x/../own/profiles.json"}), tmp_path / "x")
    for nothing in ({"env": ""}, {"file": ""}, {"file": "\0"}):
        with pytest.raises(PlanError, match="no file holds"):
            sending(key=nothing)


@pytest.mark.parametrize(
    ("status", "direction", "wanted", "action", "why"),
    [
        (None, None, {"connectId": "A"}, "request", None),
        (None, None, {}, None, "write its `connectId`"),
        ("pending", "outgoing", {"connectId": "A"}, None, "has not answered"),
        ("pending", "incoming", {"connectId": "A"}, None, "accept it by hand"),
        ("pending", "incoming", {"accept": True}, "accept", None),
        ("active", "incoming", {"allowsEstimates": True}, "change", None),
        ("active", "incoming", {"connectId": "A", "accept": True}, None, None),
        ("expired", "outgoing", {"connectId": "A"}, "request", None),
        ("rejected", "outgoing", {"connectId": "A"}, None, "does not undo"),
        ("disconnected", "incoming", {"connectId": "A", "accept": True}, None, "does not undo"),
    ],
)
def test_a_partner_is_asked_once_and_no_decision_is_undone(
    status: str | None, direction: str, wanted: dict[str, Any], action: str | None, why: str | None
) -> None:
    sandbox = ImaginedSandbox()
    if status:
        sandbox.connection("North", status, direction)
    found = of(sandbox, document(connections=[{"organization": "North", "sandbox": "main"} | wanted]))
    assert [change.action for change in found.changes] == ([action] if action else [])
    assert [(why or "none") in each.why for each in found.waiting] == ([True] if why else [])


def test_a_request_of_a_partner_that_was_disconnected_is_not_accepted() -> None:
    sandbox = ImaginedSandbox()
    sandbox.connection("North", "disconnected", "incoming")
    sandbox.connection("North", "pending", "incoming")
    found = of(sandbox, document(connections=[{"organization": "North", "sandbox": "main", "accept": True}]))
    assert found.changes == ()
    assert "accept by hand" in found.waiting[0].why


def test_a_feed_waits_for_its_partners_and_is_taken_back_from_the_last() -> None:
    sandbox = ImaginedSandbox()
    sandbox.connection("North", "active", "incoming")
    feed = {"name": "Spring", "segments": ["Readers"], "namespaces": ["email"], "published": True}
    base: dict[str, Any] = {"segments": [{"name": "Readers"}]}
    base["connections"] = [{"organization": "South", "connectId": "A"}]
    waits = of(sandbox, document(**base, feeds=[feed | {"partners": ["South"]}]))
    assert [change.action for change in waits.changes] == ["create", "request", "create"]
    assert [each.section for each in waits.waiting] == ["feeds"]
    wanted = document(**base, feeds=[feed | {"partners": ["North", "South"]}])
    sandbox.do(of(sandbox, wanted), most=len(of(sandbox, wanted).changes) - 1)
    assert [change.action for change in of(sandbox, wanted).changes] == ["publish"]
    sandbox.do(of(sandbox, wanted))
    assert sandbox.state.items["feeds"][0]["status"] == "published"
    last = of(sandbox, document(**base, feeds=[feed | {"partners": []}]))
    assert [change.action for change in last.changes] == ["change", "unshare"]
    with pytest.raises(PlanError, match="there is no connection 'East'"):
        of(sandbox, document(**base, feeds=[feed | {"partners": ["East"]}]))


def test_what_no_change_takes_is_told() -> None:
    sandbox = ImaginedSandbox()
    connector = {"name": "Newsletter", "type": "webhook", "settings": {}}
    sandbox.do(of(sandbox, document(connectors=[connector])))
    sandbox.state.secrets["connectors", "klaviyo", "settings"] = frozenset()
    with pytest.raises(PlanError, match="type cannot be changed"):
        of(sandbox, document(connectors=[connector | {"type": "klaviyo"}]))
    with pytest.raises(PlanError, match="there is no type web; there are klaviyo, webhook"):
        of(sandbox, document(connectors=[connector | {"type": "web"}]))
    with pytest.raises(PlanError, match="there is no setting overlapTreshold"):
        of(sandbox, document(settings={"overlapTreshold": 0}))
    with pytest.raises(PlanError, match="corePolicies: there is no restrict_everything"):
        of(sandbox, document(corePolicies={"restrict_everything": True}))
