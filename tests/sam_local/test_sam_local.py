"""Every function of the template, alone in a container as `sam local invoke` runs it, takes its sample event."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from handfast.dataflows import runs
from tests.worlds import sample_events as samples
from tests.worlds.sandboxes import LiveWorld, Member, World
from tests.worlds.sharing import pair_of
from tests.worlds.uploads import PEOPLE, announce, put_file, stored

SECONDS = 60.0
pytestmark = pytest.mark.timeout(900)  # the first one may build and deploy the stack


def until(done: Callable[[], bool]) -> None:
    """Wait for the deployed functions."""
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def taken(world: World) -> tuple[Member, str]:
    a = world.member(world.a)
    upload = announce(a)
    put_file(a, upload, PEOPLE)
    until(lambda: stored(a, upload).status == "completed")
    return a, upload


def uploads_leaves_a_file_alone_that_is_taken(world: World) -> None:
    a, upload = taken(world)
    assert samples.send("uploads", samples.handed(world, upload)) == samples.DONE
    assert (stored(a, upload).status, stored(a, upload).accepted) == ("completed", 3)


def ingest_leaves_changes_alone_that_are_applied(world: World) -> None:
    a, upload = taken(world)
    assert samples.send("ingest", {samples.SANDBOX: world.a.sandbox_id}) == samples.DONE
    assert stored(a, upload).status == "completed"


def segment_export_leaves_a_run_alone_that_is_completed(world: World) -> None:
    pair = pair_of(world)
    pair.published()
    flow = pair.decide("enable").body["dataflowId"]
    until(lambda: [run.status for run in runs.runs(flow)] == ["completed"])
    (run,) = runs.runs(flow)
    ids = {"flow_01KAMH6X2YJ8Q4T7R9V3B5C6DE": flow, "run_01KAMH70P9QK2M4N6S8T1V3W5X": run.run_id}
    assert samples.send("segment_export", ids) == samples.DONE
    assert list(runs.runs(flow)) == [run]


# On the stack the deployed functions are faster than a container, so that messages come a second time, and OpenDSR
# has a certificate.
LIVE_CASES = samples.CASES | {
    "uploads": uploads_leaves_a_file_alone_that_is_taken,
    "ingest": ingest_leaves_changes_alone_that_are_applied,
    "opendsr": samples.opendsr_takes_a_request,
    "segment_export": segment_export_leaves_a_run_alone_that_is_completed,
}


# The console's tells whoever has called it, at an address that containers do not reach.
@pytest.mark.parametrize("service", [name for name in samples.CASES if name != "console"])
def test_a_function_alone_in_a_container_does_what_its_sample_event_asks(
    service: str, world: World, run: Callable[[str, dict[str, Any]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "run", run)
    cases = LIVE_CASES if isinstance(world, LiveWorld) else samples.CASES
    cases[service](world)
