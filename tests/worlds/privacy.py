"""People who ask for something: files that name them, requests of theirs, and three sandboxes that share them."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyzipper

from functions.approvals import app as approvals
from functions.feeds import app as feeds_app
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from functions.segment_export import app as export
from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.journal import store as journal
from handfast.journal.models import ErasureScope, Sandbox
from handfast.platform import table
from handfast.platform.table import Update
from handfast.privacy_requests import notices, store
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.sharing import connected, segment
from tests.worlds.uploads import apply_all, handled, identity, ingested, rows

COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
]


def file_of(*people: tuple[str, str, str]) -> bytes:
    """A file with a row for each person."""
    return "\n".join(["id,mail,tel", *(",".join(row) for row in people)]).encode() + b"\n"


def stream(member: Member, segment_id: str, *values: str) -> Any:
    """Stream addresses into a segment; returns what was answered."""
    body = [
        {"identity": {"namespace": "email", "value": value}, "segmentId": segment_id, "status": "realized"}
        for value in values
    ]
    return member.call(segments_app, "POST", "memberships", {"changes": body}).body


ANN, BOB = ("1", "ann@example.com", "+14155552671"), ("2", "bob@example.com", "")
ANN_KEYS = ("email", ANN[1]), ("phone", ANN[2])


@dataclass
class Ring:
    """Three sandboxes that know Ann and Bob, each sharing them with the next."""

    world: World
    a: Member
    b: Member
    c: Member
    segments: dict[str, str]
    feeds: dict[str, str]
    connections: dict[str, str]

    def request(self, member: Member, kind: str = "erasure", **members: Any) -> Answer:
        """Ask for something of Ann's, or of another subject."""
        body = {"type": kind, "regulation": "gdpr", "verified": True} | members
        body.setdefault("subject", subject(ANN[1]))
        return member.call(privacy, "POST", "privacy-requests", body)

    def requested(self, member: Member, kind: str = "erasure", **members: Any) -> str:
        """Ask for something that is taken; returns the id of the request."""
        answer = self.request(member, kind, **members)
        assert answer.status == 202, answer.body
        made: str = answer.body["privacyRequestId"]
        return made

    def get(self, member: Member, made: str) -> Any:
        """A request as the API shows it."""
        answer = member.call(privacy, "GET", f"privacy-requests/{made}")
        assert answer.status == 200, answer.body
        return answer.body

    def only(self, member: Member) -> Any:
        """The one request of a sandbox."""
        (found,) = member.call(privacy, "GET", "privacy-requests").body["items"]
        return found

    def work(self, rounds: int = 20) -> None:
        """Let the workers look until nothing is left to do."""
        members = self.a, self.b, self.c
        for _ in range(rounds):
            busy = [member.sandbox.sandbox_id for member in members if store.work(member.sandbox.sandbox_id)]
            for sandbox_id in busy:
                assert handled(queue.handler, {"sandboxId": sandbox_id})
            apply_all(self.world)
            self.export()
            if not busy:
                return

    def export(self) -> None:
        """Export what messages point at."""
        for message in self.world.messages("EXPORT_QUEUE_URL"):
            assert handled(export.handler, message)

    def held(self, member: Member, tmp_path: Path, *people: tuple[str, str]) -> list[str]:
        """Where a sandbox's data name identities, with a value or as a member."""
        named = {identity(*person) for person in people}
        found = [
            kind
            for kind in ("profiles", "memberships")
            for row in rows(f"{kind}/sandbox={member.sandbox.sandbox_id}/", tmp_path)
            if row[:2] in named
        ]
        rows_held = notices.disclosures_of(member.sandbox.sandbox_id, named)
        return found + ["disclosures" for _, row in rows_held if row.has_value or row.withdrawn_at is None]


def ring_of(world: World) -> Ring:
    """Connect a world's three sandboxes to a ring; what they share has been delivered."""
    a, b, c = world.member(world.a), world.member(world.b), world.member(world.c)
    segments = {member.sandbox.name: segment(member, "Buyers") for member in (a, b, c)}
    ring = Ring(world, a, b, c, segments, {}, {})
    for source, target in ((ring.a, ring.b), (ring.b, ring.c), (ring.c, ring.a)):
        name = source.sandbox.name
        ingested(world, source, file_of(ANN, BOB), columns=COLUMNS, segmentId=segments[name])
        ring.connections[name] = connection = connected(source, target)
        body = {
            "name": "Spring",
            "segmentIds": [segments[name]],
            "namespaces": ["email"],
            "restrictedMarketingActions": [],
            "connectionIds": [connection],
        }
        ring.feeds[name] = feed = source.call(feeds_app, "POST", "feeds", body).body["feedId"]
        assert source.call(feeds_app, "POST", f"feeds/{feed}/publish").status == 200
        received = target.call(feeds_app, "GET", "received-feeds").body["items"][0]["receivedFeedId"]
        assert target.call(approvals, "POST", f"received-feeds/{received}/enable").status == 200
    ring.export()
    return ring


def taken(member: Member, made: str) -> Answer:
    """Ask for the package of a request."""
    return member.call(privacy, "GET", f"privacy-requests/{made}/package")


def opened(member: Member, made: str) -> tuple[Any, str]:
    """The package's data and its page, as who got link and passphrase opens them."""
    answer = taken(member, made)
    assert answer.status == 303, answer.body
    key = f"access/{member.sandbox.sandbox_id}/{made}.zip"
    assert key in answer.body["url"]
    body = boto3.client("s3").get_object(Bucket="handfast-data", Key=key)["Body"].read()
    with pyzipper.AESZipFile(io.BytesIO(body)) as archive:
        assert all(entry.flag_bits & 1 for entry in archive.infolist())
        archive.setpassword(answer.body["passphrase"].encode())
        return json.loads(archive.read("data.json")), archive.read("index.html").decode()


def subject(*mails: str) -> dict[str, Any]:
    """The subject of a request, by addresses."""
    return {"identities": [{"namespace": "email", "value": mail, "format": "raw"} for mail in mails]}


def automatic(*sandboxes: Sandbox, erasures: ErasureScope = "delivered") -> None:
    """Have privacy requests run without an approval, and partners' erasures reach so far."""
    rule = {"privacyRule": "automatic", "partnerErasures": erasures}
    for sandbox in sandboxes:
        table.apply(Update("ACCESS_TABLE", f"SBX#{sandbox.sandbox_id}", "SBX", assign=rule))
    access.forget()


def events(member: Member) -> list[str]:
    """The types of a sandbox's activity records of requests, oldest first, without their prefix."""
    found = [record["type"] for record in journal.log(member.sandbox.sandbox_id)]
    return [kind.removeprefix("privacy_request.") for kind in found if kind.startswith("privacy_request.")]
