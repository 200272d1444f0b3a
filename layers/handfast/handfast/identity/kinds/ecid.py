"""ECID: exactly 38 digits (Adobe's guardrail)."""

import re

from handfast.identity.namespaces import Namespace, Reading, Rejected, register
from handfast.identity.shapes import unlike

_SHAPE = re.compile("[0-9]{38}")
_PLAIN = unlike([digit * 10 for digit in "0123456789"], "0123456789", 38)


def _canonical(text: str, _reading: Reading) -> str:
    if not _SHAPE.fullmatch(text):
        raise Rejected("invalid_ecid")
    if len(set(text)) == 1:
        raise Rejected("placeholder_ecid")
    return text


register(
    Namespace(
        code=3,
        symbol="ECID",
        aliases=(),
        title="Experience Cloud ID",
        description="An Adobe Experience Cloud ID, 38 digits",
        hashed=False,
        canonical=_canonical,
        plain=lambda text: f"regexp_full_match({text}, '{_PLAIN}')",
        plain_canonical="{0}",
    )
)
