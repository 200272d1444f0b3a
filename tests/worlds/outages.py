"""Faults at a chosen call to the stores in memory, and queues that deliver as SQS does; for tests only."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from botocore.exceptions import ClientError

from functions.ingest import app as ingest
from functions.ingest import uploads
from functions.privacy_requests import worker as privacy
from functions.segment_export import app as export
from handfast.access import service as access
from handfast.connections import service as connections
from handfast.dataflows import outbox
from handfast.feeds import disconnecting
from handfast.platform import aws, clock, ids, table
from handfast.platform.queues import MAX_RECEIVES, SendFailedError
from handfast.privacy_requests import sweep
from tests.worlds.memory import Deployment
from tests.worlds.sandboxes import CONTEXT

type Service = Literal["dynamodb", "s3", "sqs"]
FILES = "UPLOADS_QUEUE_URL"
HANDLERS: dict[str, Callable[[Any, Any], Any]] = {
    FILES: uploads.handler,
    "INGEST_QUEUE_URL": ingest.handler,
    "EXPORT_QUEUE_URL": export.handler,
    "PRIVACY_QUEUE_URL": privacy.handler,
}
_PAUSE = timedelta(minutes=24)
"""Longer than the longest delay of a message, and than a worker runs. Of two such pauses one ends when the sweep sends
again, after 20 to 25 or 40 to 45 minutes, whether work waits since now or for a look that is due in five minutes."""
_THROTTLED = ("ThrottlingException", "ProvisionedThroughputExceededException", "TransactionConflictException")


class Killed(BaseException):
    """The process is gone, as far as its code can tell: nothing catches this, and no call goes through any more."""


@dataclass(frozen=True)
class Call:
    """A call to a store: how often it may be made again by the SDK, and what it does."""

    service: Service
    name: str
    number: int
    run: Callable[[], Any]
    repeated: bool = True

    @property
    def writes(self) -> bool:
        return self.name in {"transact", "apply", "put_object", "delete_objects", "send_message_batch"}


type Fault = Callable[["Faults", Call], Any]
_REFUSED = (ClientError, table.TransactionConflict, SendFailedError)


class Faults:
    """Between the product and the stores: counts the calls that match, and breaks one of them."""

    def __init__(self, deployment: Deployment, patch: pytest.MonkeyPatch) -> None:
        self._lock = threading.Lock()
        self.dead = False
        self.counted = 0
        self._wanted: Callable[[Call], bool] = lambda _: False
        self._at = 0
        self._fault: Fault | None = None
        for name in ("transact", "apply", "get", "get_many"):
            patch.setattr(table, name, self._through("dynamodb", name, getattr(deployment, name)))
        query = deployment.query
        patch.setattr(
            table,
            "query",
            lambda *given, **named: iter(self.call("dynamodb", "query", lambda: [*query(*given, **named)])),
        )
        for service in ("s3", "sqs"):
            client = _Client(self, service, getattr(aws, service)())
            patch.setattr(aws, service, lambda client=client: client)

    def _through(self, service: Service, name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given, **named: self.call(service, name, lambda: do(*given, **named))

    def call(self, service: Service, name: str, do: Callable[[], Any]) -> Any:
        """Make a call, unless the process is dead or it is the one to break."""
        fault = None
        with self._lock:
            if self.dead:
                raise Killed
            # A transaction has a token by which DynamoDB knows a repeat.
            call = Call(service, name, self.counted, do, repeated=name != "transact")
            if self._wanted(call):
                self.counted += 1
                if self.counted == self._at:
                    fault, self._fault = self._fault, None
        return fault(self, call) if fault else do()

    @contextmanager
    def at(self, number: int, fault: Fault | None, wanted: Callable[[Call], bool]) -> Iterator[None]:
        """Break the so-manieth of the wanted calls, from 1."""
        self.counted, self._at, self._fault, self._wanted = 0, number, fault, wanted
        try:
            yield
        finally:
            self._fault, self._wanted, self.dead = None, lambda _: False, False

    def aside(self, look: Callable[[], bool]) -> bool:
        """What the test itself sees; its calls do not count."""
        wanted, self._wanted = self._wanted, lambda _: False
        try:
            return look()
        finally:
            self._wanted = wanted


class _Client:
    """A client whose calls can be broken."""

    def __init__(self, faults: Faults, service: Service, client: Any) -> None:
        self._faults, self._service, self._client = faults, service, client

    def __getattr__(self, name: str) -> Any:
        if name == "get_paginator":
            return lambda _: self
        if name == "change_message_visibility":
            return lambda **_: None
        if name == "paginate":
            pages = self._client.paginate
            return lambda **named: self._faults.call(self._service, "paginate", lambda: [*pages(**named)])
        do = getattr(self._client, name)
        return lambda *given, **named: self._faults.call(self._service, name, lambda: do(*given, **named))


# What goes wrong


def stop_before(faults: Faults, _: Call) -> None:
    """The process is killed before the call."""
    faults.dead = True
    raise Killed


def stop_after(faults: Faults, call: Call) -> None:
    """The process is killed when the call is done, before its answer comes."""
    call.run()
    faults.dead = True
    raise Killed


def answer_lost(_: Faults, call: Call) -> Any:
    """The call is done, its answer lost: the SDK makes it again, and that one's answer comes."""
    if call.repeated:
        call.run()
    return call.run()


def refused(_: Faults, call: Call) -> Any:
    """The service has no capacity, however often the SDK tries: nothing is done."""
    if call.service == "s3":
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "Please reduce your request rate."}}, call.name)
    if call.service == "sqs":
        return {"Failed": [{"Id": "0", "Code": "ServiceUnavailable", "SenderFault": False}]}
    code = _THROTTLED[call.number % len(_THROTTLED)]
    if code == "TransactionConflictException" and call.writes:
        raise table.TransactionConflict
    raise ClientError({"Error": {"Code": code, "Message": code}}, call.name)


def overtaken(meanwhile: Callable[[], None]) -> Fault:
    """Something else happens right before the call."""

    def fault(_: Faults, call: Call) -> Any:
        meanwhile()
        return call.run()

    return fault


# Queues


@dataclass
class Delivery:
    """A message that waits. `receives` counts how often it was handed out."""

    queue: str
    group: str
    body: Any
    receives: int = 0
    is_copy: bool = False


@dataclass
class Lambdas:
    """The functions behind the deployment's queues: a message stays until it is done, or goes to the dead letters."""

    deployment: Deployment
    faults: Faults
    patch: pytest.MonkeyPatch
    waiting: list[Delivery] = field(default_factory=list)
    dead_letters: list[Delivery] = field(default_factory=list)
    client: Callable[[], None] | None = None
    """A call of the API that is made again until it is answered."""
    newest_first: bool = False
    twice: bool = False
    passed: timedelta = timedelta()
    kills: int = 0
    at_work: Sequence[Delivery] = ()

    def __post_init__(self) -> None:
        now, time_ns = clock.now, time.time_ns
        self.patch.setattr(clock, "now", lambda: now() + self.passed)
        passed = SimpleNamespace(time_ns=lambda: time_ns() + int(self.passed.total_seconds() * 1e9))
        self.patch.setattr(ids, "time", passed)

    def receive(self, names: Sequence[str] = tuple(HANDLERS)) -> None:
        """Take what has been sent."""
        for name in names:
            for group, body in self.deployment.queues[name]:
                self.waiting.append(Delivery(name, group, body))
            self.deployment.queues[name].clear()

    def deliverable(self) -> list[Delivery]:
        """Of each group the first message, of standard queues any."""
        self.receive()
        seen: set[tuple[str, str]] = set()
        found = []
        for delivery in self.waiting:
            if not delivery.group or (delivery.queue, delivery.group) not in seen:
                found.append(delivery)
            seen.add((delivery.queue, delivery.group))
        return found

    def hand_out(self, *messages: Delivery) -> None:
        """Invoke a function with messages of its queue; those that it is done with are gone."""
        for delivery in messages:
            delivery.receives += 1
        failed: set[int]
        self.at_work = messages
        try:
            answer = HANDLERS[messages[0].queue](event(messages), CONTEXT)
        except Killed:
            self.revive()
            failed = set(range(len(messages)))
        else:
            failed = {int(entry["itemIdentifier"]) for entry in answer["batchItemFailures"]}
        finally:
            self.at_work = ()
        for index, delivery in enumerate(messages):
            if index not in failed or delivery.receives >= MAX_RECEIVES:
                self.waiting.remove(delivery)
            if index in failed and delivery.receives >= MAX_RECEIVES:
                self.dead_letters.append(delivery)

    def again(self, messages: Sequence[Delivery]) -> None:
        """Another worker handles messages that one has in hand."""
        self.at_work = ()
        HANDLERS[messages[0].queue](event(messages), CONTEXT)

    def revive(self) -> None:
        """A new process takes over."""
        self.kills += 1
        self.faults.dead = False
        access.forget()

    def act(self) -> None:
        """Make the client's call until it is answered."""
        while self.client is not None:
            try:
                self.client()
                self.client = None
            except (Killed, *_REFUSED):
                self.revive()

    def run_dry(self, idle: Callable[[], bool]) -> None:
        """Until no message waits and `idle` says that nothing is under way; time passes, and the sweeps look."""
        self.act()
        ended = False
        for _ in range(60):
            for _ in range(400):
                found = self.deliverable()
                if not found:
                    break
                delivery = found[-1 if self.newest_first else 0]
                if self.twice and not delivery.receives and not delivery.is_copy:
                    self.waiting.insert(
                        self.waiting.index(delivery),
                        Delivery(delivery.queue, delivery.group, delivery.body, is_copy=True),
                    )
                self.hand_out(delivery)
            else:
                raise AssertionError("messages never end")
            if ended:
                return
            self.look(_PAUSE)
            if self.faults.aside(idle) and not self.deliverable():
                ended = True
                self.look(timedelta(hours=2))
        raise AssertionError("it never comes to an end")

    def look(self, after: timedelta) -> None:
        """Let time pass, and the sweeps look."""
        self.passed += after
        for part in (
            connections.expire_overdue,
            disconnecting.finish_disconnects,
            outbox.dispatch_pending,
            sweep.sweep,
        ):
            try:
                part()
            except (Killed, ExceptionGroup, *_REFUSED):
                self.revive()
                part()


def event(messages: Sequence[Delivery]) -> Mapping[str, Any]:
    """What Lambda gets from SQS."""
    return {
        "Records": [
            {
                "messageId": str(index),
                "receiptHandle": str(index),
                "body": json.dumps(delivery.body),
                "attributes": {"MessageGroupId": delivery.group, "ApproximateReceiveCount": str(delivery.receives)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{delivery.queue}",
            }
            for index, delivery in enumerate(messages)
        ]
    }
