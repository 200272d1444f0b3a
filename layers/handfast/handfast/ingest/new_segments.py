"""Segments that come into being with a file that names them."""

# ruff: noqa: S608 - statements are built from quoted names and this module's own text
import hashlib

from pydantic import TypeAdapter, ValidationError

from handfast.ingest.parsing import Roles
from handfast.ingest.plan import Plan, UploadRejected
from handfast.ingest.previewing import SEPARATOR, may_be_shown
from handfast.lake.duck import Connection
from handfast.segments.models import ExternalId

MOST_NEW = 1000
"""Segments that one file may create: more are hardly audiences, but a column of something else."""
_EXTERNAL_ID: TypeAdapter[str] = TypeAdapter(ExternalId)


def new_segments(connection: Connection, roles: Roles, plan: Plan) -> dict[str, str]:
    """The ids that segments get which cells have people join and the sandbox lacks, by name; raises UploadRejected.

    Where segments are selected, others create none, but in a preview. A name that is no external id creates none, and
    refuses its rows. Ids are the same whenever the file is read.
    """
    lists = [index for index, column in enumerate(roles.lists) if not column.leaves]
    if plan.creates is None or not lists:
        return {}
    cells = " UNION ".join(f"SELECT DISTINCT l{index} AS cell FROM parsed WHERE NOT exits" for index in lists)
    rows = connection.execute(
        f"SELECT DISTINCT trim(unnest(string_split(cell, '{SEPARATOR}'))) AS name FROM ({cells}) ORDER BY 1"
    ).fetchall()
    wanted = None if plan.is_preview else plan.selected
    ids = {name: _segment_id(plan.creates, name) for (name,) in rows if name and (wanted is None or name in wanted)}
    # A try before may have created some.
    names = [name for name in ids if plan.segments.get(name, ids[name]) == ids[name] and _is_external_id(name)]
    check_number(len(names))
    return {name: ids[name] for name in names}


def check_number(number: int) -> None:
    """Raises UploadRejected for more new segments than there may be."""
    if number > MOST_NEW:
        raise UploadRejected(
            "too_many_segments",
            f"the file names more than {MOST_NEW:,} segments that the sandbox does not have; map another column, or"
            " create them first",
        )


def _is_external_id(name: str) -> bool:
    try:
        _EXTERNAL_ID.validate_python(name)
    except ValidationError:
        return False
    return may_be_shown(name)


def _segment_id(change_id: str, name: str) -> str:
    """An id of the time of the change, which begins its own."""
    digest = hashlib.sha256(f"{change_id}/{name}".encode()).hexdigest()[:16].upper()
    return f"seg_{change_id.partition('_')[2][:10]}{digest}"
