"""Consent answers, and what they allow."""

from datetime import timedelta

SHARE_ANSWERS = ("y", "n", "p", "u", "dy", "dn", "LI", "CT", "CP", "VI", "PI")
"""Consent answers (XDM's consent values), read in any case and stored so."""

STRICTEST_FIRST = ("n", "dn", "u", "p", "LI", "CT", "CP", "VI", "PI", "dy", "y")
"""Consent answers by what they allow, the least first: of answers given at the same time the strictest counts."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead the clock may be by which an answer was given; one that is given later is refused."""

REFUSALS = ("n", "dn")
"""The answers that no consent default shares."""


CONSENTED = """
CASE WHEN profile_share = 'n' THEN 0
     WHEN '{consent_default}' = 'default_allow'
     THEN CASE WHEN COALESCE(share, profile_share, 'y') IN ('n', 'dn') THEN 0 ELSE 1 END
     ELSE CASE WHEN COALESCE(share, profile_share, 'n') = 'y' THEN 1 ELSE 0 END END
""".strip()
"""Whether a profile may be shared under a consent default, 1 or 0, by its columns `share` (the identity's answer) and
`profile_share` (the person's). ANSI SQL.
"""


class UnknownAnswerError(ValueError):
    """No consent answer reads so."""


_SHARES = {answer.casefold(): answer for answer in SHARE_ANSWERS}


def share_answer(text: str | None) -> str | None:
    """The consent answer in its own case; an unknown one raises UnknownAnswerError."""
    if text is None:
        return None
    try:
        return _SHARES[text.casefold()]
    except KeyError:
        raise UnknownAnswerError from None
