"""Where an SFTP server is, which key it has, and how Handfast signs in."""

import base64
import binascii
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from handfast.connectors.contract import Settings
from handfast.identity.free_text import PlainNote
from handfast.platform import outbound

PORTS = frozenset({22, 2222})
"""SSH's own port (RFC 4253 4.1), and the one that servers beside it have. Others belong to services nobody meant."""


def _port(port: int) -> int:
    if not (port in PORTS or outbound.is_private_allowed()):
        raise ValueError(f"must be one of {', '.join(map(str, sorted(PORTS)))}")
    return port


def _host_key(line: str) -> str:
    """The key, if it is a line of OpenSSH's: what is in it names its own type once more (RFC 4253 6.6)."""
    kind, _, rest = line.partition(" ")
    encoded = rest.partition(" ")[0]
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        content = b""
    if content[4 : 4 + len(kind)] != kind.encode() or content[:4] != len(kind).to_bytes(4):
        raise ValueError("must be a public key as ssh-keyscan prints it after the host: its type and base64")
    return f"{kind} {encoded}"


def _private_key(secret: SecretStr) -> SecretStr:
    if "PRIVATE KEY-----" not in secret.get_secret_value():
        raise ValueError("must be a private key in OpenSSH's form or PEM, without a passphrase")
    return secret


class SftpServer(Settings):
    """Where the server is."""

    secrets_go_to = frozenset({"host", "port", "hostKey"})

    host: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"),
        Field(title="Host", description="The server's name or address, public"),
    ]
    port: Annotated[int, Field(22, ge=1, le=65535, title="Port"), AfterValidator(_port)]
    host_key: Annotated[
        str,
        StringConstraints(pattern=r"^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [ -~]{1,2000}$"),
        AfterValidator(_host_key),
        Field(
            title="Host key", description="The server's public key, such as ssh-ed25519 AAAA…: no other is talked to"
        ),
    ]
    directory: Annotated[
        str,
        StringConstraints(pattern=r"^/?([A-Za-z0-9!_.*'()= -]{1,100}/)*[A-Za-z0-9!_.*'()= -]{1,100}$"),
        Field(title="Directory", description="The folder of the files; it has to be there"),
    ] = "."


class SftpAuthentication(Settings):
    """How Handfast signs in: by a password or a key."""

    kind: Literal["password", "key"] = Field("password", title="Kind")
    user_name: Annotated[PlainNote, Field(title="User name", min_length=1, max_length=100)]
    password: SecretStr | None = Field(None, title="Password", description="For password", max_length=1024)
    private_key: SecretStr | None = Field(
        None, title="Private key", description="For key: OpenSSH's form or PEM, without a passphrase", max_length=16384
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        has = {"password": bool(self.password), "key": bool(self.private_key)}
        names = {"password": "password", "key": "privateKey"}
        if not has.pop(self.kind):
            raise ValueError(f"{self.kind} needs {names[self.kind]}")
        if any(has.values()):
            raise ValueError(f"{self.kind} has no {names[next(iter(has))]}")
        if self.private_key:
            _private_key(self.private_key)
        return self
