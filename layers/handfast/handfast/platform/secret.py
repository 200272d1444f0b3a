"""The deployment's secrets, one for each purpose that functions differ in, and the keys derived from them.

A secret of Secrets Manager has versions, of which the newest in force makes new things and all are accepted, until
`handfast admin rotate-secret --finish` drops the former ones. As the stack generates it, it is a text, its version 1.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache

from handfast.platform import aws, clock
from handfast.platform.settings import setting

IDENTITY = "IDENTITY_SECRET_ARN"
"""Keys of identities and of profile ids. It never rotates: each row of each object lies where its key says."""
API = "API_SECRET_ARN"
"""Signs cursors; encrypts the answers that are kept for a repeated Idempotency-Key."""
WEBHOOKS = "WEBHOOKS_SECRET_ARN"
"""What webhooks are signed with."""
PRIVACY = "PRIVACY_SECRET_ARN"
"""Encrypts whom open requests are about and what systems answer; passphrases, digests of codes and tokens."""
RECEIPTS = "RECEIPTS_SECRET_ARN"
"""Signs histories and receipts of privacy requests."""
NOISE = "NOISE_SECRET_ARN"
"""Decides the noise of numbers that depend on two sides' people."""

REFRESHED_AFTER = timedelta(minutes=5)
"""How long a container goes by what it has read of a secret."""
NOTICE = 2 * REFRESHED_AFTER
"""From a new version's writing until it is in force: by then no container is without it."""


@dataclass(frozen=True)
class Version:
    """A version of a secret. `since`: from when it is in force (RFC 3339); empty for always."""

    number: int
    secret: str
    since: str = ""


@dataclass(frozen=True)
class Keyring:
    """What a secret holds: its versions, oldest first, and keys taken over from a former secret, hex by name."""

    versions: Sequence[Version]
    earlier: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parsed(cls, text: str) -> "Keyring":
        """What the text of a secret says: a keyring, or what was generated, which may begin with any character."""
        try:
            read = json.loads(text)
        except ValueError:
            return cls((Version(1, text),))
        return cls(tuple(Version(**version) for version in read["versions"]), read["earlier"])

    def text(self) -> str:
        """The keyring as Secrets Manager keeps it."""
        return json.dumps(asdict(self))

    def at(self, time: datetime) -> Version | None:
        """The version that was in force at a time; None before the first."""
        in_force = (version for version in reversed(self.versions) if version.since <= clock.to_text(time))
        return next(in_force, None)

    @property
    def current(self) -> Version:
        """The version that is in force."""
        return self.at(clock.now()) or self.versions[0]

    def key(self, name: str, version: Version | None) -> bytes:
        """The key of that name in a version; None: the one taken over, or else the oldest version's."""
        if version is None and name in self.earlier:
            return bytes.fromhex(self.earlier[name])
        return _key((version or self.versions[0]).secret, name)

    def keys(self, name: str) -> list[bytes]:
        """All keys of that name that are accepted, that of the version in force first."""
        current = self.current
        others = [version for version in reversed(self.versions) if version != current]
        taken_over = [bytes.fromhex(self.earlier[name])] if name in self.earlier else []
        return [self.key(name, version) for version in (current, *others)] + taken_over


def _key(secret: str, name: str) -> bytes:
    """32 bytes for one name (HMAC-SHA256 as a key derivation)."""
    return hmac.digest(secret.encode(), name.encode(), hashlib.sha256)


_read: dict[str, tuple[datetime, Keyring]] = {}


def keyring(of: str) -> Keyring:
    """What the secret of a purpose holds, as it was at most `REFRESHED_AFTER` ago."""
    arn, now = setting(of), clock.now()
    read_at, found = _read.get(arn, (None, None))
    if found is None or read_at is None or now - read_at >= REFRESHED_AFTER:
        found = Keyring.parsed(aws.secretsmanager().get_secret_value(SecretId=arn)["SecretString"])
        _read[arn] = now, found
    return found


def forget() -> None:
    """Forget what was read of secrets."""
    _read.clear()
    identity_secret.cache_clear()


def derived(of: str, name: str) -> bytes:
    """The key of that name by which new things are made, 32 bytes of the secret of a purpose."""
    rings = keyring(of)
    return rings.key(name, rings.current)


def accepted(of: str, name: str) -> list[bytes]:
    """The keys of that name by which things may have been made, the likeliest first."""
    return keyring(of).keys(name)


def is_digest(of: str, name: str, data: bytes, digest: str) -> bool:
    """Whether `digest`, in hex, is of the data by an accepted key of that name (HMAC-SHA256)."""
    return any(hmac.compare_digest(hmac.digest(key, data, hashlib.sha256).hex(), digest) for key in accepted(of, name))


def digest(of: str, name: str, data: bytes) -> str:
    """The keyed digest of the data, in hex (HMAC-SHA256)."""
    return hmac.digest(derived(of, name), data, hashlib.sha256).hex()


@cache
def identity_secret() -> bytes:
    """The 16 bytes that key identities: short enough for a digest's key to be one SHA-256 block."""
    return derived(IDENTITY, "identity")[:16]


_NONCE_BYTES = 12


def sealed(of: str, name: str, about: str, data: bytes) -> str:
    """The data encrypted (AES-256-GCM), in base64; it opens only for the same purpose, name and `about`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - few functions seal

    nonce = os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(derived(of, name)).encrypt(nonce, data, about.encode())).decode()


def opened(of: str, name: str, about: str, text: str) -> bytes:
    """What `sealed` was given; InvalidTag for anything else."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as the next
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - few functions seal

    data = base64.b64decode(text)
    for key in accepted(of, name):
        try:
            return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], about.encode())
        except InvalidTag:
            continue
    raise InvalidTag
