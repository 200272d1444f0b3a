"""Whether what was on its way when a request changed a sandbox's data has come to its end.

An upload or a stream call that was read before the person was suppressed may still wait as a change; a reconciliation
that was under way may still hand the person over. Nothing read later does either.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from handfast.dataflows import outbox, runs
from handfast.dataflows import store as dataflows
from handfast.dataflows.models import Run
from handfast.lake import change_log
from handfast.platform import clock
from handfast.platform.ids import first_id
from handfast.privacy_requests.models import StageName
from handfast.privacy_requests.stage_jobs import Job

_A_MOMENT = timedelta(milliseconds=1)
_LOST_AFTER = timedelta(seconds=10)
"""How old a run is before its message is taken for lost: each that is sent beside it is one more reconciliation."""


def drained(sandbox_id: str, jobs: Sequence[Job]) -> Mapping[str, bool]:
    """Per request, by its id: no change older than its suppression waits, and the runs it began have ended.

    What is waited for is sent for again, a run after a while: its message may have been lost.
    """
    applied = {job.name: _ended(job, "apply", "chg") for job in jobs}
    began = {job.name: (_ended(job, "suppress", "run"), _ended(job, "withdraw", "run")) for job in jobs}
    waiting = change_log.oldest_changes(sandbox_id)
    running = _running(sandbox_id, min(first for first, _ in began.values()))
    for span, change_id in waiting.items():
        if change_id < max(applied.values()):
            change_log.wake_again(sandbox_id, change_id, span)
    lost = first_id("run", clock.now() - _LOST_AFTER)
    for run in running:
        if run.run_id < lost:
            outbox.wake_again(run.dataflow_id, run.run_id, run.outstanding)
    oldest = min(waiting.values(), default=None)
    return {
        job.name: not (oldest and oldest < applied[job.name])
        and not any(began[job.name][0] <= run.run_id <= began[job.name][1] for run in running)
        for job in jobs
    }


def _ended(job: Job, name: StageName, prefix: str) -> str:
    """The id at the end of a stage."""
    at = next(stage.ended_at for stage in job.request.stages if stage.name == name)
    return first_id(prefix, clock.from_text(at or job.request.received_at) + _A_MOMENT)


def _running(sandbox_id: str, since: str) -> list[Run]:
    """The runs for privacy requests that have not ended, of all of the sandbox's dataflows."""
    found = []
    for flow in dataflows.dataflows(sandbox_id):
        for run in runs.runs(flow.dataflow_id):
            if run.run_id < since:
                break
            if run.status == "running" and run.reason == "privacy_request":
                found.append(run)
    return found
