"""What a phone number means: one number that is valid, or nothing (docs/identities.md, Phone numbers).

libphonenumber decides. What it is asked is stricter than its parser, which takes any text with digits for a number of
the region given, and validity alone, which takes many numbers of one country for valid ones of another.
"""

import re
from dataclasses import dataclass
from typing import cast

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    Leniency,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
)

from handfast.identity.calling_codes import DIALLING
from handfast.identity.namespaces import Reading, Rejected
from handfast.identity.numbering_plans import calling_code_of, is_planned
from handfast.identity.placeholders import placeholder_words

SCHEME = re.compile(r"(?:[tT][eE][lL]|p):")  # RFC 3966; `p:` stands before numbers in ad platforms' lead files
_SPACES = " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_SEPARATORS = _SPACES + "()\uff08\uff09.\uff0e/\uff0f\u2010-\u2015\u2212\uff0d-"
WRITTEN = re.compile(f"[(\uff08 ]*(?:[+\uff0b][{_SEPARATORS}]*)?\\d[\\d{_SEPARATORS}]*")
# Dots and dashes for digits, or a number that was cut off: its first digits may be another number.
_GAPS = "\\-./\uff0e\uff0f\u2010-\u2015\u2212\uff0d"
INCOMPLETE = re.compile(f"[{_GAPS}][{_SPACES}]*[{_GAPS}]|[{_GAPS}(\uff08][{_SPACES}]*$")
WHOLE = re.compile(r"(\+?\d+)\.0+")
FRACTION = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+|[+-]?\d{7,}[.,]\d{1,2}|[^.A-Za-z]*\.00?|[^A-Za-z]*\.0")
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
DATE = re.compile(
    rf"(?:{_YEAR}([-./ ]){_MONTH}\1{_DAY}(?: .*)?"
    rf"|(?:{_DAY}([-./ ]){_MONTH}\2|{_MONTH}([-./ ]){_DAY}\3){_YEAR}(?: .*)?"
    rf"|(?:{_DAY}([-./]){_MONTH}\4|{_MONTH}([-./]){_DAY}\5)\d\d)"
)
_SLASHES = re.compile("[/\uff0f]")
_GROUP = re.compile(r"\d+")
LONGEST_AREA_CODE, _AMERICAN_AREA_CODE = 5, 3
_REPEATED = 7
_FEWEST = 4  # the digits of the shortest numbers of any region


@dataclass(frozen=True)
class _Number:
    """A valid number, and its national significant number."""

    e164: str
    significant: str


def e164(text: str, reading: Reading) -> str:
    """The number that trimmed text means, as E.164 with `+`; raises Rejected."""
    written, is_international = _written(text)
    digits: str = phonenumbers.normalize_digits_only(written)
    _refuse_placeholder(digits)
    if reading.phone_form == "digitsWithCountryCode" and not is_international:
        if digits.startswith("0"):
            raise Rejected("phone_not_in_form")
        is_international = True
    if is_international:
        number = _international(digits)
        if number is None:
            raise Rejected("invalid_phone")
    elif reading.phone_form == "e164":
        raise Rejected("phone_not_in_form")
    else:
        number = _without_plus(written, digits, reading)
    _check_slash(written, number.significant)
    _refuse_placeholder(number.significant)
    return number.e164


def _written(text: str) -> tuple[str, bool]:
    """A number as it is written, less what is known to stand before or after it, and whether a plus begins it."""
    scheme = SCHEME.match(text)
    written = text[scheme.end() :].strip() if scheme else text
    if FRACTION.fullmatch(written) and not WHOLE.fullmatch(written):
        raise Rejected("spreadsheet_number")
    whole = WHOLE.fullmatch(written)
    written = whole[1] if whole else written
    if not WRITTEN.fullmatch(written):
        raise Rejected("placeholder_phone" if written.lower() in placeholder_words() else "invalid_phone")
    if INCOMPLETE.search(written) or DATE.fullmatch(written) or len(re.findall(r"\d", written)) < _FEWEST:
        raise Rejected("invalid_phone")
    if written in placeholder_words():
        raise Rejected("placeholder_phone")
    return written, written.lstrip("( \uff08").startswith(("+", "\uff0b"))


def _without_plus(written: str, digits: str, reading: Reading) -> _Number:
    """The number that digits without a plus mean in the region, if they have one meaning."""
    international = _international(digits[2:]) if digits.startswith("00") else None
    region = reading.phone_region
    if region not in phonenumbers.SUPPORTED_REGIONS:
        if international is not None:
            return international
        raise Rejected("phone_region_missing" if region is None else "unknown_phone_region")
    national = _of_plan(written, digits, region) or _of_region(written, digits, region, reading)
    if national is not None and international is not None and national != international:
        raise Rejected("ambiguous_phone")
    if national is None and international is None:
        raise Rejected("invalid_phone_for_region")
    return cast("_Number", national or international)


def _international(digits: str) -> _Number | None:
    code = calling_code_of(digits)
    if code and is_planned(code, digits[len(code) :]):
        return _Number(f"+{digits}", digits[len(code) :])
    number = _valid(f"+{digits}")
    return _plain(number) if number is not None else None


def _of_plan(written: str, digits: str, region: str) -> _Number | None:
    """What `_of_region` gives for the usual spellings, without the library's parser; None leaves it to that."""
    code, prefix, abroad = DIALLING.get(region, ("", None, ""))
    if not prefix or re.match(abroad, digits):
        return None
    if digits.startswith(prefix):
        significant = digits[len(prefix) :]
    elif code == prefix:
        significant = digits
    else:
        return None
    if not is_planned(code, significant):
        return None
    is_whole = _first_group(written, significant) in {len(significant), _AMERICAN_AREA_CODE if code == prefix else 0}
    number = PhoneNumber(country_code=int(code), national_number=int(significant))
    if not is_whole and (significant[0] == "0" or _splits_area_code(written, significant, number, is_declared=False)):
        return None
    return _Number(f"+{code}{significant}", significant)


def _of_region(written: str, digits: str, region: str, reading: Reading) -> _Number | None:
    """The number that somebody in the region reaches by dialling the digits, or None."""
    code = str(phonenumbers.country_code_for_region(region))
    # With 1 both to begin with and to dial first, as in North America, both readings are the same number.
    begins_with_own = digits.startswith(code) and code != phonenumbers.ndd_prefix_for_region(region, True)
    if begins_with_own and reading.phone_form is None and _international(digits):
        raise Rejected("ambiguous_phone")
    number = _valid(digits, region)
    if number is None or number.country_code_source == CountryCodeSource.FROM_NUMBER_WITH_IDD:
        return _plain(number) if number is not None else None
    if begins_with_own and number.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN:
        return None
    is_declared = reading.phone_form == "national"
    # Spreadsheets drop the zero that most regions dial first; where none did, its absence says another country.
    if not is_declared and not _has_national_prefix(digits, number, region):
        return None
    plain = _plain(number)
    return None if _splits_area_code(written, plain.significant, number, is_declared=is_declared) else plain


def _has_national_prefix(digits: str, number: PhoneNumber, region: str) -> bool:
    """Whether the digits begin with what the region dials first, where its numbers are written so."""
    if digits != phonenumbers.national_significant_number(number):
        return True
    return any(True for _ in PhoneNumberMatcher(digits, region, leniency=Leniency.VALID, max_tries=1))


def _splits_area_code(written: str, significant: str, number: PhoneNumber, *, is_declared: bool) -> bool:
    """Whether the first group that is written is no area code of the region, so that another country has written it.

    A first group that is longer than the area code is one with more of the number, in a column declared as national.
    """
    group = _first_group(written, significant)
    if group in {0, len(significant)} or phonenumbers.number_type(number) == PhoneNumberType.MOBILE:
        return False
    area_code = phonenumbers.length_of_geographical_area_code(number)
    is_longer = not is_declared and area_code < group <= LONGEST_AREA_CODE
    return group < area_code or bool(area_code and is_longer)


def _first_group(written: str, significant: str) -> int:
    """How many digits of the national significant number the first group holds that holds any; 0 if it is unlike."""
    groups = _GROUP.findall(written)
    before = sum(map(len, groups)) - len(significant)
    for group in groups:
        if len(group) > before >= 0:
            return len(group) - before
        before -= len(group)
    return 0


def _check_slash(written: str, significant: str) -> None:
    """Refuse two numbers in one: a slash may only part the area code from the rest."""
    parts = _SLASHES.split(written)
    if len(parts) == 1:
        return
    before, all_digits = (sum(map(len, _GROUP.findall(text))) for text in (parts[0], written))
    if len(parts) > 2 or before - (all_digits - len(significant)) > LONGEST_AREA_CODE:
        raise Rejected("invalid_phone")


def _refuse_placeholder(digits: str) -> None:
    if len(set(digits[-_REPEATED:])) == 1:
        raise Rejected("placeholder_phone")


def _valid(text: str, region: str | None = None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _plain(number: PhoneNumber) -> _Number:
    return _Number(
        str(phonenumbers.format_number(number, PhoneNumberFormat.E164)),
        str(phonenumbers.national_significant_number(number)),
    )
