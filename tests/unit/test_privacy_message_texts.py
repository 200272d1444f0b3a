"""What people are written: the same in every language, and nothing left open."""

from string import Formatter
from typing import Any, get_args

import pytest

from handfast.privacy_requests.deadlines import Calendar
from handfast.privacy_requests.message_texts import WORDS, text_of
from handfast.privacy_requests.models import Contact, Language, MessageKind, Origin, PrivacyRequest, PrivacyType


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


@pytest.mark.parametrize(
    ("kind", "status", "result", "said"),
    [
        ("opt_in", "completed_with_gaps", {"stillSuppressed": {"erasure": 2}, "gaps": 2}, "still_suppressed"),
        ("opt_in", "completed_with_gaps", {"stillSuppressed": {"erasure": 2}, "gaps": 3}, "partial"),
        ("erasure", "completed_with_gaps", {"gaps": 1}, "partial"),
        ("access", "completed_with_gaps", {"gaps": 1, "withheld": 1}, "package_partial"),
        ("access", "completed", {"gaps": 0, "withheld": 1}, "package_withheld"),
        ("access", "completed", {"gaps": 0}, "package"),
    ],
)
def test_a_person_is_told_why_an_answer_is_in_part(
    kind: PrivacyType, status: Any, result: dict[str, Any], said: str
) -> None:
    at = "2026-01-01T10:00:00.000Z"
    request = PrivacyRequest("sbx_1", "prq_1", kind, "gdpr", status, at, at, Origin("prq_1"), (), result=result)
    text = text_of(request, "answer", Contact("ann@example.org", "en"), "Example", Calendar("UTC", frozenset()))
    assert text.subject == WORDS["en"].texts[said][0]
    assert text.body.startswith(WORDS["en"].texts[said][1].format(organization="Example", type=WORDS["en"].types[kind]))
