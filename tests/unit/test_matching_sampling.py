import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handfast.feeds import estimates
from handfast.lake.buckets import bucket_of
from handfast.lake.duck import connect
from handfast.matching import intervals, relations, sampling
from handfast.matching.intervals import Counts, Estimate, Sample
from handfast.matching.models import BucketFiles, Terms
from handfast.partners.models import PartnerRef
from handfast.platform.noise import SIGMA, Draws
from tests.worlds.data_plane import KEYS, PROFILES, SUPPRESSIONS, Profile, reason, write_buckets

BITS = 3
BUCKETS = 1 << BITS
PARTNER = PartnerRef("sbx_b", "Organization B", "b")
TERMS = Terms("sbx_a", PARTNER, ("seg_1", "seg_2"), (1, 2), "default_allow")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def draws(question: object = "") -> Draws:
    return Draws(b"a key for tests", str(question))


def run(overlap: int, seed: int, first: float = 1 / 256) -> tuple[Estimate, float]:
    """What the estimate finds where `overlap` uniform keys overlap, all with consent."""
    source, matches, read, noise = random.Random(seed), 0, 0.0, draws(seed)
    share: float | None = first
    while share:
        matches += source.binomialvariate(overlap - matches, (share - read) / (1 - read))
        read = share
        counts = sampling.noised({("seg_1", 1): (matches, matches)}, noise)
        share = sampling.next_share(counts, read, 0.05, 0)
    return intervals.estimated(counts["seg_1", 1], read)[1], read


@pytest.mark.parametrize("overlap", [900, 30_000, 100_000, 1_000_000])
def test_the_truth_lies_in_the_interval_at_least_93_times_in_100_and_the_estimate_is_unbiased(overlap: int) -> None:
    found = [run(overlap, seed)[0] for seed in range(2000)]
    assert sum(interval.low <= overlap <= interval.high for interval in found) >= 0.93 * len(found)
    assert sum(interval.estimate for interval in found) / len(found) == pytest.approx(overlap, rel=0.005)


def test_a_large_overlap_is_estimated_from_little_of_the_data_and_a_small_one_read_whole() -> None:
    assert run(1_000_000, 1)[1] == 1 / 256
    found, read = run(300, 1)
    assert (read, found.high - found.low) == (1, 98)


def test_an_estimate_that_stops_early_is_as_near_as_asked() -> None:
    found, read = run(20_000, 3)
    assert read < 1
    assert (found.high - found.low) / 2 <= 0.05 * found.estimate


def test_no_match_in_a_sample_does_not_mean_none() -> None:
    found = intervals.interval(0, 1 / 64)
    assert (found.estimate, found.low) == (0, 0)
    assert found.high >= 3 * 64


def test_of_all_data_the_interval_is_the_noise_alone() -> None:
    assert intervals.interval(17, 1) == Estimate(estimate=17, low=17, high=17)
    assert intervals.interval(1000, 1, 25**2) == Estimate(estimate=1000, low=951, high=1049)
    assert intervals.interval(-30, 1, 25**2) == Estimate(estimate=0, low=0, high=19)


def test_noise_is_of_the_counts_that_were_read_and_neither_of_a_pair_tells_the_other() -> None:
    counts = {("seg_1", 1): (5000, 4000)}
    found = [sampling.noised(counts, draws(n))["seg_1", 1] for n in range(4000)]
    shareable, others = [pair[1] - 4000 for pair in found], [pair[0] - pair[1] - 1000 for pair in found]
    for seen in (shareable, others):
        assert sum(seen) / len(seen) == pytest.approx(0, abs=2)
        assert sum(drawn**2 for drawn in seen) / len(seen) == pytest.approx(SIGMA**2, rel=0.1)
    both = sum(one * other for one, other in zip(shareable, others, strict=True)) / len(found)
    assert both == pytest.approx(0, abs=0.1 * SIGMA**2)
    assert (
        sampling.noised({("seg_1", 1): (0, 0)}, draws())["seg_1", 1][0]
        >= sampling.noised({("seg_1", 1): (0, 0)}, draws())["seg_1", 1][1]
    )


def test_how_much_is_read_is_decided_on_noised_counts_and_costs_an_answer_each_time() -> None:
    asked: list[int] = []

    def may_go_on() -> bool:
        asked.append(1)
        return len(asked) < 2

    found = sampling.sample(
        lambda *_: [BucketFiles(0)],
        TERMS,
        buckets=1,
        first=1 / 256,
        precision=0.05,
        threshold=0,
        draws=draws,
        may_go_on=may_go_on,
    )
    assert (len(asked), found.share) == (2, 1 / 32), "a second part was read, and a third one not granted"


def test_what_is_read_grows_to_what_is_likely_to_do_and_never_stands_still() -> None:
    nobody = ("seg_1", 2)
    assert sampling.next_share({("seg_1", 1): (400, 400)}, 1 / 256, 0.05, 0) == pytest.approx(
        1 / 256 * 1.1 * 5.883, rel=0.01
    )
    assert sampling.next_share({("seg_1", 1): (2300, 2300)}, 1 / 256, 0.05, 0) == 1 / 128
    assert sampling.next_share({("seg_1", 1): (4000, 4000), nobody: (0, 0)}, 1 / 256, 0.05, 0) == 1 / 32
    assert sampling.next_share({("seg_1", 1): (4000, 4000), nobody: (0, 0)}, 1 / 8, 0.05, 1000) is None
    assert sampling.next_share({nobody: (0, 0)}, 1 / 3, 0.05, 0) == 1


def test_small_inputs_are_read_whole_at_once_and_of_large_ones_little() -> None:
    assert sampling.first_share(0) == sampling.first_share(30 << 20) == 1
    assert sampling.first_share(120 << 20) == 1 / 4
    assert sampling.first_share(30 << 40) == 1 / 2**20
    assert sampling.first_share(121 << 20) == sampling.first_share(140 << 20) == 2**-2.25


@pytest.mark.parametrize("buckets", [1, 2, 64, 4096])
def test_a_prefix_ends_inside_a_bucket(buckets: int) -> None:
    for share in (1 / 256, 0.1, 0.5):
        part, limit = sampling.prefix(share, buckets)
        assert limit is not None
        assert limit == pytest.approx(share * 2**64)
        bits = buckets.bit_length() - 1
        assert part == range(bucket_of(limit, bits) + 1)
    assert sampling.prefix(1, buckets) == (range(buckets), None)


@pytest.mark.parametrize(
    ("counts", "below"), [((1000, 1000), False), ((1000, 999), True), ((999, 999), True), ((5000, 0), True)]
)
def test_below_the_threshold_there_are_no_numbers(counts: tuple[int, int], below: bool) -> None:
    (item,) = estimates.items_of(Sample({("seg_1", 1): counts}, 1), "con_1", 1000, AT)
    assert item.below_threshold is below
    assert (item.overlapped is None) is below
    assert (item.with_consent is None) is below


def test_one_namespace_below_the_threshold_does_not_hide_another() -> None:
    found = estimates.items_of(Sample({("seg_1", 1): (5000, 4000), ("seg_1", 2): (3, 3)}, 1), "con_1", 1000, AT)
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
    partner = dict.fromkeys(source.sample(keys, 400), Profile())
    members = {name: set(source.sample(keys, 300)) for name in TERMS.segments}
    suppressed = set(source.sample(keys, 50))
    truth: Counts = {}
    for segment in TERMS.segments:
        for code in TERMS.namespaces:
            here = [key for key in members[segment] & partner.keys() if profiles[key].namespace == code]
            shared = [key for key in here if reason(key, segment, profiles, partner, suppressed, TERMS) == "shared"]
            truth[segment, code] = len(here), len(shared)
    files = {
        name: write_buckets(tmp_path / name, columns, rows, BITS)
        for name, columns, rows in (
            ("profiles", PROFILES, [(key, profile.row(key)) for key, profile in profiles.items()]),
            ("partner", PROFILES, [(key, profile.row(key)) for key, profile in partner.items()]),
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


def test_reading_everything_gives_the_counts_with_their_noise(inputs: tuple[list[BucketFiles], Counts]) -> None:
    files, truth = inputs
    asked: list[tuple[range, int | None]] = []

    def fetch(buckets: range, limit: int | None) -> Sequence[BucketFiles]:
        asked.append((buckets, limit))
        return [files[bucket] for bucket in buckets]

    found = sampling.sample(
        fetch, TERMS, buckets=BUCKETS, first=1 / 16, precision=0.05, threshold=0, draws=draws, may_go_on=lambda: True
    )
    assert found == Sample(sampling.noised(truth, draws()), 1)
    assert (asked[0], asked[-1]) == ((range(1), (1 << 60) - 1), (range(8), None))


def test_only_keys_of_the_prefix_are_counted(inputs: tuple[list[BucketFiles], Counts]) -> None:
    files, truth = inputs
    with connect() as connection:
        relations.create_segment_type(connection, TERMS.segments)
        half = sampling.counted(connection, files, TERMS, (1 << 63) - 1)
        rest = sampling.counted(connection, files[BUCKETS // 2 :], TERMS)
    assert {key: (half[key][0] + rest[key][0], half[key][1] + rest[key][1]) for key in truth} == truth


def test_reading_stops_when_the_numbers_are_near_enough(inputs: tuple[list[BucketFiles], Counts]) -> None:
    files, truth = inputs
    found = sampling.sample(
        lambda buckets, _: [files[bucket] for bucket in buckets],
        TERMS,
        buckets=BUCKETS,
        first=1 / 4,
        precision=0.5,
        threshold=10_000,
        draws=draws,
        may_go_on=lambda: True,
    )
    assert found.share == 0.25
    assert found.counts.keys() == truth.keys()


def test_a_feed_without_namespaces_has_no_estimates() -> None:
    terms = Terms("sbx_a", PARTNER, ("seg_1",), (), "default_allow")
    found = sampling.sample(
        lambda *_: [BucketFiles(0)],
        terms,
        buckets=BUCKETS,
        first=1,
        precision=0.05,
        threshold=0,
        draws=draws,
        may_go_on=lambda: False,
    )
    assert found.counts == {}
