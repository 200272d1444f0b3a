"""A list of codes, as it is answered (docs/api.md, Who)."""

from handfast.platform.wire import Resource, View


class ReferenceEntry(View):
    """A code, its name and what it means."""

    code: str
    name: str
    description: str
    aliases: list[str] | None = None
    """Of namespaces: what else they are called."""
    permissions: list[str] | None = None
    """Of roles: what they may do."""
    request_types: list[str] | None = None
    """Of regulations: what may be asked under them."""
    subject: str | None = None
    """Of reasons: what they are about."""


class ReferenceList(Resource):
    """All codes of a list, in its order."""

    items: list[ReferenceEntry]
