"""Files of people: `segments upload`."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TransferSpeedColumn

from handfast_cli.errors import CommandError, InputError
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import errors, say, show

CHUNK = 1 << 20
MULTIPART_FROM = 100 * (1 << 20)
ATTEMPTS = 4
DETAILS = {
    "identity": ("namespace", "transform", "form"),
    "share": ("namespace",),
    "tcf": ("namespace",),
    "gpp": ("namespace",),
    "segment": ("name",),
    "attribute": ("name",),
}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
FORMS = ("e164", "national", "digitsWithCountryCode")
ENDED = frozenset({"completed", "failed"})
FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
COLUMN_HELP = (
    "COLUMN=ROLE, one for each column to read. ROLE is profileId, status, phoneRegion, shareAt, "
    "share[:NAMESPACE], tcf[:NAMESPACE], gpp[:NAMESPACE], "
    "segment[:SEGMENT], attribute[:NAME], identity:NAMESPACE[:hash|none], for phone numbers of one form "
    "identity:NAMESPACE:hash:e164|national|digitsWithCountryCode, or namespace beside identity[::hash|none]."
)

PRESET_HELP = (
    "What another system wrote: audience-manager-sync, audience-manager-overwrite, experience-platform-batch,"
    " experience-platform-profiles or rtc-collaboration. --column then adds columns, or replaces those of its name."
)
SEPARATOR_HELP = "COLUMN=|, for cells with several identities: what stands between them. The column is one of --column."
MODE_HELP = (
    "delta adds and changes; snapshot also removes who is not in it; suppression opts out who is in it; overwrite"
    " replaces what its people are members of by --data-source. Left out, it is the preset's, or delta."
)
ANSWER_HELP = (
    "WORD=ANSWER, such as yes=y: what a word in the share columns stands for, and =u a blank cell. ANSWER is y, n or"
    " another."
)
COLUMN_LABEL_HELP = "COLUMN=LABEL, such as mail=I1: a governance label of a column; repeat for more."
REASONS_PAGE = "docs/troubleshooting.md, Rows or values are rejected"

type Advance = Callable[[int], None]


class UploadError(CommandError):
    """The store refused the file, or the upload ended as failed."""


def upload(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    column: Annotated[list[str] | None, typer.Option("--column", help=COLUMN_HELP)] = None,
    preset: Annotated[str | None, typer.Option("--preset", help=PRESET_HELP)] = None,
    separator: Annotated[list[str] | None, typer.Option("--separator", help=SEPARATOR_HELP)] = None,
    answer: Annotated[list[str] | None, typer.Option("--answer", help=ANSWER_HELP)] = None,
    column_label: Annotated[list[str] | None, typer.Option("--column-label", help=COLUMN_LABEL_HELP)] = None,
    data_source: Annotated[str | None, typer.Option("--data-source", help="Where the data come from.")] = None,
    segment: Annotated[str | None, typer.Option("--segment", help="Make every row a member of it.")] = None,
    mode: Annotated[str | None, typer.Option(help=MODE_HELP)] = None,
    allow_removal: Annotated[bool, typer.Option("--allow-removal", help="Let a snapshot remove many.")] = False,
    allow_rejects: Annotated[
        bool, typer.Option("--allow-rejects", help="Take a file many rows of which are refused.")
    ] = False,
    allow_over_entitlement: Annotated[
        bool, typer.Option("--allow-over-entitlement", help="Let the sandbox have more people than it is entitled to.")
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", help="Take this segment, by id or externalId, of those that cells name; repeatable."),
    ] = None,
    select_all: Annotated[bool, typer.Option("--select-all", help="Take all segments that cells name.")] = False,
    create_segments: Annotated[
        bool, typer.Option("--create-segments", help="Create the segments that cells name and the sandbox lacks.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Change nothing; tell what the file's segments would bring.")
    ] = False,
    clear_blanks: Annotated[
        bool, typer.Option("--clear-blanks", help="Let a blank cell remove the attribute that was there.")
    ] = False,
    replace_identities: Annotated[
        bool,
        typer.Option(
            "--replace-identities",
            help="Where a row has a profile id, let the person's other identities of its namespace leave all segments.",
        ),
    ] = False,
    rendering: Annotated[
        list[str] | None,
        typer.Option("--rendering", help="Keep raw values as this platform hashes them, too; repeat for more."),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(
            help="What stands between a CSV's cells: comma, semicolon, tab or pipe. Left out, its header tells."
        ),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until the file is processed.")] = True,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Upload a CSV, NDJSON or Parquet file of people, or what another system wrote (--preset).

    Ends with 1 when the upload fails, not for refused rows.
    """
    session = Session.of(profile, sandbox)
    if select and select_all:
        raise InputError("--select names some segments, --select-all takes all: use one of them")
    columns = with_separators([read_column(text) for text in column or []], separator or [])
    body: dict[str, Any] = {"fileName": file.name, "columns": with_labels(columns, column_label or [])}
    body |= {"preset": preset} if preset else {"format": file_format(file), "mode": mode or "delta"}
    optional = {
        "mode": mode,
        "shareValues": read_answers(answer or []) or None,
        "createSegments": create_segments or None,
        "segmentId": segment,
        "dataSourceId": data_source,
        "allowRemoval": allow_removal or None,
        "allowRejects": allow_rejects or None,
        "allowOverEntitlement": allow_over_entitlement or None,
        "replaceIdentities": replace_identities or None,
        "renderings": rendering or None,
        "segments": "all" if select_all else select or None,
        "preview": preview or None,
        "blanks": "clear" if clear_blanks else None,
        "delimiter": read_delimiter(delimiter),
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    with progress_bar(show_bytes=True) as progress:
        task = progress.add_task("Uploading", total=file.stat().st_size)
        created = send_file(session, file, body, lambda size: progress.update(task, advance=size))
    if not wait:
        show(created, as_json=as_json)
        return
    with progress_bar() as progress:
        task = progress.add_task("Processing", total=None)
        result = follow(
            session,
            f"/uploads/{created['uploadId']}",
            lambda state: progress.update(task, total=state["total"], completed=state["done"]),
        )
    show(result, as_json=as_json)
    for line in () if as_json else (*warned(result), *left_out(result)):
        say(line)
    if result["status"] == "failed":
        raise UploadError(f"The upload failed: {result['error']['reason']}: {result['error']['detail']}")


def file_format(file: Path) -> str:
    """The format by the file's name, compressed or not. Raises InputError for any other name."""
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in {".gz", ".zst"}]
    if not suffixes or suffixes[-1] not in FORMATS:
        raise InputError(f"{file.name}: name it .csv, .ndjson or .parquet, and .gz or .zst when compressed")
    return FORMATS[suffixes[-1]]


def read_column(text: str) -> dict[str, Any]:
    """`COLUMN=ROLE` as the API takes it. Raises InputError."""
    column, separator, rest = text.rpartition("=")
    role, *details = rest.split(":")
    names = DETAILS.get(role, ())
    member = dict(zip(names, details, strict=False))
    if not separator or not column or len(details) > len(names) or member.get("form", FORMS[0]) not in FORMS:
        raise InputError(f"--column {text}: {COLUMN_HELP}")
    return {"column": column, "as": role, **{name: detail for name, detail in member.items() if detail}}


def read_delimiter(text: str | None) -> str | None:
    """The delimiter by its name or as itself. Raises InputError."""
    if text is None or text in DELIMITERS.values():
        return text
    if text not in DELIMITERS:
        raise InputError(f"--delimiter {text}: use {', '.join(DELIMITERS)}")
    return DELIMITERS[text]


def read_answers(answers: Iterable[str]) -> dict[str, str]:
    """What each `WORD=ANSWER` says, by the word. Raises InputError."""
    words: dict[str, str] = {}
    for text in answers:
        word, separator, stands_for = text.rpartition("=")
        if not separator or word in words:
            raise InputError(f"--answer {text}: {ANSWER_HELP} Each word once.")
        words[word] = stands_for
    return words


def with_separators(columns: list[dict[str, Any]], separators: Iterable[str]) -> list[dict[str, Any]]:
    """The columns, each with what `COLUMN=SEPARATOR` says stands between its values. Raises InputError."""
    given: dict[str, str] = {}
    for text in separators:
        column, equals, separator = text.rpartition("=")
        if not equals or not any(each["column"] == column for each in columns):
            raise InputError(f"--separator {text}: {SEPARATOR_HELP}")
        given[column] = separator
    return [each | ({"separator": given[each["column"]]} if each["column"] in given else {}) for each in columns]


def with_labels(columns: list[dict[str, Any]], labels: Iterable[str]) -> list[dict[str, Any]]:
    """The columns, each with the labels that `COLUMN=LABEL` says. Raises InputError."""
    given: dict[str, list[str]] = {}
    for text in labels:
        column, separator, label = text.rpartition("=")
        if not separator or not label or not any(each["column"] == column for each in columns):
            raise InputError(f"--column-label {text}: {COLUMN_LABEL_HELP} The column is one of --column.")
        given.setdefault(column, []).append(label)
    return [each | {"labels": given[each["column"]]} if each["column"] in given else each for each in columns]


def send_file(session: Session, file: Path, body: dict[str, Any], advance: Advance) -> dict[str, Any]:
    """Creates the upload and sends the file to the addresses it answers with."""
    size = file.stat().st_size
    several = size > MULTIPART_FROM
    created: dict[str, Any] = session.api.call(
        "POST", session.path("/uploads"), body=body | ({"sizeBytes": size} if several else {})
    )
    if not several:
        _put(created["uploadUrl"], file, 0, size, advance)
        return created
    parts, start = [], 0
    for part in created["parts"]:
        etag = _put(part["uploadUrl"], file, start, part["sizeBytes"], advance)
        parts.append({"partNumber": part["partNumber"], "etag": etag})
        start += part["sizeBytes"]
    path = session.path(f"/uploads/{created['uploadId']}/complete")
    session.api.call("POST", path, body={"parts": parts})
    return created


def follow(session: Session, path: str, report: Callable[[dict[str, int]], None]) -> dict[str, Any]:
    """Polls what is worked on, such as an upload, until it ended, and answers it."""
    wait = 0.2
    while True:
        state: dict[str, Any] = session.api.call("GET", session.path(path))
        report(state["progress"])
        if state["status"] in ENDED:
            return state
        time.sleep(wait)
        wait = min(wait * 1.5, 5.0)


def left_out(ended: Mapping[str, Any]) -> list[str]:
    """Lines that say how much of a file was not taken, for which reasons, and where to look; none if all was taken."""
    counts = ended["counts"]
    found = [
        (f"{counts['rejected']} of {counts['rows']} rows were refused", counts["rejectedByReason"]),
        (f"{sum(counts['valuesRejected'].values())} single values were left out", counts["valuesRejected"]),
    ]
    lines = [f"{what}: {_by_frequency(reasons)}" for what, reasons in found if reasons]
    if not lines:
        return []
    where = f"Each with its row and column: handfast uploads rejects {ended['uploadId']}"
    return [*lines, where, f"What each reason means and what to do: {REASONS_PAGE}"]


def warned(ended: Mapping[str, Any]) -> list[str]:
    """A line for each warning of an upload that has ended."""
    return [f"Column {warning['column']}: {warning['detail']} ({warning['code']})" for warning in ended["warnings"]]


def _by_frequency(reasons: Mapping[str, int]) -> str:
    first = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {count}" for reason, count in first)


def put_file(url: str, file: Path, advance: Advance) -> None:
    """Sends a whole file to the address that the API answered. Raises UploadError."""
    _put(url, file, 0, file.stat().st_size, advance)


def _put(url: str, file: Path, start: int, length: int, advance: Advance) -> str:
    """Sends a range of the file; answers the ETag. A broken transfer is repeated whole."""
    for attempt in range(1, ATTEMPTS + 1):
        sent = 0

        def count(size: int) -> None:
            nonlocal sent
            sent += size
            advance(size)

        try:
            content = _range(file, start, length, count)
            response = httpx.put(url, content=content, headers={"Content-Length": str(length)}, timeout=300.0)
        except httpx.TransportError:
            response = None
        if response is not None and response.is_success:
            return response.headers["ETag"]
        if attempt == ATTEMPTS or (response is not None and response.status_code < 500):
            break
        advance(-sent)
        time.sleep(2.0**attempt)
    raise UploadError(f"The store did not take the file: {_refusal(response)}")


def _refusal(response: httpx.Response | None) -> str:
    if response is None:
        return "no answer"
    # S3 answers in XML, with a code and a message.
    said = re.findall(r"<(?:Code|Message)>([^<]*)<", response.text)
    return " ".join([str(response.status_code), *said])


def _range(file: Path, start: int, length: int, count: Advance) -> Iterator[bytes]:
    with file.open("rb") as source:
        source.seek(start)
        left = length
        while left:
            chunk = source.read(min(CHUNK, left))
            if not chunk:
                raise UploadError(f"{file} became shorter while it was sent")
            left -= len(chunk)
            yield chunk
            count(len(chunk))


def progress_bar(*, show_bytes: bool = False) -> Progress:
    """A line on a terminal's standard error that says how much is done."""
    figures = (DownloadColumn(), TransferSpeedColumn()) if show_bytes else (MofNCompleteColumn(),)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *figures)
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
