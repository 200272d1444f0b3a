"""Names of shares and tables: what people call them, and a mark that stays when they are called otherwise.

A name has ASCII letters, digits and underscores alone, which SQL takes without quotes. It is found by its mark: the
rest is for people, and whoever takes a partner's name does not take its share.
"""

import re
import unicodedata
from base64 import b32encode
from hashlib import sha256
from uuid import UUID

SCHEMA = "received"
"""The one schema of every share."""
_MARK = 8
_MOST = 100


def share_name(sandbox_id: str, partner_key: str, organization_name: str, sandbox_name: str) -> str:
    """The name of what a sandbox receives from a partner."""
    return _named(f"{organization_name} {sandbox_name}", share_mark(sandbox_id, partner_key))


def table_name(received_feed_id: str, feed_name: str) -> str:
    """The name of a received feed."""
    return _named(feed_name, table_mark(received_feed_id))


def share_mark(sandbox_id: str, partner_key: str) -> str:
    """What a share's name ends with."""
    digest = sha256(f"{sandbox_id}|{partner_key}".encode()).digest()
    return b32encode(digest)[:_MARK].decode().lower()


def table_mark(received_feed_id: str) -> str:
    """What a table's name ends with."""
    return received_feed_id[-_MARK:].lower()


def mark_of(name: str) -> str:
    """The mark in a name that somebody sends, in any case."""
    return name[-_MARK:].lower()


def uuid_of(text: str) -> str:
    """A UUID for what has another id, always the same."""
    return str(UUID(bytes=sha256(text.encode()).digest()[:16], version=5))


def _named(text: str, mark: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_MOST].strip("_")
    return f"{words}_{mark}" if words else mark
