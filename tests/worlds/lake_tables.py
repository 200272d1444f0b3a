"""Places of tables in memory and in folders, as `handfast.remote_files` reads them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from handfast.remote_files.contract import RemoteError
from handfast.remote_files.tables import NameObjects, ReadObject


def in_memory(objects: Mapping[str, bytes]) -> tuple[ReadObject, NameObjects]:
    """What reads and names objects by their names below a root."""

    def read(name: str) -> bytes:
        if name not in objects:
            raise RemoteError("gone", "the file is not there any more")
        return objects[name]

    def names(folder: str) -> Iterator[str]:
        assert folder.endswith("/")
        return (name for name in objects if name.startswith(folder))

    return read, names


def in_folder(root: Path) -> tuple[ReadObject, NameObjects]:
    """The same of a folder's files."""
    return in_memory(
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    )
