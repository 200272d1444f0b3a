"""Who signed an answer, and whether its bytes are what was signed (OpenDSR 4 and 8.8).

The signature is RSASSA-PKCS1-v1_5 with SHA-256 over the body exactly as received: the specification leaves the padding
open, and this is what processors send. So a body must be checked before anything parses it.
"""

import base64
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, DNSName, load_der_x509_certificate, load_pem_x509_certificate
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
PREFIXES = ("x-opendsr", "x-opengdpr")
"""Of the header names, today's and those to be honoured still (10.1)."""


class SignatureError(Exception):
    """The answer is not the processor's, as far as can be told. The text holds nothing of the answer."""


def authorities(pem: str) -> list[Certificate]:
    """The certificates to be trusted, or the system's own when there are none given.

    One that cannot be read is left out; an expired one vouches for nothing. ValueError when none is left.
    """
    if not pem:
        return list(_readable(load_der_x509_certificate, ssl.create_default_context().get_ca_certs(binary_form=True)))
    found = list(_readable(load_pem_x509_certificate, _PEM.findall(pem.encode())))
    if not found:
        raise ValueError("no certificate in PEM can be read")
    return found


def _readable(load: Callable[[bytes], Certificate], texts: Iterable[bytes]) -> Iterator[Certificate]:
    for text in texts:
        with suppress(ValueError):
            yield load(text)


def trusted_key(pem: bytes, domain: str, trusted: list[Certificate], at: datetime) -> RSAPublicKey:
    """The key of the first certificate of a PEM file; the others of the file may link it to a trusted one.

    Raises SignatureError unless it was issued, at one or more removes, by one of `trusted`, is valid at that time, and
    names the domain as a subject alternative name. Revocation is not looked up.
    """
    try:
        first, *others = _PEM.findall(pem)
        leaf, between = load_pem_x509_certificate(first), list(_readable(load_pem_x509_certificate, others))
        verifier = PolicyBuilder().store(Store(trusted)).time(at).build_server_verifier(DNSName(domain))
        verifier.verify(leaf, between)
        key = leaf.public_key()
    except (ValueError, VerificationError) as error:
        raise SignatureError("the processor's certificate is not valid for its domain") from error
    if leaf in trusted or not isinstance(key, RSAPublicKey):
        raise SignatureError("the processor's certificate is self-signed or not of RSA")
    return key


def verify(body: bytes, headers: Mapping[str, str], domain: str, key: RSAPublicKey) -> None:
    """Raise SignatureError unless the headers (names in lower case) hold the domain and its signature of the body."""
    for prefix in PREFIXES:
        signature = headers.get(f"{prefix}-signature")
        if signature is None:
            continue
        if headers.get(f"{prefix}-processor-domain", "").lower() != domain.lower():
            raise SignatureError("the answer is signed for another domain")
        try:
            key.verify(base64.b64decode("".join(signature.split()), validate=True), body, PKCS1v15(), SHA256())
        except (ValueError, InvalidSignature) as error:
            raise SignatureError("the signature is not of this answer") from error
        return
    raise SignatureError("the answer is not signed")
