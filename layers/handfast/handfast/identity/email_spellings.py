"""Unusual addresses, most of them beyond ASCII, read in SQL: a column of them at once, each as `kinds.email` reads it.

What is read here has letters that are one character in lower case and in NFC, whatever is beside them, and one of the
domains that most addresses have, which are decided one by one. All else, and all that is refused, is left.
"""

# ruff: noqa: S608 - statements are built from this module's own text, and of domains that DNS may have
from collections.abc import Callable

from handfast.identity.namespaces import Ask
from handfast.identity.placeholders import placeholder_names, placeholder_words

MOST_DOMAINS = 1_000
LETTERS = (
    *("\xc0-\xd6", "\xd8-\xf6", "\xf8-\u012f", "\u0131", "\u0134-\u013e", "\u0141-\u0148", "\u014a-\u017e"),
    *("\u0180-\u01c3", "\u01cd-\u01f0", "\u01f4-\u024f", "\u1ea0-\u1ef9"),  # Latin, without ligatures
    *("\u0386", "\u0388-\u038a", "\u038c", "\u038e-\u03a1", "\u03a3-\u03ce"),  # Greek
    *("\u0400-\u0481", "\u048a-\u052f"),  # Cyrillic
    *("\u05d0-\u05ea", "\u0621-\u064a", "\u10d0-\u10fa"),  # Hebrew, Arabic, Georgian
    *("\u3041-\u3096", "\u30a1-\u30fa", "\u3400-\u4dbf", "\u4e00-\u9fff", "\uac00-\ud7a3"),  # kana, Han, Hangul
)
"""Ranges of letters; none is written otherwise in NFC, and none stands for an ASCII one."""
# What two bytes of UTF-8 look like, in letters, where they are taken for Windows-1252.
_PERHAPS_MISREAD = "[\xc2-\xff][\u0152\u0153\u0160\u0161\u017d\u017e\u0178\xff\u0192]"
_SIGMA, _FINAL_SIGMA = "\u03c3", "\u03c2"


def spelt_sql(
    ask: Ask, source: str, *, starts: str, goes_on: str, longest: int, domain: Callable[[str], str | None]
) -> str:
    """SELECT of `id, canonical` of `source`, without the texts that are left to `kinds.email`.

    `source` is a FROM item of `id, text`; `starts` and `goes_on` are the ASCII characters, as in a class of a pattern,
    that an address may begin with and have. `domain` returns a domain as DNS has it, or None for one that is left.
    `longest` is how many bytes an address may have.
    """
    letters = "".join(LETTERS)
    local_part = f"[{letters}{starts}][{letters}{goes_on}]*(?:\\.[{letters}{goes_on}]+)*"
    read = f"""
        (
            SELECT id, split_part(text, '@', 2) AS domain,
                replace(lower(split_part(text, '@', 1)), '{_FINAL_SIGMA}', '{_SIGMA}') AS local_part
            FROM {source}
            WHERE regexp_full_match(text, '{local_part}@[^@]+')
                AND NOT regexp_matches(split_part(text, '@', 1), '{_PERHAPS_MISREAD}')
        )
    """
    frequent = ask(f"SELECT domain FROM {read} GROUP BY domain ORDER BY count(*) DESC, domain LIMIT {MOST_DOMAINS}")
    known = [(name, decided) for (name,) in frequent if (decided := domain(name)) is not None]
    if not known:
        return f"SELECT id, NULL FROM {source} WHERE FALSE"
    domains = ", ".join(f"('{name}', '{decided}')" for name, decided in known)
    made_up = {*placeholder_names(), *(word.rpartition("@")[0] for word in placeholder_words() if "@" in word)}
    names = ", ".join(f"'{name}'" for name in sorted(made_up))
    return f"""
        SELECT id, local_part || '@' || ascii AS canonical
        FROM {read} JOIN (VALUES {domains}) AS domains (domain, ascii) USING (domain)
        WHERE local_part NOT IN ({names}) AND strlen(local_part || '@' || ascii) <= {longest}
    """
