"""Comparing an overlap estimate with the truth."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from handfast_cli.demo.generator import NAMESPACES, SEGMENTS
from handfast_cli.demo.report import DifferenceError, Report
from handfast_cli.demo.truth import Truth

Item: TypeAlias = Mapping[str, Any]
_NOISE = 150
"""What the noise of an estimate, in identities, exceeds once in a billion times: six times its sigma."""


def compare(report: Report, items: Iterable[Item], names: Mapping[str, str], truth: Truth, threshold: int) -> None:
    """Tells each estimate and where the truth is. Raises DifferenceError for one that chance does not explain.

    `names` are the segments' external ids, `threshold` the smallest overlap that A's sandbox shows.
    """
    found = {(names.get(item["segmentId"], item["segmentId"]), item["namespace"]): item for item in items}
    wanted = {(segment, namespace) for segment in SEGMENTS for namespace in NAMESPACES}
    report.equal("what is estimated", wanted, set(found))
    for (segment, namespace), item in sorted(found.items()):
        overlap = truth.overlap(segment, namespace)
        actual = {"overlapped": len(overlap), "withConsent": sum(map(truth.shares, overlap))}
        report.say(f"{segment}, {namespace}: {_told(item, actual, threshold)}")


def _told(item: Item, actual: Mapping[str, int], threshold: int) -> str:
    if item["belowThreshold"]:
        # Decided on a number with noise, and on a sample, it may be wrong near the threshold.
        if actual["withConsent"] >= (threshold + _NOISE) * (1 if item["dataRead"] == 1 else 2):
            raise DifferenceError(f"{actual['withConsent']:,} are called below the threshold of {threshold:,}")
        return f"below the threshold of {threshold:,}"
    both, consenting = (within(item[name], truth) for name, truth in actual.items())
    return f"{both} in common, {consenting} with consent, from {item['dataRead']:.0%} of the data"


def within(told: Mapping[str, int], truth: int) -> str:
    """The estimate, and where the truth is. Raises DifferenceError where chance does not explain it."""
    estimate, low, high = told["estimate"], told["low"], told["high"]
    # An interval three times as wide misses once in 240 million times.
    if not 2 * low - high <= truth <= 2 * high - low:
        raise DifferenceError(f"an estimate says {low:,} to {high:,}, the truth is {truth:,}")
    where = "inside" if low <= truth <= high else "outside, as one in twenty may be"
    return f"{estimate:,} ({low:,} to {high:,}, the truth {truth:,} is {where})"
