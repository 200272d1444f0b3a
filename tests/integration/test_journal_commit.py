"""`commit`: a change and its records, all or nothing, whoever else writes."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto.dynamodb.models import DynamoDBBackend

from handfast.journal import chain
from handfast.journal import store as journal
from handfast.journal.models import Actor, Event
from handfast.platform import aws, table
from handfast.platform.problems import TooManyRequests
from handfast.platform.table import ConditionFailed, Put, TransactionConflict, Update


def _event(sandbox_id: str, subject: str = "x_1", **detail: Any) -> Event:
    return Event(sandbox_id, "segment.created", Actor.system(), subject, detail)


def _item(name: str) -> Put:
    return Put(journal.ACTIVITY, {"pk": "TEST", "sk": name})


@pytest.fixture
def atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB's transactions are atomic and isolated; moto's are so only where nothing else runs beside them."""
    lock = threading.Lock()

    def alone(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            with lock:
                return method(*arguments, **named)

        return call

    for name in ("transact_write_items", "query"):
        monkeypatch.setattr(DynamoDBBackend, name, alone(getattr(DynamoDBBackend, name)))


def test_writers_at_once_lose_no_record_and_the_chain_holds(stores: None, atomic: None) -> None:
    writers, each = 6, 5
    start = threading.Barrier(writers)

    def write(writer: int) -> None:
        start.wait()
        for number in range(each):
            name = f"{writer}-{number}"
            journal.commit([_item(name)], [_event("sbx_1", name), _event("sbx_2", name)])

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))

    expected = {f"{writer}-{number}" for writer in range(writers) for number in range(each)}
    assert {item["sk"] for item in table.query(journal.ACTIVITY, "TEST")} == expected
    for sandbox_id in ("sbx_1", "sbx_2"):
        log = list(journal.log(sandbox_id))
        assert [record["sequence"] for record in log] == list(range(1, writers * each + 1))
        assert {record["subject"] for record in log} == expected
        assert chain.first_break(log) == (writers * each, log[-1]["hash"], None)
        for writer in range(writers):
            own = [record["subject"] for record in log if record["subject"].startswith(f"{writer}-")]
            assert own == [f"{writer}-{number}" for number in range(each)]


def test_several_events_of_one_change_follow_each_other(stores: None) -> None:
    journal.commit([], [_event("sbx_1", "one"), _event("sbx_2", "two"), _event("sbx_1", "three")])
    assert [record["subject"] for record in journal.log("sbx_1")] == ["one", "three"]
    assert [record["subject"] for record in journal.log("sbx_2")] == ["two"]


def test_a_refused_change_leaves_no_record_and_shows_what_stood_there(stores: None) -> None:
    journal.commit([_item("a")], [_event("sbx_1")])
    with pytest.raises(ConditionFailed) as failed:
        journal.commit([_item("b"), _item("a")], [_event("sbx_1")])
    assert failed.value.write == 1
    assert failed.value.item == {"pk": "TEST", "sk": "a"}
    assert len(list(journal.log("sbx_1"))) == 1
    assert table.get(journal.ACTIVITY, "TEST", "b") is None


@pytest.mark.parametrize("number", [1.0, 0.1, 1e-7, 1e22, 12345678901234567890, -0.0, 3.14159])
def test_a_number_in_a_detail_does_not_break_the_chain(stores: None, number: float) -> None:
    journal.commit([], [_event("sbx_1", share=number, nested=[{"deep": number}])])
    assert chain.first_break(journal.log("sbx_1"))[2] is None


# What DynamoDB answers (API reference, TransactionCanceledException); moto never reports a conflict.
_NONE = {"Code": "None"}
_CONFLICT = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
_REFUSED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
_STOOD = _REFUSED | {"Item": table.serialised({"pk": "TEST", "sk": "a", "n": 1})}
_THROTTLED = {"Code": "ThrottlingError", "Message": "Throughput exceeds the current capacity"}
_INVALID = {"Code": "ValidationError", "Message": "Item size to update has exceeded the maximum allowed size"}


@pytest.fixture
def dynamodb(stores: None) -> Iterator[Stubber]:
    with Stubber(aws.dynamodb()) as stubber:
        yield stubber


def _cancel(stubber: Stubber, *reasons: dict[str, Any]) -> None:
    stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        http_status_code=400,
        modeled_fields={"CancellationReasons": list(reasons)},
    )


def _empty_log(stubber: Stubber) -> None:
    stubber.add_response("query", {"Items": [], "Count": 0, "ScannedCount": 0})


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("handfast.platform.optimistic.time.sleep", waits.append)
    return waits


@pytest.mark.parametrize(
    "reasons",
    [
        (_NONE, _CONFLICT),
        (_CONFLICT, _NONE),
        (_NONE, _REFUSED),
        (_CONFLICT, _REFUSED),
        (_NONE, _THROTTLED),
        (_NONE, {"Code": "ProvisionedThroughputExceeded"}),
    ],
)
def test_a_lost_race_or_a_busy_table_is_tried_again_with_fresh_records(
    dynamodb: Stubber, no_waiting: list[float], reasons: tuple[dict[str, Any], ...]
) -> None:
    _empty_log(dynamodb)
    _cancel(dynamodb, *reasons)
    _empty_log(dynamodb)
    dynamodb.add_response("transact_write_items", {})
    journal.commit([_item("a")], [_event("sbx_1")])
    dynamodb.assert_no_pending_responses()
    assert len(no_waiting) == 1


@pytest.mark.parametrize("beside", [_NONE, _CONFLICT, _REFUSED, _THROTTLED])
def test_a_refused_change_is_final_whatever_stands_beside_it(dynamodb: Stubber, beside: dict[str, Any]) -> None:
    _empty_log(dynamodb)
    _cancel(dynamodb, _STOOD, beside)
    with pytest.raises(ConditionFailed) as failed:
        journal.commit([_item("a")], [_event("sbx_1")])
    assert failed.value.write == 0
    assert failed.value.item == {"pk": "TEST", "sk": "a", "n": 1}


@pytest.mark.parametrize("reasons", [(_INVALID, _NONE), (_CONFLICT, _INVALID)])
def test_a_mistake_is_not_taken_for_a_race(dynamodb: Stubber, reasons: tuple[dict[str, Any], ...]) -> None:
    _empty_log(dynamodb)
    _cancel(dynamodb, *reasons)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        journal.commit([_item("a")], [_event("sbx_1")])


def test_a_log_that_stays_busy_is_a_429(dynamodb: Stubber, no_waiting: list[float]) -> None:
    for _ in range(journal._ATTEMPTS):
        _empty_log(dynamodb)
        _cancel(dynamodb, _NONE, _CONFLICT)
    with pytest.raises(TooManyRequests):
        journal.commit([_item("a")], [_event("sbx_1")])
    dynamodb.assert_no_pending_responses()


def test_a_single_write_into_an_ongoing_transaction_is_a_conflict(dynamodb: Stubber) -> None:
    dynamodb.add_client_error("update_item", "TransactionConflictException", http_status_code=400)
    with pytest.raises(TransactionConflict):
        table.apply(Update(journal.ACTIVITY, "TEST", "a", assign={"n": 2}, condition=Attr("n").eq(1)))


def test_a_read_for_the_end_of_a_log_brings_one_record(dynamodb: Stubber) -> None:
    request = {
        "TableName": "activity",
        "ConsistentRead": True,
        "ScanIndexForward": False,
        "Limit": 1,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": {":pk": {"S": "LOG#sbx_1"}, ":prefix": {"S": "SEQ#"}},
    }
    dynamodb.add_response("query", {"Items": [], "Count": 0, "ScannedCount": 0}, request)
    dynamodb.add_response("transact_write_items", {})
    journal.commit([], [_event("sbx_1")])
