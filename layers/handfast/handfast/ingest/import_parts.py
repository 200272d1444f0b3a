"""The parts of an import: their names as they were announced, where each is put, and the list of those that came.

The list lies where the file of an upload lies: it is what is taken, waited for and missed as that file is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict

from handfast.ingest.models import Upload
from handfast.ingest.splits import Part
from handfast.ingest.store import file_key
from handfast.platform import aws, objects
from handfast.platform.objects import LostRaceError, ObjectVersion
from handfast.remote_files.naming import partition_of


def put_names(upload: Upload, names: Sequence[str]) -> None:
    """Keep the names of a new import's parts."""
    objects.write_json(_names_key(upload), names, replaces=None)


def names(upload: Upload) -> list[str]:
    """The names of an import's parts."""
    found = objects.read_json(_names_key(upload))
    return found[0] if found else []


def link(upload: Upload, number: int, seconds: int) -> str:
    """A link to PUT a part to, over what is there."""
    place = {"Bucket": objects.bucket_name(), "Key": _part_key(upload, number)}
    return aws.s3().generate_presigned_url("put_object", Params=place, ExpiresIn=seconds)


def came(upload: Upload) -> dict[int, ObjectVersion]:
    """The parts that are there, by their numbers."""
    root = f"{_prefix(upload)}parts/"
    return {int(stored.key.removeprefix(root)): stored for stored in objects.listing(root)}


def start(upload: Upload, parts: Sequence[Part]) -> None:
    """Have the parts be taken, unless they are; S3 sends the message of it."""
    with suppress(LostRaceError):
        key = file_key(upload.sandbox_id, upload.upload_id)
        objects.write_json(key, [asdict(part) for part in parts], replaces=None)


def parts_of(named: Sequence[str], found: Mapping[int, ObjectVersion]) -> list[Part]:
    """The parts of these names that are there, as they are read."""
    return [
        Part(number, name, found[number].key, found[number].size, partition_of(name), etag=found[number].etag)
        for number, name in enumerate(named)
        if number in found
    ]


def read_started(file: ObjectVersion) -> list[Part]:
    """The parts that are to be taken."""
    found = objects.read_json(file.key)
    return [Part(**part) for part in found[0]] if found else []


def delete(upload: Upload) -> None:
    """Delete what was put."""
    objects.delete(*_keys(upload))


def _keys(upload: Upload) -> Iterator[str]:
    return (stored.key for stored in objects.listing(_prefix(upload)))


def _prefix(upload: Upload) -> str:
    return f"imports/{upload.sandbox_id}/{upload.upload_id}/"


def _names_key(upload: Upload) -> str:
    return f"{_prefix(upload)}names.json"


def _part_key(upload: Upload, number: int) -> str:
    return f"{_prefix(upload)}parts/{number:06d}"
