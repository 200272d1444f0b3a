"""Audience Manager's inbound files: what their names say, and the columns that both kinds have.

The rules of names and lines are those of Audience Manager's pages on batch data transfer (docs/presets.md).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from handfast.ingest.models import ColumnMapping, FileOptions
from handfast.ingest.plan import Plan
from handfast.ingest.presets.contract import Reading, Surroundings, Unfit

if TYPE_CHECKING:
    from handfast.ingest.cells import Source
    from handfast.lake.duck import Connection

USER, TRAITS, REMOVED = "user", "traits", "removedTraits"
"""The columns that a line is read as."""
SOURCE = (
    "https://experienceleague.adobe.com/en/docs/audience-manager/user-guide/implementation-integration-guides/"
    "sending-audience-data/batch-data-transfer-process/inbound-file-contents"
)
DEVICES = {"20914": "GAID", "20915": "IDFA"}
"""The numbers of data sources whose ids are of devices, and their namespaces."""
_NAME = re.compile(
    r"ftp_dpm_(?P<ids>[0-9]+)(?:_(?P<owner>[0-9]+))?_(?P<at>[0-9]{10})"
    r"\.(?P<kind>sync|overwrite)(?:\.(?P<split>[0-9]+))?(?:\.gz)?"
)
_SHAPE = "ftp_dpm_DPID[_OWNER]_TIMESTAMP.sync or .overwrite, then [.SPLIT][.gz], with a timestamp of 10 digits"
_LINE = re.compile(rb"[^\t\r\n]+\t *-*\"?([0-9]+|(d_sid|d_unsid|ic)\"? *=|[^\t\r\n,=]+=)")

type Kind = Literal["sync", "overwrite"]


@dataclass(frozen=True)
class FileName:
    """What a file's name says: the data source that its ids are of, whose traits it brings, and what it does."""

    ids: str
    owner: str
    kind: Kind


def read_name(text: str) -> FileName:
    """What the name of a file says, folders before it left out; raises Unfit where it says too little or too much."""
    name = text.rpartition("/")[2]
    if name.startswith("adobe_id_"):
        problem = "a file of adobe_id_… pairs ids with ids, and names no trait; send the files of ftp_dpm_…"
        raise Unfit("/fileName", problem)
    found = _NAME.fullmatch(name)
    if not found:
        raise Unfit("/fileName", f"Audience Manager's files are named {_SHAPE}")
    ids, owner = found["ids"], found["owner"]
    if ids in DEVICES and owner is None:
        raise Unfit(
            "/fileName", f"{ids} says that the ids are {DEVICES[ids]}s; a second number says whose the traits are"
        )
    if owner in DEVICES:
        raise Unfit("/fileName", f"{owner} is a kind of device, and owns no traits; it stands first")
    return FileName(ids, owner or ids, "sync" if found["kind"] == "sync" else "overwrite")


def detect(kind: Kind, file_name: str, head: bytes) -> str | None:
    """Why a file is one of Audience Manager's of this kind, or None."""
    try:
        named = read_name(file_name)
    except Unfit:
        return None
    if named.kind != kind or not _LINE.match(head.lstrip(b"\xef\xbb\xbf\r\n")):
        return None
    ids = DEVICES.get(named.ids, f"of data source {named.ids}")
    return (
        f"The name is that of an Audience Manager .{kind} file with ids {ids} and traits of data source {named.owner},"
        " and its first line is an id, a tab and traits."
    )


def read(kind: Kind, body: FileOptions, given: Surroundings) -> Reading:
    """The columns of a file, and the data source of the sandbox that is called by the owner's number; raises Unfit."""
    named = read_name(body.file_name)
    if named.kind != kind:
        raise Unfit("/preset", f"the file's name ends in .{named.kind}: its preset is audience-manager-{named.kind}")
    if named.ids not in DEVICES and not any(mapping.column == USER for mapping in body.columns):
        raise Unfit(
            "/columns",
            f"the ids are of data source {named.ids}: say of which namespace they are here, as"
            f' {{"column": "{USER}", "as": "identity", "namespace": …}}, one of the sandbox\'s own for ids of a CRM',
        )
    source = body.data_source_id or given.data_sources.get(named.owner)
    if kind == "overwrite" and source is None:
        raise Unfit(
            "/dataSourceId",
            f"the file replaces what its users are members of by data source {named.owner}: name the data source that"
            f" this is here, or call one {named.owner}",
        )
    user = [ColumnMapping(column=USER, role="identity", namespace=DEVICES[named.ids])] if named.ids in DEVICES else []
    traits = ColumnMapping(column=TRAITS, role="segment")
    removed = [ColumnMapping(column=REMOVED, role="segment", leaves=True)] if kind == "sync" else []
    return Reading((*user, traits, *removed), source)


def open_lines(connection: "Connection", path: Path, plan: Plan, _work_dir: Path) -> "Source":
    """The lines of a file of either kind."""
    from handfast.ingest.presets.trait_lines import trait_lines  # noqa: PLC0415 - only what reads has the engine

    return trait_lines(connection, path, plan)
