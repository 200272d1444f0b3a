"""The review of a package on the wire (docs/api.md, Privacy)."""

from typing import Annotated

from pydantic import AfterValidator, Field

from handfast.identity import free_text
from handfast.platform.wire import Link, Request, Timestamp, View
from handfast.privacy_requests.models import WithholdingGround
from handfast.privacy_requests.package_redaction import FORM
from handfast.privacy_requests.wire import SafeNote


class Withholding(Request):
    """A part of a package that is kept from the person, and why, in words that the person is told.

    `part` is a JSON pointer into the package's `data.json`, where `*` stands for every entry, and the name of a
    collection for its records. For `never_disclosed` the reason says what kind of data is held.
    """

    part: Annotated[str, Field(max_length=500, pattern=FORM), AfterValidator(free_text.plain)]
    ground: WithholdingGround
    reason: SafeNote


class Release(Request):
    """What is withheld of a package that was looked at, in 30 parts at most; nothing with an empty list."""

    withhold: Annotated[list[Withholding], Field(max_length=30)]


class PackagePart(View):
    """A part of a package that can be withheld, and how many entries or fields it has."""

    part: str
    entries: int


class PackageDraft(View):
    """A package that awaits its review: its parts, and a link to it as an archive, until `expiresAt`.

    `parts` is null of an archive too large to be looked into here: it is released whole, or the request is denied.
    """

    parts: list[PackagePart] | None
    url: Link
    expires_at: Timestamp
    passphrase: str
    opens: str
