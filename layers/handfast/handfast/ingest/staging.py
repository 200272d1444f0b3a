"""From an uploaded file to a change, in one piece: what `reading` makes of its rows, `folding` of its identities, and
`people_of_file` of its people, one part of the change per span.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from handfast.ingest import counting, facts, folding, people_of_file, phone_numbers, reading
from handfast.ingest.column_shapes import warnings_of
from handfast.ingest.growth import too_large
from handfast.ingest.parsing import Roles
from handfast.ingest.person_facts import LookUp
from handfast.ingest.plan import Plan, Staged, StagedSpan
from handfast.ingest.previewing import write_named
from handfast.ingest.refusals import write_rejects
from handfast.ingest.rendering import write_renderings
from handfast.lake.buckets import span_name, span_range, spans, within_sql
from handfast.lake.duck import Connection, connect


class StagingError(RuntimeError):
    """The engine failed in a way that is not known to be the file's fault."""


@contextmanager
def working() -> Iterator[Connection]:
    """A connection to stage with; raises UploadRejected for what does not fit, and StagingError without any value."""
    try:
        with connect() as connection:
            yield connection
    except duckdb.OutOfMemoryException:
        raise too_large() from None
    except duckdb.Error as error:
        # Its text may quote values, which no log may hold.
        raise StagingError(type(error).__name__) from None


def stage(source_path: Path, plan: Plan, work_dir: Path, look_up: LookUp | None = None) -> Staged:
    """Make a file into the change it stands for, below `work_dir`; raises UploadRejected for the file as a whole.

    The time is that of `plan.at` for all answers. Spans without any row are left out. `look_up` finds what the sandbox
    knows of the people in the file; without it, it knows nobody.
    """
    with working() as connection:
        return _stage(connection, source_path, plan, work_dir, look_up)


def _stage(connection: Connection, source_path: Path, plan: Plan, work_dir: Path, look_up: LookUp | None) -> Staged:
    roles, found, created = reading.read(connection, source_path, plan, work_dir)
    facts.check(found, plan)
    phone_index = phone_numbers.write_index(connection, roles, work_dir)
    renderings = write_renderings(connection, roles, work_dir)
    named = write_named(connection, roles, work_dir) if plan.is_preview else None
    folding.take_last_said(connection, reading.said_sql(roles, plan), plan)
    folding.fold(connection, roles)
    repeated = people_of_file.has_repeated_people(connection, roles)
    replaced = people_of_file.settle(connection, roles, plan, look_up, repeated=repeated)
    written = tuple(_write_spans(connection, roles, plan, work_dir))
    answers = people_of_file.write_answers(connection, roles, work_dir)
    counts = counting.counted(
        found,
        overruled=counting.overruled(connection),
        repeated=counting.repeated_rows(connection),
        people=counting.people(connection, roles, repeated=repeated),
        replaced=replaced,
    )
    counts = replace(counts, warnings=warnings_of(found, plan.columns), created=len(created))
    rejects = write_rejects(connection, roles, plan, work_dir)
    return Staged(written, rejects, counts, answers, found.delimiter, phone_index, renderings, named, created)


def _write_spans(connection: Connection, roles: Roles, plan: Plan, work_dir: Path) -> Iterator[StagedSpan]:
    for span in spans(plan.bucket_bits):
        within = within_sql(span_range(span, plan.bucket_bits))
        parts = folding.write_change(connection, roles, plan, work_dir / f"span-{span_name(span)}", within)
        if any(parts):
            yield StagedSpan(span, *parts)
