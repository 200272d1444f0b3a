"""The two encrypted forms of a package: a ZIP archive, and a page that decrypts itself in a browser.

Both open with the package's passphrase. The archive is what is kept; the page is made of it when it is asked for.
"""

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from handfast.platform.problems import Conflict
from handfast.privacy_requests.package_document import OPENS

MOST_PAGE_BYTES = 3_000_000
"""Bytes of the largest archive that a page is made of: in base64 it is within the 6 MB that Lambda answers with."""
MOST_UNPACKED_BYTES = 200_000_000
"""Bytes of the files in it, which the function has in memory more than once."""
ITERATIONS = 600_000
"""Of PBKDF2 with SHA-256 (OWASP, Password Storage Cheat Sheet)."""
_AE_2 = 2
"""The form without a checksum of the text, which would tell something of it."""
_PAGE = Path(__file__).with_name("package_page.html")


def archived(files: Mapping[str, bytes], passphrase: str) -> bytes:
    """A ZIP archive encrypted with AES-256 (WinZip's AE-2); its comment, for all to read, says what opens it."""
    import pyzipper  # noqa: PLC0415 - with all its ciphers, a tenth of the worker's start

    buffer = BytesIO()
    with pyzipper.AESZipFile(buffer, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(passphrase.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=_AE_2)
        archive.comment = OPENS["zip"].encode()
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def page(archive: bytes, passphrase: str) -> str:
    """The package in an archive as one HTML file, which shows it once the passphrase is typed, and loads nothing.

    The files are encrypted with AES-256-GCM under a key that PBKDF2 makes of the passphrase. Raises Conflict for what
    is too large.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - few calls encrypt

    salt, nonce = os.urandom(16), os.urandom(12)
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ITERATIONS)
    texts = {name: content.decode() for name, content in files(archive, passphrase).items()}
    sealed = AESGCM(key).encrypt(nonce, gzip.compress(json.dumps(texts).encode()), None)
    named = {"salt": salt, "nonce": nonce, "data": sealed}
    content = {name: base64.b64encode(part).decode() for name, part in named.items()} | {"iterations": ITERATIONS}
    text = _PAGE.read_text()
    script = text.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return text.replace("{script}", digest).replace("{opens}", OPENS["html"]).replace("{sealed}", json.dumps(content))


def files(archive: bytes, passphrase: str) -> dict[str, bytes]:
    """The files of an archive, by their names."""
    import pyzipper  # noqa: PLC0415 - few calls open an archive

    with pyzipper.AESZipFile(BytesIO(archive)) as opened:
        opened.setpassword(passphrase.encode())
        check_size(len(archive), sum(entry.file_size for entry in opened.infolist()))
        return {entry.filename: opened.read(entry) for entry in opened.infolist()}


def check_size(packed: int, unpacked: int = 0) -> None:
    """Raise Conflict for an archive of so many bytes, packed and unpacked, that no page is made of."""
    if packed > MOST_PAGE_BYTES or unpacked > MOST_UNPACKED_BYTES:
        detail = f"a package of {packed} bytes is too large for a page of at most {MOST_PAGE_BYTES}; take the archive"
        raise Conflict(detail, current="package_too_large")
