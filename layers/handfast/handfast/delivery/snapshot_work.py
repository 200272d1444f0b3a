"""A worker at a dataflow's delivery of whole memberships: what it works with, and how far it has come."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from handfast.dataflows.models import Dataflow
from handfast.delivery import snapshot_states, store
from handfast.delivery.line import Line
from handfast.delivery.models import Counts
from handfast.delivery.snapshot_states import Snapshots, Underway
from handfast.destinations.contract import SnapshotFormat, SnapshotSender
from handfast.destinations.sending import Sending
from handfast.platform import queues, slots
from handfast.platform.objects import ObjectVersion


@dataclass
class Work:
    """What one worker does of a delivery; it has the lease of the spans in `lent`, and `holder` is its name there."""

    flow: Dataflow
    sending: Sending
    to: SnapshotFormat
    sender: SnapshotSender
    line: Line
    holder: str
    lent: frozenset[int]
    state: Snapshots
    version: ObjectVersion | None
    began: datetime
    counts: Counts = field(default_factory=Counts)

    @property
    def underway(self) -> Underway:
        """The delivery that is not complete. Raises LookupError when there is none."""
        if self.state.underway is None:
            raise LookupError("no delivery is underway")
        return self.state.underway

    def is_over(self) -> bool:
        """Whether the rest is left to another worker."""
        return queues.is_enough(self.began) or self.line.is_open

    def at(self, span: int) -> AbstractContextManager[bool]:
        """Be the only one at a span for the length of a block; False when somebody else is."""
        if span in self.lent:
            return nullcontext(True)
        return slots.lent(store.slots(self.flow.dataflow_id, span), self.holder)

    def save(self, **changes: Any) -> None:
        """Note what has become of the dataflow's deliveries; raises LostRaceError."""
        new = replace(self.state, **changes)
        self.version = snapshot_states.write(self.flow.dataflow_id, new, over=self.version)
        self.state = new

    def go_on(self, **changes: Any) -> None:
        """Note how far the delivery has come; raises LostRaceError."""
        self.save(underway=replace(self.underway, **changes))
