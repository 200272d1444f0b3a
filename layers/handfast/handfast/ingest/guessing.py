"""What each column of a file seems to hold, by its name and by the shapes of its values, and why.

Names are the usual ones of English, German and Japanese. A guess says what was counted, and is never a number that
nobody can explain. What nothing tells is left out, as what an upload does not map it does not read.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from handfast.identity.namespaces import Namespace
from handfast.identity.patterns import holds_identity
from handfast.ingest.models import ANSWER_ROLES, ColumnMapping, Role
from handfast.ingest.parsing import EXITED_WORDS, REALIZED_WORDS
from handfast.ingest.previewing import SEPARATOR
from handfast.ingest.share_words import CANONICAL, meaning
from handfast.ingest.value_shapes import shape_of

type GuessReason = Literal[
    "email",
    "phone",
    "phoneNamed",
    "digestNamed",
    "digestUnknown",
    "ecid",
    "device",
    "namespaceNamed",
    "namespaceCells",
    "consent",
    "consentString",
    "consentTime",
    "status",
    "region",
    "profileId",
    "segmentCells",
    "segmentFlag",
    "attribute",
    "repeated",
    "none",
]
"""Why a column was guessed to be what it is, for who tells it in another language than `why`."""

_ENOUGH = 0.6
"""The part of a column's values that has to look like something for it to be that."""

_EMAIL = re.compile(r"e.?mail|(^|[_ .-])mails?([_ .-]|$)|correo|メール", re.IGNORECASE)
_PHONE = re.compile(
    r"phone|mobile|mobil|msisdn|telefon|handy|rufnummer|(^|[_ .-])tel([_ .-]|$)|(^|[_ .-])cell|電話|携帯", re.IGNORECASE
)
_HASHED = re.compile(r"sha.?256|hash|ハッシュ", re.IGNORECASE)
_ECID = re.compile(r"ecid|mcid|marketing.?cloud", re.IGNORECASE)
_IDFA = re.compile(r"idfa|ios", re.IGNORECASE)
_GAID = re.compile(r"gaid|aaid|adid|android", re.IGNORECASE)
_CONSENT = re.compile(r"consent|opt(ed)?[_ .-]?(in|out)|einwillig|permission|zustimm|同意|許諾|^share$", re.IGNORECASE)
_TIME = re.compile(r"([_ .-]|\b)(at|time|date|timestamp|datum|am)$|zeit|日時|日付|datum$", re.IGNORECASE)
_STATUS = re.compile(r"status|membership|mitgliedschaft|ステータス|状態", re.IGNORECASE)
_REGION = re.compile(r"country|region|(^|[_ .-])land([_ .-]|$)|国", re.IGNORECASE)
_PROFILE = re.compile(
    r"^(id|uid|pid|key)$|^(crm|customer|user|person|member|profile)$|顧客|会員(id|番号)|ユーザー?id|kundennummer|"
    r"(customer|crm|profile|user|person|member|kunden?|mitglied|loyalty|account|client).{0,3}(id|nr|no|number|nummer|key)",
    re.IGNORECASE,
)
_SEGMENT = re.compile(r"segment|audience|trait|zielgruppe|(^|[_ .-])lists?$|セグメント|オーディエンス", re.IGNORECASE)
_TCF = re.compile(r"tcf|(^|[_ .-])tc([_ .-]|string|$)|iab", re.IGNORECASE)
_GPP = re.compile(r"gpp", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(^|[_ .-])(tier|level|rank|plan|channel|source|language|locale|sprache|stufe|tarif|kanal|quelle|city|ort|stadt)$|"
    r"ランク|言語|プラン|市区町村|都市",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"(^|[_ .-])(first|last|full|sur|given)?_?name$|vorname|nachname|strasse|straße|street|氏名|名前", re.IGNORECASE
)
_NAMES = (_EMAIL, _PHONE, _ECID, _CONSENT, _STATUS, _REGION, _PROFILE, _SEGMENT, _TCF, _GPP, _PERSONAL)
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
_LONGEST_NAME = 200
_WORD = 40
_MOST_KINDS = 50
_ONCE: frozenset[Role] = frozenset({"profileId", "status", "phoneRegion", "shareAt", "namespace", "share"})
_LOOKS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "digest": "SHA-256 digests",
    "ecid": "ECIDs of 38 digits",
    "device": "device ids",
    "region": "countries of two letters",
    "time": "times with their offset",
    "tcf": "TCF strings",
    "gpp": "GPP strings",
}


@dataclass(frozen=True)
class Known:
    """What a sandbox has names for: `segments` are ids by id and external id; `has_segment`: the upload names one."""

    namespaces: Sequence[Namespace]
    segments: Mapping[str, str]
    has_segment: bool = False

    def is_name(self, name: str) -> bool:
        """Whether a text is what a column is usually called, or a namespace or segment is."""
        lowered = name.casefold()
        if any(lowered in each.names for each in self.namespaces) or name in self.segments:
            return True
        return len(name) <= _WORD and any(usual.search(_parted(name)) for usual in _NAMES)


@dataclass(frozen=True)
class Values:
    """A column's values that are not blank: how many there are, how many different ones, and of which shapes.

    `words` are the values in lower case with their numbers, where they are few and short; nothing else is a value.
    """

    count: int
    shapes: Mapping[str, int]
    kinds: int = 0
    words: Mapping[str, int] | None = None

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Values":
        """What there is to know of a column's cells."""
        counted = Counter(cell for cell in cells if cell)
        shapes, words = Counter[str](), Counter[str]()
        for cell, times in counted.items():
            shapes[shape_of(cell)] += times
            if len(words) <= _MOST_KINDS:
                words[cell.lower() if len(cell) <= _WORD else ""] += times
        few = len(words) <= _MOST_KINDS and "" not in words
        kinds = len(words) if few else len(counted)
        return cls(counted.total(), dict(sorted(shapes.items())), kinds, dict(words) if few else None)

    def of_shapes(self, *shapes: str) -> int:
        """How many values have one of the shapes."""
        return sum(self.shapes.get(shape, 0) for shape in shapes)

    def are(self, known: Collection[str]) -> bool:
        """Whether there are values, and all of them are of these words."""
        return bool(self.words) and all(word in known for word in self.words or ())


@dataclass(frozen=True)
class Guess:
    """What a column seems to hold; None where nothing tells. `fitting` of its values were counted for it."""

    column: str
    mapping: ColumnMapping | None
    reason: GuessReason
    why: str
    fitting: int = 0
    values: Values = field(default_factory=lambda: Values(0, {}))


def guesses(columns: Mapping[str, Sequence[str]], known: Known) -> list[Guess]:
    """What each column holds, by its cells; of what a file has once the first that seems to be it."""
    found = [_guess(name, cells, known) for name, cells in columns.items()]
    return _only_once(_beside_others(found, known))


def _guess(name: str, cells: Sequence[str], known: Known) -> Guess:
    values = Values.of(cells)
    if not is_nameable(name):
        why = "Its name is blank, too long or holds an address or a number, so that it cannot be mapped: rename it."
        return Guess(name, None, "none", why, values=values)
    for rule in (
        _shaped,
        _phone,
        _named,
        _namespaces,
        _strings,
        _answers,
        _statuses,
        _region,
        _segments,
        _profile,
        _attribute,
    ):
        guess = rule(name, values, cells, known)
        if guess is not None:
            return replace(guess, values=values)
    return Guess(name, None, "none", "Nothing tells what it holds; it is not read unless you map it.", values=values)


def is_nameable(name: str) -> bool:
    """Whether a mapping may name the column: what it names is stored and shown."""
    return 0 < len(name) <= _LONGEST_NAME and not holds_identity(name)


def _parted(name: str) -> str:
    """The name with the words of `camelCase` apart."""
    return _CAMEL.sub("_", name)


def _as(column: str, role: Role, reason: GuessReason, why: str, fitting: int = 0, **members: Any) -> Guess:
    return Guess(column, ColumnMapping.model_validate({"column": column, "as": role} | members), reason, why, fitting)


def _counted(values: Values, fitting: int, look: str, *, named: bool = False) -> str:
    if not values.count:
        return "The name says so; there are no values that could show it."
    also = "; the name says so too" if named else ""
    return f"{fitting} of {values.count} values look like {_LOOKS[look]}{also}."


def _shaped(name: str, values: Values, _cells: Sequence[str], known: Known) -> Guess | None:
    """An identity whose values look like nothing else."""

    def mostly(*shapes: str) -> int:
        count = values.of_shapes(*shapes)
        return count if count >= values.count * _ENOUGH else 0

    spoken = _parted(name)
    if emails := mostly("email"):
        why = _counted(values, emails, "email", named=bool(_EMAIL.search(spoken)))
        return _as(name, "identity", "email", why, emails, namespace="Email_LC_SHA256", transform="hash")
    if digests := mostly("sha256_hex", "sha256_base64"):
        return _digests(name, values, digests, known)
    if ecids := mostly("ecid"):
        why = _counted(values, ecids, "ecid", named=bool(_ECID.search(spoken)))
        return _as(name, "identity", "ecid", why, ecids, namespace="ECID")
    platform = "IDFA" if _IDFA.search(spoken) else "GAID" if _GAID.search(spoken) else None
    if platform and (devices := mostly("device_id")):
        why = _counted(values, devices, "device", named=True)
        return _as(name, "identity", "device", why, devices, namespace=platform)
    return None


def _phone(name: str, values: Values, _cells: Sequence[str], _known: Known) -> Guess | None:
    """Phone numbers by their shape where that is international, and else by the name."""
    surely, spoken = values.of_shapes("e164", "international"), _parted(name)
    likely = surely + values.of_shapes("national", "digits")
    namespace = {"namespace": "Phone_SHA256_E.164"}
    if _PHONE.search(spoken) and not _CONSENT.search(spoken) and likely >= values.count * _ENOUGH:
        why = _counted(values, likely, "phone", named=True)
        hashing = {"transform": "hash"} if likely else {}
        return _as(name, "identity", "phoneNamed", why, likely, **namespace, **hashing)
    if surely and surely >= values.count * _ENOUGH:
        why = _counted(values, surely, "phone")
        return _as(name, "identity", "phone", why, surely, **namespace, transform="hash")
    return None


def _named(name: str, values: Values, _cells: Sequence[str], known: Known) -> Guess | None:
    """What is called like a namespace; of one whose values have a shape only while there are none."""
    named = _namespace_named(name, known)
    if named is None or (named.hashes_raw and values.count):
        return None
    why = f"The column is called like the namespace {named.symbol}."
    return _as(name, "identity", "namespaceNamed", why, namespace=named.symbol)


def _namespace_named(name: str, known: Known) -> Namespace | None:
    return next((each for each in known.namespaces if name.casefold() in each.names), None)


def _digests(name: str, values: Values, digests: int, known: Known) -> Guess:
    """Digests do not show of what they are: the name has to."""
    named = _namespace_named(name, known)
    if named is not None and named.hashed:
        namespace: str | None = named.symbol
    elif _EMAIL.search(_parted(name)):
        namespace = "Email_LC_SHA256"
    else:
        namespace = "Phone_SHA256_E.164" if _PHONE.search(_parted(name)) else None
    counted = _counted(values, digests, "digest").rstrip(".")
    if namespace is None:
        why = f"{counted}, but the name does not say of what: map it with its namespace."
        return Guess(name, None, "digestUnknown", why, digests)
    why = f"{counted}; the name says of what."
    return _as(name, "identity", "digestNamed", why, digests, namespace=namespace, transform="none")


def _namespaces(name: str, values: Values, _cells: Sequence[str], known: Known) -> Guess | None:
    if not values.are({symbol for each in known.namespaces for symbol in each.names}):
        return None
    why = f"All {values.count} values are names of namespaces."
    return _as(name, "namespace", "namespaceCells", why, values.count)


def _strings(name: str, values: Values, _cells: Sequence[str], _known: Known) -> Guess | None:
    strings: tuple[tuple[re.Pattern[str], Role, str], ...] = (
        (_TCF, "tcf", "tcf_string"),
        (_GPP, "gpp", "gpp_string"),
    )
    for pattern, role, shape in strings:
        count = values.of_shapes(shape)
        if count and count >= values.count * _ENOUGH and pattern.search(_parted(name)):
            return _as(name, role, "consentString", _counted(values, count, role, named=True), count)
    return None


def _answers(name: str, values: Values, _cells: Sequence[str], _known: Known) -> Guess | None:
    if not _CONSENT.search(_parted(name)):
        return None
    times = values.of_shapes("time")
    if times and times >= values.count * _ENOUGH:
        why = _counted(values, times, "time", named=False).rstrip(".") + "; the name speaks of consent."
        return _as(name, "shareAt", "consentTime", why, times)
    if values.of_shapes("date") or _TIME.search(_parted(name)):
        why = "The name speaks of consent, but the values are times without their offset; write them as RFC 3339."
        return Guess(name, None, "none", why) if values.count else None
    known = sum(count for word, count in (values.words or {}).items() if meaning(word))
    why = (
        f"The name speaks of consent; {known} of {values.count} values are words whose meaning is known; check that"
        " it is a consent to sharing."
    )
    answers = {word: answer for word in values.words or () if (answer := meaning(word)) and word not in CANONICAL}
    members = {"answers": answers} if answers else {}
    return _as(name, "share", "consent", why, known, **members)


def _statuses(name: str, values: Values, _cells: Sequence[str], known: Known) -> Guess | None:
    if not values.are({*REALIZED_WORDS, *EXITED_WORDS}):
        return None
    if name in known.segments:
        why = f"The column is called like a segment, and all {values.count} values say who joins and who leaves."
        return _as(name, "segment", "segmentFlag", why, values.count, name=known.segments[name])
    if _STATUS.search(_parted(name)):
        why = f"All {values.count} values say who joins and who leaves; the name says so too."
        return _as(name, "status", "status", why, values.count)
    return None


def _region(name: str, values: Values, _cells: Sequence[str], _known: Known) -> Guess | None:
    if not _REGION.search(_parted(name)):
        return None
    codes = sum(count for word, count in (values.words or {}).items() if len(word) == 2 and word.isascii())
    if not codes or codes < values.count * _ENOUGH:
        return None
    return _as(name, "phoneRegion", "region", _counted(values, codes, "region"), codes)


def _segments(name: str, values: Values, cells: Sequence[str], known: Known) -> Guess | None:
    if not _SEGMENT.search(_parted(name)):
        return None
    naming = sum(any(part.strip() in known.segments for part in cell.split(SEPARATOR)) for cell in cells)
    if not naming:
        why = "The name speaks of segments, but no value names one of this sandbox by its id or externalId."
        return Guess(name, None, "none", why)
    why = f"{naming} of {values.count} values name segments of this sandbox; the name says so too."
    return _as(name, "segment", "segmentCells", why, naming)


def _profile(name: str, values: Values, _cells: Sequence[str], _known: Known) -> Guess | None:
    if not _PROFILE.search(_parted(name)):
        return None
    return _as(name, "profileId", "profileId", "The name speaks of a person's own id.", values.count)


def _attribute(name: str, values: Values, _cells: Sequence[str], _known: Known) -> Guess | None:
    """What is told of a person and is few words; names and addresses of people are never taken by a guess."""
    if not values.words or not _ATTRIBUTE.search(_parted(name)) or holds_identity(name):
        return None
    why = (
        f"The name is that of a usual attribute, and its {values.count} values are {len(values.words)} different words."
    )
    return _as(name, "attribute", "attribute", why, values.count)


def _beside_others(found: Sequence[Guess], known: Known) -> list[Guess]:
    """Without the columns that mean something only beside others, where these are not there."""
    mappings = [guess.mapping for guess in found if guess.mapping]
    has_phones = any((m.namespace or "").startswith("Phone") and m.transform != "none" for m in mappings)
    has_answers = any(mapping.role in ANSWER_ROLES for mapping in mappings)
    has_segments = known.has_segment or any(mapping.role == "segment" for mapping in mappings)
    lacking: dict[Role | None, str] = {}
    if not has_phones:
        lacking["phoneRegion"] = "Countries mean something beside phone numbers, of which there are none."
    if not has_answers:
        lacking["shareAt"] = "Times of consent mean something beside answers, of which there are none."
    if not has_segments:
        lacking["status"] = "A status means something for a segment: name the upload's, or map a column of segments."
    roles = [guess.mapping.role if guess.mapping else None for guess in found]
    return [
        replace(guess, mapping=None, reason="none", why=lacking[role]) if role in lacking else guess
        for guess, role in zip(found, roles, strict=True)
    ]


def _only_once(found: Sequence[Guess]) -> list[Guess]:
    taken: dict[Role, str] = {}
    kept = []
    for guess in found:
        role = guess.mapping.role if guess.mapping else None
        if role not in _ONCE or guess.mapping is None:
            kept.append(guess)
        elif role in taken:
            why = f"The column {taken[role]!r} is already read as {role}, of which a file has one."
            kept.append(replace(guess, mapping=None, reason="repeated", why=why))
        else:
            taken[role] = guess.column
            kept.append(guess)
    return kept
