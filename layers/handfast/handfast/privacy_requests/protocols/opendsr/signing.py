"""Signing with the processor's certificate (OpenDSR 4 and 8.8), and whether controllers can trust it.

Apart from `certificate`, so that what only names the processor does not load cryptography.
"""

import base64
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName, load_pem_x509_certificates

from handfast.platform import clock
from handfast.platform.observability import measure
from handfast.platform.problems import Refused
from handfast.privacy_requests.protocols.opendsr import certificate
from handfast.privacy_requests.protocols.opendsr.certificate import Certificate

_LEAST_BITS = 2048


def signature(own: Certificate, body: bytes, *, former_names: bool = False) -> dict[str, str]:
    """The headers that sign a body: base64 of RSASSA-PKCS1-v1_5 with SHA-256 over its bytes."""
    prefix = "X-OpenGDPR" if former_names else "X-OpenDSR"
    signed = base64.b64encode(_private_key(own.key).sign(body, PKCS1v15(), SHA256())).decode()
    return {f"{prefix}-Processor-Domain": own.domain, f"{prefix}-Signature": signed}


@lru_cache(maxsize=1)
def _private_key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)  # noqa: S101 - checked before it was kept
    return key


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


def expires(own: Certificate) -> datetime:
    """When the certificate ends, after which controllers trust it no more."""
    return load_pem_x509_certificates(own.chain.encode())[0].not_valid_after_utc


def report() -> None:
    """Measure how many days the certificate is still valid, so that an alarm can tell in time."""
    own = certificate.current()
    if own is not None:
        measure("ProcessorCertificateDays", (expires(own) - clock.now()) / timedelta(days=1))
