"""ECID: exactly 38 digits (Adobe's guardrail)."""

import re

from handfast.identity.namespaces import Namespace, Rejected, register

_SHAPE = re.compile("[0-9]{38}")


def _canonical(text: str, _phone_region: str | None) -> str:
    if not _SHAPE.fullmatch(text):
        raise Rejected("invalid_ecid")
    return text


register(
    Namespace(
        code=3,
        symbol="ECID",
        aliases=(),
        hashed=False,
        canonical=_canonical,
        plain="regexp_full_match({0}, '[0-9]{{38}}')",
        plain_canonical="{0}",
    )
)
