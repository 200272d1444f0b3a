"""Writes the numbering plans and the dialling that bulk reading knows, from the installed libphonenumber.

python -m handfast_cli.calling_codes
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata

from handfast.identity import calling_codes
from handfast_cli.digit_patterns import alternatives, begins, is_within

_LENGTHS = frozenset(range(1, 18))
_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")
_HEAD = '''"""Valid numbers by calling code, from libphonenumber {version}. Written by `make calling-codes`.

`PLANS` holds two patterns for each code: of national significant numbers that are valid, and of beginnings for which
the library may decide otherwise.

`DIALLING` holds for each region its calling code; its national prefix, which the library takes off any number of the
code's plan and nothing else, "" where there is none, None where that is not certain; and, as a pattern, its
international prefix.
"""

PLANS: dict[str, tuple[str, str]] = {{
'''


_DIALLING = "DIALLING: dict[str, tuple[str, str | None, str]] = {\n"


def calling_codes_source() -> str:
    """The text of the module `handfast.identity.calling_codes`."""
    plans = [
        f'    "{code}": (\n        r"{valid}",\n        r"{starts}",\n    ),\n'
        for code, (valid, starts) in ((regions[0].country_code, _plan(regions)) for regions in _regions())
    ]
    dialling = [
        f'    "{plan.id}": ("{plan.country_code}", {_quoted(_national_prefix(plan, regions))},'
        f' r"{plan.international_prefix}"),\n'
        for regions in _regions()
        for plan in regions
    ]
    head = _HEAD.format(version=phonenumbers.__version__)
    return f"{head}{''.join(plans)}}}\n\n{_DIALLING}{''.join(sorted(dialling))}}}\n"


def _quoted(text: str | None) -> str:
    return "None" if text is None else f'"{text}"'


def _regions() -> Iterator[Sequence[PhoneMetadata]]:
    """The regions of each calling code, the first the code's main one.

    Left out are codes whose numbers the library decides by more than their beginning, and those without a region.
    """
    for _, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        plans = [plan for region in regions if (plan := PhoneMetadata.metadata_for_region(region, None))]
        if plans and not re.fullmatch(plans[0].national_prefix_for_parsing or "0", ""):
            yield plans


def _plan(plans: Sequence[PhoneMetadata]) -> tuple[str, str]:
    """A region with leading digits takes all numbers that begin so; the first region's prefix is taken off."""
    main, others = plans[0], [plan.leading_digits for plan in plans[1:] if plan.leading_digits]
    starts = [main.national_prefix_for_parsing, *(_unlike(main.leading_digits) if main.leading_digits else others)]
    valid = dict.fromkeys(pattern for plan in _own(plans) for pattern in _valid(plan))
    return "|".join(valid), "|".join(start for start in starts if start)


def _own(plans: Sequence[PhoneMetadata]) -> Sequence[PhoneMetadata]:
    """The regions of a code whose numbers its plan has."""
    return plans[:1] if plans[0].leading_digits else [plan for plan in plans if not plan.leading_digits]


def _national_prefix(region: PhoneMetadata, plans: Sequence[PhoneMetadata]) -> str | None:
    """What the library takes off each number of the code's plan that is dialled in the region, and nothing else.

    "" where it takes nothing off, None where what it takes off is not shown to be the region's `national_prefix`.
    """
    parsed = _prefixes(region)
    if not set(parsed) <= set(_prefixes(plans[0])):
        return None  # it may take off what numbers of the plan begin with
    if not region.national_prefix:
        return ""
    is_taken = _takes_code if region.national_prefix == str(region.country_code) else _takes_prefix
    is_first = _matches_first(region.national_prefix, parsed)
    return region.national_prefix if is_first and is_taken(region, plans) else None


def _prefixes(plan: PhoneMetadata) -> list[str]:
    return list(alternatives(plan.national_prefix_for_parsing)) if plan.national_prefix_for_parsing else []


def _matches_first(prefix: str, parsed: Sequence[str]) -> bool:
    """Whether of what is parsed as a prefix this one is found before all numbers that begin with none of them."""
    if prefix not in parsed:
        return False
    following = [digit for digit in "0123456789" if not any(re.match(each, digit) for each in parsed)]
    return not any(
        re.match(each, prefix) or any(begins(each.removesuffix("$"), prefix + digit) for digit in following)
        for each in parsed[: parsed.index(prefix)]
    )


def _takes_code(region: PhoneMetadata, plans: Sequence[PhoneMetadata]) -> bool:
    """Whether the prefix, which is the calling code too, is taken off as such: the rest alone is like a number."""
    every = region.general_desc.national_number_pattern
    is_like = all(is_within(pattern, every, _LENGTHS) for plan in _own(plans) for pattern in _valid(plan))
    return is_like and not begins(every, region.national_prefix)


def _takes_prefix(region: PhoneMetadata, plans: Sequence[PhoneMetadata]) -> bool:
    """Whether the prefix is taken off: the rest is as like a number as the whole, and of a possible length.

    The calling code, which would be taken off before, begins otherwise.
    """
    own, prefix, code = _own(plans), region.national_prefix, str(region.country_code)
    lengths = {length for plan in own for length in plan.general_desc.possible_length}
    is_as_like = own == [region] or not begins(region.general_desc.national_number_pattern, prefix)
    are_possible = all(lengths <= set(plan.general_desc.possible_length) for plan in (region, plans[0]))
    return is_as_like and are_possible and not code.startswith(prefix) and not prefix.startswith(code)


def _valid(plan: PhoneMetadata) -> Iterator[str]:
    """The patterns of all kinds of numbers, less what the region's own pattern or a kind's lengths would not take."""
    every: str = getattr(plan.general_desc, "national_number_pattern", "")
    for kind in (getattr(plan, name) for name in _KINDS):
        if kind is not None and kind.national_number_pattern:
            for pattern in alternatives(kind.national_number_pattern):
                if is_within(pattern, every, frozenset(kind.possible_length)):
                    yield pattern


def _unlike(leading_digits: str) -> list[str]:
    """All beginnings of two digits that leading digits are not seen in, which is as far as those of regions look."""
    return [start for number in range(100) if not re.match(leading_digits, start := f"{number:02}")]


def main() -> None:
    """Write the module."""
    Path(calling_codes.__file__).write_text(calling_codes_source())


if __name__ == "__main__":
    main()
