"""Lists that a connector is to bring: now, as somebody asks, and whenever the next ones are due."""

from handfast.identity.drop import OwnList
from handfast.journal.models import Actor
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.privacy_requests.drop import rules, store
from handfast.privacy_requests.drop.models import DropList


def begin(
    sandbox_id: str,
    actor: Actor,
    connector_id: str,
    exempt_segment_id: str | None,
    not_held: tuple[OwnList, ...] = (),
) -> DropList:
    """Have the lists that are new at DROP fetched and carried out."""
    now = clock.now()
    new = DropList(
        sandbox_id=sandbox_id,
        drop_list_id=new_id("drl"),
        file_name=f"{now:%Y%m%d}_DROP.zip",
        actor=actor,
        created_at=clock.to_text(now),
        expires_at=clock.to_text(now + rules.CYCLE),
        received_at=clock.to_text(now),
        due_at=clock.to_text(now + rules.CYCLE),
        exempt_segment_id=exempt_segment_id,
        status="processing",
        step="fetch",
        connector_id=connector_id,
        not_held=not_held,
    )
    store.create(new)
    store.wake(sandbox_id, new.drop_list_id)
    return new
