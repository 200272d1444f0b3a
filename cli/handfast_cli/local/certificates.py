"""A certificate of a throwaway authority, so that the local stack can sign as one on the internet does."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=365)
_AUTHORITY = "Handfast local authority"


@dataclass(frozen=True)
class Issued:
    """PEM texts: the authority's certificate, the chain below it, and the key."""

    authority: str
    chain: str
    key: str


def issue(host: str) -> Issued:
    """A certificate for a host, by an authority whose key nobody keeps."""
    root, own = (generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    identifier = x509.SubjectKeyIdentifier.from_public_key(root.public_key())
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    authority = (
        _certificate(_AUTHORITY, root, root)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, decipher_only=False, **usage),
            critical=True,
        )
        .add_extension(identifier, critical=False)
        .sign(root, SHA256())
    )
    leaf = (
        _certificate(host, own, root)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(root, SHA256())
    )
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    authority_pem, leaf_pem = (certificate.public_bytes(Encoding.PEM).decode() for certificate in (authority, leaf))
    return Issued(authority_pem, leaf_pem, key)


def _certificate(name: str, key: RSAPrivateKey, issuer: RSAPrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)
    )
