"""Invitations by e-mail: rights that become a grant when who has the address accepts them (docs/api.md, Who)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from functions.access import app as access
from functions.activity import app as activity
from handfast.access import addresses, invitation_store, invitations, service, store
from handfast.access.models import Principal
from handfast.journal import store as journal
from handfast.platform import aws, clock
from handfast.platform.quotas import Quota
from tests.worlds.sandboxes import Answer, Member, World, organizations
from tests.worlds.stores import built_once
from tests.worlds.template import of_type

ADDRESS = "new.colleague@example.com"


@built_once
def _world() -> World:
    return organizations()


@pytest.fixture
def world(stores: None) -> World:
    service.forget()
    return _world()


@pytest.fixture
def admin(world: World) -> Member:
    return world.member(world.a)


def invite(member: Member, email: str = ADDRESS, **rights: Any) -> Answer:
    return member.call(access, "POST", "invitations", {"email": email} | (rights or {"role": "viewer"}))


def made(answer: Answer) -> Any:
    assert answer.status == 201, answer.body
    return answer.body


def listed(member: Member, **query: str) -> list[Any]:
    return list(member.call(access, "GET", "invitations", query=query).body["items"])


def me(principal_id: str, method: str, path: str) -> Answer:
    """A call of a person's own."""
    return Member(principal_id, None).call(access, method, path)  # type: ignore[arg-type]


def sub_of(email: str) -> str:
    (holder,) = addresses.holders_of(email)
    return holder.principal_id


def person(email: str, *, organization: str | None = None, has_signed_in: bool = True) -> str:
    """Somebody of the user pool, known for an organisation; returns the principal's id."""
    username, principal_id = addresses.create(email)
    if has_signed_in:
        pool = os.environ["USER_POOL_ID"]
        aws.cognito().admin_set_user_password(
            UserPoolId=pool, Username=username, Password="Correct-horse-9", Permanent=True
        )
    if organization:
        store.put_principal(principal_id, Principal(email, organization))
    return principal_id


@contextmanager
def asked_of_cognito() -> Iterator[list[str]]:
    calls: list[str] = []

    def note(model: Any, params: Any, **_: Any) -> None:
        calls.append(model.name + ("" if "MessageAction" not in str(params) else ":RESEND"))

    events = aws.cognito().meta.events
    events.register("before-call", note, unique_id="asked")
    try:
        yield calls
    finally:
        events.unregister("before-call", unique_id="asked")


def records(member: Member, family: str) -> list[Any]:
    return [each for each in journal.log(member.sandbox.sandbox_id) if each["type"].startswith(family)]


def test_who_is_new_gets_a_temporary_password_and_the_grant_by_accepting(world: World, admin: Member) -> None:
    answer = invite(admin, role="audience-manager")
    invitation = made(answer)
    assert answer.headers["Location"].endswith(f"/invitations/{invitation['invitationId']}")
    assert (invitation["status"], invitation["email"], invitation["principalId"]) == ("pending", ADDRESS, None)
    assert "segments:write" in invitation["permissions"]
    principal_id = sub_of(ADDRESS)
    assert store.grant(principal_id, admin.sandbox.sandbox_id) is None
    (mine,) = me(principal_id, "GET", "/me/invitations").body["items"]
    assert (mine["sandboxName"], mine["role"]) == (admin.sandbox.name, "audience-manager")
    accepted = me(principal_id, "POST", f"/me/invitations/{invitation['invitationId']}/accept")
    assert (accepted.status, accepted.body["role"]) == (200, "audience-manager")
    assert me(principal_id, "GET", "/me").body["name"] == ADDRESS
    assert me(principal_id, "GET", "/me").body["grants"] == [accepted.body]
    assert me(principal_id, "GET", "/me/invitations").body["items"] == []
    assert me(principal_id, "POST", f"/me/invitations/{invitation['invitationId']}/accept").status == 404
    (shown,) = listed(admin)
    assert (shown["status"], shown["principalId"]) == ("accepted", principal_id)
    assert [each["type"] for each in records(admin, "invitation.")] == ["invitation.created", "invitation.accepted"]
    (grant,) = records(admin, "grant.put")[-1:]
    assert (grant["subject"], grant["detail"]["invitationId"]) == (principal_id, invitation["invitationId"])
    assert not any(ADDRESS in str(each["detail"]) + each["subject"] for each in journal.log(admin.sandbox.sandbox_id))


def test_who_is_of_the_organisation_gets_the_grant_at_once(world: World, admin: Member) -> None:
    principal_id = person(ADDRESS, organization=admin.sandbox.organization_id)
    invitation = made(invite(admin, permissions=["feeds:read"]))
    assert (invitation["status"], invitation["principalId"]) == ("accepted", principal_id)
    grant = store.grant(principal_id, admin.sandbox.sandbox_id)
    assert grant is not None
    assert grant.permissions == ("feeds:read",)
    again = invite(admin)
    assert (again.status, again.body["current"], again.body["principalId"]) == (409, "exists", principal_id)


def test_nobody_learns_who_is_known_to_other_organisations(world: World, admin: Member) -> None:
    person("known@example.com", organization=world.b.organization_id)
    person("waiting@example.com", has_signed_in=False)
    answers, calls = {}, {}
    for email in ("known@example.com", "waiting@example.com", "unknown@example.com"):
        with asked_of_cognito() as asked:
            answers[email] = invite(admin, email)
        calls[email] = asked
    assert calls == {
        "known@example.com": ["ListUsers", "ListUsers"],
        "waiting@example.com": ["ListUsers", "AdminCreateUser:RESEND"],
        "unknown@example.com": ["ListUsers", "AdminCreateUser"],
    }
    differing = {"invitationId", "email", "createdAt", "expiresAt"}
    said = [{name: value for name, value in made(each).items() if name not in differing} for each in answers.values()]
    assert said[0] == said[1] == said[2]
    assert {each.headers["ETag"].partition("-")[0] for each in answers.values()} == {'"2'}
    assert {each["status"] for each in listed(admin)} == {"pending"}
    listed_grants = admin.call(access, "GET", "grants").body["items"]
    assert not {each["name"] for each in listed_grants} & set(answers)


def test_somebody_of_another_organisation_keeps_their_name_and_both_grants(world: World, admin: Member) -> None:
    principal_id = person(ADDRESS, organization=world.b.organization_id)
    theirs = world.member(world.b)
    service.register_principal(principal_id, "Ours", theirs.sandbox.sandbox_id, "viewer")
    invitation = made(invite(admin))
    assert me(principal_id, "POST", f"/me/invitations/{invitation['invitationId']}/accept").status == 200
    grants = me(principal_id, "GET", "/me").body["grants"]
    assert {each["sandboxName"] for each in grants} == {admin.sandbox.name, theirs.sandbox.name}
    assert store.principal(principal_id) == Principal("Ours", world.b.organization_id)


def test_the_same_again_is_the_one_that_is_pending_and_sends_nothing(world: World, admin: Member) -> None:
    first = made(invite(admin))
    with asked_of_cognito() as asked:
        assert made(invite(admin, ADDRESS.upper())) == first
    assert asked == []
    other = invite(admin, role="sandbox-admin")
    assert (other.status, other.body["current"]) == (409, "invited")
    assert other.body["invitationId"] == first["invitationId"]
    assert len(records(admin, "invitation.")) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "nobody", "role": "viewer"}, "/email"),
        ({"email": "unknown@example", "role": "viewer"}, "/email"),
        ({"email": ADDRESS, "role": "king"}, "/role"),
        ({"email": ADDRESS, "permissions": ["feeds:eat"]}, "/permissions/0"),
        ({"email": ADDRESS}, None),
        ({"role": "viewer"}, "/email"),
    ],
)
def test_what_is_no_invitation_is_refused_and_nothing_is_left(
    world: World, admin: Member, body: Any, pointer: str | None
) -> None:
    with asked_of_cognito() as asked:
        answer = admin.call(access, "POST", "invitations", body)
    assert answer.status == 422, answer.body
    said = answer.body.get("pointer") or next((each["pointer"] for each in answer.body.get("errors", ())), None)
    assert (said, asked, listed(admin)) == (pointer, [], [])


def test_an_address_that_the_pool_refuses_leaves_nothing(
    world: World, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(code: str) -> Any:
        def create(_: str, **__: Any) -> Any:
            error: Any = aws.cognito().exceptions.from_code(code)
            raise error({"Error": {"Code": code, "Message": "no"}}, "create")

        return create

    for code, status in (
        ("InvalidParameterException", 422),
        ("CodeDeliveryFailureException", 422),
        ("LimitExceededException", 429),
        ("InternalErrorException", 500),
    ):
        monkeypatch.setattr(addresses, "create", refused(code))
        assert invite(admin).status == status
        assert listed(admin) == records(admin, "invitation.") == []
    monkeypatch.undo()


def test_expired_it_is_sent_again_and_works_for_as_long_as_a_new_one(
    world: World, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = made(invite(admin))
    principal_id, path = sub_of(ADDRESS), f"invitations/{invitation['invitationId']}"
    accept = f"/me/invitations/{invitation['invitationId']}/accept"
    later = clock.now() + invitations.VALID_FOR + timedelta(seconds=1)
    with monkeypatch.context() as then:
        then.setattr(clock, "now", lambda: later)
        assert [each["status"] for each in listed(admin, status="expired")] == ["expired"]
        assert me(principal_id, "GET", "/me/invitations").body["items"] == []
        late = me(principal_id, "POST", accept)
        assert (late.status, late.body["current"]) == (409, "expired")
        with asked_of_cognito() as asked:
            again = admin.call(access, "POST", f"{path}/resend")
        assert asked == ["ListUsers", "AdminCreateUser:RESEND"]
        assert (again.status, again.body["status"]) == (200, "pending")
        assert again.body["expiresAt"] == clock.to_text(later + invitations.VALID_FOR)
        assert me(principal_id, "POST", accept).status == 200
    ended = admin.call(access, "POST", f"{path}/resend")
    assert (ended.status, ended.body["current"]) == (409, "accepted")
    kinds = [each["type"].partition(".")[2] for each in records(admin, "invitation.")]
    assert kinds == ["created", "resent", "accepted"]


def test_taken_back_it_is_nobodys(world: World, admin: Member) -> None:
    invitation = made(invite(admin))
    path = f"invitations/{invitation['invitationId']}"
    stale = admin.call(access, "DELETE", path, headers={"If-Match": '"7-0"'})
    assert stale.status == 412
    assert admin.call(access, "DELETE", path).status == 204
    assert admin.call(access, "DELETE", path).status == 204
    principal_id = sub_of(ADDRESS)
    assert me(principal_id, "GET", "/me/invitations").body["items"] == []
    assert me(principal_id, "POST", f"/me/invitations/{invitation['invitationId']}/accept").status == 404
    assert admin.call(access, "GET", path).body["status"] == "revoked"
    assert admin.call(access, "POST", f"{path}/resend").body["current"] == "revoked"
    assert made(invite(admin))["invitationId"] != invitation["invitationId"]
    assert [each["type"] for each in records(admin, "invitation.")].count("invitation.revoked") == 1


def test_declined_it_names_nobody_in_the_log(world: World, admin: Member) -> None:
    principal_id = person(ADDRESS, organization=world.b.organization_id)
    invitation = made(invite(admin))
    assert me(principal_id, "POST", f"/me/invitations/{invitation['invitationId']}/decline").status == 204
    (shown,) = listed(admin)
    assert (shown["status"], shown["principalId"]) == ("declined", None)
    record = admin.call(activity, "GET", "activity", query={"type": "invitation.declined"}).body["items"][0]
    assert record["actor"] == {"kind": "principal", "id": None, "name": None}
    assert principal_id not in str(record)
    assert admin.call(access, "DELETE", f"invitations/{invitation['invitationId']}").body["current"] == "declined"


def test_who_may_give_no_grants_any_more_has_given_none(world: World, admin: Member) -> None:
    other = Member(person("boss@example.com", organization=admin.sandbox.organization_id), admin.sandbox)
    grant = {"role": "sandbox-admin"}
    assert admin.call(access, "PUT", f"grants/{other.principal_id}", grant).status == 200
    invitation = made(invite(other))
    accept = f"/me/invitations/{invitation['invitationId']}/accept"
    assert admin.call(access, "PUT", f"grants/{other.principal_id}", {"role": "viewer"}).status == 200
    answer = me(sub_of(ADDRESS), "POST", accept)
    assert (answer.status, answer.body["current"]) == (409, "inviter")
    assert store.grant(sub_of(ADDRESS), admin.sandbox.sandbox_id) is None


def test_an_address_that_was_not_verified_is_nobodys(world: World, admin: Member) -> None:
    pool = os.environ["USER_POOL_ID"]
    thief = person("thief@example.com", organization=world.b.organization_id)
    taken: Any = [{"Name": "email", "Value": ADDRESS}, {"Name": "email_verified", "Value": "false"}]
    aws.cognito().admin_update_user_attributes(UserPoolId=pool, Username="thief@example.com", UserAttributes=taken)
    made(invite(admin, "other@example.com"))
    assert addresses.holders_of(ADDRESS) == []
    assert me(thief, "GET", "/me/invitations").body["items"] == []


def test_only_who_manages_access_invites_and_strangers_see_nothing(world: World, admin: Member) -> None:
    viewer, other = world.member(admin.sandbox, "viewer"), world.member(world.b)
    assert invite(viewer).body["permission"] == "access:manage"
    invitation = made(invite(admin))
    stranger = other.call(access, "GET", f"invitations/{invitation['invitationId']}")
    assert stranger.status == 404
    assert me(other.principal_id, "POST", f"/me/invitations/{invitation['invitationId']}/accept").status == 404


def test_a_sandbox_has_so_many_pending_and_sends_so_many_a_day(
    world: World, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MOST_PENDING", 2)
    first, _ = (made(invite(admin, f"{name}@example.com")) for name in ("one", "two"))
    full = invite(admin, "three@example.com")
    assert (full.status, full.body["current"]) == (409, "too_many")
    assert admin.call(access, "DELETE", f"invitations/{first['invitationId']}").status == 204
    assert invite(admin, "three@example.com").status == 201
    monkeypatch.setattr(invitations, "MOST_PENDING", 50)
    monkeypatch.setattr(invitations, "QUOTA", Quota("invitations", "invitations", 3))
    spent = invite(admin, "four@example.com")
    assert (spent.status, int(spent.headers["Retry-After"]) > 0) == (429, True)
    assert len(listed(admin, status="pending")) == 2
    assert invitations.standing(admin.sandbox.sandbox_id).remaining == 0


def test_what_a_crash_has_left_is_finished_by_a_repeat(
    world: World, admin: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(addresses, "mail_password", killed)
        crash.setattr(invitation_store, "discard", killed)
        with pytest.raises(KeyboardInterrupt):
            invite(admin)
    (left,) = listed(admin)
    assert records(admin, "invitation.") == []
    assert made(invite(admin))["invitationId"] == left["invitationId"]
    assert len(me(sub_of(ADDRESS), "GET", "/me/invitations").body["items"]) == 1
    assert len(records(admin, "invitation.created")) == 1


def test_a_deleted_sandbox_or_principal_leaves_no_invitation(world: World, admin: Member) -> None:
    made(invite(admin))
    principal_id = sub_of(ADDRESS)
    service.forget_principal(principal_id)
    assert invitation_store.of_principal(principal_id) == []
    made(invite(admin, "second@example.com"))
    invitation_store.forget_all(admin.sandbox.sandbox_id)
    assert listed(admin) == me(sub_of("second@example.com"), "GET", "/me/invitations").body["items"] == []


def test_an_invitation_is_valid_for_as_long_as_the_temporary_password() -> None:
    policy = of_type("AWS::Cognito::UserPool")["UserPool"]["Policies"]["PasswordPolicy"]
    assert timedelta(days=policy["TemporaryPasswordValidityDays"]) == invitations.VALID_FOR
