"""Lists of codes, and quotas, as they are answered (docs/api.md, Who)."""

from typing import Literal

from handfast.platform.wire import Resource, Timestamp, View


class ReferenceEntry(View):
    """A code, its name and what it means."""

    code: str
    name: str
    description: str
    aliases: list[str] | None = None
    """Of namespaces: what else they are called."""
    shareable: Literal["always", "agreed"] | None = None
    """Of namespaces: whether every feed may share them, or those alone whose both sides have agreed on them."""
    exportable: bool | None = None
    """Of namespaces: whether destinations may be given their values."""
    value_form: Literal["sha256", "text"] | None = None
    """Of namespaces: whether a value is kept as a SHA-256 or as it is."""
    hashes_raw: bool | None = None
    """Of namespaces: whether raw values are taken, and hashed here."""
    permissions: list[str] | None = None
    """Of roles: what they may do."""
    request_types: list[str] | None = None
    """Of regulations: what may be asked under them."""
    subject: str | None = None
    """Of reasons: what they are about."""


class ReferenceList(Resource):
    """All codes of a list, in its order."""

    items: list[ReferenceEntry]


class QuotaStanding(View):
    """How much a sandbox may do of something, and what is left of it."""

    name: str
    description: str
    unit: str
    limit: int
    remaining: int
    period_seconds: int | None
    """Of what is counted in a period; null of what is counted while it is in work."""
    resets_at: Timestamp | None
    """When the period ends, and all of it is left again."""


class QuotaList(View):
    """All quotas of a sandbox."""

    items: list[QuotaStanding]
