"""The processor's certificate (OpenDSR 4 and 8.8): who we are to controllers, where it is kept.

Kept as one secret, `{url, chain, key}`: the API's address as controllers call it, the PEM chain that a certification
authority issued for its host, the leaf first, and the leaf's private key.
"""

import json
import time
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from handfast.platform import aws
from handfast.platform.settings import setting

SECRET = "OPENDSR_SECRET_ARN"  # noqa: S105 - the name of a setting
_CACHE_SECONDS = 60


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
