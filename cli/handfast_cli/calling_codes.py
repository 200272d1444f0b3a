"""Writes the numbering plans that bulk reading recognises, from the installed libphonenumber.

python -m handfast_cli.calling_codes
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata

from handfast.identity import calling_codes
from handfast_cli.digit_patterns import alternatives, is_within

_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")
_HEAD = '''"""Valid numbers by calling code, from libphonenumber {version}. Written by `make calling-codes`.

`PLANS` holds two patterns for each code: of national significant numbers that are valid, and of beginnings for which
the library may decide otherwise.
"""

PLANS: dict[str, tuple[str, str]] = {{
'''


def calling_codes_source() -> str:
    """The text of the module `handfast.identity.calling_codes`."""
    lines = (
        f'    "{code}": (\n        r"{valid}",\n        r"{starts}",\n    ),\n' for code, valid, starts in _plans()
    )
    return _HEAD.format(version=phonenumbers.__version__) + "".join(lines) + "}\n"


def _plans() -> Iterator[tuple[int, str, str]]:
    """Left out is what the library decides by more than a number's beginning, and what has no region."""
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        plans = [plan for region in regions if (plan := PhoneMetadata.metadata_for_region(region, None))]
        if plans and not re.fullmatch(plans[0].national_prefix_for_parsing or "0", ""):
            yield code, *_plan(plans)


def _plan(plans: Sequence[PhoneMetadata]) -> tuple[str, str]:
    """A region with leading digits takes all numbers that begin so; the first region's prefix is taken off."""
    main, others = plans[0], [plan.leading_digits for plan in plans[1:] if plan.leading_digits]
    own = [main] if main.leading_digits else [plan for plan in plans if not plan.leading_digits]
    starts = [main.national_prefix_for_parsing, *(_unlike(main.leading_digits) if main.leading_digits else others)]
    valid = dict.fromkeys(pattern for plan in own for pattern in _valid(plan))
    return "|".join(valid), "|".join(start for start in starts if start)


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
