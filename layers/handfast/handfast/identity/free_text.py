"""Texts of callers that must hold no address and no number of a person, as members of bodies."""

import re
from typing import Annotated

from pydantic import AfterValidator

from handfast.identity.patterns import ADDRESS, holds_identity
from handfast.platform.wire import Name, Note

_ANY = re.compile(f"{ADDRESS}|[+]?[0-9](?:[ ().\\-/]?[0-9]){{6,}}")
_DIGITS = re.compile(r"[0-9]+|[0-9]{1,3}(?:[.:/-][0-9]{2,}){1,5}")
_SHORTEST, _LONGEST = 9, 15
"""Digits of a phone number with its area or its country."""


def no_identity(text: str) -> str:
    """The text, if it holds no address and no digits as many as a phone's; ValueError otherwise."""
    if _ANY.search(text):
        raise ValueError("must not hold an address or a phone number: it is kept for years")
    return text


def plain(text: str) -> str:
    """The text, if it holds no address and no number written like a phone's; ValueError otherwise."""
    if holds_identity(text):
        raise ValueError("must not hold an e-mail address or a phone number: it is stored and shown as it is")
    return text


def no_number(code: str) -> str:
    """The code, if it is not as a whole a phone number's digits, in one piece or in groups; ValueError otherwise.

    A date may begin it, whose first group has four digits.
    """
    if _DIGITS.fullmatch(code) and _SHORTEST <= sum(map(str.isdigit, code)) <= _LONGEST:
        raise ValueError("looks like a phone number, and is kept for years: put a word before it, such as case-")
    return plain(code)


ADDRESS_IN_URL = "the URL must not hold an e-mail address, which would be stored and logged with it"
"""What to say of a link that holds an address."""
PlainName = Annotated[Name, AfterValidator(plain)]
"""A name that holds no address and no phone number."""
PlainNote = Annotated[Note, AfterValidator(plain)]
"""A note that holds no address and no phone number."""
