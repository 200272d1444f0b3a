"""Strings of the IAB Global Privacy Platform: which sections they have, and what those of the US say of sharing.

The header is Fibonacci coded; a section of a state is fields of two bits, in an order of its own. A field of opting out
is 0 where it does not apply, 1 where the person has opted out, 2 where not; a notice is 1 where it was given, 2 where
not; a child's consent is 1 where there is none. Source: IAB Tech Lab, Global Privacy Platform (docs/sources.md).
"""

from collections.abc import Mapping
from types import MappingProxyType

from handfast.governance.bits import Bits, ConsentStringError

TCF_EU = "tcfeuv2"
_USP = "uspv1"
_HEADER, _HEADER_VERSION = 3, 1
_GPC_SEGMENT = 1
_MOST_SECTIONS = 100

_IDS = MappingProxyType(
    {
        2: TCF_EU,
        6: _USP,
        7: "usnat",
        8: "usca",
        9: "usva",
        10: "usco",
        11: "usut",
        12: "usct",
        13: "usfl",
        14: "usmt",
        15: "usor",
        16: "ustx",
        17: "usde",
        18: "usia",
        19: "usne",
        20: "usnh",
        21: "usnj",
        22: "ustn",
        23: "usmn",
        24: "usmd",
        25: "usin",
        26: "usky",
        27: "usri",
    }
)
SECTIONS = tuple(_IDS.values())
"""The sections that are read, by their API prefixes."""

_NOTICES = "SaleOptOutNotice TargetedAdvertisingOptOutNotice"
_CHOICES = "SaleOptOut TargetedAdvertisingOptOut"
_MSPA = "MspaCoveredTransaction MspaOptOutOptionMode MspaServiceProviderMode"


def _state(notice: str, sensitive: int, children: int, *, between: str = "", after: str = "") -> str:
    return (
        f"{notice} {_NOTICES} {between} {_CHOICES} SensitiveDataProcessing:{sensitive}"
        f" KnownChildSensitiveDataConsents:{children} {after} {_MSPA}"
    )


def _of_two_consents(sensitive: int, children: int) -> str:
    return _state("ProcessingNotice", sensitive, children, after="AdditionalDataProcessingConsent")


def _mspa_first(children: str) -> str:
    consents = f"{_CHOICES} {children} AdditionalDataProcessingConsent"
    return f"MspaCoveredTransaction MspaMode ProcessingNotice {_NOTICES} {consents}"


def _national(sensitive: int, children: int) -> str:
    return (
        "SharingNotice SaleOptOutNotice SharingOptOutNotice TargetedAdvertisingOptOutNotice"
        " SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut"
        f" TargetedAdvertisingOptOut SensitiveDataProcessing:{sensitive} KnownChildSensitiveDataConsents:{children}"
        f" PersonalDataConsents {_MSPA}"
    )


_CHILD = "KnownChildSensitiveDataConsents"
_LAYOUTS = MappingProxyType(
    {
        ("usnat", 1): _national(12, 2),
        ("usnat", 2): _national(16, 3),
        ("usca", 1): "SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut"
        f" SensitiveDataProcessing:9 {_CHILD}:2 PersonalDataConsents {_MSPA}",
        ("usva", 1): _state("SharingNotice", 8, 1),
        ("usco", 1): _state("SharingNotice", 7, 1),
        ("usut", 1): _state("SharingNotice", 8, 1, between="SensitiveDataProcessingOptOutNotice"),
        ("usct", 1): _state("SharingNotice", 8, 3),
        ("usfl", 1): _of_two_consents(8, 3),
        ("usmt", 1): _state("SharingNotice", 8, 3, after="AdditionalDataProcessingConsent"),
        ("usor", 1): _of_two_consents(11, 3),
        ("ustx", 1): _of_two_consents(8, 1),
        ("usde", 1): _of_two_consents(9, 5),
        ("usia", 1): _state("ProcessingNotice", 8, 1, between="SensitiveDataOptOutNotice"),
        ("usne", 1): _of_two_consents(8, 1),
        ("usnh", 1): _of_two_consents(8, 3),
        ("usnj", 1): _of_two_consents(10, 5),
        ("ustn", 1): _of_two_consents(8, 1),
        ("usmn", 1): _of_two_consents(8, 1),
        ("usmd", 1): _mspa_first(""),
        ("usin", 1): _mspa_first(_CHILD),
        ("usky", 1): _mspa_first(_CHILD),
        ("usri", 1): _mspa_first(_CHILD),
    }
)
"""The fields of two bits of a section's version, in their order; `:n` has n of them."""
_WITH_GPC = frozenset(SECTIONS) - {TCF_EU, _USP, "usva", "usut", "usfl", "usin", "usky", "usri"}
"""The sections that may tell the signal of the Global Privacy Control."""
_OPTED = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
_USP_ANSWERS = MappingProxyType({"Y": "n", "N": "dy", "-": "u"})

type Fields = Mapping[str, tuple[int, ...]]


def sections(text: str) -> dict[str, str]:
    """A string's sections that are read, as they stand there, by API prefix. Raises ConsentStringError."""
    header, *parts = text.split("~")
    bits = Bits(header)
    if bits.integer(6) != _HEADER:
        raise ConsentStringError("malformed_consent_string")
    if bits.integer(6) != _HEADER_VERSION:
        raise ConsentStringError("unknown_consent_version")
    ids = _section_ids(bits)
    if len(ids) != len(parts):
        raise ConsentStringError("malformed_consent_string")
    return {_IDS[number]: part for number, part in zip(ids, parts, strict=True) if number in _IDS}


def _section_ids(bits: Bits) -> list[int]:
    """The numbers of a range in Fibonacci coding, each as the distance to the one before."""
    ids: list[int] = []
    last = 0
    for _ in range(bits.integer(12)):
        is_range = bits.integer(1)
        first = last + bits.fibonacci()
        last = first + bits.fibonacci() if is_range else first
        if last - first >= _MOST_SECTIONS or len(ids) >= _MOST_SECTIONS:
            raise ConsentStringError("malformed_consent_string")
        ids.extend(range(first, last + 1))
    return ids


def fields(section: str, text: str) -> Fields:
    """The fields of a section of the US, and `Gpc` where the browser's signal is told. Raises ConsentStringError."""
    core, *others = text.split(".")
    bits = Bits(core)
    layout = _LAYOUTS.get((section, bits.integer(6)))
    if layout is None:
        raise ConsentStringError("unknown_consent_version")
    found: dict[str, tuple[int, ...]] = {}
    for field in layout.split():
        name, _, count = field.partition(":")
        found[name] = tuple(bits.integer(2) for _ in range(int(count or 1)))
    for other in others:
        more = Bits(other)
        if section in _WITH_GPC and more.integer(2) == _GPC_SEGMENT:
            found["Gpc"] = (more.integer(1),)
    return found


def share(section: str, text: str) -> str:
    """The consent answer of a section of the US. Raises ConsentStringError.

    `n`: opted out of sale, sharing or targeted advertising, by a field or by the Global Privacy Control, or a child
    without consent. `dn`: a notice of that right was not given. `dy`: not opted out. `u`: none of it applies.
    """
    if section == _USP:
        return _usp(text)
    found = fields(section, text)
    opted = [value for name in _OPTED for value in found.get(name, ())]
    if 1 in opted or 1 in found.get("Gpc", ()) or 1 in found.get(_CHILD, ()):
        return "n"
    if any(2 in found.get(f"{name}Notice", ()) for name in _OPTED):
        return "dn"
    return "dy" if 2 in opted else "u"


def _usp(text: str) -> str:
    """The US Privacy String: its version, whether notice was given, whether sale was opted out of, and the LSPA."""
    known = len(text) == 4 and text.isascii() and set(text[1:].upper()) <= set(_USP_ANSWERS)
    if not known:
        raise ConsentStringError("malformed_consent_string")
    if text[0] != "1":
        raise ConsentStringError("unknown_consent_version")
    notice, choice = text[1].upper(), _USP_ANSWERS[text[2].upper()]
    return "dn" if notice == "N" and choice != "n" else choice
