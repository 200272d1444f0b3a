"""What a value looks like: its shape, which tells nothing of whose it is.

The patterns mean the same to Python's `re` and to RE2, which DuckDB matches by.
"""

import re

IDENTITY_SHAPES: tuple[tuple[str, str], ...] = (
    ("email", "(?s).+@.+"),
    ("e164", "[+][0-9]{7,15}"),
    ("international", "([+]|00)[0-9 ()./-]{7,30}"),
    ("ecid", "[0-9]{38}"),
    ("national", "[0-9 ()./-]{6,30}"),
    ("device_id", "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ("sha256_hex", "[0-9a-fA-F]{64}"),
    ("sha256_base64", "[0-9A-Za-z+/_-]{43}="),
)
"""The shapes of identities with the patterns of whole trimmed values; the first that fits is a value's."""

_BESIDE: tuple[tuple[str, str], ...] = (
    (
        "time",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)",
    ),
    ("date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]{4,})?|[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4}|[0-9]{2})( .*)?"),
    ("digits", "[0-9]{6,15}"),
    ("number", "-?[0-9]+([.,][0-9]+)?"),
)
"""Shapes of other values that some of the patterns of identities would fit."""
_AFTER: tuple[tuple[str, str], ...] = (
    ("tcf_string", "C[0-9A-Za-z_-]{19,}([.][0-9A-Za-z_-]+)*"),
    ("gpp_string", "DB[A-Z][0-9A-Za-z_-]+(~[0-9A-Za-z_.~-]*)?"),
    ("nested", r"(?s)\{.*\}|\[.*\]"),
)
_TEXT = "text"
_COMPILED = [(name, re.compile(pattern)) for name, pattern in (*_BESIDE, *IDENTITY_SHAPES, *_AFTER)]
_LONGEST = 2000
"""Characters of a value that are looked at: identities and strings are shorter, and patterns take time."""
_DIGITS = re.compile("[0-9]{38}")


def shape_sql(text: str) -> str:
    """SQL: the shape of a trimmed text among those of identities, else `other`."""
    cases = " ".join(
        f"WHEN regexp_full_match({text}, '{pattern}') THEN '{shape}'" for shape, pattern in IDENTITY_SHAPES
    )
    return f"CASE {cases} ELSE 'other' END"


def shape_of(value: str) -> str:
    """The shape of a trimmed value that is not blank, of whatever column it may be.

    Six to fifteen digits alone are `digits` here and not a `national` phone number, as ids are digits too.
    """
    if len(value) > _LONGEST:
        return _TEXT
    if _DIGITS.fullmatch(value):
        return "ecid"
    return next((name for name, pattern in _COMPILED if pattern.fullmatch(value)), _TEXT)
