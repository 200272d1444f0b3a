"""Consent answers, and what they allow."""

SHARE_ANSWERS = ("y", "n", "p", "u", "dy", "dn", "LI", "CT", "CP", "VI", "PI")
"""Consent answers (XDM's consent values), read in any case and stored so."""


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
