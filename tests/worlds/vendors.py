"""A vendor's fake behind a delivery that fails in every way: its audiences become what they should all the same."""

import random
from collections.abc import Callable

from tests.destination_servers.audiences import members
from tests.worlds.connector_servers.running import Running
from tests.worlds.deliveries import Deliveries, Member

AUDIENCES = {"seg_a": "1001", "seg_b": "1002"}
"""The ids of audiences by segment."""
_EVERYBODY = [(number, segment) for number in range(1, 13) for segment in AUDIENCES]

type Fault = Callable[[Running], None]


def becomes_true(world: Deliveries, server: Running, faults: list[Fault], seed: int) -> None:
    """Change who is in the segments, with a fault drawn before each pass, and then let everything arrive."""
    chance = random.Random(seed)
    for _ in range(12):
        enters: set[Member] = set(chance.sample(_EVERYBODY, chance.randrange(5)))
        leaves: set[Member] = set(chance.sample(_EVERYBODY, chance.randrange(5))) - enters
        world.change(enters, leaves)
        chance.choice(faults)(server)
        world.deliver()
        world.later(chance.choice([1, 60, 4_000]))
    server.set(refused=[])
    world.replay()
    for _ in range(20):
        world.later(2 * 86_400)
        world.deliver()
        world.replay()
    assert members(server) == audiences(world)


def audiences(world: Deliveries) -> dict[str, set[str]]:
    """Who should be in each audience, of those that have anybody."""
    found: dict[str, set[str]] = {}
    for value, segment in world.wanted():
        found.setdefault(AUDIENCES[segment], set()).add(value)
    return found


def throttled(server: Running) -> None:
    """It asks for time, once."""
    server.fault("", 429, b"{}", {"retry-after": "30"})


def unavailable(server: Running) -> None:
    """It is out of order, twice."""
    server.fault("", 503, b"", times=2)


def failing_after(server: Running) -> None:
    """It does what it is asked, and then says that it could not."""
    server.fault("", 500, b"", after=True)


def cut(server: Running) -> None:
    """It breaks the connections of two calls, each of which is made once more at once, having done the second."""
    server.fault("", 0)
    server.fault("", 0, after=True)


def fine(_: Running) -> None:
    """Nothing is the matter."""
