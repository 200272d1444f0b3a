import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handfast.feeds import estimates
from handfast.feeds.estimates import Counts, Sample
from handfast.feeds.models import Interval
from handfast.segment_export.models import BucketFiles, Terms
from tests.data_plane import KEYS, PROFILES, SUPPRESSIONS, Profile, reason, write_buckets

BITS = 3
BUCKETS = 1 << BITS
TERMS = Terms("sbx_a", "sbx_b", ("seg_1", "seg_2"), (1, 2), "default_allow")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def run(overlap: int, seed: int, buckets: int = 64) -> tuple[Interval, float]:
    """What the estimate finds where `overlap` uniform keys overlap."""
    source, matches, read = random.Random(seed), 0, 0
    for part in estimates.doublings(buckets):
        matches += source.binomialvariate(overlap - matches, len(part) / (buckets - read))
        read = part.stop
        if estimates.settled((matches, matches), read / buckets, 0.05, 0):
            break
    return estimates.interval(matches, read / buckets), read / buckets


@pytest.mark.parametrize("overlap", [900, 30_000, 100_000, 1_000_000])
def test_the_truth_lies_in_the_interval_at_least_93_times_in_100_and_the_estimate_is_unbiased(overlap: int) -> None:
    found = [run(overlap, seed)[0] for seed in range(600)]
    assert sum(one.low <= overlap <= one.high for one in found) >= 0.93 * len(found)
    assert sum(one.estimate for one in found) / len(found) == pytest.approx(overlap, rel=0.005)


def test_a_large_overlap_is_estimated_from_little_of_the_data_and_a_small_one_read_whole() -> None:
    assert run(1_000_000, 1)[1] == 1 / 64
    assert run(300, 1) == (Interval(estimate=300, low=300, high=300), 1)


def test_an_estimate_that_stops_early_is_as_near_as_asked() -> None:
    found, read = run(20_000, 3)
    assert read < 1
    assert (found.high - found.low) / 2 <= 0.05 * found.estimate


def test_no_match_in_a_sample_does_not_mean_none() -> None:
    found = estimates.interval(0, 1 / 64)
    assert (found.estimate, found.low) == (0, 0)
    assert found.high >= 3 * 64


def test_all_data_read_is_exact() -> None:
    assert estimates.interval(17, 1) == Interval(estimate=17, low=17, high=17)


def test_ranges_double_and_cover_every_bucket_once() -> None:
    for buckets in (1, 2, 6, 64):
        parts = list(estimates.doublings(buckets))
        assert [bucket for part in parts for bucket in part] == list(range(buckets))


@pytest.mark.parametrize(
    ("counts", "below"), [((1000, 1000), False), ((1000, 999), True), ((999, 999), True), ((5000, 0), True)]
)
def test_below_the_threshold_there_are_no_numbers(counts: tuple[int, int], below: bool) -> None:
    (item,) = estimates.estimates(Sample({("seg_1", 1): counts}, 1), "con_1", 1000, AT)
    assert item.below_threshold is below
    assert (item.overlapped is None) is below
    assert (item.with_consent is None) is below


def test_one_namespace_below_the_threshold_does_not_hide_another() -> None:
    found = estimates.estimates(Sample({("seg_1", 1): (5000, 4000), ("seg_1", 2): (3, 3)}, 1), "con_1", 1000, AT)
    assert [(item.namespace, item.below_threshold) for item in found] == [
        ("Email_LC_SHA256", False),
        ("Phone_SHA256_E.164", True),
    ]


@pytest.fixture
def inputs(tmp_path: Path) -> tuple[list[BucketFiles], Counts]:
    """Two sandboxes that share some identities, and the true counts."""
    source = random.Random(7)
    keys = [(source.getrandbits(64) - (1 << 63), source.getrandbits(64) - (1 << 63)) for _ in range(600)]
    shares = [None, "y", "n", "dn"]
    profiles = {key: Profile(source.choice([1, 2, 5]), source.choice(shares), source.choice(shares)) for key in keys}
    partner = set(source.sample(keys, 400))
    members = {name: set(source.sample(keys, 300)) for name in TERMS.segments}
    suppressed = set(source.sample(keys, 50))
    truth: Counts = {}
    for segment in TERMS.segments:
        for code in TERMS.namespaces:
            here = [key for key in members[segment] & partner if profiles[key].namespace == code]
            shared = [key for key in here if reason(key, profiles, partner, suppressed, TERMS) == "shared"]
            truth[segment, code] = len(here), len(shared)
    files = {
        name: write_buckets(tmp_path / name, columns, rows, BITS)
        for name, columns, rows in (
            ("profiles", PROFILES, [(key, profile.row(key)) for key, profile in profiles.items()]),
            ("partner", PROFILES, [(key, Profile().row(key)) for key in partner]),
            ("suppressions", SUPPRESSIONS, [(key, (*key, None, "opt_out")) for key in suppressed]),
            *((name, KEYS, [(key, (*key, None)) for key in keys]) for name, keys in members.items()),
        )
    }
    buckets = [
        BucketFiles(
            bucket,
            files["profiles"][bucket],
            files["partner"][bucket],
            {name: files[name][bucket] for name in TERMS.segments},
            files["suppressions"].get(bucket),
        )
        for bucket in range(BUCKETS)
    ]
    return buckets, truth


def test_reading_everything_gives_the_exact_counts(inputs: tuple[list[BucketFiles], Counts], tmp_path: Path) -> None:
    files, truth = inputs
    asked: list[range] = []

    def fetch(buckets: range) -> Sequence[BucketFiles]:
        asked.append(buckets)
        return [files[bucket] for bucket in buckets]

    found = estimates.sample(fetch, TERMS, tmp_path, buckets=BUCKETS, precision=0.05, threshold=0)
    assert found == Sample(truth, 1)
    assert asked == [range(1), range(1, 2), range(2, 4), range(4, 8)]


def test_reading_stops_when_the_numbers_are_near_enough(
    inputs: tuple[list[BucketFiles], Counts], tmp_path: Path
) -> None:
    files, truth = inputs
    found = estimates.sample(
        lambda buckets: [files[bucket] for bucket in buckets],
        TERMS,
        tmp_path,
        buckets=BUCKETS,
        precision=0.4,
        threshold=0,
    )
    assert found.share == 0.5
    for key, (overlapped, _) in found.counts.items():
        assert overlapped < truth[key][0]


def test_a_feed_without_namespaces_has_no_estimates(tmp_path: Path) -> None:
    terms = Terms("sbx_a", "sbx_b", ("seg_1",), (), "default_allow")
    found = estimates.sample(lambda _: [BucketFiles(0)], terms, tmp_path, buckets=BUCKETS, precision=0.05, threshold=0)
    assert found.counts == {}
