"""What stands where a system had no value: words, made-up addresses and numbers, and the digests of all of them."""

import hashlib
from functools import cache

ABSENT = (
    *("null", "nil", "none", "n/a", "n.a.", "na", "nan", "#n/a", "nat", "undefined", "unknown", "missing", "tba"),
    *("tbd", "empty", "blank", "-", "--", "not available", "not provided", "not set", "(null)", "(none)", "<null>"),
    *("[null]", "\\n", "<na>", "not applicable", "no id", "anonymous", "(blank)", "(empty)", "(not set)"),
    *("[object object]", "#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!", "?", ".", "-1", "{}", "[]"),
    *('""', "''", "00000000-0000-0000-0000-000000000000"),
)
"""Words that say that there is no value, whatever stood there otherwise."""
_WORDS = (
    *ABSENT,
    *("", " ", "\n", "\r\n", "test", "tester", "testing", "dummy", "sample", "asdf", "abc", "a", "x", "xx", "xxx"),
    "no",
    *("..", "*", "0.0", "false", "true", "email", "e-mail", "mail", "phone", "tel", "telephone"),
    *("mobile", "noemail", "no email", "no-email", "no_email", "nomail", "noreply", "no-reply", "nophone", "no phone"),
)
_ADDRESSES = (
    *("test@example.com", "email@email.com", "no@email.com", "noemail@email.com", "none@email.com", "test@email.com"),
    *("test@mail.com", "test@test.de", "test@test.test", "test@test", "test@localhost", "test@gmail.com"),
    *("noemail@gmail.com", "noemail@example.com", "none@example.com", "noreply@example.com", "nobody@nowhere.com"),
)
_ENDINGS = ("com", "de", "net", "org", "co.uk")
_MIXED_CASE = ("NaN", "NaT")
_DIGIT_RUNS = tuple(digit * length for digit in "0123456789" for length in range(1, 17))
_COUNTING = ("123456", "1234567", "12345678", "123456789", "1234567890", "0123456789")


@cache
def placeholder_words() -> frozenset[str]:
    """The words, addresses and numbers that are nobody's, in lower case."""
    of_words = (f"{word}@{word}.com" for word in placeholder_names())
    american = tuple(f"1{digit * 10}" for digit in "0123456789")
    numbers = (*_DIGIT_RUNS, *_COUNTING, *american)
    dialled = (f"+{number}" for number in numbers)
    return frozenset((*_WORDS, *_ADDRESSES, *of_words, *numbers, *dialled))


@cache
def placeholder_names() -> frozenset[str]:
    """The words that are nobody's as both parts of an address, whatever its domain ends with, in lower case."""
    return frozenset(word for word in _WORDS if word.replace("-", "").isalnum())


@cache
def placeholder_digests() -> frozenset[str]:
    """SHA-256 of each of those words in lower, upper and capitalised case, and digests that count or repeat a digit.

    Of addresses those with usual endings and none, of numbers calling codes with nothing behind them, too.
    """
    from handfast.identity.calling_codes import PLANS  # noqa: PLC0415 - large, and needed where digests come

    cases = (str.lower, str.upper, str.capitalize, str.title)
    addresses = (
        f"{name}@{name}{ending}" for name in placeholder_names() for ending in ("", *(f".{end}" for end in _ENDINGS))
    )
    spellings = {*_MIXED_CASE, *(case(word) for word in (*placeholder_words(), *addresses) for case in cases)}
    codes = ("+", *PLANS, *(f"+{code}" for code in PLANS))
    made_up = (*(digit * 64 for digit in "0123456789abcdef"), "0123456789abcdef" * 4)
    return frozenset((*(hashlib.sha256(spelt.encode()).hexdigest() for spelt in (*spellings, *codes)), *made_up))
