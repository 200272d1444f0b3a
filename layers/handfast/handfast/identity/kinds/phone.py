"""Phone: E.164 with `+`, hashed. What a number means is decided in `phone_numbers`, beside the library's metadata."""

from collections.abc import Sequence

from handfast.identity.namespaces import Namespace, PhoneForm, Reading, register


def _canonical(text: str, reading: Reading) -> str:
    from handfast.identity.phone_numbers import e164  # noqa: PLC0415 - the library costs more than most calls need

    return e164(text, reading)


def _plain(text: str) -> str:
    from handfast.identity.numbering_plans import plain_sql  # noqa: PLC0415 - large, and needed for files alone

    return plain_sql(text)


def _spelt(source: str, regions: Sequence[str | None], form: PhoneForm | None) -> str:
    from handfast.identity.phone_spellings import spelt_sql  # noqa: PLC0415 - loads the library

    return spelt_sql(source, regions, form)


register(
    Namespace(
        code=2,
        symbol="Phone_SHA256_E.164",
        aliases=("phone", "phones", "phone_sha256", "hashed_phone"),
        title="Phone",
        description="The SHA-256 of a phone number in E.164",
        hashed=True,
        canonical=_canonical,
        plain=_plain,
        plain_canonical="{0}",
        regional=True,
        spelt=_spelt,
    )
)
