"""What versions of a dataflow have changed, read out of its disclosures, which keep who left with the time."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from handfast.dataflows import versions
from handfast.dataflows.versions import LedgerVersion
from handfast.lake.duck import Connection, create_table, literal, parquet
from handfast.matching import relations

_CHANGES = Path(__file__).with_name("changes.sql")
_TOLD: Mapping[str, str] = {"written_at": "BIGINT", "version": "BIGINT"}


def relate(
    connection: Connection, disclosures: Sequence[Path], asked: Sequence[LedgerVersion], readable: Iterable[str]
) -> None:
    """Gather what the versions have changed, net, as a table `changes`.

    Who came in the segments that are `readable` is in it, and who left in any. Its columns are those of disclosures,
    with `version`, `change` (`insert` or `delete`), and `is_both` where a pair has both in one version.
    """
    told = {at: number for by_time in versions.rows_of(asked).values() for at, number in by_time.items()}
    create_table(connection, "told", _TOLD, sorted(told.items()))
    segments = ", ".join(map(literal, readable)) or "NULL"
    connection.execute(relations.statement(_CHANGES).format(disclosures=parquet(disclosures), segments=segments))
