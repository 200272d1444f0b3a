"""Addresses and numbers of people in texts that must not hold them raw.

The patterns mean the same to Python's `re` and to RE2, which DuckDB matches by: no look-around, no `\\s`, no `\\d`.
"""

import re

ADDRESS = "[^ \t\r\n](?:@|\uff20|%40)[^ \t\r\n]"
"""An e-mail address within a text, also as a link writes it."""
_GAP = "[ \u00a0\u202f()./\u2010-\u2015-]"
_START, _END = "(?:^|(?:^|[^0-9])[^0-9A-Za-z.,/-])", "(?:[^0-9A-Za-z]|$)"
INTERNATIONAL = f"[+\uff0b]{_GAP}{{0,2}}[1-9\uff11-\uff19](?:{_GAP}{{0,3}}[0-9\uff10-\uff19]){{6,14}}(?:[^0-9]|$)"
"""A phone number that begins with `+`, within a text."""
IDENTITY = "|".join(
    (
        ADDRESS,
        # as HTML, JSON in a text and small forms write the sign
        "[^ \t\r\n](?:&#0{0,9}64;|&#[xX]0{0,9}40;|&commat;|\\\\u0040|\ufe6b)[^ \t\r\n]",
        INTERNATIONAL,
        "tel:[ +(]{0,2}[0-9]",
        # 0049 30 23125001; digits alone may be a number of any kind
        f"{_START}00[1-9][0-9]{{0,2}}{_GAP}{{1,3}}[0-9](?:{_GAP}?[0-9]){{4,11}}{_END}",
        # 030 23125001, 0151/2345 6789, (030) 2312-5001: a first group of two digits may be a day
        f"{_START}\\(?0[1-9][0-9]{{1,3}}\\)?{_GAP}{{1,3}}[0-9](?:{_GAP}?[0-9]){{3,9}}{_END}",
        # 01 23 45 67 89
        f"{_START}0[1-9](?:{_GAP}[0-9]{{2}}){{4}}{_END}",
        # (415) 555-0123, 1-415-555-0123
        f"{_START}(?:1{_GAP})?\\(?[2-9][0-9]{{2}}(?:\\){_GAP}?|{_GAP})[2-9][0-9]{{2}}{_GAP}[0-9]{{4}}{_END}",
    )
)
"""An address or a phone number within a text. Of numbers only what is written like a phone's: with `+`, or grouped as
people do. Dates, prices, addresses of machines and digits alone are none of it.
"""

_IDENTITY = re.compile(IDENTITY)
_ADDRESS = re.compile(ADDRESS)


def holds_identity(text: str) -> bool:
    """Whether an address or a number written like a phone's stands in the text."""
    return _IDENTITY.search(text) is not None


def holds_address(link: str) -> bool:
    """Whether an e-mail address stands in a link, whose numbers may be anything."""
    return _ADDRESS.search(link) is not None
