"""The usual spellings of phone numbers, read in SQL: a column of them at once, each as `phone_numbers.e164` reads it.

What is read here is what is shown to be the same, from the numbering plans, the dialling and the metadata of
libphonenumber; everything else, and all that is refused, is left to `e164`. RE2 reads the same patterns, but knows no
digits outside ASCII, so that a text with others is left.
"""

# ruff: noqa: S608 - statements are built from this module's own text and the library's patterns
import re
from collections.abc import Callable, Sequence

import phonenumbers
from phonenumbers import NumberFormat, PhoneMetadata

from handfast.identity.calling_codes import DIALLING, PLANS
from handfast.identity.namespaces import PhoneForm
from handfast.identity.numbering_plans import REPEATED, plain_sql
from handfast.identity.phone_numbers import DATE, FRACTION, INCOMPLETE, LONGEST_AREA_CODE, SCHEME, WHOLE, WRITTEN
from handfast.identity.placeholders import placeholder_words

_LONGEST = 64  # bytes; a number has 17 digits at most
_SHORTEST = 7  # digits of a national significant number, so that its last seven are those of what is written
_HAS_PLUS = "regexp_matches(written, '^[( \uff08]*[+\uff0b]')"
_IS_WHOLE = "first_group = strlen(significant)"
_ABROAD = "00"  # recommended by ITU-T E.164; what most regions dial before a calling code
_TRUNK = "0"  # and the national prefix that it recommends
_OTHER_KINDS = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail"),
    "fixed_line",
)


def spelt_sql(source: str, regions: Sequence[str | None], form: PhoneForm | None) -> str:
    """SELECT of `id, canonical` of `source`: the number in E.164, or null for what is left to `e164`.

    `source` is a FROM item of `id, text, region`; its texts are trimmed, and read for their regions and in the form.
    Of regions that are not among `regions`, as of None where that is not, only numbers with a plus are known.
    """
    dialled = [region for region in regions if region is not None and _prefix(region) is not None]
    code = _by_region(dialled, lambda region: f"'+{_code(region)}'", "VARCHAR")
    steps = (
        {"id": "id", "region": "region", "text": _without_scheme("text")},
        {"written": _written("text")},
        {"digits": f"CASE WHEN {_is_written('written')} THEN {_digits('written')} END"},
        {"abroad": _abroad(regions, form), "significant": _significant(dialled, form)},
        {
            "number": f"coalesce('+' || {_without_trunk('abroad')}, {code} || significant)",
            "first_group": _by_region(dialled, _first_group, "BIGINT"),
        },
        {"area_code": f"CASE WHEN NOT {_IS_WHOLE} THEN {_by_region(dialled, _area_code, 'INTEGER')} END"},
        {
            "is_grouped": f"significant IS NULL OR {_IS_WHOLE} OR first_group = area_code"
            f" OR (first_group > {LONGEST_AREA_CODE} AND first_group > area_code)"
            f" OR {_by_region(dialled, _is_mobile, 'BOOLEAN')}",
            "has_prefix": "TRUE"
            if form == "national"
            else f"significant IS NULL OR strlen(digits) > strlen(significant)"
            f" OR {_by_region(dialled, _may_lack_prefix, 'BOOLEAN')}",
        },
    )
    # A condition between two steps would be pushed below them, and what it needs be computed twice.
    for step in steps:
        columns = ", ".join(f"{sql} AS {name}" for name, sql in step.items())
        source = f"(SELECT {columns if 'id' in step else f'*, {columns}'} FROM {source})"
    is_known = f"is_grouped AND has_prefix AND {plain_sql('number')} AND NOT {_counts('digits')} AND {_keeps_slash()}"
    return f"SELECT id, CASE WHEN {is_known} THEN number END AS canonical FROM {source}"


def _by_region(regions: Sequence[str], sql: Callable[[str], str], kind: str) -> str:
    """SQL: what `sql` makes for a row's region; null for any that is not among those."""
    cases = [f"WHEN '{region}' THEN {sql(region)}" for region in regions]
    return f"CASE region {' '.join(cases)} END" if cases else f"NULL::{kind}"


def _code(region: str) -> str:
    return DIALLING[region][0]


def _prefix(region: str) -> str | None:
    return DIALLING[region][1] if region in DIALLING else None


def _without_scheme(text: str) -> str:
    scheme = _literal(f"^(?:{SCHEME.pattern}) *")
    return f"CASE WHEN contains({text}, ':') THEN regexp_replace({text}, {scheme}, '') ELSE {text} END"


def _written(text: str) -> str:
    """SQL: a number as it is written, less the zeros of a float; null where a text does not begin and end like one."""
    is_whole = f"regexp_full_match({text}, {_literal(WHOLE.pattern)})"
    written = f"CASE WHEN {is_whole} THEN split_part({text}, '.', 1) ELSE {text} END"
    has_ends = f"regexp_full_match({text}, '[+\uff0b(\uff080-9].*[0-9)\uff09]')"
    return f"CASE WHEN strlen({text}) <= {_LONGEST} AND {has_ends} THEN {written} END"


def _is_written(text: str) -> str:
    """SQL: whether a text is written as a number (`phone_numbers._written`)."""
    # RE2 has no references to groups: with any separator in their place it takes all dates, and some numbers.
    date = re.sub(r"\\[1-9]", "[-./ ]", DATE.pattern)
    unlike = f"{INCOMPLETE.pattern}|^(?:{FRACTION.pattern}|{date})$"
    is_like = f"regexp_full_match({text}, {_literal(WRITTEN.pattern)})"
    return f"{is_like} AND NOT regexp_matches({text}, {_literal(unlike)})"


def _digits(text: str) -> str:
    """SQL: the digits of a text; taking off the usual characters first is twice as fast as a search for all others."""
    usual = text
    for char in " -()./+":
        usual = f"replace({usual}, '{char}', '')"
    return f"regexp_replace({usual}, '[^0-9]+', '', 'g')"


def _counts(digits: str) -> str:
    """SQL: whether digits are a placeholder that counts; those that repeat a digit are in no plan of `plain_sql`."""
    counting = (word for word in placeholder_words() if word.isdigit() and not re.search(REPEATED, word))
    long_enough = sorted(word for word in counting if len(word) >= _SHORTEST)
    return f"{digits} IN ({', '.join(map(_literal, long_enough))})"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _abroad(regions: Sequence[str | None], form: PhoneForm | None) -> str:
    """SQL: the digits behind a plus or what stands for it, calling code first; null for a national number."""
    cases = [f"WHEN {_HAS_PLUS} THEN digits"]
    if form == "digitsWithCountryCode":
        cases.append("WHEN NOT starts_with(digits, '0') THEN digits")
    elif form != "e164":
        known = ", ".join(_literal(region or "") for region in regions if _is_dialled_abroad(region))
        is_known = f"coalesce(region, '') IN ({known})" if known else "FALSE"
        cases.append(f"WHEN starts_with(digits, '{_ABROAD}') AND {is_known} THEN substr(digits, {len(_ABROAD) + 1})")
    return f"CASE {' '.join(cases)} END"


def _is_dialled_abroad(region: str | None) -> bool:
    """Whether `00` leads abroad and nowhere else: in a region that dials it so, and where no region is known."""
    if region in DIALLING:
        return DIALLING[region][2] == _ABROAD
    return region not in phonenumbers.SUPPORTED_REGIONS


def _without_trunk(digits: str) -> str:
    """SQL: the digits without a zero behind the calling code, as in `+49 (0)30 …`, where the library takes it off."""
    codes = "|".join(code for code in PLANS if DIALLING[_main(code).id][1] == _TRUNK)
    return (
        f"CASE WHEN regexp_matches({digits}, '^(?:{codes}){_TRUNK}')"
        f" THEN regexp_replace({digits}, '^({codes}){_TRUNK}', '\\1') ELSE {digits} END"
    )


def _main(code: str) -> PhoneMetadata:
    """The metadata of a calling code's main region, by which the library formats all its numbers."""
    region = phonenumbers.region_code_for_country_code(int(code))
    plan = PhoneMetadata.metadata_for_region(region, None)
    if plan is None:
        raise LookupError(f"{region} has no metadata")
    return plan


def _significant(regions: Sequence[str], form: PhoneForm | None) -> str:
    """SQL: what a national number has behind its national prefix; null where it is not dialled so."""
    if form in {"e164", "digitsWithCountryCode"}:
        return "CAST(NULL AS VARCHAR)"
    national = _by_region(regions, _behind_prefix, "VARCHAR")
    return f"CASE WHEN NOT {_HAS_PLUS} AND NOT starts_with(digits, '{_ABROAD}') THEN {national} END"


def _behind_prefix(region: str) -> str:
    code, prefix, abroad = DIALLING[region]
    cases = [f"WHEN regexp_matches(digits, '^(?:{abroad})') THEN NULL"] if abroad != _ABROAD else []
    if code != prefix:
        cases.append(f"WHEN starts_with(digits, '{code}') THEN NULL")
    if prefix:
        cases.append(f"WHEN starts_with(digits, '{prefix}') THEN substr(digits, {len(prefix) + 1})")
    return f"CASE {' '.join(cases)} ELSE digits END" if cases else "digits"


def _may_lack_prefix(region: str) -> str:
    """SQL: whether a number need not be written with the national prefix, as the rule of its format says."""
    formats = _main(_code(region)).number_format
    if all(map(_is_prefix_optional, formats)):
        return "TRUE"
    cases = [f"WHEN {_is_formatted(each)} THEN {_is_prefix_optional(each)}" for each in formats]
    return f"CASE {' '.join(cases)} ELSE TRUE END"


def _is_prefix_optional(number_format: NumberFormat) -> bool:
    rule = number_format.national_prefix_formatting_rule
    return not rule or number_format.national_prefix_optional_when_formatting or rule in {r"\1", r"(\1)"}


def _first_group(region: str) -> str:
    """SQL: how many digits of the significant number the first group holds that holds any."""
    prefix = _prefix(region) or ""
    bare, dialled = ("[^0-9]*".join(("^", *before, "([0-9]+)")) for before in ("", prefix))
    group = f"strlen(regexp_extract(written, '{bare}', 1))"
    if prefix:
        behind = f"strlen(regexp_extract(written, '{dialled}', 1))"
        group = f"CASE WHEN strlen(digits) = strlen(significant) THEN {group} ELSE {behind} END"
    return f"CASE WHEN strlen(significant) >= {_SHORTEST} THEN {group} END"


def _area_code(region: str) -> str:
    """SQL: how many digits are the area code if a number has one; null where the format does not say.

    The library takes for the area code what stands first in the international format, the first of the plan's formats
    whose last leading digits and whose pattern match (`length_of_geographical_area_code`).
    """
    plan = _main(_code(region))
    cases = [
        f"WHEN {_is_formatted(each)} THEN {_first_of_format(each) or 'NULL'}"
        for each in plan.intl_number_format or plan.number_format
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _is_formatted(number_format: NumberFormat) -> str:
    matches = f"regexp_full_match(significant, '{number_format.pattern}')"
    if not number_format.leading_digits_pattern:
        return matches
    return f"regexp_matches(significant, '^(?:{number_format.leading_digits_pattern[-1]})') AND {matches}"


def _first_of_format(number_format: NumberFormat) -> int | None:
    """How many digits a format has before the first character that is none; None if it has another shape than that."""
    digits = re.match(r"\(\\d(?:\{(\d+)\})?\)", number_format.pattern or "")
    if digits is None or not re.match(r"\\1[ -./]\\2", number_format.format or ""):
        return None
    return int(digits[1] or 1)


def _is_mobile(region: str) -> str:
    """SQL: whether a number is of a mobile line and of no other kind (`number_type`)."""
    plan = _main(_code(region))
    every, mobile, *others = (_pattern(plan, kind) for kind in ("general_desc", "mobile", *_OTHER_KINDS))
    if mobile is None or plan.mobile is None or plan.general_desc is None or plan.same_mobile_and_fixed_line_pattern:
        return "FALSE"
    lengths = plan.mobile.possible_length or plan.general_desc.possible_length
    return (
        f"(strlen(significant) IN ({', '.join(map(str, lengths))})"
        f" AND regexp_full_match(significant, '{mobile}') AND regexp_full_match(significant, '{every}')"
        f" AND NOT regexp_full_match(significant, '{'|'.join(filter(None, others))}'))"
    )


def _pattern(plan: PhoneMetadata, kind: str) -> str | None:
    return getattr(getattr(plan, kind), "national_number_pattern", None)


def _keeps_slash() -> str:
    """SQL: whether a slash, if there is one, parts no more than an area code from the rest.

    The calling code of an international number is taken for one digit, which leaves some of them to `e164`.
    """
    rest = "regexp_extract(written, '[/\uff0f](.*)', 1)"
    behind = f"strlen(regexp_replace({rest}, '[^0-9]+', '', 'g'))"
    return (
        "CASE WHEN NOT regexp_matches(written, '[/\uff0f]') THEN TRUE"
        f" WHEN regexp_matches({rest}, '[/\uff0f]') THEN FALSE"
        f" ELSE coalesce(strlen(significant), strlen(number) - 2) - {behind} <= {LONGEST_AREA_CODE} END"
    )
