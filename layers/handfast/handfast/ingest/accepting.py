"""How a change of an upload's is written and accepted, before it becomes visible. A repeat changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from handfast.ingest import store
from handfast.ingest.models import Delimiter, Upload
from handfast.ingest.plan import StagedCounts
from handfast.ingest.store import Begun
from handfast.journal.models import Sandbox
from handfast.lake import answers, buckets, change_log, phone_index, renderings
from handfast.lake.duck import parquet
from handfast.platform.objects import LostRaceError
from handfast.segments import service as segments_service


def put_change(
    upload: Upload, begun: Begun, span: int, profiles: Path | None, memberships: Path | None, number: int | None = None
) -> None:
    """Write a span's part of a change, or that of a slice of it, which is not visible yet."""
    for path, name in ((profiles, change_log.PROFILES), (memberships, change_log.MEMBERSHIPS)):
        if path is not None:
            own = name if number is None else change_log.part(name, number)
            change_log.put_change_file(upload.sandbox_id, span, begun.change_id, path, own)


def keep_beside(sandbox_id: str, given: Sequence[Path], phones: Sequence[Path], rendered: Sequence[Path]) -> None:
    """Keep what is kept beside profiles: people's answers, indexed phone numbers, renderings."""
    for path in given:
        answers.add(sandbox_id, path)
    if phones:
        phone_index.add(sandbox_id, parquet(phones))
    if rendered:
        renderings.add(sandbox_id, parquet(rendered))


def create_segments(upload: Upload, created: Mapping[str, str]) -> None:
    """Create the segments that come into being with a file, by their names; raises LostRaceError where another has a
    name by now.

    It is before the change is accepted: a repeat finds them by their names.
    """
    for name, segment_id in created.items():
        if not segments_service.create_named(upload.sandbox_id, segment_id, name, upload.actor):
            raise LostRaceError(name)


def accept(
    upload: Upload,
    sandbox: Sandbox,
    counts: StagedCounts,
    delimiter: Delimiter | None,
    named: Sequence[str],
    touched: Iterable[int],
) -> None:
    """Accept a change that names these segments and touches these spans."""
    if upload.deciding_labels or upload.data_source_id:
        # Before the change is accepted, so that no member comes without the labels of its file.
        segments_service.inherit(sandbox, named, upload.deciding_labels, upload.data_source_id, upload.actor)
    # A snapshot concerns all spans: members leave those that it does not name, too.
    spans = buckets.all_spans() if upload.mode == "snapshot" else sorted(touched)
    store.accept(upload, counts, delimiter, spans)
