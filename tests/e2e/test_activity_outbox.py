"""What happens reaches the log, the notifications and the webhooks of the deployed stack."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.worlds.receiver import Receiver, receiving

pytestmark = pytest.mark.e2e

WAIT_SECONDS = 60


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def _eventually[T](look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing found within {WAIT_SECONDS} s")


@pytest.fixture
def webhook(stack: Any, receiver: Receiver) -> Iterator[dict[str, Any]]:
    """A webhook of A for all that happens there."""
    admin, base = stack.client_for("A"), f"/sandboxes/{stack.sandbox('A')}/webhooks"
    created = admin.call("POST", base, body={"url": receiver.url})
    yield created
    admin.call("DELETE", f"{base}/{created['webhookId']}")


def test_a_request_is_logged_notified_and_sent_to_a_webhook(
    stack: Any, webhook: dict[str, Any], receiver: Receiver
) -> None:
    a, b = stack.client_for("A"), stack.client_for("B")
    here, there = f"/sandboxes/{stack.sandbox('A')}", f"/sandboxes/{stack.sandbox('B')}"
    unread = a.call("GET", f"{here}/notifications")["unread"]
    connect_id = a.call("GET", f"{here}/connect-id")["connectId"]
    connection = b.call("POST", f"{there}/connect-requests", body={"connectId": connect_id})["connectionId"]
    try:

        def notified() -> dict[str, Any] | None:
            items = a.call("GET", f"{here}/notifications")["items"]
            return next((item for item in items if item["subject"] == connection), None)

        notification = _eventually(notified)
        assert notification["title"] == "Organization B asks to connect"
        assert a.call("GET", f"{here}/notifications")["unread"] > unread

        [record] = a.call("GET", f"{here}/activity", query={"type": "connection.*", "subject": connection})["items"]
        got = _eventually(lambda: [(head, body) for _, head, body in receiver.got if connection in body.decode()])
        payload = Webhook(webhook["secret"]).verify(got[0][1], got[0][0])
        assert payload["type"] == record["type"] == "connection.requested"
        assert payload["data"]["hash"] == record["hash"]
        log = f"{here}/webhooks/{webhook['webhookId']}/deliveries"
        delivered = _eventually(
            lambda: [item for item in a.call("GET", log)["items"] if item["sequence"] == record["sequence"]]
        )
        assert delivered[0]["statusCode"] == 204

        read = a.call("POST", f"{here}/notifications/{notification['notificationId']}/read")
        assert read["read"] is True
    finally:
        b.call("POST", f"{there}/connect-requests/{connection}/withdraw")


def test_changes_at_once_all_reach_the_log_and_its_chain_holds(stack: Any) -> None:
    admin, base = stack.client_for("A"), f"/sandboxes/{stack.sandbox('A')}"
    viewer = stack.client_for("A", "viewer").call("GET", "/me")["principalId"]
    wanted = {"type": "grant.put", "subject": viewer}
    before = len(list(admin.items(f"{base}/activity", wanted)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: admin.call("PUT", f"{base}/grants/{viewer}", body={"role": "viewer"}), range(24)))
    assert len(list(admin.items(f"{base}/activity", wanted))) == before + 24
    assert admin.call("GET", f"{base}/activity/verify")["verified"] is True


def test_the_test_call_reaches_the_receiver(stack: Any, webhook: dict[str, Any], receiver: Receiver) -> None:
    path = f"/sandboxes/{stack.sandbox('A')}/webhooks/{webhook['webhookId']}/test"
    assert stack.client_for("A").call("POST", path)["statusCode"] == 204
    sent = [(head, body) for _, head, body in receiver.got if b"webhook.test" in body]
    assert Webhook(webhook["secret"]).verify(sent[0][1], sent[0][0])["type"] == "webhook.test"
