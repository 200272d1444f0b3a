"""The deployment's secrets through a rotation: nothing that a former version has made breaks until it is dropped."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from cryptography.exceptions import InvalidTag
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from standardwebhooks import Webhook, WebhookVerificationError
from typer.testing import CliRunner, Result

from functions.activity import app as activity
from handfast.activity import store, webhook_sending
from handfast.edge.idempotency import idempotent
from handfast.identity.keys import key
from handfast.journal.models import Actor
from handfast.platform import clock, cursors, ids, rotating, secret, standard_webhooks
from handfast.platform.problems import Malformed, Refused
from handfast.privacy_requests import bulk_store, package_store, reading, subject_store
from handfast.privacy_requests.bulk_store import PrivacyBulk
from handfast.privacy_requests.models import Subject
from handfast.privacy_requests.protocols.drp import trust
from handfast_cli.admin import rotation
from handfast_cli.main import app
from tests.worlds.sandboxes import CONTEXT, Member, World
from tests.worlds.stores import REGION

type Later = Callable[..., None]
PURPOSES = {"api": secret.API, "privacy": secret.PRIVACY, "receipts": secret.RECEIPTS, "webhooks": secret.WEBHOOKS}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let time go by; what containers have read of secrets stays as it is."""

    def move(**time: float) -> None:
        at = clock.now() + timedelta(**time)
        monkeypatch.setattr(clock, "now", lambda: at)

    move()
    return move


def admin(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["admin", *words, "--stack", "handfast-prod"], input=typed)


def rotated(purpose: str, later: Later) -> None:
    """Rotate, and wait until the new version is in force."""
    rotating.rotate(PURPOSES[purpose])
    later(minutes=11)


# A new version


def test_no_container_makes_anything_by_a_version_that_another_does_not_know_yet(world: World, later: Later) -> None:
    before = secret.derived(secret.API, "cursor")
    stale = dict(secret._read)
    rotating.rotate(secret.API)
    assert secret.derived(secret.API, "cursor") == before
    for _ in range(11):
        later(minutes=1)
        made = secret.derived(secret.API, "cursor")
        # A container that has read the secret just before it was rotated, and reads it again when that is due.
        secret._read.clear()
        secret._read.update(stale)
        assert made in secret.accepted(secret.API, "cursor")
        stale = dict(secret._read)
    assert made != before


def test_cursors_and_answers_of_a_former_version_are_taken_until_it_is_dropped(world: World, later: Later) -> None:
    cursor, call = cursors.encode("list", "position"), idempotent()

    def repeat(body: str) -> Any:
        return call(request={"key": "k", "payload": [body]}, run=lambda: {"status": 201}, context=CONTEXT)

    repeat("one")
    rotated("api", later)
    assert cursors.decode("list", cursor) == "position"
    assert repeat("one") == {"status": 201}
    with pytest.raises(Refused):
        repeat("another")
    assert cursors.encode("list", "position") != cursor
    later(hours=25)
    assert rotating.finish(secret.API) == 2
    with pytest.raises(Malformed):
        cursors.decode("list", cursor)


def test_a_webhook_is_signed_by_the_version_that_it_got_its_secret_under(a: Member, later: Later) -> None:
    made = a.call(activity, "POST", "webhooks", {"url": "https://hooks.example.com/x"}).body
    hook, sandbox_id = made["webhookId"], a.sandbox.sandbox_id

    def holds(text: str) -> bool:
        webhook, now = store.webhook(sandbox_id, hook), int(datetime.now(UTC).timestamp())
        assert webhook
        signatures = [
            standard_webhooks.webhook_signature(signing_key, "evt", now, b"{}")
            for signing_key in webhook_sending._signing_keys(webhook)
        ]
        headers = {"webhook-id": "evt", "webhook-timestamp": str(now), "webhook-signature": " ".join(signatures)}
        with suppress(WebhookVerificationError):
            Webhook(text).verify("{}", headers)
            return True
        return False

    rotated("webhooks", later)
    assert holds(made["secret"])
    assert webhook_sending.of_former_versions(store.all_webhooks()) == [(sandbox_id, hook)]
    new = a.call(activity, "POST", f"webhooks/{hook}/rotate-secret").body
    assert holds(new["secret"])
    assert holds(made["secret"])
    assert webhook_sending.of_former_versions(store.all_webhooks()) == [(sandbox_id, hook)]
    later(hours=25)
    assert webhook_sending.of_former_versions(store.all_webhooks()) == []
    rotating.finish(secret.WEBHOOKS)
    assert holds(new["secret"])
    assert not holds(made["secret"])


def test_open_requests_and_packages_outlive_a_rotation_and_subjects_its_end(a: Member, later: Later) -> None:
    sandbox_id, request_id = a.sandbox.sandbox_id, ids.new_id("prq")
    subject = Subject(
        {(1, 2): 1}, frozenset(), values={(1, 2): b"ann@example.com"}, clear={(1, 2): ("ANN@example.com",)}
    )
    subject_store.put(sandbox_id, request_id, subject)
    package_store.keep_answer(sandbox_id, request_id, "cnr_1", b"an answer")
    package_store.keep(sandbox_id, request_id, b"a package")
    passphrase = package_store.passphrase(sandbox_id, request_id)
    token = trust.token_digest(sandbox_id, "agent.token")
    rotated("privacy", later)
    assert subject_store.get(sandbox_id, request_id) == subject
    assert package_store.answers(sandbox_id, request_id) == [b"an answer"]
    assert package_store.passphrase(sandbox_id, request_id) == passphrase
    assert secret.is_digest(secret.PRIVACY, "drp-token", trust._token(sandbox_id, "agent.token"), token)
    assert trust.token_digest(sandbox_id, "agent.token") != token

    later(minutes=11)
    assert package_store.of_former_versions() == 1
    assert (subject_store.reseal(), package_store.reseal_answers()) == (1, 1)
    rotating.finish(secret.PRIVACY)
    assert subject_store.get(sandbox_id, request_id) == subject
    assert package_store.answers(sandbox_id, request_id) == [b"an answer"]
    assert not secret.is_digest(secret.PRIVACY, "drp-token", trust._token(sandbox_id, "agent.token"), token)


def test_what_is_not_encrypted_anew_does_not_open_after_the_end(a: Member, later: Later) -> None:
    text = secret.sealed(secret.PRIVACY, "subjects", "x", b"data")
    rotated("privacy", later)
    assert secret.opened(secret.PRIVACY, "subjects", "x", text) == b"data"
    later(minutes=11)
    rotating.finish(secret.PRIVACY)
    with pytest.raises(InvalidTag):
        secret.opened(secret.PRIVACY, "subjects", "x", text)


@pytest.mark.usefixtures("world")
def test_former_keys_of_receipts_stay_listed(later: Later) -> None:
    def listed() -> list[str]:
        return [entry.key_id for entry in reading.receipt_keys().keys]

    (before,) = listed()
    rotated("receipts", later)
    now, former = listed()
    assert (former, now == before) == (before, False)


# The commands


@pytest.mark.usefixtures("stack")
def test_a_rotation_says_which_stack_asks_and_says_when_it_is_in_force(later: Later) -> None:
    refused = admin("rotate-secret", "api", typed="n\n")
    assert refused.exit_code == 1
    assert "Stack handfast-prod of account" in refused.stderr
    assert len(rotating.read(secret.API).versions) == 1
    done = admin("rotate-secret", "api", "--yes", "--json")
    assert json.loads(done.stdout) == {
        "purpose": "api",
        "version": 2,
        "inForceAt": clock.to_text(clock.now() + timedelta(minutes=10)),
    }
    assert "is not in force before" in admin("rotate-secret", "api", "--yes").stderr
    assert "finish after that" in admin("rotate-secret", "api", "--finish", "--yes").stderr
    later(hours=26)
    assert json.loads(admin("rotate-secret", "api", "--finish", "--yes", "--json").stdout)["dropped"] == 2


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("identity",), "cannot be rotated"),
        (("identity", "--finish"), "former versions stay"),
        (("receipts", "--finish"), "former versions stay"),
        (("api", "--finish"), "one version alone"),
        (("pepper",), "no secret pepper; there are api, webhooks"),
    ],
)
def test_what_cannot_be_rotated_is_refused_with_the_reason(words: tuple[str, ...], said: str) -> None:
    answer = admin("rotate-secret", *words, "--yes")
    assert answer.exit_code != 0
    assert said in " ".join(answer.stderr.split())


@pytest.mark.usefixtures("stack")
def test_a_version_is_kept_while_webhooks_are_signed_by_it(a: Member, later: Later) -> None:
    hook = a.call(activity, "POST", "webhooks", {"url": "https://hooks.example.com/x"}).body["webhookId"]
    admin("rotate-secret", "webhooks", "--yes")
    later(minutes=21)
    refused = admin("rotate-secret", "webhooks", "--finish", "--yes")
    assert hook in refused.stderr
    assert len(rotating.read(secret.WEBHOOKS).versions) == 2


@pytest.mark.usefixtures("stack")
def test_a_version_is_kept_while_a_bulk_is_made_whose_list_is_encrypted_by_it(a: Member, later: Later) -> None:
    admin("rotate-secret", "privacy", "--yes")
    later(minutes=21)
    bulk_id = ids.new_id("bulk")
    bulk = PrivacyBulk(bulk_id, a.sandbox.sandbox_id, clock.now_text(), Actor.system(), (), 0)
    bulk_store.create(bulk, [])
    assert bulk_id in admin("rotate-secret", "privacy", "--finish", "--yes").stderr
    assert len(rotating.read(secret.PRIVACY).versions) == 2


@pytest.mark.usefixtures("stack")
def test_the_end_of_a_version_of_privacy_says_how_many_packages_are_lost(a: Member, later: Later) -> None:
    package_store.keep(a.sandbox.sandbox_id, ids.new_id("prq"), b"a package")
    admin("rotate-secret", "privacy", "--yes")
    later(minutes=21)
    asked = admin("rotate-secret", "privacy", "--finish", typed="n\n")
    assert "passphrases of 1 packages" in " ".join(asked.stderr.split())
    assert len(rotating.read(secret.PRIVACY).versions) == 2


# A deployment that had one secret for everything


def one_secret_for_all() -> None:
    """What the deployment was before: what is stored was made by keys of the secret of identities."""
    text = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["IDENTITY_SECRET_ARN"])["SecretString"]
    for setting in PURPOSES.values():
        boto3.client("secretsmanager").put_secret_value(SecretId=os.environ[setting], SecretString=text)
    secret.forget()


def deploy_secrets_for_each_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the stack makes them, an hour after the secret that there was."""
    client = boto3.client("secretsmanager")
    at = datetime.now(UTC) + timedelta(hours=1)
    for purpose, setting in PURPOSES.items():
        made = client.create_secret(Name=f"new-{purpose}", SecretString=f"generated for {purpose}")
        monkeypatch.setenv(setting, made["ARN"])
    backend = get_backend("secretsmanager")[DEFAULT_ACCOUNT_ID][REGION]
    for purpose in PURPOSES:
        made_then: Any = backend.secrets[f"new-{purpose}"]
        made_then.created_date = at.timestamp()
    secret.forget()


def test_a_deployment_with_one_secret_comes_over_and_loses_nothing(
    a: Member, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_secret_for_all()
    sandbox_id, request_id = a.sandbox.sandbox_id, ids.new_id("prq")
    identity = key(secret.identity_secret(), 1, b"x")
    webhook = a.call(activity, "POST", "webhooks", {"url": "https://hooks.example.com/x"}).body
    cursor = cursors.encode("list", "position")
    subject_store.put(sandbox_id, request_id, Subject({(1, 2): 1}, frozenset(), {(1, 2): b"ann"}))
    passphrase = package_store.passphrase(sandbox_id, request_id)
    (receipts,) = secret.accepted(secret.RECEIPTS, "receipts")
    token = trust.token_digest(sandbox_id, "t")

    deploy_secrets_for_each_purpose(monkeypatch)
    later(hours=2)
    assert rotation.take_over() == 10
    assert rotation.take_over() == 0
    assert key(secret.identity_secret(), 1, b"x") == identity
    stored = store.webhook(sandbox_id, webhook["webhookId"])
    assert stored
    assert standard_webhooks.webhook_secret(webhook_sending.signing_key(stored)) == webhook["secret"]
    assert cursors.decode("list", cursor) == "position"
    assert subject_store.get(sandbox_id, request_id) is not None
    assert package_store.passphrase(sandbox_id, request_id) == passphrase
    assert secret.accepted(secret.RECEIPTS, "receipts")[1] == receipts != secret.derived(secret.RECEIPTS, "receipts")
    assert secret.is_digest(secret.PRIVACY, "drp-token", trust._token(sandbox_id, "t"), token)
    # The one secret opens nothing that is made from now on.
    now = secret.sealed(secret.PRIVACY, "subjects", "x", b"data")
    later(minutes=11)
    rotating.finish(secret.PRIVACY)
    assert secret.opened(secret.PRIVACY, "subjects", "x", now) == b"data"


@pytest.mark.usefixtures("stack")
def test_a_new_deployment_takes_nothing_over() -> None:
    assert "keys" not in admin("upgrade", "--json").stdout
    assert rotating.read(secret.API).earlier == {}


def test_what_was_generated_may_begin_as_a_keyring_does() -> None:
    generated = '{F`,GB&B={"}' + "x" * 52
    assert secret.Keyring.parsed(generated).current == secret.Version(1, generated)
