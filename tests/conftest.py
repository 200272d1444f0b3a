"""What all tests have in common."""

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.worlds")

# The same examples in every run, so that a failure is of the change at hand; the long runs look for new ones.
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# A busy machine makes none fail: what has to be fast is measured by the benchmarks.
settings.register_profile("steady", derandomize=not LONG, deadline=None)
settings.load_profile("steady")
if LONG:
    os.environ["PYTEST_TIMEOUT"] = "0"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without collecting garbage, and have later rounds leave out the modules and tests, which all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """Let the interpreter take all apart as it ends, else libraries tell of leaks."""
    gc.unfreeze()
