"""Nothing that identifies a person leaves the server: the tools name members one by one, and this looks once more."""

import re
from typing import Any

from handfast.identity.patterns import holds_identity

WITHHELD = "[withheld: it reads like somebody's identifier]"

_DIGEST = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32,}(?![0-9A-Fa-f])")
_DEVICE = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])")
_DIGITS = re.compile(r"(?<![\dA-Za-z_.:-])\+?\d{9,}(?![\dA-Za-z_.:-])")
_REQUEST = re.compile(r" *request [0-9a-f-]{36}")


def without_identifiers(value: Any) -> Any:
    """The value, with texts withheld that hold an address, a phone number, a digest or the id of a device.

    Of several lines those that hold one are, and left out the API's id of a request, which reads like a device's.
    """
    match value:
        case str():
            return _told(value) if _identifies(value) else value
        case dict():
            return {_name(name): without_identifiers(each) for name, each in value.items()}
        case list() | tuple():
            return [without_identifiers(each) for each in value]
        case _:
            return value


def _told(text: str) -> str:
    lines = [line for line in text.splitlines() if not _REQUEST.fullmatch(line)]
    told = "\n".join(WITHHELD if _identifies(line) else line for line in lines)
    return WITHHELD if _identifies(told) else told


def _name(name: Any) -> str:
    return WITHHELD if _identifies(str(name)) else str(name)


def _identifies(text: str) -> bool:
    return holds_identity(text) or any(pattern.search(text) for pattern in (_DIGEST, _DEVICE, _DIGITS))
