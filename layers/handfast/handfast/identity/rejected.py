"""The outcome of reading what is no identity."""


class Rejected(ValueError):  # noqa: N818 - an expected outcome
    """A value that is not an identity; `reason` is a stable code. The value itself is never part of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
