"""How many seeds a test of random stories is run with."""

import os


def seeds(steady: int) -> range:
    """The seeds: ten times as many in the long profile as in a usual run."""
    return range(10 * steady if os.environ.get("HYPOTHESIS_PROFILE") == "long" else steady)
