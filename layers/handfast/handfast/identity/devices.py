"""Device advertising ids: UUIDs with case folded. All zeros stands for limited ad tracking and is nobody's."""

import re

from handfast.identity.namespaces import Namespace, Reading, Rejected
from handfast.identity.shapes import unlike

_DIGITS = "0123456789abcdef"
_SHAPE = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ZEROS = "00000000-0000-0000-0000-000000000000"
_MADE_UP = frozenset(
    {
        "12345678-1234-1234-1234-123456789012",
        "12345678-1234-1234-1234-123456789abc",
        "12345678-1234-5678-1234-567812345678",
        "12345678-90ab-cdef-1234-567890abcdef",
        "01234567-89ab-cdef-0123-456789abcdef",
        "123e4567-e89b-12d3-a456-426614174000",
        "00000000-0000-0000-0000-000000000001",
    }
)
_STARTS = sorted({*(digit * 8 for digit in _DIGITS), *(device[:8] for device in _MADE_UP)})
_PLAIN = f"{unlike(_STARTS, _DIGITS, 8)}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}"


def device_namespace(code: int, symbol: str, platform: str) -> Namespace:
    """The namespace of one platform's advertising id."""

    def canonical(text: str, _reading: Reading) -> str:
        device = text.lower()
        if not _SHAPE.fullmatch(text):
            raise Rejected(f"invalid_{symbol.lower()}")
        if device == _ZEROS:
            raise Rejected("all_zero_device_id")
        if device in _MADE_UP or len(set(device)) == len({"-", "0"}):
            raise Rejected("placeholder_device_id")
        return device

    return Namespace(
        code=code,
        symbol=symbol,
        aliases=(),
        title=f"{platform} advertising id",
        description=f"The advertising id of an {platform} device, a UUID",
        hashed=False,
        canonical=canonical,
        plain=lambda text: f"regexp_full_match({text}, '{_PLAIN}')",
        plain_canonical="lower({0})",
    )
