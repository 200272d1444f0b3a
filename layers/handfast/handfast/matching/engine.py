"""Reconcile what a target should hold with what it does hold, for one dataflow and some buckets.

    eligible  = members whose profile passes the terms and whose key the target knows
    delivered = disclosures not withdrawn
    realized  = eligible - delivered;  exited = delivered - eligible

What decides who is shared stands in the .sql files beside this module, in ANSI SQL that any engine over the
same objects runs. Buckets are taken in groups, so that memory does not grow with the size of a sandbox. Where it is
known which keys the inputs have changed since the last reconciliation, the same statements decide on those alone, as
they were and as they are, and the counts move by the difference.
"""

# ruff: noqa: S608 - statements are built from quoted names and numbers
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from handfast.lake.buckets import bucket_sql, groups, key_range, object_key, within_sql
from handfast.lake.duck import Connection, connect, row_counts, timestamp, write
from handfast.matching import relations
from handfast.matching.models import BucketFiles, BucketResult, Terms

GROUP_ROWS = 4_000_000
_HERE = Path(__file__).parent
_POPULATION, _CHANGES, _LEDGER = (_HERE / f"{name}.sql" for name in ("population", "changes", "ledger"))

type _Reasons = dict[str, Counter[tuple[str, int]]]
"""By reason (or change), pairs of identity and segment by segment and namespace code."""
type _Counts = dict[int, _Reasons]
type _Values = Callable[[Collection[int]], None]


def reconcile(
    buckets: Sequence[BucketFiles],
    terms: Terms,
    work_dir: Path,
    now: datetime,
    bucket_bits: int,
    *,
    values: _Values = lambda _: None,
) -> Iterator[BucketResult]:
    """Reconcile buckets and write the disclosures of those that change below `work_dir`, group by group.

    `now` becomes `disclosed_at` and `withdrawn_at` of what changes. Buckets with an `baseline` reconciliation, which
    must be one under the same terms that are not paused, come last: of them only what has changed since is decided.
    `values` is called with buckets before the column `value` of their profiles is first read.
    """
    with connect() as connection:
        for decide in (_decide, _decide_changed):
            part = {files.bucket: files for files in buckets if (decide is _decide) == (files.baseline is None)}
            for group in groups(_weights(connection, part.values()), GROUP_ROWS):
                buckets_read = [part[bucket] for bucket in group]
                relations.create_segment_type(connection, terms.segments, [files.disclosures for files in buckets_read])
                decided = decide(connection, buckets_read, terms, bucket_bits, values)
                rewritten = [files for files in buckets_read if files.bucket in decided.rewritten]
                if rewritten:
                    _ledger(connection, rewritten, decided, terms, now)
                for files in buckets_read:
                    path = _write(connection, files.bucket, work_dir, bucket_bits) if files in rewritten else None
                    yield _result(files, decided, terms, path)


def universes(buckets: Iterable[BucketFiles]) -> dict[int, int]:
    """How many identities the target knows in each bucket."""
    paths = {files.bucket: files.partner for files in buckets}
    with connect() as connection:
        rows = row_counts(connection, [path for path in paths.values() if path])
    return {bucket: rows[path] if path else 0 for bucket, path in paths.items()}


def _weights(connection: Connection, buckets: Iterable[BucketFiles]) -> list[tuple[int, int]]:
    paths = {files.bucket: files.in_memory() for files in buckets}
    rows = row_counts(connection, [path for part in paths.values() for path in part])
    return [(bucket, sum(rows[path] for path in part)) for bucket, part in paths.items()]


@dataclass(frozen=True)
class _Decided:
    """Counts of what is so now and of what changes, by bucket; the table `changes` says which pairs.

    With `then`, `population` counts only what may have changed, and `then` the same before. `of_age` is the hour in
    which the first of those who wait for it will have been known for long enough. `gathered` are FROM items of what has
    been read for good, `stale` the buckets whose disclosures lose values.
    """

    population: _Counts
    changes: _Counts
    then: _Counts | None
    rewritten: frozenset[int]
    of_age: Mapping[int, int]
    gathered: Mapping[str, str] = field(default_factory=dict)
    stale: frozenset[int] = frozenset()

    def realized(self, bucket: int) -> bool:
        """Whether anybody is realized in a bucket."""
        return "realized" in self.changes.get(bucket, {})


def _decide(
    connection: Connection, group: Sequence[BucketFiles], terms: Terms, bucket_bits: int, values: _Values
) -> _Decided:
    relations.relate(connection, relations.items(group, terms), terms)
    population, changes, of_age = _compare(connection, terms, bucket_bits)
    moved = {bucket for bucket, counts in changes.items() if counts.keys() & {"realized", "exited"}}
    realized = {bucket for bucket, counts in changes.items() if "realized" in counts}
    decided_on = _decided_on(group, terms, population)
    values(sorted(realized | decided_on))
    stale = _stale(connection, bucket_bits)
    rewritten = moved | decided_on | stale
    return _Decided(population, changes, None, frozenset(rewritten), of_age, stale=frozenset(stale))


def _decide_changed(
    connection: Connection, group: Sequence[BucketFiles], terms: Terms, bucket_bits: int, values: _Values
) -> _Decided:
    values([files.bucket for files in group])
    now = relations.changed(connection, group, terms)
    then = {**now, **{name: f"then_{name}" for name in ("memberships", "profiles", "partner")}}
    relations.relate(connection, then, terms)
    _table(connection, "population", _POPULATION, {})
    before = _counts(connection, "population", "reason", bucket_bits)
    relations.relate(connection, now, terms)
    population, changes, of_age = _compare(connection, terms, bucket_bits)
    rewritten = changes.keys() | _decided_on(group, terms, population)
    return _Decided(population, changes, before, frozenset(rewritten), of_age, {"profiles": now["profiles"]})


def _decided_on(group: Sequence[BucketFiles], terms: Terms, population: _Counts) -> set[int]:
    """The buckets that are written for a partner whether anybody is given or not: what is read and written, and for how
    long, is not to tell the source whom the partner knows (docs/security.md, What a number tells).
    """
    if terms.partner is None:
        return set()
    return {files.bucket for files in group if files.disclosures or files.bucket in population}


def _compare(connection: Connection, terms: Terms, bucket_bits: int) -> tuple[_Counts, _Counts, dict[int, int]]:
    """Count the population, and what changes of it; and by bucket the hour in which the first comes of age."""
    _table(connection, "population", _POPULATION, {})
    _table(connection, "changes", _CHANGES, {"paused": terms.paused})
    population = _counts(connection, "population", "reason", bucket_bits)
    of_age = _of_age(connection, terms, bucket_bits)
    connection.execute("DROP TABLE population")
    return population, _counts(connection, "changes", "change", bucket_bits), of_age


def _of_age(connection: Connection, terms: Terms, bucket_bits: int) -> dict[int, int]:
    if not terms.minimum_age:
        return {}
    rows = connection.execute(
        f"SELECT {bucket_sql(bucket_bits)}, min(known_since) FROM population k JOIN partner USING (hi, lo)"
        " WHERE k.reason = 'guard_age' GROUP BY 1"
    ).fetchall()
    return {bucket: since + terms.minimum_age + 1 for bucket, since in rows}


def _ledger(
    connection: Connection,
    rewritten: Sequence[BucketFiles],
    decided: _Decided,
    terms: Terms,
    now: datetime,
) -> None:
    """The disclosures of the buckets as they become; values are read only of those where somebody is realized."""
    realized = [files for files in rewritten if decided.realized(files.bucket)]
    sources = {
        **relations.items(rewritten, terms),
        "profiles": relations.profiles(realized, terms),
        **decided.gathered,
    }
    relations.relate(connection, sources, terms)
    _table(connection, "ledger", _LEDGER, {"now": timestamp(now)})


def _stale(connection: Connection, bucket_bits: int) -> set[int]:
    """The buckets whose disclosures hold values that either side has erased since."""
    rows = connection.execute(
        f"SELECT DISTINCT {bucket_sql(bucket_bits)} FROM disclosures d WHERE value IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM erased x WHERE x.hi = d.hi AND x.lo = d.lo)"
    ).fetchall()
    return {bucket for (bucket,) in rows}


def _table(connection: Connection, name: str, path: Path, parameters: Mapping[str, object]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {relations.statement(path)}", parameters)


def _counts(connection: Connection, table: str, column: str, bucket_bits: int) -> _Counts:
    rows = connection.execute(
        f"SELECT {bucket_sql(bucket_bits)}, {column}, segment, namespace, count(*) FROM {table} GROUP BY ALL"
    ).fetchall()
    counts: _Counts = {}
    for bucket, value, segment, code, count in rows:
        counts.setdefault(bucket, {}).setdefault(value, Counter())[segment, code] = count
    return counts


def _write(connection: Connection, bucket: int, work_dir: Path, bucket_bits: int) -> Path:
    path = work_dir / object_key("disclosures-", bucket)
    write(connection, f"FROM ledger WHERE {within_sql(key_range(bucket, bucket_bits))}", path)
    return path


def _result(files: BucketFiles, decided: _Decided, terms: Terms, disclosures: Path | None) -> BucketResult:
    changes = decided.changes.get(files.bucket, {})
    paused = changes.get("paused", Counter())
    reasons = {**decided.population.get(files.bucket, {}), "paused": paused}
    delivered = Counter(reasons.pop("shared", Counter()))
    delivered.subtract(paused)
    kept_back, by_segment = _by_namespace(reasons), _by_segment(reasons)
    of_age = [decided.of_age.get(files.bucket), files.baseline.of_age if files.baseline else None]
    members = delivered.total() + kept_back.total()
    if files.baseline and decided.then is not None:
        then = dict(decided.then.get(files.bucket, {}))
        members += files.baseline.members - sum(count.total() for count in then.values())
        delivered.update(_flat(files.baseline.delivered))
        delivered.subtract(then.pop("shared", Counter()))
        kept_back.update(_flat(files.baseline.kept_back))
        kept_back.subtract(_by_namespace(then))
        by_segment.update(_flat(files.baseline.excluded_by_segment))
        by_segment.subtract(_by_segment(then))
    return BucketResult(
        bucket=files.bucket,
        members=members,
        kept_back=_nested(kept_back),
        delivered=_nested(delivered),
        realized=changes.get("realized", Counter()).total(),
        exited=changes.get("exited", Counter()).total(),
        disclosures=disclosures,
        of_age=min((hour for hour in of_age if hour is not None), default=None),
        excluded_by_segment={} if terms.partner else _nested(by_segment),
        has_forgotten=files.bucket in decided.stale,
    )


def _by_namespace(reasons: _Reasons) -> Counter[tuple[str, int]]:
    """The counts by reason and namespace code, segments together; 0 for identities that are unknown."""
    counts: Counter[tuple[str, int]] = Counter()
    for reason, by_segment in reasons.items():
        for (_, code), count in by_segment.items():
            counts[reason, code or 0] += count
    return counts


def _by_segment(reasons: _Reasons) -> Counter[tuple[str, str]]:
    """The counts by segment and reason, namespaces together."""
    counts: Counter[tuple[str, str]] = Counter()
    for reason, by_segment in reasons.items():
        for (segment, _), count in by_segment.items():
            counts[segment, reason] += count
    return counts


def _flat[K: (int, str)](nested: Mapping[str, Mapping[K, int]]) -> dict[tuple[str, K], int]:
    return {(name, code): count for name, part in nested.items() for code, count in part.items()}


def _nested[K: (int, str)](counts: Counter[tuple[str, K]]) -> dict[str, dict[K, int]]:
    """The counts that are not 0, by the one and then by the other part of their keys."""
    nested: dict[str, dict[K, int]] = {}
    for (name, code), count in sorted(counts.items()):
        if count:
            nested.setdefault(name, {})[code] = count
    return nested
