"""Whom open requests are about: keys, and values only encrypted, until the request ends."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

from handfast.platform import objects, secret
from handfast.platform.ids import first_id
from handfast.platform.table import Item
from handfast.privacy_requests.models import Subject

ROOT = "subjects/"
_AT_ONCE = 16


def _key(sandbox_id: str, privacy_request_id: str) -> str:
    return f"{ROOT}{sandbox_id}/{privacy_request_id}.json"


def create(sandbox_id: str, privacy_request_id: str, subject: Subject) -> None:
    """Keep whom a request that is being made is about."""
    create_document(sandbox_id, privacy_request_id, document(sandbox_id, privacy_request_id, subject))


def create_document(sandbox_id: str, privacy_request_id: str, content: Item) -> None:
    """`create`, from what `document` has made.

    The request's id is new, so what is there already is an earlier try, which S3 answered too late.
    """
    with suppress(objects.LostRaceError):
        objects.write_json(_key(sandbox_id, privacy_request_id), content, replaces=None)


def put(sandbox_id: str, privacy_request_id: str, subject: Subject) -> None:
    """Keep whom a request is about, over what was kept."""
    key = _key(sandbox_id, privacy_request_id)
    value = document(sandbox_id, privacy_request_id, subject)
    try:
        objects.write_json(key, value, replaces=None)
    except objects.LostRaceError:
        objects.write_json(key, value, replaces=objects.find(key))


def document(sandbox_id: str, privacy_request_id: str, subject: Subject) -> Item:
    """What is kept of whom a request is about: keys, and values encrypted."""
    key = _key(sandbox_id, privacy_request_id)
    identities = [[code, hi, lo] for (hi, lo), code in sorted(subject.identities.items())]
    value: Item = {"identities": identities, "profileIds": sorted(subject.profile_ids)}
    if subject.values:
        values = json.dumps([[hi, lo, text.hex()] for (hi, lo), text in subject.values.items()])
        value["values"] = secret.sealed(secret.PRIVACY, "subjects", key, values.encode())
    if subject.clear:
        texts = json.dumps([[hi, lo, list(text)] for (hi, lo), text in subject.clear.items()])
        value["clear"] = secret.sealed(secret.PRIVACY, "subjects", key, texts.encode())
    if subject.by_device or subject.ids_by_device:
        value["byDevice"] = {"identities": sorted(subject.by_device), "profileIds": sorted(subject.ids_by_device)}
    if subject.named:
        value["named"] = sorted(subject.named)
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
    by_device = read[0].get("byDevice", {})
    return Subject(
        identities,
        frozenset(read[0]["profileIds"]),
        values={(hi, lo): bytes.fromhex(text) for hi, lo, text in _opened(key, read[0].get("values"))},
        clear={(hi, lo): tuple(texts) for hi, lo, texts in _opened(key, read[0].get("clear"))},
        notified={name: frozenset(map(tuple, keys)) for name, keys in read[0].get("notified", {}).items()},
        by_device=frozenset(map(tuple, by_device.get("identities", ()))),
        ids_by_device=frozenset(by_device.get("profileIds", ())),
        named=frozenset(map(tuple, read[0].get("named", ()))),
    )


def _opened(key: str, sealed: str | None) -> list[Any]:
    found: list[Any] = json.loads(secret.opened(secret.PRIVACY, "subjects", key, sealed)) if sealed else []
    return found


def forget_values(sandbox_id: str, privacy_request_id: str) -> None:
    """Forget the values of a request's subject, which only systems outside are told; its keys stay."""
    key = _key(sandbox_id, privacy_request_id)
    read = objects.read_json(key) if objects.find(key) else None
    if read is not None and read[0].keys() & {"values", "clear"}:
        left = {name: value for name, value in read[0].items() if name not in ("values", "clear")}
        objects.write_json(key, left, replaces=read[1])


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

    One that changes meanwhile is written by it anyhow, or is gone. Lists of bulks are left as they are.
    """
    resealed = 0
    for sandbox_id, name in list(names()):
        subject = get(sandbox_id, name) if name.startswith("prq_") else None
        if subject and (subject.values or subject.clear):
            key = _key(sandbox_id, name)
            with suppress(objects.LostRaceError):
                objects.write_json(key, document(sandbox_id, name, subject), replaces=objects.find(key))
                resealed += 1
    return resealed


def delete(sandbox_id: str, privacy_request_id: str) -> None:
    """Forget whom a request was about."""
    objects.delete(_key(sandbox_id, privacy_request_id))


def made_before(at: datetime) -> Iterator[tuple[str, str]]:
    """Sandbox and id of the requests made before then that a subject is kept of, or would have been made for."""
    for sandbox_id, name in names():
        if name.startswith("prq_") and name < first_id("prq", at):
            yield sandbox_id, name


def names() -> Iterator[tuple[str, str]]:
    """Sandbox and id of the requests, and of the bulks of requests, that subjects are kept of."""
    for stored in objects.listing(ROOT):
        _, sandbox_id, name = stored.key.split("/")
        yield sandbox_id, name.removesuffix(".json")
