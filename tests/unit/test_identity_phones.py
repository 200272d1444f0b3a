"""Phone numbers: what a text means is one number or nothing, and bulk reading agrees with the library."""

import random
from pathlib import Path

import duckdb
import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from handfast.identity import calling_codes
from handfast.identity.namespaces import PhoneForm, Reading, Rejected, namespace
from handfast_cli.calling_codes import calling_codes_source

PHONE = namespace("phone")


def read(text: str, region: str | None = None, form: PhoneForm | None = None) -> str:
    """The number in E.164, or the reason why it is none."""
    try:
        PHONE.normalise(text, phone_region=region, phone_form=form)
    except Rejected as rejected:
        return rejected.reason
    return PHONE.canonical(text, Reading(region, form))


@pytest.mark.parametrize("region", ["DE", None])
@pytest.mark.parametrize(
    "text",
    [
        "+493023125001",
        "+4903023125001",
        "+49 30 23125001",
        "+49 (0)30 23125001",
        "(+49) 30/23125001",
        "+49\u00a030\u202f231\u201125001",
        "\uff0b\uff14\uff19\uff13\uff10\uff12\uff13\uff11\uff12\uff15\uff10\uff10\uff11",
        "+\u0664\u0669\u0663\u0660\u0662\u0663\u0661\u0662\u0665\u0660\u0660\u0661",
        "tel:+49-30-23125001",
        "TEL: +49.30.23125001",
        "p:+493023125001",
        "+493023125001.0",
        "0049 30 23125001",
        "0049 (0)30 23125001",
    ],
)
def test_every_spelling_of_an_international_number_is_the_same_number(text: str, region: str | None) -> None:
    assert read(text, region) == "+493023125001"


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("030 23125001", "DE", "+493023125001"),
        ("(030) 23125001", "DE", "+493023125001"),
        ("030/23125001", "DE", "+493023125001"),
        ("0 30 231 25 001", "DE", "+493023125001"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("01 71-392 00 01", "DE", "+491713920001"),
        ("(0171) - 3920001", "DE", "+491713920001"),
        ("01.71.39.20.00", "FR", "+33171392000"),
        ("001 415 555 2671", "DE", "+14155552671"),
        ("011 49 171 3920001", "US", "+491713920001"),
        ("0049 171 3920001", "US", "+491713920001"),
        ("415-555-2671", "US", "+14155552671"),
        ("14155552671", "US", "+14155552671"),
        ("1 (416) 555-0123", "US", "+14165550123"),
        ("0664 1234567", "AT", "+436641234567"),
        ("(01) 5125678", "AT", "+4315125678"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("0791 112 3456", "GB", "+447911123456"),
        ("04 75 12 34 56", "FR", "+33475123456"),
        ("91 234 56 78", "ES", "+34912345678"),
        ("06 12345678", "IT", "+390612345678"),
        ("8 916 123-45-67", "RU", "+79161234567"),
        ("916 123-45-67", "RU", "+79161234567"),
        ("06 1 234 5678", "HU", "+3612345678"),
        ("9123456789", "IN", "+919123456789"),
        ("20 24 01 15", "DK", "+4520240115"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("0 15 11 91234-5678", "BR", "+5511912345678"),
    ],
)
def test_national_numbers_are_of_their_region(text: str, region: str, expected: str) -> None:
    assert read(text, region) == expected


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("0664 1234567", "DE"),  # Austrian: in Germany 06641 is an area code
        ("0676 1234567", "DE"),
        ("0699 1234567", "DE"),  # Austrian: in Germany 069 is one
        ("(415) 555-0123", "DE"),  # American: in Germany it lacks the zero
        ("415 555 0123", "DE"),
        ("491512345678", "DE"),
        ("0475 12 34 56", "FR"),  # Belgian
        ("044 668 18 00", "FR"),  # Swiss
        ("555-2671", "US"),
        ("030 23125001", "US"),
        ("1713920001", "DE"),
        ("12345", "DE"),
        ("436641234567", "DE"),
        ("8 (727) 250-12-3", "RU"),
    ],
)
def test_numbers_of_another_region_are_refused(text: str, region: str) -> None:
    assert read(text, region) == "invalid_phone_for_region"


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("491713920001", "DE", "ambiguous_phone"),
        ("4915228817386", "DE", "ambiguous_phone"),
        ("491713920001.0", "DE", "ambiguous_phone"),
        ("39 340 1234567", "IT", "ambiguous_phone"),
        ("79161234567", "RU", "ambiguous_phone"),
        ("919123456789", "IN", "ambiguous_phone"),
        ("0057 301 1234567", "CO", "ambiguous_phone"),  # dialled in Colombia, 005 leads to 7 301…, in Russia
        ("4155552671", None, "phone_region_missing"),
        ("4155552671", "ZZ", "unknown_phone_region"),
        ("4155552671", "UK", "unknown_phone_region"),
    ],
)
def test_digits_with_more_than_one_meaning_are_told_and_not_guessed(text: str, region: str | None, reason: str) -> None:
    assert read(text, region) == reason


@pytest.mark.parametrize("region", ["DE", "DK", "NO", "SG", "US", None])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2024-01-15", "invalid_phone"),
        ("2024/1/15", "invalid_phone"),
        ("2024 01 15", "invalid_phone"),
        ("15.01.2024", "invalid_phone"),
        ("31 12 2024", "invalid_phone"),
        ("1/15/2024", "invalid_phone"),
        ("15-01-24", "invalid_phone"),
        ("2024-01-15 10:30", "invalid_phone"),
        ("10115 Berlin", "invalid_phone"),
        ("call me", "invalid_phone"),
        ("1-800-FLOWERS", "invalid_phone"),
        ("+491713920001 x12", "invalid_phone"),
        ("+491713920001 ext. 12", "invalid_phone"),
        ("+491713920001;ext=12", "invalid_phone"),
        ("++491713920001", "invalid_phone"),
        ("+49+1713920001", "invalid_phone"),
        ("-491713920001", "invalid_phone"),
        ("+491713920001, +491713920002", "invalid_phone"),
        ("+49 30 1234567/68", "invalid_phone"),
        ("+49 30/123/4567", "invalid_phone"),
        ("+49 171 392\n0001", "invalid_phone"),
        ("+49171\u200b3920001", "invalid_phone"),
        ("+1 000 555 2671", "invalid_phone"),
        ("0151 12345***", "looks_masked"),
        ("XXX-XXX-2671", "looks_masked"),
        ("+49 171 39200##", "looks_masked"),
        ("4.91713920001E+11", "spreadsheet_number"),
        ("4,91713920001E+11", "spreadsheet_number"),
        ("491713920001.5", "spreadsheet_number"),
        ("491713920001,0", "spreadsheet_number"),
        ("+49 171 3920001.0", "spreadsheet_number"),
        ("+49 30 23125001.00", "spreadsheet_number"),
        ("0171 3920001.0", "spreadsheet_number"),
        ("49.171.3920001.0", "spreadsheet_number"),
        ("030 23125---", "invalid_phone"),
        ("030 23125 - - -", "invalid_phone"),
        ("+49 30 23125...", "invalid_phone"),
        ("+49 30 23125-", "invalid_phone"),
        ("+49 30 23125.", "invalid_phone"),
        ("+49 30 23125 (", "invalid_phone"),
        ("+49 30 23125/", "invalid_phone"),
        ("+49 30 23..5001", "invalid_phone"),
        ("+49 30 23--5001", "invalid_phone"),
        ("+49 30 23\u2013\u20135001", "invalid_phone"),
        ("0000000", "placeholder_phone"),
        ("0000000000", "placeholder_phone"),
        ("+0000000000", "placeholder_phone"),
        ("555-555-5555", "placeholder_phone"),
        ("+49 30 5555555", "placeholder_phone"),
        ("+49 111 1111111", "placeholder_phone"),
        ("123", "invalid_phone"),
        ("1234567890", "placeholder_phone"),
        ("n/a", "placeholder_phone"),
        ("NULL", "placeholder_phone"),
    ],
)
def test_text_that_is_no_number_is_refused_in_every_region(text: str, reason: str, region: str | None) -> None:
    assert read(text, region) == reason


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("491713920001", "digitsWithCountryCode", "+491713920001"),
        ("49 171 3920001", "digitsWithCountryCode", "+491713920001"),
        ("491713920001.0", "digitsWithCountryCode", "+491713920001"),
        ("436641234567", "digitsWithCountryCode", "+436641234567"),
        ("+491713920001", "digitsWithCountryCode", "+491713920001"),
        ("0171 3920001", "digitsWithCountryCode", "phone_not_in_form"),
        ("0049 171 3920001", "digitsWithCountryCode", "phone_not_in_form"),
        ("171 3920001", "digitsWithCountryCode", "invalid_phone"),
        ("+491713920001", "e164", "+491713920001"),
        ("491713920001", "e164", "phone_not_in_form"),
        ("0171 3920001", "e164", "phone_not_in_form"),
        ("1713920001", "national", "+491713920001"),
        ("0171 3920001", "national", "+491713920001"),
        ("1713920001.0", "national", "+491713920001"),
        ("+43 664 1234567", "national", "+436641234567"),
        ("0664 1234567", "national", "invalid_phone_for_region"),
        ("664 1234567", "national", "invalid_phone_for_region"),
        ("4930", "national", "invalid_phone_for_region"),
    ],
)
def test_a_declared_form_says_how_digits_read(text: str, form: PhoneForm, expected: str) -> None:
    assert read(text, "DE", form) == expected


# Every region


KINDS = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
EXAMPLES = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (number := phonenumbers.example_number_for_type(region, kind))
]
DIALLED = [example for example in EXAMPLES if phonenumbers.is_valid_number(example[1])]


def in_format(number: phonenumbers.PhoneNumber, form: int) -> str:
    return phonenumbers.format_number(number, form)


def test_there_are_numbers_of_every_region() -> None:
    assert {region for region, _ in DIALLED} == phonenumbers.SUPPORTED_REGIONS


@pytest.mark.parametrize("form", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966])
def test_international_spellings_of_every_region_are_their_number(form: int) -> None:
    wrong = {
        (region, in_format(number, form))
        for region, number in DIALLED
        if read(in_format(number, form)) not in {in_format(number, PhoneNumberFormat.E164), "placeholder_phone"}
    }
    assert wrong == set()


def test_national_spellings_of_every_region_are_their_number_or_refused() -> None:
    told = {"placeholder_phone", "ambiguous_phone", "invalid_phone_for_region", "spreadsheet_number", "invalid_phone"}
    refused = 0
    for region, number in DIALLED:
        found = read(in_format(number, PhoneNumberFormat.NATIONAL), region)
        assert found in {in_format(number, PhoneNumberFormat.E164), *told}, (region, found)
        refused += found in told
    assert refused < len(DIALLED) / 20


def test_what_a_region_takes_the_library_reads_as_the_same_number() -> None:
    """The usual spellings are read without its parser."""
    rng = random.Random(5)
    accepted = 0
    for region, number in DIALLED:
        text = in_format(number, PhoneNumberFormat.NATIONAL)
        digits = phonenumbers.normalize_digits_only(text)
        for spelling in (
            text,
            digits,
            *(mutated(rng, digits) for _ in range(8)),
            *(mutated(rng, text) for _ in range(4)),
        ):
            found = read(spelling, region)
            if found.startswith("+") and not spelling.startswith("00"):
                parsed = phonenumbers.parse(spelling, region)
                assert phonenumbers.is_valid_number(parsed)
                assert found == in_format(parsed, PhoneNumberFormat.E164), region
                accepted += 1
    assert accepted > 2 * len(DIALLED)


def test_no_region_reads_a_number_of_another_as_two_numbers() -> None:
    """What is accepted in a region is a valid number of that region's calling code, and canonical."""
    rng = random.Random(7)
    for _, number in rng.sample(DIALLED, 200):
        text = in_format(number, PhoneNumberFormat.NATIONAL)
        for region in rng.sample(sorted(phonenumbers.SUPPORTED_REGIONS), 20):
            found = read(text, region)
            if found.startswith("+"):
                assert phonenumbers.parse(found).country_code == phonenumbers.country_code_for_region(region)
                assert read(found) == found


# Bulk reading


def recognised(texts: list[str]) -> dict[str, bool]:
    """Whether plain SQL knows each text."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE texts AS SELECT unnest(?::VARCHAR[]) AS text", [texts])
    return dict(connection.execute(f"SELECT text, {PHONE.plain('text')} FROM texts").fetchall())


def mutated(rng: random.Random, text: str) -> str:
    """A text like a number: another digit, one more or less, a trunk prefix, an end of equal digits."""
    place = rng.randrange(1, len(text))
    digit = rng.choice("0123456789")
    return rng.choice(
        [
            text[:place] + digit + text[place + 1 :],
            text[:place] + digit + text[place:],
            text[:place] + text[place + 1 :],
            text[:-4] + "".join(rng.choices("0123456789", k=4)),
            text[: rng.randrange(2, 5)] + rng.choice(["0", "1", "8", "15", "06"]) + text[3:],
            text[:-7] + digit * 7,
        ]
    )


def test_plain_sql_recognises_exactly_what_the_library_leaves_as_it_is() -> None:
    rng = random.Random(11)
    texts = [in_format(number, PhoneNumberFormat.E164) for _, number in DIALLED]
    texts += [mutated(rng, text) for text in texts for _ in range(20)]
    texts += [mutated(rng, mutated(rng, text)) for text in texts[: len(DIALLED)] for _ in range(10)]
    texts += [f"+{rng.randrange(10**6, 10**15)}" for _ in range(20_000)]
    found = recognised(texts)
    assert {text for text, known in found.items() if known and read(text) != text} == set()
    missed = {text for text, known in found.items() if not known and read(text) == text}
    assert len(missed) < sum(found.values()) / 5


@pytest.mark.parametrize(
    "region", ["US", "CA", "DE", "GB", "FR", "IT", "ES", "AT", "CH", "NL", "BR", "IN", "JP", "AU", "RU"]
)
def test_plain_sql_recognises_the_mobile_numbers_of_large_regions(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assert number is not None
    text = in_format(number, PhoneNumberFormat.E164)
    assert recognised([text]) == {text: True}


def test_the_numbering_plans_are_those_of_the_library() -> None:
    assert Path(calling_codes.__file__).read_text() == calling_codes_source(), "run make calling-codes"
