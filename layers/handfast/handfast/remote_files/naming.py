"""Names of files: which are left out, and which values the folders tell (docs/file-sources.md, What is left out)."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from handfast.identity.free_text import PlainName
from handfast.remote_files.contract import LeftOut, RemoteFile

LONGEST = 900
"""Characters of a name below its root: one of S3's has 1,024 bytes."""
_NULL = "__HIVE_DEFAULT_PARTITION__"
"""How Hive writes the folder of rows that have no value."""
_PART: TypeAdapter[str] = TypeAdapter(PlainName)


def is_hidden(name: str) -> bool:
    """Whether a name, or a folder that it lies in, is hidden as for Spark and Hive: by a dot or an underscore.

    A folder such as `_day=1` is a partition.
    """
    return any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in name.split("/"))


def partition_of(name: str) -> Mapping[str, str | None]:
    """The values that the folders of a name tell, by column; of two of one column the inner one counts.

    Hive escapes what no path can hold as `%` and two hexadecimal digits.
    """
    found: dict[str, str | None] = {}
    for folder in name.split("/")[:-1]:
        column, equals, value = folder.partition("=")
        if equals and column:
            found[unquote(column)] = None if value == _NULL else unquote(value)
    return found


def tells_of_files(kind: str, name: str) -> bool:
    """Whether a new object of this name means that there is something to take: of a table what commits a version."""
    if kind == "delta":
        return name.startswith("_delta_log/") and name.endswith(".json")
    if kind == "iceberg":
        return name.startswith("metadata/") and name.endswith(
            (".metadata.json", ".metadata.json.gz", "version-hint.text")
        )
    return why_left_out(name, 1) is None


def why_left_out(name: str, size: int) -> str | None:
    """Why a file is not read; None where it is."""
    if not is_usable(name):
        return "unusable_name"
    if is_hidden(name):
        return "hidden"
    return None if size else "empty"


def is_usable(name: str) -> bool:
    """Whether a name can be stored and shown: every part of it, and what a partition's folder stands for.

    None has control characters, leads out of its folder, or holds an address or a phone number.
    """
    parts = name.split("/")
    if len(name) > LONGEST or any(part in {"", ".", ".."} for part in parts):
        return False
    values = (value for value in partition_of(name).values() if value)
    return all(map(_is_plain, (*parts, *values)))


@lru_cache(10_000)
def _is_plain(part: str) -> bool:
    """Remembered, as files share their folders."""
    try:
        _PART.validate_python(part)
    except ValidationError:
        return False
    return True


def sorted_out(name: str, size: int, version: str) -> RemoteFile | LeftOut:
    """A file as it is read, or why it is not."""
    reason = why_left_out(name, size)
    return LeftOut(name, size, reason) if reason else RemoteFile(name, size, version, partition_of(name))
