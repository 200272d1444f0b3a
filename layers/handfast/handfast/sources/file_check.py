"""Whether the beginning of a source's file is as its options say."""

from collections.abc import Callable
from pathlib import Path

from handfast.identity.namespaces import namespace_of, namespaces
from handfast.ingest.guessing import Known
from handfast.ingest.heads import Announced, read_head
from handfast.ingest.models import FileOptions
from handfast.ingest.plan import UploadRejected
from handfast.ingest.uploads import completed
from handfast.journal.models import Sandbox
from handfast.platform.problems import Refused
from handfast.remote_files.contract import RemoteFile
from handfast.remote_files.models import Source
from handfast.segments import store as segments


def why_unfit(found: Source, sandbox: Sandbox, file: RemoteFile, received: int, work_dir: Path) -> str | None:
    """Why a file cannot be loaded, of which so many bytes lie in `work_dir` as `bytes`; None where that is not seen.

    A Parquet file that is not there as a whole is not looked into: its schema stands at its end.
    """
    name = file.name.rpartition("/")[2]
    try:
        body = completed(sandbox, FileOptions.model_validate({**found.options, "fileName": name}))
    except Refused as refused:
        return "; ".join(error["message"] for error in refused.members["errors"])
    if body.format == "parquet" and received < file.size:
        return None
    announced = Announced(name, body.format, file.size, body.told_delimiter, body.header)
    try:
        head = read_head(work_dir / "bytes", announced, received, _is_name(sandbox, body), work_dir)
    except UploadRejected as refusal:
        return refusal.detail
    if head.refusal is not None:
        return head.refusal.detail
    there = {*head.names, *file.partition}
    lacking = [each.column for each in body.columns if not each.optional and each.column not in there]
    if lacking and body.preset is None:  # of a preset its reader knows them
        return f"the file lacks columns that are mapped: {', '.join(lacking)}"
    return None


def _is_name(sandbox: Sandbox, body: FileOptions) -> Callable[[str], bool]:
    """Whether a text is a name of a mapped column, or a usual one."""
    own = [namespace_of(code) for code in sandbox.own_namespaces]
    known = Known([*namespaces().values(), *own], segments.segments_by_name(sandbox.sandbox_id), has_segment=False)
    mapped = {mapping.column for mapping in body.columns}
    return lambda name: name in mapped or known.is_name(name)
