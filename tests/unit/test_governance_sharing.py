"""Random data, labels and policies through the engine, against a reference in plain Python that knows no SQL."""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handfast.governance.expressions import Deny
from handfast.governance.marketing_actions import PARTNER_ACTIONS
from handfast.governance.models import DataSource, Rulebook
from handfast.governance.policies import CORE_POLICIES, Policy
from handfast.matching import engine
from handfast.matching.models import BucketFiles, Terms
from handfast.partners.models import PartnerRef
from handfast.segments import labelled
from handfast.segments.models import Segment
from tests.worlds.data_plane import KEYS, PROFILES, SUPPRESSIONS, Identity, Profile, read_rows, write_rows

AT = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = [(hi, lo) for hi in (0, 5) for lo in (-5, 5)]
NAMES = ("seg_1", "seg_2")
LABELS = ("C2", "C11", "I1")
ACTIONS = ("segment_match", "analytics")
EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 30

labels = st.sets(st.sampled_from(LABELS))
members = st.sets(st.sampled_from(PEOPLE), min_size=2)
worlds = st.fixed_dictionaries(
    {
        "profiles": st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from([None, "y", "n"]), min_size=3),
        "partner": members,
        "suppressed": st.sets(st.sampled_from(PEOPLE), max_size=1),
        "members": st.fixed_dictionaries(dict.fromkeys(NAMES, members)),
        "own": st.fixed_dictionaries(dict.fromkeys(NAMES, labels)),
        "columns": st.fixed_dictionaries(dict.fromkeys(NAMES, labels)),
        "source": labels,
        "fed": st.sets(st.sampled_from(NAMES)),
        "policies": st.lists(
            st.tuples(st.sampled_from(["AND", "OR"]), st.lists(st.sampled_from(LABELS), min_size=1), st.booleans()),
            max_size=2,
        ),
        "action": st.sampled_from(ACTIONS),
    }
)


def shared_by_reference(world: dict[str, Any]) -> set[tuple[Identity, str]]:
    """Who may be shared: ten lines that know neither expressions nor terms nor SQL."""
    found = set()
    for name, people in world["members"].items():
        carried = world["own"][name] | world["columns"][name] | (world["source"] if name in world["fed"] else set())
        forbidden = "C11" in carried
        for operator, wanted, enabled in world["policies"]:
            met = [label in carried for label in wanted]
            if enabled and world["action"] == "segment_match" and (all(met) if operator == "AND" else any(met)):
                forbidden = True
        consented = {person for person in people if world["profiles"].get(person, "n") != "n"}
        found |= {(p, name) for p in consented & world["partner"] - world["suppressed"] if not forbidden}
    return found


def terms_of(world: dict[str, Any]) -> Terms:
    source = DataSource("ds_1", "Shop", tuple(world["source"]), (), "t0", "t0")
    policies = dict(CORE_POLICIES)
    for number, (operator, wanted, enabled) in enumerate(world["policies"]):
        deny = Deny(operator=operator, operands=[Deny(label=label) for label in wanted])
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
    stopped = tuple(each.segment_id for each in own if labelled.forbidden(each, rules, PARTNER_ACTIONS))
    partner = PartnerRef("sbx_b", "Organization B", "b")
    return Terms("sbx_a", partner, NAMES, (1,), "default_allow", stopped=stopped)


@settings(max_examples=EXAMPLES, deadline=None)
@given(worlds)
def test_what_is_shared_is_what_a_reference_in_plain_python_says(world: dict[str, Any]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        profiles = {key: Profile(share=share) for key, share in world["profiles"].items()}
        files = BucketFiles(
            0,
            write_rows(folder / "p.parquet", PROFILES, [each.row(key) for key, each in sorted(profiles.items())]),
            write_rows(folder / "t.parquet", PROFILES, [Profile().row(key) for key in sorted(world["partner"])]),
            {
                name: write_rows(folder / f"{name}.parquet", KEYS, [(*key, None) for key in sorted(people)])
                for name, people in world["members"].items()
            },
            write_rows(
                folder / "s.parquet", SUPPRESSIONS, [(*key, None, "opt_out") for key in sorted(world["suppressed"])]
            ),
        )
        (result,) = engine.reconcile([files], terms_of(world), folder, AT, 0)
        rows = read_rows(result.disclosures) if result.disclosures else []
        assert {((row[0], row[1]), row[4]) for row in rows} == shared_by_reference(world)
        assert result.members == result.shared + sum(result.excluded.values())
        assert result.members == sum(map(len, world["members"].values()))
    finally:
        shutil.rmtree(folder)
