"""Writes the numbering plans and the dialling that bulk reading knows, from the installed libphonenumber.

python -m handfast_cli.calling_codes
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata

from handfast.identity import calling_codes
from handfast_cli.digit_patterns import alternatives, begins, continues, is_within

_DIGITS, _LENGTHS = "0123456789", frozenset(range(1, 18))
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
    prefix, parsed = region.national_prefix, _prefixes(region)
    if not set(parsed) <= set(_prefixes(plans[0])):
        return None  # it may take off what numbers of the plan begin with
    if not prefix:
        return ""
    valid = [pattern for plan in _own(plans) for pattern in _valid(plan)]
    is_taken = _takes_code if prefix == str(region.country_code) else _takes_prefix
    return prefix if _is_matched_alone(prefix, parsed, valid) and is_taken(prefix, region, plans) else None


def _prefixes(plan: PhoneMetadata) -> list[str]:
    return list(alternatives(plan.national_prefix_for_parsing)) if plan.national_prefix_for_parsing else []


def _is_matched_alone(prefix: str, parsed: Sequence[str], valid: Sequence[str]) -> bool:
    """Whether of any valid number behind the prefix just this is parsed as one, and no group of digits in it.

    Numbers that begin with what is parsed as a prefix are none of the plan's.
    """
    following = [digit for digit in _DIGITS if not any(re.match(each, digit) for each in parsed)]
    for pattern in parsed:
        begun = pattern.removesuffix("$")
        if any(continues(begun, prefix + digit, digit, number) for digit in following for number in valid):
            return False
        found = None if pattern.endswith("$") else re.match(pattern, prefix)
        if found is not None:
            return found.end() == len(prefix) and set(found.groups()) <= {None}
    return False


def _takes_code(prefix: str, region: PhoneMetadata, plans: Sequence[PhoneMetadata]) -> bool:
    """Whether the prefix, which is the calling code too, is taken off as such: the rest alone is like a number."""
    every = _every(region)
    is_like = all(is_within(pattern, every, _LENGTHS) for plan in _own(plans) for pattern in _valid(plan))
    return is_like and not begins(every, prefix)


def _takes_prefix(prefix: str, region: PhoneMetadata, plans: Sequence[PhoneMetadata]) -> bool:
    """Whether the prefix is taken off: the rest is as like a number as the whole, and of a possible length.

    The calling code, which would be taken off before, begins otherwise.
    """
    own, code = _own(plans), str(region.country_code)
    is_as_like = own == [region] or not begins(_every(region), prefix)
    lengths = set().union(*(_lengths(plan, "possible_length") for plan in own))
    are_possible = all(
        lengths <= _lengths(plan, "possible_length") - _lengths(plan, "possible_length_local_only")
        for plan in (region, plans[0])
    )
    return is_as_like and are_possible and not code.startswith(prefix) and not prefix.startswith(code)


def _every(plan: PhoneMetadata) -> str:
    """The pattern of all that is like a number of a region."""
    return getattr(plan.general_desc, "national_number_pattern", "")


def _lengths(plan: PhoneMetadata, kind: str) -> set[int]:
    return set(getattr(plan.general_desc, kind, ()))


def _valid(plan: PhoneMetadata) -> Iterator[str]:
    """The patterns of all kinds of numbers, less what the region's own pattern or a kind's lengths would not take."""
    every = _every(plan)
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
