"""Two organisations in fresh sandboxes of a running stack, connected, with a few people in common."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from handfast_cli.demo.command import new_side
from handfast_cli.demo.side import Side, until

EMAIL = "Email_LC_SHA256"


@dataclass(frozen=True)
class Pair:
    """Two sides, and the connection between them, over which each may estimate."""

    a: Side
    b: Side
    connection: str


def connected(stack_file: Path, **settings: Any) -> Pair:
    """Two fresh sandboxes with those settings, which the seeded viewers of both organisations may see."""
    a, b = (new_side(stack_file, letter, **settings) for letter in "ab")
    for letter, side in (("a", a), ("b", b)):
        _let_viewer_in(stack_file, letter, side)
    connect_id = a.get("/connect-id")["connectId"]
    connection = b.post("/connect-requests", {"connectId": connect_id, "allowsEstimates": True})["connectionId"]
    a.post(f"/connections/{connection}/accept", {"allowsEstimates": True})
    return Pair(a, b, connection)


def _let_viewer_in(stack_file: Path, letter: str, side: Side) -> None:
    from handfast_cli.admin import access
    from handfast_cli.local.profiles import local_profiles

    seeded = local_profiles(stack_file)[f"local-{letter}"].sandbox_id
    users = json.loads(stack_file.read_text())["users"]
    (viewer,) = (user["email"] for user in users if (user["sandboxId"], user["role"]) == (seeded, "viewer"))
    access.put_grant(viewer, side.session.sandbox, "viewer")


def address(number: int) -> str:
    """The digest of the address of an invented person."""
    return sha256(f"person{number}@example.com".encode()).hexdigest()


def segment_of(side: Side, name: str, people: Iterable[int], **members: Any) -> str:
    """The id of a new segment that these people, at most 1,000, are joining; `arrived` waits for them."""
    segment = str(side.post("/segments", {"name": name, **members})["segmentId"])
    changes = [
        {
            "identity": {"namespace": EMAIL, "value": address(number)},
            "segmentId": segment,
            "status": "realized",
        }
        for number in people
    ]
    side.post("/memberships", {"changes": changes})
    return segment


def arrived(side: Side, segment: str, count: int) -> None:
    """Wait until a segment has so many identities."""
    until(lambda: side.get(f"/segments/{segment}")["counts"]["identities"] == count)
