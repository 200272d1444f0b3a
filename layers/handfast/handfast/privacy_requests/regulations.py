"""The laws a request can be made under, and their time limits, as data. Support for the work, not legal advice.

Each entry names its source. Where sources differ on a figure (Mexico, Argentina) or the law counts hours (Indonesia),
there is no entry: a wrong date is worse than none. Codes are those of Adobe Privacy Service where it has one, and
OpenDSR's `gdpr` and `ccpa` are among them; the others are made alike, the law's short name and the country's ISO
3166 code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from handfast.platform.problems import Refused

type RequestType = Literal["access", "portability", "erasure", "opt_out", "opt_in", "consent"]
type Unit = Literal["calendar_month", "calendar_day", "business_day"]

REQUEST_TYPES: tuple[RequestType, ...] = ("access", "portability", "erasure", "opt_out", "opt_in", "consent")


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
    terms: Mapping[RequestType, Terms]

    def terms_of(self, request_type: RequestType) -> Terms:
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


def _law(code: str, name: str, source: str, terms: Terms, **differing: Terms) -> Regulation:
    """A law with the same terms for every type of request but those in `differing`."""
    return Regulation(
        code, name, source, MappingProxyType({kind: differing.get(kind, terms) for kind in REQUEST_TYPES})
    )


_GDPR = Terms(_months(1), _months(2), next_working_day=True)
_CCPA = Terms(_days(45), _days(45), _business_days(10))
_CCPA_OPT_OUT = Terms(_business_days(15), verification=False)
_DELETE_ACT = Terms(_days(45), verification=False)
_STATE = Terms(_days(45), _days(45))
_THIRTY_DAYS = Terms(_days(30))

_CCPA_SOURCE = "11 CCR 7021 (10 business and 45 calendar days, 90 in all), 7026(f) and 7027 (opt-out: 15 business days)"
_STATE_TRACKER = "45 calendar days, as a published tracker of state laws gives it; extended by 45 as in most states"
_THIRTY_SOURCE = "general knowledge, as published surveys give it; extensions vary and are left out"

_ALL = (
    _law("gdpr", "GDPR", "Regulation (EU) 2016/679 Art. 12(3); counted by Regulation 1182/71 Art. 3", _GDPR),
    _law("uk_gdpr", "UK GDPR", "UK GDPR Art. 12(3); counted as the Information Commissioner's Office does", _GDPR),
    _law("ccpa", "CCPA (California)", _CCPA_SOURCE, _CCPA, opt_out=_CCPA_OPT_OUT),
    _law("cpra_ca_usa", "CCPA as amended by the CPRA (California)", _CCPA_SOURCE, _CCPA, opt_out=_CCPA_OPT_OUT),
    Regulation(
        "delete_act_ca_usa",
        "Delete Act (California)",
        "Civ. Code 1798.99.86(c): data brokers, within 45 days of receiving a list; CalPrivacy has verified who asks",
        MappingProxyType({"erasure": _DELETE_ACT, "opt_out": _DELETE_ACT}),
    ),
    _law("vcdpa_va_usa", "VCDPA (Virginia)", "Va. Code 59.1-577", _STATE),
    _law("cpa_co_usa", "CPA (Colorado)", "C.R.S. 6-1-1306", _STATE),
    _law("ctdpa_ct_usa", "CTDPA (Connecticut)", "Conn. Gen. Stat. 42-518", _STATE),
    _law("ucpa_ut_usa", "UCPA (Utah)", "Utah Code 13-61-203", _STATE),
    _law("tdpsa_tx_usa", "TDPSA (Texas)", "Tex. Bus. & Com. Code 541.052", _STATE),
    _law("ocpa_or_usa", "OCPA (Oregon)", _STATE_TRACKER, _STATE),
    _law("mcdpa_mt_usa", "MCDPA (Montana)", _STATE_TRACKER, _STATE),
    _law("ndpa_ne_usa", "NDPA (Nebraska)", _STATE_TRACKER, _STATE),
    _law("nhpa_nh_usa", "NHPA (New Hampshire)", _STATE_TRACKER, _STATE),
    _law("njdpa_nj_usa", "NJDPA (New Jersey)", _STATE_TRACKER, _STATE),
    _law("tipa_tn_usa", "TIPA (Tennessee)", _STATE_TRACKER, _STATE),
    _law("mcdpa_mn_usa", "MCDPA (Minnesota)", _STATE_TRACKER, _STATE),
    _law(
        "icdpa_ia_usa",
        "ICDPA (Iowa)",
        "Iowa Code 715D.3; the extension from general knowledge",
        Terms(_days(90), _days(45)),
    ),
    _law("fdbr_fl_usa", "FDBR (Florida)", "Fla. Stat. 501.706(2)", Terms(_days(45), _days(15))),
    Regulation(
        "nrs603a_nv_usa",
        "NRS 603A (Nevada)",
        "NRS 603A.345: a right to opt out of sale only",
        MappingProxyType({"opt_out": Terms(_days(60), _days(30))}),
    ),
    _law(
        "lgpd_bra",
        "LGPD (Brazil)",
        "Lei 13.709/2018 Art. 19: simplified at once, in full in 15 days; other requests are held to the same",
        Terms(_days(15), acknowledge=_days(0)),
    ),
    _law("pipeda_can", "PIPEDA (Canada)", "S.C. 2000, c. 5, s. 8(3), 8(4)", Terms(_days(30), _days(30))),
    _law("ql25", "Law 25 (Quebec)", "CQLR c. P-39.1, s. 32", _THIRTY_DAYS),
    _law(
        "pipa_kor",
        "PIPA (South Korea)",
        "PIPA Art. 35(3) and its decree, as published surveys give it",
        Terms(_days(10)),
    ),
    _law("fadp_che", "FADP (Switzerland)", _THIRTY_SOURCE, _THIRTY_DAYS),
    _law("pdpa_sgp", "PDPA (Singapore)", _THIRTY_SOURCE, _THIRTY_DAYS),
    _law("apa_aus", "Privacy Act 1988 (Australia)", _THIRTY_SOURCE, _THIRTY_DAYS),
    _law("kvkk_tur", "KVKK (Turkey)", _THIRTY_SOURCE, _THIRTY_DAYS),
    _law("pdpa_tha", "PDPA (Thailand)", _THIRTY_SOURCE, _THIRTY_DAYS),
    _law("pdpl_sau", "PDPL (Saudi Arabia)", _THIRTY_SOURCE, _THIRTY_DAYS),
    _law("popia_zaf", "POPIA (South Africa)", _THIRTY_SOURCE, _THIRTY_DAYS),
)

REGULATIONS: Mapping[str, Regulation] = MappingProxyType({law.code: law for law in _ALL})


def regulation(code: str) -> Regulation:
    """The law with that code. Raises Refused (`unknown_regulation`)."""
    if code not in REGULATIONS:
        raise Refused(f"there is no regulation {code}", reason="unknown_regulation", known=sorted(REGULATIONS))
    return REGULATIONS[code]
