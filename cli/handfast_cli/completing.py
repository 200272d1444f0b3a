"""What Tab completes: ids of what there is in the sandbox, and codes, each with what it is called."""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, TypeAlias

import typer

SECONDS = 2.0
"""How long a person who pressed Tab waits; whatever has not come by then is not completed."""
LISTED: Mapping[str, str] = MappingProxyType(
    {
        "action": "marketing-actions",
        "connection": "connections",
        "connector": "connectors",
        "data_source": "data-sources",
        "dataflow": "dataflows",
        "destination": "destinations",
        "dropList": "drop",
        "feed": "feeds",
        "imported": "imports",
        "label": "labels",
        "namespace": "namespaces",
        "notification": "notifications",
        "policy": "policies",
        "principal": "grants",
        "privacy_request": "privacy",
        "received_feed": "received-feeds",
        "segment": "segments",
        "source": "sources",
        "token": "recipient-tokens",
        "upload": "uploads",
        "webhook": "webhooks",
    }
)
"""The noun whose list has what an argument names."""

Completion: TypeAlias = Callable[[typer.Context, str], list[tuple[str, str]]]


def completion_of(argument: str) -> Completion | None:
    """What completes an argument; None where there is no list of what it may be."""
    return _of_list(LISTED[argument]) if argument in LISTED else None


def id_argument(argument: str, **details: Any) -> Any:
    """An argument that is completed, as Typer takes it."""
    return typer.Argument(autocompletion=completion_of(argument), **details)


def event_types(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The types of events."""
    return _of_list("reference", "event-types")(ctx, incomplete)


def _of_list(noun: str, verb: str = "list") -> Completion:
    """Completes by the first column of a list, which is shown with the names that its rows have."""

    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from handfast_cli.catalog import CALLS  # noqa: PLC0415 - it is made with what this is of

        call = next(call for call in CALLS if (call.noun, call.verb) == (noun, verb))
        code, *others = call.columns
        names = [column for column in others if column.lower().endswith("name")] or others[:1]
        rows = within(SECONDS, lambda: _rows(ctx, call.path))
        return [
            (str(row[code]), ", ".join(str(row[name]) for name in names if row.get(name)))
            for row in rows
            if str(row.get(code, "")).startswith(incomplete)
        ]

    return complete


def _rows(ctx: typer.Context, path: str) -> Iterable[Mapping[str, Any]]:
    from handfast_cli.options import DEFAULT_PROFILE, Session  # noqa: PLC0415 - help needs none of it

    session = Session.of(ctx.params.get("profile") or DEFAULT_PROFILE, ctx.params.get("sandbox"))
    places = {"sandbox": session.sandbox} if "{sandbox}" in path else {}
    rows: list[Mapping[str, Any]] = session.api.call("GET", path.format(**places))["items"]
    return rows


def within(seconds: float, find: Callable[[], Iterable[Any]]) -> list[Any]:
    """What is found in so many seconds; nothing where that fails, for a shell has no place for errors."""
    found: list[Any] = []

    def run() -> None:
        with suppress(Exception):
            found.extend(find())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return list(found)
