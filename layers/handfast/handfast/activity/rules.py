"""The hash chain of a sandbox's log."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

GENESIS = "0" * 64
_HASHED = ("sequence", "type", "at", "actor", "subject", "detail", "previousHash")


def record_hash(record: Mapping[str, Any]) -> str:
    """SHA-256 over the record's canonical JSON, its `previousHash` included."""
    body = json.dumps({name: record[name] for name in _HASHED}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def first_break(records: Iterable[Mapping[str, Any]]) -> tuple[int, str | None, int | None]:
    """Walk a log from its first record: how many records, the last hash, and the first sequence that does not fit."""
    count, previous = 0, GENESIS
    for record in records:
        fits = record["sequence"] == count + 1 and record["previousHash"] == previous
        if not fits or record["hash"] != record_hash(record):
            return count, previous if count else None, count + 1
        count, previous = count + 1, record["hash"]
    return count, previous if count else None, None
