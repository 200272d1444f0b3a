"""The laws a request can be made under, and their time limits, as data. Support for the work, not legal advice.

Each entry names its source. Where sources differ on a figure (Mexico, Argentina), the law counts hours (Indonesia) or
sets no limit for a request (India, whose 90 days are for grievances), there is no entry: a wrong date is worse than
none. Codes are those of Adobe Privacy Service where it has one, and
OpenDSR's `gdpr` and `ccpa` are among them; the others are made alike, the law's short name and the country's ISO
3166 code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from handfast.platform.problems import Refused
from handfast.privacy_requests.models import PrivacyType

type Unit = Literal["calendar_month", "calendar_day", "business_day"]

_EVERYWHERE: tuple[PrivacyType, ...] = ("access", "portability", "erasure", "opt_out", "opt_in", "consent")
_CORRECT: tuple[PrivacyType, ...] = ("rectification",)
_EUROPE: tuple[PrivacyType, ...] = ("rectification", "restriction", "objection")


@dataclass(frozen=True)
class Period:
    """A length of time in the unit the law counts in."""

    length: int
    unit: Unit


@dataclass(frozen=True)
class Terms:
    """What a law sets for a type of request.

    `extension` has the unit of `answer` and is added to it, so that both run from receipt.
    `next_working_day`: a limit that ends on a weekend or holiday ends with the next working day. Where a law's own
    rule is not known it is false: the earlier day is the safe one.
    """

    answer: Period
    extension: Period | None = None
    acknowledge: Period | None = None
    verification: bool = True
    next_working_day: bool = False


@dataclass(frozen=True)
class Regulation:
    """A law. A type of request that `terms` lacks is no right under it."""

    code: str
    name: str
    source: str
    terms: Mapping[PrivacyType, Terms]

    def terms_of(self, request_type: PrivacyType) -> Terms:
        """Raises Refused (`not_a_right`) where the law grants no such request."""
        if request_type not in self.terms:
            raise Refused(
                f"{self.name} grants no request of type {request_type}: name another regulation", reason="not_a_right"
            )
        return self.terms[request_type]


def _months(length: int) -> Period:
    return Period(length, "calendar_month")


def _days(length: int) -> Period:
    return Period(length, "calendar_day")


def _business_days(length: int) -> Period:
    return Period(length, "business_day")


def _law(
    code: str, name: str, source: str, terms: Terms, more: tuple[PrivacyType, ...] = (), **differing: Terms
) -> Regulation:
    """A law with the same terms for every type of request but those in `differing`.

    `more` are the types that not every law knows.
    """
    kinds = (*_EVERYWHERE, *more)
    return Regulation(code, name, source, MappingProxyType({kind: differing.get(kind, terms) for kind in kinds}))


def _state(code: str, name: str, source: str, terms: Terms | None = None) -> Regulation:
    """One of the American state laws that are alike, with a right to correct."""
    return _law(code, name, source, terms or _STATE, _CORRECT)


_GDPR = Terms(_months(1), _months(2), next_working_day=True)
_CCPA = Terms(_days(45), _days(45), _business_days(10))
_CCPA_OPT_OUT = Terms(_business_days(15), verification=False)
_DELETE_ACT = Terms(_days(45), verification=False)
_STATE = Terms(_days(45), _days(45))
_THIRTY_DAYS = Terms(_days(30))
_HIPAA = Terms(_days(30), _days(30))

_GDPR_SOURCE = "Regulation (EU) 2016/679 Art. 12(3), for Art. 15 to 22; counted by Regulation 1182/71 Art. 3"
_CCPA_SOURCE = (
    "11 CCR 7021 (know, delete, correct: 10 business and 45 calendar days, 90 in all), 7026(f) and 7027(g) (opt-out,"
    " limit: 15 business days)"
)
_STATE_TRACKER = "45 calendar days, as a published tracker of state laws gives it; extended by 45 as in most states"
_THIRTY_SOURCE = "general knowledge, as published surveys give it; extensions vary and are left out"


def _california(code: str, name: str) -> Regulation:
    more: tuple[PrivacyType, ...] = ("rectification", "limit")
    return _law(code, name, _CCPA_SOURCE, _CCPA, more, opt_out=_CCPA_OPT_OUT, limit=_CCPA_OPT_OUT)


_ALL = (
    _law("gdpr", "GDPR", _GDPR_SOURCE, _GDPR, _EUROPE),
    _law(
        "uk_gdpr",
        "UK GDPR",
        "UK GDPR Art. 12(3); counted as the Information Commissioner's Office does",
        _GDPR,
        _EUROPE,
    ),
    _california("ccpa", "CCPA (California)"),
    _california("cpra_ca_usa", "CCPA as amended by the CPRA (California)"),
    Regulation(
        "delete_act_ca_usa",
        "Delete Act (California)",
        "Civ. Code 1798.99.86(c): data brokers, within 45 days of receiving a list; CalPrivacy has verified who asks",
        MappingProxyType({"erasure": _DELETE_ACT, "opt_out": _DELETE_ACT}),
    ),
    _state("vcdpa_va_usa", "VCDPA (Virginia)", "Va. Code 59.1-577"),
    _state("cpa_co_usa", "CPA (Colorado)", "C.R.S. 6-1-1306"),
    _state("ctdpa_ct_usa", "CTDPA (Connecticut)", "Conn. Gen. Stat. 42-518"),
    _state("ucpa_ut_usa", "UCPA (Utah)", "Utah Code 13-61-203; the right to correct since July 2026"),
    _state("tdpsa_tx_usa", "TDPSA (Texas)", "Tex. Bus. & Com. Code 541.052"),
    _state("ocpa_or_usa", "OCPA (Oregon)", _STATE_TRACKER),
    _state("mcdpa_mt_usa", "MCDPA (Montana)", _STATE_TRACKER),
    _state("ndpa_ne_usa", "NDPA (Nebraska)", _STATE_TRACKER),
    _state("nhpa_nh_usa", "NHPA (New Hampshire)", _STATE_TRACKER),
    _state("njdpa_nj_usa", "NJDPA (New Jersey)", _STATE_TRACKER),
    _state("tipa_tn_usa", "TIPA (Tennessee)", _STATE_TRACKER),
    _state("mcdpa_mn_usa", "MCDPA (Minnesota)", _STATE_TRACKER),
    _state("dpdpa_de_usa", "DPDPA (Delaware)", "6 Del. C. 12D-104"),
    _state("modpa_md_usa", "MODPA (Maryland)", "Md. Code, Com. Law, Title 14, Online Data Privacy Act"),
    _state("kcdpa_ky_usa", "KCDPA (Kentucky)", "KRS 367.3615"),
    _state("ridtppa_ri_usa", "RIDTPPA (Rhode Island)", "R.I. Gen. Laws 6-48.1"),
    _state("icdpa_in_usa", "ICDPA (Indiana)", "Ind. Code 24-15-3"),
    _law(
        "mhmda_wa_usa",
        "MHMDA (Washington)",
        "RCW 19.373.040: confirm and access, withdraw consent, delete; no right to correct",
        _STATE,
    ),
    _law(
        "icdpa_ia_usa",
        "ICDPA (Iowa)",
        "Iowa Code 715D.3; the extension from general knowledge",
        Terms(_days(90), _days(45)),
    ),
    _state("fdbr_fl_usa", "FDBR (Florida)", "Fla. Stat. 501.706(2)", Terms(_days(45), _days(15))),
    Regulation(
        "nrs603a_nv_usa",
        "NRS 603A (Nevada)",
        "NRS 603A.345: a right to opt out of sale only",
        MappingProxyType({"opt_out": Terms(_days(60), _days(30))}),
    ),
    _law(
        "hipaa_usa",
        "HIPAA (United States)",
        "45 CFR 164.524(b) (access: 30 days, extended by 30) and 164.526(b) (amendment: 60 days, extended by 30);"
        " other requests, which it does not oblige to meet, are held to the shorter",
        _HIPAA,
        _CORRECT,
        rectification=Terms(_days(60), _days(30)),
    ),
    _law(
        "lgpd_bra",
        "LGPD (Brazil)",
        "Lei 13.709/2018 Art. 19: simplified at once, in full in 15 days; other requests are held to the same",
        Terms(_days(15), acknowledge=_days(0)),
        _EUROPE,
    ),
    _law("pipeda_can", "PIPEDA (Canada)", "S.C. 2000, c. 5, s. 8(3), 8(4)", Terms(_days(30), _days(30)), _CORRECT),
    _law("ql25", "Law 25 (Quebec)", "CQLR c. P-39.1, s. 32", _THIRTY_DAYS, _CORRECT),
    _law(
        "pipa_kor",
        "PIPA (South Korea)",
        "PIPA Art. 35(3) and its decree, as published surveys give it",
        Terms(_days(10)),
        ("rectification", "restriction"),
    ),
    _law("fadp_che", "FADP (Switzerland)", _THIRTY_SOURCE, _THIRTY_DAYS, ("rectification", "objection")),
    _law("pdpa_sgp", "PDPA (Singapore)", _THIRTY_SOURCE, _THIRTY_DAYS, _CORRECT),
    _law("apa_aus", "Privacy Act 1988 (Australia)", _THIRTY_SOURCE, _THIRTY_DAYS, _CORRECT),
    _law(
        "nzpa_nzl",
        "Privacy Act 2020 (New Zealand)",
        "Privacy Act 2020 s. 44 and 63: 20 working days, where a correction may be a deletion (s. 7); an extension has"
        " no set length and is left out. The days from 25 December to 15 January are none: enter them as holidays",
        Terms(_business_days(20)),
        _CORRECT,
    ),
    _law("kvkk_tur", "KVKK (Turkey)", _THIRTY_SOURCE, _THIRTY_DAYS, _CORRECT),
    _law("pdpa_tha", "PDPA (Thailand)", _THIRTY_SOURCE, _THIRTY_DAYS, _EUROPE),
    _law("pdpl_sau", "PDPL (Saudi Arabia)", _THIRTY_SOURCE, _THIRTY_DAYS, _CORRECT),
    _law("popia_zaf", "POPIA (South Africa)", _THIRTY_SOURCE, _THIRTY_DAYS, _EUROPE),
)

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "dpdpa": "dpdpa_de_usa",
        "ql25_can": "ql25",
        "ql25_qc_can": "ql25",
        "cpa_usa": "cpa_co_usa",
        "cpra_usa": "cpra_ca_usa",
        "ctdpa_usa": "ctdpa_ct_usa",
        "dpdpa_usa": "dpdpa_de_usa",
        "fdbr_usa": "fdbr_fl_usa",
        "icdpa_usa": "icdpa_ia_usa",
        "mcdpa_usa": "mcdpa_mt_usa",
        "mhmda_usa": "mhmda_wa_usa",
        "ndpa_usa": "ndpa_ne_usa",
        "nhpa_usa": "nhpa_nh_usa",
        "njdpa_usa": "njdpa_nj_usa",
        "ocpa_usa": "ocpa_or_usa",
        "tdpsa_usa": "tdpsa_tx_usa",
        "ucpa_usa": "ucpa_ut_usa",
        "vcdpa_usa": "vcdpa_va_usa",
    }
)
"""Codes that Adobe Privacy Service has had or has for laws under another one here: both are taken.

Those without a state are from when one state alone had a law of that name.
"""
REGULATIONS: Mapping[str, Regulation] = MappingProxyType({law.code: law for law in _ALL})


def regulation(code: str) -> Regulation:
    """The law with that code, or one it has been called by. Raises Refused (`unknown_regulation`)."""
    found = REGULATIONS.get(ALIASES.get(code, code))
    if found is None:
        raise Refused(f"there is no regulation {code}", reason="unknown_regulation", known=sorted(REGULATIONS))
    return found
