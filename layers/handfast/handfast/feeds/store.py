"""The feeds table: feeds, shares with their receivers' copies, dataflows and runs (docs/architecture.md, Tables)."""

import json
from collections.abc import Collection, Iterable, Iterator

from boto3.dynamodb.conditions import Attr

from handfast.connections import store as connections
from handfast.feeds import rules
from handfast.feeds.models import Copies, Feed, ReceivedFeed, Share
from handfast.journal.keys import sandbox_key
from handfast.partners import other_side
from handfast.partners.other_side import OTHER_SIDE, tell
from handfast.platform import items, table
from handfast.platform.items import ItemKind, revise
from handfast.platform.table import Delete, Item, Put, Write
from handfast.platform.wanted import Selection

FEEDS = "FEEDS_TABLE"


def _hiding_population(item: Item) -> Item:
    """The upgrade of what was shared before a population could be shown: it is not."""
    return {"showPopulation": False} | item


def _of_no_accepted_offer(item: Item) -> Item:
    """The upgrade of what was accepted before its offer was kept: it is the present one where none has followed."""
    if item.get("acceptedVersion") != item["version"]:
        return {"accepted": None} | item
    offer = {name: item[name] for name in ("namespaces", "restrictedMarketingActions")}
    return {"accepted": json.dumps({"segments": json.loads(item["segments"])} | offer)} | item


_FEED = ItemKind("feed", Feed, FEEDS, upgrades=(_hiding_population,))
_SHARE = ItemKind("share", Share, FEEDS)
_RECEIVED = ItemKind("received_feed", ReceivedFeed, FEEDS, upgrades=(_hiding_population, _of_no_accepted_offer))


def _share_key(feed_id: str, connection_id: str) -> str:
    return f"SHARE#{feed_id}#{connection_id}"


def _received_key(received_feed_id: str) -> str:
    return f"RF#{received_feed_id}"


# Feeds


def feed(sandbox_id: str, feed_id: str) -> Feed | None:
    """The sender's feed."""
    return _FEED.get(sandbox_key(sandbox_id), f"FEED#{feed_id}")


def feeds_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[Feed]
) -> tuple[list[Feed], str | None]:
    """A page of the sandbox's feeds, newest first unless the selection says otherwise, and the next cursor."""
    return items.sortable_page(FEEDS, _FEED.load, sandbox_key(sandbox_id), "FEED#", limit, cursor, selection)


def feeds(sandbox_id: str) -> Iterator[Feed]:
    """All feeds of a sandbox."""
    return _FEED.query(sandbox_key(sandbox_id), "FEED#")


def delete_feeds(sandbox_id: str) -> None:
    """Delete the feeds of a sandbox that is deleted; what was shared has ended."""
    table.clear(FEEDS, sandbox_key(sandbox_id), "FEED#")


def put_feed(new: Feed, *, over: Feed | None) -> Put:
    """Write the feed over the revision read, or as a new one."""
    return revise(_FEED, new, over, sandbox_key(new.sandbox_id), f"FEED#{new.feed_id}")


def delete_feed(old: Feed) -> Delete:
    """Delete the feed at the revision read."""
    condition = Attr("revision").eq(old.revision)
    return Delete(FEEDS, sandbox_key(old.sandbox_id), f"FEED#{old.feed_id}", condition)


# Shares and received feeds: two copies of one thing, written together


def share(sandbox_id: str, feed_id: str, connection_id: str) -> Share | None:
    """The sender's copy of a share."""
    return _SHARE.get(sandbox_key(sandbox_id), _share_key(feed_id, connection_id))


def shares(sandbox_id: str, feed_id: str | None = None) -> list[Share]:
    """The sender's shares of one feed, or of all; revoked ones too."""
    prefix = f"SHARE#{feed_id}#" if feed_id else "SHARE#"
    return list(_SHARE.query(sandbox_key(sandbox_id), prefix))


def shares_each(sandbox_id: str, feed_ids: Collection[str]) -> dict[str, list[Share]]:
    """`shares` of neighbours in the list of feeds, in one read."""
    found = table.below_each(FEEDS, sandbox_key(sandbox_id), "SHARE#", feed_ids)
    return {feed_id: list(map(_SHARE.load, items)) for feed_id, items in found.items()}


def received_feed(sandbox_id: str, received_feed_id: str) -> ReceivedFeed | None:
    """The receiver's copy of a share."""
    return _RECEIVED.get(sandbox_key(sandbox_id), _received_key(received_feed_id))


def received_feeds(sandbox_id: str, first: str = "", batch: int | None = None) -> Iterator[ReceivedFeed]:
    """All feeds a sandbox has received from one on, oldest first, ended ones too; `batch` as in `table.query`."""
    items = table.between(FEEDS, sandbox_key(sandbox_id), f"RF#{first}", "RF$", batch=batch)
    return map(_RECEIVED.load, items)


def received_feeds_each(sandbox_id: str, received_feed_ids: Iterable[str]) -> list[ReceivedFeed]:
    """Those of some received feeds that there are, in one read."""
    keys = ((sandbox_key(sandbox_id), _received_key(each)) for each in received_feed_ids)
    return [_RECEIVED.load(item) for item in table.get_many(FEEDS, keys).values()]


def received_feeds_page(
    sandbox_id: str, limit: int, cursor: str | None, selection: Selection[ReceivedFeed]
) -> tuple[list[ReceivedFeed], str | None]:
    """A page of the received feeds, newest first unless the selection says otherwise, and the next cursor."""
    return items.sortable_page(FEEDS, _RECEIVED.load, sandbox_key(sandbox_id), "RF#", limit, cursor, selection)


def copies(found: Share | ReceivedFeed) -> Copies:
    """Both copies of what is one side's copy; one that is stale by now shows when both are written."""
    sk = _received_key(found.received_feed_id)
    if isinstance(found, ReceivedFeed):
        sk = _share_key(found.feed_id, found.connection_id)
    item = other_side.item(found.partner, FEEDS, sk)
    if item is None:
        raise LookupError(f"received feed {found.received_feed_id} has no other copy")
    return Copies(found, _RECEIVED.load(item)) if isinstance(found, Share) else Copies(_SHARE.load(item), found)


def put_sent(
    sandbox_id: str, new: Copies, *, share: Share | None, received: ReceivedFeed | None, active: bool = False
) -> list[Write]:
    """The sender's writes of both copies over the revisions read, or as new ones, and of how much it shares.

    `active`: refused unless the connection is.
    """
    pk = sandbox_key(sandbox_id)
    return [
        *_count_shared(pk, share, new.share, active=active),
        _put_share(pk, new.share, share),
        *tell(new.share.partner, _put_received(OTHER_SIDE, new.received, received)),
    ]


def put_decided(sandbox_id: str, new: Copies, old: Copies) -> list[Write]:
    """The receiver's writes of both copies over the revisions read, and of how much the sender shares."""
    sender = new.received.partner
    return [
        *tell(sender, *_count_shared(OTHER_SIDE, old.share, new.share), _put_share(OTHER_SIDE, new.share, old.share)),
        _put_received(sandbox_key(sandbox_id), new.received, old.received),
    ]


def _put_share(pk: str, new: Share, over: Share | None) -> Put:
    return revise(_SHARE, new, over, pk, _share_key(new.feed_id, new.connection_id))


def _put_received(pk: str, new: ReceivedFeed, over: ReceivedFeed | None) -> Put:
    return revise(_RECEIVED, new, over, pk, _received_key(new.received_feed_id))


def _count_shared(pk: str, old: Share | None, new: Share, *, active: bool = False) -> list[Write]:
    """The writes that count a share where its connection tells how much is shared; `active`: it has to be."""
    feeds, by_segment = rules.shared_change(old, new)
    return connections.count_shared(pk, new.connection_id, feeds, by_segment, active=active)


# Dataflows: one item and a copy on each side


# Runs


# Estimates
