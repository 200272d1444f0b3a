"""Settings that connectors have in common, checked so that what cannot work is refused where it is entered."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from handfast.connectors import calls


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


Host = Annotated[str, AfterValidator(_host)]
"""The name of a host, which `calls.base_url` makes URLs of."""
Secret = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
"""A credential that has to be there."""
HeaderSecret = Annotated[Secret, AfterValidator(header_secret)]
"""A credential that a header carries as it is."""
