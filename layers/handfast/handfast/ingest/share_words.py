"""What words in columns of consent usually mean, in English, German and Japanese."""

from handfast.governance.consent import SHARE_ANSWERS

CANONICAL = {answer.casefold(): answer for answer in SHARE_ANSWERS}
"""The consent answers themselves by their lower case, which need no meaning given."""
_YES = """
1|true|t|yes|in|granted|accepted|given|agreed|subscribed|allow|allowed|consent|opt-in|optin|opted-in|opt in|opted_in
ja|j|wahr|erteilt|zugestimmt|oui|si|sí|はい|同意|同意する|同意済み|有|可|○
"""
_NO = """
0|false|f|no|out|denied|refused|rejected|withdrawn|revoked|unsubscribed|deny|opt-out|optout|opted-out|opt out|opted_out
nein|falsch|widerrufen|abgelehnt|non|いいえ|同意しない|拒否|無|不可|\u00d7
"""
_UNKNOWN = "unknown|null|none|n/a|na|unbekannt|keine angabe|不明|未回答"
_MEANINGS = {
    word: answer
    for words, answer in ((_UNKNOWN, "u"), (_NO, "n"), (_YES, "y"))
    for word in words.strip().replace("\n", "|").split("|")
}


def meaning(word: str) -> str | None:
    """The consent answer that a word in lower case stands for, as far as it is usual."""
    return CANONICAL.get(word) or _MEANINGS.get(word)
