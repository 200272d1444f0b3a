"""A desired state carried out against the API: the example's file, drift, crashes, and what waits for others."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from functions.connect_requests import app as connect
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.segments import app as segments
from functions.sources import app as sources
from handfast_cli import asking
from handfast_cli.desired import report
from handfast_cli.desired.applying import ApplyError
from handfast_cli.desired.reading import read
from handfast_cli.desired.running import RefusedError, apply_plan, planned, show_plan
from handfast_cli.desired.state import UnreadableError
from handfast_cli.desired.trying import tried
from handfast_cli.errors import InputError
from handfast_cli.main import app
from handfast_cli.options import Session
from tests.worlds.gateway_api import GatewayApi, session_of
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import connected
from tests.worlds.uploads import PEOPLE, ingested, segment_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "desired-state" / "handfast.yaml"
SIGNING_KEY = "whsec_" + "A" * 43 + "="


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, a: Member, b: Member) -> Path:
    """The example's file, with its secrets, and the partner's request."""
    monkeypatch.setenv("WAREHOUSE_TOKEN", "a-token-that-is-nowhere-else")
    monkeypatch.setenv("PRIVACY_WEBHOOK_SECRET", SIGNING_KEY)
    file = tmp_path / "handfast.yaml"
    file.write_text(EXAMPLE.read_text())
    connect_id = a.call(connect, "GET", "connect-id").body["connectId"]
    assert b.call(connect, "POST", "connect-requests", {"connectId": connect_id}).status == 201
    return file


def plan(member: Member, file: Path) -> list[str]:
    found, there = planned(session_of(member), read(file))
    return list(report.lines(found, list(tried(session_of(member), found, there))))


def apply(member: Member, file: Path) -> GatewayApi:
    api = GatewayApi(member.principal_id)
    run(session_of(member, api), file)
    return api


def run(session: Session, file: Path, *, yes: bool = True) -> None:
    apply_plan(session, read(file), file.parent, yes=yes, send_secrets=False, as_json=False)


def shows(session: Session, file: Path, *, as_json: bool = False) -> int | None:
    """What `plan` ends with; None where nothing differs."""
    try:
        show_plan(session, read(file), send_secrets=False, as_json=as_json)
    except typer.Exit as ended:
        return ended.exit_code
    return None


def changed(lines: list[str]) -> list[str]:
    """The titles of what there is to do."""
    return [line for line in lines if line[:1] in "+-~"]


NOTHING = ["Nothing to do: all that the file names is as it says."]


def test_the_example_is_planned_applied_and_then_nothing_is_to_do(
    example: Path, a: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    api = GatewayApi(a.principal_id)
    assert shows(session_of(a, api), example, as_json=True) == 6
    assert api.wrote == []
    told = json.loads(capsys.readouterr().out)
    assert len(told["changes"]) == 15
    assert told["unmanaged"] == []
    apply(a, example)
    (feed,) = a.call(feeds, "GET", "feeds").body["items"]
    assert (feed["status"], feed["namespaces"], len(feed["shares"])) == ("published", ["Email_LC_SHA256"], 1)
    said = capsys.readouterr()
    assert "a-token-that-is-nowhere-else" not in said.out + said.err + json.dumps(told)
    assert shows(session_of(a), example) is None
    assert capsys.readouterr().out.splitlines() == NOTHING
    assert apply(a, example).wrote == []


@pytest.mark.parametrize("done", [0, 5, 11, 14])
def test_what_broke_off_goes_on_when_it_is_applied_again(example: Path, a: Member, done: int) -> None:
    api = GatewayApi(a.principal_id)
    api.breaks_after = done
    with pytest.raises(ConnectionError):
        run(session_of(a, api), example)
    assert len(api.wrote) == done
    apply(a, example)
    assert plan(a, example) == NOTHING


def test_what_was_changed_by_hand_is_shown_with_what_undoing_it_does(example: Path, a: Member) -> None:
    apply(a, example)
    (source,) = a.call(sources, "GET", "sources").body["items"]
    assert (
        a.call(sources, "PATCH", f"sources/{source['sourceId']}", {"mode": "delta", "status": "enabled"}).status == 200
    )
    (feed,) = a.call(feeds, "GET", "feeds").body["items"]
    assert a.call(feeds, "PATCH", f"feeds/{feed['feedId']}", {"description": "by hand"}).status == 200
    assert a.call(feeds, "PATCH", f"feeds/{feed['feedId']}", {"namespaces": ["phone"]}).status == 200
    assert a.call(segments, "POST", "segments", {"name": "By hand"}).status == 201
    shown = plan(a, example)
    assert changed(shown) == [
        "~ change source Nightly export",
        "~ change feed Spring",
        "~ publish feed Spring",
    ]
    assert "    status: enabled → paused" in shown
    assert "    namespaces: Phone_SHA256_E.164 → Email_LC_SHA256" in shown
    assert "    → offers Newsletter readers (0 people)" in shown
    assert "? not in the file, and left as they are: segments: By hand" in shown
    apply(a, example)
    # What the file does not name stays as it is.
    assert a.call(feeds, "GET", "feeds").body["items"][0]["description"] == "by hand"


def test_what_is_pruned_is_shown_with_whom_it_withdraws_from_and_then_gone(example: Path, a: Member) -> None:
    apply(a, example)
    text = example.read_text()
    for section in ("feeds", "webhooks", "destinations"):
        text = text.replace(f"\n{section}:\n", f"\n{section}: []\n_{section}:\n")
    kept = yaml.safe_load(text)
    example.write_text(
        json.dumps({name: value for name, value in kept.items() if name[0] != "_"} | {"prune": ["feeds", "webhooks"]})
    )
    shown = plan(a, example)
    assert changed(shown) == ["- delete webhook https://events.example.com/handfast", "- delete feed Spring"]
    assert "    → withdraws from Organization B: Newsletter readers (0 people)" in shown
    assert "? not in the file, and left as they are: destinations: Warehouse" in shown
    apply(a, example)
    assert a.call(feeds, "GET", "feeds").body["items"] == []


def test_a_feed_for_nobody_any_more_is_unshared(example: Path, a: Member) -> None:
    apply(a, example)
    example.write_text(example.read_text().replace("partners: [Organization B]", "partners: []"))
    shown = plan(a, example)
    assert changed(shown) == ["~ change feed Spring", "- unshare feed Spring"]
    assert "    → withdraws from Organization B: Newsletter readers (0 people)" in shown
    apply(a, example)
    (feed,) = a.call(feeds, "GET", "feeds").body["items"]
    assert [share["status"] for share in feed["shares"]] == ["revoked"]
    assert plan(a, example) == ["… feed Spring: is published once it names a partner", *NOTHING]


def test_dry_runs_tell_numbers_of_people_and_what_would_be_refused(world: World, a: Member, tmp_path: Path) -> None:
    readers = segment_of(a)
    ingested(world, a, PEOPLE, segmentId=readers)
    file = tmp_path / "state.yaml"
    file.write_text("""
version: 1
policies:
  - {name: Mine, marketingActions: [segment_match], deny: {label: C9}, enabled: true}
segments:
  - {name: Readers, labels: [C9]}
feeds:
  - {name: Spring, segments: [Readers], namespaces: [email], published: true}
""")
    assert changed(plan(a, file)) == ["~ change segment Readers", "+ create policy Mine", "+ create feed Spring"]
    apply(a, file)
    file.write_text(file.read_text().replace("published: true", "partners: [Organization B], published: true"))
    connected(a, world.member(world.b))
    shown = plan(a, file)
    assert "    → offers Readers (3 people)" in shown
    assert "    ✗ would be refused: policies forbid sharing: Mine" in shown
    assert shows(session_of(a), file) == 1
    api = GatewayApi(a.principal_id)
    with pytest.raises(RefusedError, match="1 of 2 changes"):
        run(session_of(a, api), file)
    assert api.wrote == []
    # What comes before it allows it.
    file.write_text(file.read_text().replace("enabled: true", "enabled: false"))
    assert any(line.startswith("    → as things are now it would be refused: ") for line in plan(a, file))
    apply(a, file)
    assert plan(a, file) == NOTHING


def test_what_has_no_dry_run_is_refused_when_it_comes_and_told_with_what_is_done(a: Member, tmp_path: Path) -> None:
    file = tmp_path / "state.yaml"
    file.write_text(
        "version: 1\nsegments: [{name: Readers}]\nwebhooks: [{url: 'https://events.example.com', types: [feed.none]}]"
    )
    with pytest.raises(ApplyError, match="1 changes are done") as refused:
        apply(a, file)
    assert (refused.value.exit_code, refused.value.members["done"]) == (2, 1)
    assert "feed.published" in refused.value.members["known"]


def test_a_section_that_may_not_be_read_is_named(world: World, tmp_path: Path) -> None:
    file = tmp_path / "state.yaml"
    file.write_text("version: 1\nwebhooks: []\n")
    with pytest.raises(UnreadableError, match="webhooks cannot be compared: 403") as refused:
        plan(world.member(world.a, "viewer"), file)
    assert refused.value.exit_code == 3


def test_a_connect_id_of_another_is_refused_and_a_request_waits(
    world: World, a: Member, b: Member, tmp_path: Path
) -> None:
    connect_id = b.call(connect, "GET", "connect-id").body["connectId"]
    file = tmp_path / "state.yaml"
    file.write_text(f"version: 1\nconnections:\n  - {{organization: Another, connectId: {connect_id}}}\n")
    assert "would be refused: the connect ID is that of Organization B, sandbox b" in "\n".join(plan(a, file))
    with pytest.raises(RefusedError, match="nothing was done"):
        apply(a, file)
    file.write_text(file.read_text().replace("Another", "Organization B"))
    assert "    → asks Organization B, sandbox b" in plan(a, file)
    apply(a, file)
    assert plan(a, file) == ["… connection Organization B: has not answered the request yet", *NOTHING]


def test_without_a_terminal_nothing_is_done_unless_yes_is_given(
    example: Path, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = GatewayApi(a.principal_id)
    with pytest.raises(InputError, match="--yes"):
        run(session_of(a, api), example, yes=False)
    monkeypatch.delenv("WAREHOUSE_TOKEN")
    with pytest.raises(InputError, match="destinations 'Warehouse': set the environment variable WAREHOUSE_TOKEN"):
        run(session_of(a, api), example)
    assert api.wrote == []


EVERYTHING = """
version: 1
settings:
  consentDefault: default_deny
  partnerGuards: {largestShare: 0.8}
  holidays: ["2026-12-25", "2026-12-24"]
labels:
  - {code: loyal, name: Loyalty}
marketingActions:
  - {code: loyalty_mailing, name: Loyalty mailing, description: By post.}
namespaces:
  - {namespace: CARD, name: Card, kind: text, minLength: 4, maxLength: 12}
dataSources:
  - {name: Shop, labels: [loyal, C3], exportControls: [no_offsite_ad_targeting]}
segments:
  - {name: Both, expression: "{A (1)} AND FREQUENCY([{A (1)}, {B}]) >= 2"}
  - {name: A (1)}
  - {name: B, externalId: b-1, labels: [C4, C3]}
policies:
  - name: Mine
    description: Both at once.
    marketingActions: [loyalty_mailing, segment_match]
    deny: {operator: AND, operands: [{label: loyal}, {operator: OR, operands: [{label: I2}, {label: I1}]}]}
    enabled: false
sources:
  - name: Server
    kind: sftp
    settings:
      host: sftp.example.com
      hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKLPf0E29+N0l5eeNTGnvj+mAVvwW1eLhwW0LMBLiVZ7 server
      userName: handfast
      directory: /out
      password: {file: secret.txt}
    format: csv
    mode: delta
    dialect: {delimiter: ";", header: [mail, phone, tier]}
    columns:
      - {column: mail, as: identity, namespace: emails}
      - {column: phone, as: identity, namespace: phone, form: national, optional: true}
      - {column: tier, as: attribute, name: tier}
    segment: B
    dataSource: Shop
    schedule: {everyMinutes: 60}
feeds:
  - {name: Draft, description: One day., segments: [B], namespaces: [card, email], showPopulation: true}
destinations:
  - name: Warehouse
    type: http
    status: disabled
    settings: {url: "https://localhost:1/hook", headers: {env: prod}, maxProfilesPerCall: 5}
    authentication: {kind: bearer, bearerToken: {file: secret.txt}}
    marketingActions: [email_targeting, analytics]
    aggregation: {maxIdentities: 500, groupBy: [segment]}
    activations:
      - segments: [{segment: B, mappingId: b-list, endDate: "2030-12-31"}]
        mapping: [{source: email, target: email_lc_sha256}, {source: phone, target: phone_sha256_e.164}]
        attributes: [{source: tier, target: person.tier}]
connectors:
  - name: Processor
    type: opendsr
    settings: {url: "https://localhost:1/", authorization: {env: WAREHOUSE_TOKEN}}
  - {name: Hook, type: webhook, settings: {url: "https://localhost:1/connector", secret: {env: PRIVACY_WEBHOOK_SECRET}}}
webhooks:
  - {url: "https://LOCALHOST:1", types: [feed.*, "*"], status: disabled}
"""


def test_twice_is_nothing_for_every_section_and_a_change_of_each_is_seen(
    example: Path, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    (example.parent / "secret.txt").write_text("a-secret-of-a-file\n")
    example.write_text(EVERYTHING)
    apply(a, example)
    assert plan(a, example) == NOTHING
    example.write_text(
        EVERYTHING.replace("0.8", "0.7")
        .replace("Loyalty}", "Loyal ones}")
        .replace("By post.", "By letter.")
        .replace("name: Card,", "name: Loyalty card,")
        .replace("[loyal, C3], exp", "[loyal], exp")
        .replace(">= 2", ">= 1")
        .replace("Both at once.", "Both.")
        .replace("everyMinutes: 60", "everyMinutes: 30")
        .replace("One day.", "Some day.")
        .replace("maxProfilesPerCall: 5", "maxProfilesPerCall: 6")
        .replace("person.tier", "person.level")
        .replace("1/connector", "1/other")
        .replace("[feed.*, ", "[")
    )
    shown = plan(a, example)
    assert len(changed(shown)) == 13, shown
    apply_ends = 1  # the destination has new secrets, and nobody answers its test
    with pytest.raises(typer.Exit) as ended:
        apply(a, example)
    assert ended.value.exit_code == apply_ends
    assert plan(a, example) == NOTHING


def test_at_a_terminal_it_asks_and_looks_again(
    example: Path, a: Member, b: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = GatewayApi(a.principal_id)
    monkeypatch.setattr(Session, "of", lambda *_: session_of(a, api))
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    answered = CliRunner().invoke(app, ["apply", str(example)], input="n\n")
    assert (answered.exit_code, api.wrote) == (1, [])
    assert "+ create feed Spring" in answered.output

    class Meanwhile(GatewayApi):
        def call(self, method: str, path: str, **more: Any) -> Any:
            if path.endswith("/labels") and sum(asked.endswith("/labels") for asked in self.asked):
                b.call(connect, "POST", f"connect-requests/{connection}/withdraw")
            return super().call(method, path, **more)

    connection = b.call(connect, "GET", "connections").body["items"][0]["connectionId"]
    meanwhile = Meanwhile(a.principal_id)
    monkeypatch.setattr(Session, "of", lambda *_: session_of(a, meanwhile))
    answered = CliRunner().invoke(app, ["apply", str(example)], input="y\n")
    assert (answered.exit_code, meanwhile.wrote) == (4, []), answered.output
    assert "has changed meanwhile" in answered.output.replace("\n", " ")
    answered = CliRunner().invoke(app, ["plan", str(example)])
    assert answered.exit_code == 6
    assert "… connection Organization B/sandbox b: was withdrawn" in answered.output
    assert "… feed Spring: is not shared with Organization B yet" in answered.output
    assert CliRunner().invoke(app, ["apply", str(example)], input="y\n").exit_code == 0
    assert CliRunner().invoke(app, ["plan", str(example)]).exit_code == 0


def test_an_activation_keeps_what_the_file_does_not_name(world: World, a: Member, tmp_path: Path) -> None:
    for name in ("Readers", "Buyers"):
        ingested(world, a, PEOPLE, segmentId=segment_of(a, name))
    file = tmp_path / "state.yaml"
    text = """
version: 1
destinations:
  - name: Warehouse
    type: http
    settings: {url: "https://audiences.example.com/changes"}
    activations:
      - segments: [{segment: Readers}]
        mapping: [{source: email, target: email_lc_sha256}]
"""
    file.write_text(text)
    apply(a, file)
    (destination,) = a.call(destinations, "GET", "destinations").body["items"]
    path = f"destinations/{destination['destinationId']}/activations"
    (there,) = a.call(destinations, "GET", path).body["items"]
    by_hand = {"segmentId": there["segments"][0]["segmentId"], "mappingId": "by-hand", "endDate": "2030-12-31"}
    changed_by_hand = a.call(destinations, "PATCH", f"{path}/{there['activationId']}", {"segments": [by_hand]})
    assert changed_by_hand.status == 200, changed_by_hand.body
    assert plan(a, file) == NOTHING
    file.write_text(text.replace("[{segment: Readers}]", "[{segment: Readers}, {segment: Buyers}]"))
    shown = plan(a, file)
    assert changed(shown) == ["~ change activation email_lc_sha256 to Warehouse"]
    assert any(line.startswith("    → gives ") and line.endswith(" people") for line in shown), shown
    apply(a, file)
    (there,) = a.call(destinations, "GET", path).body["items"]
    assert {each["mappingId"] for each in there["segments"]} >= {"by-hand"}
    file.write_text(
        text.replace("    activations:", "    activations: []\nprune: [activations]\n_:").partition("_:")[0]
    )
    shown = plan(a, file)
    assert changed(shown) == ["- delete activation Warehouse: email_lc_sha256"]
    apply(a, file)
    assert a.call(destinations, "GET", path).body["items"][0]["status"] == "ending"
    assert plan(a, file) == NOTHING


def test_all_that_can_be_pruned_is_in_an_order_that_the_api_takes(
    example: Path, a: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    (example.parent / "secret.txt").write_text("a-secret-of-a-file\n")
    sections = yaml.safe_load(EVERYTHING)
    del sections["destinations"]  # it is deleted once its members have left
    example.write_text(json.dumps(sections))
    apply(a, example)
    prune = ["labels", "marketingActions", "segments", "policies", "sources", "feeds", "connectors", "webhooks"]
    # What the data source carries is in use.
    sections["dataSources"][0]["labels"] = []
    example.write_text(json.dumps(sections | {name: [] for name in prune} | {"prune": prune}))
    shown = changed(plan(a, example))
    assert [line.split(maxsplit=3)[2] for line in shown if line.startswith("- ")] == [
        *("webhook", "connector", "connector", "feed", "source", "policy", "segment", "segment", "segment"),
        *("marketing", "label"),
    ]
    apply(a, example)
    assert plan(a, example) == NOTHING
