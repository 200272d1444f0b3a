"""What files of whole memberships look like: those of a few members, who do not exist."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.destinations.contract import Account, Pair, SnapshotDelivery, SnapshotFormat, SnapshotPart
from handfast.lake.duck import connect, create_table
from handfast.platform import clock

_NOBODY = "sample"
MEMBER_COLUMNS = {
    "hi": "BIGINT",
    "lo": "BIGINT",
    "profile_id": "VARCHAR",
    "target": "VARCHAR",
    "id": "VARCHAR",
    "segment": "VARCHAR",
    "mapping_id": "VARCHAR",
}
"""Columns of the tables of a `SnapshotPart`, by name and type."""


def sample(account: Account[Any, Any], to: SnapshotFormat, pairs: Sequence[Pair]) -> list[dict[str, str]]:
    """The files of some pairs, which enter, with their texts."""
    rows = [
        (number, 0, None, pair.target, pair.value, pair.segment_id, account.segment(pair.segment_id).mapping_id)
        for number, pair in enumerate(pairs)
    ]
    with TemporaryDirectory() as name, connect() as connection:
        create_table(connection, "members", MEMBER_COLUMNS, rows)
        create_table(connection, "leavers", MEMBER_COLUMNS, [])
        targets = tuple(dict.fromkeys(pair.target for pair in pairs))
        part = SnapshotPart(
            connection, Path(name), SnapshotDelivery(_NOBODY, _NOBODY, _NOBODY, clock.now(), targets), 0
        )
        return [{"name": file.path.name, "text": file.path.read_text()} for file in to.write(part)]
