"""The feeds table: feeds, shares with their receivers' copies, dataflows and runs (docs/architecture.md, Tables)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from boto3.dynamodb.conditions import Attr
from pydantic import TypeAdapter

from handfast.access import store as access
from handfast.connections import store as connections
from handfast.feeds import rules
from handfast.feeds.models import Copies, Dataflow, Feed, OverlapEstimate, ReceivedFeed, Run, RunStatus, Share
from handfast.identity import keys
from handfast.identity.namespaces import namespace
from handfast.platform import clock, table
from handfast.platform.ids import new_id
from handfast.platform.queues import Message, again, send
from handfast.platform.settings import setting
from handfast.platform.table import ConditionFailed, Delete, Item, Put, Update, Write
from handfast.segment_export.models import Held, Terms
from handfast.segments import store as segments

FEEDS = "FEEDS_TABLE"
_RUN_DAYS = 90
_COUNT, _HELD = "count.", "held."
_PROMISES = "PROMISES"

_FEED: TypeAdapter[Feed] = TypeAdapter(Feed)
_SHARE: TypeAdapter[Share] = TypeAdapter(Share)
_RECEIVED: TypeAdapter[ReceivedFeed] = TypeAdapter(ReceivedFeed)
_DATAFLOW: TypeAdapter[Dataflow] = TypeAdapter(Dataflow)
_RUN: TypeAdapter[Run] = TypeAdapter(Run)
_ESTIMATES: TypeAdapter[list[OverlapEstimate]] = TypeAdapter(list[OverlapEstimate])


def _sandbox_key(sandbox_id: str) -> str:
    return f"SBX#{sandbox_id}"


def _flow_key(dataflow_id: str) -> str:
    return f"FLOW#{dataflow_id}"


def _pair_key(source_id: str, target_id: str) -> str:
    return f"PAIR#{source_id}#{target_id}"


def _share_key(feed_id: str, connection_id: str) -> str:
    return f"SHARE#{feed_id}#{connection_id}"


type _Revised = Feed | Share | ReceivedFeed | Dataflow


def _put[T: _Revised](adapter: TypeAdapter[T], new: T, over: T | None, pk: str, sk: str) -> Put:
    """Write over the revision read, or as a new item; the revision counts up by itself."""
    revision = over.revision + 1 if over else 1
    item = {"pk": pk, "sk": sk} | adapter.dump_python(new, by_alias=True) | {"revision": revision}
    return Put(FEEDS, item, Attr("revision").eq(over.revision) if over else table.ABSENT)


# Feeds


def feed(sandbox_id: str, feed_id: str) -> Feed | None:
    """The sender's feed."""
    item = table.get(FEEDS, _sandbox_key(sandbox_id), f"FEED#{feed_id}")
    return _FEED.validate_python(item) if item else None


def feeds_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[Feed], str | None]:
    """A page of the sandbox's feeds, newest first, and the next cursor."""
    page = table.page(FEEDS, _sandbox_key(sandbox_id), "FEED#", limit=limit, cursor=cursor)
    return [_FEED.validate_python(item) for item in page.items], page.next_cursor


def put_feed(new: Feed, *, over: Feed | None) -> Put:
    """Write the feed over the revision read, or as a new one."""
    return _put(_FEED, new, over, _sandbox_key(new.sandbox_id), f"FEED#{new.feed_id}")


def delete_feed(old: Feed) -> Delete:
    """Delete the feed at the revision read."""
    condition = Attr("revision").eq(old.revision)
    return Delete(FEEDS, _sandbox_key(old.sandbox_id), f"FEED#{old.feed_id}", condition)


# Shares and received feeds: two copies of one thing, written together


def share(sandbox_id: str, feed_id: str, connection_id: str) -> Share | None:
    """The sender's copy of a share."""
    item = table.get(FEEDS, _sandbox_key(sandbox_id), _share_key(feed_id, connection_id))
    return _SHARE.validate_python(item) if item else None


def shares(sandbox_id: str, feed_id: str | None = None) -> list[Share]:
    """The sender's shares of one feed, or of all; revoked ones too."""
    prefix = f"SHARE#{feed_id}#" if feed_id else "SHARE#"
    return [_SHARE.validate_python(item) for item in table.query(FEEDS, _sandbox_key(sandbox_id), prefix)]


def shares_each(sandbox_id: str, feed_ids: Collection[str]) -> dict[str, list[Share]]:
    """`shares` of neighbours in the list of feeds, in one read."""
    found = table.below_each(FEEDS, _sandbox_key(sandbox_id), "SHARE#", feed_ids)
    return {feed_id: list(map(_SHARE.validate_python, items)) for feed_id, items in found.items()}


def received_feed(sandbox_id: str, received_feed_id: str) -> ReceivedFeed | None:
    """The receiver's copy of a share."""
    item = table.get(FEEDS, _sandbox_key(sandbox_id), f"RF#{received_feed_id}")
    return _RECEIVED.validate_python(item) if item else None


def received_feeds(sandbox_id: str, first: str = "", batch: int | None = None) -> Iterator[ReceivedFeed]:
    """All feeds a sandbox has received from one on, oldest first, ended ones too; `batch` as in `table.query`."""
    items = table.between(FEEDS, _sandbox_key(sandbox_id), f"RF#{first}", "RF$", batch=batch)
    return map(_RECEIVED.validate_python, items)


def received_feeds_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[ReceivedFeed], str | None]:
    """A page of the received feeds, newest first, and the next cursor."""
    page = table.page(FEEDS, _sandbox_key(sandbox_id), "RF#", limit=limit, cursor=cursor)
    return [_RECEIVED.validate_python(item) for item in page.items], page.next_cursor


def copies(found: Share | ReceivedFeed) -> Copies:
    """Both copies of what is one side's copy; one that is stale by now shows when both are written."""
    sent: Share | None
    got: ReceivedFeed | None
    if isinstance(found, Share):
        sent, got = found, received_feed(found.partner.sandbox_id, found.received_feed_id)
    else:
        sent, got = share(found.partner.sandbox_id, found.feed_id, found.connection_id), found
    if sent is None or got is None:
        raise LookupError(f"received feed {found.received_feed_id} has no other copy")
    return Copies(sent, got)


def put_copies(new: Copies, *, share: Share | None, received: ReceivedFeed | None) -> list[Write]:
    """Write both copies over the revisions read, or as new ones."""
    sent, got = new.share, new.received
    return [
        _put(_SHARE, sent, share, _sandbox_key(sent.sandbox_id), _share_key(sent.feed_id, sent.connection_id)),
        _put(_RECEIVED, got, received, _sandbox_key(got.sandbox_id), f"RF#{got.received_feed_id}"),
    ]


def count_shared(old: Share | None, new: Share, *, active: bool = False) -> list[Write]:
    """The writes that count a share where its connection tells how much is shared; `active`: it has to be."""
    feeds, by_segment = rules.shared_change(old, new)
    return connections.count_shared(new.sandbox_id, new.connection_id, feeds, by_segment, active=active)


# Dataflows: one item and a copy on each side


def dataflow(dataflow_id: str) -> Dataflow | None:
    """The dataflow, whoever asks."""
    item = table.get(FEEDS, _flow_key(dataflow_id), "FLOW")
    return _DATAFLOW.validate_python(item) if item else None


def dataflow_of(sandbox_id: str, dataflow_id: str) -> Dataflow | None:
    """The dataflow, if the sandbox is its source or target."""
    item = table.get(FEEDS, _sandbox_key(sandbox_id), _flow_key(dataflow_id))
    return _DATAFLOW.validate_python(item) if item else None


def dataflows_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[Dataflow], str | None]:
    """A page of the dataflows from and to the sandbox, newest first, and the next cursor."""
    page = table.page(FEEDS, _sandbox_key(sandbox_id), "FLOW#", limit=limit, cursor=cursor)
    return [_DATAFLOW.validate_python(item) for item in page.items], page.next_cursor


def dataflows_touching(sandbox_id: str, segment_ids: Iterable[str] | None) -> list[Dataflow]:
    """The dataflows that a change in the sandbox's data may concern: all into it, and those out of it that carry one
    of the segments (None: any segment). Closed ones are left out.
    """
    wanted = None if segment_ids is None else set(segment_ids)
    items = table.query(FEEDS, _sandbox_key(sandbox_id), "FLOW#")
    return [
        flow
        for flow in map(_DATAFLOW.validate_python, items)
        if flow.status != "closed"
        and (flow.target.sandbox_id == sandbox_id or wanted is None or not wanted.isdisjoint(flow.segment_ids))
    ]


def put_dataflow(new: Dataflow, *, over: Dataflow | None) -> list[Put]:
    """Write the dataflow and both sides' copies over the revision read, or as a new one."""
    key = _flow_key(new.dataflow_id)
    places = ((key, "FLOW"), (_sandbox_key(new.source.sandbox_id), key), (_sandbox_key(new.target.sandbox_id), key))
    return [_put(_DATAFLOW, new, over, pk, sk) for pk, sk in places]


def terms(dataflow_id: str) -> Terms:
    """What the dataflow may share at this moment; without segments when it has stopped, for whatever reason.

    The source's segments that are gone or labelled C11 since are left out. Raises LookupError for an unknown dataflow.
    """
    flow = dataflow(dataflow_id)
    source = access.sandbox(flow.source.sandbox_id) if flow else None
    if flow is None or source is None:
        raise LookupError(f"no dataflow {dataflow_id}")
    shared = share(source.sandbox_id, flow.feed_id, flow.connection_id)
    connection = connections.get(source.sandbox_id, flow.connection_id)
    connected = connection is not None and connection.status == "active"
    accepted = rules.accepted(flow, shared) if connected else rules.NOTHING
    found = (segments.segment(source.sandbox_id, segment_id) for segment_id in accepted.segment_ids)
    return Terms(
        source=source.sandbox_id,
        target=flow.target.sandbox_id,
        segments=tuple(one.segment_id for one in found if one and rules.NOT_SHAREABLE not in one.labels),
        namespaces=tuple(namespace(name).code for name in accepted.namespaces),
        consent_default=source.consent_default,
        paused=not accepted.realize,
    )


# Runs


def spans() -> list[str]:
    """The deployment's spans, as object keys write them."""
    return [f"{span:03d}" for span in keys.spans(int(setting("BUCKET_BITS")))]


def new_run(dataflow_id: str, reason: str, only: Iterable[str] | None = None) -> Run:
    """A run over all spans, or only some; `start` writes and sends it."""
    outstanding = frozenset(spans() if only is None else only)
    at = clock.to_text(clock.now())
    return Run(dataflow_id, new_id("run"), "running", reason, at, len(outstanding), outstanding)


def promise(run: Run) -> Put:
    """The write by which a state change promises a run: `keep` it after the commit, or the sweep will."""
    return Put(FEEDS, {"pk": _PROMISES, "sk": run.run_id} | _RUN.dump_python(run, by_alias=True, exclude={"counts"}))


def promised() -> list[Run]:
    """Runs promised and not yet started."""
    return [_RUN.validate_python(item) for item in table.query(FEEDS, _PROMISES)]


def keep(run: Run) -> None:
    """Start a promised run; safe to repeat."""
    with suppress(ConditionFailed):
        _write_run(run)
    _send_run(run)
    table.apply(Delete(FEEDS, _PROMISES, run.run_id, table.EITHER))


def _write_run(run: Run) -> None:
    item = _RUN.dump_python(run, by_alias=True, exclude={"counts"})
    expires = int(clock.now().timestamp()) + _RUN_DAYS * 86400
    table.apply(Put(FEEDS, {"pk": _flow_key(run.dataflow_id), "sk": f"RUN#{run.run_id}", "ttl": expires} | item))


def _send_run(run: Run) -> None:
    send("EXPORT_QUEUE_URL", [_message(run, span, f"{run.run_id}/{span}") for span in sorted(run.outstanding)])


def wake_again(run: Run) -> None:
    """Have a run's outstanding spans reconciled for which messages have been sent, in case one was lost."""
    send("EXPORT_QUEUE_URL", [_message(run, span, again(f"{run.run_id}/{span}")) for span in sorted(run.outstanding)])


def _message(run: Run, span: str, dedup_id: str) -> Message:
    body = {"dataflowId": run.dataflow_id, "span": int(span), "runId": run.run_id}
    return Message(body, group=f"{run.dataflow_id}/{span}", dedup_id=dedup_id)


def mark_dirty(dataflow: Dataflow, reason: str, only: Iterable[str] | None = None) -> Run:
    """Have the dataflow reconciled again: a run over all spans (or `only` some) and a message for each."""
    run = new_run(dataflow.dataflow_id, reason, only)
    begin(run)
    return run


def begin(run: Run) -> None:
    """Start a run that no state change has promised; the promise keeps a crash from leaving it without messages."""
    with suppress(ConditionFailed):
        table.apply(promise(run))
    keep(run)


def _run(item: Item) -> Run:
    counts = {name.removeprefix(_COUNT): value for name, value in item.items() if name.startswith(_COUNT)}
    return _RUN.validate_python(item | {"counts": counts})


def run(dataflow_id: str, run_id: str) -> Run | None:
    """One run."""
    item = table.get(FEEDS, _flow_key(dataflow_id), f"RUN#{run_id}")
    return _run(item) if item else None


def runs(dataflow_id: str) -> Iterator[Run]:
    """The dataflow's runs, newest first."""
    return map(_run, table.query(FEEDS, _flow_key(dataflow_id), "RUN#", newest_first=True))


def runs_page(dataflow_id: str, limit: int, cursor: str | None) -> tuple[list[Run], str | None]:
    """A page of the dataflow's runs, newest first, and the next cursor."""
    page = table.page(FEEDS, _flow_key(dataflow_id), "RUN#", limit=limit, cursor=cursor)
    return [_run(item) for item in page.items], page.next_cursor


def span_done(dataflow_id: str, run_id: str, span: str, counts: Mapping[str, int], held: Held) -> Run | None:
    """Take a span out of the run's outstanding ones, add its counts, and note what the target now holds of it.

    A span already out changes nothing. Returns the run as it is then (None: it has expired); with nothing outstanding
    and still `running`, it awaits `end_run`. Raises ConditionFailed when the span is counted twice at once.
    """
    key = _flow_key(dataflow_id)
    writes: list[Write] = [
        Update(
            FEEDS,
            key,
            f"RUN#{run_id}",
            add={f"{_COUNT}{name}": count for name, count in counts.items() if count},
            discard={"outstanding": {span}},
            condition=Attr("outstanding").contains(span),
        ),
        *hold(dataflow_id, span, held),
    ]
    try:
        table.transact(writes)
    except ConditionFailed as failed:
        if failed.write > 0:
            raise
    return run(dataflow_id, run_id)


def hold(dataflow_id: str, span: str, held: Held) -> list[Write]:
    """The writes of what the target holds of a span, and of the difference that this makes to all that it holds."""
    key = _flow_key(dataflow_id)
    place = {"pk": key, "sk": f"HELD#{span}"}
    now = {f"{_HELD}{name}.{code}": n for name, part in held.items() for code, n in part.items()}
    old = table.get(FEEDS, *place.values()) or {}
    before = {name: count for name, count in old.items() if name.startswith(_HELD)}
    if now == before:
        return []
    revision = old.get("revision", 0)
    unchanged = Attr("revision").eq(revision) if old else table.ABSENT
    change = {name: now.get(name, 0) - before.get(name, 0) for name in {**before, **now}}
    return [
        Put(FEEDS, {**place, **now, "revision": revision + 1}, unchanged),
        Update(FEEDS, key, "HELD", add=change, condition=table.EITHER),
    ]


def held(dataflow_id: str) -> int:
    """How many pairs of identity and segment the target holds, as of the last run of each span."""
    return pairs(_held(table.get(FEEDS, _flow_key(dataflow_id), "HELD") or {}))


def held_each(dataflow_ids: Iterable[str]) -> dict[str, Held]:
    """What the targets of dataflows hold, as of the last run of each span, in one read."""
    keys = {dataflow_id: (_flow_key(dataflow_id), "HELD") for dataflow_id in dataflow_ids}
    found = table.get_many(FEEDS, keys.values())
    return {dataflow_id: _held(found.get(key, {})) for dataflow_id, key in keys.items()}


def _held(item: Item) -> Held:
    found: dict[str, dict[int, int]] = {}
    for name, count in item.items():
        if name.startswith(_HELD) and count:
            segment_id, _, code = name.removeprefix(_HELD).rpartition(".")
            found.setdefault(segment_id, {})[int(code)] = count
    return found


def pairs(held: Held) -> int:
    """How many pairs of identity and segment these are."""
    return sum(count for by_namespace in held.values() for count in by_namespace.values())


def end_run(ended: Run, status: RunStatus, failure: str | None = None) -> Update:
    """End a running run; refused when another has ended it. For `activity.store.commit`."""
    return Update(
        FEEDS,
        _flow_key(ended.dataflow_id),
        f"RUN#{ended.run_id}",
        assign={"status": status, "completedAt": clock.to_text(clock.now()), "failure": failure},
        condition=Attr("status").eq("running"),
    )


# Estimates


def cached_estimates(source_id: str, target_id: str, question: str) -> list[OverlapEstimate] | None:
    """The answer that this question had over the same data, if it is kept still."""
    item = table.get(FEEDS, _pair_key(source_id, target_id), f"ESTIMATES#{question}")
    if item is None or item["ttl"] <= clock.now().timestamp():
        return None
    return _ESTIMATES.validate_python(item["items"])


def cache_estimates(
    source_id: str, target_id: str, question: str, items: list[OverlapEstimate], until: datetime
) -> None:
    """Keep an answer; one computed at the same time is as good."""
    answer = {"items": _ESTIMATES.dump_python(items, by_alias=True), "ttl": int(until.timestamp())}
    item = {"pk": _pair_key(source_id, target_id), "sk": f"ESTIMATES#{question}"} | answer
    table.apply(Put(FEEDS, item, table.EITHER))


def spend(source_id: str, target_id: str, day: str, answers: int, limit: int, until: datetime) -> None:
    """Count answers against the day's limit; ConditionFailed when they would pass it."""
    within = Attr("spent").not_exists() | Attr("spent").lte(limit - answers)
    key = _pair_key(source_id, target_id), f"SPENT#{day}"
    table.apply(Update(FEEDS, *key, assign={"ttl": int(until.timestamp())}, add={"spent": answers}, condition=within))
