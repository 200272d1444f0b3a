"""What the log says of calls and messages, and what it does not."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.edge import call_log
from handfast.platform.observability import logger

SANDBOX = "sbx_01M8J2B7ABRYMNPBC1CEAPDWCP"


def said() -> Any:
    """A line of the log, as it is written now."""
    written = logging.LogRecord("test", logging.INFO, "", 0, "answered", None, None)
    return json.loads(logger.registered_formatter.format(written))


def call(**changes: Any) -> dict[str, Any]:
    event = {
        "path": f"/sandboxes/{SANDBOX}/segments",
        "resource": "/sandboxes/{sandbox}/segments",
        "httpMethod": "GET",
        "requestContext": {"authorizer": {"claims": {"sub": "principal"}}, "identity": {"sourceIp": "198.51.100.77"}},
    }
    return event | changes


def test_a_line_says_who_called_what_from_which_network() -> None:
    call_log.begin(call())
    line = said()
    names = ("principalId", "sandboxId", "network", "method", "route")
    assert [line[name] for name in names] == [
        *("principal", SANDBOX, "198.51.100.0/24", "GET", "/sandboxes/{sandbox}/segments")
    ]
    assert "198.51.100.77" not in json.dumps(line)


@pytest.mark.parametrize("place", ["ann@example.com", "sbx_ann@example.com", f"{SANDBOX}x", SANDBOX.lower(), ""])
def test_what_a_caller_puts_in_place_of_a_sandbox_is_not_said(place: str) -> None:
    call_log.begin(call())
    call_log.begin(call(path=f"/v1/sandboxes/{place}/segments", requestContext={}))
    line = said()
    assert line.keys().isdisjoint({"sandboxId", "principalId", "network"})  # nor those of the call before
    assert "ann" not in json.dumps(line)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("2001:db8:1234:5678::1", "2001:db8:1234::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("198.51.100.77, 10.0.0.1", None),
        ("test-invoke-source-ip", None),
        ("", None),
        (None, None),
    ],
)
def test_of_an_address_its_network_is_said(address: str | None, network: str | None) -> None:
    assert call_log.network(address) == network


@given(st.ip_addresses(v=4).map(str))
def test_no_address_is_said_whole(address: str) -> None:
    assert call_log.network(address) == address.rpartition(".")[0] + ".0/24"


def test_a_message_s_lines_say_its_ids_and_nothing_else_of_it() -> None:
    call_log.begin_message("message-1")
    call_log.work({"sandboxId": SANDBOX, "span": 3, "attempt": 1, "note": "ann@example.com"})
    line = said()
    assert (line["messageId"], line["sandboxId"], line["span"]) == ("message-1", SANDBOX, 3)
    assert line.keys().isdisjoint({"note", "attempt"})
    call_log.begin_message("message-2")
    assert said().keys().isdisjoint({"sandboxId", "span"})
