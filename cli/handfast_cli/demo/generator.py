"""Two organisations' people, from a seed: the files they upload, and what somebody reading them would know.

Nobody in them exists: the e-mail domains are reserved (RFC 2606) and the phone numbers use the exchange 555.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeAlias, TypeVar

EMAIL, PHONE, IDFA, GAID = NAMESPACES = "Email_LC_SHA256", "Phone_SHA256_E.164", "IDFA", "GAID"
SEGMENTS = {"newsletter": "Newsletter readers", "lapsed": "Lapsed buyers"}
COMMON = 0.3
MALFORMED = 0.01

CRM_COLUMNS = ("customer", "email", "phone", "idfa", "gaid", "consent", "segment", "note")
PARTNER_COLUMNS = ("member", "email_sha256", "phone_sha256", "idfa", "gaid")

_TEXT = (
    "amber anchor basalt breeze cedar cobalt comet coral delta drift ember fern fjord garnet harbor hazel indigo "
    "juniper kelp lagoon lichen maple meadow nimbus onyx pebble quartz river saffron tundra umber velvet willow zephyr "
    "größe müde naïve été niño smørrebrød łódka žába çağlayan δέλτα ветер погода 花火 바람"
)
_WORDS = _TEXT.split()
_TAGS = ("", "", "", "", "+news", "+shop", "+été", ".x", "-2")
_DOMAINS = (
    *("example.com", "example.org", "example.net", "mail.example.com", "post.example.org", "shop.test"),
    *("bücher.test", "почта.test", "例え.test", "crème.example.net"),
)
_CASES: tuple[Callable[[str], str], ...] = (str, str, str.upper, str.title)
_SPACES = ("{}", "{}", "{}", " {}", "{} ", "  {}\t")
_PHONES = (
    *("({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0} {1} {2}", "{0}{1}{2}"),
    *("1 {0} {1} {2}", "+1 {0}-{1}-{2}", " ({0}){1} {2} ", "{0}{1}{2}.0"),
)
_SHARES = ("",) * 40 + ("y",) * 40 + ("n",) * 8 + ("dn", "dn", "dy", "dy", "p", "u", "LI", "CT", "CP", "VI", "PI")
_REFUSALS = ("n", "dn")
_SEGMENTS = ("newsletter",) * 40 + ("lapsed",) * 20 + ("newsletter|lapsed",) * 5 + ("",) * 35
_REPEATED = 5555
"""With the exchange 555 a placeholder, which ingest refuses."""
_NOTES = (
    *("", "", "", "prefers mail", "gold, yearly", '12" shelf, oak', "2nd; order", "naïve"),
    "rings twice,\nthen leaves",
)

T = TypeVar("T")
Chance: TypeAlias = Callable[[], float]
Bar: TypeAlias = Callable[[int, int], None]
"""Told how much is done, of how much."""
Identity: TypeAlias = tuple[str, str]
"""Namespace and canonical value: a digest in lower-case hex, or a lower-case UUID."""


class Person(NamedTuple):
    """What is known of a person, canonical: lower-case address, E.164 number, lower-case UUIDs; "" for nothing."""

    email: str = ""
    phone: str = ""
    idfa: str = ""
    gaid: str = ""


class Row(NamedTuple):
    """A row of a file: its usable identities, and what is wrong with it.

    `person` is the same number in both files for the same person. `flaw` is the column and the reason that ingest
    must report, `rejected` says that it must refuse the whole row.
    """

    person: int
    profile_id: str
    identities: tuple[Identity, ...]
    share: str = ""
    segments: tuple[str, ...] = ()
    flaw: tuple[str, str] | None = None
    rejected: bool = False


class Flaw(NamedTuple):
    """One way to be malformed: `text` stands in `column`, `alone` without any usable identity beside it.

    `reason` is the code that ingest reports (docs/architecture.md).
    """

    column: str
    text: str
    reason: str
    alone: bool = False


_FLAWS = (
    Flaw("email", "no address at all", "invalid_email"),
    Flaw("email", "nobody@", "invalid_email", alone=True),
    Flaw("phone", "0664 1234567", "invalid_phone_for_region"),
    Flaw("phone", "n/a", "placeholder_phone", alone=True),
    Flaw("idfa", "00000000-0000-0000-0000-000000000000", "all_zero_device_id"),
    Flaw("gaid", "not-a-device", "invalid_gaid", alone=True),
    Flaw("consent", "maybe", "unknown_share"),
    Flaw("segment", "no-such-segment", "unknown_segment"),
    Flaw("note", "backup@example.com", "raw_identifier"),
    Flaw("", "", "no_identity", alone=True),
)


class File(NamedTuple):
    """A file to upload, and its rows in order."""

    path: Path
    rows: Sequence[Row]


class World(NamedTuple):
    """What the two organisations upload, and how many people they have in common."""

    crm: File
    partner: File
    common: int


def write_world(folder: Path, people: int, seed: int, bar: Bar = lambda _done, _total: None) -> World:
    """Writes `crm.csv` and `partner.csv`, each of `people` rows, into the folder."""
    random = Random(seed)  # noqa: S311 - repeatable is the point
    chance = random.random
    common = int(people * COMMON)
    both = sorted(random.sample(range(people), common))
    everyone = [_person(random, number) for number in range(2 * people - common)]
    crm = {number: _known(chance, everyone[number]) for number in range(people)}
    partner = {number: _known(chance, everyone[number]) for number in (*both, *range(people, len(everyone)))}
    for number in both:
        if not any(ours and ours == theirs for ours, theirs in zip(crm[number], partner[number], strict=True)):
            crm[number] = partner[number] = everyone[number]
    for number in range(people, len(everyone), 50):
        partner[number] = partner[number]._replace(email=_near(everyone[number - people].email))
    flaws = dict(zip(random.sample(range(people), int(people * MALFORMED)), _FLAWS * people, strict=False))
    order = list(partner)
    random.shuffle(order)
    crm_rows = (_crm_row(chance, number, crm[number], flaws.get(number)) for number in crm)
    crm_file = _write(folder / "crm.csv", CRM_COLUMNS, crm_rows, lambda rows: bar(rows, 2 * people))
    partner_rows = (_partner_row(chance, number, partner[number]) for number in order)
    partner_file = _write(
        folder / "partner.csv", PARTNER_COLUMNS, partner_rows, lambda rows: bar(people + rows, 2 * people)
    )
    return World(crm_file, partner_file, common)


def digest(value: str) -> str:
    """SHA-256 in lower-case hex; "" of ""."""
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


@cache
def _a_labels(domain: str) -> str:
    import idna  # noqa: PLC0415 - slow to import

    return idna.encode(domain).decode()


def email_digest(email: str) -> str:
    """SHA-256 of an address with its domain as DNS has it; "" of ""."""
    local, _, domain = email.rpartition("@")
    return digest(f"{local}@{_a_labels(domain)}") if email else ""


def _pick(chance: Chance, options: Sequence[T]) -> T:
    return options[int(chance() * len(options))]


def _person(random: Random, number: int) -> Person:
    chance = random.random
    name = _pick(chance, _WORDS) + _pick(chance, "._-") + _pick(chance, _WORDS)
    return Person(
        f"{name}{number}{_pick(chance, _TAGS)}@{_pick(chance, _DOMAINS)}",
        _phone(number) if chance() < 0.7 else "",
        _device(random) if chance() < 0.45 else "",
        _device(random) if chance() < 0.45 else "",
    )


@cache
def _areas() -> list[int]:
    import phonenumbers  # noqa: PLC0415 - slow to import

    numbers = ((code, phonenumbers.parse(f"+1{code}5550100")) for code in range(200, 1000))
    return [code for code, number in numbers if phonenumbers.is_valid_number_for_region(number, "US")]


def _phone(number: int) -> str:
    areas = _areas()
    # A step without a common divisor visits each number once, and neighbours look unrelated.
    place = number * 1_000_003 % (len(areas) * 9_999)
    area, line = areas[place // 9_999], place % 9_999
    return f"+1{area}555{line + (line >= _REPEATED):04}"


def _device(random: Random) -> str:
    text = random.randbytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _known(chance: Chance, person: Person) -> Person:
    """What one organisation knows of a person: never nothing."""
    known = Person(
        person.email if chance() < 0.9 else "",
        person.phone if chance() < 0.8 else "",
        person.idfa if chance() < 0.85 else "",
        person.gaid if chance() < 0.85 else "",
    )
    return known if any(known) else person


def _near(email: str) -> str:
    """Another address, which only a rule that folds dots or tags would take for this one."""
    local, _, domain = email.partition("@")
    return f"{local.replace('.', '')}@{domain}" if "." in local else f"{local}+list@{domain}"


def _identities(email: str, phone: str, idfa: str, gaid: str) -> tuple[Identity, ...]:
    known = ((EMAIL, email), (PHONE, phone), (IDFA, idfa), (GAID, gaid))
    return tuple([identity for identity in known if identity[1]])


def _crm_row(chance: Chance, number: int, whole: Person, flaw: Flaw | None) -> tuple[list[str], Row]:
    person = _spoiled(whole, flaw) if flaw else whole
    share, segments = _pick(chance, _SHARES), _pick(chance, _SEGMENTS)
    profile_id = f"crm-{number:07}"
    cells = [
        profile_id,
        _messy_email(chance, person.email),
        _national(chance, person.phone),
        _cased(chance, person.idfa),
        _cased(chance, person.gaid),
        share,
        segments,
        _pick(chance, _NOTES),
    ]
    identities = _identities(email_digest(person.email), digest(person.phone), person.idfa, person.gaid)
    row = Row(number, profile_id, identities, share, tuple(segments.split("|")) if segments else ())
    if flaw:
        if flaw.column:
            cells[CRM_COLUMNS.index(flaw.column)] = flaw.text
        # A refusal holds for the person although no identity can be read.
        rejected = flaw.column in {"consent", "segment"} or (not identities and share not in _REFUSALS)
        found = None if flaw.reason == "no_identity" and not rejected else (flaw.column, flaw.reason)
        row = row._replace(flaw=found, rejected=rejected)
    return cells, row


def _spoiled(person: Person, flaw: Flaw) -> Person:
    if flaw.alone:
        return Person()
    return person._replace(**{flaw.column: ""}) if flaw.column in Person._fields else person


def _partner_row(chance: Chance, number: int, person: Person) -> tuple[list[str], Row]:
    profile_id = f"m-{number:07}"
    values = (email_digest(person.email), digest(person.phone), person.idfa, person.gaid)
    return [profile_id, *(_cased(chance, value) for value in values)], Row(number, profile_id, _identities(*values))


def _write(
    path: Path, columns: tuple[str, ...], lines: Iterable[tuple[list[str], Row]], wrote: Callable[[int], None]
) -> File:
    rows = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for cells, row in lines:
            writer.writerow(cells)
            rows.append(row)
            if len(rows) % 1000 == 0:
                wrote(len(rows))
    return File(path, rows)


def _messy_email(chance: Chance, email: str) -> str:
    cased = _pick(chance, _CASES)(email)
    # Some letters do not survive the way to upper case and back (ß, SS).
    return _pick(chance, _SPACES).format(cased if cased.lower() == email else email) if email else ""


def _national(chance: Chance, phone: str) -> str:
    return _pick(chance, _PHONES).format(phone[2:5], phone[5:8], phone[8:]) if phone else ""


def _cased(chance: Chance, text: str) -> str:
    return _pick(chance, _HEX_CASES)(text) if text else ""


def _half_upper(text: str) -> str:
    half = len(text) // 2
    return text[:half].upper() + text[half:]


_HEX_CASES: tuple[Callable[[str], str], ...] = (str, str.upper, _half_upper)
