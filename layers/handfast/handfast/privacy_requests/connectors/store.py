"""Connectors and hand-overs in the privacy table; connectors' secrets in Secrets Manager, one secret for each.

pk                 sk                            item
SBX#{s}            CN#{connector}                connector
SBX#{s}            CONNECTORS                    how many there are
SBX#{s}            HND#{id}#{connector}          where the request stands at the connector
DUE                {s}#{at}#{id}#{connector}     something is to be done about that then
QUOTA#{connector}  {minute}, {month}             calls, people so far; expires
ATTEND#{s}         ATTEND                        a worker is at the sandbox's hand-overs until then
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from pydantic import TypeAdapter

from handfast.activity.models import Event
from handfast.activity.store import commit
from handfast.platform import aws, clock, table
from handfast.platform.settings import setting
from handfast.platform.table import ABSENT, EITHER, ConditionFailed, Delete, Put, Update, Write
from handfast.privacy_requests import rules
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.connectors.models import PER_SANDBOX, Configured, HandOver
from handfast.privacy_requests.keys import PRIVACY, sandbox_key
from handfast.privacy_requests.models import PrivacyRequest

ATTEND_FOR = timedelta(minutes=15)
"""As long as a worker runs at most."""
_CONFIGURED: TypeAdapter[Configured] = TypeAdapter(Configured)
_HAND_OVER: TypeAdapter[HandOver] = TypeAdapter(HandOver)


def _connector_key(connector_id: str) -> str:
    return f"CN#{connector_id}"


def _hand_over_key(privacy_request_id: str, connector_id: str) -> str:
    return f"HND#{privacy_request_id}#{connector_id}"


# Connectors


def _item(one: Configured) -> dict[str, object]:
    place = {"pk": sandbox_key(one.sandbox_id), "sk": _connector_key(one.connector_id)}
    return {**place, **_CONFIGURED.dump_python(one, by_alias=True)}


def create(new: Configured, secrets: Mapping[str, str], event: Event) -> None:
    """Write a new connector and its secrets; ConditionFailed when the sandbox has as many as it may."""
    room = ABSENT | Attr("connectors").lt(PER_SANDBOX)
    count = Update(PRIVACY, sandbox_key(new.sandbox_id), "CONNECTORS", add={"connectors": 1}, condition=room)
    aws.secretsmanager().create_secret(Name=_secret_name(new), SecretString=json.dumps(secrets))
    try:
        commit([Put(PRIVACY, _item(new)), count], [event])
    except ConditionFailed:
        _delete_secret(new)
        raise


def replace(old: Configured, new: Configured, secrets: Mapping[str, str] | None, event: Event) -> None:
    """Write a connector over the version read, else ConditionFailed; `secrets` None leaves them as they are."""
    commit([Put(PRIVACY, _item(new), Attr("revision").eq(old.revision))], [event])
    if secrets is not None:
        aws.secretsmanager().put_secret_value(SecretId=_secret_name(new), SecretString=json.dumps(secrets))


def delete(old: Configured, event: Event) -> None:
    """Delete a connector and its secrets, for good; a repeat finishes what a failure has left."""
    _delete_secret(old)
    key = sandbox_key(old.sandbox_id)
    count = Update(PRIVACY, key, "CONNECTORS", add={"connectors": -1})
    commit([Delete(PRIVACY, key, _connector_key(old.connector_id)), count], [event])


def connector(sandbox_id: str, connector_id: str) -> Configured | None:
    """One connector."""
    item = table.get(PRIVACY, sandbox_key(sandbox_id), _connector_key(connector_id))
    return _CONFIGURED.validate_python(item) if item else None


def connectors(sandbox_id: str) -> Iterator[Configured]:
    """All connectors of a sandbox, oldest first."""
    return map(_CONFIGURED.validate_python, table.query(PRIVACY, sandbox_key(sandbox_id), "CN#"))


def connectors_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[Configured], str | None]:
    """A page of connectors, newest first, and the next cursor."""
    page = table.page(PRIVACY, sandbox_key(sandbox_id), "CN#", limit=limit, cursor=cursor)
    return [_CONFIGURED.validate_python(item) for item in page.items], page.next_cursor


# Secrets


def _secret_name(of: Configured) -> str:
    return f"{setting('CONNECTOR_SECRETS')}/{of.sandbox_id}/{of.connector_id}"


def secrets(of: Configured) -> dict[str, str]:
    """A connector's secret settings, by their names on the wire."""
    text = aws.secretsmanager().get_secret_value(SecretId=_secret_name(of))["SecretString"]
    found: dict[str, str] = json.loads(text)
    return found


def _delete_secret(of: Configured) -> None:
    aws.secretsmanager().delete_secret(SecretId=_secret_name(of), ForceDeleteWithoutRecovery=True)


# Hand-overs


def hand_over(sandbox_id: str, privacy_request_id: str, connector_id: str) -> HandOver | None:
    """Where a request stands at a connector."""
    item = table.get(PRIVACY, sandbox_key(sandbox_id), _hand_over_key(privacy_request_id, connector_id))
    return _HAND_OVER.validate_python(item) if item else None


def hand_overs(sandbox_id: str, privacy_request_id: str) -> list[HandOver]:
    """Where a request stands at each connector, oldest connector first."""
    return hand_overs_each(sandbox_id, [privacy_request_id])[privacy_request_id]


def hand_overs_each(sandbox_id: str, names: Collection[str]) -> dict[str, list[HandOver]]:
    """`hand_overs` of neighbours in the list of requests, in one read."""
    found = table.below_each(PRIVACY, sandbox_key(sandbox_id), "HND#", names)
    return {name: list(map(_HAND_OVER.validate_python, items)) for name, items in found.items()}


def forget(request: PrivacyRequest) -> None:
    """Delete what names the person once the request has ended and nobody may have to be told again."""
    place = (request.sandbox_id, request.privacy_request_id)
    if request.status not in rules.OPEN and not rules.repeatable(requests.recipients(*place), hand_overs(*place)):
        requests.delete_subject(*place)


def put(sandbox_id: str, privacy_request_id: str, old: HandOver | None, new: HandOver) -> tuple[Write, ...]:
    """The writes of a hand-over and of what is due for it, refused unless it is as it was read."""
    place = {"pk": sandbox_key(sandbox_id), "sk": _hand_over_key(privacy_request_id, new.connector_id)}
    as_read = Attr("nextAt").eq(old.next_at) & Attr("status").eq(old.status) if old else ABSENT
    item = place | _HAND_OVER.dump_python(new, by_alias=True, mode="json")
    was, now = old.next_at if old else None, new.next_at
    writes: list[Write] = [Put(PRIVACY, item, as_read)]
    suffix = f"{privacy_request_id}#{new.connector_id}"
    if was and was != now:
        writes.append(Delete(PRIVACY, "DUE", f"{sandbox_id}#{was}#{suffix}", EITHER))
    if now and was != now:
        writes.append(Put(PRIVACY, {"pk": "DUE", "sk": f"{sandbox_id}#{now}#{suffix}"}, EITHER))
    return tuple(writes)


def due(sandbox_id: str, now: datetime) -> list[tuple[str, str]]:
    """Request and connector of each hand-over for which something is to be done by now, the longest due first."""
    found = []
    for item in table.query(PRIVACY, "DUE", f"{sandbox_id}#"):
        _, at, privacy_request_id, connector_id = item["sk"].split("#")
        if at > clock.to_text(now):
            break
        found.append((privacy_request_id, connector_id))
    return found


def next_due(sandbox_id: str) -> datetime | None:
    """When something is to be done next."""
    first = next(table.query(PRIVACY, "DUE", f"{sandbox_id}#", batch=1), None)
    return clock.from_text(first["sk"].split("#")[1]) if first else None


def sandboxes_due(now: datetime) -> Iterator[str]:
    """The sandboxes for which something is to be done by now, with one read for each."""
    after = None
    while first := next(table.query(PRIVACY, "DUE", after=after, batch=1), None):
        sandbox_id, at = first["sk"].split("#")[:2]
        if at <= clock.to_text(now):
            yield sandbox_id
        after = f"{sandbox_id}$"  # the character after #


@contextmanager
def attending(sandbox_id: str, now: datetime) -> Iterator[bool]:
    """Whether this worker has the sandbox's hand-overs for itself, for the block."""
    key, until = f"ATTEND#{sandbox_id}", int((now + ATTEND_FOR).timestamp() * 1000)
    free = ABSENT | Attr("until").lte(int(now.timestamp() * 1000))
    try:
        table.apply(Put(PRIVACY, {"pk": key, "sk": "ATTEND", "until": until, "ttl": until // 1000 + 1}, free))
    except ConditionFailed:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(ConditionFailed):  # it took too long, and another worker has them
            table.apply(Delete(PRIVACY, key, "ATTEND", Attr("until").eq(until)))


# Quotas


def spend(connector_id: str, period: str, count: int, limit: int, expires: datetime) -> bool:
    """Count calls or people against a period's limit; False when that many are not left."""
    left = ABSENT | Attr("spent").lte(limit - count)
    ttl = {"ttl": int(expires.timestamp())}
    try:
        table.apply(Update(PRIVACY, f"QUOTA#{connector_id}", period, assign=ttl, add={"spent": count}, condition=left))
    except ConditionFailed:
        return False
    return True


def give_back(connector_id: str, period: str, count: int) -> None:
    """Take back what was counted and not used."""
    if count:
        table.apply(Update(PRIVACY, f"QUOTA#{connector_id}", period, add={"spent": -count}))
