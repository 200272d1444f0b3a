"""What of a package can be withheld, and that nothing of it is left."""

import copy
import json
import re
from typing import Any

import pytest

from handfast.privacy_requests.package_document import Record, System, Withheld, to_html, to_json
from handfast.privacy_requests.package_redaction import FORM, count, parts, redacted
from tests.worlds.packages import package

MAIL = {"namespace": "Email_LC_SHA256", "value": "ab" * 32}
EVENTS = [
    Record(collection="events", data={"ip": "192.0.2.1", "page": {"with": "a friend"}}),
    Record(collection="events", data={"ip": "192.0.2.2"}),
    Record(collection="traits", data={"plan/tier": "gold", "tags": ["unus", "duo"]}),
]


def document() -> Any:
    systems = [System(connector_id="cn_1", name="Store", status="answered", records=EVENTS)]
    found: dict[str, Any] = json.loads(to_json(package(systems=systems)))
    for section in ("memberships", "suppressions", "recipients", "sources"):
        found[section].append(found[section][0] | MAIL)
    return found


def without(*named: str) -> tuple[Any, str]:
    """The data and the page without these parts."""
    whole = document()
    before = copy.deepcopy(whole)
    withheld = [Withheld(part=part, entries=count(whole, part), ground="other", reason="so") for part in named]
    made = redacted(whole, withheld)
    assert whole == before
    return json.loads(to_json(made)), to_html(made).decode()


def test_parts_are_listed_by_name_and_number_alone_and_each_can_be_withheld() -> None:
    listed = parts(document())
    assert listed["/systems/0/records/events"] == 2
    assert listed["/systems/0/records/events/data/ip"] == 2
    assert listed["/systems/0/records/traits/data/plan~1tier"] == 1
    assert "192.0.2" not in json.dumps(listed)
    assert all(re.search(FORM, part) for part in listed)
    data, _ = without(*listed)
    sections = ("identities", "answers", "memberships", "suppressions", "recipients", "sources")
    assert [data[name] for name in sections] == [[]] * 6
    assert data["systems"][0]["records"] == []
    assert [each["entries"] for each in data["withheld"]] == list(listed.values())


def test_an_identity_takes_along_what_stands_with_it() -> None:
    data, page = without("/identities/0")
    assert MAIL["value"] not in json.dumps(data) + page
    assert [len(data[name]) for name in ("memberships", "recipients", "sources")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("part", "gone", "left"),
    [
        ("/systems/0/records/events/data/ip", ["192.0.2"], ["a friend", "gold"]),
        ("/systems/0/records/1", ["192.0.2.2"], ["192.0.2.1"]),
        ("/systems/*/records/*/data/page/with", ["a friend"], ["192.0.2.1"]),
        ("/systems/0/records/traits/data/plan~1tier", ["gold"], ["unus"]),
        ("/systems/0/records/traits/data/tags/0", ["unus"], ["duo"]),
        (
            "/systems/0/records",
            ["192.0.2", "gold", "It holds nothing of you."],
            ["What is not shown here was withheld"],
        ),
        ("/recipients", ["Nobody did."], ["Who received your data"]),
    ],
)
def test_what_is_withheld_is_in_neither_form_and_the_rest_is(part: str, gone: list[str], left: list[str]) -> None:
    data, page = without(part)
    for word in gone:
        assert word not in json.dumps(data["systems"]) + page
    for word in left:
        assert word in page


@pytest.mark.parametrize("part", ["/about", "/about/madeAt", "/identities/0/value", "/systems/0", "/leftOut", "/"])
def test_what_holds_the_package_together_is_no_part(part: str) -> None:
    assert not re.search(FORM, part)


def test_sections_that_were_empty_before_stay_so() -> None:
    _, page = without("/answers")
    assert "It holds nothing" not in page
    assert page.count("was withheld: see below") == 1
