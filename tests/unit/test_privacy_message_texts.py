"""What people are written: the same in every language, and nothing left open."""

from string import Formatter
from typing import get_args

import pytest

from handfast.privacy_requests.message_texts import WORDS
from handfast.privacy_requests.models import Language, MessageKind, PrivacyType


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", get_args(Language.__value__))
def test_a_language_says_all_that_the_first_one_says(language: Language) -> None:
    words, first = WORDS[language], WORDS["en"]
    assert words.types.keys() == set(get_args(PrivacyType.__value__))
    assert words.texts.keys() == first.texts.keys() >= set(get_args(MessageKind.__value__)) - {"answer"}
    for name, texts in words.texts.items():
        assert [placeholders(text) for text in texts] == [placeholders(text) for text in first.texts[name]], name
    assert placeholders(words.footer) == {"id"}
