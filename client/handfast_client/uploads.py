"""Files on their way to the addresses that the API answers with."""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from handfast_client.calls import uploads
from handfast_client.errors import HandfastError
from handfast_client.exchange import Steps, Wait

if TYPE_CHECKING:
    from handfast_client import models

CHUNK = 1 << 20
ATTEMPTS = 4
SECONDS = 300.0
"""How long the store may take to answer a part."""
ENDED = frozenset({"completed", "failed"})
"""The states in which nothing more comes of an upload."""
PAUSES = (0.2, 5.0)
"""Seconds between two looks at an upload: the first, and the longest."""

Advance: TypeAlias = Callable[[int], None]
"""Hears of each so many bytes that were sent; of a part that has to be sent again, a negative number."""


class TransferError(HandfastError):
    """The store did not take a file."""


class FileRange(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Some bytes of a file as the body of a request. Raises TransferError where the file became shorter."""

    def __init__(self, file: Path, start: int, length: int, advance: Advance) -> None:
        self._file = file
        self._start = start
        self._length = length
        self._advance = advance

    def __iter__(self) -> Iterator[bytes]:
        with self._file.open("rb") as source:
            source.seek(self._start)
            left = self._length
            while left:
                chunk = source.read(min(CHUNK, left))
                if not chunk:
                    raise TransferError(f"{self._file} became shorter while it was sent")
                left -= len(chunk)
                yield chunk
                self._advance(len(chunk))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def part_steps(url: str, file: Path, start: int, length: int, advance: Advance) -> Steps[str]:
    """Sends a range of a file; answers the ETag. A broken transfer is repeated whole. Raises TransferError."""
    timeout = httpx.Timeout(SECONDS).as_dict()
    for attempt in range(1, ATTEMPTS + 1):
        sent = 0

        def count(size: int) -> None:
            nonlocal sent
            sent += size
            advance(size)

        response: httpx.Response | None = None
        with suppress(httpx.TransportError):
            response = yield httpx.Request(
                "PUT",
                url,
                # A request with a stream has no headers by itself.
                headers={"Host": httpx.URL(url).netloc.decode(), "Content-Length": str(length)},
                stream=FileRange(file, start, length, count),
                extensions={"timeout": timeout},
            )
        if response is not None and response.is_success:
            return response.headers["ETag"]
        if attempt == ATTEMPTS or (response is not None and response.status_code < 500):
            break
        advance(-sent)
        yield Wait(2.0**attempt)
    raise TransferError(f"The store did not take the file: {_refusal(response)}")


def file_steps(created: Mapping[str, Any], file: Path, advance: Advance) -> Steps[list[dict[str, Any]]]:
    """Sends a file to the address, or part by part to the addresses, that an upload was answered with.

    Answers the parts as the call that completes them takes them, none where there was one address.
    """
    if not created.get("parts"):
        yield from part_steps(created["uploadUrl"], file, 0, file.stat().st_size, advance)
        return []
    sent, start = [], 0
    for part in created["parts"]:
        etag = yield from part_steps(part["uploadUrl"], file, start, part["sizeBytes"], advance)
        sent.append({"partNumber": part["partNumber"], "etag": etag})
        start += part["sizeBytes"]
    return sent


def _refusal(response: httpx.Response | None) -> str:
    if response is None:
        return "no answer"
    # S3 answers in XML, with a code and a message.
    said = re.findall(r"<(?:Code|Message)>([^<]*)<", response.text)
    return " ".join([str(response.status_code), *said])


def _send(noun: "Uploads | AsyncUploads", created: "models.UploadCreated", file: Path, advance: Advance) -> Steps[None]:
    parts = yield from file_steps(created, file, advance)
    if parts:
        places = {"upload": created["uploadId"]}
        path = "/sandboxes/{sandbox}/uploads/{upload}/complete"
        yield from noun.steps("POST", path, places=places, body={"parts": parts})


def _wait(noun: "Uploads | AsyncUploads", upload: str, seconds: float) -> Steps[Any]:
    until = time.monotonic() + seconds
    pause, longest = PAUSES
    while True:
        state = yield from noun.steps("GET", "/sandboxes/{sandbox}/uploads/{upload}", places={"upload": upload})
        if state["status"] in ENDED or time.monotonic() + pause > until:
            return state
        yield Wait(pause)
        pause = min(pause * 1.5, longest)


class Uploads(uploads.Uploads):
    """Files of identities and memberships on their way in."""

    def send(self, created: "models.UploadCreated", file: Path, advance: Advance = lambda _: None) -> None:
        """Sends the file of an upload that `create` has answered, in parts where it has some.

        Give `create` the file's `size_bytes` where it is more than 100 MiB: only then it has parts. `advance` hears of
        the bytes. Raises TransferError.
        """
        self._api.run(_send(self, created, file, advance))

    def wait(self, upload: str, seconds: float = 3600.0) -> "models.UploadView":
        """The upload once it has ended, or as it is after so many seconds."""
        found: models.UploadView = self._api.run(_wait(self, upload, seconds))
        return found


class AsyncUploads(uploads.AsyncUploads):
    """As Uploads, for asyncio."""

    async def send(self, created: "models.UploadCreated", file: Path, advance: Advance = lambda _: None) -> None:
        """As `Uploads.send`."""
        await self._api.run(_send(self, created, file, advance))

    async def wait(self, upload: str, seconds: float = 3600.0) -> "models.UploadView":
        """As `Uploads.wait`."""
        found: models.UploadView = await self._api.run(_wait(self, upload, seconds))
        return found
