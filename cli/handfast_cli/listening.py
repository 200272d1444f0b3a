"""`handfast listen` and `handfast trigger`: events at an address of this machine, signed as webhooks are."""

import json
import os
import secrets
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import takewhile
from typing import Annotated, Any

import httpx
import typer

from handfast_cli.completing import event_types
from handfast_cli.errors import CommandError, InputError
from handfast_cli.files import read_kept
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session
from handfast_cli.output import say, show
from handfast_client.tokens import write_private
from handfast_client.webhooks import PREFIX, SignatureError, sign

SECONDS_BETWEEN = 2.0
"""Between two looks at the log."""
LOOKED_AT = 20
"""Records that a look asks for first."""
ANSWER_SECONDS = 5.0
"""How long the receiver may take, as with webhooks."""
DETAIL_BYTES = 16_000
"""A longer detail is left to be read from the log, as webhooks leave it."""

To = Annotated[str, typer.Option("--to", metavar="URL", help="Where to post it, such as http://localhost:3000/hooks.")]
Secret = Annotated[
    str | None,
    typer.Option(
        "--secret",
        envvar="HANDFAST_WEBHOOK_SECRET",
        help="What to sign with, whsec_…; else one is made and kept.",
    ),
]


class RefusedError(CommandError):
    """The receiver did not take the event."""


def listen(
    to: To,
    event_type: Annotated[
        str | None,
        typer.Option("--type", help="Only events of this type, or such as feed.*.", autocompletion=event_types),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="SEQUENCE", help="Begin after this record, not now."),
    ] = None,
    secret: Secret = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Post the sandbox's events to an address of yours as they happen, signed as webhooks are, until it is stopped.

    Each is posted once, in their order, and what the receiver answered is shown; nothing is posted again.

    Examples:

      handfast listen --to http://localhost:3000/hooks

      handfast listen --to http://localhost:3000/hooks --type 'feed.*' --after 1200
    """
    receiver = _Receiver(to, _signing_secret(secret))
    session = Session.of(profile, sandbox)
    if event_type is not None:
        _check_type(session, event_type)
    place = session.sandbox
    seen = newest(session) if after is None else after
    say(f"Events of {place} go to {to}, signed with {receiver.secret}; Ctrl-C ends it")
    try:
        for record in records(session, seen, event_type):
            seen = record["sequence"]
            told = receiver.post(f"{place}-{seen}", record["type"], record["at"], data_of(place, record))
            _show({"at": record["at"], "sequence": seen, "type": record["type"], **told}, as_json=as_json)
    except KeyboardInterrupt:
        pass
    finally:
        say(f"Stopped; --after {seen} goes on from here")


def trigger(
    event_type: Annotated[
        str, typer.Argument(metavar="TYPE", help="Such as feed.published.", autocompletion=event_types)
    ],
    to: To,
    secret: Secret = None,
    profile: ProfileName = DEFAULT_PROFILE,
    sandbox: SandboxId = None,
    as_json: AsJson = False,
) -> None:
    """Post an event of a type to an address of yours: the last one that the sandbox had, or an empty one.

    Nothing happens in the sandbox. `handfast webhooks test` tries a webhook that is set up.

    Examples:

      handfast trigger feed.published --to http://localhost:3000/hooks
    """
    receiver = _Receiver(to, _signing_secret(secret))
    session = Session.of(profile, sandbox)
    if "*" in event_type:
        raise InputError(f"{event_type} is several types: name one")
    _check_type(session, event_type)
    found = session.api.call("GET", session.path("/activity"), query={"type": event_type, "limit": 1})["items"]
    record = found[0] if found else _empty(event_type)
    # Of its own, so that a receiver that has had the event takes it.
    message_id = f"{session.sandbox}-trigger-{secrets.token_hex(8)}"
    told = receiver.post(message_id, event_type, record["at"], data_of(session.sandbox, record))
    sample = "the sandbox's last" if found else "empty: the sandbox has had none"
    _show({"type": event_type, "event": sample, **told}, as_json=as_json)
    if told["error"] or not httpx.codes.is_success(told["statusCode"]):
        raise RefusedError(f"{to} did not take it: {told['error'] or told['statusCode']}")


def _check_type(session: Session, wanted: str) -> None:
    """Raises InputError where there are no events of a type, or of none such as `feed.*`."""
    known = [row["code"] for row in session.api.call("GET", "/reference/event-types")["items"]]
    groups = {f"{code.partition('.')[0]}.*" for code in known}
    if wanted not in {*known, *groups, "*"}:
        close = get_close_matches(wanted, [*known, *sorted(groups)])
        hint = f"Did you mean {', '.join(close)}?" if close else "See `handfast reference event-types`."
        raise InputError(f"There are no events of type {wanted}. {hint}")


def newest(session: Session) -> int:
    """The sequence of the newest record of the log, 0 where there is none."""
    found = session.api.call("GET", session.path("/activity"), query={"limit": 1})["items"]
    return int(found[0]["sequence"]) if found else 0


def records(session: Session, after: int, event_type: str | None) -> Iterator[dict[str, Any]]:
    """The records after one, oldest first, and those to come, for ever."""
    while True:
        fresh = _newer(session, after, event_type)
        yield from reversed(fresh)
        after = fresh[0]["sequence"] if fresh else after
        time.sleep(SECONDS_BETWEEN)


def _newer(session: Session, after: int, event_type: str | None) -> list[dict[str, Any]]:
    listed = session.api.items(session.path("/activity"), {"type": event_type, "limit": LOOKED_AT})
    return list(takewhile(lambda record: record["sequence"] > after, listed))


def data_of(sandbox_id: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """What a webhook says of a record of the log."""
    is_long = len(json.dumps(record["detail"])) > DETAIL_BYTES
    said = {name: record[name] for name in ("sequence", "actor", "subject", "detail", "hash")}
    return {"sandboxId": sandbox_id, **said, **({"detail": None} if is_long else {})}


def _empty(event_type: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    actor = {"kind": "system", "id": None, "name": None}
    return {"sequence": 0, "type": event_type, "at": now, "actor": actor, "subject": "", "detail": {}, "hash": "0" * 64}


class _Receiver:
    """An address that events are posted to. Raises InputError where it is none."""

    def __init__(self, url: str, secret: str) -> None:
        try:
            parts = httpx.URL(url)
            is_one = parts.scheme in {"http", "https"} and bool(parts.host)
        except httpx.InvalidURL:
            is_one = False
        if not is_one:
            raise InputError(f"--to {url}: an address such as http://localhost:3000/hooks")
        self.url = url
        self.secret = secret
        self._http = httpx.Client(timeout=ANSWER_SECONDS)

    def post(self, message_id: str, event_type: str, at: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Posts an event once; answers `statusCode`, or `error` where no answer came, and `milliseconds`."""
        body = json.dumps({"type": event_type, "timestamp": at, "data": data}, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "Handfast"}
        headers |= sign(self.secret, message_id, int(time.time()), body)
        started, status, error = time.monotonic(), None, None
        try:
            status = self._http.post(self.url, content=body, headers=headers).status_code
        except httpx.HTTPError as failure:
            error = str(failure) or type(failure).__name__
        return {"statusCode": status, "error": error, "milliseconds": round((time.monotonic() - started) * 1000)}


def _signing_secret(given: str | None) -> str:
    """The secret that is given, or the one that was made for this user when it was first needed."""
    if given:
        try:
            sign(given, "", 0, b"")
        except SignatureError as error:
            raise InputError(f"--secret: {error}") from error
        return given
    from handfast_cli.profiles import config_folder  # noqa: PLC0415 - help needs none of it

    file = config_folder() / "webhook-secret.json"
    if file.exists():
        return read_kept(file, lambda kept: str(kept["secret"]), "delete it, and another is made")
    made = PREFIX + b64encode(os.urandom(32)).decode()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(file, {"secret": made})
    return made


def _show(event: Mapping[str, Any], *, as_json: bool) -> None:
    """A line for an event."""
    if as_json:
        typer.echo(json.dumps(event))
    else:
        show(" ".join(str(value) for value in event.values() if value is not None), as_json=False)
