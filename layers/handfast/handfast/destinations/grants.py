"""What a token server is asked with: client credentials, a refresh token (RFC 6749), an assertion (RFC 7523)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

from pydantic_core import to_json

from handfast.platform import clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

type ClientAuthentication = Literal["body", "basic"]
"""Where a token server is told who the client is: in the form, or in a header as Basic."""
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = timedelta(hours=1)
"""Of an assertion."""


@dataclass(frozen=True, repr=False)
class TokenRequest:
    """A request for a token: the server's address, the form, and headers beside the usual ones."""

    url: str
    form: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)


def client_credentials(
    url: str, client_id: str, secret: str, scope: str | None, client_authentication: ClientAuthentication
) -> TokenRequest:
    """Ask as a client of its own (RFC 6749 4.4)."""
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    return _known(url, form, client_id, secret, client_authentication)


def refresh(
    url: str, client_id: str, secret: str, refresh_token: str, client_authentication: ClientAuthentication = "body"
) -> TokenRequest:
    """Ask with what a person's consent has given (RFC 6749 6)."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _known(url, form, client_id, secret, client_authentication)


def _known(
    url: str, form: Mapping[str, str], client_id: str, secret: str, client_authentication: ClientAuthentication
) -> TokenRequest:
    """A request by whose form or header the client is known (RFC 6749 2.3.1)."""
    if client_authentication == "body":
        return TokenRequest(url, {**form, "client_id": client_id, "client_secret": secret})
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return TokenRequest(url, form, {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})


@dataclass(frozen=True, repr=False)
class Issuer:
    """Who makes assertions, for whom (`audience`), and the RSA key that signs them, in PEM, with its id."""

    name: str
    audience: str
    private_key: str
    key_id: str


def assertion(url: str, issuer: Issuer, scope: str) -> TokenRequest:
    """Ask with an assertion, signed by RS256 (RFC 7523 2.1).

    Raises ValueError for what is no RSA key.
    """
    # Most types of destinations sign nothing.
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    now = clock.now()
    times = {"iat": int(now.timestamp()), "exp": int((now + _LASTS).timestamp())}
    claims = {"iss": issuer.name, "scope": scope, "aud": issuer.audience, **times}
    head = {"alg": "RS256", "typ": "JWT", "kid": issuer.key_id}
    text = b".".join(map(_encoded, (to_json(head), to_json(claims))))
    signed = text + b"." + _encoded(rsa_key(issuer.private_key).sign(text, PKCS1v15(), SHA256()))
    return TokenRequest(url, {"grant_type": _JWT_BEARER, "assertion": signed.decode()})


def rsa_key(pem: str) -> "RSAPrivateKey":
    """The RSA key of a PEM text. Raises ValueError for what is none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: a password guards it
        key = None
    if isinstance(key, RSAPrivateKey):
        return key
    raise ValueError("must hold an RSA private key in PEM, without a password")


def _encoded(text: bytes) -> bytes:
    return base64.urlsafe_b64encode(text).rstrip(b"=")
