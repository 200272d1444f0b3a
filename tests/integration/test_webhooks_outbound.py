"""The guarded sender, against real servers on the loopback interface."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from handfast.platform import outbound
from tests.worlds.receiver import Receiver, receiving


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")


@pytest.fixture
def public_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def _post(url: str, seconds: float = 5.0) -> int:
    return outbound.request("POST", url, b'{"a":1}', {"content-type": "application/json"}, seconds).status


def _reason(url: str, seconds: float = 5.0) -> str:
    with pytest.raises(outbound.OutboundError) as failed:
        _post(url, seconds)
    return failed.value.reason


def _resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[tuple[str, int]]) -> list[str]:
    """Names resolve to the first answer at first, to the next one after that; returns the names asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, at or port))
            for address, at in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "2002:7f00:1::",
        "2001::7f00:1",
        "2001:db8::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not outbound.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert outbound.is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/", "invalid_url"),
        ("ftp://example.com/", "invalid_url"),
        ("file:///etc/passwd", "invalid_url"),
        ("//example.com/", "invalid_url"),
        ("https:///path", "invalid_url"),
        ("https://user@example.com/", "invalid_url"),
        ("https://user:word@example.com/", "invalid_url"),
        ("https://example.com/#fragment", "invalid_url"),
        ("https://example.com:99999/", "invalid_url"),
        ("https://[::1/", "invalid_url"),
        ("https://example.com/a b", "invalid_url"),
        ("https://example.com/\r\nHost: inner", "invalid_url"),
        ("https://exämple.com/", "invalid_url"),
        ("https://example.com:22/", "address_refused"),
        ("https://example.com:6379/", "address_refused"),
        ("https://example.com:80/", "address_refused"),
        ("https://example.com:0/", "address_refused"),
        ("https://[2606:4700::1111]:8443/", "address_refused"),
        ("https://example.com:\uff14\uff14\uff13/", "invalid_url"),
        ("https://example.com:\u0664\u0664\u0663/", "invalid_url"),
        ("https://example.com:-443/", "invalid_url"),
        ("https://example.com:443@inner.example/", "invalid_url"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://[::1]/", "address_refused"),
        ("https://169.254.169.254/latest/meta-data/", "address_refused"),
    ],
)
def test_a_url_that_may_not_be_called_is_refused(public_only: None, url: str, reason: str) -> None:
    with pytest.raises(outbound.OutboundError) as failed:
        outbound.check_url(url)
    assert failed.value.reason == reason
    assert "example.com" not in failed.value.detail


@pytest.mark.parametrize("url", ["https://example.com/", "https://example.com:443/", "https://example.com:/"])
def test_a_url_of_https_has_its_port(public_only: None, url: str) -> None:
    assert outbound.check_url(url)[1] == 443


def test_the_port_is_checked_at_the_call_too(public_only: None, receiver: Receiver) -> None:
    assert _reason(f"https://hooks.example:{receiver.port}/") == "address_refused"
    assert receiver.got == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_other_spellings_of_loopback_are_refused_once_resolved(
    public_only: None, receiver: Receiver, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "PORTS", {receiver.port})
    assert _reason(f"https://{host}:{receiver.port}/") == "address_refused"
    assert receiver.got == []


def test_a_name_with_one_inner_address_is_refused(
    public_only: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolving(monkeypatch, [("8.8.8.8", 0), ("127.0.0.1", receiver.port)])
    assert _reason("https://hooks.example/") == "address_refused"
    assert receiver.got == []


def test_a_name_is_resolved_once_so_that_a_changed_answer_gains_nothing(
    public_only: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def connect(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    asked = _resolving(monkeypatch, [("8.8.8.8", 0)], [("127.0.0.1", receiver.port)])
    assert _reason("https://hooks.example/") == "connection_failed"
    assert asked == ["hooks.example"]
    assert tried == [("8.8.8.8", 443)]


def test_the_next_address_is_tried_when_one_does_not_answer(
    private: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        unused = closed.getsockname()[1]
    _resolving(monkeypatch, [("127.0.0.1", unused), ("127.0.0.1", receiver.port)])
    assert _post("http://hooks.example/") == 204


def test_an_unknown_name_is_said_so(private: None) -> None:
    assert _reason("https://hooks.invalid/") == "name_not_found"
    assert _reason(f"https://{'a' * 70}.example/") == "name_not_found"


def test_path_query_host_and_body_arrive_as_they_are(private: None, receiver: Receiver) -> None:
    assert _post(f"http://localhost:{receiver.port}/a%20b/?x=1&y=%C3%A4") == 204
    path, headers, body = receiver.got[0]
    assert path == "/a%20b/?x=1&y=%C3%A4"
    assert headers["host"] == f"localhost:{receiver.port}"
    assert headers["content-type"] == "application/json"
    assert body == b'{"a":1}'


def test_a_redirect_is_an_answer_and_not_followed(private: None, receiver: Receiver) -> None:
    with receiving() as other:
        receiver.answers = [(307, {"location": other.url, "Retry-After": "7"})]
        answer = outbound.request("POST", receiver.url, b"", {})
        assert (answer.status, answer.headers["retry-after"]) == (307, "7")
        assert other.got == []


@contextmanager
def _serving(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server that does not speak HTTP as it should."""
    done = threading.Event()

    def serve() -> None:
        connected, _ = listening.accept()
        with connected:
            try:
                answer(connected, done)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()


def test_a_silent_server_is_given_up(private: None) -> None:
    with _serving(lambda _, done: void(done.wait())) as url:
        assert _reason(url, 0.3) == "timeout"


def void(_: object) -> None:
    """Nothing."""


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "])
def test_a_server_that_drips_is_given_up(private: None, start: bytes) -> None:
    def drip(connected: socket.socket, done: threading.Event) -> None:
        connected.sendall(start)
        while not done.wait(0.05):
            connected.sendall(b"x")

    with _serving(drip) as url:
        assert _reason(url, 0.5) == "timeout"


def test_a_server_that_drips_its_handshake_is_given_up(private: None) -> None:
    def drip(connected: socket.socket, done: threading.Event) -> None:
        connected.sendall(b"\x16\x03\x03\x3f\xff")
        while not done.wait(0.05):
            connected.sendall(b"\x02")

    with _serving(drip) as url:
        assert _reason(url.replace("http:", "https:"), 0.5) == "timeout"


def test_a_server_that_answers_before_the_deadline_is_not_kept_waiting_for(private: None) -> None:
    def endless(connected: socket.socket, done: threading.Event) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not done.wait(0.01):
            connected.sendall(b"x" * 1024)

    with _serving(endless) as url:
        assert _post(url) == 200


def _answering(*parts: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def answer(connected: socket.socket, _: threading.Event) -> None:
        connected.recv(65_536)
        for part in parts:
            connected.sendall(part)

    return answer


@pytest.mark.parametrize(
    "parts",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"four", b" five"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"four five"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\nfour\r\n5\r\n five\r\n0\r\n\r\n"),
    ],
    ids=["length", "until the end", "chunked"],
)
def test_the_body_is_read_when_asked_for_and_stays_out_of_texts(private: None, parts: tuple[bytes, ...]) -> None:
    with _serving(_answering(*parts)) as url:
        answer = outbound.request("GET", url, b"", {}, limit=9)
    assert answer.body == b"four five"
    assert "four" not in repr(answer)


def test_a_body_over_the_limit_is_refused(private: None) -> None:
    with _serving(_answering(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10)) as url:
        with pytest.raises(outbound.OutboundError) as failed:
            outbound.request("GET", url, b"", {}, limit=9)
        assert failed.value.reason == "answer_too_large"


@pytest.mark.parametrize("framing", [b"Content-Length: 9", b"Transfer-Encoding: chunked"])
def test_a_body_that_ends_early_is_no_answer(private: None, framing: bytes) -> None:
    with _serving(_answering(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n", b"9\r\nfou")) as url:
        with pytest.raises(outbound.OutboundError) as failed:
            outbound.request("GET", url, b"", {}, limit=100)
        assert failed.value.reason == "invalid_answer"


def test_a_body_that_drips_is_given_up(private: None) -> None:
    def drip(connected: socket.socket, done: threading.Event) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not done.wait(0.05):
            connected.sendall(b"x")

    with _serving(drip) as url:
        with pytest.raises(outbound.OutboundError) as failed:
            outbound.request("GET", url, b"", {}, 0.5, limit=1000)
        assert failed.value.reason == "timeout"


def test_a_get_without_a_body_announces_none(private: None) -> None:
    got: list[bytes] = []

    def answer(connected: socket.socket, _: threading.Event) -> None:
        got.append(connected.recv(65_536))
        connected.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with _serving(answer) as url:
        assert outbound.request("GET", url, b"", {"x-a": "b"}, limit=1).body == b""
    assert b"x-a: b" in got[0]
    assert b"content-length" not in got[0].lower()


def test_what_is_not_http_is_said_so(private: None) -> None:
    def speak(connected: socket.socket, _: threading.Event) -> None:
        connected.recv(65_536)
        connected.sendall(b"220 mail ready\r\n")

    with _serving(speak) as url:
        assert _reason(url) == "invalid_answer"


def test_a_connection_broken_off_is_said_so(private: None) -> None:
    with _serving(lambda connected, _: void(connected.recv(65_536))) as url:
        assert _reason(url) == "connection_failed"


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate_file, key_file)
    return server, certificate_file


def test_the_certificate_must_be_trusted_and_of_the_urls_name(
    private: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, certificate_file = _certificate(tmp_path, "hooks.example")
    trusting = ssl.create_default_context(cafile=str(certificate_file))
    with receiving(server) as receiver:
        _resolving(monkeypatch, [("127.0.0.1", receiver.port)])
        assert _reason("https://hooks.example/") == "tls_failed"
        monkeypatch.setattr(outbound, "tls", lambda: trusting)
        assert _post("https://hooks.example/a") == 204
        assert receiver.got[0][1]["host"] == "hooks.example"
        assert _reason("https://other.example/") == "tls_failed"
        assert len(receiver.got) == 1
