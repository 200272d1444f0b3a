"""The feeds table: feeds, shares with their receivers' copies, dataflows and runs (docs/architecture.md, Tables)."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from boto3.dynamodb.conditions import Attr, ConditionBase
from pydantic import TypeAdapter

from handfast.feeds.models import Dataflow, Feed, ReceivedFeed, Run, RunStatus, Share, Stored
from handfast.platform import clock, table
from handfast.platform.ids import new_id
from handfast.platform.queues import Message, send
from handfast.platform.settings import setting
from handfast.platform.table import ConditionFailed, Delete, Item, Put, Update, Write

FEEDS = "FEEDS_TABLE"
_BUCKETS_A_SPAN = 64
_RUN_DAYS = 90
_COUNT = "n."

_FEED: TypeAdapter[Feed] = TypeAdapter(Feed)
_SHARE: TypeAdapter[Share] = TypeAdapter(Share)
_RECEIVED: TypeAdapter[ReceivedFeed] = TypeAdapter(ReceivedFeed)
_DATAFLOW: TypeAdapter[Dataflow] = TypeAdapter(Dataflow)
_RUN: TypeAdapter[Run] = TypeAdapter(Run)


def _sandbox_key(sandbox_id: str) -> str:
    return f"SBX#{sandbox_id}"


def _flow_key(dataflow_id: str) -> str:
    return f"FLOW#{dataflow_id}"


def _share_key(feed_id: str, connection_id: str) -> str:
    return f"SHARE#{feed_id}#{connection_id}"


def _item[T: Stored](adapter: TypeAdapter[T], record: T, pk: str, sk: str) -> Item:
    members = adapter.dump_python(record, by_alias=True)
    return {"pk": pk, "sk": sk} | {name: value for name, value in members.items() if value != frozenset()}


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
    condition = Attr("revision").eq(over.revision) if over else table.ABSENT
    return Put(FEEDS, _item(_FEED, new, _sandbox_key(new.sandbox_id), f"FEED#{new.feed_id}"), condition)


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


def put_share(new: Share, *, over: Share | None) -> Put:
    """Write the share over the state read, or as a new one."""
    condition = _same_share(over) if over else table.ABSENT
    pk, sk = _sandbox_key(new.sandbox_id), _share_key(new.feed_id, new.connection_id)
    return Put(FEEDS, _item(_SHARE, new, pk, sk), condition)


def received_feed(sandbox_id: str, received_feed_id: str) -> ReceivedFeed | None:
    """The receiver's copy of a share."""
    item = table.get(FEEDS, _sandbox_key(sandbox_id), f"RF#{received_feed_id}")
    return _RECEIVED.validate_python(item) if item else None


def received_feeds(sandbox_id: str) -> list[ReceivedFeed]:
    """All feeds a sandbox has received, ended ones too."""
    return [_RECEIVED.validate_python(item) for item in table.query(FEEDS, _sandbox_key(sandbox_id), "RF#")]


def received_feeds_page(sandbox_id: str, limit: int, cursor: str | None) -> tuple[list[ReceivedFeed], str | None]:
    """A page of the received feeds, newest first, and the next cursor."""
    page = table.page(FEEDS, _sandbox_key(sandbox_id), "RF#", limit=limit, cursor=cursor)
    return [_RECEIVED.validate_python(item) for item in page.items], page.next_cursor


def put_received_feed(new: ReceivedFeed, *, over: ReceivedFeed | None) -> Put:
    """Write the received feed over the state read, or as a new one."""
    condition = _same_share(over) if over else table.ABSENT
    return Put(FEEDS, _item(_RECEIVED, new, _sandbox_key(new.sandbox_id), f"RF#{new.received_feed_id}"), condition)


def _same_share(read: Share | ReceivedFeed) -> ConditionBase:
    return (
        Attr("receivedFeedId").eq(read.received_feed_id)
        & Attr("status").eq(read.status)
        & Attr("version").eq(read.version)
        & Attr("acceptedVersion").eq(read.accepted_version)
    )


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


def put_dataflow(new: Dataflow, *, over: Dataflow | None) -> list[Write]:
    """Write the dataflow and both sides' copies over the status read, or as a new one."""
    condition = Attr("status").eq(over.status) if over else table.ABSENT
    key = _flow_key(new.dataflow_id)
    places = ((key, "FLOW"), (_sandbox_key(new.source.sandbox_id), key), (_sandbox_key(new.target.sandbox_id), key))
    return [Put(FEEDS, _item(_DATAFLOW, new, pk, sk), condition) for pk, sk in places]


# Runs


def spans() -> list[str]:
    """The deployment's spans, as object keys write them."""
    return [f"{span:03d}" for span in range(max(1, 2 ** int(setting("BUCKET_BITS")) // _BUCKETS_A_SPAN))]


def new_run(dataflow_id: str, reason: str, only: Iterable[str] | None = None) -> Run:
    """A run over all spans, or only some. To be written with `put_run` and then sent."""
    outstanding = frozenset(spans() if only is None else only)
    return Run(dataflow_id, new_id("run"), "running", reason, clock.to_text(clock.now()), outstanding)


def put_run(run: Run) -> Put:
    """Write a new run; it expires after 90 days."""
    item = _item(_RUN, run, _flow_key(run.dataflow_id), f"RUN#{run.run_id}")
    del item["counts"]
    return Put(FEEDS, item | {"ttl": int(clock.now().timestamp()) + _RUN_DAYS * 86400})


def send_run(run: Run) -> None:
    """Send one export message per outstanding span; sending again is harmless."""
    send(
        "EXPORT_QUEUE_URL",
        [
            Message(
                {"dataflowId": run.dataflow_id, "span": int(span), "runId": run.run_id},
                group=f"{run.dataflow_id}/{span}",
                dedup_id=f"{run.run_id}/{span}",
            )
            for span in sorted(run.outstanding)
        ],
    )


def mark_dirty(dataflow: Dataflow, reason: str, only: Iterable[str] | None = None) -> Run:
    """Have the dataflow reconciled again: a new run over all spans (or `only` some) and a message for each."""
    run = new_run(dataflow.dataflow_id, reason, only)
    table.apply(put_run(run))
    send_run(run)
    return run


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


def span_done(dataflow_id: str, run_id: str, span: str, counts: Mapping[str, int]) -> Run | None:
    """Take a span out of the run's outstanding ones and add its counts; a span already out changes nothing.

    Returns the run as it is then (None: it has expired). With nothing outstanding and still `running`, it awaits
    `end_run`.
    """
    sums = {f"{_COUNT}{name}": count for name, count in counts.items() if count}
    with suppress(ConditionFailed):
        table.apply(
            Update(
                FEEDS,
                _flow_key(dataflow_id),
                f"RUN#{run_id}",
                add=sums,
                discard={"outstanding": {span}},
                condition=Attr("outstanding").contains(span),
            )
        )
    return run(dataflow_id, run_id)


def end_run(ended: Run, status: RunStatus) -> Update:
    """End a running run; refused when another has ended it. For `activity.store.commit`."""
    return Update(
        FEEDS,
        _flow_key(ended.dataflow_id),
        f"RUN#{ended.run_id}",
        assign={"status": status, "completedAt": clock.to_text(clock.now())},
        condition=Attr("status").eq("running"),
    )
