"""Destinations as targets of dataflows: what is activated to one, and may be given to it now.

Loading this module makes them known to dataflows.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from handfast.dataflows import store as dataflows
from handfast.dataflows import targets
from handfast.dataflows.models import Dataflow, DataflowView, Target
from handfast.destinations import naming, rules, store
from handfast.destinations.models import Activation, Checked, Destination
from handfast.destinations.wire import DestinationDataflowView
from handfast.feeds import received_segments
from handfast.governance import store as governance
from handfast.governance.marketing_actions import DESTINATION, destination_about, of_target
from handfast.journal.models import Sandbox
from handfast.matching.models import Terms
from handfast.partners import other_side
from handfast.platform import clock
from handfast.platform.table import Write
from handfast.segments import composing, labelled
from handfast.segments import store as segments

KIND = DESTINATION
_KEPT_SINCE = "keptSince"


def target(of: Destination, activation_id: str, actions: Collection[str]) -> Target:
    """The target that a destination which does this with data is for an activation."""
    about = {"destinationId": of.destination_id, "activationId": activation_id}
    return Target(KIND, None, about | destination_about(actions))


def renewed(flow: Dataflow, of: Destination, actions: Collection[str]) -> list[Write]:
    """The writes that have a dataflow's target say what its destination does with data by now."""
    new = replace(flow, target=target(of, flow.target.about["activationId"], actions), updated_at=clock.now_text())
    return dataflows.put_dataflow(new, over=flow)


def keeping(flow: Dataflow, since: str) -> Dataflow:
    """The dataflow as one whose destination keeps whom it has had since then (RFC 3339)."""
    return replace(flow, target=replace(flow.target, about={**flow.target.about, _KEPT_SINCE: since}))


def kept_since(flow: Dataflow) -> str | None:
    """Since when whom the destination of a dataflow has had may be there still, by its owner's wish; None: not so."""
    return flow.target.about.get(_KEPT_SINCE)


def flows(of: Destination) -> list[Dataflow]:
    """The dataflows to a destination that have not ended."""
    found = (dataflows.dataflow(each.dataflow_id) for each in store.activations(of.sandbox_id, of.destination_id))
    return [flow for flow in found if flow is not None and flow.status not in {"closing", "closed"}]


def source_of(flow: Dataflow) -> Sandbox:
    """The sandbox that gives its segments away. Raises LookupError when it is gone."""
    return other_side.own_side(flow.source)


class DestinationTarget:
    """A destination to which segments are activated."""

    def terms(self, flow: Dataflow) -> Terms:
        """What the dataflow may give away: segments on their days, as far as policies allow them; none once it ends.

        Raises LookupError when the source's sandbox is gone.
        """
        source, about = source_of(flow), flow.target.about
        destination = store.destination(source.sandbox_id, about["destinationId"])
        activation = store.activation(source.sandbox_id, about["destinationId"], about["activationId"])
        if destination is None or activation is None or activation.status != "active" or flow.status == "closing":
            return _terms(source, (), (), (), paused=False)
        is_paused = flow.status == "paused" or destination.status == "disabled"
        return terms_of(source, of_target(KIND, about), checked(activation), paused=is_paused)

    def hand_over(self, flow: Dataflow, span: int) -> None:
        """Not here: only the worker that reconciles has what it takes (`destinations.handing_over`)."""
        raise LookupError(f"nothing hands span {span} of {flow.dataflow_id} over in this process")

    def shows_steps(self, flow: Dataflow, sandbox_id: str) -> bool:  # noqa: ARG002 - a destination has no sandbox
        """Nobody is on the target's side."""
        return False

    def segment_names(self, flows: Sequence[Dataflow], sandbox_id: str) -> Mapping[str, str]:
        """The source's own names of its segments, and those that received ones had when they were activated."""
        wanted = {each for flow in flows for each in flow.segment_ids}
        own = segments.names(sandbox_id, wanted)
        received = [flow.target.about for flow in flows if not own.keys() >= set(flow.segment_ids)]
        places = ((about["destinationId"], about["activationId"]) for about in received)
        return own | naming.names(sandbox_id, (), store.activations_each(sandbox_id, places))

    def view(self, flow: Dataflow, common: DataflowView) -> DataflowView:
        """The dataflow with its destination and activation."""
        about = flow.target.about
        return DestinationDataflowView(
            **common.__dict__,
            destination_id=about["destinationId"],
            destination_name=flow.name,
            activation_id=about["activationId"],
        )


def checked(of: Activation) -> Checked:
    """What an activation gives, as it was found right."""
    return Checked(of.segments, of.mapping, of.attributes)


def terms_of(source: Sandbox, actions: Collection[str], what: Checked, *, paused: bool = False) -> Terms:
    """What may be given at this moment to a destination which does this with data, of what is activated to it.

    Segments that are gone or not received any more, or composed of such, are left out; those that a policy or the terms
    of what is received forbid are stopped.
    """
    day = rules.today(clock.now(), source.time_zone)
    names = [each.segment_id for each in what.segments if rules.is_on(each, day)]
    found = received_segments.usable(source.sandbox_id, names)
    parts = [found[name] for name in names if name in found and not found[name].lost]
    rulebook = governance.rulebook(source.sandbox_id)
    stopped = [
        each.segment.segment_id for each in parts if labelled.forbidden(each.segment, rulebook, actions, each.terms)
    ]
    given = [each.segment for each in parts]
    terms = _terms(
        source, [each.segment_id for each in given], [each.code for each in what.mapping], stopped, paused=paused
    )
    received = {name: flows for each in parts for name, flows in each.dataflows.items()}
    forms = tuple((each.code, each.form) for each in what.mapping if each.form)
    return replace(terms, composed=composing.rules_of(given), received=tuple(sorted(received.items())), forms=forms)


def _terms(
    source: Sandbox, names: Sequence[str], codes: Sequence[int], stopped: Collection[str], *, paused: bool
) -> Terms:
    return Terms(
        source=source.sandbox_id,
        partner=None,
        segments=tuple(names),
        namespaces=tuple(codes),
        consent_default=source.consent_default,
        paused=paused,
        stopped=tuple(stopped),
    )


DESTINATION_TARGET = targets.register(KIND, DestinationTarget())
"""The kind of target that destinations are."""
