"""Free text that must not name a person."""

import re

# An address, or a number as long as a phone's: texts are kept for years, and no identity is.
_IDENTITY = re.compile(r"\S@\S|\+?\d(?:[ ().\-/]?\d){6,}")


def no_identity(text: str) -> str:
    """The text, if it holds no address or number of a person; ValueError otherwise."""
    if _IDENTITY.search(text):
        raise ValueError("must not hold an address or a phone number: it is kept for years")
    return text
