"""Every figure of the README, as a Markdown table: `python -m benchmarks [--without-stack]`."""

import os
import platform
import sys
from collections.abc import Iterator

import duckdb

from benchmarks import erase, estimate, ingest, privacy_request, reconcile, visible

type Line = tuple[str, str, str, str]

_LARGE = 10_000_000


def _ingest() -> Iterator[Line]:
    rows = {row["name"]: row for row in ingest.run()}
    for kind in ("", " without phones"):
        whole, bare = rows[f"ingest{kind}"], rows[f"bare statements{kind}"]
        yield (
            f"ingest 1 M raw CSV rows{kind}, {whole['rows'] / 1e6:.0f} M identities",
            f"{whole['seconds']:.1f} s, {whole['perSecond'] / 1e6:.2f} M identities/s, {whole['peakMb']} MB",
            f"{bare['seconds']:.1f} s, {bare['perSecond'] / 1e6:.2f} M identities/s",
            f"{whole['secondsRatio']:.2f} x ({whole['cpuSecondsRatio']:.2f} x of CPU)",
        )
    phones = rows["national phone numbers"]
    yield f"of {phones['rows']:,} national phone numbers", f"{phones['perSecond']:,.0f}/s", "", ""


def _reconcile() -> Iterator[Line]:
    rows = {row["case"]: row for row in reconcile.run(_LARGE)}
    limit = rows["bare match"]["seconds"] + rows["bare counts"]["seconds"]
    for name in ("first share", "1 % changed", "withdrawal of everything"):
        row = rows[name]
        figure = f"{row['seconds']:.2f} s, {row['rowsPerSecond'] / 1e6:.1f} M rows/s, {row['peakMb']} MB"
        yield f"reconcile 10 M x 10 M: {name}", figure, f"{limit:.2f} s", f"{row['toLimit']:.2f} x"
    loop = rows["loop in Python"]
    times = rows["first share"]["rowsPerSecond"] / loop["rowsPerSecond"]
    yield "the same by a loop in Python", f"{loop['seconds']:.1f} s", "", f"Handfast is {times:.1f} times as fast"


def _estimate() -> Iterator[Line]:
    for row in estimate.run(_LARGE):
        figure = f"{row['estimateSeconds'] * 1000:.0f} ms, {row['dataRead']:.1%} read"
        error = f"{row['error']:.1%} off, a theta sketch {row['thetaError']:.1%}"
        exact = f"exact {row['exactSeconds'] * 1000:.0f} ms"
        yield (
            f"estimate 10 M x 10 M, {row['overlap']:.0%} overlap",
            figure,
            exact,
            f"{row['timesFaster']:.1f} times as fast",
        )
        yield f"of {row['seededRuns']} such in small", f"{row['insideInterval']} inside their interval, {error}", "", ""


def _erase() -> Iterator[Line]:
    limit, sweep = erase.run()
    people, identities = erase.ERASED, sweep["identities"] // 1_000_000
    figure = f"{sweep['seconds']:.1f} s, {sweep['peakMb']} MB"
    yield (
        f"find, suppress, erase {people:,} people of {identities} M identities, and look again",
        figure,
        f"{limit['seconds']:.1f} s",
        f"{sweep['toLimit']:.2f} x",
    )


def _privacy_request() -> Iterator[Line]:
    for row in privacy_request.run():
        yield (
            f"a person's request, two partners, local stack: {row['case']}",
            f"p50 {row['p50']} s, p95 {row['p95']} s",
            "",
            "",
        )


def _visible() -> Iterator[Line]:
    for row in visible.run():
        yield "a change until the receiver reads it, local stack", f"p50 {row['p50']} s, p95 {row['p95']} s", "", ""


def main() -> None:
    """Print the table."""
    stack = [] if "--without-stack" in sys.argv else [_visible, _privacy_request]
    parts = [_ingest, _reconcile, _estimate, _erase, *stack]
    lines = [line for part in parts for line in part()]
    load = os.getloadavg()[0]
    print(f"{os.process_cpu_count()} cores, {platform.machine()}, load {load:.1f}, DuckDB {duckdb.__version__}\n")
    print("| what | Handfast | bare DuckDB statements | ratio |\n|---|---|---|---|")
    for line in lines:
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
