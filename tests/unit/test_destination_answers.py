"""Whatever a platform answers, what it means is told: nothing fails, nobody is named, and a surprise takes nobody."""

from typing import Any

import pytest

from handfast.destinations import registry
from handfast.destinations.contract import Account, Answer, Pair, Segment
from handfast.platform import outbound

TOKEN = {"accessToken": "a"}
REFRESH = {"kind": "refresh_token", "clientId": "a", "clientSecret": "b", "refreshToken": "c"}
PLATFORMS = {
    "google-data-manager": REFRESH,
    "linkedin": TOKEN,
    "meta-custom-audience": TOKEN,
    "pinterest": TOKEN,
    "snap": TOKEN,
    "tiktok": TOKEN,
}
LONG = b"9" * 5_000
NOTHING = [b"", b"[]", b"null", b"1", b"<html>", b"\xff", b"[" * 100_000]
ODD = [
    b"{}",
    b'{"elements": [{"status": -1}]}',
    b'{"elements": [{"status": 1e400}]}',
    b'{"elements": [{"status": %s}]}' % LONG,
    b'{"code": %s}' % LONG,
    b'{"code": 5, "message": "no cust-7"}',
    b'{"request_status": "no cust-7"}',
    b'{"id": "1", "exceptions": {"a": "no cust-7"}}',
    b'{"num_received": 1, "num_invalid_entries": -3}',
    b'{"num_received": 1, "num_invalid_entries": 99}',
    b'{"error": {"code": 400, "status": "cust-7", "message": "no cust-7"}}',
    b'{"error": {"details": [{"fieldViolations": [{"field": "audienceMembers[%s]", "reason": "X"}]}]}}' % LONG,
]


def sent(monkeypatch: pytest.MonkeyPatch, name: str, status: int, body: bytes) -> Answer:
    """What comes of a pair at a type of destination that answers so."""
    answer, token = outbound.Answer(status, {}, body), outbound.Answer(200, {}, b'{"access_token": "it"}')
    monkeypatch.setattr(outbound.Session, "request", lambda *_: answer)
    monkeypatch.setattr(outbound, "request", lambda *_, **__: token)
    kind = registry.destination_type(name)
    consent = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
    given: dict[str, Any] = consent if name.startswith("google") else {}
    account = Account(
        "1",
        kind.settings_schema.model_validate(given),
        kind.authentication_schema.model_validate(PLATFORMS[name]),
        {"seg_a": Segment("seg_a", "A", "77")},
    )
    pair = Pair(kind.card.identities[0].name, "cust-7", "seg_a", "realized", "2026-03-01T00:00:00.000Z")
    with kind.open(account) as sender:
        answered = sender.send([pair], "bat_1")
    kind.test(account)
    return answered


@pytest.mark.parametrize("status", [200, 204, 400, 401, 404, 429, 500])
@pytest.mark.parametrize("name", PLATFORMS)
def test_no_answer_fails_or_names_anybody(monkeypatch: pytest.MonkeyPatch, name: str, status: int) -> None:
    for body in (*NOTHING, *ODD):
        answer = sent(monkeypatch, name, status, body)
        assert "cust-7" not in f"{answer.detail} {answer.refused}", body
        assert status < 300 or not answer.taken or answer.is_by_pair, body


@pytest.mark.parametrize("name", PLATFORMS)
def test_an_answer_of_200_that_is_none_takes_nobody(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for body in NOTHING:
        answer = sent(monkeypatch, name, 200, body)
        assert not answer.taken or answer.is_by_pair, body
