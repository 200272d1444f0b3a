"""What the stores of the privacy table have in common."""

from handfast.platform import table

PRIVACY = "PRIVACY_TABLE"
EITHER = table.ABSENT | table.PRESENT
"""The condition of a write that may be repeated."""


def sandbox_key(sandbox_id: str) -> str:
    """The partition of a sandbox."""
    return f"SBX#{sandbox_id}"


def request_key(privacy_request_id: str) -> str:
    """The partition of a request, and its place in that of its sandbox."""
    return f"PRQ#{privacy_request_id}"
