"""Whether what is there is what is wanted: neither what a file leaves out nor the order of sets is a difference."""

from typing import Any

UNORDERED = frozenset(
    {
        "labels",
        "exportControls",
        "marketingActions",
        "segmentIds",
        "connectionIds",
        "namespaces",
        "restrictedMarketingActions",
        "types",
        "groupBy",
        "renderings",
        "holidays",
        "segments",
        "mapping",
        "attributes",
    }
)
"""Members that are lists without an order."""


def is_same(wanted: Any, actual: Any, member: str = "") -> bool:
    """Whether each thing that is wanted is so. No value, and an empty one, are the same."""
    match wanted, actual:
        case dict(), dict():
            return all(is_same(value, actual.get(name), name) for name, value in wanted.items())
        case list(), list() if len(wanted) == len(actual):
            if member in UNORDERED:
                wanted, actual = sorted(wanted, key=_rank), sorted(actual, key=_rank)
            return all(is_same(one, other) for one, other in zip(wanted, actual, strict=True))
        case bool(), _:
            return wanted is bool(actual)
        case ((int() | float()), (int() | float())) if not isinstance(actual, bool):
            return float(wanted) == float(actual)
        case str(), str():
            return _canonical(wanted, member) == _canonical(actual, member)
        case _:
            return wanted == actual or (_is_nothing(wanted) and _is_nothing(actual))


def _canonical(text: str, member: str) -> str:
    """A text as the API keeps it: an address without the slash at its end, a host's key without its comment."""
    if member == "hostKey":
        return " ".join(text.split()[:2])
    return text.rstrip("/") if text.startswith(("https://", "http://")) else text


def _is_nothing(value: Any) -> bool:
    return value is None or value in ([], {})


def _rank(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("segmentId") or value.get("target") or sorted(value.items()))
    return str(value)
