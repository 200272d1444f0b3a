"""A folder of files as one import: `segments upload FOLDER`."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from handfast_cli.errors import InputError
from handfast_cli.options import Session
from handfast_cli.output import say
from handfast_cli.transfers import put_file
from handfast_client.uploads import Advance

_AT_ONCE = 4


def parts_of(folder: Path) -> dict[str, Path]:
    """The files below a folder by their names, in order, without those that other systems leave there (`_SUCCESS`).

    Raises InputError for a folder without any.
    """
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    parts = {place.as_posix(): path for place, path in found.items() if not _is_ignored(place)}
    if not parts:
        raise InputError(f"{folder}: there is no file but such as begin with _ or .")
    return parts


def _is_ignored(place: Path) -> bool:
    """Whether a name of the path is hidden, as sources have it: a folder such as `_day=1` tells a column's value."""
    return any(name.startswith(".") or (name.startswith("_") and "=" not in name) for name in place.parts)


def send_folder(session: Session, parts: Mapping[str, Path], body: Mapping[str, Any], advance: Advance) -> str:
    """Creates an import, sends its parts to the addresses it answers with, and starts it; returns its id."""
    created = session.api.call("POST", session.path("/imports"), body=dict(body) | {"files": list(parts)})
    import_id: str = created["importId"]
    links = created["uploadUrls"]
    if created["nextCursor"]:
        links = [part["uploadUrl"] for part in _parts(session, import_id)]
    try:
        _send(list(zip(parts.values(), links, strict=True)), advance)
        session.api.call("POST", session.path(f"/imports/{import_id}/start"))
    except BaseException:  # whoever stops it wants to go on, too
        say(f"Not all of the folder was sent: within a day, the same with --again {import_id} sends the rest")
        raise
    return import_id


def send_again(session: Session, import_id: str, parts: Mapping[str, Path], advance: Advance) -> list[str]:
    """Sends the parts of an import that could not be read, or never came, once more, and starts it again.

    Returns their names. Raises InputError where the folder lacks one of them.
    """
    wanted = {
        part["name"]: part["uploadUrl"]
        for part in _parts(session, import_id)
        if part["error"] or part["sizeBytes"] is None
    }
    missing = wanted.keys() - parts.keys()
    if missing:
        raise InputError(f"the folder lacks {', '.join(sorted(missing))}, which the import needs")
    if any(link is None for link in wanted.values()):
        raise InputError("the import takes no parts any more: send the folder as a new one")
    _send([(parts[name], link) for name, link in wanted.items()], advance)
    session.api.call("POST", session.path(f"/imports/{import_id}/start"))
    return list(wanted)


def _parts(session: Session, import_id: str) -> list[dict[str, Any]]:
    return list(session.api.items(session.path(f"/imports/{import_id}/parts")))


def _send(parts: Sequence[tuple[Path, str]], advance: Advance) -> None:
    lock = Lock()

    def count(size: int) -> None:
        with lock:
            advance(size)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for sent in [pool.submit(put_file, link, path, count) for path, link in parts]:
            sent.result()
