"""An identity's key and the bucket it falls into (docs/architecture.md, Identity)."""

import hashlib

type Key = tuple[int, int]


SPAN_BUCKETS = 64
"""Buckets that one work item covers."""


def key(secret: bytes, code: int, value: bytes) -> tuple[int, int]:
    """`(hi, lo)`: the first 16 bytes of SHA-256(secret, code as one byte, value) as two signed 64-bit integers."""
    digest = hashlib.sha256(secret + bytes([code]) + value).digest()
    return int.from_bytes(digest[:8], signed=True), int.from_bytes(digest[8:16], signed=True)


def bucket_of(hi: int, bits: int) -> int:
    """The leading `bits` bits of `hi` read as unsigned."""
    return (hi >> (64 - bits)) & ((1 << bits) - 1)


def span_of(bucket: int) -> int:
    """The work item a bucket belongs to."""
    return bucket // SPAN_BUCKETS


def spans(bits: int) -> range:
    """All spans of a deployment with 2^bits buckets."""
    return range(max(1, (1 << bits) // SPAN_BUCKETS))


def buckets_of(span: int, bits: int) -> range:
    """The buckets of a span."""
    return range(span * SPAN_BUCKETS, min((span + 1) * SPAN_BUCKETS, 1 << bits))


def key_range(bucket: int, bits: int) -> tuple[int, int]:
    """The least and the greatest `hi` of a bucket."""
    width = 1 << (64 - bits)
    low = bucket * width
    low -= (1 << 64) if low >= 1 << 63 else 0
    return low, low + width - 1


def span_range(span: int, bits: int) -> tuple[int, int]:
    """The least and the greatest `hi` of a span."""
    ranges = [key_range(bucket, bits) for bucket in buckets_of(span, bits)]
    return min(low for low, _ in ranges), max(high for _, high in ranges)
