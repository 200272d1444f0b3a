"""Device advertising ids: UUIDs with case folded. All zeros stands for limited ad tracking and is nobody's."""

import re

from handfast.identity.namespaces import Namespace, Rejected

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_SHAPE = re.compile(_UUID)
_ZEROS = "00000000-0000-0000-0000-000000000000"


def device_namespace(code: int, symbol: str) -> Namespace:
    """The namespace of one platform's advertising id."""

    def canonical(text: str, _phone_region: str | None) -> str:
        if not _SHAPE.fullmatch(text):
            raise Rejected(f"invalid_{symbol.lower()}")
        if text == _ZEROS:
            raise Rejected("all_zero_device_id")
        return text.lower()

    return Namespace(
        code=code,
        symbol=symbol,
        aliases=(),
        hashed=False,
        canonical=canonical,
        plain=f"regexp_full_match({{0}}, '{_UUID.replace('{', '{{').replace('}', '}}')}') AND {{0}} <> '{_ZEROS}'",
        plain_canonical="lower({0})",
    )
