"""A person at a terminal, with an authenticator app that makes codes of the time."""

import base64
import hmac
import struct
import time


class Authenticator:
    """Answers what `handfast login` asks for; keeps the secrets that it was shown."""

    def __init__(self) -> None:
        self.secrets: list[str] = []

    def new_password(self) -> str:
        """A password that an invited person chooses."""
        return "Chosen-by-1-person"

    def code(self, secret: str | None) -> str:
        """The code of this half minute."""
        if secret:
            self.secrets.append(secret)
        key = base64.b32decode(self.secrets[-1] + "=" * (-len(self.secrets[-1]) % 8))
        digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
        (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"
