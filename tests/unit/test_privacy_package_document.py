"""A package's two forms: what they say, and that what they say stays text."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.privacy_requests.package_document import Record, System, to_html, to_json
from tests.worlds.packages import AT, package

TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd", "pre"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(page.decode())
        self.text = "".join(self.texts)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@given(st.text(min_size=1))
def test_whatever_a_text_holds_it_stays_a_text(text: str) -> None:
    page = Page(to_html(package(text=text)))
    assert page.tags <= TAGS
    assert page.attributes <= {"lang", "charset", "name", "http-equiv", "content", "class"}
    document = json.loads(to_json(package(text=text)))
    assert document["identities"][0]["attributes"] == {text: text}
    assert document["recipients"][0]["segment"] == text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "&lt;b&gt;", "\"'"]
)
def test_a_page_shows_markup_as_it_was_written(text: str) -> None:
    page = Page(to_html(package(text=text)))
    assert page.text.count(text) >= 10
    assert page.tags & {"script", "img", "b"} == set()


def test_a_page_says_who_answers_when_under_which_law_and_what_the_digits_are() -> None:
    text = Page(to_html(package(text="Example"))).text
    for said in (
        "Example, Example",
        "2026-03-04 05:06 UTC",
        "GDPR",
        "prq_1",
        "SHA-256",
        "What is not in it",
        "complain",
    ):
        assert said in text
    assert "http" not in to_html(package()).decode().replace("http-equiv", "")


def test_portability_leaves_out_what_the_person_did_not_provide() -> None:
    document = json.loads(to_json(package("portability")))
    assert set(document) == {"about", "identities", "answers", "systems", "leftOut", "withheld"}
    text = Page(to_html(package("portability"))).text
    assert "Who received" not in text
    assert "Segments you are in" not in text
    assert document["identities"][0]["attributes"] == {"Oslo": "Oslo"}


def test_an_answer_that_waits_for_an_identity_is_told_with_what_the_letters_mean() -> None:
    waiting = package(text="crm-1").model_copy(update={"identities": []})
    assert json.loads(to_json(waiting))["answers"] == [{"profileId": "crm-1", "share": "n", "answeredAt": AT}]
    text = Page(to_html(waiting)).text
    assert "Answers kept for youProfileYour answerGivencrm-1n2026-03-04 05:06 UTC" in text.replace("\n", "")
    assert "y is yes, n is no" in text
    assert "Answers kept" not in Page(to_html(waiting.model_copy(update={"answers": []}))).text


def test_a_system_that_did_not_answer_is_named() -> None:
    silent = System(connector_id="cn_1", name="Shop", status="pending", records=[])
    empty = System(connector_id="cn_2", name="Desk", status="answered", records=[])
    unasked = System(
        connector_id="cn_3", name="Till", status="not_supported", reason="it was not asked: why", records=[]
    )
    text = Page(to_html(package(systems=[silent, empty, unasked]))).text
    assert "It was not asked: why. What it holds is not in this answer." in text
    assert "What Shop holds" in text
    assert "It has not answered in time." in text
    assert "It holds nothing of you." in text


@pytest.mark.parametrize("data", [{"a": [1, None, "x"]}, "\ud800", 1.5, None])
def test_whatever_a_system_answers_can_be_written(data: Any) -> None:
    system = System(connector_id="cn_1", name="Shop", status="answered", records=[Record(collection="c", data=data)])
    assert json.loads(to_json(package(systems=[system])))["systems"][0]["records"][0]["data"] == data
    assert b"What Shop holds" in to_html(package(systems=[system]))
