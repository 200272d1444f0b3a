"""Files of people: `segments upload`."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from handfast_cli import folders, previews
from handfast_cli.asking import Yes, confirm
from handfast_cli.errors import InputError
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import errors, say, show
from handfast_cli.transfers import UploadError, by_frequency, progress_bar
from handfast_client.uploads import ENDED, Advance, file_steps

MULTIPART_FROM = 100 * (1 << 20)
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
FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
COLUMN_HELP = (
    "COLUMN=ROLE, one for each column to read; without any they are guessed and shown. "
    "ROLE is profileId, status, phoneRegion, shareAt, "
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


def upload(
    file: Annotated[Path, typer.Argument(exists=True, readable=True, help="A file, or a folder of files.")],
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
    rejects_name_profiles: Annotated[
        bool, typer.Option("--rejects-name-profiles", help="Name the profile ids of refused rows in their list.")
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
        bool,
        typer.Option("--preview", help="Send the first rows alone; tell what they hold and what would be refused."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send the file, change nothing; tell what its segments would bring.")
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
    header: Annotated[
        str | None, typer.Option(help="The names of the columns of a CSV without a header: NAME,NAME,…")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="When it was extracted, such as 2026-11-28T02:00:00Z; now by default.")
    ] = None,
    again: Annotated[
        str | None,
        typer.Option("--again", help="Send what this import of the folder could not read, and start it again."),
    ] = None,
    yes: Yes = False,
    wait: Annotated[bool, typer.Option(help="Wait until the file is processed.")] = True,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Upload a CSV, NDJSON or Parquet file of people, or what another system wrote (--preset).

    A folder is taken as a whole, or not at all, without its files that begin with _ or a dot.

    Ends with 1 when the upload fails, not for refused rows.
    """
    _check_options(select, column, [*(separator or []), *(column_label or [])], select_all=select_all)
    columns = with_labels(
        with_separators([read_column(text) for text in column or []], separator or []), column_label or []
    )
    optional = {
        "columns": columns or None,
        "preset": preset,
        "mode": mode or (None if preset else "delta"),
        "shareValues": read_answers(answer or []) or None,
        "createSegments": create_segments or None,
        "segmentId": segment,
        "dataSourceId": data_source,
        "allowRemoval": allow_removal or None,
        "allowRejects": allow_rejects or None,
        "rejectsNameProfiles": rejects_name_profiles or None,
        "allowOverEntitlement": allow_over_entitlement or None,
        "replaceIdentities": replace_identities or None,
        "renderings": rendering or None,
        "segments": "all" if select_all else select or None,
        "preview": dry_run or None,
        "blanks": "clear" if clear_blanks else None,
        "dialect": read_dialect(delimiter, header),
        "asOf": as_of,
    }
    body = {"fileName": name_of(file, preset)} | {name: each for name, each in optional.items() if each is not None}
    session = Session.of(profile, sandbox)
    parts = folders.parts_of(file) if file.is_dir() else {}
    first = next(iter(parts.values()), file)
    _check_folder(parts, again, preview=dry_run)
    if preview:
        _preview(session, first, body, as_json=as_json)
        return
    if not preset and not again:
        body |= {"format": file_format(first)} if columns else _guessed(session, first, body, yes=yes)
    with progress_bar(show_bytes=True) as progress:
        task = progress.add_task("Uploading", total=sum(path.stat().st_size for path in parts.values() or [file]))

        def advance(size: int) -> None:
            progress.update(task, advance=size)

        created = _send_all(session, file, parts, again, body, advance)
    if not wait:
        show(created, as_json=as_json)
        return
    with progress_bar() as progress:
        task = progress.add_task("Processing", total=None)
        result = follow(
            session,
            _place(created),
            lambda state: progress.update(task, total=state["total"], completed=state["done"]),
        )
    show(result, as_json=as_json)
    for part in () if as_json or not parts else result["parts"]["failed"]:
        say(f"{part['name']}: {part['error']['reason']}: {part['error']['detail']}")
    for line in () if as_json else (*warned(result), *left_out(result)):
        say(line)
    if result["status"] == "failed":
        raise UploadError(f"The upload failed: {result['error']['reason']}: {result['error']['detail']}")


def name_of(file: Path, preset: str | None) -> str:
    """What an upload is called: a folder of a preset by its first file, whose name says what is in it."""
    return next(iter(folders.parts_of(file).values())).name if preset and file.is_dir() else file.resolve().name


def _check_folder(parts: Mapping[str, Path], again: str | None, *, preview: bool) -> None:
    if again and not parts:
        raise InputError("--again sends parts of a folder: name the folder that they are in by now")
    if parts and preview:
        raise InputError("--dry-run takes one file: name one of the folder's")


def _send_all(
    session: Session, file: Path, parts: Mapping[str, Path], again: str | None, body: dict[str, Any], advance: Advance
) -> dict[str, Any]:
    """Sends a file, a folder, or what an import could not read of one."""
    if again:
        folders.send_again(session, again, parts, advance)
        return {"importId": again}
    if parts:
        return {"importId": folders.send_folder(session, parts, body, advance)}
    return send_file(session, file, body, advance)


def _place(created: Mapping[str, Any]) -> str:
    return f"/imports/{created['importId']}" if "importId" in created else f"/uploads/{created['uploadId']}"


def _check_options(
    select: list[str] | None, column: list[str] | None, of_columns: list[str], *, select_all: bool
) -> None:
    if select and select_all:
        raise InputError("--select names some segments, --select-all takes all: use one of them")
    if of_columns and not column:
        raise InputError("--separator and --column-label say more of what --column maps: name the columns")


def _look(session: Session, file: Path, body: Mapping[str, Any]) -> dict[str, Any]:
    with progress_bar(show_bytes=True) as progress:
        task = progress.add_task("Looking", total=None)
        return previews.look(session, file, body, lambda size: progress.update(task, advance=size))


def _preview(session: Session, file: Path, body: Mapping[str, Any], *, as_json: bool) -> None:
    found = _look(session, file, body)
    if as_json:
        show(found, as_json=True)
    else:
        previews.show_preview(found)
    if found["error"]:
        raise UploadError(f"The upload would fail: {found['error']['reason']}: {found['error']['detail']}")


def _guessed(session: Session, file: Path, body: Mapping[str, Any], *, yes: bool) -> dict[str, Any]:
    """How a file is read whose columns nobody has mapped: as it looks, once that has been shown and agreed to."""
    found = _look(session, file, body)
    previews.show_preview(found, errors)
    error = found["error"]
    if error:
        say(f"The upload would fail: {error['reason']}: {error['detail']}")
    mapping = previews.mapping_of(found)
    confirm(f"Upload {file.name} so?", yes=yes)
    return mapping


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


def read_dialect(delimiter: str | None, header: str | None) -> dict[str, Any] | None:
    """How a CSV is written, as far as it is said. Raises InputError."""
    said = read_delimiter(delimiter)
    names = [name.strip() for name in header.split(",")] if header is not None else None
    if names is not None and not all(names):
        raise InputError(f"--header {header}: NAME,NAME,… with a name for each column")
    dialect = {"delimiter": said, "header": names}
    return {name: value for name, value in dialect.items() if value is not None} or None


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
    parts = session.api.run(file_steps(created, file, advance))
    if parts:
        path = session.path(f"/uploads/{created['uploadId']}/complete")
        session.api.call("POST", path, body={"parts": parts})
    return created


def follow(session: Session, path: str, report: Callable[[dict[str, int]], None]) -> dict[str, Any]:
    """Polls what is worked on, such as an upload, until it ended, and answers it."""
    wait = 0.2
    while True:
        state: dict[str, Any] = session.api.call("GET", session.path(path))
        report(state.get("splits") or state["progress"])
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
    lines = [f"{what}: {by_frequency(reasons)}" for what, reasons in found if reasons]
    if not lines:
        return []
    which = ended["importId"] if "importId" in ended else ended["uploadId"]
    where = f"Each with its row and column: handfast uploads rejects {which}"
    return [*lines, where, f"What each reason means and what to do: {REASONS_PAGE}"]


def warned(ended: Mapping[str, Any]) -> list[str]:
    """A line for each warning of an upload that has ended."""
    return [f"Column {warning['column']}: {warning['detail']} ({warning['code']})" for warning in ended["warnings"]]


def add_to(noun: typer.Typer) -> None:
    """Adds the verb that is more than one call."""
    noun.command("upload")(upload)
