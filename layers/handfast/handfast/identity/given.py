"""An identity of a person as a caller gives it."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from handfast.identity import profile_ids
from handfast.identity.namespaces import BLANKS, Reading, Rejected, UnknownNamespaceError, is_digest, namespace
from handfast.platform.wire import Request


class SubjectIdentity(Request):
    """An identity of the person; `sha256` is the digest that the namespace holds, in hex or Base64.

    A source's own id of the person has the namespace `profile_id` or `extern_id`, or, with the type `custom`, any name.
    """

    namespace: Annotated[str, Field(max_length=50)]
    value: Annotated[str, Field(min_length=1, max_length=1024)]
    format: Literal["raw", "sha256"] = "raw"
    type: Literal["standard", "custom"] = "standard"


_OWN_ID = frozenset({"profile_id", "profileid", "extern_id", "externid"})


def is_own_id(identity: SubjectIdentity) -> bool:
    """Whether it is a source's own id of the person, which uploads bring as the profile's."""
    return identity.type == "custom" or identity.namespace.strip().casefold() in _OWN_ID


def own_id(identity: SubjectIdentity, secret: bytes) -> str:
    """The id as profiles have it. Raises Rejected, for a digest too: no profile is known by one of its id."""
    if identity.format != "raw":
        raise Rejected("not_a_digest_of_this_namespace")
    found = profile_ids.kept(identity.value, secret)
    if found is None:
        raise Rejected("empty")
    return found


def canonical(identity: SubjectIdentity, phone_region: str | None, own: Iterable[int] = ()) -> tuple[int, bytes]:
    """The namespace's code and the canonical value; `own` are the codes of the sandbox's own namespaces.

    Raises UnknownNamespaceError, Rejected.
    """
    if is_own_id(identity):
        raise UnknownNamespaceError("a source's own id finds a person, and is no identity to look up")
    kind = namespace(identity.namespace, own)
    if identity.format == "sha256" and not (kind.hashed and is_digest(identity.value)):
        raise Rejected("not_a_digest_of_this_namespace")
    return kind.code, kind.normalise(identity.value, phone_region=phone_region)


def clear_texts(identity: SubjectIdentity, phone_region: str | None, own: Iterable[int] = ()) -> tuple[str, ...]:
    """What a hashed namespace's value was before it was hashed: the canonical text, then as given where that differs.

    Nothing where a digest was given, or where the namespace holds its values as they are. Raises
    UnknownNamespaceError, Rejected.
    """
    kind = namespace(identity.namespace, own)
    if not kind.hashes_raw or is_digest(identity.value):
        return ()
    text = identity.value.strip(BLANKS)
    return tuple(dict.fromkeys((kind.canonical(text, Reading(phone_region)), text)))
