"""HTTP calls to addresses that users name, guarded against being turned on inner networks (SSRF).

A host is resolved once, every address it has is checked, and the connection goes to one of those, so a name that
changes its answer gains nothing. Redirects are not followed, no proxy is used, no more of the answer's body is read
than the caller allows, and one deadline covers connecting, TLS and the exchange, however slowly the other side drips.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from ipaddress import IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from handfast.platform.settings import setting

SECONDS = 5.0
"""The longest that connecting may take, and a whole call unless its caller gives it longer."""
PORTS = frozenset({443})
"""The ports that outgoing calls go to: every type of them is HTTPS. Others belong to services that nobody meant."""
_PORTS = {"https": 443, "http": 80}
_GLOBAL_UNICAST = IPv6Network("2000::/3")

type _Address = tuple[Any, ...]


class OutboundError(Exception):
    """The call failed before an answer came. `reason` is a stable code; neither holds anything of the URL."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and body of any answer, redirects and errors included."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


def _private_allowed() -> bool:
    return setting("OUTBOUND_PRIVATE_NETWORKS") == "allow"


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet.

    Not so: private, loopback, link-local (cloud metadata), shared (CGNAT), multicast and reserved ranges, and IPv6
    forms that carry an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    ip = ip_address(address.partition("%")[0])
    return ip.is_global and not ip.is_multicast and (ip.version == 4 or ip in _GLOBAL_UNICAST)


def check_url(url: str) -> tuple[SplitResult, int]:
    """The parts and the port of a URL that may be called; any other raises OutboundError.

    It is https with a host, on one of PORTS, without user info or fragment. http, other ports and private addresses
    only pass where OUTBOUND_PRIVATE_NETWORKS is `allow`. Names are not resolved here: the call does that.
    """
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError as error:
        raise OutboundError("invalid_url", "the URL cannot be read") from error
    if parts.scheme not in (_PORTS if _private_allowed() else {"https"}):
        raise OutboundError("invalid_url", "the URL must start with https://")
    if not re.fullmatch(r"[!-~]+", url) or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise OutboundError("invalid_url", "the URL must have a host, and neither user info nor a fragment")
    if not (_private_allowed() or port in PORTS):
        raise OutboundError("address_refused", f"the URL's port must be {' or '.join(map(str, sorted(PORTS)))}")
    with suppress(ValueError):  # a name, not an address
        if not (_private_allowed() or is_public(parts.hostname)):
            raise OutboundError("address_refused", "the URL must not lead to a private or reserved address")
    return parts, port


def _resolve(host: str, port: int) -> Sequence[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundError("name_not_found", "the host's name does not resolve") from error
    if not (_private_allowed() or all(is_public(str(entry[4][0])) for entry in found)):
        raise OutboundError("address_refused", "the host's name leads to a private or reserved address")
    return found


def _connect(addresses: Sequence[_Address], until: float) -> socket.socket:
    for family, kind, protocol, _, address in addresses:
        candidate = socket.socket(family, kind, protocol)
        try:
            candidate.settimeout(max(until - time.monotonic(), 0.001))
            candidate.connect(address)
        except OSError:
            candidate.close()
        else:
            return candidate
    raise _failed("connection_failed", "no connection to the host", until)


def _failed(reason: str, detail: str, until: float) -> OutboundError:
    late = time.monotonic() >= until
    return OutboundError("timeout", "the deadline passed") if late else OutboundError(reason, detail)


@cache
def tls() -> ssl.SSLContext:
    """What a server's certificate is checked with: the authorities that the system trusts."""
    return ssl.create_default_context()


def _cut(sockets: Sequence[socket.socket]) -> None:
    for connected in sockets:
        with suppress(OSError):  # one that TLS has taken over
            socket.socket.shutdown(connected, socket.SHUT_RDWR)


def request(
    method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS, limit: int = 0
) -> Answer:
    """Call the URL and return the answer; OutboundError when none came within `seconds`.

    A `limit` above 0 has the answer's body read; one of more bytes is an OutboundError. Resolving the name has the
    resolver's own limit.
    """
    parts, port = check_url(url)
    host = parts.hostname or ""
    addresses = _resolve(host, port)
    begun = time.monotonic()
    until = begun + seconds
    with closing(HTTPConnection(host, port)) as connection:
        connection.sock = _connect(addresses, min(until, begun + SECONDS))
        left = max(until - time.monotonic(), 0.001)
        connection.sock.settimeout(left)
        sockets = [connection.sock]  # kept here: the connection forgets its own while a body is still being read
        watchdog = threading.Timer(left, _cut, (sockets,))
        watchdog.start()
        try:
            if parts.scheme == "https":
                _secure(connection, host, sockets)
            answer = _exchange(connection, method, parts, body, headers, limit)
        except ssl.SSLError as error:
            raise _failed("tls_failed", "no trusted TLS connection to the host", until) from error
        except OSError as error:
            raise _failed("connection_failed", "the host broke the connection", until) from error
        except HTTPException as error:
            raise _failed("invalid_answer", "the host's answer is not HTTP", until) from error
        finally:
            watchdog.cancel()
    if time.monotonic() >= until:  # what a cut connection left may look whole
        raise OutboundError("timeout", "the deadline passed")
    return answer


def _secure(connection: HTTPConnection, host: str, sockets: list[socket.socket]) -> None:
    wrapped = tls().wrap_socket(connection.sock, server_hostname=host, do_handshake_on_connect=False)
    connection.sock = wrapped
    sockets.append(wrapped)  # before the handshake, so that the watchdog can cut that, too
    wrapped.do_handshake()


def _exchange(
    connection: HTTPConnection, method: str, parts: SplitResult, body: bytes, headers: Mapping[str, str], limit: int
) -> Answer:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body or None, {**headers, "Host": parts.netloc})
    answer = connection.getresponse()
    named = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, named, _read(answer, limit) if limit else b"")


def _read(answer: HTTPResponse, limit: int) -> bytes:
    body = answer.read(limit + 1)
    if len(body) > limit:
        raise OutboundError("answer_too_large", "the host's answer is larger than allowed")
    if answer.length:
        raise IncompleteRead(body, answer.length)
    return body
