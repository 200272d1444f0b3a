"""How many files of a sandbox are in work at once, so that its files never take the workers of all."""

from handfast.lake import change_log
from handfast.platform.slots import Slots

UPLOADS_AT_ONCE = 4
"""Files of one sandbox that are in work at once, of the 50 that are of all (`MaximumConcurrency`)."""
RUN_SECONDS = 900
"""The longest run of the uploads worker (`Timeout` in template.yaml)."""


def slots(sandbox_id: str) -> Slots:
    """The slots that a sandbox's files are worked on in."""
    return Slots(change_log.SEGMENTS, f"SLOTS#uploads/{sandbox_id}", UPLOADS_AT_ONCE, RUN_SECONDS)
