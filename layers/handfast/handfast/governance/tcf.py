"""TC strings of the IAB Europe Transparency and Consent Framework 2, and what they say of sharing.

The core segment alone is read. Source: IAB Europe, TCF 2.2, consent string (docs/sources.md).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from handfast.governance.bits import Bits, ConsentStringError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = 2
_CONSENT_IS_NO_BASIS = frozenset({0, 2})
"""Publishers' restrictions of a vendor's purpose: not allowed, and legitimate interest required."""


@dataclass(frozen=True)
class Vendors:
    """Vendors by id: those of set bits, of which the first of `most` is vendor 1, and those of ranges."""

    bits: int = 0
    most: int = 0
    ranges: tuple[tuple[int, int], ...] = ()

    def __contains__(self, vendor_id: int) -> bool:
        """Whether a vendor is among them."""
        in_bits = vendor_id <= self.most and self.bits >> (self.most - vendor_id) & 1
        return bool(in_bits) or any(first <= vendor_id <= last for first, last in self.ranges)


@dataclass(frozen=True)
class TcString:
    """What of a TC string decides on sharing: the purposes and vendors consented to, and when that was last changed.

    `restricted` are vendors for which consent is no basis of a purpose, by the publisher's restrictions.
    """

    updated_at: datetime
    purposes: frozenset[int]
    vendors: Vendors
    restricted: tuple[tuple[int, Vendors], ...] = ()

    def share(self, purposes: Collection[int], vendor_id: int | None) -> str:
        """The consent answer: `y` by consent to all these purposes and, where one is named, to the vendor; else `n`."""
        agreed = self.purposes.issuperset(purposes)
        if vendor_id is not None:
            agreed = agreed and vendor_id in self.vendors
            agreed = agreed and not any(
                purpose in purposes and vendor_id in vendors for purpose, vendors in self.restricted
            )
        return "y" if agreed else "n"


def read(text: str) -> TcString:
    """Read a TC string. Raises ConsentStringError for another version, and for what is none."""
    bits = Bits(text.partition(".")[0])
    if bits.integer(6) != _VERSION:
        raise ConsentStringError("unknown_consent_version" if text else "malformed_consent_string")
    bits.integer(36)  # created
    updated_at = _EPOCH + timedelta(milliseconds=100 * bits.integer(36))
    bits.integer(12 + 12 + 6 + 12 + 12 + 6 + 1 + 1 + 12)  # the CMP, the list of vendors, and special features
    purposes = bits.flags(24)
    bits.integer(24 + 1 + 12)  # legitimate interests, purpose one, and the publisher's country
    vendors = _vendors(bits)
    _vendors(bits)  # legitimate interests
    return TcString(updated_at, purposes, vendors, _restricted(bits))


def _vendors(bits: Bits) -> Vendors:
    most = bits.integer(16)
    return _ranges(bits) if bits.integer(1) else Vendors(bits.integer(most), most)


def _ranges(bits: Bits) -> Vendors:
    found = []
    for _ in range(bits.integer(12)):
        is_range, first = bits.integer(1), bits.integer(16)
        found.append((first, bits.integer(16) if is_range else first))
    return Vendors(ranges=tuple(found))


def _restricted(bits: Bits) -> tuple[tuple[int, Vendors], ...]:
    found = []
    for _ in range(bits.integer(12)):
        purpose, kind, vendors = bits.integer(6), bits.integer(2), _ranges(bits)
        if kind in _CONSENT_IS_NO_BASIS:
            found.append((purpose, vendors))
    return tuple(found)
