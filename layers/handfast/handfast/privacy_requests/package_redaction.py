"""What of a package can be withheld from the person, and the package without it: parts of its `data.json`. Pure.

A part is named by a JSON pointer, in which `*` stands for every entry and the name of a collection for its records. An
identity takes along what stands with it in other sections.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handfast.platform.wire import escaped
from handfast.privacy_requests.package_document import BY_IDENTITY, Package, Withheld

_SECTIONS = "|".join(("identities", "answers", *BY_IDENTITY))
_ENTRY = r"(\*|[0-9]+)"
_LIST = f"/({_SECTIONS})|/identities/{_ENTRY}/attributes|/systems/{_ENTRY}/records"
FORM = (
    f"^({_LIST}|/({_SECTIONS})/{_ENTRY}|/identities/{_ENTRY}/attributes/.+|/systems/{_ENTRY}/records/[^/]+(/data/.+)?)$"
)
"""What a part looks like: a section, an entry of one, an attribute, or what a system outside has answered."""

type _Names = tuple[str, ...]


def parts(document: Mapping[str, Any]) -> dict[str, int]:
    """The parts of a `data.json` that whoever reviews it may want to look at, with the entries or fields of each."""
    sections = ("identities", "answers", *BY_IDENTITY)
    attributes = {name for identity in document["identities"] for name in identity["attributes"]}
    found = [f"/{name}" for name in sections if document.get(name)]
    found += [f"/identities/*/attributes/{escaped(name)}" for name in sorted(attributes)]
    for index, system in enumerate(document["systems"]):
        fields: dict[str, set[str]] = {}
        for record in system["records"]:
            data = record["data"] if isinstance(record["data"], dict) else {}
            fields.setdefault(f"/systems/{index}/records/{escaped(record['collection'])}", set()).update(data)
        for collection, names in sorted(fields.items()):
            found += [collection, *(f"{collection}/data/{escaped(name)}" for name in sorted(names))]
    counts = {part: count(document, part) for part in found}
    return {part: entries for part, entries in counts.items() if entries}


def count(document: Mapping[str, Any], part: str) -> int:
    """How many entries or fields of a `data.json` a part names."""
    return sum(1 for _ in _found(document, _names(part)))


def redacted(document: Mapping[str, Any], withheld: Sequence[Withheld]) -> Package:
    """The package that a `data.json` is of, without what is withheld, and saying so."""
    named = [_names(each.part) for each in withheld]
    kept = _without(document, named)
    left = [_identity(entry) for entry in kept["identities"]]
    gone = [entry for entry in map(_identity, document["identities"]) if entry not in left]
    for section in BY_IDENTITY:
        kept[section] = [entry for entry in kept.get(section, ()) if _identity(entry) not in gone]
    return Package.model_validate(kept | {"withheld": withheld})


def _names(part: str) -> _Names:
    whole = f"{part}/*" if re.fullmatch(_LIST, part) else part
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in whole.split("/")[1:])


def _identity(entry: Mapping[str, Any]) -> tuple[str, str | None]:
    return entry["namespace"], entry["value"]


def _children(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _is_meant(name: str, key: Any, child: Any) -> bool:
    is_record = isinstance(key, int) and isinstance(child, dict) and child.get("collection") == name
    return name in {"*", str(key)} or is_record


def _found(value: Any, names: _Names) -> Iterator[Any]:
    if not names:
        yield value
        return
    for key, child in _children(value):
        if _is_meant(names[0], key, child):
            yield from _found(child, names[1:])


def _without(value: Any, parts: Sequence[_Names]) -> Any:
    kept = []
    for key, child in _children(value):
        below = [names[1:] for names in parts if _is_meant(names[0], key, child)]
        if () not in below:
            kept.append((key, _without(child, below) if below else child))
    if isinstance(value, dict):
        return dict(kept)
    return [child for _, child in kept] if isinstance(value, list) else value
