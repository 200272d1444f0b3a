"""Random data, labels and policies through the engine, against a reference in plain Python that knows no SQL."""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.governance.consent import STRICTEST_FIRST
from handfast.governance.expressions import Deny
from handfast.governance.marketing_actions import PARTNER_ACTIONS
from handfast.governance.models import DataSource, Rulebook
from handfast.governance.policies import CORE_POLICIES, Policy
from handfast.matching import engine
from handfast.matching.models import BucketFiles, BucketResult, Terms
from handfast.partners.models import PartnerRef
from handfast.segments import labelled
from handfast.segments.models import Segment
from tests.worlds.data_plane import KEYS, PROFILES, SUPPRESSIONS, Identity, Profile, read_rows, write_rows

AT = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = [(hi, lo) for hi in (0, 5) for lo in (-5, 5)]
NAMES = ("seg_1", "seg_2")
ANY_OR_ALL = {"AND": all, "OR": any}
LABELS = ("C2", "C11", "I1")
ACTIONS = ("segment_match", "analytics")
AT_ONCE = 10
"""Worlds in one reconciliation, which share no identity and no segment."""
EXAMPLES = (10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 30) // AT_ONCE

labels = st.sets(st.sampled_from(LABELS))
members = st.sets(st.sampled_from(PEOPLE), min_size=2)
answers = st.sampled_from([None, None, "y", *STRICTEST_FIRST])
operators = st.sampled_from(["AND", "OR"])
parts = st.lists(st.sampled_from(LABELS), min_size=1, max_size=2)
worlds = st.fixed_dictionaries(
    {
        "profiles": st.dictionaries(st.sampled_from(PEOPLE), st.tuples(answers, answers), min_size=3),
        "partner": members,
        "suppressed": st.sets(st.sampled_from(PEOPLE), max_size=1),
        "members": st.fixed_dictionaries(dict.fromkeys(NAMES, members)),
        "own": st.fixed_dictionaries(dict.fromkeys(NAMES, labels)),
        "columns": st.fixed_dictionaries(dict.fromkeys(NAMES, labels)),
        "source": labels,
        "fed": st.sets(st.sampled_from(NAMES)),
        "policies": st.lists(
            st.tuples(operators, st.lists(st.tuples(operators, parts), min_size=1, max_size=3), st.booleans()),
            max_size=2,
        ),
        "action": st.sampled_from(ACTIONS),
    }
)


def shared_by_reference(world: dict[str, Any], default: str) -> set[tuple[Identity, str]]:
    """Who may be shared: ten lines that know neither expressions nor terms nor SQL."""
    found = set()
    for name, people in world["members"].items():
        carried = world["own"][name] | world["columns"][name] | (world["source"] if name in world["fed"] else set())
        forbidden = "C11" in carried
        for operator, wanted, enabled in world["policies"]:
            met = [ANY_OR_ALL[inner](label in carried for label in part) for inner, part in wanted]
            forbidden |= enabled and world["action"] == "segment_match" and ANY_OR_ALL[operator](met)
        answered = {who: "n" if person == "n" else own or person for who, (own, person) in world["profiles"].items()}
        allowed = {"y"} if default == "default_deny" else {*STRICTEST_FIRST, None} - {"n", "dn"}
        consented = {person for person in people if person in answered and answered[person] in allowed}
        found |= {(p, name) for p in consented & world["partner"] - world["suppressed"] if not forbidden}
    return found


def stopped_of(world: dict[str, Any]) -> set[str]:
    source = DataSource("ds_1", "Shop", tuple(world["source"]), (), "t0", "t0")
    policies = dict(CORE_POLICIES)
    for number, (operator, wanted, enabled) in enumerate(world["policies"]):
        operands = [Deny(operator=inner, operands=[Deny(label=label) for label in part]) for inner, part in wanted]
        deny = Deny(operator=operator, operands=operands)
        status: Any = "ENABLED" if enabled else "DISABLED"
        policies[f"pol_{number}"] = Policy(f"pol_{number}", "Mine", None, status, (world["action"],), deny)
    rules = Rulebook(1, policies=policies, sources={"ds_1": source})
    own = [
        Segment(
            "sbx_a",
            name,
            name,
            None,
            None,
            tuple(world["own"][name]),
            "t0",
            "t0",
            data_source_ids=("ds_1",) if name in world["fed"] else (),
            column_labels={"mail": tuple(world["columns"][name])},
        )
        for name in NAMES
    ]
    return {each.segment_id for each in own if labelled.forbidden(each, rules, PARTNER_ACTIONS)}


def key_of(person: Identity, number: int) -> Identity:
    """A person of one of the worlds."""
    return person[0] + 100 * number, person[1]


def reconciled(folder: Path, found: list[dict[str, Any]], default: Any) -> tuple[BucketResult, set[tuple[Any, ...]]]:
    """What is shared of all worlds at once."""
    numbered = list(enumerate(found))
    profiles = [
        Profile(1, own, person).row(key_of(who, number))
        for number, world in numbered
        for who, (own, person) in world["profiles"].items()
    ]
    partner = [Profile().row(key_of(who, number)) for number, world in numbered for who in world["partner"]]
    suppressed = [(*key_of(who, number), None, "opt_out") for number, world in numbered for who in world["suppressed"]]
    members = {
        f"{name}/{number}": write_rows(
            folder / f"{name}-{number}.parquet", KEYS, [(*key_of(who, number), None) for who in people]
        )
        for number, world in numbered
        for name, people in world["members"].items()
    }
    terms = Terms(
        "sbx_a",
        PartnerRef("sbx_b", "Organization B", "b"),
        tuple(members),
        (1,),
        default,
        stopped=tuple(f"{name}/{number}" for number, world in numbered for name in stopped_of(world)),
    )
    files = BucketFiles(
        0,
        write_rows(folder / "p.parquet", PROFILES, profiles),
        write_rows(folder / "t.parquet", PROFILES, partner),
        members,
        write_rows(folder / "s.parquet", SUPPRESSIONS, suppressed),
    )
    (result,) = engine.reconcile([files], terms, folder, AT, 0)
    rows = read_rows(result.disclosures) if result.disclosures else []
    return result, {((row[0], row[1]), row[4]) for row in rows}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(worlds, min_size=AT_ONCE, max_size=AT_ONCE),
    st.sampled_from(["default_allow", "default_allow", "default_deny"]),
)
def test_what_is_shared_is_what_a_reference_in_plain_python_says(found: list[dict[str, Any]], default: str) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        result, shared = reconciled(folder, found, default)
        assert shared == {
            (key_of(who, number), f"{name}/{number}")
            for number, world in enumerate(found)
            for who, name in shared_by_reference(world, default)
        }
        assert result.members == result.shared + sum(result.excluded.values())
        assert result.members == sum(len(people) for world in found for people in world["members"].values())
    finally:
        shutil.rmtree(folder)
