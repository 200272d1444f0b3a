"""Pure decisions about uploads' column mappings and sizes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from handfast.governance.consent import CLOCK_SKEW, SHARE_ANSWERS, UnknownAnswerError, share_answer
from handfast.governance.models import Rulebook
from handfast.identity.namespaces import BLANKS, UnknownNamespaceError, namespace, namespace_of
from handfast.ingest.growth import MAX_IDENTITY_COLUMNS, too_large
from handfast.ingest.models import (
    ANSWER_ROLES,
    MAX_FILE_BYTES,
    PART_BYTES,
    WHOLE_BYTES,
    Column,
    ColumnMapping,
    Failure,
    FileOptions,
    Role,
    Upload,
)
from handfast.journal.models import ConsentStrings
from handfast.platform import clock

UPLOAD_FOR = timedelta(hours=1)
_HEADER_CHARACTERS = 60_000
"""The most that a header that is told may have: an upload is one item of a table."""
IMPORT_FOR = timedelta(days=1)
CANCELLED = Failure("cancelled", "the import was cancelled, and nothing of it was taken")
EXPIRED = Failure("expired", "no file came before the link expired; start a new upload")

_ONLY_FOR = {
    "namespace": frozenset({"identity", *ANSWER_ROLES}),
    "transform": frozenset({"identity"}),
    "form": frozenset({"identity"}),
    "name": frozenset({"attribute", "segment"}),
    "answers": frozenset({"share"}),
    "separator": frozenset({"identity"}),
    "leaves": frozenset({"segment"}),
    "of": frozenset({"share"}),
}


type Segments = Mapping[str, str]
"""The ids of a sandbox's segments, by segment id and by external id."""
type Finding = tuple[str, str]
"""What is wrong: a JSON pointer into the body, and a message."""


def column_of(
    mapping: ColumnMapping, segments: Segments, own: Iterable[int] = (), share_values: Mapping[str, str] | None = None
) -> Column:
    """The canonical form of a mapping; names that mean nothing become None. `own`: the sandbox's own namespaces.

    `share_values` are the words of share columns that have none of their own.
    """
    words = mapping.answers or (share_values if mapping.role == "share" else None) or {}
    if mapping.of is not None:
        words = {word: answer for word, answer in words.items() if _word(word)}  # a blank cell is of no identity
    names_segment = mapping.role == "segment" and mapping.name is not None
    return Column(
        column=mapping.column,
        role=mapping.role,
        namespace=_code(mapping.namespace, own),
        transform=mapping.transform,
        form=mapping.form,
        name=(mapping.name or mapping.column) if mapping.role == "attribute" else None,
        segment_id=segments.get(mapping.name or "") if names_segment else None,
        answers=_answers(words),
        labels=tuple(mapping.labels),
        separator=mapping.separator,
        leaves=mapping.leaves,
        optional=mapping.optional,
        of=mapping.of,
    )


def _answers(words: Mapping[str, str]) -> dict[str, str]:
    """What each word of a share column stands for, as far as that is an answer."""
    answers = {}
    for word, text in words.items():
        with suppress(UnknownAnswerError):
            answers[_word(word)] = share_answer(text.strip()) or ""
    return answers


def _word(text: str) -> str:
    return text.strip(BLANKS).lower()


def _code(name: str | None, own: Iterable[int]) -> int | None:
    try:
        return namespace(name, own).code if name is not None else None
    except UnknownNamespaceError:
        return None


def findings(
    upload: FileOptions, columns: Sequence[Column], segments: Segments, strings: ConsentStrings
) -> list[Finding]:
    """Everything wrong with an upload, so that it can be put right at once.

    `columns` are its canonical columns, `strings` the sandbox's rules for consent strings.
    """
    pairs = list(zip(upload.columns, columns, strict=True))
    found = [
        (f"/columns/{index}/{member}", message)
        for index, (mapping, column) in enumerate(pairs)
        for rule in (_column_findings, _form_findings, _answer_findings)
        for member, message in rule(mapping, column)
    ]
    return [
        *found,
        *_namespace_findings(upload),
        *_repeats(pairs),
        *_pairing_findings(upload),
        *_share_value_findings(upload),
        *_segment_findings(upload, segments),
        *_whole_findings(upload, columns),
        *_consent_findings(upload, strings),
    ]


def rule_findings(upload: FileOptions, rules: Rulebook) -> list[Finding]:
    """What an upload names of what governs the sandbox's data, and is not there."""
    found = [
        (f"/columns/{index}/labels", f"no such label: {label}; define it first")
        for index, mapping in enumerate(upload.columns)
        for label in rules.unknown(mapping.labels)
    ]
    if upload.data_source_id is not None and upload.data_source_id not in rules.sources:
        found.append(("/dataSourceId", "no such data source"))
    return found


def _misplaced(mapping: ColumnMapping) -> Iterator[Finding]:
    for member, roles in _ONLY_FOR.items():
        if getattr(mapping, member) not in (None, False) and mapping.role not in roles:
            yield member, f"only {' and '.join(sorted(roles))} columns have one"
    if mapping.leaves and mapping.name is not None:
        yield "leaves", "the cells of a column about one segment say themselves whether it is left"


def _column_findings(mapping: ColumnMapping, column: Column) -> Iterator[Finding]:
    yield from _misplaced(mapping)
    if mapping.namespace is not None and column.namespace is None:
        yield "namespace", "no such namespace"
    if mapping.transform == "hash" and column.namespace is not None:
        kind = namespace_of(column.namespace)
        if kind.hashed and not kind.hashes_raw:
            yield "transform", "only the sandbox knows what digests of its own are made of; hash the values, then none"
        elif not kind.hashed:
            yield "transform", "values of this namespace are never hashed"
    if mapping.role == "segment" and mapping.name is not None and column.segment_id is None:
        yield "name", "no segment of this sandbox has this id or externalId"


def _form_findings(mapping: ColumnMapping, column: Column) -> Iterator[Finding]:
    if mapping.form is None or column.namespace is None:
        return
    if not namespace_of(column.namespace).regional:
        yield "form", "only phone numbers have a form"
    if mapping.transform == "none":
        yield "form", "digests have no form; leave it out, or transform"


def _answer_findings(mapping: ColumnMapping, column: Column) -> Iterator[Finding]:
    words = [_word(word) for word in mapping.answers or {}]
    if "" in words:
        yield "answers", "an empty cell is no answer; leave out the empty word, or say it in shareValues"
    if mapping.answers and (problem := _problem_of_words(words, column.answers)):
        yield "answers", problem


def _problem_of_words(words: Sequence[str], answers: Mapping[str, str]) -> str | None:
    if len(set(words)) < len(words):
        return "two of the words are the same but for their case"
    if len(answers) < len(words):
        return f"each word stands for one of the answers {', '.join(SHARE_ANSWERS)}"
    return None


def _share_value_findings(upload: FileOptions) -> Iterator[Finding]:
    values = upload.share_values
    if values is None:
        return
    if not any(mapping.role == "share" for mapping in upload.columns):
        yield "/shareValues", "no column holds answers as words"
    if problem := _problem_of_words([_word(word) for word in values], _answers(values)):
        yield "/shareValues", problem


def _pairing_findings(upload: FileOptions) -> Iterator[Finding]:
    """Answers for the values of an identity column: there is such a column, of the same namespace."""
    identities = {mapping.column: mapping.namespace for mapping in upload.columns if mapping.role == "identity"}
    for index, mapping in enumerate(upload.columns):
        if mapping.of is not None and mapping.of not in identities:
            yield f"/columns/{index}/of", "no column of identities is called so"
        elif mapping.of is not None and identities[mapping.of] != mapping.namespace:
            yield f"/columns/{index}/namespace", "the answers are of the same namespace as the identities"


def _namespace_findings(upload: FileOptions) -> Iterator[Finding]:
    """An identity's namespace stands in the mapping, or in a column, which then is about one identity column."""
    by_row = any(mapping.role == "namespace" for mapping in upload.columns)
    identities = [(index, mapping) for index, mapping in enumerate(upload.columns) if mapping.role == "identity"]
    for place, (index, mapping) in enumerate(identities):
        if mapping.namespace is None and not by_row:
            yield f"/columns/{index}/namespace", "an identity column needs its namespace, or a column that says it"
        if mapping.namespace is not None and by_row:
            yield f"/columns/{index}/namespace", "the namespace column says it"
        if place and by_row:
            yield f"/columns/{index}/as", "a namespace column is about one identity column"


def _claim(mapping: ColumnMapping, column: Column) -> tuple[str, object] | None:
    """What only one column may say; several columns may hold identities, of one namespace too."""
    claims: dict[str, object] = {
        "profileId": "",
        "phoneRegion": "",
        "status": "",
        "namespace": "",
        "shareAt": "",
        "share": mapping.of or (mapping.namespace and (column.namespace or mapping.namespace)),
        "segment": (mapping.name and (column.segment_id or mapping.name), mapping.leaves),
        "attribute": column.name,
    }
    role = "share" if mapping.role in ANSWER_ROLES else mapping.role
    return (role, claims[role]) if role in claims else None


def _repeats(pairs: Sequence[tuple[ColumnMapping, Column]]) -> Iterator[Finding]:
    columns: set[str] = set()
    claims: set[tuple[str, object]] = set()
    for index, (mapping, column) in enumerate(pairs):
        if mapping.column in columns:
            yield f"/columns/{index}/column", "this column is already mapped"
        claim = _claim(mapping, column)
        if claim in claims:
            yield f"/columns/{index}", f"another column is already the {mapping.role} of the same thing"
        columns.add(mapping.column)
        if claim:
            claims.add(claim)


def _segment_findings(upload: FileOptions, segments: Segments) -> Iterator[Finding]:
    if upload.mode == "overwrite":
        yield from _overwrite_findings(upload)
    lists = [mapping for mapping in upload.columns if mapping.role == "segment" and mapping.name is None]
    if upload.create_segments and not lists:
        yield "/createSegments", "no column's cells name segments to create"
    if upload.segment_id is None and upload.mode == "snapshot":
        yield "/segmentId", "a snapshot is of one segment; name it"
    if upload.segment_id is not None and segments.get(upload.segment_id) != upload.segment_id:
        yield "/segmentId", "no such segment in this sandbox"
    for index, mapping in enumerate(upload.columns):
        if mapping.role == "segment" and upload.segment_id is not None:
            yield f"/columns/{index}/as", "segmentId already says which segment all rows are about"


def _overwrite_findings(upload: FileOptions) -> Iterator[Finding]:
    if upload.data_source_id is None:
        yield "/dataSourceId", "what rows replace is what people are members of by a data source; name it"
    if not any(mapping.role == "segment" for mapping in upload.columns):
        yield "/columns", "no column says which segments people are members of"
    if isinstance(upload.segments, list):
        yield "/segments", "rows that replace all of a data source's segments are taken whole; say all"


def _whole_findings(upload: FileOptions, columns: Sequence[Column]) -> Iterator[Finding]:
    roles = [mapping.role for mapping in upload.columns]
    yield from _option_findings(upload, roles, columns)
    if "identity" not in roles and upload.mode in {"snapshot", "overwrite"}:
        yield "/columns", "at least one column must hold the identities whose memberships the file replaces"
    elif "identity" not in roles and not _speaks_of_people(upload):
        yield "/columns", "at least one column must hold identities, or profile ids beside answers or exits"
    if roles.count("identity") > MAX_IDENTITY_COLUMNS:
        yield "/columns", f"at most {MAX_IDENTITY_COLUMNS} columns may hold identities; send them in several files"
    if upload.mode == "suppression":
        yield from _suppression_findings(upload)
    regional = any(column.namespace is not None and namespace_of(column.namespace).regional for column in columns)
    if "phoneRegion" in roles and "namespace" not in roles and not regional:
        yield f"/columns/{roles.index('phoneRegion')}/as", "no column holds the phone numbers that it is the region of"
    if "status" in roles and upload.segment_id is None and "segment" not in roles:
        yield f"/columns/{roles.index('status')}/as", "a status needs segmentId or a segment column that it is about"


def _consent_findings(upload: FileOptions, strings: ConsentStrings) -> Iterator[Finding]:
    rules = {"tcf": strings.tcf, "gpp": strings.gpp}
    answers = any(mapping.role in ANSWER_ROLES for mapping in upload.columns)
    for index, mapping in enumerate(upload.columns):
        if mapping.role in rules and rules[mapping.role] is None:
            problem = f"the sandbox has no rule for such strings; set consentStrings.{mapping.role} among its settings"
            yield f"/columns/{index}/as", problem
        if mapping.role == "shareAt" and not answers:
            yield f"/columns/{index}/as", "no column holds the answers that it is the time of"


def selection_findings(upload: FileOptions, segments: Segments, entitlement: int | None) -> list[Finding]:
    """What is wrong with which of a file's segments are to be taken; `entitlement` is the sandbox's, None without.

    Whose profiles are counted says what he wants: nothing is taken because it happens to be in the file.
    """
    names_segments = any(mapping.role == "segment" and mapping.name is None for mapping in upload.columns)
    found = list[Finding]()
    if upload.segments is not None and not names_segments:
        found.append(("/segments", "no column's cells name segments to select from"))
    if upload.segments is None and names_segments and entitlement is not None and not upload.preview:
        problem = f"the sandbox is entitled to {entitlement} profiles: name the segments to take, or say all"
        found.append(("/segments", problem))
    if isinstance(upload.segments, list):
        known = upload.segments if upload.create_segments else segments
        unknown = [(index, name) for index, name in enumerate(upload.segments) if name not in known]
        found += [
            (f"/segments/{index}", "no segment of this sandbox has this id or externalId") for index, _ in unknown
        ]
    if upload.preview and upload.mode == "suppression":
        found.append(("/preview", "a suppression list brings nobody"))
    return found


def selected(upload: FileOptions, segments: Segments) -> tuple[str, ...] | None:
    """The ids of the segments that are taken of those that cells name, None for all; a preview begins with none.

    One that is to be created is there by its name.
    """
    if isinstance(upload.segments, list):
        return tuple(sorted({segments.get(name, name) for name in upload.segments}))
    return () if upload.preview and upload.segments is None else None


def _may_be_raw(column: Column) -> bool:
    if column.role != "identity" or column.transform == "none":
        return False
    return column.namespace is None or namespace_of(column.namespace).hashes_raw


def _option_findings(upload: FileOptions, roles: Sequence[Role], columns: Sequence[Column]) -> Iterator[Finding]:
    most = WHOLE_BYTES if upload.preview or upload.preset else MAX_FILE_BYTES
    if upload.size_bytes is not None and upload.size_bytes > most:
        yield "/sizeBytes", too_large(most).detail
    if upload.as_of is not None and upload.as_of > clock.now() + CLOCK_SKEW:
        yield "/asOf", "the file was extracted before now: name a time that is past"
    yield from _dialect_findings(upload)
    if upload.blanks == "clear" and "attribute" not in roles:
        yield "/blanks", "blank cells clear attributes, and no column is one"
    if upload.rejects_name_profiles and "profileId" not in roles:
        yield "/rejectsNameProfiles", "no column holds profile ids that the list of rejects could name"
    if upload.renderings and not any(_may_be_raw(column) for column in columns):
        yield "/renderings", "no column holds raw e-mail addresses or phone numbers: of digests nothing can be made"
    if upload.replace_identities and not {"profileId", "identity"} <= set(roles):
        yield "/replaceIdentities", "identities are replaced by profile id: one column must hold it, and one identities"


def _dialect_findings(upload: FileOptions) -> Iterator[Finding]:
    told = upload.dialect
    if upload.format != "csv":
        yield from ((f"/{name}", "only a CSV has one") for name in ("delimiter", "dialect") if getattr(upload, name))
    if told and told.delimiter and upload.delimiter and told.delimiter != upload.delimiter:
        yield "/delimiter", "the dialect says another one; say it once"
    if not upload.header:
        return
    if sum(map(len, upload.header)) > _HEADER_CHARACTERS:
        yield "/dialect/header", f"the names have more than {_HEADER_CHARACTERS:,} characters together; shorten them"
    for index, mapping in enumerate(upload.columns):
        if mapping.column.strip(BLANKS) not in {name.strip(BLANKS) for name in upload.header}:
            yield f"/columns/{index}/column", "the header of the dialect does not name it"


def _suppression_findings(upload: FileOptions) -> Iterator[Finding]:
    if upload.segment_id is not None:
        yield "/segmentId", "a suppression list is about no segment"
    for index, mapping in enumerate(upload.columns):
        if mapping.role not in {"identity", "namespace", "phoneRegion"}:
            yield f"/columns/{index}/as", "a suppression list holds identities alone"


def _speaks_of_people(upload: FileOptions) -> bool:
    """Whether profile ids come with what holds for all identities of a person: its answer, or that it leaves."""
    roles = {column.role for column in upload.columns}
    answers = any(column.role in ANSWER_ROLES and column.namespace is None for column in upload.columns)
    flags = any(column.role == "segment" and column.name is not None for column in upload.columns)
    return "profileId" in roles and (answers or flags or "status" in roles)


def part_sizes(size: int) -> list[int]:
    """The sizes of a file's parts in bytes; none for a file that goes up in one piece."""
    if size <= PART_BYTES:
        return []
    whole, rest = divmod(size, PART_BYTES)
    return [PART_BYTES] * whole + ([rest] if rest else [])


def is_expired(upload: Upload, now: str) -> bool:
    """Whether its file never came."""
    return upload.status == "awaiting_file" and upload.expires_at <= now


def failure_at(upload: Upload, now: str) -> Failure | None:
    """Why the upload has failed, if it has."""
    return EXPIRED if is_expired(upload, now) else upload.failure
