"""Destinations as targets that are told of what is reconciled. Loading this module makes them known as such."""

from handfast.dataflows import targets
from handfast.dataflows.models import Dataflow
from handfast.destinations import waking
from handfast.destinations.target import KIND, DestinationTarget


class DeliveredTarget(DestinationTarget):
    """A destination, in the worker that reconciles."""

    def hand_over(self, flow: Dataflow, span: int) -> None:
        """Have what has changed in the span delivered."""
        waking.wake(flow.dataflow_id, span)


DELIVERED_TARGET = targets.register(KIND, DeliveredTarget())
"""The kind of target that destinations are, in place of one that hands nothing over."""
