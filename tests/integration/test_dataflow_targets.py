"""A kind of target that no module of the package has heard of: registered, reconciled, withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from handfast.access.store import sandbox
from handfast.dataflows import outbox, population, runs, service, store, targets
from handfast.dataflows.models import Dataflow, DataflowView, Target
from handfast.journal import store as journal
from handfast.journal.models import Caller
from handfast.matching.models import Terms
from handfast.partners.models import PartnerRef
from handfast.platform import clock, objects, table
from handfast.platform.problems import NotFound
from handfast.platform.wanted import Wanted
from handfast.segment_export import service as export
from tests.worlds.data_plane import DISCLOSURES, KEYS, PROFILES, Identity, Profile, read_rows, value_of, write_buckets
from tests.worlds.sandboxes import World

BITS = 6
FIRST, SECOND, THIRD = (1, 1), (1 << 60, 2), (-(1 << 62), 3)
FLOW, SEGMENT = "flow_lighthouse", "seg_1"


class LighthouseView(DataflowView):
    """A dataflow as a lighthouse shows it."""

    height: int


@dataclass
class Lighthouse:
    """Takes everybody who consents, whether or not anybody else knows them, as long as it shines."""

    shines: bool = True
    handed_over: list[int] = field(default_factory=list)

    def terms(self, flow: Dataflow) -> Terms:
        """All of the source's segment, or nothing."""
        return Terms(
            source=flow.source.address,
            partner=None,
            segments=flow.segment_ids if self.shines and flow.status != "closing" else (),
            namespaces=(1,),
            consent_default="default_allow",
            paused=flow.status == "paused",
        )

    def hand_over(self, _flow: Dataflow, span: int) -> None:
        """Note it."""
        self.handed_over.append(span)

    def shows_steps(self, _flow: Dataflow, _sandbox_id: str) -> bool:
        """There is nobody to see them."""
        return False

    def segment_names(self, flows: Sequence[Dataflow], _sandbox_id: str) -> Mapping[str, str]:
        """Its segments are called by their ids."""
        return {name: name for flow in flows for name in flow.segment_ids}

    def view(self, flow: Dataflow, common: DataflowView) -> DataflowView:
        """With its height."""
        return LighthouseView(**common.__dict__, height=int(flow.target.about["height"]))


@pytest.fixture
def lighthouse(world: World, tmp_path: Path) -> Lighthouse:
    kind = Lighthouse()
    targets.register("lighthouse", kind)
    source = world.a.sandbox_id
    profiles = {key: Profile().row(key) for key in (FIRST, SECOND)} | {THIRD: Profile(share="n").row(THIRD)}
    put(tmp_path, f"profiles/sandbox={source}", PROFILES, profiles)
    put(
        tmp_path,
        f"memberships/sandbox={source}/segment={SEGMENT}",
        KEYS,
        {key: (*key, None) for key in (FIRST, SECOND, THIRD)},
    )
    at, about = clock.now_text(), {"lighthouse": "light_1", "height": "30"}
    source_ref = PartnerRef.of(world.a)
    table.transact(
        store.put_dataflow(
            Dataflow(FLOW, source_ref, Target("lighthouse", None, about), "North", "active", (SEGMENT,), at, at),
            over=None,
        )
    )
    return kind


def put(folder: Path, prefix: str, columns: str, rows: dict[Identity, Any]) -> None:
    for bucket, path in write_buckets(folder / prefix, columns, rows.items(), BITS).items():
        objects.write_file(f"{prefix}/{bucket:05d}.parquet", path, replaces=None)


def reconciled(world: World) -> None:
    flow = store.dataflow(FLOW)
    assert flow
    outbox.mark_dirty(flow, "test")
    for message in world.messages("EXPORT_QUEUE_URL"):
        export.reconcile(message)


def disclosed(tmp_path: Path) -> set[bytes]:
    """The values that the ledger says the lighthouse holds."""
    rows: Iterable[Any] = (
        row
        for stored in objects.listing(f"disclosures/dataflow={FLOW}/")
        if stored.key.endswith(".parquet") and objects.download(stored.key, tmp_path / "read.parquet")
        for row in read_rows(tmp_path / "read.parquet")
    )
    withdrawn = [column.split()[0] for column in DISCLOSURES.split(", ")].index("withdrawn_at")
    return {row[3] for row in rows if row[withdrawn] is None}


def events(world: World) -> list[str]:
    return [record["type"] for record in journal.log(world.a.sandbox_id) if record["subject"] == FLOW]


def test_what_it_may_have_is_handed_over_and_what_it_may_not_is_withdrawn(
    world: World, lighthouse: Lighthouse, tmp_path: Path
) -> None:
    reconciled(world)
    assert disclosed(tmp_path) == {value_of(FIRST), value_of(SECOND)}
    told = population.population(FLOW)
    assert (told.members, told.shared) == (3, 2)
    assert events(world) == ["dataflow.completed"]
    assert lighthouse.handed_over == [0]

    lighthouse.shines = False
    reconciled(world)
    assert disclosed(tmp_path) == set()
    assert runs.delivered(FLOW) == 0


def test_a_closing_dataflow_closes_when_all_is_withdrawn(world: World, lighthouse: Lighthouse, tmp_path: Path) -> None:
    reconciled(world)
    flow = store.dataflow(FLOW)
    assert flow
    table.transact(store.put_dataflow(replace(flow, status="closing"), over=flow))
    reconciled(world)
    closed = store.dataflow(FLOW)
    assert closed
    assert closed.status == "closed"
    assert disclosed(tmp_path) == set()


def test_its_owner_reads_pauses_and_resumes_it_and_nobody_else_does(world: World, lighthouse: Lighthouse) -> None:
    own = Caller("person", "Somebody", sandbox(world.a.sandbox_id), frozenset({"destinations:activate"}))
    shown = service.get(own, FLOW)
    assert isinstance(shown, LighthouseView)
    assert (shown.height, shown.direction) == (30, "outgoing")
    assert service.pause(own, FLOW).status == "paused"
    reconciled(world)
    assert runs.delivered(FLOW) == 0
    assert service.resume(own, FLOW).status == "active"
    for message in world.messages("EXPORT_QUEUE_URL"):
        export.reconcile(message)
    assert runs.delivered(FLOW) == 2
    items, _ = service.list_dataflows(own, Wanted(), 50, None)
    assert items == [service.get(own, FLOW)]
    with pytest.raises(NotFound):
        service.get(Caller("other", "Other", sandbox(world.b.sandbox_id)), FLOW)


def test_a_dataflow_whose_kind_of_target_is_not_known_is_not_reconciled(world: World, lighthouse: Lighthouse) -> None:
    flow = store.dataflow(FLOW)
    assert flow
    unknown = replace(flow, target=replace(flow.target, kind="unheard of"))
    table.transact(store.put_dataflow(unknown, over=flow))
    with pytest.raises(targets.UnknownTargetError):
        reconciled(world)
