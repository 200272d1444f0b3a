"""Phone: E.164 with `+`, hashed. What has that shape is taken as it is; the rest is parsed for the sandbox's region."""

import re

from handfast.identity.namespaces import Namespace, Rejected, register

_E164 = r"\+[1-9][0-9]{6,14}"
_E164_SHAPE = re.compile(_E164)


def _canonical(text: str, phone_region: str | None) -> str:
    if _E164_SHAPE.fullmatch(text):
        return text
    import phonenumbers  # noqa: PLC0415 - costs more to load than most calls need

    try:
        number = phonenumbers.parse(text, phone_region)
    except phonenumbers.NumberParseException:
        raise Rejected("invalid_phone") from None
    # Possible, not valid: numbering plans change faster than the library's copy of them.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Rejected("invalid_phone")
    e164: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not _E164_SHAPE.fullmatch(e164):
        raise Rejected("invalid_phone")
    return e164


register(
    Namespace(
        code=2,
        symbol="Phone_SHA256_E.164",
        aliases=("phone", "phones", "phone_sha256", "hashed_phone"),
        hashed=True,
        canonical=_canonical,
        plain=f"regexp_full_match({{0}}, '{_E164.replace('{', '{{').replace('}', '}}')}')",
        plain_canonical="{0}",
    )
)
