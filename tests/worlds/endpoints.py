"""A sandbox whose readers may be given to an endpoint."""

from tests.worlds.receiver import Receiver
from tests.worlds.sandboxes import Member, World, organizations
from tests.worlds.sharing import segment
from tests.worlds.stores import built_once
from tests.worlds.uploads import PEOPLE, ingested


@built_once
def with_readers() -> tuple[World, Member, str]:
    """A world, a member of its first sandbox, and a segment there of whom two have consented to be given away."""
    world = organizations()
    member = world.member(world.a)
    readers = segment(member, "Readers")
    ingested(world, member, PEOPLE, segmentId=readers)
    world.messages("EXPORT_QUEUE_URL")
    return world, member, readers


def emptied(endpoint: Receiver) -> Receiver:
    """The endpoint, which takes everything and has got nothing yet."""
    endpoint.answers, endpoint.got = [(204, {})], []
    return endpoint
