"""The console's built files: how each is served, by CloudFront on AWS and by the local stack."""

from pathlib import PurePosixPath
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


def content_type(path: str) -> str:
    """The content type of the file at this path below the site."""
    return TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def cache_control(path: str) -> str:
    """For how long browsers and CloudFront keep the file: for ever, or asking each time whether it has changed."""
    return "public, max-age=31536000, immutable" if path.startswith(ASSETS) else "no-cache"
