"""Small data-plane objects for tests, and the rules of sharing once more, in plain Python."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from handfast.lake.buckets import bucket_of
from handfast.lake.duck import literal
from handfast.matching.models import Terms

PROFILES = (
    "hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB, profile_id VARCHAR, share VARCHAR, profile_share VARCHAR, "
    "share_at TIMESTAMP, attributes VARCHAR, profile_share_at TIMESTAMP"
)
KNOWN_PROFILES = f"{PROFILES}, known_since INTEGER"
KEYS = "hi BIGINT, lo BIGINT, since TIMESTAMP"
SUPPRESSIONS = "hi BIGINT, lo BIGINT, since TIMESTAMP, reason VARCHAR"
DISCLOSURES = (
    "hi BIGINT, lo BIGINT, namespace SMALLINT, value BLOB, segment VARCHAR, disclosed_at TIMESTAMP, "
    "withdrawn_at TIMESTAMP"
)

type Row = tuple[Any, ...]
type Identity = tuple[int, int]


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def write_rows(path: Path, columns: str, rows: Sequence[Row]) -> Path:
    """A Parquet file of rows, sorted by key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connection()
    connection.execute(f"CREATE OR REPLACE TABLE rows_to_write ({columns})")
    if rows:
        marks = f"({', '.join('?' for _ in rows[0])})"
        values = ", ".join(marks for _ in rows)
        connection.execute(f"INSERT INTO rows_to_write VALUES {values}", [value for row in rows for value in row])
    target = literal(path)
    connection.execute(f"COPY (FROM rows_to_write ORDER BY hi, lo) TO {target} (FORMAT parquet, COMPRESSION zstd)")
    return path


def read_rows(path: Path) -> list[Row]:
    """All rows of a Parquet file, in its order."""
    return _connection().execute(f"FROM read_parquet({literal(path)})").fetchall()


@dataclass(frozen=True)
class Profile:
    """What a sandbox knows of an identity."""

    namespace: int = 1
    share: str | None = None
    profile_share: str | None = None

    def row(self, key: Identity) -> Row:
        """As profiles hold it; the value is made of the key, so that tests can tell whose it is."""
        return (*key, self.namespace, value_of(key), "person", self.share, self.profile_share, None, None, None)


def value_of(key: Identity) -> bytes:
    """A test identity's value."""
    return f"{key[0]},{key[1]}".encode()


def write_buckets(
    folder: Path, columns: str, rows: Iterable[tuple[Identity, Row]], bucket_bits: int
) -> dict[int, Path]:
    """One file per bucket that has rows."""
    buckets: dict[int, list[Row]] = {}
    for key, row in rows:
        buckets.setdefault(bucket_of(key[0], bucket_bits), []).append(row)
    return {bucket: write_rows(folder / f"{bucket:05d}.parquet", columns, part) for bucket, part in buckets.items()}


def allows(profile: Profile, consent_default: str) -> bool:
    """Whether a profile's answers let it be shared."""
    share = "n" if profile.profile_share == "n" else profile.share or profile.profile_share
    return share == "y" if consent_default == "default_deny" else share not in {"n", "dn"}


def reason(
    key: Identity,
    segment: str,
    profiles: Mapping[Identity, Profile],
    partner: Mapping[Identity, Profile],
    suppressed: set[Identity],
    terms: Terms,
) -> str:
    """Why a member is not shared, or `shared`: docs/architecture.md in a few lines."""
    profile = profiles.get(key)
    if profile is None:
        return "unknown_identity"
    if profile.namespace not in terms.namespaces:
        return "namespace_not_selected"
    if not allows(profile, terms.consent_default):
        return "consent"
    if segment in terms.stopped or key in suppressed:
        return "policy" if segment in terms.stopped else "suppressed"
    by = terms.partner_consent_default
    if terms.partner and (key not in partner or (by and not allows(partner[key], by))):
        return "not_in_partner"
    return "shared"
