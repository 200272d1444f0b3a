"""Random stories of people who share devices, against a model that knows who is who (docs/privacy.md, Ways in).

People ask three sandboxes that share them, by every kind of identity; officers approve and deny, partners pass on,
systems outside fail, answer late or know people under ids of their own. No answer claims what was not asked or done,
and nobody else's data leaves or goes.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.worlds.outside import systems
from tests.worlds.shared_devices import SharedDevices

EXAMPLES, STEPS = (300, 40) if os.environ.get("HYPOTHESIS_PROFILE") == "long" else (3, 14)


def test_no_answer_claims_what_was_not_asked_and_nobody_elses_data_leaves_or_goes() -> None:
    with systems() as at:
        run_state_machine_as_test(
            lambda: SharedDevices(at),  # type: ignore[arg-type]
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
