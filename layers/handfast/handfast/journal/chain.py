"""The hash chain of a sandbox's log."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

type Record = Mapping[str, Any]


GENESIS = "0" * 64


_HASHED = ("sequence", "type", "at", "actor", "subject", "detail", "previousHash")


def record_hash(record: Record) -> str:
    """SHA-256 over the record's canonical JSON, its `previousHash` included."""
    body = json.dumps({name: record[name] for name in _HASHED}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def _fits(record: Record, sequence: int, previous: str) -> bool:
    try:
        follows = record["sequence"] == sequence and record["previousHash"] == previous
        return follows and bool(record["hash"] == record_hash(record))
    except (KeyError, TypeError):  # an attribute is gone, or of a type no record has
        return False


def first_break(records: Iterable[Record]) -> tuple[int, str | None, int | None]:
    """Walk a log from its first record: how many fit, the last hash, and the first sequence that does not fit.

    A log cut off at its end still fits; that shows against a head noted elsewhere (webhooks and events carry it).
    """
    count, previous = 0, GENESIS
    for record in records:
        if not _fits(record, count + 1, previous):
            return count, previous if count else None, count + 1
        count, previous = count + 1, record["hash"]
    return count, previous if count else None, None
