"""An identity of a person as a caller gives it."""

from typing import Annotated, Literal

from pydantic import Field

from handfast.identity.namespaces import BLANKS, Reading, Rejected, is_digest, namespace
from handfast.platform.wire import Request


class SubjectIdentity(Request):
    """An identity of the person; `sha256` is the digest that the namespace holds, in hex or Base64."""

    namespace: Annotated[str, Field(max_length=50)]
    value: Annotated[str, Field(min_length=1, max_length=1024)]
    format: Literal["raw", "sha256"] = "raw"


def canonical(identity: SubjectIdentity, phone_region: str | None) -> tuple[int, bytes]:
    """The namespace's code and the canonical value. Raises UnknownNamespaceError, Rejected."""
    kind = namespace(identity.namespace)
    if identity.format == "sha256" and not (kind.hashed and is_digest(identity.value)):
        raise Rejected("not_a_digest_of_this_namespace")
    return kind.code, kind.normalise(identity.value, phone_region=phone_region)


def clear_texts(identity: SubjectIdentity, phone_region: str | None) -> tuple[str, ...]:
    """What a hashed namespace's value was before it was hashed: the canonical text, then as given where that differs.

    Nothing where a digest was given, or where the namespace holds its values as they are. Raises
    UnknownNamespaceError, Rejected.
    """
    kind = namespace(identity.namespace)
    if not kind.hashed or is_digest(identity.value):
        return ()
    text = identity.value.strip(BLANKS)
    return tuple(dict.fromkeys((kind.canonical(text, Reading(phone_region)), text)))
