"""Why a dataflow's shared count differs from its segments' members."""

from collections.abc import Mapping

from handfast.dataflows import states as dataflows_states
from handfast.dataflows import targets
from handfast.dataflows.models import Dataflow, PopulationPeople, PopulationStep, PopulationView
from handfast.matching.models import REASONS


def population(dataflow_id: str, people: Mapping[str, int] | None = None) -> PopulationView:
    """Why the shared count differs from the segments' members, as of the last reconciliation of each bucket.

    `people` are those counted by reason and `shared`; None where they are not told.
    """
    buckets = list(dataflows_states.states(dataflow_id))
    steps = [
        PopulationStep(
            reason=reason,
            identities=sum(bucket.excluded.get(reason, 0) for bucket in buckets),
            people=None if people is None else people.get(reason, 0),
        )
        for reason in REASONS
    ]
    counted = None
    if people is not None:
        counted = PopulationPeople(members=sum(people.values()), shared=people.get("shared", 0))
    return PopulationView(
        members=sum(bucket.members for bucket in buckets),
        steps=steps,
        shared=sum(bucket.shared for bucket in buckets),
        people=counted,
    )


def people(flow: Dataflow) -> Mapping[str, int] | None:
    """The source's people of a dataflow by reason and `shared`; None where they are too much to count."""
    from handfast.matching import population_people  # noqa: PLC0415 - DuckDB is for few routes

    return population_people.counted(targets.kind_of(flow).terms(flow), flow.dataflow_id)
