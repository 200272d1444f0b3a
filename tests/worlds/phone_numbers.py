"""Phone numbers of every region as people and systems write them, right and wrong, from a seed."""

from collections.abc import Sequence
from functools import cache
from random import Random

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from handfast.identity.namespaces import BLANKS

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
_DIGITS = "0123456789"
_FORMATS = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966)
_SEPARATORS = (
    *(" ", "-", ".", "/", " - ", ") ", " (", "  ", "--", "\u00a0", "\u2011", "\uff0f", "\u3000", "-\u00a0-", ""),
)
_LEADS = (
    *("{own}", "{own}", "{own}", "{own}", "", "", "+{code}", "+{code}", "+{code}0", "+{code}{own}", "00{code}"),
    *("00{code}{own}", "{code}", "{code}{own}", "011{code}", "010{code}", "0011{code}", "810{code}"),
    *("0", "00", "000", "01", "06", "1", "8", "80", "0{own}", "{own}{own}"),
)
_ENDS = (".0", ".00", ".000", ",0", ".5", ".12", ".", " x12", " ext. 3", ";ext=4", "#", "-", "...", "(", ")", " ")
_BEGINNINGS = ("tel:", "p:", "TEL:", "(", ") ", "-", ".", "\uff08")
_OTHERS = (
    *("2024-01-15", "15.01.2024", "1/15/2024", "31 12 2024", "15-01-24", "2024 01 15 10", "20240115", "01.12.2034"),
    *("1234567890", "0123456789", "+1234567890", "12345678", "0000000000", "1971 3 9 2000", "n/a", "2024-01-15)"),
)


def spelt_number(rng: Random, region: str) -> str:
    """A text like a phone number of the region, without blanks around."""
    example = rng.choice(_examples(region))
    significant = _mutated(rng, phonenumbers.national_significant_number(example))
    if rng.random() < 0.2:
        number = PhoneNumber(example.country_code, int(significant), italian_leading_zero=significant[0] == "0" or None)
        text = phonenumbers.format_number(number, rng.choice(_FORMATS))
    else:
        text = _dialled(rng, region, str(example.country_code), significant)
    return _distorted(rng, text).strip(BLANKS)


@cache
def _examples(region: str) -> Sequence[PhoneNumber]:
    kinds = (kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN)
    return [number for kind in kinds if (number := phonenumbers.example_number_for_type(region, kind))]


def _mutated(rng: Random, significant: str) -> str:
    """Mostly another number of the same kind; some of another length, with another beginning or a repeated digit."""
    chance = rng.random()
    if chance < 0.6:
        kept = rng.randrange(1, len(significant) - 1)
        return significant[:kept] + "".join(rng.choices(_DIGITS, k=len(significant) - kept))
    if chance < 0.65:
        return significant[:-1] or "0"
    if chance < 0.7:
        return significant + rng.choice(_DIGITS)
    if chance < 0.76:
        return rng.choice(_DIGITS) + significant[1:]
    return significant[:-7] + rng.choice(_DIGITS) * 7 if chance < 0.77 else significant


def _dialled(rng: Random, region: str, code: str, significant: str) -> str:
    plan = PhoneMetadata.metadata_for_region(region, None)
    lead = rng.choice(_LEADS).format(code=code, own=(plan and plan.national_prefix) or "")
    kept = rng.randrange(1, min(6, len(significant)))
    area, rest = significant[:kept], significant[kept:]
    size, separator = rng.choice((2, 3, 4)), rng.choice(" -.\u00a0")
    groups = separator.join(rest[start : start + size] for start in range(0, len(rest), size))
    return rng.choice(
        (
            lead + significant,
            f"{lead} {significant}",
            f"{lead}{area}{rng.choice(_SEPARATORS)}{rest}",
            f"{lead} ({area}){rng.choice(_SEPARATORS)}{rest}",
            f"{lead}{area}{separator}{groups}",
            f"({lead}{area}) {groups}",
            f"({lead}){area} {groups}",
            f"{lead} {area}/{rest}",
            f"+{code}{rng.choice((' (0)', '(0)', ' (0) ', ' 0', '-0-'))}{area}{separator}{rest}",
            _parted(rng, lead + significant),
        )
    )


def _parted(rng: Random, text: str) -> str:
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(1, len(text))
        text = text[:place] + rng.choice(_SEPARATORS) + text[place:]
    return text


def _distorted(rng: Random, text: str) -> str:
    """One text of ten with something at its ends or within that does not belong there, or another text altogether."""
    place = rng.randrange(len(text))
    kinds = (
        text + rng.choice(_ENDS),
        text + rng.choice(_ENDS),
        rng.choice(_BEGINNINGS) + text,
        "".join(
            chr(ord(char) + 0xFEE0) if char in "+()-/.0123456789" and rng.random() < 0.3 else char for char in text
        ),
        text.replace("+", "\uff0b").replace("(", "\uff08").replace(")", "\uff09").replace("-", "\u2212"),
        text[:place] + rng.choice("abcXO*?,;:_\n\t\u200b") + text[place:],
        rng.choice(_OTHERS),
    )
    return rng.choice(kinds) if rng.random() < 0.1 else text


def _fullwidth(char: str) -> str:
    return chr(ord(char) + 0xFEE0) if char in "+()-/.0123456789" else char
