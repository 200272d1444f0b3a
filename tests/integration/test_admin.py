"""What the operator makes and takes away: whole or not at all, and so that nothing is left that works."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.cognitoidp.models import cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from typer.testing import CliRunner, Result

from functions.access import app as access_app
from functions.activity import app as activity
from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.destinations import app as destinations
from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from functions.segments import app as segments
from functions.sweep import app as sweep
from handfast.access import clients, service, store
from handfast.dataflows import store as dataflows
from handfast.destinations import ending
from handfast.journal import chain
from handfast.journal import store as journal
from handfast.platform import alert_topic, aws, clock, objects, table
from handfast_cli import asking
from handfast_cli.errors import ExitCode
from handfast_cli.main import app
from tests.worlds.furnished import Furnished, furnished
from tests.worlds.privacy import subject
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.stores import REGION, TABLES

PASSWORD = "Correct-horse-9"
POLICY = {"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}}


class Operator:
    """Runs `handfast admin …` on the deployment of the test's stores, with a user pool of its own."""

    def __init__(self) -> None:
        self.cognito = aws.cognito()
        pool = self.cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"], Policies=POLICY)  # type: ignore[arg-type]
        self.pool = pool["UserPool"]["Id"]
        made = self.cognito.create_user_pool_client(UserPoolId=self.pool, ClientName="people")
        self.people_client = made["UserPoolClient"]["ClientId"]
        outputs = {f"{name.title()}TableName": os.environ[f"{name}_TABLE"] for name in TABLES}
        outputs |= {"UserPoolId": self.pool, "PeopleClientId": self.people_client}
        outputs |= {"AlertTopicArn": os.environ["ALERT_TOPIC_ARN"]}
        outputs |= {"DataBucketName": os.environ["DATA_BUCKET"]}
        outputs |= {"OpenDsrCertificateSecretArn": os.environ["OPENDSR_SECRET_ARN"]}
        template = {
            "Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        boto3.client("cloudformation", REGION).create_stack(StackName="test", TemplateBody=json.dumps(template))

    def run(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["admin", *words, "--stack", "test"], input=typed)

    def json(self, *words: str) -> Any:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def people(self) -> list[str]:
        users = self.cognito.list_users(UserPoolId=self.pool)["Users"]
        return [entry["Value"] for user in users for entry in user["Attributes"] if entry["Name"] == "email"]

    def clients(self) -> set[str]:
        listed = self.cognito.list_user_pool_clients(UserPoolId=self.pool)["UserPoolClients"]
        return {client["ClientId"] for client in listed} - {self.people_client}

    def signs_in(self, email: str, password: str) -> bool:
        try:
            self.cognito.admin_initiate_auth(
                UserPoolId=self.pool,
                ClientId=self.people_client,
                AuthFlow="ADMIN_NO_SRP_AUTH",
                AuthParameters={"USERNAME": email, "PASSWORD": password},
            )
        except ClientError:
            return False
        return True

    def federated(self, email: str) -> str:
        """Somebody who came by an identity provider, perhaps with another's address; returns the principal's id."""
        made = self.cognito.admin_create_user(UserPoolId=self.pool, Username=f"company+{email}")["User"]
        # moto has no such people, and lets no two have an address.
        user = cognitoidp_backends[DEFAULT_ACCOUNT_ID][REGION].admin_get_user(self.pool, made["Username"])
        user.update_attributes([{"Name": "email", "Value": email}])
        return made["Username"]


@pytest.fixture
def operator(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("HANDFAST_LOCAL_DIR", str(tmp_path))
    for name in ("USER_POOL_ID", "PEOPLE_CLIENT_ID"):
        monkeypatch.setenv(name, "")
    return Operator()


def on(sandbox: Any, role: str = "viewer") -> list[str]:
    return ["--sandbox", sandbox.sandbox_id, "--role", role]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    now = clock.now

    def pass_time(by: timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: now() + by)
        service.forget()

    return pass_time


# Made whole or not at all


@pytest.mark.parametrize(
    ("password", "sandbox", "role", "status"),
    [
        ("short", None, "viewer", ExitCode.INVALID),
        ("long-but-without-digits", None, "viewer", ExitCode.INVALID),
        (PASSWORD, "sbx_missing", "viewer", ExitCode.CONFLICT),
        (PASSWORD, None, "viewers", ExitCode.INVALID),
    ],
)
def test_a_person_who_is_refused_leaves_nothing(
    operator: Operator, world: World, password: str, sandbox: str | None, role: str, status: ExitCode
) -> None:
    words = ["--sandbox", sandbox or world.a.sandbox_id, "--role", role, "--password", password]
    assert operator.run("create-user", "ann@one.example", *words).exit_code == status
    assert (operator.people(), list(store.grants_on(world.a.sandbox_id))) == ([], [])


@pytest.mark.parametrize(("sandbox", "role"), [("sbx_missing", "viewer"), (None, "viewers")])
def test_a_machine_that_is_refused_leaves_nothing(
    operator: Operator, world: World, sandbox: str | None, role: str
) -> None:
    words = ["--sandbox", sandbox or world.a.sandbox_id, "--role", role]
    assert operator.run("create-client", "Loader", *words).exit_code != 0
    assert operator.clients() == set()


@pytest.mark.parametrize("words", [("create-user", "ann@one.example", "--password", PASSWORD), ("create-client", "L")])
def test_a_failure_on_the_way_is_undone(
    operator: Operator, world: World, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(store, "put_grant", broken)
        assert operator.run(*words, *on(world.a)).exit_code != 0
    assert (operator.people(), operator.clients(), list(store.grants())) == ([], set(), [])
    assert [item for item in table.scan(store.ACCESS) if item["pk"].startswith("PRINCIPAL#")] == []


def test_somebody_who_is_there_is_told_so_and_keeps_the_password(operator: Operator, world: World) -> None:
    created = ("create-user", "ann@one.example", "--password")
    principal = operator.json(*created, PASSWORD, *on(world.a))["principalId"]
    refused = operator.run(*created, "Another-word-9", *on(world.b))
    fix = f"put-grant {principal} {' '.join(on(world.b))}"
    assert (refused.exit_code, fix in refused.stderr) == (ExitCode.CONFLICT, True)
    assert operator.signs_in("ann@one.example", PASSWORD)
    assert store.grant(principal, world.b.sandbox_id) is None
    operator.json(*fix.split())
    assert Member(principal, world.b).call(segments, "GET", "segments").status == 200


# Roles of who is there


def test_a_role_is_given_by_address_by_principal_and_by_client(operator: Operator, world: World) -> None:
    ann = operator.json("create-user", "ann@one.example", "--password", PASSWORD, *on(world.a))["principalId"]
    loader = operator.json("create-client", "Loader", *on(world.a))["clientId"]
    for who, principal in (("ann@one.example", ann), (ann, ann), (loader, loader)):
        assert operator.json("put-grant", who, *on(world.b, "audience-manager"))["principalId"] == principal
        assert store.grant(principal, world.b.sandbox_id) is not None
    listed = operator.json("list-users")["items"]
    roles = [f"{world.a.sandbox_id} viewer", f"{world.b.sandbox_id} audience-manager"]
    assert [(item["email"], item["roles"]) for item in listed] == [("ann@one.example", sorted(roles))]
    (machine,) = operator.json("list-clients", "--sandbox", world.b.sandbox_id)["items"]
    assert (machine["clientId"], machine["name"], machine["roles"]) == (loader, "Loader", roles[1:])
    assert operator.json("list-users", "--sandbox", world.c.sandbox_id)["items"] == []
    assert operator.run("put-grant", "nobody@one.example", *on(world.a)).exit_code == ExitCode.CONFLICT
    assert operator.run("put-grant", 'a" or "@', *on(world.a)).exit_code == ExitCode.INVALID


def test_who_came_by_an_identity_provider_is_listed_and_named_by_the_principals_id(
    operator: Operator, world: World
) -> None:
    operator.json("create-user", "ann@one.example", "--password", PASSWORD, *on(world.a))
    other = operator.federated("ann@one.example")
    assert other in {item["principalId"] for item in operator.json("list-users")["items"]}
    ambiguous = operator.run("put-grant", "ann@one.example", *on(world.a))
    assert (ambiguous.exit_code, other in ambiguous.stderr) == (ExitCode.INVALID, True)
    assert operator.json("put-grant", other, *on(world.a))["principalId"] == other
    assert service.me(service.identify(other)).name == "ann@one.example"


# Removed with all that they could do


def test_a_person_is_deleted_once_the_operator_says_so(
    operator: Operator, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.member(world.a)
    principal = operator.json("create-user", "ann@one.example", "--password", PASSWORD, *on(world.a))["principalId"]
    delete = ("delete-user", "ann@one.example")
    alert_topic.subscribe(principal, "ann@one.example")
    alert_topic.subscribe("somebody else", "bob@one.example")
    assert operator.run(*delete).exit_code == ExitCode.INVALID
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    asked = operator.run(*delete, typed="n\n")
    assert (asked.exit_code, f"{world.a.sandbox_id} viewer" in asked.stderr) == (1, True)
    assert operator.people() == ["ann@one.example"]
    assert operator.run(*delete, typed="y\n").exit_code == 0
    assert (operator.people(), store.principal(principal)) == ([], None)
    assert [each["Endpoint"] for each in aws.sns().list_subscriptions()["Subscriptions"]] == ["bob@one.example"]
    assert Member(principal, world.a).call(segments, "GET", "segments").status == 404
    assert list(journal.log(world.a.sandbox_id))[-1]["type"] == "grant.deleted"
    assert operator.run(*delete, "--yes").exit_code == ExitCode.CONFLICT


@pytest.mark.parametrize("verb", ["delete-user", "delete-client"])
def test_the_last_who_may_manage_access_stays(operator: Operator, world: World, verb: str) -> None:
    principal = operator.json("create-client", "Loader", *on(world.a, "sandbox-admin"))["clientId"]
    if verb == "delete-user":
        principal = operator.json("create-user", "ann@one.example", "--password", PASSWORD, *on(world.b))["principalId"]
        operator.json("put-grant", principal, *on(world.c, "sandbox-admin"))
    before = sorted(operator.people()), operator.clients(), list(store.grants_of(principal))
    refused = operator.run(verb, principal, "--yes")
    assert (refused.exit_code, "manage access" in refused.stderr) == (ExitCode.CONFLICT, True)
    assert (sorted(operator.people()), operator.clients(), list(store.grants_of(principal))) == before
    assert operator.run("put-grant", principal, *on(world.a if verb == "delete-client" else world.c)).exit_code == 4


def test_an_agent_is_removed_once_the_operator_says_so(operator: Operator, world: World) -> None:
    agent = ("--sandbox", world.a.sandbox_id, "--agent-id", "AGENT_A")
    operator.json("add-agent", *agent, "--verify-key", "ab" * 32)
    assert operator.run("remove-agent", *agent).exit_code == ExitCode.INVALID
    assert len(operator.json("list-agents", *agent[:2])["items"]) == 1
    operator.json("remove-agent", *agent, "--yes")
    assert operator.json("list-agents", *agent[:2])["items"] == []


# Rotation


def calls(client_id: str, sandbox: Any) -> Answer:
    service.forget()
    return Member(client_id, sandbox).call(segments, "POST", "segments", {"name": "Readers"})


def test_a_rotated_machine_is_the_same_and_its_client_of_before_ends(
    operator: Operator, world: World, later: Callable[[timedelta], None]
) -> None:
    first = operator.json("create-client", "Loader", *on(world.a, "audience-manager"))["clientId"]
    assert operator.run("rotate-client", first).exit_code == ExitCode.INVALID
    rotated = operator.json("rotate-client", first, "--yes")
    second = rotated["clientId"]
    assert rotated["principalId"] == first
    assert rotated["clientSecret"]
    assert calls(first, world.a).status == calls(second, world.a).status == 201
    made = [record for record in journal.log(world.a.sandbox_id) if record["type"] == "segment.created"]
    assert {record["actor"]["id"] for record in made} == {first}
    until = {item["clientId"]: item["until"] for item in operator.json("list-clients")["items"]}
    assert until == {first: rotated["formerClientUntil"], second: None}

    later(timedelta(hours=24, seconds=1))
    refused = calls(first, world.a)
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.body["type"].endswith("/unauthorized")
    assert Member(first, world.a).call(access_app, "GET", "/me").status == 401
    assert calls(second, world.a).status == 201
    assert Member(second, world.a).call(access_app, "GET", "/me").body["principalId"] == first
    assert operator.clients() == {first, second}
    sweep._PARTS["clients"]()
    assert operator.clients() == {second}
    assert calls(first, world.a).status == 401  # its last token outlives it
    assert clients.end_overdue() == 0


def test_of_two_rotations_in_the_grace_the_first_client_ends_at_once(operator: Operator, world: World) -> None:
    first = operator.json("create-client", "Loader", *on(world.a, "audience-manager"))["clientId"]
    second = operator.json("rotate-client", first, "--yes")["clientId"]
    third = operator.json("rotate-client", second, "--yes")["clientId"]
    assert operator.clients() == {second, third}
    assert [calls(each, world.a).status for each in (first, second, third)] == [401, 201, 201]
    fourth = operator.json("rotate-client", first, "--grace-hours", "0", "--yes")["clientId"]
    assert operator.clients() == {fourth}
    assert [calls(each, world.a).status for each in (second, third, fourth)] == [401, 401, 201]
    operator.json("delete-client", fourth, "--yes")
    assert operator.clients() == set()
    assert [calls(each, world.a).status for each in (first, second, third, fourth)] == [404] * 4
    left = [item for item in table.scan(store.ACCESS) if item["pk"].startswith(("PRINCIPAL#", "ENDING"))]
    assert left == []


def test_a_rotation_that_fails_leaves_the_machine_as_it_was(
    operator: Operator, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = operator.json("create-client", "Loader", *on(world.a, "audience-manager"))["clientId"]

    def broken(_: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(table, "transact", broken)
        assert operator.run("rotate-client", first, "--yes").exit_code != 0
    assert operator.clients() == {first}
    assert calls(first, world.a).status == 201


# Sandboxes and organisations


@pytest.fixture
def both(operator: Operator, world: World, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    monkeypatch.setenv("CONNECTOR_SECRETS", "handfast/test/connectors")
    return furnished(world)


def close_dataflows(sandbox_id: str) -> None:
    """As the export worker does once everything is withdrawn."""
    for flow in dataflows.dataflows(sandbox_id):
        if flow.status != "closed":
            assert flow.status == "closing"
            table.transact(dataflows.put_dataflow(replace(flow, status="closed"), over=flow))


def end_destination(member: Member, destination_id: str) -> None:
    """As the workers do once its members have left."""
    (given,) = member.call(destinations, "GET", f"destinations/{destination_id}/activations").body["items"]
    assert member.call(destinations, "DELETE", f"destinations/{destination_id}").status == 204
    flow = dataflows.dataflow(given["dataflowId"])
    assert flow
    assert flow.status == "closing"
    table.transact(dataflows.put_dataflow(replace(flow, status="closed"), over=flow))
    ending.finish_ended(lambda _: True, lambda _: None)


def test_a_sandbox_goes_only_once_nobody_relies_on_it_and_leaves_nothing_that_works(
    operator: Operator, world: World, both: Furnished
) -> None:
    sandbox_id, own = world.a.sandbox_id, both.of(both.a)
    delete = ("delete-sandbox", sandbox_id, "--yes")
    for folder in ("profiles/sandbox=", "memberships/sandbox=", "answers/sandbox=", "rejects/", "changes/"):
        objects.write(f"{folder}{sandbox_id}/segment=1/x", b"1", replaces=None)
    for folder in ("disclosures", "deliveries"):
        objects.write(f"{folder}/dataflow={own['dataflow']}/x", b"1", replaces=None)
    kept = objects.write(f"profiles/sandbox={world.b.sandbox_id}/x", b"1", replaces=None).key
    loader = operator.json("create-client", "Loader", *on(world.a))["clientId"]
    elsewhere = operator.json("create-client", "Loader of both", *on(world.a))["clientId"]
    operator.json("put-grant", elsewhere, *on(world.b))

    def refused(word: str) -> bool:
        result = operator.run(*delete)
        return (result.exit_code, word in result.stderr) == (ExitCode.CONFLICT, True)

    assert refused(own["connection"])
    assert both.a.call(connect, "POST", f"connections/{own['connection']}/disconnect").status == 200
    assert refused(own["destination"])
    end_destination(both.a, own["destination"])
    assert refused("withdrawn")
    close_dataflows(sandbox_id)
    assert refused("being applied")
    objects.delete(*(found.key for found in objects.listing(f"changes/{sandbox_id}/")))
    body = {"type": "access", "regulation": "gdpr", "verified": True, "subject": subject("ann@example.com")}
    made = both.a.call(privacy, "POST", "privacy-requests", body).body["privacyRequestId"]
    assert refused(made)  # and not the one that nobody has verified
    for request in both.a.call(privacy, "GET", "privacy-requests").body["items"]:
        body = {"reason": "no such right"}
        assert (
            both.a.call(approvals, "POST", f"privacy-requests/{request['privacyRequestId']}/deny", body).status == 200
        )
    assert both.a.call(segments, "GET", "segments").status == 200

    assert operator.run(*delete[:-1]).exit_code == ExitCode.INVALID
    went = operator.json(*delete)
    counted = ("segments", "feeds", "webhooks", "connectors", "agents")
    assert {name: went[name] for name in counted} == dict.fromkeys(counted, 1) | {"segments": 2}
    assert "Loader" in went["signInEnds"]
    assert (store.sandbox(sandbox_id), list(store.grants_on(sandbox_id))) == (None, [])
    service.forget()
    assert both.a.call(segments, "GET", "segments").status == 404
    assert operator.clients() == {elsewhere}
    assert loader != elsewhere
    found = [stored.key for stored in objects.listing("")]
    assert kept in found
    assert [key for key in found if sandbox_id in key or own["dataflow"] in key] == []
    names = [secret["Name"] for secret in aws.secretsmanager().list_secrets()["SecretList"]]
    assert [name for name in names if sandbox_id in name] == []
    shown = both.b.call(connect, "POST", "connect-requests/preview", {"connectId": both.connect_ids[sandbox_id]})
    assert shown.status == 404
    assert operator.run(*delete).exit_code == ExitCode.CONFLICT
    records = list(journal.log(sandbox_id))
    assert (records[-1]["type"], chain.first_break(records)[2]) == ("sandbox.deleted", None)

    # The partner's lists go on, and the sweep has nothing to stumble over.
    theirs = both.of(both.b)
    for function, path in (
        (connect, "connections"),
        (connect, f"connections/{theirs['connection']}"),
        (feeds, "feeds"),
        (feeds, "received-feeds"),
        (feeds, f"received-feeds/{theirs['received_feed']}"),
        (feeds, "dataflows"),
        (feeds, f"dataflows/{own['dataflow']}"),
        (feeds, f"dataflows/{own['dataflow']}/population"),
        (activity, "notifications"),
        (privacy, "privacy-requests"),
    ):
        assert both.b.call(function, "GET", path).status == 200, path
    sweep.handler({}, None)


KEPT = {
    "activity": ("LOG# SEQ#",),
    "connections": ("SBX# CON#", "CONNECTID# CONNECTID"),
    "feeds": ("SBX# SHARE#", "SBX# RF#", "SBX# FLOW#", "FLOW# FLOW"),
    "privacy": ("SBX# PRQ#", "UNVERIFIED# PRQ#", "SBX# OPENDSR#", "PRQ# HIS#", "ROOT# SBX#", "OPEN", "ENDED"),
}
"""What docs/operations.md says is kept of a sandbox, by the tables and the kinds of their keys."""
FORM = {
    "types": ["opt_out"],
    "regulations": ["ccpa"],
    "languages": ["en"],
    "allowedOrigins": [],
    "privacyPolicyUrl": "https://www.example.com/privacy",
}


def left_of(*names: str) -> dict[str, set[str]]:
    """The kinds of keys, by table, of the items that name one of these and do not expire."""
    found: dict[str, set[str]] = {}
    dynamodb = aws.dynamodb()
    for name in dynamodb.list_tables()["TableNames"]:
        for item in map(table.deserialised, dynamodb.scan(TableName=name)["Items"]):
            if any(each in json.dumps(item, default=str) for each in names) and "ttl" not in item:
                kinds = [f"{item[key].partition('#')[0]}#" if "#" in item[key] else item[key] for key in ("pk", "sk")]
                found.setdefault(name, set()).add(kinds[0] if kinds[0] in {"OPEN", "ENDED"} else " ".join(kinds))
    return found


def test_nothing_is_left_of_a_sandbox_but_what_the_docs_say(
    operator: Operator, world: World, both: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_SENDER", "privacy@acme.example")
    sandbox_id, own, a = world.a.sandbox_id, both.of(both.a), both.a
    forms = [a.call(privacy, "PUT", "intake-form", FORM).body["formId"]]
    forms.append(a.call(privacy, "POST", "intake-form/rotate").body["formId"])
    table.apply(table.Put("PRIVACY_TABLE", {"pk": "CYCLES", "sk": sandbox_id}))
    table.apply(table.Put("PRIVACY_TABLE", {"pk": f"DROP#{sandbox_id}", "sk": "drp_1"}))
    assert a.call(connect, "POST", f"connections/{own['connection']}/disconnect").status == 200
    end_destination(a, own["destination"])
    close_dataflows(sandbox_id)
    for request in a.call(privacy, "GET", "privacy-requests").body["items"]:
        path = f"privacy-requests/{request['privacyRequestId']}/deny"
        assert a.call(approvals, "POST", path, {"reason": "no such right"}).status == 200
    objects.delete(*(found.key for found in objects.listing(f"changes/{sandbox_id}/")))
    before = left_of(sandbox_id, *forms)
    assert {"SBX# INTAKE", "INTAKE# INTAKE", "CYCLES " + sandbox_id} <= before["privacy"]
    operator.json("delete-sandbox", sandbox_id, "--yes")
    left = left_of(sandbox_id, *forms)
    assert {name: sorted(kinds.difference(KEPT.get(name, ()))) for name, kinds in left.items()} == {
        name: [] for name in left
    }
    assert [stored.key for stored in objects.listing("") if sandbox_id in stored.key] == []


def test_a_request_that_is_pending_keeps_no_sandbox_and_is_answered(operator: Operator, world: World) -> None:
    a, b = world.member(world.a), world.member(world.b)
    connect_id = a.call(connect, "GET", "connect-id").body["connectId"]
    connection = b.call(connect, "POST", "connect-requests", {"connectId": connect_id}).body["connectionId"]
    operator.json("delete-sandbox", world.a.sandbox_id, "--yes")
    assert b.call(connect, "GET", f"connections/{connection}").body["status"] == "expired"
    assert b.call(connect, "POST", "connect-requests", {"connectId": connect_id}).status == 404


def test_an_organisation_goes_with_all_its_sandboxes_or_not_at_all(operator: Operator, world: World) -> None:
    first = world.a.organization_id
    connect_id = world.member(world.a).call(connect, "GET", "connect-id").body["connectId"]
    asked = world.member(world.b).call(connect, "POST", "connect-requests", {"connectId": connect_id})
    connection = asked.body["connectionId"]
    assert world.member(world.a).call(approvals, "POST", f"connections/{connection}/accept").status == 200
    refused = operator.run("delete-organization", first, "--yes")
    assert (refused.exit_code, connection in refused.stderr) == (ExitCode.CONFLICT, True)
    assert store.sandbox(world.c.sandbox_id) is not None
    new = operator.json("create-organization", "Organization C")["organizationId"]
    sandboxes = [operator.json("create-sandbox", name, "--organization", new)["sandboxId"] for name in ("x", "y")]
    listed = operator.json("list-sandboxes", "--organization", new)["items"]
    assert [item["sandboxId"] for item in listed] == sorted(sandboxes)
    operator.json("create-user", "ann@one.example", "--sandbox", sandboxes[0], "--role", "sandbox-admin")
    assert operator.run("delete-organization", new).exit_code == ExitCode.INVALID
    assert operator.json("delete-organization", new, "--yes")["status"] == "deleted"
    assert operator.people() == []
    left = [item["organizationId"] for item in operator.json("list-organizations")["items"]]
    assert sorted(left) == sorted({world.a.organization_id, world.b.organization_id})
    assert operator.run("delete-organization", new, "--yes").exit_code == ExitCode.CONFLICT
