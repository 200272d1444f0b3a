"""Every function of the template takes its sample event, on stores that hold what the event names."""

import pytest

from tests.worlds.sample_events import CASES, SERVICES
from tests.worlds.sandboxes import World
from tests.worlds.template import FUNCTIONS, ROOT


@pytest.mark.parametrize("service", CASES)
def test_a_function_does_what_its_sample_event_asks(service: str, world: World) -> None:
    CASES[service](world)


def test_every_function_of_the_template_has_a_sample_event_and_no_event_is_left_over() -> None:
    assert len(SERVICES) == len(FUNCTIONS), "two functions have one service name"
    files = {path.stem for path in (ROOT / "events").iterdir()}
    assert SERVICES.keys() == files == CASES.keys()
