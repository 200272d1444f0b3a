"""When requests are due, against worked examples and the rules themselves."""

import calendar as gregorian
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.platform.problems import Conflict, Refused
from handfast.privacy_requests.deadlines import Calendar, due, extended, warnings
from handfast.privacy_requests.models import PrivacyType
from handfast.privacy_requests.regulations import REGULATIONS, Terms, regulation

GDPR = ("gdpr", "uk_gdpr")
ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "America/Havana", "Africa/Cairo")
LONDON = Calendar(
    "Europe/London",
    frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 12, 25), date(2026, 12, 28)}),
)
PACIFIC = Calendar("America/Los_Angeles", frozenset({date(2026, 1, 1), date(2026, 7, 3), date(2026, 11, 26)}))

kinds_of_adobe: tuple[PrivacyType, ...] = ("access", "erasure")
rights_beyond_erasure: list[tuple[str, PrivacyType]] = [
    ("gdpr", "rectification"),
    ("gdpr", "restriction"),
    ("gdpr", "objection"),
    ("cpra_ca_usa", "rectification"),
    ("cpra_ca_usa", "limit"),
    ("hipaa_usa", "rectification"),
    ("nzpa_nzl", "rectification"),
]
kinds: list[tuple[str, PrivacyType]] = [(law.code, kind) for law in REGULATIONS.values() for kind in law.terms]
requests = st.sampled_from(kinds)
instants = st.integers(0, 6_000 * 86_400_000).map(
    lambda passed: datetime(2021, 1, 1, tzinfo=UTC) + timedelta(milliseconds=passed)
)
calendars = st.builds(
    Calendar, st.sampled_from(ZONES), st.frozensets(st.dates(date(2021, 1, 1), date(2041, 1, 1)), max_size=60)
)


def terms(request: tuple[str, PrivacyType]) -> Terms:
    code, kind = request
    return REGULATIONS[code].terms_of(kind)


def noon(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("code", "kind", "received", "calendar", "acknowledge", "answer", "extension"),
    [
        # The Information Commissioner's Office's own examples, moved into 2026.
        ("uk_gdpr", "access", "2026-09-03", LONDON, None, "2026-10-05", "2026-12-03"),
        ("uk_gdpr", "access", "2026-03-31", LONDON, None, "2026-04-30", "2026-06-30"),
        ("gdpr", "erasure", "2026-01-15", Calendar(), None, "2026-02-16", "2026-04-15"),
        ("gdpr", "erasure", "2026-01-31", Calendar(), None, "2026-03-02", "2026-04-30"),
        ("gdpr", "erasure", "2028-01-31", Calendar(), None, "2028-02-29", "2028-05-01"),
        ("gdpr", "erasure", "2026-11-25", LONDON, None, "2026-12-29", "2027-02-25"),
        ("gdpr", "erasure", "2026-03-03", LONDON, None, "2026-04-07", "2026-06-03"),
        ("gdpr", "opt_out", "2026-12-09", Calendar(), None, "2027-01-11", "2027-03-09"),
        ("ccpa", "erasure", "2026-06-22", PACIFIC, "2026-07-07", "2026-08-06", "2026-09-20"),
        ("ccpa", "access", "2026-01-03", PACIFIC, "2026-01-16", "2026-02-17", "2026-04-03"),
        ("ccpa", "opt_out", "2026-06-19", PACIFIC, None, "2026-07-13", None),
        ("cpra_ca_usa", "opt_out", "2026-11-20", PACIFIC, None, "2026-12-14", None),
        ("vcdpa_va_usa", "erasure", "2026-01-01", Calendar(), None, "2026-02-15", "2026-04-01"),
        ("icdpa_ia_usa", "access", "2026-01-01", Calendar(), None, "2026-04-01", "2026-05-16"),
        ("fdbr_fl_usa", "access", "2026-01-01", Calendar(), None, "2026-02-15", "2026-03-02"),
        ("nrs603a_nv_usa", "opt_out", "2026-01-01", Calendar(), None, "2026-03-02", "2026-04-01"),
        ("lgpd_bra", "access", "2026-02-20", Calendar("America/Sao_Paulo"), "2026-02-20", "2026-03-07", None),
        ("pipeda_can", "access", "2026-02-01", Calendar(), None, "2026-03-03", "2026-04-02"),
        ("ql25", "erasure", "2026-02-01", Calendar(), None, "2026-03-03", None),
        ("pipa_kor", "erasure", "2026-02-01", Calendar("Asia/Seoul"), None, "2026-02-11", None),
        ("fadp_che", "access", "2026-02-01", Calendar(), None, "2026-03-03", None),
    ],
)
def test_a_worked_example_falls_on_its_days(
    code: str,
    kind: PrivacyType,
    received: str,
    calendar: Calendar,
    acknowledge: str | None,
    answer: str,
    extension: str | None,
) -> None:
    found = due(code, kind, noon(received, calendar.zone), calendar)
    days = [calendar.day_of(at).isoformat() if at else None for at in (found.acknowledge_by, found.due_at)]
    assert [*days, found.extendable_until and calendar.day_of(found.extendable_until).isoformat()] == [
        acknowledge,
        answer,
        extension,
    ]


def test_the_day_of_receipt_is_that_of_the_time_zone() -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert due("gdpr", "access", late, Calendar()).due_at == datetime(2026, 7, 30, 23, 59, 59, 999_000, UTC)
    berlin = due("gdpr", "access", late, Calendar("Europe/Berlin"))
    assert berlin.due_at == datetime(2026, 8, 3, 21, 59, 59, 999_000, UTC)  # 1 August is a Saturday


def test_the_last_day_ends_when_its_zone_says_in_summer_time_too() -> None:
    berlin = Calendar("Europe/Berlin")
    assert berlin.end_of(date(2026, 3, 29)) - berlin.end_of(date(2026, 3, 28)) == timedelta(hours=23)
    assert berlin.end_of(date(2026, 10, 25)) - berlin.end_of(date(2026, 10, 24)) == timedelta(hours=25)


@given(requests, instants, calendars)
def test_nothing_is_due_before_receipt_nor_extended_to_before_it_was_due(
    request: tuple[str, PrivacyType], at: datetime, calendar: Calendar
) -> None:
    found = due(*request, at, calendar)
    assert found.received_at == at
    assert calendar.day_of(found.due_at) > calendar.day_of(at)
    assert found.acknowledge_by is None or calendar.day_of(at) <= calendar.day_of(found.acknowledge_by)
    assert found.acknowledge_by is None or found.acknowledge_by < found.due_at
    assert found.extendable_until is None or found.extendable_until > found.due_at


@given(requests, instants, instants, calendars)
def test_a_later_request_is_never_due_earlier(
    request: tuple[str, PrivacyType], instant: datetime, other: datetime, calendar: Calendar
) -> None:
    first, second = (due(*request, at, calendar) for at in sorted((instant, other)))
    assert first.due_at <= second.due_at
    assert (first.extendable_until or first.due_at) <= (second.extendable_until or second.due_at)
    assert (first.acknowledge_by or first.due_at) <= (second.acknowledge_by or second.due_at)


@given(requests, instants, calendars)
def test_a_limit_ends_at_the_end_of_a_working_day_where_the_law_asks_for_one(
    request: tuple[str, PrivacyType], at: datetime, calendar: Calendar
) -> None:
    found = due(*request, at, calendar)
    rule = terms(request)
    ends = [found.acknowledge_by] if rule.acknowledge and rule.acknowledge.unit == "business_day" else []
    if rule.next_working_day or rule.answer.unit == "business_day":
        ends += [found.due_at, found.extendable_until]
    for end in filter(None, ends):
        assert calendar.is_working_day(calendar.day_of(end))
    for end in filter(None, (found.due_at, found.extendable_until, found.acknowledge_by)):
        assert calendar.day_of(end + timedelta(milliseconds=1)) == calendar.day_of(end) + timedelta(days=1)


@given(st.sampled_from(GDPR), instants, calendars)
def test_a_month_ends_on_the_same_day_or_the_last_and_then_only_waits_for_work(
    code: str, at: datetime, calendar: Calendar
) -> None:
    found = due(code, "erasure", at, calendar)
    assert found.extendable_until
    received = calendar.day_of(at)
    for end, months in ((found.due_at, 1), (found.extendable_until, 3)):
        index = received.year * 12 + received.month - 1 + months
        year, month = index // 12, index % 12 + 1
        nominal = date(year, month, min(received.day, gregorian.monthrange(year, month)[1]))
        waited = (calendar.day_of(end) - nominal).days
        assert waited >= 0
        assert not any(calendar.is_working_day(nominal + timedelta(days=day)) for day in range(waited))


@given(st.sampled_from([request for request in kinds if terms(request).answer.unit == "calendar_day"]), instants)
def test_calendar_days_count_every_day_after_receipt(request: tuple[str, PrivacyType], at: datetime) -> None:
    found = due(*request, at, Calendar())
    assert (found.due_at.date() - at.date()).days == terms(request).answer.length


@given(instants, calendars)
def test_business_days_count_only_working_days_after_receipt(at: datetime, calendar: Calendar) -> None:
    found = due("ccpa", "opt_out", at, calendar)
    received = calendar.day_of(at)
    days = range(1, (calendar.day_of(found.due_at) - received).days + 1)
    assert sum(calendar.is_working_day(received + timedelta(days=day)) for day in days) == 15


def test_the_extension_has_the_unit_of_the_answer_in_every_law() -> None:
    for law in REGULATIONS.values():
        for rule in law.terms.values():
            assert rule.extension is None or rule.extension.unit == rule.answer.unit
            assert rule.answer.length > 0


def test_every_code_of_adobe_privacy_service_is_a_law_with_access_and_erasure() -> None:
    codes = (
        "apa_aus ccpa cpa_co_usa cpra_ca_usa ctdpa_ct_usa dpdpa_de_usa fdbr_fl_usa gdpr hipaa_usa icdpa_ia_usa"
        " icdpa_in_usa kcdpa_ky_usa lgpd_bra mcdpa_mn_usa mcdpa_mt_usa mhmda_wa_usa modpa_md_usa ndpa_ne_usa"
        " nhpa_nh_usa njdpa_nj_usa nzpa_nzl ocpa_or_usa pdpa_tha pipa_kor ql25 ridtppa_ri_usa tdpsa_tx_usa"
        " tipa_tn_usa ucpa_ut_usa vcdpa_va_usa"
    )
    as_well = (
        "dpdpa=dpdpa_de_usa ql25_can=ql25 ql25_qc_can=ql25 cpa_usa=cpa_co_usa cpra_usa=cpra_ca_usa"
        " ctdpa_usa=ctdpa_ct_usa dpdpa_usa=dpdpa_de_usa fdbr_usa=fdbr_fl_usa icdpa_usa=icdpa_ia_usa"
        " mcdpa_usa=mcdpa_mt_usa mhmda_usa=mhmda_wa_usa ndpa_usa=ndpa_ne_usa nhpa_usa=nhpa_nh_usa"
        " njdpa_usa=njdpa_nj_usa ocpa_usa=ocpa_or_usa tdpsa_usa=tdpsa_tx_usa ucpa_usa=ucpa_ut_usa"
        " vcdpa_usa=vcdpa_va_usa"
    )
    laws = dict(each.split("=") for each in as_well.split()) | {code: code for code in codes.split()}
    assert {code: regulation(code).code for code in laws} == laws
    for code in laws:
        for kind in kinds_of_adobe:
            assert due(code, kind, datetime(2026, 3, 2, tzinfo=UTC), Calendar()).due_at


def test_each_right_beyond_erasure_has_the_unit_of_its_law() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
    ends = {
        (code, kind): due(code, kind, at, Calendar()).due_at.date().isoformat() for code, kind in rights_beyond_erasure
    }
    assert ends == {
        ("gdpr", "rectification"): "2026-04-02",
        ("gdpr", "restriction"): "2026-04-02",
        ("gdpr", "objection"): "2026-04-02",
        ("cpra_ca_usa", "rectification"): "2026-04-16",
        ("cpra_ca_usa", "limit"): "2026-03-23",
        ("hipaa_usa", "rectification"): "2026-05-01",
        ("nzpa_nzl", "rectification"): "2026-03-30",
    }
    assert not regulation("ccpa").terms_of("limit").verification
    refusals: list[tuple[str, PrivacyType]] = [
        ("gdpr", "limit"),
        ("ccpa", "objection"),
        ("mhmda_wa_usa", "rectification"),
    ]
    for code, kind in refusals:
        with pytest.raises(Refused, match="grants no request"):
            due(code, kind, at, Calendar())


def test_an_opt_out_under_californian_law_is_neither_verified_nor_extended() -> None:
    for code in ("ccpa", "cpra_ca_usa"):
        rule = REGULATIONS[code].terms_of("opt_out")
        assert (rule.verification, rule.extension, rule.acknowledge) == (False, None, None)
        assert REGULATIONS[code].terms_of("erasure").verification


def test_a_deadline_is_extended_once_counted_from_receipt() -> None:
    received = datetime(2026, 1, 31, 10, tzinfo=UTC)
    first = due("gdpr", "access", received, Calendar())
    second = extended(first, first.due_at)
    assert second.due_at == first.extendable_until
    assert second.extended
    assert (second.received_at, second.acknowledge_by) == (first.received_at, first.acknowledge_by)
    with pytest.raises(Conflict, match="before"):
        extended(second, received)


def test_a_deadline_is_not_extended_after_it_has_passed() -> None:
    found = due("ccpa", "erasure", datetime(2026, 1, 1, tzinfo=UTC), Calendar())
    with pytest.raises(Conflict, match="passed"):
        extended(found, found.due_at + timedelta(milliseconds=1))


def test_a_deadline_is_not_extended_where_the_law_knows_no_extension() -> None:
    with pytest.raises(Refused) as refused:
        extended(due("ql25", "erasure", datetime(2026, 1, 1, tzinfo=UTC), Calendar()), datetime(2026, 1, 2, tzinfo=UTC))
    assert refused.value.members["reason"] == "not_extendable"


def test_a_request_the_law_does_not_grant_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        due("nrs603a_nv_usa", "erasure", datetime(2026, 1, 1, tzinfo=UTC), Calendar())
    assert refused.value.members["reason"] == "not_a_right"


def test_an_unknown_regulation_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        due("gdpr2", "erasure", datetime(2026, 1, 1, tzinfo=UTC), Calendar())
    assert refused.value.members["reason"] == "unknown_regulation"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(Refused) as refused:
        Calendar(zone)
    assert refused.value.members["reason"] == "unknown_time_zone"


def test_warnings_come_before_each_end_and_at_each_breach() -> None:
    received = datetime(2026, 6, 22, 9, tzinfo=UTC)
    found = due("ccpa", "erasure", received, Calendar())
    ever = warnings(found, received, received + timedelta(days=365))
    assert [(warning.duty, warning.kind, warning.at.date().isoformat()) for warning in ever] == [
        ("acknowledge", "approaching", "2026-07-05"),
        ("acknowledge", "breached", "2026-07-07"),
        ("answer", "approaching", "2026-07-30"),
        ("answer", "approaching", "2026-08-05"),
        ("answer", "breached", "2026-08-07"),
    ]
    answer = warnings(found, received, received + timedelta(days=365), acknowledged=True)
    assert answer == [warning for warning in ever if warning.duty == "answer"]


def test_a_breach_is_told_only_once_the_last_moment_is_over() -> None:
    found = due("gdpr", "erasure", datetime(2026, 6, 22, 9, tzinfo=UTC), Calendar())
    assert not warnings(found, found.due_at - timedelta(hours=1), found.due_at)
    assert warnings(found, found.due_at, found.due_at + timedelta(milliseconds=1))[0].kind == "breached"


@given(requests, instants, calendars, st.lists(st.timedeltas(timedelta(0), timedelta(days=200)), max_size=8))
def test_a_sweep_gives_each_warning_once_however_often_it_runs(
    request: tuple[str, PrivacyType], at: datetime, calendar: Calendar, cuts: list[timedelta]
) -> None:
    found = due(*request, at, calendar)
    end = at + timedelta(days=200)
    times = sorted([at, end, *(at + cut for cut in cuts)])
    pieces = [warning for since, until in pairwise(times) for warning in warnings(found, since, until)]
    assert pieces == warnings(found, at, end)
    assert sum(warning.kind == "breached" for warning in pieces) == (2 if found.acknowledge_by else 1)
