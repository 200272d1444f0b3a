"""Experience Platform's exports by XDM: which namespaces they have, and the columns that a profile is read as.

The shapes are those of the field groups identityMap and segmentMembership and of the data type consents.
"""

import re

from handfast.ingest.models import ColumnMapping, FileOptions
from handfast.ingest.presets.contract import Surroundings

IDENTITY_MAP, MEMBERSHIP, CONSENTS, OPT_OUTS = "identityMap", "segmentMembership", "consents", "privacyOptOuts"
JOINED, LEFT, STATUS = "segmentMembership", "segmentMembership.left", "segmentMembership.status"
"""The columns of audiences that a profile is in, of those that it has left, and of its status in the file's own."""
PERSON, SHARE, SHARE_AT, ID_SPECIFIC = "personID", "consents.share.val", "consents.metadata.time", "consents.idSpecific"
_NAMESPACES = {
    "Email": ("Email_LC_SHA256", "hash"),
    "Email_LC_SHA256": ("Email_LC_SHA256", "none"),
    "Phone": ("Phone_SHA256_E.164", "hash"),
    "Phone_SHA256_E.164": ("Phone_SHA256_E.164", "none"),
    "ECID": ("ECID", None),
    "IDFA": ("IDFA", None),
    "GAID": ("GAID", None),
}
"""Of the standard namespaces those that there are here, and whether their values are raw. Phone_SHA256 is none: it is
made of the number without its plus sign.
"""
_KEYS = {
    "email": ("email", "6"),
    "phone": ("phone", "phone_e.164", "7"),
    "ecid": ("ecid", "4"),
    "gaid": ("gaid", "20914"),
    "idfa": ("idfa", "20915"),
}
_ATTRIBUTES = {"personalemail.address": "Email", "mobilephone.number": "Phone"}
"""Attributes that the batch exports begin with, and what they are identities of."""
_IDENTITY = re.compile(r"identityMap\.(?P<symbol>[^.\[]+(?:\.164)?)(?:\[0\])?(?:\.id)?", re.IGNORECASE)
_AUDIENCE = re.compile(r"segmentMembership\.(?P<namespace>[^.]+)\.(?P<id>.+)\.status", re.IGNORECASE)
_ANY_AUDIENCE = frozenset({"segmentmembership.status", "segmentmembership.seg_namespace.seg_id.status"})
_BARE = frozenset({"ups", "aamtraits"})


def columns(body: FileOptions, given: Surroundings) -> tuple[ColumnMapping, ...]:
    """The columns of a profile, any of which a file may lack; `given` has the sandbox's own namespaces."""
    own = [each for each in body.columns if each.role == "identity" and each.column.startswith(f"{IDENTITY_MAP}.")]
    announced = {each.column.lower() for each in own}
    namespaces = _NAMESPACES | {symbol: (symbol, None) for symbol in given.own_namespaces}
    identities = [
        ColumnMapping.model_validate(
            {"column": f"{IDENTITY_MAP}.{symbol}", "as": "identity", "namespace": name, "optional": True}
            | ({"transform": transform} if transform else {})
        )
        for symbol, (name, transform) in namespaces.items()
        if f"{IDENTITY_MAP}.{symbol}".lower() not in announced
    ]
    answers = [
        ColumnMapping(
            column=each.column.replace(IDENTITY_MAP, ID_SPECIFIC, 1),
            role="share",
            namespace=each.namespace,
            of=each.column,
            optional=True,
        )
        for each in (*identities, *own)
    ]
    return (
        *identities,
        *answers,
        ColumnMapping(column=PERSON, role="profileId", optional=True),
        ColumnMapping(column=SHARE, role="share", optional=True),
        ColumnMapping(column=SHARE_AT, role="shareAt", optional=True),
        *_membership_columns(body),
    )


def _membership_columns(body: FileOptions) -> tuple[ColumnMapping, ...]:
    if body.segment_id is not None:
        return (ColumnMapping(column=STATUS, role="status", optional=True),)
    return (
        ColumnMapping(column=JOINED, role="segment", optional=True),
        ColumnMapping(column=LEFT, role="segment", leaves=True, optional=True),
    )


def keys_of(column: str) -> tuple[str, ...]:
    """The keys of an identityMap, in lower case, whose identities a column holds, by its name."""
    symbol = column.removeprefix(f"{IDENTITY_MAP}.").lower()
    return _KEYS.get(symbol, (symbol,))


def identity_of(path: str) -> str | None:
    """The column of identities that a path of a batch export belongs to, in lower case; None for any other path."""
    if symbol := _ATTRIBUTES.get(path.lower()):
        return f"{IDENTITY_MAP}.{symbol}".lower()
    found = _IDENTITY.fullmatch(path)
    if not found:
        return None
    symbol = found["symbol"].lower()
    canonical = next((name for name, keys in _KEYS.items() if symbol in keys), symbol)
    return f"{IDENTITY_MAP}.{canonical}".lower()


def attributes() -> dict[str, str]:
    """The attributes that are identities of a batch export, by path, with their columns in lower case."""
    return {
        "personalEmail.address": f"{IDENTITY_MAP}.email".lower(),
        "mobilePhone.number": f"{IDENTITY_MAP}.phone".lower(),
    }


def audience_of(path: str) -> str | None:
    """What the audience is called whose status a path of a batch export is; empty for one that is not named."""
    if path.lower() in _ANY_AUDIENCE:
        return ""
    found = _AUDIENCE.fullmatch(path)
    return audience_name(found["namespace"], found["id"]) if found else None


def audience_name(namespace: str, audience: str) -> str:
    """What a segment is called that is an audience of a namespace: traits as in Audience Manager's own files."""
    return audience if namespace.lower() in _BARE else f"{namespace}/{audience}"


BARE_NAMESPACES = tuple(sorted(_BARE))
"""The namespaces of audiences, in lower case, whose ids stand alone."""
