"""Two connected sandboxes, and feeds from the one to the other."""

from dataclasses import dataclass
from typing import Any

from functions.approvals import app as approvals
from functions.connect_requests import app as connect
from functions.feeds import app as feeds
from functions.segments import app as segments
from handfast.journal import store as journal
from tests.worlds.sandboxes import Answer, Member, World


def connected(asker: Member, other: Member) -> str:
    """Connect two members, each of whom allows the other estimates; returns the connection."""
    connect_id = other.call(connect, "GET", "connect-id").body["connectId"]
    asked = asker.call(connect, "POST", "connect-requests", {"connectId": connect_id, "allowsEstimates": True})
    connection: str = asked.body["connectionId"]
    assert other.call(approvals, "POST", f"connections/{connection}/accept", {"allowsEstimates": True}).status == 200
    return connection


def segment(owner: Member, name: str = "Newsletter readers", **members: Any) -> str:
    """Create a segment; returns its id."""
    answer = owner.call(segments, "POST", "segments", {"name": name} | members)
    assert answer.status == 201, answer.body
    segment_id: str = answer.body["segmentId"]
    return segment_id


@dataclass
class Pair:
    """Two connected sandboxes, with two segments on the first."""

    world: World
    a: Member
    b: Member
    connection: str
    buyers: str
    visitors: str

    def body(self, **changes: Any) -> dict[str, Any]:
        """A draft of a feed, as the API takes it."""
        body = {
            "name": "Spring",
            "segmentIds": [self.buyers],
            "namespaces": ["email"],
            "restrictedMarketingActions": ["Email targeting", "analytics"],
            "connectionIds": [self.connection],
        }
        return body | changes

    def draft(self, **changes: Any) -> str:
        """Draft a feed; returns its id."""
        answer = self.a.call(feeds, "POST", "feeds", self.body(**changes))
        assert answer.status == 201, answer.body
        feed: str = answer.body["feedId"]
        return feed

    def publish(self, feed: str) -> Answer:
        """Publish a feed."""
        return self.a.call(feeds, "POST", f"feeds/{feed}/publish")

    def published(self, **changes: Any) -> str:
        """Draft and publish a feed; returns its id."""
        feed = self.draft(**changes)
        answer = self.publish(feed)
        assert answer.status == 200, answer.body
        return feed

    def change(self, feed: str, **changes: Any) -> None:
        """Change a feed and publish its next version."""
        assert self.a.call(feeds, "PATCH", f"feeds/{feed}", changes).status == 200
        assert self.publish(feed).status == 200

    def received(self) -> Any:
        """The newest received feed of the second sandbox."""
        return self.b.call(feeds, "GET", "received-feeds").body["items"][0]

    def decide(self, action: str, received: str | None = None) -> Answer:
        """Enable, disable or decline a received feed, by default the newest."""
        received = received or self.received()["receivedFeedId"]
        return self.b.call(approvals, "POST", f"received-feeds/{received}/{action}")

    def enabled(self, **changes: Any) -> tuple[str, Any]:
        """Publish a feed and enable it, its messages taken; returns its id and the received feed."""
        feed = self.published(**changes)
        answer = self.decide("enable")
        assert answer.status == 200, answer.body
        self.exports()
        return feed, answer.body

    def shared(self) -> tuple[int, int]:
        """Feeds and segments that both sides' connections say are shared from the first to the second."""
        path = f"connections/{self.connection}"
        sharing = self.a.call(connect, "GET", path).body["sharing"]
        assert self.b.call(connect, "GET", path).body["receiving"] == sharing
        return sharing["feeds"], sharing["segments"]

    def share(self, feed: str) -> Any:
        """A feed's first share."""
        return self.a.call(feeds, "GET", f"feeds/{feed}").body["shares"][0]

    def exports(self) -> list[dict[str, Any]]:
        """Take the messages that wait for the export."""
        return self.world.messages("EXPORT_QUEUE_URL")


def pair_of(world: World) -> Pair:
    """Connect two sandboxes of a world."""
    a, b = world.member(world.a), world.member(world.b)
    return Pair(world, a, b, connected(a, b), segment(a, "Buyers"), segment(a, "Visitors"))


def log(member: Member) -> list[tuple[str, str]]:
    """The types of a sandbox's activity records and the kinds of their actors, oldest first."""
    records = journal.log(member.sandbox.sandbox_id)
    return [(record["type"], record["actor"]["kind"]) for record in records]


def pointers(answer: Answer) -> list[str]:
    """What a refusal points at."""
    return [entry["pointer"] for entry in answer.body["errors"]]
