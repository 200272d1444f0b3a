"""The processor's certificate (OpenDSR 4 and 8.8): who we are to controllers, and the key that signs for us.

Kept as one secret, `{url, chain, key}`: the API's address as controllers call it, the PEM chain that a certification
authority issued for its host, the leaf first, and the leaf's private key.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import (
    DNSName,
    ExtensionNotFound,
    SubjectAlternativeName,
    load_pem_x509_certificates,
)

from handfast.platform import aws, clock
from handfast.platform.observability import measure
from handfast.platform.problems import Refused
from handfast.platform.settings import setting

SECRET = "OPENDSR_SECRET_ARN"  # noqa: S105 - the name of a setting
_CACHE_SECONDS = 60
_LEAST_BITS = 2048


@dataclass(frozen=True)
class Certificate:
    """The certificate with its key. `url` is the API's, without a slash at the end."""

    url: str
    chain: str
    key: str = field(repr=False)

    @property
    def domain(self) -> str:
        """The processor's domain: the host that the certificate is for."""
        return urlsplit(self.url).hostname or ""

    @cached_property
    def expires(self) -> datetime:
        """When the leaf ends."""
        return load_pem_x509_certificates(self.chain.encode())[0].not_valid_after_utc

    @cached_property
    def _signer(self) -> RSAPrivateKey:
        key = load_pem_private_key(self.key.encode(), None)
        assert isinstance(key, RSAPrivateKey)  # noqa: S101 - checked before it was kept
        return key

    def signature(self, body: bytes, *, former_names: bool = False) -> dict[str, str]:
        """The headers that sign a body: base64 of RSASSA-PKCS1-v1_5 with SHA-256 over its bytes."""
        prefix = "X-OpenGDPR" if former_names else "X-OpenDSR"
        signed = base64.b64encode(self._signer.sign(body, PKCS1v15(), SHA256())).decode()
        return {f"{prefix}-Processor-Domain": self.domain, f"{prefix}-Signature": signed}


def checked(url: str, chain: str, key: str, at: datetime) -> Certificate:
    """The certificate, if controllers can trust it; else Refused. Its issuer is theirs to judge."""
    host = urlsplit(url).hostname
    if not host:
        raise _refused("the URL has no host; write it as https://privacy.example.org/v1")
    try:
        leaf, *issuers = load_pem_x509_certificates(chain.encode())
        private = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError) as error:
        raise _refused("the chain or the key is not PEM, or the key has a password") from error
    if not isinstance(private, RSAPrivateKey) or private.key_size < _LEAST_BITS:
        raise _refused(f"the protocol signs with RSA: the key must be one of {_LEAST_BITS} bits or more")
    if private.public_key() != leaf.public_key():
        raise _refused("the key is not that of the chain's first certificate")
    if not issuers and leaf.issuer == leaf.subject:
        raise _refused("the certificate is self-signed; the protocol asks for one of a certification authority")
    if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:
        raise _refused("the certificate is not valid now")
    if not _names(leaf, host):
        raise _refused(f"the certificate does not name {host} as a subject alternative name")
    return Certificate(url.rstrip("/"), chain, key)


def _refused(detail: str) -> Refused:
    return Refused(detail, reason="certificate")


def _names(leaf: Any, host: str) -> bool:
    try:
        names = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value.get_values_for_type(DNSName)
    except ExtensionNotFound:
        return False
    wildcard = f"*.{host.partition('.')[2]}"
    return any(name.lower() in {host.lower(), wildcard.lower()} for name in names)


def current() -> Certificate | None:
    """The certificate, at most a minute old; None while the operator has set none."""
    return _read(int(time.monotonic() / _CACHE_SECONDS))


@lru_cache(maxsize=1)
def _read(_minute: int) -> Certificate | None:
    text = aws.secretsmanager().get_secret_value(SecretId=setting(SECRET))["SecretString"]
    found = json.loads(text)
    return Certificate(found["url"], found["chain"], found["key"]) if found else None


def forget() -> None:
    """Read the certificate anew when it is needed next."""
    _read.cache_clear()


def keep(new: Certificate) -> None:
    """Make this the processor's certificate."""
    text = json.dumps({"url": new.url, "chain": new.chain, "key": new.key})
    aws.secretsmanager().put_secret_value(SecretId=setting(SECRET), SecretString=text)
    forget()


def report() -> None:
    """Measure how many days the certificate is still valid, so that an alarm can tell in time."""
    found = current()
    if found is not None:
        measure("ProcessorCertificateDays", (found.expires - clock.now()) / timedelta(days=1))
