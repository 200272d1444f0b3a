"""How containers reach an emulator that listens on this machine's loopback interface only."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import boto3
import docker  # type: ignore[import-untyped]


class NoEngineError(RuntimeError):
    """No container engine answers."""


def engine() -> Any:
    """The container engine; raises NoEngineError when none answers."""
    try:
        return docker.from_env()
    except docker.errors.DockerException as error:
        raise NoEngineError(f"no container engine answers: {error}") from error


@contextmanager
def reachable(port: int) -> Iterator[str]:
    """The URL under which containers reach the port of this machine's loopback interface."""
    bridge = engine().networks.get("bridge").attrs["IPAM"]["Config"][0]
    gateway = bridge.get("Gateway") or str(ip_network(bridge["Subnet"])[1])  # not all engines name it
    try:
        server = _Forwarder((gateway, 0), port)
    except OSError:
        # The engine runs in a virtual machine, whose bridge is no address of this one; it has a name for it instead.
        yield f"http://host.docker.internal:{port}"
        return
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{gateway}:{server.server_address[1]}"
        server.shutdown()


def variables(stack_name: str) -> dict[str, str]:
    """What the stack's functions find in their environment; AWS's environment must point to the stack."""
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    found = [
        function
        for page in pages
        for function in page["Functions"]
        if function["FunctionName"].startswith(f"{stack_name}-")
    ]
    merged = {name: value for function in found for name, value in function["Environment"]["Variables"].items()}
    del merged["POWERTOOLS_SERVICE_NAME"]  # each function's own
    return merged


class _Forwarder(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], port: int) -> None:
        self.port = port
        super().__init__(address, _Connection)


class _Connection(BaseRequestHandler):
    server: _Forwarder

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.port)) as there:
            answers = Thread(target=_copy, args=(there, self.request), daemon=True)
            answers.start()
            _copy(self.request, there)
            answers.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either side may hang up
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
