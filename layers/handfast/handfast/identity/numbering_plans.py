"""Which numbers the numbering plans have, without the library: in SQL for columns, by a pattern for one number.

Both know only numbers that the library leaves as they are (`make calling-codes`), and not all of these.
"""

import re
from collections import defaultdict
from functools import cache

from handfast.identity.calling_codes import PLANS

_SHORTEST = 11  # leaves seven digits at least behind the longest calling code, so that the last seven are its own
_LONGEST = 16
REPEATED = f"(?:{'|'.join(digit * 7 for digit in '0123456789')})$"


def calling_code_of(digits: str) -> str | None:
    """The calling code that an international number begins with, if its plan is known; no code begins another."""
    return next((digits[:length] for length in (1, 2, 3) if digits[:length] in PLANS), None)


def is_planned(code: str, significant: str) -> bool:
    """Whether a known plan has the national significant number, and the library leaves it as it is."""
    valid, otherwise = _patterns(code)
    return valid.fullmatch(significant) is not None and not (otherwise and otherwise.match(significant))


@cache
def _patterns(code: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    valid, otherwise = PLANS[code]
    return re.compile(valid), re.compile(otherwise) if otherwise else None


def plain_sql(text: str) -> str:
    """SQL: whether a trimmed text is a number in E.164 that is its own canonical form; not all are recognised.

    There is a pattern for each first digit, because one of all numbers is too large for the engine's automaton.
    """
    zones = defaultdict(list)
    for code in PLANS:
        zones[code[0]].append(code)
    cases = " ".join(
        f"WHEN {text} < '+{chr(ord(digit) + 1)}' THEN {_zone(text, zones[digit])}" for digit in sorted(zones)
    )
    return f"strlen({text}) BETWEEN {_SHORTEST} AND {_LONGEST} AND CASE {cases} ELSE FALSE END"


def _zone(text: str, codes: list[str]) -> str:
    numbers = "|".join(f"{code}(?:{PLANS[code][0]})" for code in codes)
    others = "|".join(f"{code}(?:{PLANS[code][1]})" for code in codes if PLANS[code][1])
    refused = rf"^\+(?:{others})|{REPEATED}" if others else REPEATED
    return f"regexp_full_match({text}, '\\+(?:{numbers})') AND NOT regexp_matches({text}, '{refused}')"
