"""Buckets and spans; and that SQL and Python say the same of them."""

from itertools import pairwise

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.identity.keys import Key
from handfast.lake import buckets
from handfast.lake.buckets import (
    SPAN_BUCKETS,
    bucket_of,
    bucket_of_object,
    bucket_sql,
    buckets_of,
    groups,
    key_range,
    object_key,
    span_name,
    span_number,
    span_of,
    span_range,
    spans,
    within_sql,
)

HIS = st.integers(-(2**63), 2**63 - 1)
DUCKDB = duckdb.connect()


@given(hi=HIS, bits=st.integers(6, 16))
def test_a_key_is_in_the_range_of_its_bucket_and_span(hi: int, bits: int) -> None:
    bucket = bucket_of(hi, bits)
    assert bucket == hi.to_bytes(8, signed=True)[0] * 256 + hi.to_bytes(8, signed=True)[1] >> 16 - bits
    low, high = key_range(bucket, bits)
    assert low <= hi <= high
    low, high = span_range(span_of(bucket), bits)
    assert low <= hi <= high
    assert bucket in buckets_of(span_of(bucket), bits)


@pytest.mark.parametrize("bits", [6, 7, 12])
def test_spans_cover_all_buckets_once_and_no_foreign_key(bits: int) -> None:
    assert [bucket for span in spans(bits) for bucket in buckets_of(span, bits)] == list(range(1 << bits))
    ranges = sorted(span_range(span, bits) for span in spans(bits))
    assert ranges[0][0] == -(2**63)
    assert ranges[-1][1] == 2**63 - 1
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(ranges))
    assert len(ranges) == (1 << bits) // SPAN_BUCKETS


@given(his=st.lists(HIS, min_size=1), bits=st.integers(1, 16))
def test_a_row_is_in_the_bucket_of_its_key(his: list[int], bits: int) -> None:
    within = within_sql(key_range(bucket_of(his[0], bits), bits))
    statement = f"SELECT {bucket_sql(bits)}, {within} FROM (SELECT unnest(?::BIGINT[]) AS hi)"
    rows = DUCKDB.execute(statement, [his]).fetchall()
    assert rows == [(bucket_of(hi, bits), bucket_of(hi, bits) == bucket_of(his[0], bits)) for hi in his]


@given(keys=st.lists(st.tuples(HIS, st.integers(0, 2))))
@pytest.mark.parametrize("bits", [6, 12])
def test_identities_are_grouped_by_bucket_and_by_span(bits: int, keys: list[Key]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUCKET_BITS", str(bits))
        by_bucket = buckets.by_bucket(keys)
        by_span = buckets.by_span(keys, lambda key: key[0])
        of_keys = buckets.spans_of_keys(keys)
    assert list(by_bucket) == sorted(by_bucket)
    assert sorted(key for part in by_bucket.values() for key in part) == sorted(set(keys))
    assert all(bucket_of(hi, bits) == bucket for bucket, part in by_bucket.items() for hi, _ in part)
    assert list(by_span) == of_keys == sorted({span_of(bucket) for bucket in by_bucket})
    for span, part in by_span.items():
        assert part == [key for key in keys if span_of(bucket_of(key[0], bits)) == span]


@pytest.mark.parametrize("bucket", [0, 7, 4095, 65535])
def test_an_object_tells_its_bucket(bucket: int) -> None:
    assert bucket_of_object(object_key("profiles/sandbox=sbx_1/", bucket)) == bucket


@pytest.mark.parametrize("key", ["disclosures/dataflow=flw_1/_state/000.json", "p/123.parquet", "p/00001.parquet.tmp"])
def test_another_object_is_of_no_bucket(key: str) -> None:
    assert bucket_of_object(key) is None


@pytest.mark.parametrize("span", [0, 63, 1023])
def test_a_span_is_read_back_from_its_text(span: int) -> None:
    assert span_number(span_name(span)) == span


@given(weights=st.lists(st.integers(0, 12)), limit=st.integers(1, 20))
def test_groups_are_as_large_as_the_limit_lets_them(weights: list[int], limit: int) -> None:
    cut = list(groups(enumerate(weights), limit))
    assert [bucket for group in cut for bucket in group] == list(range(len(weights)))
    assert all(len(group) == 1 or sum(weights[bucket] for bucket in group) <= limit for group in cut)
    assert all(sum(weights[bucket] for bucket in (*group, following[0])) > limit for group, following in pairwise(cut))
