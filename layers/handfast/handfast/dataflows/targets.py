"""The kinds of targets that a dataflow may have. A kind registers itself where its module is loaded."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from handfast.dataflows.models import Dataflow, DataflowView
from handfast.matching.models import Terms


class TargetKind(Protocol):
    """What a kind of target decides about its dataflows and says of them."""

    def terms(self, flow: Dataflow) -> Terms:
        """What the dataflow may share at this moment; without segments when it has stopped, for whatever reason."""

    def hand_over(self, flow: Dataflow, span: int) -> None:
        """Have the target told of what a reconciliation has changed in a span; safe to repeat."""

    def shows_steps(self, flow: Dataflow, sandbox_id: str) -> bool:
        """Whether the target's side, this sandbox, may see how many of the source's are kept back, and why."""

    def segment_names(self, flows: Sequence[Dataflow], sandbox_id: str) -> Mapping[str, str]:
        """What the segments of dataflows of this kind are called by one of their sides, this sandbox, by id."""

    def view(self, flow: Dataflow, common: DataflowView) -> DataflowView:
        """The dataflow as the side that `common` is for sees it, with what only this kind of target has."""


class UnknownTargetError(LookupError):
    """No kind of target of this name is registered in this process."""


_KINDS: dict[str, TargetKind] = {}


def register[K: TargetKind](name: str, kind: K) -> K:
    """Make a kind of target known under the name that dataflows keep; returns the kind."""
    _KINDS[name] = kind
    return kind


def kind_of(flow: Dataflow) -> TargetKind:
    """The kind of a dataflow's target; raises UnknownTargetError."""
    try:
        return _KINDS[flow.target.kind]
    except KeyError:
        raise UnknownTargetError(flow.target.kind) from None


def segment_names(flows: Iterable[Dataflow], sandbox_id: str) -> dict[str, str]:
    """What the segments of dataflows are called by one of their sides, by id, in a few reads for all of them."""
    found: dict[str, str] = {}
    for _, of_kind in groupby(sorted(flows, key=_kind), _kind):
        alike = list(of_kind)
        found |= kind_of(alike[0]).segment_names(alike, sandbox_id)
    return found


def _kind(flow: Dataflow) -> str:
    return flow.target.kind
