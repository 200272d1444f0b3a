"""What ingest makes of a value, made here: the same code, so that the same digest.

Values that are hashed at home are uploaded as digests, and no raw value leaves.
"""

from handfast.identity.namespaces import PhoneForm, UnknownNamespaceError, namespace
from handfast.identity.rejected import Rejected as RejectedValueError

__all__ = ["RejectedValueError", "UnknownNamespaceError", "hash_value"]


def hash_value(
    namespace_name: str, value: str, *, phone_region: str | None = None, phone_form: PhoneForm | None = None
) -> str:
    """What a value is held as: of a namespace that is hashed its SHA-256 in hex, of another the canonical text.

    A SHA-256 is taken as it is. `phone_region` (ISO 3166) is where numbers without a country code are, `phone_form`
    how all numbers of a column are written. Raises UnknownNamespaceError, and RejectedValueError with ingest's
    `reason` for a value that ingest would leave out.
    """
    kind = namespace(namespace_name)
    canonical = kind.normalise(value, phone_region=phone_region, phone_form=phone_form)
    return canonical.hex() if kind.hashed else canonical.decode()
