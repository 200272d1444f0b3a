"""What the stores of the privacy table have in common."""


def request_key(privacy_request_id: str) -> str:
    """The partition of a request, and its place in that of its sandbox."""
    return f"PRQ#{privacy_request_id}"


def work_key(sandbox_id: str) -> str:
    """The partition of the requests of a sandbox that a worker has something to do for."""
    return f"WORK#{sandbox_id}"
