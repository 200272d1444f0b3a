"""The one source of time. Times are timezone-aware UTC; on the wire RFC 3339 with `Z`, to the millisecond."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(UTC)


def to_text(at: datetime) -> str:
    """RFC 3339 text of fixed width, so that texts sort as the times do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """The time that `to_text` wrote."""
    return datetime.fromisoformat(text)


def now_text() -> str:
    """The current time as RFC 3339 text."""
    return to_text(now())


def hours(at: datetime) -> int:
    """The full hours from 1970 to a time, UTC."""
    return int(at.timestamp()) // 3600
