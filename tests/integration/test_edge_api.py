"""The manners of every route (docs/api.md, Manners), shown on a few."""

import json

import pytest

from functions.access import app
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.privacy_requests import connectors
from functions.segments import app as segments
from handfast.access import service as access
from handfast.access import store
from handfast.access.models import Principal
from handfast_cli.openapi import document
from tests.worlds.sandboxes import CONTEXT, World, proxy_event


def test_a_stranger_and_an_unknown_sandbox_look_the_same(world: World) -> None:
    stranger = world.member(world.b)
    there = stranger.call(app, "GET", f"/sandboxes/{world.a.sandbox_id}/grants")
    nowhere = stranger.call(app, "GET", "/sandboxes/sbx_unknown/grants")
    assert (there.status, there.body["detail"]) == (nowhere.status, nowhere.body["detail"]) == (404, "no such sandbox")


def test_a_missing_permission_is_named(world: World) -> None:
    answer = world.member(world.a, "viewer").call(app, "GET", "grants")
    assert answer.status == 403
    assert answer.body["permission"] == "access:manage"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "requestId"} <= answer.body.keys()


def test_grants_are_checked_before_the_body(world: World) -> None:
    assert world.member(world.a, "viewer").call(app, "PUT", "grants/someone", "not json").status == 403


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ("not json", 400, None),
        ("", 422, ""),
        ({"role": 7}, 422, "/role"),
        ({"role": "king"}, 422, "/role"),
        ({"permissions": ["fly"]}, 422, "/permissions/0"),
        ({"colour": "red"}, 422, "/colour"),
        ([], 422, ""),
        ({}, 422, None),
    ],
)
def test_a_bad_body_names_its_members(world: World, body: object, status: int, pointer: str | None) -> None:
    answer = world.member(world.a).call(app, "PUT", "grants/someone", body)
    assert answer.status == status, answer.body
    if pointer is not None:
        assert pointer.rstrip("/") in {error["pointer"].rstrip("/") for error in answer.body["errors"]}


def test_an_unknown_path_is_a_problem(world: World) -> None:
    answer = world.member(world.a).call(app, "GET", "nothing")
    assert (answer.status, answer.body["title"]) == (404, "Not found")


def test_a_domain_of_ones_own_has_the_stage_in_the_events_path(world: World) -> None:
    """API Gateway leaves the base path of a domain's mapping where it leaves out the stage of its own address."""
    admin, made = world.member(world.a), []
    for prefix in ("", "/v1"):
        event = proxy_event(
            admin.principal_id,
            "POST",
            f"/sandboxes/{world.a.sandbox_id}/segments",
            {"name": "Readers"},
            headers={"Idempotency-Key": "once"},
        )
        answer = segments.handler(event | {"path": f"{prefix}{event['path']}"}, CONTEXT)
        made.append((answer["statusCode"], json.loads(answer["body"])["segmentId"]))
    assert made[0] == made[1]
    assert made[0][0] == 201


def test_a_request_without_claims_finds_nothing(world: World) -> None:
    assert app.handler(proxy_event(None, "GET", "/me"), CONTEXT)["statusCode"] == 404


def test_grants_come_and_go(world: World) -> None:
    admin = world.member(world.a)
    access.register_principal("newcomer", "Newcomer", world.c.sandbox_id, "viewer")
    put = admin.call(app, "PUT", "grants/newcomer", {"role": "viewer", "permissions": ["feeds:write"]})
    assert put.status == 200
    assert "feeds:write" in put.body["permissions"]
    assert admin.call(app, "GET", "grants/newcomer").body == put.body
    assert {item["principalId"] for item in admin.call(app, "GET", "grants").body["items"]} >= {"newcomer"}
    assert admin.call(app, "DELETE", "grants/newcomer").status == 204
    assert admin.call(app, "GET", "grants/newcomer").status == 404
    assert admin.call(app, "DELETE", "grants/newcomer").status == 404


def test_the_last_administrator_stays(world: World) -> None:
    admin = world.member(world.a)
    assert admin.call(app, "DELETE", f"grants/{admin.principal_id}").status == 409
    assert admin.call(app, "PUT", f"grants/{admin.principal_id}", {"role": "viewer"}).status == 409


def test_a_cursor_serves_only_its_own_list(world: World) -> None:
    admin = world.member(world.a)
    world.member(world.a, "viewer")
    first = admin.call(app, "GET", "grants", query={"limit": "1"})
    assert len(first.body["items"]) == 1
    second = admin.call(app, "GET", "grants", query={"limit": "1", "cursor": first.body["nextCursor"]})
    assert second.body["items"][0]["principalId"] != first.body["items"][0]["principalId"]
    assert second.body["nextCursor"] is None
    foreign = world.member(world.b).call(app, "GET", "grants", query={"cursor": first.body["nextCursor"]})
    assert (foreign.status, foreign.body["errors"][0]["pointer"]) == (400, "/cursor")
    assert admin.call(app, "GET", "grants", query={"limit": "0"}).status == 422


def test_what_was_made_is_where_location_says_and_a_repeat_says_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")
    a, b = world.member(world.a), world.member(world.b)
    connect_id = b.call(connect, "GET", "connect-id").body["connectId"]
    segment = a.call(segments, "POST", "segments", {"name": "Members"}).body["segmentId"]
    column = {"column": "mail", "as": "identity", "namespace": "email"}
    settings = {"url": "https://127.0.0.1:9/", "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}
    made = [
        (connect, "connect-requests", {"connectId": connect_id}),
        (segments, "segments", {"name": "Readers"}),
        (segments, "uploads", {"fileName": "people.csv", "format": "csv", "mode": "delta", "columns": [column]}),
        (feeds, "feeds", {"name": "Spring", "segmentIds": [segment], "namespaces": ["email"]}),
        (connectors, "connectors", {"type": "webhook", "name": "Warehouse", "settings": settings}),
    ]
    for function, path, body in made:
        first, again = (a.call(function, "POST", path, body, headers={"Idempotency-Key": path}) for _ in range(2))
        assert (first.status, again.headers["Location"]) == (201, first.headers["Location"])
        place, _, made_id = first.headers["Location"].rpartition("/")
        assert place.startswith(f"/v1/sandboxes/{world.a.sandbox_id}/")
        read = a.call(function, "GET", f"{place.removeprefix('/v1')}/{made_id}")
        assert made_id in first.body.values()
        assert made_id in read.body.values()


def test_the_document_is_served_as_it_is_kept() -> None:
    answer = app.handler(proxy_event(None, "GET", "/openapi.json"), CONTEXT)
    assert (answer["statusCode"], answer["multiValueHeaders"]["Content-Type"]) == (200, ["application/json"])
    assert json.loads(answer["body"]) == document()


def test_a_principal_of_another_organization_is_as_unknown_as_one_that_is_nobody(world: World) -> None:
    admin, foreign = world.member(world.a), world.member(world.b)
    answers = [
        admin.call(app, method, f"grants/{principal}", body)
        for method, body in (("PUT", {"role": "viewer"}), ("GET", None), ("DELETE", None))
        for principal in (foreign.principal_id, "nobody")
    ]
    assert {answer.status for answer in answers} == {404}
    assert [answer.body["detail"] for answer in answers[::2]] == [answer.body["detail"] for answer in answers[1::2]]
    assert foreign.call(app, "GET", "/me").body["grants"][0]["sandboxId"] == world.b.sandbox_id


@pytest.mark.parametrize("made_known_before_organizations_were_kept", [False, True])
def test_a_principal_of_ones_own_organization_gets_a_grant(
    world: World, made_known_before_organizations_were_kept: bool
) -> None:
    admin, colleague = world.member(world.a), world.member(world.c)
    if made_known_before_organizations_were_kept:
        store.put_principal(colleague.principal_id, Principal("A colleague"))
    path = f"grants/{colleague.principal_id}"
    assert admin.call(app, "PUT", path, {"role": "viewer"}).status == 200
    assert admin.call(app, "DELETE", path).status == 204
    assert admin.call(app, "PUT", path, {"role": "viewer"}).status == 200


def test_a_query_parameter_that_a_call_does_not_have_is_refused_and_the_ones_it_has_are_named(world: World) -> None:
    member = world.member(world.a)
    for method in ("GET", "HEAD"):
        assert member.call(segments, method, "segments", query={"limit": "5", "orign": "received"}).status == 422
    answer = member.call(segments, "GET", "segments", query={"limit": "5", "orign": "received"}).body
    assert (answer["reason"], answer["errors"][0]["pointer"]) == ("unknown_parameter", "/query/orign")
    assert {"cursor", "limit", "origin"} <= set(answer["known"])
    assert "origin" in answer["detail"]
    nothing = member.call(app, "PUT", "grants/someone", {"role": "viewer"}, query={"dryrun": "true"})
    assert (nothing.status, nothing.body["known"]) == (422, [])
    assert member.call(app, "GET", "grants").body["items"] == member.call(app, "GET", "grants", query={}).body["items"]
    stranger = world.member(world.b).call(app, "GET", f"/sandboxes/{world.a.sandbox_id}/grants", query={"x": "1"})
    assert stranger.status == 404
