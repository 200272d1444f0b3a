import itertools
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handfast.governance import consent
from handfast.journal.models import ConsentDefault
from handfast.lake.buckets import bucket_of
from handfast.matching import engine
from handfast.matching.models import BucketFiles, BucketResult, Held, Terms
from handfast.partners.models import PartnerRef
from tests.worlds.data_plane import (
    DISCLOSURES,
    KEYS,
    PROFILES,
    SUPPRESSIONS,
    Identity,
    Profile,
    Row,
    read_rows,
    reason,
    value_of,
    write_buckets,
    write_rows,
)

BITS = 1
START = datetime(2026, 1, 1, tzinfo=UTC)
PARTNER = PartnerRef("sbx_b", "Organization B", "b")
TERMS = Terms("sbx_a", PARTNER, ("seg_1", "seg_2"), (1, 2), "default_allow")
# Keys that agree in one half, extremes, and zero: only all 128 bits tell some of them apart.
NUMBERS = (-(1 << 63), -(1 << 62), -1, 0, 1, (1 << 62) + 5, (1 << 63) - 1)
FEW_KEYS = [(hi, lo) for hi in (NUMBERS[0], -1, 0, 5) for lo in (NUMBERS[0], 5)]
KEYS_IN_USE = st.sampled_from(FEW_KEYS)
SOME_KEYS = st.sets(KEYS_IN_USE, min_size=4)
SHARES = st.sampled_from([None, "y", "y", "y", "n", "dn", "u"])


@dataclass
class World:
    """Inputs of one dataflow, and what its target holds."""

    folder: Path
    profiles: dict[Identity, Profile] = field(default_factory=dict)
    partner: set[Identity] = field(default_factory=set)
    members: dict[str, set[Identity]] = field(default_factory=dict)
    suppressed: set[Identity] = field(default_factory=set)
    disclosures: dict[int, Path] = field(default_factory=dict)
    clock: datetime = START
    towards: dict[str, set[Identity]] = field(default_factory=dict)
    partner_answers: dict[Identity, Profile] = field(default_factory=dict)

    @property
    def known(self) -> dict[Identity, Profile]:
        """What the partner knows of each of its identities."""
        return {key: self.partner_answers.get(key, Profile()) for key in self.partner}

    def inputs(self) -> list[BucketFiles]:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        profiles = write_buckets(folder / "p", PROFILES, ((k, p.row(k)) for k, p in self.profiles.items()), BITS)
        partner = write_buckets(folder / "t", PROFILES, ((k, p.row(k)) for k, p in self.known.items()), BITS)
        members = {
            segment: write_buckets(folder / segment, KEYS, ((k, (*k, None)) for k in keys), BITS)
            for segment, keys in self.members.items()
        }
        suppressed = write_buckets(
            folder / "s", SUPPRESSIONS, ((k, (*k, None, "opt_out")) for k in self.suppressed), BITS
        )
        towards = {
            name: write_buckets(
                folder / name, SUPPRESSIONS, ((k, (*k, None, "erasure")) for k in self.towards.get(name, ())), BITS
            )
            for name in ("suppressions_towards_partner", "suppressions_towards_source")
        }
        return [
            BucketFiles(
                bucket,
                profiles.get(bucket),
                partner.get(bucket),
                {segment: files[bucket] for segment, files in members.items() if bucket in files},
                suppressed.get(bucket),
                self.disclosures.get(bucket),
                suppressions_towards_partner=towards["suppressions_towards_partner"].get(bucket),
                suppressions_towards_source=towards["suppressions_towards_source"].get(bucket),
            )
            for bucket in range(1 << BITS)
        ]

    def reconcile(self, terms: Terms = TERMS) -> dict[int, BucketResult]:
        self.clock += timedelta(hours=1)
        out = Path(tempfile.mkdtemp(dir=self.folder))
        results = {r.bucket: r for r in engine.reconcile(self.inputs(), terms, out, self.clock, BITS)}
        self.disclosures |= {r.bucket: r.disclosures for r in results.values() if r.disclosures}
        return results

    def ledger(self) -> list[Row]:
        return [row for bucket in sorted(self.disclosures) for row in read_rows(self.disclosures[bucket])]

    def namespace(self, key: Identity) -> int:
        """Of an identity; 0 for one that is unknown."""
        return self.profiles[key].namespace if key in self.profiles else 0

    def held(self) -> set[tuple[Identity, str]]:
        return {((row[0], row[1]), row[4]) for row in self.ledger() if row[6] is None}

    def expected(self, terms: Terms) -> dict[tuple[Identity, str], str]:
        return {
            (key, segment): reason(key, segment, self.profiles, self.known, self.suppressed, terms)
            for segment in terms.segments
            for key in self.members.get(segment, ())
        }


@pytest.fixture
def world(tmp_path: Path) -> World:
    keys = {(n, 7) for n in NUMBERS}
    return World(tmp_path, dict.fromkeys(keys, Profile()), set(keys), {"seg_1": set(keys)})


@pytest.fixture(params=[10**9, 1], ids=["buckets together", "buckets alone"])
def _group_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "GROUP_ROWS", request.param)


worlds = st.fixed_dictionaries(
    {
        "profiles": st.dictionaries(
            KEYS_IN_USE,
            st.builds(Profile, namespace=st.sampled_from([1, 1, 2, 5]), share=SHARES, profile_share=SHARES),
            min_size=6,
        ),
        "partner": SOME_KEYS,
        "partner_answers": st.dictionaries(KEYS_IN_USE, st.builds(Profile, share=SHARES, profile_share=SHARES)),
        "members": st.fixed_dictionaries(dict.fromkeys(("seg_1", "seg_2", "seg_3"), SOME_KEYS)),
        "suppressed": st.sets(KEYS_IN_USE, max_size=1),
    }
)
terms_of = st.builds(
    Terms,
    source=st.just("sbx_a"),
    partner=st.sampled_from([PARTNER, PARTNER, None]),
    segments=st.sampled_from([("seg_1", "seg_2"), ("seg_2", "seg_3"), ("seg_1",), ()]),
    namespaces=st.sampled_from([(1, 2), (1,), (5,), ()]),
    consent_default=st.sampled_from(["default_allow", "default_deny"]),
    paused=st.sampled_from([False, False, True]),
    partner_consent_default=st.sampled_from([None, "default_allow", "default_deny"]),
    stopped=st.sampled_from([(), (), ("seg_2",), ("seg_1", "seg_2")]),
    held=st.sets(
        st.builds(
            Held, st.sampled_from(["seg_1", "seg_2", "seg_3"]), st.sampled_from([1, 2]), st.just("below_minimum")
        ),
        max_size=3,
    ).map(tuple),
).map(
    lambda terms: replace(
        terms,
        partner_consent_default=terms.partner_consent_default if terms.partner else None,
        stopped=tuple(name for name in terms.stopped if name in terms.segments),
        held=tuple(each for each in terms.held if each.segment in terms.segments),
    )
)


type Step = tuple[dict[str, Any], Terms]


@settings(max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 20, deadline=None)
@given(st.lists(st.tuples(worlds, terms_of), min_size=2, max_size=3))
def test_after_any_change_the_target_holds_exactly_what_the_rules_allow(
    steps: list[tuple[dict[str, Any], Terms]],
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        world, written = World(folder), set[int]()
        for state, terms in steps:
            before = world.held()
            for name, value in state.items():
                setattr(world, name, value)
            results = world.reconcile(terms)
            expected = world.expected(terms)
            allowed = {pair for pair, why in expected.items() if why == "shared"}
            held_back = {(each.segment, each.namespace) for each in terms.held}
            waits = {pair for pair in allowed - before if (pair[1], world.profiles[pair[0]].namespace) in held_back}
            after = allowed & before if terms.paused else allowed - waits
            assert world.held() == after
            for bucket, result in results.items():
                here = {pair: why for pair, why in expected.items() if bucket_of(pair[0][0], BITS) == bucket}
                excluded = Counter(why for why in here.values() if why != "shared")
                excluded["below_minimum"] = len(waits & here.keys())
                excluded["paused"] = len((allowed - after - waits) & here.keys())
                assert result.excluded == {why: count for why, count in excluded.items() if count}
                kept_back = Counter((why, world.namespace(key)) for (key, _), why in here.items() if why != "shared")
                kept_back.update(("below_minimum", world.namespace(key)) for key, _ in waits & here.keys())
                kept_back.update(("paused", world.namespace(key)) for key, _ in (allowed - after - waits) & here.keys())
                assert {
                    (why, code): n for why, part in result.kept_back.items() for code, n in part.items()
                } == kept_back
                assert result.members == len(here) == result.shared + sum(result.excluded.values())
                held_here = {pair for pair in after if bucket_of(pair[0][0], BITS) == bucket}
                before_here = {pair for pair in before if bucket_of(pair[0][0], BITS) == bucket}
                by_namespace = Counter((segment, world.profiles[key].namespace) for key, segment in held_here)
                assert {
                    (s, code): n for s, part in result.delivered.items() for code, n in part.items()
                } == by_namespace
                assert result.shared == len(held_here)
                assert result.realized == len(held_here - before_here)
                assert result.exited == len(before_here - held_here)
                # Whether a partner was given anybody does not decide on what is written.
                is_written = bool(here or bucket in written) if terms.partner else held_here != before_here
                assert (result.disclosures is not None) == is_written
                written.update([bucket] if result.disclosures else [])
    finally:
        shutil.rmtree(folder)


@pytest.mark.usefixtures("_group_size")
def test_the_size_of_a_group_changes_nothing(world: World) -> None:
    world.members["seg_2"] = {key for key in world.partner if key[0] > 0}
    results = world.reconcile()
    assert sum(result.realized for result in results.values()) == len(NUMBERS) + len(world.members["seg_2"])
    assert world.held() == {(key, segment) for segment, keys in world.members.items() for key in keys}


def test_a_second_reconciliation_changes_nothing(world: World) -> None:
    world.reconcile()
    before = world.ledger()
    assert before
    assert all(not result.realized and not result.exited for result in world.reconcile().values())
    assert world.ledger() == before


def test_a_row_is_kept_for_every_disclosure(world: World) -> None:
    key = NUMBERS[0], 7
    world.reconcile()
    first = world.clock
    world.partner.discard(key)
    world.reconcile()
    withdrawn = world.clock
    world.partner.add(key)
    world.reconcile()
    second = world.clock
    world.partner.discard(key)
    world.reconcile()
    times = [(row[5], row[6]) for row in world.ledger() if (row[0], row[1]) == key]
    assert times == [
        (first.replace(tzinfo=None), withdrawn.replace(tzinfo=None)),
        (second.replace(tzinfo=None), world.clock.replace(tzinfo=None)),
    ]


def test_identities_that_share_half_a_key_are_told_apart(tmp_path: Path) -> None:
    first, second, third = (3, 1), (3, 2), (4, 1)
    every = {first, second, third}
    world = World(tmp_path, dict.fromkeys(every, Profile()), every)
    for members in ({first}, {second}, every, {second, third}, {first}):
        world.members = {"seg_1": members}
        world.reconcile()
        assert world.held() == {(key, "seg_1") for key in members}


def test_leaving_one_segment_is_not_leaving_another(tmp_path: Path) -> None:
    key = (3, 1)
    world = World(tmp_path, {key: Profile()}, {key}, {"seg_1": {key}, "seg_2": {key}})
    world.reconcile()
    world.members["seg_1"] = set()
    world.reconcile()
    assert world.held() == {(key, "seg_2")}


ALLOWED = {
    # Answer: allowed by default_allow, by default_deny.
    None: (True, False),
    "y": (True, True),
    "n": (False, False),
    "p": (True, False),
    "u": (True, False),
    "dy": (True, False),
    "dn": (False, False),
    "LI": (True, False),
    "CT": (True, False),
    "CP": (True, False),
    "VI": (True, False),
    "PI": (True, False),
}
"""Of no answer and all eleven that there are."""


@pytest.mark.parametrize("consent_default", ["default_allow", "default_deny"])
@pytest.mark.parametrize("asked", ["source", "partner"])
def test_the_persons_refusal_wins_over_the_identitys_answer_and_that_over_the_default(
    tmp_path: Path, asked: str, consent_default: ConsentDefault
) -> None:
    assert {*ALLOWED} == {None, *consent.SHARE_ANSWERS}
    pairs = list(itertools.product(ALLOWED, ALLOWED))
    answers = {(3, number): Profile(1, own, person) for number, (own, person) in enumerate(pairs)}
    silent = dict.fromkeys(answers, Profile(1, "y"))
    members = {"seg_1": set(answers)}
    terms = Terms("sbx_a", PARTNER, ("seg_1",), (1,), "default_allow")
    if asked == "source":
        world = World(tmp_path, answers, set(answers), members)
        world.reconcile(replace(terms, consent_default=consent_default))
    else:
        world = World(tmp_path, silent, set(answers), members, partner_answers=answers)
        world.reconcile(replace(terms, partner_consent_default=consent_default))
    by = int(consent_default == "default_deny")
    shared = {key for key, _ in world.held()}
    for key, (own, person) in zip(answers, pairs, strict=True):
        upper = person == "n"
        assert (key in shared) is (not upper and ALLOWED[own if own is not None else person][by]), (own, person)


def test_answers_of_a_partner_that_does_not_ask_for_them_make_no_difference(tmp_path: Path) -> None:
    key = (3, 1)
    world = World(tmp_path, {key: Profile()}, {key}, {"seg_1": {key}}, partner_answers={key: Profile(1, "n")})
    world.reconcile(Terms("sbx_a", PARTNER, ("seg_1",), (1,), "default_allow"))
    assert world.held() == {(key, "seg_1")}


def test_a_stopped_dataflow_withdraws_everything_and_reads_no_input(world: World) -> None:
    world.reconcile()
    stopped = replace(TERMS, segments=())
    out = world.folder / "out"
    out.mkdir()
    files = [BucketFiles(bucket, disclosures=path) for bucket, path in world.disclosures.items()]
    results = list(engine.reconcile(files, stopped, out, world.clock, BITS))
    assert sum(result.exited for result in results) == len(NUMBERS)
    assert all(result.members == result.shared == 0 for result in results)


def test_a_delivery_carries_the_identity_and_the_file_is_sorted(world: World) -> None:
    world.reconcile()
    for path in world.disclosures.values():
        rows = read_rows(path)
        assert rows == sorted(rows, key=lambda row: row[:2])
        assert all(row[2] == 1 and row[3] == value_of((row[0], row[1])) for row in rows)


def test_an_erased_delivery_keeps_its_row_and_exits(tmp_path: Path) -> None:
    key = (5, 5)
    erased = write_rows(
        tmp_path / "d.parquet", DISCLOSURES, [(*key, 1, None, "seg_1", START.replace(tzinfo=None), None)]
    )
    world = World(tmp_path, {}, {key}, {}, {key}, {0: erased})
    results = world.reconcile()
    assert results[0].exited == 1
    assert world.ledger()[0][3] is None
    assert world.held() == set()


def test_buckets_without_any_object_have_nobody(tmp_path: Path) -> None:
    assert {(r.members, r.shared, r.disclosures) for r in World(tmp_path).reconcile().values()} == {(0, 0, None)}


def test_a_segment_id_with_a_quote_is_only_a_name(world: World) -> None:
    name = "seg' OR '1'='1"
    world.members = {name: {(0, 7)}}
    world.reconcile(replace(TERMS, segments=(name,)))
    assert world.held() == {((0, 7), name)}


@pytest.mark.parametrize(
    ("side", "reason"),
    [("suppressions_towards_partner", "suppressed"), ("suppressions_towards_source", "not_in_partner")],
)
def test_whom_either_side_has_erased_towards_the_other_exits_and_loses_the_value(
    world: World, side: str, reason: str
) -> None:
    world.reconcile()
    gone = next(iter(world.members["seg_1"]))
    world.towards = {side: {gone}}
    results = world.reconcile().values()
    assert world.held() == {(key, "seg_1") for key in world.members["seg_1"] - {gone}}
    assert [(row[0], row[1]) for row in world.ledger() if row[3] is None] == [gone]
    assert sum((Counter(result.excluded) for result in results), Counter()) == {reason: 1}


def test_a_target_that_wants_a_form_is_given_what_is_known_in_it(world: World, tmp_path: Path) -> None:
    terms = replace(TERMS, partner=None, forms=((1, "email_google"),))
    (other, dotless, same, unknown), rest = sorted(world.profiles)[:4], sorted(world.profiles)[4:]
    world.profiles[other] = Profile(namespace=2)
    world.members["seg_1"] -= set(rest)
    rows = [(dotless, (*dotless, b"dotless")), (same, (*same, b"")), (unknown, (*unknown, None))]
    columns = "hi BIGINT, lo BIGINT, email_google BLOB"
    renderings = write_buckets(tmp_path / "r", columns, rows, BITS)
    files = [replace(each, renderings=renderings.get(each.bucket)) for each in world.inputs()]
    results = list(engine.reconcile(files, terms, tmp_path, START, BITS))
    assert sum((Counter(result.excluded) for result in results), Counter()) == {"form_unknown": 1}
    given = {(row[0], row[1]): row[3] for each in results if each.disclosures for row in read_rows(each.disclosures)}
    assert given == {other: value_of(other), dotless: b"dotless", same: value_of(same)}
