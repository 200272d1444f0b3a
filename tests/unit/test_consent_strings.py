"""TCF and GPP strings against what the libraries of IAB Tech Lab make, and against damage."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.governance import gpp, tcf
from handfast.governance.bits import Bits, ConsentStringError
from handfast.governance.consent import STRICTEST_FIRST
from handfast.governance.consent_strings import Rules, StringAnswer, read_gpp, read_tcf

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "consent_strings.json").read_text())
RULES = Rules((1, 3), 755, gpp.SECTIONS)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def encoded(bits: str) -> str:
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


@pytest.mark.parametrize("vector", VECTORS["tcf"])
def test_a_tc_string_says_what_it_was_made_of(vector: dict[str, Any]) -> None:
    found = tcf.read(vector["string"])
    assert found.purposes == set(vector["purposes"])
    assert [vendor for vendor in range(1, 1500) if vendor in found.vendors] == vector["vendors"]
    assert found.updated_at == datetime.fromisoformat(vector["updatedAt"])
    refused = {(purpose, vendor) for purpose, vendor, kind in vector["restrictions"] if kind in {0, 2}}
    assert {
        (purpose, vendor) for purpose, vendors in found.restricted for vendor in (20, 755) if vendor in vendors
    } == (refused)
    for vendor in (None, 20, 310, 755):
        of_vendor = vendor is None or (vendor in vector["vendors"] and (3, vendor) not in refused)
        agreed = {1, 3} <= set(vector["purposes"]) and of_vendor
        assert found.share((1, 3), vendor) == ("y" if agreed else "n")


@pytest.mark.parametrize("vector", VECTORS["gpp"], ids=lambda vector: "-".join(vector["sections"]))
def test_a_gpp_string_says_what_it_was_made_of(vector: dict[str, Any]) -> None:
    parts = gpp.sections(vector["string"])
    assert parts.keys() == vector["sections"].keys()
    answers = set()
    for name, made in vector["sections"].items():
        if name == gpp.TCF_EU:
            consents = [place for place, agreed in enumerate(made["PurposeConsents"], 1) if agreed]
            assert tcf.read(parts[name]).purposes == set(consents)
            answers.add(read_tcf(parts[name], RULES).share)
            continue
        if name == "uspv1":
            assert parts[name] == f"1{made['Notice']}{made['OptOutSale']}{made['LspaCovered']}"
        else:
            found = gpp.fields(name, parts[name])
            assert {field: list(values) for field, values in found.items()} == {
                field: [int(value) for value in made[field]] if isinstance(made[field], list) else [int(made[field])]
                for field in found
            }
            beside = {"SensitiveDataProcessing"} if name in {"usin", "usky", "usri"} else set()
            own = {field for field in made if "Gpc" not in field and not field.endswith("Version")} - beside
            assert found.keys() >= own
        answers.add(expected(name, made))
    assert read_gpp(vector["string"], RULES).share == min(answers, key=STRICTEST_FIRST.index)


def expected(name: str, made: dict[str, Any]) -> str:
    """The rule once more, on what a section was made of."""
    if name == "uspv1":
        if made["OptOutSale"] == "Y":
            return "n"
        return "dn" if made["Notice"] == "N" else {"N": "dy", "-": "u"}[made["OptOutSale"]]
    rights = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
    choices = [made[right] for right in rights if right in made]
    children = made.get("KnownChildSensitiveDataConsents", [])
    refused = 1 in (children if isinstance(children, list) else [children])
    signalled = made.get("Gpc")
    if 1 in choices or refused or signalled:
        return "n"
    if 2 in [made.get(f"{right}Notice") for right in rights]:
        return "dn"
    return "dy" if 2 in choices else "u"


def test_national_strings_of_the_first_version_have_fewer_fields() -> None:
    # 12 categories of sensitive data and two of children.
    bits = "000001" + "01" * 6 + "10" * 3 + "00" * 12 + "01" + "00" + "00" + "01" * 3
    found = gpp.fields("usnat", encoded(bits))
    assert len(found["SensitiveDataProcessing"]) == 12
    assert found["KnownChildSensitiveDataConsents"] == (1, 0)
    assert gpp.share("usnat", encoded(bits)) == "n"


@pytest.mark.parametrize(
    ("text", "share"), [("1YNN", "dy"), ("1YYN", "n"), ("1---", "u"), ("1NNN", "dn"), ("1NYN", "n"), ("1yn-", "dy")]
)
def test_the_us_privacy_string(text: str, share: str) -> None:
    assert gpp.share("uspv1", text) == share


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed_consent_string"),
        ("C", "malformed_consent_string"),
        ("BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "unknown_consent_version"),
        ("not a string", "malformed_consent_string"),
        ("CPé", "malformed_consent_string"),
        (VECTORS["tcf"][0]["string"][:80], "malformed_consent_string"),
    ],
)
def test_what_is_no_tc_string_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ConsentStringError) as caught:
        read_tcf(text, RULES)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed_consent_string"),
        ("CAAA", "malformed_consent_string"),
        ("DCAA", "unknown_consent_version"),
        ("DBAA", "no_consent_section"),
        ("DBABTA", "malformed_consent_string"),
        ("DBABTA~2YNN", "unknown_consent_version"),
        ("DBABTA~1YN", "malformed_consent_string"),
    ],
)
def test_what_is_no_gpp_string_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ConsentStringError) as caught:
        read_gpp(text, RULES)
    assert caught.value.reason == reason


def test_only_the_sections_of_the_rule_count() -> None:
    text = next(vector["string"] for vector in VECTORS["gpp"] if len(vector["sections"]) > 2)
    with pytest.raises(ConsentStringError):
        read_gpp(text, Rules(sections=("usmd",)))


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_an_answer_or_refused(text: str) -> None:
    for read in (read_tcf, read_gpp):
        try:
            assert isinstance(read(text, RULES), StringAnswer)
        except ConsentStringError:
            continue


@given(st.sampled_from([vector["string"] for vector in (*VECTORS["tcf"], *VECTORS["gpp"])]), st.data())
def test_any_damage_is_an_answer_or_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.sampled_from(ALPHABET + "~.é")) + text[at + data.draw(st.integers(0, 3)) :]
    for read in (read_tcf, read_gpp):
        try:
            assert isinstance(read(damaged, RULES), StringAnswer)
        except ConsentStringError:
            continue


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 2**40 - 1)), max_size=10))
def test_integers_are_read_as_they_are_written(numbers: list[tuple[int, int]]) -> None:
    bits = Bits(encoded("".join(f"{value % (1 << width):0{width}b}" for width, value in numbers)))
    assert [bits.integer(width) for width, _ in numbers] == [value % (1 << width) for width, value in numbers]


def fibonacci(number: int) -> str:
    """Fibonacci coding by its definition: the greatest weights first, and a set bit behind."""
    weights = [1, 2]
    while weights[-1] <= number:
        weights.append(weights[-1] + weights[-2])
    bits = ""
    for weight in reversed([weight for weight in weights if weight <= number]):
        taken = weight <= number
        bits, number = ("1" if taken else "0") + bits, number - weight if taken else number
    return bits + "1"


@given(st.lists(st.integers(1, 10**6), max_size=5))
def test_fibonacci_coded_integers_are_read_as_they_are_written(numbers: list[int]) -> None:
    bits = Bits(encoded("".join(map(fibonacci, numbers))))
    assert [bits.fibonacci() for _ in numbers] == numbers


@given(st.sets(st.integers(2, 27), min_size=1))
def test_a_header_names_the_sections_that_follow(ids: set[int]) -> None:
    last, coded = 0, ""
    for number in sorted(ids):
        coded += "0" + fibonacci(number - last)
        last = number
    header = encoded(f"{3:06b}{1:06b}{len(ids):012b}{coded}")
    text = "~".join([header, *(f"part{number}" for number in sorted(ids))])
    assert set(gpp.sections(text).values()) <= {f"part{number}" for number in ids}
    assert len(gpp.sections(text)) == len(ids - {3, 4, 5})


def test_the_year_of_an_answer_is_utc() -> None:
    assert tcf.read(VECTORS["tcf"][0]["string"]).updated_at.tzinfo is UTC
