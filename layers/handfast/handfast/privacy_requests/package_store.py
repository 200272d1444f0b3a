"""The packages that people get who ask for their data: where they lie, and when they go.

access/{sandbox}/{request}.zip              the package: an encrypted ZIP archive (package_archive.py)
access/{sandbox}/{request}.draft.zip       the same before somebody has looked at it (package_review.py)
access/{sandbox}/{request}.json             the keys of whom it is about, so that an erasure finds it
access/{sandbox}/{request}/{connector}      what a system outside has answered, encrypted, until the package is made

The bucket's lifecycle deletes all of them after `KEPT`. No passphrase is stored: it follows
from the version of the secret that was in force when the request was made.
"""

import base64
import hmac
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256

from handfast.identity.keys import Key
from handfast.journal.models import Actor
from handfast.platform import objects, secret
from handfast.platform.ids import time_of
from handfast.platform.objects import ObjectVersion
from handfast.privacy_requests import rules, store, subject_store
from handfast.privacy_requests.store import Step

KEPT = timedelta(days=30)
"""How long a package can be fetched; the template's lifecycle rule deletes it then."""
_AT_ONCE = 8
_DRAFT = "draft.zip"
_DEPTH_OF_ANSWERS = 3


def _root(sandbox_id: str) -> str:
    return f"access/{sandbox_id}/"


def _key(sandbox_id: str, privacy_request_id: str, form: str) -> str:
    return f"{_root(sandbox_id)}{privacy_request_id}.{form}"


def passphrase(sandbox_id: str, privacy_request_id: str) -> str:
    """The passphrase of a request's package: 25 characters of base32 (125 bits), in groups of five."""
    keyring = secret.keyring(secret.PRIVACY)
    key = keyring.key("privacy-package", keyring.at(time_of(privacy_request_id)))
    digest = hmac.digest(key, f"{sandbox_id}|{privacy_request_id}".encode(), sha256)
    text = base64.b32encode(digest).decode()[:25]
    return "-".join(text[start : start + 5] for start in range(0, 25, 5))


def keep_keys(sandbox_id: str, privacy_request_id: str, keys: Collection[Key]) -> None:
    """Keep whose data a package has, or may have as long as it is not made, by keys of identities and profile ids."""
    _put(_key(sandbox_id, privacy_request_id, "json"), b"[%s]" % b",".join(b"[%d,%d]" % key for key in sorted(keys)))


def keep(sandbox_id: str, privacy_request_id: str, archive: bytes) -> None:
    """Keep a package, in place of an older one of the request."""
    _put(_key(sandbox_id, privacy_request_id, "zip"), archive)


def keep_draft(sandbox_id: str, privacy_request_id: str, archive: bytes) -> None:
    """Keep a package that nobody has looked at yet, in place of an older one; it is no one's to take but a reviewer's.

    It lies apart from what was released, so that a worker that is late puts nothing in the place of that.
    """
    _put(_key(sandbox_id, privacy_request_id, _DRAFT), archive)


def find_draft(sandbox_id: str, privacy_request_id: str) -> ObjectVersion | None:
    """The object of a package that awaits its review; None where there is none."""
    return objects.find(_key(sandbox_id, privacy_request_id, _DRAFT))


def delete_draft(sandbox_id: str, privacy_request_id: str) -> None:
    """Delete what a package was released from."""
    objects.delete(_key(sandbox_id, privacy_request_id, _DRAFT))


def discard_draft(sandbox_id: str, privacy_request_id: str) -> None:
    """Delete a package that is released to nobody, and whose data it had."""
    objects.delete(_key(sandbox_id, privacy_request_id, _DRAFT), _key(sandbox_id, privacy_request_id, "json"))


def _put(key: str, body: bytes) -> None:
    objects.write(key, body, replaces=objects.find(key))


def keep_answer(sandbox_id: str, privacy_request_id: str, connector_id: str, answer: bytes) -> None:
    """Keep what a system has answered, encrypted, until the package is made."""
    key = f"{_answers(sandbox_id, privacy_request_id)}{connector_id}"
    _put(key, secret.sealed(secret.PRIVACY, "privacy-answers", key, answer).encode())


def answers(sandbox_id: str, privacy_request_id: str) -> list[bytes]:
    """What systems have answered so far."""
    keys = [stored.key for stored in objects.listing(_answers(sandbox_id, privacy_request_id))]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = list(pool.map(objects.read, keys))
    return [
        secret.opened(secret.PRIVACY, "privacy-answers", key, found[0].decode())
        for key, found in zip(keys, read, strict=True)
        if found
    ]


def reseal_answers() -> int:
    """Encrypt what systems have answered by the version of the secret that is in force; returns how many answers."""
    resealed = 0
    for stored in [found for found in objects.listing("access/") if found.key.count("/") == _DEPTH_OF_ANSWERS]:
        if read := objects.read(stored.key):
            answer = secret.opened(secret.PRIVACY, "privacy-answers", stored.key, read[0].decode())
            sealed = secret.sealed(secret.PRIVACY, "privacy-answers", stored.key, answer)
            with suppress(objects.LostRaceError):
                objects.write(stored.key, sealed.encode(), replaces=read[1])
                resealed += 1
    return resealed


def of_former_versions() -> int:
    """How many packages have a passphrase of another version of the secret than the one in force."""
    keyring = secret.keyring(secret.PRIVACY)
    made = (found.key.rpartition("/")[2] for found in objects.listing("access/") if found.key.endswith(".zip"))
    return sum(keyring.at(time_of(name)) != keyring.current for name in made)


def find(sandbox_id: str, privacy_request_id: str) -> ObjectVersion | None:
    """A package's object; None where there is none."""
    return objects.find(_key(sandbox_id, privacy_request_id, "zip"))


def delete_answers(sandbox_id: str, privacy_request_id: str) -> None:
    """Delete what systems have answered: it is in the package now."""
    objects.delete(*(stored.key for stored in objects.listing(_answers(sandbox_id, privacy_request_id))))


def _answers(sandbox_id: str, privacy_request_id: str) -> str:
    return f"{_root(sandbox_id)}{privacy_request_id}/"


def delete(sandbox_id: str, privacy_request_id: str) -> None:
    """Delete a package and what was collected for it; its request records that, where there was one."""
    prefix = f"{_root(sandbox_id)}{privacy_request_id}"
    found = [stored.key for stored in objects.listing(prefix)]
    keys, package = _key(sandbox_id, privacy_request_id, "json"), _key(sandbox_id, privacy_request_id, "zip")
    objects.delete(*(key for key in found if key != keys))
    request = store.request(sandbox_id, privacy_request_id) if package in found else None
    if request is not None:
        store.save(Step(request, request, "package_deleted", Actor.system(), {"reason": "erased"}))
        if request.status not in rules.OPEN:
            subject_store.delete(sandbox_id, privacy_request_id)
    objects.delete(keys)


def forget(sandbox_id: str, keys: Collection[Key]) -> None:
    """Delete every package with any of the keys: an erasure reaches what was made before it, too."""
    listed = [stored.key for stored in objects.listing(_root(sandbox_id))]
    begun = [key for key in listed if key.endswith(".json")]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        read = pool.map(objects.read_json, begun)
    for key, found in zip(begun, read, strict=True):
        if found and not set(keys).isdisjoint(map(tuple, found[0])):
            delete(sandbox_id, key.removeprefix(_root(sandbox_id)).removesuffix(".json"))
