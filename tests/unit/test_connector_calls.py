"""What connectors make of answers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Person, State, Status
from handfast.connectors.registry import UnknownConnectorError, connector, connectors
from handfast.platform import clock
from handfast.platform.outbound import Answer

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
YEAR = 31_536_000.0


def _person(request_id: str) -> Person:
    return Person(request_id, "gdpr", NOW)


def test_connectors_are_found_in_their_folders() -> None:
    assert list(connectors()) == ["braze", "drop", "http", "klaviyo", "opendsr", "segment", "webhook"]
    with pytest.raises(UnknownConnectorError, match="braze, drop, http, klaviyo, opendsr, segment, webhook"):
        connector("other")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("Sun, 01 Mar 2026 12:00:10 GMT", 10.0),
        ("Sun, 01 Mar 2026 13:00:10 +0100", 10.0),
        ("Sun, 01 Mar 2026 12:00:10 -0000", 10.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
        ("9" * 400, YEAR),
        ("Fri, 31 Dec 9999 23:59:59 -2300", YEAR),
        ("Sun, 01 Mar 2026 12:00:10 +99999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float | None
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert calls.retry_after(Answer(429, {"retry-after": text})) == seconds


@pytest.mark.parametrize(
    ("reset", "seconds"), [("30", 30.0), ("1772366410", 10.0), ("1772366000", 0.0), ("-1", None), ("9" * 400, YEAR)]
)
def test_without_retry_after_the_reset_of_a_rate_limit_says_when(
    monkeypatch: pytest.MonkeyPatch, reset: str, seconds: float | None
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert calls.retry_after(Answer(429, {"x-ratelimit-reset": reset})) == seconds
    assert calls.retry_after(Answer(429, {"x-ratelimit-reset": reset, "retry-after": "5"})) == 5.0


@pytest.mark.parametrize("link", ["", "https://other.example/1", "//other.example", "/people/ann%40example.com", "//["])
def test_an_address_to_ask_is_the_systems_own_and_names_nobody(link: str) -> None:
    assert calls.own_link("https://a.example/hooks", "status/1") == "https://a.example/status/1"
    with pytest.raises(ConnectorError) as raised:
        calls.own_link("https://a.example/hooks", link)
    assert raised.value.reason == "malformed_answer"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2018-10-02T15:00:01Z", datetime(2018, 10, 2, 15, 0, 1, tzinfo=UTC)),
        ("2018 10 02T15:00:01Z", datetime(2018, 10, 2, 15, 0, 1, tzinfo=UTC)),
        ("2018-10-02T15:00:01", datetime(2018, 10, 2, 15, 0, 1, tzinfo=UTC)),
        ("2018-10-02T15:00:01.1234567Z", datetime(2018, 10, 2, 15, 0, 1, 123456, tzinfo=UTC)),
        ("2018-10-02T15:00:01+02:00", datetime(2018, 10, 2, 15, 0, 1, tzinfo=timezone(timedelta(hours=2)))),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_read_leniently(text: str | None, at: datetime | None) -> None:
    assert calls.lenient_time(text) == at


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": {"code": "rate_limit_error", "message": "u1"}}', "rate_limit_error"),
        (b'{"errors": [{"type": "validation-failure", "message": "u1"}]}', "validation-failure"),
        (b'{"error": {"code": 400, "errors": []}}', ""),
        (b'{"errors": "none", "code": "someone@example.com"}', ""),
        (b"[1]", ""),
        (b"<html>", ""),
        (b"\xff", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_of_an_error_only_its_code_is_told(body: bytes, code: str) -> None:
    assert calls.error_code(Answer(400, {}, body)) == code
    with pytest.raises(ConnectorError) as failed:
        calls.expect(Answer(400, {}, body), 200)
    assert "u1" not in failed.value.detail


def test_a_failure_the_next_would_meet_as_well_ends_the_asking() -> None:
    asked: list[str] = []

    def ask(person: Person) -> str:
        asked.append(person.request_id)
        reason = {"b": "refused", "c": "unauthorized"}.get(person.request_id)
        if reason:
            raise ConnectorError(reason, reason)
        return person.request_id

    answers = calls.ask_each([_person(name) for name in "abcd"], ask)
    assert asked == ["a", "b", "c"]
    assert [answer.reason if isinstance(answer, ConnectorError) else answer for answer in answers] == [
        "a",
        "refused",
        "unauthorized",
        "unauthorized",
    ]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("refused", Status.REFUSED), ("not_supported", Status.NOT_SUPPORTED), ("throttled", Status.FAILED)],
)
def test_a_failure_is_a_state(reason: str, status: Status) -> None:
    state = State.failed(ConnectorError(reason, "why", transient=True, retry_after=5))
    assert (state.status, state.detail, state.transient, state.retry_after) == (status, "why", True, 5)
