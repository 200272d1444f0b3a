"""Settings that connectors have in common, checked so that what cannot work is refused where it is entered."""

import base64
import binascii
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from handfast.connectors import calls
from handfast.identity.free_text import plain


def _host(address: str) -> str:
    parts = urlsplit(calls.checked(calls.base_url(address)))
    if parts.path or parts.query:
        raise ValueError("must be a host name only")
    return address


def header_secret(secret: SecretStr) -> SecretStr:
    """The secret, if a header can carry it as it is; else ValueError."""
    text = secret.get_secret_value()
    if not (text.isascii() and text.isprintable() and text == text.strip()):
        raise ValueError("must be printable ASCII without spaces around it: a header carries it")
    return secret


def signing_key(secret: SecretStr) -> bytes:
    """The key of a Standard Webhooks secret. Raises binascii.Error for what is none."""
    return base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)


def signing_secret(secret: SecretStr) -> SecretStr:
    """The secret, if it is one of Standard Webhooks; else ValueError."""
    try:
        length = len(signing_key(secret))
    except binascii.Error:
        length = 0
    if not (secret.get_secret_value().startswith("whsec_") and 24 <= length <= 64):
        raise ValueError("must be whsec_ and 24 to 64 bytes in base64")
    return secret


Host = Annotated[str, AfterValidator(_host)]
"""The name of a host, which `calls.base_url` makes URLs of."""
Secret = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
"""A credential that has to be there."""
HeaderSecret = Annotated[Secret, AfterValidator(header_secret)]
"""A credential that a header carries as it is."""
SigningSecret = Annotated[SecretStr, AfterValidator(signing_secret)]
"""A secret of Standard Webhooks."""
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,500}$"), AfterValidator(plain)]
"""A value of a header that is shown, and so holds no address."""
