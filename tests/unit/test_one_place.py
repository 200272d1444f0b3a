"""Each piece of knowledge of the data plane stands in one place of the package.

The table says which piece, how one recognises it in source text, and where it is. Who needs it calls what stands there.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "layers" / "handfast" / "handfast"
DATA_PLANE = frozenset({"lake", "matching", "dataflows", "ingest", "segment_export"})

PLACES = [
    # knowledge, pattern of its text, module
    ("the setting of how many bits tell a bucket", r"BUCKET_BITS", "lake/buckets.py"),
    ("the bucket of a key", r">> \(64 - ", "lake/buckets.py"),
    ("the bucket of a row, in SQL", r">> \{64 - ", "lake/buckets.py"),
    ("the keys of a bucket or span, in SQL", r"hi BETWEEN", "lake/buckets.py"),
    ("the least key of a bucket", r"1 << 63 else", "lake/buckets.py"),
    ("grouping identities by bucket or span", r"(?<!def )\bbucket_of\(", "lake/buckets.py"),
    ("grouping buckets by size", r"\bif \w+ and \w+ \+ [\w.]+ > ", "lake/buckets.py"),
    ("the key of a bucket's object", r":05d\}", "lake/buckets.py"),
    ("the bucket of an object's key", r"\\d\{5\}", "lake/buckets.py"),
    ("a span as text", r":03d\}", "lake/buckets.py"),
    ("the span of a text", r"\bint\(span|\bdef span_number\(", "lake/buckets.py"),
    ("the members' objects by segment", r"\blayout\.segments\(", "lake/buckets.py"),
    ("the prefix of profiles", r"\"profiles/sandbox=", "lake/layout.py"),
    ("the prefix of members", r"\"memberships/sandbox=", "lake/layout.py"),
    ("the prefix of suppressions", r"\"suppressions/sandbox=", "lake/layout.py"),
    ("the prefix of disclosures", r"\"disclosures/dataflow=", "lake/layout.py"),
    ("the columns of profiles", r"\"attributes\": \"VARCHAR\"", "lake/layout.py"),
    ("the columns of disclosures", r"\"withdrawn_at\": \"TIMESTAMP\"", "lake/layout.py"),
    ("requests to S3 at once", r"\bThreadPoolExecutor\(CONNECTIONS\)", "lake/transfers.py"),
    ("a FROM item over Parquet files", r"\bread_parquet\(", "lake/duck.py"),
    ("an empty FROM item of some columns", r"CAST\(NULL AS \{", "lake/duck.py"),
    ("a table of rows of Python", r"unnest\(\?::", "lake/duck.py"),
    ("a time of DuckDB on the wire", r"%S\.%gZ", "lake/duck.py"),
    ("the footer's key of a delta log", r"\"delta_log\"", "lake/delta_log.py"),
    ("the prefix of changes", r"\"changes/", "lake/change_log.py"),
    ("what makes an upload's or a request's change visible", r"\"change\.json\"", "lake/change_log.py"),
    ("what makes a stream call's change visible", r"\"stream\.json\"", "lake/change_log.py"),
    ("the mark of an applied change", r"\bAPPLIED#", "lake/change_log.py"),
    ("the answers that a consent default lets be shared", r"IN \('n', 'dn'\)", "governance/consent.py"),
    ("the answer that shares without a consent default", r"= 'y' THEN", "governance/consent.py"),
    ("the type of a key", r"\bclass Key\b|\bKey = TypeAliasType\b", "identity/keys.py"),
    ("the type of a consent default", r"\b(class|type) ConsentDefault\b", "journal/models.py"),
    ("the files that a bucket is reconciled from", r"\b(class|type) BucketFiles\b", "matching/models.py"),
    ("the files that a change is merged into", r"\b(class|type) CurrentBucket\b", "ingest/plan.py"),
]


@cache
def _sources() -> dict[str, str]:
    files = (path for kind in ("*.py", "*.sql") for path in PACKAGE.rglob(kind) if path.name != "calling_codes.py")
    return {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in files}


@pytest.mark.parametrize(("knowledge", "pattern", "module"), PLACES, ids=[knowledge for knowledge, _, _ in PLACES])
def test_it_stands_in_one_place(knowledge: str, pattern: str, module: str) -> None:
    places = [
        f"{name}:{source.count('\n', 0, match.start()) + 1}"
        for name, source in _sources().items()
        for match in re.finditer(pattern, source)
    ]
    assert [place.partition(":")[0] for place in places] == [module], f"{knowledge}: {places}"


def test_the_data_plane_transfers_objects_by_one_pool() -> None:
    """Ingest writes files by as many threads as there are processors, which is no transfer."""
    pools = {
        name
        for name, source in _sources().items()
        if name.split("/")[0] in DATA_PLANE and re.search(r"\bThreadPoolExecutor\((?!os\.process_cpu_count)", source)
    }
    assert pools == {"lake/transfers.py"}


def test_a_store_makes_items_by_their_kinds() -> None:
    by_hand = [name for name, source in _sources().items() if name.endswith("store.py") and "TypeAdapter" in source]
    assert by_hand == []


def test_a_type_of_the_data_plane_has_a_name_of_its_own() -> None:
    modules: dict[str, list[str]] = defaultdict(list)
    for name, source in _sources().items():
        if name.split("/")[0] in DATA_PLANE and name.endswith(".py"):
            for type_name in _public_types(source):
                modules[type_name].append(name)
    assert {name: places for name, places in modules.items() if len(places) > 1} == {}


def _public_types(source: str) -> list[str]:
    body = ast.parse(source).body
    names = [node.name for node in body if isinstance(node, ast.ClassDef)]
    names += [node.name.id for node in body if isinstance(node, ast.TypeAlias)]
    return [name for name in names if not name.startswith("_")]
