"""The console's built files: how each is served, by CloudFront on AWS and by the local stack."""

import hashlib
from pathlib import Path, PurePosixPath
from types import MappingProxyType

INDEX = "index.html"
"""The page of every address: the console reads the address itself."""
CONFIG = "config.json"
"""What the page reads of the deployment that it is served by; it is not among the built files."""
ASSETS = "assets/"
"""The folder of files whose names have a hash of what is in them, so that no name ever has other content."""

TYPES = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".map": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".webp": "image/webp",
        ".woff2": "font/woff2",
    }
)
"""Content types by the end of the name."""


def built(folder: Path) -> dict[str, Path]:
    """The files of the site in a folder, by their paths below it."""
    return {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}


def digest(folder: Path) -> str:
    """16 hexadecimal digits that change with the files of the site, and with how they are served."""
    found = hashlib.sha256()
    for path, file in built(folder).items():
        for part in (path.encode(), content_type(path).encode(), cache_control(path).encode(), file.read_bytes()):
            found.update(len(part).to_bytes(8) + part)
    return found.hexdigest()[:16]


def content_type(path: str) -> str:
    """The content type of the file at this path below the site."""
    return TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def cache_control(path: str) -> str:
    """For how long browsers and CloudFront keep the file: for ever, or asking each time whether it has changed."""
    return "public, max-age=31536000, immutable" if path.startswith(ASSETS) else "no-cache"
