"""How a command that is one API call is made from its description."""

import inspect
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from keyword import iskeyword
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer

from handfast_cli.asking import Yes, ask, require_answerable
from handfast_cli.completing import completion_of, id_argument
from handfast_cli.errors import ExitCode
from handfast_cli.examples import value_of
from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, SandboxId, Session, refuse_both
from handfast_cli.output import errors, hint, show

WATCH = Annotated[bool, typer.Option("--watch", help="Wait until it has ended, and tell how far it is.")]
SECONDS_BETWEEN = 2.0
"""Between two looks at what is watched."""
PROGRESS = ("status", "progress")
"""What is told of what is watched; links in answers are new at each look."""
FAILED = frozenset({"failed"})
CLEAR = typer.Option("--clear", help="Empty it; repeat for more.")


@dataclass(frozen=True)
class Send:
    """A member of the body, or with `query` of the query string: an argument where required, else an option."""

    option: str
    wire: str
    help: str = ""
    kind: Any = str
    required: bool = False
    query: bool = False

    @property
    def name(self) -> str:
        """The option's name in Python."""
        name = self.option.replace("-", "_")
        return f"{name}_" if iskeyword(name) else name

    @property
    def is_argument(self) -> bool:
        """Whether it is given by its place."""
        return self.required and not self.query and self.kind != list[str]

    def parameter(self) -> inspect.Parameter:
        """What Typer makes the option from."""
        if self.is_argument:
            return _parameter(self.name, Annotated[self.kind, typer.Argument(help=self.help)])
        kind = self.kind if self.required or self.kind in {bool, list[str]} else self.kind | None
        default: Any = inspect.Parameter.empty if self.required else {bool: False, list[str]: []}.get(self.kind)
        # Typer copies defaults, so the empty list is not shared.
        completed = completion_of(self.name) if self.wire.endswith(("Id", "Ids")) else None
        option = typer.Option(f"--{self.option}", help=self.help, autocompletion=completed)
        return _parameter(self.name, Annotated[kind, option], default)


DRY_RUN = Send("dry-run", "dryRun", "Tell what would happen and do nothing.", bool, query=True)


@dataclass(frozen=True)
class Call:
    """One command. In `path`, `{sandbox}` is the session's and every other name a positional argument.

    `says` are members of the body that the command itself means. `clears` are members of the body that can be emptied,
    by their names in the API. `asks`: it takes something away,
    so it asks before, and with `shown` shows its dry run, or what is there. `waits`: the states that it does not stay
    in, so that `--watch` waits for the next.
    """

    noun: str
    verb: str
    method: str
    path: str
    help: str
    sends: tuple[Send, ...] = ()
    columns: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    asks: Literal["no", "shown", "plainly"] = "no"
    says: tuple[tuple[str, Any], ...] = ()
    waits: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """The positional arguments."""
        return [name for name in re.findall(r"{(\w+)}", self.path) if name != "sandbox"]

    def example(self) -> str:
        """A command line with all that must be given."""
        words = ["handfast", self.noun, self.verb, *map(value_of, self.arguments)]
        for send in self.sends:
            if send.required:
                words += [value_of(send.wire)] if send.is_argument else [f"--{send.option}", value_of(send.wire)]
        if self.verb == "list":
            words.append(f"--json | jq '.items[].{self.columns[0]}'")
        return " ".join(words)

    def command(self) -> Callable[..., None]:
        """The function Typer runs."""

        def run(profile: str, sandbox: str | None, as_json: bool, **given: Any) -> None:
            unasked = self.asks != "no" and not (given["yes"] or given.get(DRY_RUN.name))
            if unasked:
                require_answerable()
            session = Session.of(profile, sandbox)
            places = {name: quote(given[name], safe="") for name in self.arguments}
            if "{sandbox}" in self.path:
                places["sandbox"] = session.sandbox
            body = self._body(given) if self.method in {"POST", "PUT", "PATCH"} else None
            send = partial(session.api.call, self.method, self.path.format(**places), body=body)
            if unasked:
                ask(f"{self.help} Go on?", self._shown(send, session, places))
            read = partial(send, query=self._collect(given, query=True))
            answer = self._watched(read, as_json=as_json) if given.get("watch") else read()
            show(answer, as_json=as_json, columns=self.columns)
            if not as_json and isinstance(answer, dict) and answer.get("nextCursor"):
                hint(f"More: --cursor {answer['nextCursor']}")
            if given.get("watch") and answer["status"] in FAILED:
                raise typer.Exit(ExitCode.FAILED)

        parameters = self._parameters()
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    def _parameters(self) -> list[inspect.Parameter]:
        parameters = [_parameter(name, Annotated[str, id_argument(name)]) for name in self.arguments]
        parameters += [send.parameter() for send in self.sends]
        if self.clears:
            names: Any = StrEnum("Clearable", {name: name for name in self.clears})  # type: ignore[misc]
            parameters.append(_parameter("clear", Annotated[list[names], CLEAR], []))
        if self.asks != "no":
            parameters.append(_parameter("yes", Yes, default=False))
        if self.waits:
            parameters.append(_parameter("watch", WATCH, default=False))
        return [
            *parameters,
            _parameter("profile", ProfileName, DEFAULT_PROFILE),
            _parameter("sandbox", SandboxId, None),
            _parameter("as_json", AsJson, default=False),
        ]

    def _watched(self, read: Callable[[], Any], *, as_json: bool) -> Any:
        """What is answered once nothing more comes by itself; how far it was before goes to standard error."""
        answer, before = read(), None
        while answer["status"] in self.waits:
            now = {name: answer[name] for name in PROGRESS if name in answer}
            if now != before and not as_json:
                show(now, as_json=False, to=errors)
            before = now
            time.sleep(SECONDS_BETWEEN)
            answer = read()
        return answer

    def _shown(self, send: Callable[..., Any], session: Session, places: dict[str, str]) -> Any:
        if self.asks == "plainly":
            return None
        if DRY_RUN in self.sends:
            return send(query={DRY_RUN.wire: True})
        path = self.path if self.method == "DELETE" else self.path.rpartition("/")[0]
        return session.api.call("GET", path.format(**places))

    def _body(self, given: dict[str, Any]) -> dict[str, Any]:
        body = self._collect(given, query=False)
        empties: dict[Any, Any] = {list[str]: [], bool: False}
        empty = {send.wire: empties.get(send.kind) for send in self.sends}
        cleared = {str(name): empty[name] for name in given.get("clear", ())}
        refuse_both(body, cleared)
        return body | cleared | dict(self.says)

    def _collect(self, given: dict[str, Any], *, query: bool) -> dict[str, Any]:
        return {
            send.wire: given[send.name]
            for send in self.sends
            if send.query == query
            and not (given[send.name] is None or given[send.name] is False or given[send.name] == [])
        }


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def add_calls(noun: typer.Typer, calls: Iterable[Call]) -> None:
    """Adds the verbs that are one call each."""
    for call in calls:
        noun.command(call.verb, help=call.help, epilog=f"\b\nExample:\n  {call.example()}")(call.command())
