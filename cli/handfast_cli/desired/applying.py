"""Carrying out a plan, change by change. Where it ends early, applying the file again goes on from there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from handfast_cli.desired.bodies import SecretReference
from handfast_cli.desired.calls import call_of, later_call, with_secrets
from handfast_cli.desired.kinds import KINDS
from handfast_cli.desired.rules import Change, Plan
from handfast_cli.desired.state import Item, State
from handfast_cli.desired.trying import not_meant
from handfast_cli.errors import CommandError, ExitCode
from handfast_cli.failures import document_of, exit_code_of
from handfast_cli.options import Session
from handfast_client.errors import HandfastError

Secrets = Mapping[SecretReference, str]


class ApplyError(CommandError):
    """A change was refused; those before it are done."""

    def __init__(self, change: Change, done: int, cause: Exception) -> None:
        self.exit_code = ExitCode.CONFLICT if isinstance(cause, LookupError) else exit_code_of(cause)
        self.members = {**document_of(cause), "done": done}
        what = f"{change.action} {change.section} {change.key!r}"
        super().__init__(f"{what}: {cause}\n{done} changes are done; mend it and apply the file again to go on")


@dataclass(frozen=True)
class Done:
    """A change that is made, and what is to be known of it; `failed`: what it should lead to has not come about."""

    change: Change
    told: str = ""
    failed: bool = False


def carry_out(session: Session, plan: Plan, state: State, secrets: Secrets) -> Iterator[Done]:
    """Make all changes, in their order. Raises ApplyError at the first that is refused."""
    applying = _Applying(session, plan, state, secrets)
    for number, change in enumerate(plan.changes):
        try:
            yield applying.do(change)
        except (HandfastError, LookupError) as error:
            raise ApplyError(change, number, error) from error


class _Applying:
    def __init__(self, session: Session, plan: Plan, state: State, secrets: Secrets) -> None:
        self._session, self._plan, self._state, self._secrets = session, plan, state, secrets

    def do(self, change: Change) -> Done:
        match change.action:
            case "request":
                return Done(change, self._request(change))
            case "publish":
                return Done(change, self._publish(change))
            case "create":
                return Done(change, self._create(change))
        made = self._send(change)
        if change.action == "accept":
            self._plan.references.learn("connections", change.key, made["connectionId"])
        if change.section == "destinations" and change.action == "change" and change.secrets:
            return self._test(change, made)
        return Done(change)

    def _send(self, change: Change) -> Any:
        method, path, body = call_of(self._session, change, self._plan.references, self._state)
        return self._session.api.call(method, path, body=with_secrets(body, change.secrets, self._secrets))

    def _create(self, change: Change) -> str:
        made = self._send(change)
        identifier = str(made[KINDS[change.section].identifier])
        self._plan.references.learn(change.section, change.key, identifier)
        if late := later_call(self._session, change, made):
            method, path, body = late
            self._session.api.call(method, path, body=body)
        return identifier

    def _request(self, change: Change) -> str:
        path = self._session.path("/connect-requests/preview")
        whose = self._session.api.call("POST", path, body={"connectId": change.after["connectId"]})
        if why := not_meant(change.thing, whose):
            raise LookupError(why)
        made = self._send(change)
        return f"{made['connectionId']}: {made['partner']['organizationName']} has to accept it"

    def _publish(self, change: Change) -> str:
        feed = self._plan.references.find("feeds", change.key)
        drafted = self._session.api.call("GET", self._session.path(f"/feeds/{quote(feed, safe='')}"))
        if drafted["status"] != "draft" and not drafted["hasUnpublishedChanges"]:
            return "nothing new"
        return f"version {self._send(change)['version']}"

    def _test(self, change: Change, changed: Item) -> Done:
        """New secrets are used once a test has found that they work (docs/destinations.md, Setting up)."""
        path = self._session.path(f"/destinations/{quote(change.id, safe='')}/test")
        found = self._session.api.call("POST", path)
        wrong = [f"{check['name']}: {check['detail']}" for check in found["checks"] if not check["ok"]]
        if wrong:
            kept = ", so that former secrets stay in use" if changed["formerSecretsUntil"] else ""
            return Done(change, f"its test failed{kept}: {'; '.join(wrong)}", failed=True)
        return Done(change, "its test passed")
