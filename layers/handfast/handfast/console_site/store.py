"""The bucket that CloudFront serves the console from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from handfast.console_site.files import CONFIG, INDEX, built, cache_control, content_type
from handfast.platform import aws

_BATCH = 1000
"""Objects that S3 deletes in one call."""


def publish(bucket: str, folder: Path, config: Mapping[str, Any], connects_to: Sequence[str]) -> None:
    """Make the bucket hold the built files of the folder and the configuration, and nothing else.

    The page comes when all that it loads is there, and what former pages loaded goes last. `connects_to` are the
    origins that the page may call. Raises FileNotFoundError for a folder without a page, and ValueError for a page
    without a head.
    """
    files = built(folder)
    page = _page_for(files.pop(INDEX, folder / INDEX).read_text(), connects_to)
    for path, file in files.items():
        _put(bucket, path, file.read_bytes())
    _put(bucket, CONFIG, json.dumps(config).encode())
    _put(bucket, INDEX, page.encode())
    _delete(bucket, [key for key in _keys(bucket) if key not in {*files, CONFIG, INDEX}])


def empty(bucket: str) -> None:
    """Delete all that the bucket holds; one that is gone is empty."""
    try:
        _delete(bucket, list(_keys(bucket)))
    except aws.s3().exceptions.NoSuchBucket:
        return


def _page_for(page: str, connects_to: Sequence[str]) -> str:
    """The page with the origins that it may call: the policy that comes with it cannot name the API (template.yaml)."""
    policy = f"connect-src 'self' {' '.join(connects_to)}"
    before, head, after = page.partition("<head>")
    if not head:
        raise ValueError("the page has no <head> for its content security policy")
    return f'{before}{head}<meta http-equiv="Content-Security-Policy" content="{policy}">{after}'


def _put(bucket: str, path: str, body: bytes) -> None:
    aws.s3().put_object(
        Bucket=bucket, Key=path, Body=body, ContentType=content_type(path), CacheControl=cache_control(path)
    )


def _keys(bucket: str) -> Iterator[str]:
    pages = aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return (found["Key"] for page in pages for found in page.get("Contents", []))


def _delete(bucket: str, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _BATCH):
        objects = {"Objects": [{"Key": key} for key in keys[start : start + _BATCH]], "Quiet": True}
        answer = aws.s3().delete_objects(Bucket=bucket, Delete=objects)  # type: ignore[arg-type]
        if answer.get("Errors"):
            raise RuntimeError(f"{len(answer['Errors'])} objects could not be deleted")
