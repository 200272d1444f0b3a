"""The chapter in which a person asks to be deleted: everyone who received the person hears of it, and it is proven."""

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handfast.privacy_requests import proof_check
from handfast_cli import uploads
from handfast_cli.demo.activation import WAREHOUSE
from handfast_cli.demo.generator import EMAIL, Identity, Row
from handfast_cli.demo.outside import OutsideSystem, outside_system
from handfast_cli.demo.report import DifferenceError, Report
from handfast_cli.demo.side import Side, lines, until
from handfast_cli.demo.story import Story

_SCOPES = ("delivered", "everything")
_COLUMNS = (
    {"column": "person", "as": "profileId"},
    {"column": "email_sha256", "as": "identity", "namespace": EMAIL, "transform": "none"},
)


class Deletion:
    """A with two partners: B, which has disconnected since it received the person, and C, which holds the person."""

    def __init__(self, sides: Sequence[Side], story: Story, people: int, report: Report) -> None:
        self._a, self._b, self._c = sides
        self._story, self._people, self._report = story, people, report

    def tell(self) -> None:
        """The whole chapter: so many people whom B received by e-mail are shared with C; the first of them asks."""
        self._segment, self._rows = self._story.received_by_mail(self._people)
        self._person = self._rows[0]
        with outside_system({row.profile_id for row in self._rows}) as system:
            self._share_with_c()
            self._connect(system)
            self._ask()
            self._answers(system)
            self._gone(system)
        self._stays_gone()
        self._proof()

    def _share_with_c(self) -> None:
        connect_id = self._a.get("/connect-id")["connectId"]
        connection = self._c.post("/connect-requests", {"connectId": connect_id})["connectionId"]
        self._a.post(f"/connections/{connection}/accept")
        self._send(self._c, self._rows)
        body = {
            "name": "Newsletter by e-mail",
            "segmentIds": [self._segment],
            "namespaces": [EMAIL],
            "restrictedMarketingActions": [],
            "connectionIds": [connection],
        }
        feed = self._a.post("/feeds", body)["feedId"]
        self._a.post(f"/feeds/{feed}/publish")
        received = until(lambda: next(self._c.items("/received-feeds"), None))
        if received is None:
            raise DifferenceError("C was offered nothing")
        self._received = f"/received-feeds/{received['receivedFeedId']}"
        self._c.post(f"{self._received}/enable")
        wanted = {_email(row) for row in self._rows}
        until(lambda: self._held_by_c() == wanted)
        self._report.equal("the people that C holds", wanted, self._held_by_c())
        self._report.say(f"A shares {len(wanted):,} people with a second partner, {self._c.organization}")

    def _connect(self, system: OutsideSystem) -> None:
        body = {"type": "webhook", "name": "Mail system", "settings": {"url": system.url, "secret": system.secret}}
        self._a.post("/connectors", body)
        self._report.say("A connects its mail system, which knows the person too, and which is down at the moment")

    def _ask(self) -> None:
        subject = {"identities": [{"namespace": EMAIL, "value": _email(self._person)[1], "format": "sha256"}]}
        body = {"type": "erasure", "regulation": "gdpr", "subject": subject}
        preview = self._a.post("/privacy-requests", body, dryRun=True)
        told = {recipient["name"] for recipient in preview["recipients"]}
        self._report.equal("who would be told", {_name(self._b), _name(self._c), WAREHOUSE}, told)
        self._report.equal("the systems that would be told", ["Mail system"], preview["connectors"])
        known = ", ".join(f"{count} {name}" for name, count in sorted(preview["identities"]["byNamespace"].items()))
        self._report.say(f"A dry run: {known}; told would be {', '.join(sorted(told))}, and the mail system")
        made = self._a.post("/privacy-requests", body)
        self._request = f"/privacy-requests/{made['privacyRequestId']}"
        self._report.equal("the new request", "unverified", made["status"])
        self._a.post(f"{self._request}/verify", {"code": made["verificationCode"]})
        self._a.post(f"{self._request}/approve")
        due = str(made["dueAt"])[:10]
        self._report.say(f"The person asks by a hashed address, confirms by a code, and A approves; due {due}")

    def _answers(self, system: OutsideSystem) -> None:
        with self._report.measured("Deletion, until everyone has confirmed", 3):
            until(lambda: self._recipient(self._b)["status"] == "confirmed")
            self._report.say("B, by its own rule, deletes what A has delivered and answers with a signed receipt")
            theirs = until(lambda: next(self._c.items("/privacy-requests"), None))
            if theirs is None:
                raise DifferenceError("C was not told")
            state = self._get()["connectors"][0]["status"]
            if state in {"confirmed", "absent"}:
                raise DifferenceError(f"the mail system is down, and {state}")
            self._report.say(f"C has to approve; the mail system is down ({state}), which holds up nobody else")
            self._decide(f"/privacy-requests/{theirs['privacyRequestId']}")
            until(lambda: self._recipient(self._c)["status"] == "confirmed")
            self._report.say("C has it reach everything it holds of the person, deletes that and answers")
            self._gap(system)
        recipients = self._get()["recipients"]
        told = {each["name"]: (each["status"], each["scope"]) for each in recipients if each["kind"] == "partner"}
        answers = {_name(self._b): ("confirmed", "delivered"), _name(self._c): ("confirmed", "everything")}
        self._report.equal("the partners' answers", answers, told)
        left = [
            each["status"] for each in recipients if each["kind"] == "destination" and each["status"] != "confirmed"
        ]
        self._report.equal("the destinations that have not taken it", [], left)
        self._report.equal(
            "the mail system's answer", ["confirmed"], [connector["status"] for connector in self._get()["connectors"]]
        )

    def _gap(self, system: OutsideSystem) -> None:
        """The mail system is back and refuses, which is a gap of the answer until it has done what it was asked."""
        system.refuses, system.is_up = "open_invoice", True
        until(lambda: self._get()["status"] == "completed_with_gaps")
        view = self._get()
        (refused,) = view["connectors"]
        stands = (view["status"], view["result"]["gaps"], refused["status"], refused["detail"])
        self._report.equal("the gap", ("completed_with_gaps", 1, "refused", "open_invoice"), stands)
        self._report.say("The mail system is back and refuses, as an invoice is open: the request ends with a gap")
        system.refuses = ""
        self._a.post(f"{self._request}/retry")
        until(lambda: self._get()["status"] == "completed")
        view = self._get()
        self._report.equal("the request without the gap", ("completed", 0), (view["status"], view["result"]["gaps"]))
        self._report.say("The invoice is paid, A asks again, and the mail system deletes the person, the gap is closed")

    def _decide(self, theirs: str) -> None:
        preview = self._c.get(f"{theirs}/preview")
        reach = {scope: sum(preview[scope]["identities"]["byNamespace"].values()) for scope in _SCOPES}
        self._report.equal("what C would delete by either scope", dict.fromkeys(_SCOPES, 1), reach)
        self._c.post(f"{theirs}/approve", {"scope": "everything"})

    def _gone(self, system: OutsideSystem) -> None:
        self._report.equal("the person at C", False, _email(self._person) in self._held_by_c())
        self._report.equal("the person in the mail system", False, self._person.profile_id in system.people)
        check = {"identities": [{"namespace": EMAIL, "value": _email(self._person)[1], "format": "sha256"}]}
        for side, everywhere in ((self._a, True), (self._b, False), (self._c, True)):
            (found,) = side.post("/suppressions/check", check)["items"]
            self._report.equal(f"the suppression at {side.organization}", everywhere, found["suppressed"])
        self._report.say("The person is gone from A, from C and from the mail system, and suppressed there")
        self._report.say("B keeps its own customer, whom it takes from A no more")

    def _stays_gone(self) -> None:
        for side in (self._a, self._c):
            counts = self._send(side, [self._person])["counts"]
            self._report.equal("an upload of the person", {"suppressed": 1}, counts["rejectedByReason"])
        self._report.say("A and C upload the person again: both rows are rejected as suppressed")

    def _proof(self) -> None:
        session = self._a.session
        answer = session.api.request("GET", session.path(f"{self._request}/history"))
        keys = [key["publicKey"] for key in session.api.call("GET", "/receipt-keys")["keys"]]
        report = proof_check.verify(answer.content, *keys)
        self._report.equal("the proof", True, report.holds)
        forged = proof_check.verify(answer.content.replace(b'"confirmed"', b'"absent"', 1), *keys)
        self._report.equal("a forged proof", False, forged.holds)
        self._report.say(
            f"The history file of {len(answer.content):,} bytes verifies offline; one changed word breaks it"
        )

    def _get(self) -> Any:
        return self._a.get(self._request)

    def _recipient(self, side: Side) -> Any:
        found = {recipient["name"]: recipient for recipient in self._get()["recipients"]}
        return found.get(_name(side), {"status": "unknown"})

    def _held_by_c(self) -> set[Identity]:
        url = self._c.post(f"{self._received}/members/export", {"format": "csv"})["url"]
        return {(line["namespace"], line["value"]) for line in lines(url)}

    def _send(self, side: Side, rows: Sequence[Row]) -> Any:
        """Upload people by e-mail; the upload when it has ended."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "people.csv"
            with path.open("w", newline="") as file:
                table = csv.writer(file)
                table.writerow(column["column"] for column in _COLUMNS)
                table.writerows((row.profile_id, _email(row)[1]) for row in rows)
            body = {"fileName": path.name, "format": "csv", "mode": "delta", "columns": list(_COLUMNS)}
            created = uploads.send_file(side.session, path, body, lambda _: None)
        return uploads.follow(side.session, f"/uploads/{created['uploadId']}", lambda _: None)


def _email(row: Row) -> Identity:
    return next(identity for identity in row.identities if identity[0] == EMAIL)


def _name(side: Side) -> str:
    return f"{side.organization}, {side.sandbox}"
