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
type _Origin = tuple[str, str, int]
"""Scheme, host and port."""


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


def is_private_allowed() -> bool:
    """Whether this deployment lets outgoing calls go to private addresses, and to any port."""
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
    if parts.scheme not in (_PORTS if is_private_allowed() else {"https"}):
        raise OutboundError("invalid_url", "the URL must start with https://")
    if not re.fullmatch(r"[!-~]+", url) or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise OutboundError("invalid_url", "the URL must have a host, and neither user info nor a fragment")
    if not (is_private_allowed() or port in PORTS):
        raise OutboundError("address_refused", f"the URL's port must be {' or '.join(map(str, sorted(PORTS)))}")
    with suppress(ValueError):  # a name, not an address
        if not (is_private_allowed() or is_public(parts.hostname)):
            raise OutboundError("address_refused", "the URL must not lead to a private or reserved address")
    return parts, port


def _resolve(host: str, port: int) -> Sequence[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundError("name_not_found", "the host's name does not resolve") from error
    if not (is_private_allowed() or all(is_public(str(entry[4][0])) for entry in found)):
        raise OutboundError("address_refused", "the host's name leads to a private or reserved address")
    return found


def connect(host: str, port: int) -> socket.socket:
    """A connection to a host at an address of its that was checked, for protocols other than HTTP.

    The caller names the ports that they may use. Raises OutboundError within `SECONDS` of the name's being resolved.
    """
    addresses = _resolve(host, port)
    return _connect(addresses, time.monotonic() + SECONDS)


def _connect(addresses: Sequence[_Address], until: float) -> socket.socket:
    for family, kind, protocol, _, address in addresses:
        candidate = socket.socket(family, kind, protocol)
        try:
            candidate.settimeout(max(until - time.monotonic(), 0.001))
            candidate.connect(address)
            candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # headers and body go out one by one
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


class Session:
    """Calls one after the other to a host, over a connection that is kept between them; for one thread at a time.

    A connection is made anew, with all of the checks, when the other side has closed it, and for another host.
    """

    def __init__(self) -> None:
        self._kept: HTTPConnection | None = None
        self._origin: _Origin | None = None

    def request(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS, limit: int = 0
    ) -> Answer:
        """Call the URL as the function `request` does. A connection whose answer is not read whole is not kept.

        On a kept connection that breaks before an answer, the call is made once more on a new one.
        """
        parts, port = check_url(url)
        origin = parts.scheme, parts.hostname or "", port
        until = time.monotonic() + seconds
        if self._origin != origin:
            self.close()
        kept, self._kept, self._origin = self._kept, None, origin
        call = _Call(method, parts, body, headers, limit)
        if kept is not None:
            try:
                return self._made(kept, call, until)
            except OutboundError as error:
                if error.reason != "connection_failed" or time.monotonic() >= until:
                    raise
        addresses = _resolve(origin[1], port)
        begun = time.monotonic()
        until = begun + seconds  # resolving the name has the resolver's own limit
        connection = HTTPConnection(origin[1], port)
        connection.sock = _connect(addresses, min(until, begun + SECONDS))
        return self._made(connection, call, until, secure=parts.scheme == "https")

    def close(self) -> None:
        """End the connection that is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _made(self, connection: HTTPConnection, call: "_Call", until: float, *, secure: bool = False) -> Answer:
        answer, whole = _made(connection, call, until, secure=secure)
        if whole:
            self._kept = connection
        else:
            connection.close()
        return answer


@dataclass(frozen=True, repr=False)
class _Call:
    method: str
    parts: SplitResult
    body: bytes
    headers: Mapping[str, str]
    limit: int


def request(
    method: str, url: str, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS, limit: int = 0
) -> Answer:
    """Call the URL and return the answer; OutboundError when none came within `seconds`.

    A `limit` above 0 has the answer's body read; one of more bytes is an OutboundError. Resolving the name has the
    resolver's own limit.
    """
    with closing(Session()) as session:
        return session.request(method, url, body, headers, seconds, limit)


def _made(connection: HTTPConnection, call: _Call, until: float, *, secure: bool) -> tuple[Answer, bool]:
    """The answer to a call on a connection, and whether the connection can be used again; closed after an error."""
    left = max(until - time.monotonic(), 0.001)
    connection.sock.settimeout(left)
    sockets = [connection.sock]  # kept here: the connection forgets its own while a body is still being read
    watchdog = threading.Timer(left, _cut, (sockets,))
    watchdog.start()
    try:
        if secure:
            _secure(connection, call.parts.hostname or "", sockets)
        answer, whole = _exchange(connection, call)
    except (OSError, HTTPException, OutboundError) as error:
        connection.close()
        raise _of(error, until) from error
    finally:
        watchdog.cancel()
    if time.monotonic() >= until:  # what a cut connection left may look whole
        connection.close()
        raise OutboundError("timeout", "the deadline passed")
    return answer, whole


def _of(error: Exception, until: float) -> OutboundError:
    if isinstance(error, OutboundError):
        return error
    if isinstance(error, ssl.SSLError):
        return _failed("tls_failed", "no trusted TLS connection to the host", until)
    if isinstance(error, OSError):
        return _failed("connection_failed", "the host broke the connection", until)
    return _failed("invalid_answer", "the host's answer is not HTTP", until)


def _secure(connection: HTTPConnection, host: str, sockets: list[socket.socket]) -> None:
    wrapped = tls().wrap_socket(connection.sock, server_hostname=host, do_handshake_on_connect=False)
    connection.sock = wrapped
    sockets.append(wrapped)  # before the handshake, so that the watchdog can cut that, too
    wrapped.do_handshake()


def _exchange(connection: HTTPConnection, call: _Call) -> tuple[Answer, bool]:
    target = (call.parts.path or "/") + (f"?{call.parts.query}" if call.parts.query else "")
    connection.request(call.method, target, call.body or None, {**call.headers, "Host": call.parts.netloc})
    answer = connection.getresponse()
    named = {name.lower(): value for name, value in answer.getheaders()}
    read = _read(answer, call.limit) if call.limit else b""
    return Answer(answer.status, named, read), answer.isclosed() and not answer.will_close


def _read(answer: HTTPResponse, limit: int) -> bytes:
    body = answer.read(limit + 1)
    if len(body) > limit:
        raise OutboundError("answer_too_large", "the host's answer is larger than allowed")
    if answer.length:
        raise IncompleteRead(body, answer.length)
    return body
