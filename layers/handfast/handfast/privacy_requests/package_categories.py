"""What a person is given who asks for categories alone: of data, sources and recipients, and no data. Pure.

Civ. Code 1798.110(a) and 1798.115(a), as 11 CCR 7024(k) lists them.
"""

import json
from collections import Counter, defaultdict

from handfast.platform.wire import View
from handfast.privacy_requests.package_document import About, Disclosure, Package, Record, kind_of, minute
from handfast.privacy_requests.package_html import facts, page, paragraph, section, table

_PARTNER = "partners, over shared segments"
_DESTINATION = "systems that segments are sent to"
_OWN = "the organization's own systems"
_PURPOSE = "Why each category is collected, sold or shared: the organization's privacy notice says so."
_NO_DATA = "The data themselves: you asked for categories. A request for access gives them."


class Category(View):
    """A category of personal data, and how many of it are held."""

    category: str
    held: int


class PartyCategory(View):
    """Who gave data or was given them, by what it is, with its name and the categories of data."""

    category: str
    name: str
    data: list[str]


class SystemCategories(View):
    """A system outside, and the collections it has of the person with the names of their fields."""

    name: str
    status: str
    collections: dict[str, list[str]]


class Categories(View):
    """The categories of what a package would hold."""

    about: About
    categories: list[Category]
    sources: list[PartyCategory]
    recipients: list[PartyCategory]
    systems: list[SystemCategories]
    left_out: list[str]


def categories(package: Package) -> Categories:
    """The categories of what a package holds, without a value of it."""
    shown = [identity for identity in package.identities if not identity.withheld]
    held = Counter(kind_of(identity.namespace) for identity in shown)
    held.update(f"Attribute: {name}" for identity in shown for name in identity.attributes)
    held.update("Segment membership" for _ in package.memberships)
    held.update("Answer to sharing" for _ in package.answers)
    held.update("Objection or erasure" for _ in package.suppressions)
    sources = _parties(package.sources)
    if shown:
        sources.append(PartyCategory(category=_OWN, name=package.about.organization, data=sorted(held)))
    return Categories(
        about=package.about,
        categories=[Category(category=name, held=count) for name, count in sorted(held.items())],
        sources=sources,
        recipients=_parties(package.recipients),
        systems=[
            SystemCategories(
                name=system.name,
                status=system.status,
                collections={
                    name: sorted({field for row in rows if isinstance(row, dict) for field in row})
                    for name, rows in _collections(system.records).items()
                },
            )
            for system in package.systems
        ],
        left_out=[_NO_DATA, _PURPOSE, *package.left_out],
    )


def _parties(found: list[Disclosure]) -> list[PartyCategory]:
    data: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in found:
        category = _PARTNER if each.sandbox else _DESTINATION
        data[each.who, category] |= {kind_of(each.namespace), "Segment membership"}
    return [PartyCategory(category=what, name=name, data=sorted(kinds)) for (name, what), kinds in sorted(data.items())]


def _collections(records: list[Record]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = defaultdict(list)
    for record in records:
        found[record.collection].append(record.data)
    return found


def to_json(package: Package) -> bytes:
    """The categories for machines: UTF-8, names in camelCase."""
    return json.dumps(categories(package).model_dump(by_alias=True), indent=2).encode()


def to_html(package: Package) -> bytes:
    """The categories for people: one page that loads nothing and runs nothing."""
    found, about = categories(package), package.about
    held = [(each.category, str(each.held)) for each in found.categories]
    fields = [
        (system.name, system.status, collection, ", ".join(names))
        for system in found.systems
        for collection, names in (system.collections or {"": []}).items()
    ]
    parts = [
        facts(
            ("Answered by", f"{about.organization}, {about.sandbox}"),
            ("Your request", f"access to categories, received {minute(about.received_at)}"),
            ("Made under", about.regulation_name),
            ("This answer", f"made {minute(about.made_at)}"),
            ("Number", about.privacy_request_id),
        ),
        section("Categories of data that are held about you"),
        table(("Category", "Held"), held, "None is."),
        section("Where they come from"),
        _party_table(found.sources, "From nobody."),
        section("Who received them"),
        _party_table(found.recipients, "Nobody did."),
        section("Systems outside"),
        table(("System", "Answer", "Collection", "Fields"), fields, "There are none."),
        section("What is not in it"),
        *map(paragraph, found.left_out),
    ]
    return page("Categories of your data", parts).encode(errors="replace")


def _party_table(found: list[PartyCategory], none: str) -> str:
    rows = [(party.category, party.name, ", ".join(party.data)) for party in found]
    return table(("Category", "Name", "Categories of data"), rows, none)
