"""The lists of codes that callers may use or meet, each from where the code knows it."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from handfast.access.rules import ROLE_DESCRIPTIONS, ROLES
from handfast.edge.problem_pages import CODES
from handfast.governance.expressions import labels_of
from handfast.governance.labels import LABEL_DESCRIPTIONS
from handfast.governance.marketing_actions import MARKETING_ACTION_DESCRIPTIONS
from handfast.governance.policies import CORE_POLICIES
from handfast.identity.namespaces import namespaces
from handfast.journal.event_types import EVENT_TYPES
from handfast.platform.problems import NotFound
from handfast.privacy_requests.regulations import REGULATIONS
from handfast.reference.models import ReferenceEntry, ReferenceList
from handfast.reference.reasons import REASONS

type _Entries = Iterator[ReferenceEntry]


def reference(name: str) -> ReferenceList:
    """The list of that name. Raises NotFound, which names the lists, for one that there is not."""
    if name not in LISTS:
        raise NotFound(f"no such list; one of {', '.join(LISTS)}", known=list(LISTS))
    return ReferenceList(items=list(LISTS[name]()))


def _namespaces() -> _Entries:
    for each in namespaces().values():
        yield ReferenceEntry(
            code=each.symbol,
            name=each.title,
            description=each.description,
            aliases=list(each.aliases),
            shareable="agreed" if each.by_agreement else "always",
            exportable=each.exportable,
            value_form="sha256" if each.hashed else "text",
            hashes_raw=each.hashes_raw,
        )


def _labels() -> _Entries:
    for code, description in LABEL_DESCRIPTIONS.items():
        yield ReferenceEntry(code=code, name=f"Label {code}", description=description)


def _marketing_actions() -> _Entries:
    for code, description in MARKETING_ACTION_DESCRIPTIONS.items():
        yield ReferenceEntry(code=code, name=_words(code), description=description)


def _policies() -> _Entries:
    for policy in CORE_POLICIES.values():
        denied = " or ".join(labels_of(policy.deny))
        for action in policy.marketing_actions:
            yield ReferenceEntry(code=policy.policy_id, name=policy.name, description=f"{denied} forbids {action}")


def _reasons() -> _Entries:
    for subject, codes in {**REASONS, **CODES}.items():
        for code, cause in codes.items():
            yield ReferenceEntry(code=code, name=_words(code), description=cause, subject=subject)


def _event_types() -> _Entries:
    for code, description in EVENT_TYPES.items():
        yield ReferenceEntry(code=code, name=_words(code), description=description)


def _regulations() -> _Entries:
    for law in REGULATIONS.values():
        yield ReferenceEntry(code=law.code, name=law.name, description=law.source, request_types=list(law.terms))


def _roles() -> _Entries:
    for code, permissions in ROLES.items():
        description = ROLE_DESCRIPTIONS[code]
        yield ReferenceEntry(code=code, name=_words(code), description=description, permissions=sorted(permissions))


def _words(code: str) -> str:
    """A code as words: `feed.unshared` is Feed unshared."""
    return code.replace("_", " ").replace("-", " ").replace(".", " ").capitalize()


LISTS: Mapping[str, Callable[[], _Entries]] = MappingProxyType(
    {
        "namespaces": _namespaces,
        "labels": _labels,
        "marketing-actions": _marketing_actions,
        "policies": _policies,
        "reasons": _reasons,
        "event-types": _event_types,
        "regulations": _regulations,
        "roles": _roles,
    }
)
"""The lists, by the names that paths have."""
