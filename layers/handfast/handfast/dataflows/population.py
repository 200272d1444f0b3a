"""Why a dataflow's shared count differs from its segments' members."""

from handfast.dataflows import states as dataflows_states
from handfast.dataflows.models import PopulationStep, PopulationView
from handfast.matching.models import REASONS


def population(dataflow_id: str) -> PopulationView:
    """Why the shared count differs from the segments' members, as of the last reconciliation of each bucket."""
    buckets = list(dataflows_states.states(dataflow_id))
    steps = [
        PopulationStep(reason=reason, identities=sum(bucket.excluded.get(reason, 0) for bucket in buckets))
        for reason in REASONS
    ]
    return PopulationView(
        members=sum(bucket.members for bucket in buckets),
        steps=steps,
        shared=sum(bucket.shared for bucket in buckets),
    )
