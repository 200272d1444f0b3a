"""Phone: E.164 with `+`, hashed. What a number means is decided in `phone_numbers`, beside the library's metadata."""

from handfast.identity.namespaces import Ask, Namespace, PhoneForm, Reading, register

MANY_OF_REGION = 1_000
"""Numbers of a region that are read in bulk; fewer are read before the engine has compiled the region's patterns."""


def _canonical(text: str, reading: Reading) -> str:
    from handfast.identity.phone_numbers import e164  # noqa: PLC0415 - the library costs more than most calls need

    return e164(text, reading)


def _plain(text: str) -> str:
    from handfast.identity.numbering_plans import plain_sql  # noqa: PLC0415 - large, and needed for files alone

    return plain_sql(text)


def _spelt(ask: Ask, source: str, form: PhoneForm | None) -> str:
    from handfast.identity.phone_spellings import spelt_sql  # noqa: PLC0415 - loads the library

    many = f"HAVING count(*) >= {MANY_OF_REGION} ORDER BY count(*) DESC"
    regions = ask(f"SELECT region FROM {source} GROUP BY region {many}")  # noqa: S608 - a FROM item of ingest's
    return spelt_sql(source, [region for (region,) in regions], form)


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
