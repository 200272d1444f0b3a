"""What a person is given who asks for their data: one document, as JSON for machines and as HTML for people. Pure.

Access holds what GDPR Art. 15(1) and (3) ask for as far as a sandbox knows it, with the actual recipients by name
(Art. 15(1)(c); CJEU C-154/21) and the sources (Art. 15(1)(g)). Portability holds what the person has provided
(Art. 20(1)): identities, attributes, answers.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal

from handfast.lake.suppressions import Reason
from handfast.platform.wire import View
from handfast.privacy_requests.models import PrivacyType, WithholdingGround
from handfast.privacy_requests.package_html import facts, page, paragraph, section, table


class About(View):
    """Who answers what, when, and under which law."""

    privacy_request_id: str
    type: PrivacyType
    regulation: str
    regulation_name: str
    received_at: str
    made_at: str
    organization: str
    sandbox: str


class Consent(View):
    """The answers to whether data may be shared: the identity's own and the person's, and when one was given last."""

    identity: str | None
    person: str | None
    answered_at: str | None


class Identity(View):
    """An identity, its value as it is held (a digest in hex where `hashed`), and what is held with it.

    `withheld`: it was named, but lies under a profile that is not shown to be this person's.
    """

    namespace: str
    value: str
    hashed: bool
    profile_id: str | None
    attributes: dict[str, Any]
    consent: Consent | None
    withheld: bool


class Answer(View):
    """An answer to whether data may be shared that is kept for a profile id, for identities that come with it."""

    profile_id: str
    share: str
    answered_at: str


class Membership(View):
    """A segment that an identity is in."""

    namespace: str
    value: str | None
    segment: str
    since: str


class Suppression(View):
    """An objection or erasure that is heeded for an identity. `value` is None where only its key is held.

    `towards` names the one partner towards whom it holds. `asListed`: it stands as California's DROP lists the
    identity, a phone number by its last ten digits, a device by its mobile advertising id.
    """

    namespace: str
    value: str | None
    reason: Reason
    since: str
    towards: str | None = None
    as_listed: bool = False


class Disclosure(View):
    """That a partner was given an identity over a segment, or gave it; of a destination `sandbox` is null.

    `organization` is a destination's name then.
    """

    organization: str
    sandbox: str | None
    namespace: str
    value: str | None
    segment: str
    disclosed_at: str
    withdrawn_at: str | None

    @property
    def who(self) -> str:
        """How people call it."""
        return f"{self.organization}, {self.sandbox}" if self.sandbox else self.organization


type SystemStatus = Literal["answered", "pending", "not_supported", "refused", "failed"]


class Record(View):
    """What a system outside holds, as it answered."""

    collection: str
    data: Any


class System(View):
    """A system outside and its answer, if `status` is `answered`; `reason` says why it is `not_supported`."""

    connector_id: str
    name: str
    status: SystemStatus
    reason: str | None = None
    records: list[Record]


class Withheld(View):
    """A part of the data, by its pointer, that is kept from the person: how many entries, on what ground, and why."""

    part: str
    entries: int
    ground: WithholdingGround
    reason: str


class Package(View):
    """All that a person is given. `left_out` says what is not in it, `withheld` what was taken out of it."""

    about: About
    identities: list[Identity]
    answers: list[Answer]
    memberships: list[Membership]
    suppressions: list[Suppression]
    recipients: list[Disclosure]
    sources: list[Disclosure]
    systems: list[System]
    left_out: list[str]
    withheld: tuple[Withheld, ...] = ()

    @property
    def holds_something(self) -> bool:
        """Whether anything is held of the person, here or at a system that has not said otherwise."""
        own = self.identities or self.answers or self.suppressions or self.recipients or self.sources
        return bool(own) or any(system.records or system.status != "answered" for system in self.systems)


BY_IDENTITY = ("memberships", "suppressions", "recipients", "sources")
"""The sections of entries that each stand with an identity; they belong to an access alone."""


# JSON


def to_json(package: Package) -> bytes:
    """The package for machines: UTF-8, names in camelCase, times RFC 3339."""
    document = package.model_dump(
        by_alias=True, exclude=set(BY_IDENTITY) if package.about.type == "portability" else None
    )
    return json.dumps(document, indent=2).encode()


# HTML

_TITLES: dict[PrivacyType, str] = {"access": "Your data", "portability": "Your data, to take elsewhere"}
_NOT_HERE = "What it holds is not in this answer."
_SILENT: dict[SystemStatus, str] = {
    "answered": "It holds nothing of you.",
    "pending": f"It has not answered in time. {_NOT_HERE}",
    "not_supported": f"It gives out no data. {_NOT_HERE}",
    "refused": f"It has refused to answer. {_NOT_HERE}",
    "failed": f"It has given no answer that could be used. {_NOT_HERE}",
}
_OWN_SOURCES = "No partner did: they came from the organization's own systems."
_REASONS: dict[Reason, str] = {"erasure": "erased, and refused if it comes again", "opt_out": "not shared"}
_DIGEST = (
    "E-mail addresses and phone numbers are held as SHA-256 digests alone, written here in hexadecimal digits."
    " They are compared with other digests; the address or number itself is not held."
)
_ANSWERS = (
    "Answers: y is yes, n is no, dy and dn are yes and no by default, p is yet to be confirmed, u is unknown. Without"
    " an answer of yours data may be shared for a legitimate interest (LI), a contract (CT), a legal obligation (CP),"
    " a vital interest (VI) or a public one (PI)."
)
_GROUNDS: dict[WithholdingGround, str] = {
    "third_party": "The rights and freedoms of other people (GDPR Art. 15(4), or what the law says of it)",
    "trade_secret": "A trade secret or intellectual property (GDPR Art. 15(4) and recital 63, or what the law says)",
    "never_disclosed": "It is held, but its disclosure would endanger you: it is never sent (such as 11 CCR 7024(d))",
    "other": "As said under why",
}
_SECTIONS = {
    "identities": "What identifies you, and is held about you",
    "answers": "Answers kept for you",
    "memberships": "Segments you are in",
    "suppressions": "Objections and erasures that are heeded",
    "recipients": "Who received your data",
    "sources": "Who gave your data",
}
_KEPT_BACK = "What is not shown here was withheld: see below."
OPENS = {
    "zip": (
        "The .zip file is encrypted with AES-256. 7-Zip, WinZip and PeaZip open it on Windows, Keka and The Unarchiver"
        " on macOS, 7-Zip (7z) on Linux. Windows Explorer and unzip do not."
    ),
    "html": (
        "The .html file opens in a browser of any system, without a network: Chrome or Edge 80, Firefox 113, Safari"
        " 16.4 or later. It decrypts itself there with the passphrase, and sends nothing anywhere."
    ),
}
"""What opens each form of a package."""
RIGHTS = (
    "As far as the law named above grants it, you may have data corrected or erased, have their use restricted, object"
    " to it, take what you provided elsewhere, and complain to the supervisory authority."
)

_KINDS = {
    "Email_LC_SHA256": "E-mail address",
    "Phone_SHA256_E.164": "Phone number",
    "ECID": "Browser (ECID)",
    "IDFA": "Apple device (IDFA)",
    "GAID": "Android device (GAID)",
}


def to_html(package: Package) -> bytes:
    """The package for people: one page that loads nothing and runs nothing."""
    about = package.about
    parts = [
        facts(
            ("Answered by", f"{about.organization}, {about.sandbox}"),
            ("Your request", f"{about.type}, received {minute(about.received_at)}"),
            ("Made under", about.regulation_name),
            ("This answer", f"made {minute(about.made_at)}"),
            ("Number", about.privacy_request_id),
        ),
        *_identities(package),
    ]
    if about.type != "portability":
        parts += _access(package)
    for index, system in enumerate(package.systems):
        parts += _system(system, is_cut=_lacks(package, f"systems/{index}") or _lacks(package, "systems/*"))
    parts += [
        *_withheld(package),
        section("What is not in it"),
        *map(paragraph, package.left_out),
        section("Your rights"),
    ]
    parts += [paragraph(RIGHTS), section("What opens this package"), *map(paragraph, OPENS.values())]
    return page(_TITLES[about.type], parts).encode(errors="replace")


def _identities(package: Package) -> list[str]:
    found = package.identities
    rows = [
        (
            kind_of(identity.namespace),
            identity.value,
            "left out, see below" if identity.withheld else identity.profile_id,
            *_consent(identity.consent),
        )
        for identity in found
    ]
    heads = ("Kind", "Value as held", "Profile", "Its answer to sharing", "Your answer", "Given")
    parts = [
        section("What identifies you"),
        table(heads, rows, _none(package, "identities", "Nothing that identifies you is held.")),
    ]
    if any(identity.hashed for identity in found):
        parts.append(paragraph(_DIGEST))
    if package.answers or _lacks(package, "answers"):
        kept = [(answer.profile_id, answer.share, minute(answer.answered_at)) for answer in package.answers]
        none = _none(package, "answers", "")
        parts += [section("Answers kept for you"), table(("Profile", "Your answer", "Given"), kept, none)]
    if package.answers or any(identity.consent for identity in found):
        parts.append(paragraph(_ANSWERS))
    attributes = [
        (kind_of(identity.namespace), identity.value, name, _value(value))
        for identity in found
        for name, value in identity.attributes.items()
    ]
    titles = ("Kind", "Identity", "Attribute", "Value")
    return [
        *parts,
        section("What is held about you"),
        table(titles, attributes, _none(package, "identities", "No attributes are held.")),
    ]


def _consent(answer: Consent | None) -> tuple[str | None, str | None, str | None]:
    if answer is None:
        return None, None, None
    return answer.identity, answer.person, minute(answer.answered_at) if answer.answered_at else None


def _access(package: Package) -> list[str]:
    memberships = [
        (membership.segment, kind_of(membership.namespace), membership.value, minute(membership.since))
        for membership in package.memberships
    ]
    suppressions = [
        (_what_is_done(suppression), kind_of(suppression.namespace), suppression.value, minute(suppression.since))
        for suppression in package.suppressions
    ]
    return [
        section("Segments you are in"),
        table(("Segment", "Kind", "Identity", "Since"), memberships, _none(package, "memberships", "You are in none.")),
        section("Objections and erasures that are heeded"),
        table(
            ("What is done", "Kind", "Identity", "Since"),
            suppressions,
            _none(package, "suppressions", "There are none."),
        ),
        section("Who received your data"),
        _disclosures(package.recipients, _none(package, "recipients", "Nobody did.")),
        section("Who gave your data"),
        _disclosures(package.sources, _none(package, "sources", _OWN_SOURCES)),
    ]


def _what_is_done(suppression: Suppression) -> str:
    if suppression.towards:
        return f"not shared with {suppression.towards}"
    listed = ", as a list of DROP names it" if suppression.as_listed else ""
    return f"{_REASONS[suppression.reason]}{listed}"


def _disclosures(found: Sequence[Disclosure], none: str) -> str:
    rows = [
        (
            disclosure.who,
            disclosure.segment,
            kind_of(disclosure.namespace),
            disclosure.value,
            minute(disclosure.disclosed_at),
            disclosure.withdrawn_at and minute(disclosure.withdrawn_at),
        )
        for disclosure in found
    ]
    return table(("Who", "Segment", "Kind", "Identity", "Given", "Withdrawn"), rows, none)


def _system(system: System, *, is_cut: bool) -> list[str]:
    rows = [(record.collection, _value(record.data)) for record in system.records]
    silent = f"{system.reason[0].upper()}{system.reason[1:]}. {_NOT_HERE}" if system.reason else _SILENT[system.status]
    return [
        section(f"What {system.name} holds"),
        table(("Collection", "Data"), rows, _KEPT_BACK if is_cut and system.status == "answered" else silent),
    ]


def _lacks(package: Package, section: str) -> bool:
    """Whether anything of a section was withheld; of what stands by identity also with an identity."""
    sections = (section, "identities") if section in BY_IDENTITY else (section,)
    return any(f"{each.part}/".startswith(f"/{name}/") for each in package.withheld for name in sections)


def _none(package: Package, section: str, none: str) -> str:
    return _KEPT_BACK if _lacks(package, section) else none


def _withheld(package: Package) -> list[str]:
    rows = [
        (_place(package, each.part), str(each.entries), _GROUNDS[each.ground], each.reason) for each in package.withheld
    ]
    heads = ("What", "How many", "Ground", "Why")
    return [section("What was withheld from you"), table(heads, rows, "")] if rows else []


def _place(package: Package, part: str) -> str:
    """A part as people call it: the section, and the names below it."""
    first, *below = part.removeprefix("/").split("/")
    if first != "systems":
        place = _SECTIONS[first]
    elif below[0] == "*":
        place = "What systems outside hold"
    else:
        place = f"What {package.systems[int(below[0])].name} holds"
    names = [name.replace("~1", "/").replace("~0", "~") for name in below if name != "*" and not name.isdigit()]
    return ": ".join((place, *(name for name in names if name not in {"attributes", "records", "data"})))


def kind_of(namespace: str) -> str:
    return _KINDS.get(namespace, namespace)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def minute(text: str) -> str:
    """The wire's time for people, to the minute."""
    return f"{text[:10]} {text[11:16]} UTC"
