"""Whom open requests are about: keys, and values only encrypted, until the request ends."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from handfast.platform import objects, secret
from handfast.platform.ids import first_id
from handfast.platform.table import Item
from handfast.privacy_requests.models import Subject

_AT_ONCE = 16


def _key(sandbox_id: str, privacy_request_id: str) -> str:
    return f"subjects/{sandbox_id}/{privacy_request_id}.json"


def create(sandbox_id: str, privacy_request_id: str, subject: Subject) -> None:
    """Keep whom a request that is being made is about.

    Its id is new, so what is there already is an earlier try of this call, which S3 answered too late.
    """
    key = _key(sandbox_id, privacy_request_id)
    with suppress(objects.LostRaceError):
        objects.write_json(key, _document(key, subject), replaces=None)


def put(sandbox_id: str, privacy_request_id: str, subject: Subject) -> None:
    """Keep whom a request is about, over what was kept."""
    key = _key(sandbox_id, privacy_request_id)
    value = _document(key, subject)
    try:
        objects.write_json(key, value, replaces=None)
    except objects.LostRaceError:
        objects.write_json(key, value, replaces=objects.find(key))


def _document(key: str, subject: Subject) -> Item:
    identities = [[code, hi, lo] for (hi, lo), code in sorted(subject.identities.items())]
    value: Item = {"identities": identities, "profileIds": sorted(subject.profile_ids)}
    if subject.values:
        values = json.dumps([[hi, lo, text.hex()] for (hi, lo), text in subject.values.items()])
        value["values"] = secret.sealed(secret.PRIVACY, "subjects", key, values.encode())
    if subject.notified:
        value["notified"] = {recipient_id: sorted(keys) for recipient_id, keys in subject.notified.items()}
    return value


def get(sandbox_id: str, privacy_request_id: str) -> Subject | None:
    """Whom a request is about; None once that is forgotten."""
    key = _key(sandbox_id, privacy_request_id)
    read = objects.read_json(key) if objects.find(key) else None
    if read is None:
        return None
    identities = {(hi, lo): code for code, hi, lo in read[0]["identities"]}
    sealed = read[0].get("values")
    values = json.loads(secret.opened(secret.PRIVACY, "subjects", key, sealed)) if sealed else []
    named = {(hi, lo): bytes.fromhex(text) for hi, lo, text in values}
    notified = {name: frozenset((hi, lo) for hi, lo in keys) for name, keys in read[0].get("notified", {}).items()}
    return Subject(identities, frozenset(read[0]["profileIds"]), named, notified)


def get_each(sandbox_id: str, names: Iterable[str]) -> list[Subject | None]:
    """Whom requests are about, in their order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda name: get(sandbox_id, name), names))


def put_each(sandbox_id: str, subjects: Mapping[str, Subject]) -> None:
    """`put` for many, by their requests' ids."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda name: put(sandbox_id, name, subjects[name]), subjects))


def reseal() -> int:
    """Encrypt what is kept of all subjects by the version of the secret that is in force; returns how many.

    One that changes meanwhile is written by it anyhow, or is gone.
    """
    resealed = 0
    for stored in list(objects.listing("subjects/")):
        read = objects.read_json(stored.key)
        if read is None or not (sealed := read[0].get("values")):
            continue
        plain = secret.opened(secret.PRIVACY, "subjects", stored.key, sealed)
        value = read[0] | {"values": secret.sealed(secret.PRIVACY, "subjects", stored.key, plain)}
        with suppress(objects.LostRaceError):
            objects.write_json(stored.key, value, replaces=read[1])
            resealed += 1
    return resealed


def delete(sandbox_id: str, privacy_request_id: str) -> None:
    """Forget whom a request was about."""
    objects.delete(_key(sandbox_id, privacy_request_id))


def made_before(at: datetime) -> Iterator[tuple[str, str]]:
    """Sandbox and id of the requests made before then that a subject is kept of, or would have been made for."""
    for stored in objects.listing("subjects/"):
        _, sandbox_id, name = stored.key.split("/")
        if name < first_id("prq", at):
            yield sandbox_id, name.removesuffix(".json")
