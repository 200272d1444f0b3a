"""Random stories of sandboxes that share people, against plain Python (docs/architecture.md, Invariants).

A story uploads, streams, shares, ends sharing and asks for erasures and opt-outs in any order, with messages handled
late, twice and in any order that the queues allow. What is read of the people is their keys: a reference model says
who should be where, and the stores have to agree whenever all queues have run dry.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.worlds.stories import Stories

EXAMPLES, STEPS = (400, 40) if os.environ.get("HYPOTHESIS_PROFILE") == "long" else (8, 16)


def test_any_story_ends_with_the_truth_and_with_nobody_who_was_erased() -> None:
    run_state_machine_as_test(
        Stories,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=EXAMPLES < 100,
            report_multiple_bugs=False,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
