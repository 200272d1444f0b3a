"""The parts of a source's import: their bytes are copied here before they are read, each of the version that was found.

So whoever reads them later needs no right at the source, and finds what the others have found.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from handfast.ingest import shard_store
from handfast.ingest.models import Upload
from handfast.ingest.plan import UploadRejected
from handfast.ingest.splits import Part
from handfast.platform import objects
from handfast.remote_files import store
from handfast.remote_files.contract import RemoteError, RemoteFile, RemoteFiles

_PASSING = frozenset({"unreachable"})
"""Reasons that may have passed when the work is done once more."""


def parts_of(upload: Upload, files: Sequence[RemoteFile]) -> list[Part]:
    """A source's files as the parts of an import, in their order."""
    return [
        Part(
            number=number,
            name=file.name,
            key=shard_store.remote_key(upload, number),
            size=file.size,
            partition=file.partition,
            remote={"version": file.version},
        )
        for number, file in enumerate(files)
    ]


@contextmanager
def fetching(upload: Upload) -> Iterator[Callable[[Part], None]]:
    """What copies a part that lies at a source, unless it was; the source is opened for the first one.

    It raises UploadRejected for one that cannot be had any more, and RemoteError where it may be had later.
    """
    with ExitStack() as stack:
        opened: list[RemoteFiles] = []

        def fetch(part: Part) -> None:
            if part.remote is None or objects.find(part.key) is not None:
                return
            try:
                if not opened:
                    files = store.opened(upload.sandbox_id, upload.source_id or "")
                    opened.append(stack.enter_context(closing(files)))
                file = RemoteFile(part.name, part.size, part.remote["version"])
                objects.write_stream(part.key, opened[0].chunks(file))
            except RemoteError as error:
                if error.reason in _PASSING:
                    raise
                raise UploadRejected(error.reason, error.detail) from None

        yield fetch
