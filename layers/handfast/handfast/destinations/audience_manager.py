"""Audience Manager's inbound files: names, and what they take (docs/sources.md, Destinations in AWS and files)."""

import hashlib
from datetime import datetime
from typing import Literal

_GLOBAL = {"gaid": 20914, "idfa": 20915}
"""Data sources of advertising ids."""
NOT_IN_IDS = ":\t\r\n"


def is_trait(mapping_id: str) -> bool:
    """Whether a segment's mapping id is the id of a trait."""
    return mapping_id.isascii() and mapping_id.isdigit()


def inbound_name(
    data_source_id: int, target: str, at: datetime, kind: Literal["sync", "overwrite"], told_apart_by: str
) -> str:
    """The name of a file of ids of one target identity.

    Files of the same second differ by the split number, which is one of the target and of `told_apart_by`.
    """
    source = f"{_GLOBAL[target]}_{data_source_id}" if target in _GLOBAL else str(data_source_id)
    split = int.from_bytes(hashlib.sha256(f"{told_apart_by}\n{target}".encode()).digest()[:6])
    return f"ftp_dpm_{source}_{int(at.timestamp()):010d}.{kind}.{split}"


def written_id(target: str, value: str) -> str:
    """An id as it stands in a file: Apple's in upper case, Google's in lower case."""
    return {"idfa": value.upper(), "gaid": value.lower()}.get(target, value)
