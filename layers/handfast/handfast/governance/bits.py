"""Bit fields in base64url, as consent strings are written (IAB TCF 2, IAB GPP)."""

import re
from base64 import urlsafe_b64decode

_ALPHABET = re.compile("[A-Za-z0-9_-]*")
_FIBONACCI_BITS = 64


class ConsentStringError(ValueError):
    """A consent string that cannot be read. `reason` is the code that tells why, without anything of the string."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bits:
    """Reads a text's bits from the first on; raises ConsentStringError for other characters and beyond the end."""

    def __init__(self, text: str) -> None:
        if not text.isascii() or not _ALPHABET.fullmatch(text):
            raise ConsentStringError("malformed_consent_string")
        padded = text + "A" * (-len(text) % 4)
        self._value = int.from_bytes(urlsafe_b64decode(padded))
        self._width = 6 * len(padded)
        self.length = 6 * len(text)
        self._at = 0

    def integer(self, bits: int) -> int:
        """The next bits as a number, the most significant first."""
        self._at += bits
        if self._at > self.length:
            raise ConsentStringError("malformed_consent_string")
        return (self._value >> (self._width - self._at)) & ((1 << bits) - 1)

    def flags(self, bits: int) -> frozenset[int]:
        """The places, from 1, of the next bits that are set."""
        value = self.integer(bits)
        return frozenset(place for place in range(1, bits + 1) if value >> (bits - place) & 1)

    def fibonacci(self) -> int:
        """The next number in Fibonacci coding, which two set bits end."""
        number, previous, weight, last = 0, 1, 1, 0
        for _ in range(_FIBONACCI_BITS):
            bit = self.integer(1)
            if bit and last:
                return number
            number += bit * weight
            previous, weight, last = weight, previous + weight, bit
        raise ConsentStringError("malformed_consent_string")
