"""What the stores of the privacy table have in common."""

PRIVACY = "PRIVACY_TABLE"


def sandbox_key(sandbox_id: str) -> str:
    """The partition of a sandbox."""
    return f"SBX#{sandbox_id}"


def request_key(privacy_request_id: str) -> str:
    """The partition of a request, and its place in that of its sandbox."""
    return f"PRQ#{privacy_request_id}"
