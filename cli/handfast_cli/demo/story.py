"""The story, told through the public API alone and checked against the truth at each step."""

from collections import Counter
from itertools import islice
from typing import Any

from handfast_cli import pushing
from handfast_cli.demo.estimating import compare, within
from handfast_cli.demo.generator import EMAIL, NAMESPACES, SEGMENTS, Bar, Identity, Row, World
from handfast_cli.demo.report import DifferenceError, Report
from handfast_cli.demo.side import Side, lines, until
from handfast_cli.demo.truth import Change, Members, Truth, changes
from handfast_cli.demo.uploading import CRM, PARTNER, upload, upload_in_parts

_MOVES = 60
_PAGED = 2000


class Story:
    """Two organisations, A the sender and B the receiver, and what has happened between them so far."""

    def __init__(self, a: Side, b: Side, world: World, threshold: int, report: Report) -> None:
        self._a, self._b, self._world, self._threshold, self._report = a, b, world, threshold, report
        self._truth = Truth()
        self._segments: dict[str, str] = {}
        self._connection = self._feed = self._received_feed = self._dataflow = ""

    def connect(self) -> None:
        """A shows its connect ID; B previews and requests; A is notified and accepts."""
        report = self._report
        connect_id = self._a.get("/connect-id")["connectId"]
        report.say(f"A shows its connect ID: {connect_id}")
        preview = self._b.post("/connect-requests/preview", {"connectId": connect_id})
        names = {"organizationName": self._a.organization, "sandboxName": self._a.sandbox}
        report.equal("the preview of A's connect ID", names, {name: preview.get(name) for name in names})
        report.say(f"B previews whose it is: {preview['organizationName']}, {preview['sandboxName']}")
        body = {"connectId": connect_id, "note": "Let us find the people we both know", "allowsEstimates": True}
        self._connection = self._b.post("/connect-requests", body)["connectionId"]
        report.say("B requests a connection, over which A may estimate overlaps")
        self._notified(self._a, "connection.requested")
        self._a.post(f"/connections/{self._connection}/accept")
        report.say("A accepts")
        for name, side in (("A", self._a), ("B", self._b)):
            status = side.get(f"/connections/{self._connection}")["status"]
            report.equal(f"the connection as {name} sees it", "active", status)
        report.say("Both sides see the connection active")

    def upload(self) -> None:
        """A makes two segments and uploads its CRM export as a folder of parts; B uploads its members."""
        for external_id, name in SEGMENTS.items():
            body = {"name": name, "externalId": external_id}
            self._segments[external_id] = self._a.post("/segments", body)["segmentId"]
        self._report.say(f"A creates the segments {' and '.join(SEGMENTS.values())}")
        upload_in_parts(self._report, self._a, "A's CRM export", self._world.crm, CRM)
        self._truth.load_crm(self._world.crm.rows)
        for external_id, segment in self._segments.items():
            wanted = Counter(namespace for namespace, _ in self._truth.members[external_id])
            counts = self._a.get(f"/segments/{segment}")["counts"]["byNamespace"]
            found = {namespace: count for namespace, count in counts.items() if count}
            self._report.equal(f"the members of {external_id} by namespace", dict(wanted), found)
        upload(self._report, self._b, "B's members", self._world.partner, PARTNER)
        self._truth.load_partner(self._world.partner.rows)

    def share(self) -> None:
        """A drafts a feed, sees the overlap and publishes; B is notified and enables; the export runs."""
        body = {
            "name": "People we both know",
            "segmentIds": list(self._segments.values()),
            "namespaces": NAMESPACES,
            "restrictedMarketingActions": [],
            "connectionIds": [self._connection],
        }
        self._feed = self._a.post("/feeds", body)["feedId"]
        self._report.say(f"A drafts a feed of both segments in {len(NAMESPACES)} namespaces")
        with self._report.measured("Estimate of the overlap", len(SEGMENTS) * len(NAMESPACES)):
            items = self._a.post(f"/feeds/{self._feed}/estimate", {})["items"]
        compare(self._report, items, self._names(), self._truth, self._threshold)
        self._refused()
        self._a.post(f"/feeds/{self._feed}/publish")
        self._report.say("A publishes it")
        self._notified(self._b, "feed.published")
        (received,) = self._b.items("/received-feeds")
        self._received_feed = received["receivedFeedId"]
        expected = self._expected(*SEGMENTS)
        rows = _size(expected)
        with self._report.measured("Export to B", rows) as bar:
            self._dataflow = self._b.post(f"/received-feeds/{self._received_feed}/enable")["dataflowId"]
            self._report.say("B enables it")
            self._settled(bar)
        self._compare("B's members after the first export", expected)
        self._page(expected)
        self._population(rows)
        self._total(expected)

    def govern(self) -> None:
        """A policy that A switches on stops a segment at B, and off lets it go on; no answer tells whom B knows."""
        kept, stopped = SEGMENTS
        policy, label = "restrict_third_party_export", "C2"
        self._a.patch(f"/segments/{self._segments[stopped]}", {"labels": [label]})
        self._report.say(f"A labels {stopped} {label}, which may not be given to a third party: no policy asks yet")
        (preview,) = self._a.post(f"/policies/{policy}/enable", dryRun=True)["dataflows"]
        self._report.equal("what the policy would stop", [self._segments[stopped]], preview["segmentIds"])
        self._report.say(f"A dry run: {preview['members']:,} members of A's would be given to B no more")
        left, everybody = self._expected(kept), self._expected(*SEGMENTS)
        with self._report.measured(f"A policy stops {stopped}", _size(everybody) - _size(left)) as bar:
            self._a.post(f"/policies/{policy}/enable")
            self._settled(bar)
        self._compare("B's members under the policy", left)
        self._notified(self._b, "policy.violated")
        steps = self._a.get(f"/dataflows/{self._dataflow}/population")["steps"]
        by_policy = next(step["identities"] for step in steps if step["reason"] == "policy")
        self._report.say(f"A's population explains it: {by_policy:,} memberships kept back by policy")
        with self._report.measured(f"{stopped} goes on without it", _size(everybody) - _size(left)) as bar:
            self._a.post(f"/policies/{policy}/disable")
            self._settled(bar)
        self._compare("B's members without the policy", everybody)
        self._oracle(everybody)

    def _refused(self) -> None:
        """A publication that a label forbids, and what it says; then the label is taken off."""
        name, segment = next(iter(self._segments.items()))
        self._a.patch(f"/segments/{segment}", {"labels": ["C11"]})
        refused = self._a.answer("POST", f"/feeds/{self._feed}/publish")
        found = [(each["label"], each["segmentId"]) for each in refused["violations"]]
        self._report.equal("why the publication is refused", [("C11", segment)], found)
        self._report.say(f"With the label C11 on {name} A cannot publish; to resolve: {refused['resolve'][0]}")
        self._a.patch(f"/segments/{segment}", {"labels": []})

    def _oracle(self, expected: Members) -> None:
        """A asks about somebody whom B knows and somebody whom it does not, and is told the same of both."""
        segment = next(iter(SEGMENTS))
        of_mail = sorted(identity for identity in self._truth.members[segment] if identity[0] == EMAIL)
        known = next(identity for identity in of_mail if identity in expected[segment])
        unknown = next(each for each in of_mail if each not in expected[segment] and self._truth.shares(each))
        told = [self._explained(identity, segment) for identity in (known, unknown)]
        self._report.equal("what A is told of whom B knows and whom it does not", [["cleared"]] * 2, told)
        self._report.say("A asks about a member whom B knows and one whom it does not: the answers are the same")

    def _explained(self, identity: Identity, segment: str) -> list[str]:
        namespace, value = identity
        named = {"namespace": namespace, "value": value, "format": "sha256"}
        body = {"identity": named, "segmentId": self._segments[segment], "dataflowId": self._dataflow}
        items = self._a.post("/people/explain", body)["identities"]
        flows = (flow for item in items if item["asked"] for flow in item["dataflows"])
        return [share["reason"] for flow in flows for share in flow["segments"]]

    def follow(self) -> None:
        """One member leaves at A, then many leave, join and withdraw consent; B's view follows."""
        moves = changes(self._world, 1, min(_MOVES, len(self._world.crm.rows) // 40))
        members = self._expected(*SEGMENTS)
        first = next(move for move in moves if not move.realized and move.identity in members[move.segment])
        self._stream("One change", [first])
        moves.remove(first)
        self._stream(f"{len(moves):,} changes", moves)

    def stop(self) -> None:
        """A takes a segment out of the feed; then B disconnects."""
        kept, removed = SEGMENTS
        gone, left = _size(self._expected(removed)), self._expected(kept)
        before = self._passed()
        with self._report.measured(f"Withdrawal of {removed}", gone) as bar:
            self._a.patch(f"/feeds/{self._feed}", {"segmentIds": [self._segments[kept]]})
            self._a.post(f"/feeds/{self._feed}/publish")
            self._report.say(f"A takes {removed} out of the feed and publishes")
            self._compare("B's members at once", left)
            self._settled(bar)
        self._report.equal(f"what the withdrawal of {removed} did", {"exited": gone}, dict(self._passed() - before))
        self._compare("B's members after the withdrawal", left)
        self._population(_size(left))
        with self._report.measured("Withdrawal of everything", _size(left)) as bar:
            self._b.post(f"/connections/{self._connection}/disconnect", {"reason": "The demo is over"})
            self._report.say("B disconnects")
            self._unreadable()
            self._settled(bar)
        until(lambda: self._dataflow_status() == "closed")
        self._report.equal("the dataflow's status", "closed", self._dataflow_status())
        passed = self._passed()
        self._report.equal("what was withdrawn of all that was shared", passed["realized"], passed["exited"])
        self._report.say(f"All in all {passed['realized']:,} memberships were shared, and as many withdrawn")
        self._population(0)

    def verify(self) -> None:
        """Both sides' logs are whole."""
        for name, side in (("A", self._a), ("B", self._b)):
            verification = side.get("/activity/verify")
            self._report.equal(f"the verification of {name}'s log", True, verification["verified"])
            self._report.say(f"{name}'s log of {verification['records']} records: the chain of hashes holds")

    def received_by_mail(self, count: int) -> tuple[str, list[Row]]:
        """The first segment, and people whom B received over it by their address."""
        name = next(iter(SEGMENTS))
        shared = self._truth.received([name], {EMAIL})[name]
        rows = [row for row in self._world.crm.rows if shared.intersection(row.identities)]
        return self._segments[name], rows[:count]

    def shareable_by_mail(self) -> tuple[str, str, set[Identity]]:
        """The first segment, by its external id and its id, and its members by address that A may give away."""
        name = next(iter(SEGMENTS))
        return name, self._segments[name], self._truth.shareable(name, EMAIL)

    def push(self, moves: list[Change]) -> None:
        """A sends changes. Raises DifferenceError when one is refused."""
        self._truth.stream(moves)
        self._push(moves)

    def _push(self, moves: list[Change]) -> None:
        answer = pushing.push_changes(self._a.session, iter(enumerate(map(self._wire, moves))), lambda _: None)
        self._report.equal("the answer to the changes", {"accepted": len(moves), "rejected": []}, answer)

    def _stream(self, what: str, moves: list[Change]) -> None:
        before = self._expected(*SEGMENTS)
        self._truth.stream(moves)
        expected = self._expected(*SEGMENTS)
        touched = sum(len(before[name] ^ expected[name]) for name in SEGMENTS)
        path = f"/received-feeds/{self._received_feed}"
        with self._report.measured(f"{what} until visible at B", touched):
            self._push(moves)
            # The whole view costs an export, so it is looked at when the number is right.
            until(lambda: self._b.get(path)["counts"]["memberships"] == _size(expected) and self._members() == expected)
        self._compare(f"B's members after {what.lower()}", expected)

    def _runs(self, side: Side) -> list[dict[str, Any]]:
        return list(side.items(f"/dataflows/{self._dataflow}/runs"))

    def _settled(self, bar: Bar) -> None:
        """Follows the dataflow's runs until all have ended."""

        def ended() -> bool:
            runs = self._runs(self._a)
            bar(*(sum(run["progress"][name] for run in runs) for name in ("done", "total")))
            return bool(runs) and all(run["status"] != "running" for run in runs)

        until(ended)
        statuses = {run["status"] for run in self._runs(self._a)}
        self._report.equal("how the dataflow's runs ended", {"completed"}, statuses)

    def _passed(self) -> Counter[str]:
        """Memberships realized and exited in all runs, which B alone is told."""
        return Counter({name: sum(run[name] for run in self._runs(self._b)) for name in ("realized", "exited")})

    def _dataflow_status(self) -> str:
        return str(self._a.get(f"/dataflows/{self._dataflow}")["status"])

    def _population(self, shared: int) -> None:
        path = f"/dataflows/{self._dataflow}/population"
        self._report.equal("the population that is shared, as B sees it", shared, self._b.get(path)["shared"])
        population = self._a.get(path)
        kept_back = sum(step["identities"] for step in population["steps"])
        self._report.equal("the population's members", population["members"], kept_back + population["cleared"])
        steps = "".join(
            f" - {step['identities']:,} {step['reason']}" for step in population["steps"] if step["identities"]
        )
        self._report.say(
            f"Population: {population['members']:,} memberships{steps} = {population['cleared']:,} cleared"
        )
        people = population["people"]
        kept_back = sum(step["people"] for step in population["steps"])
        self._report.equal("the population's people", people["members"], kept_back + people["cleared"])
        self._report.say(f"They are {people['members']:,} people, of whom {people['cleared']:,} are cleared")

    def _total(self, expected: Members) -> None:
        """What A is told of how many B was given, by namespace, against the truth."""
        population = self._a.get(f"/dataflows/{self._dataflow}/population")
        given = Counter(namespace for members in expected.values() for namespace, _ in members)
        for part in population["namespaces"]:
            if told := part["sharedEstimate"]:
                where = within(told, given[part["namespace"]])
                self._report.say(f"A is told that B was given of {part['namespace']}: {where}")
        privacy = population["privacy"]
        self._report.say(
            f"A has had {privacy['answersSpent']} of the day's {privacy['answersADay']} answers about B's people: "
            f"epsilon {privacy['epsilonSpent']}"
        )

    def _unreadable(self) -> None:
        path = f"/received-feeds/{self._received_feed}/members"
        statuses = [self._b.status_of("GET", path), self._b.status_of("POST", f"{path}/export", {"format": "csv"})]
        self._report.equal("B's reading after the disconnect", [409, 409], statuses)
        self._report.say("B's reading stops at once: 409")

    def _notified(self, side: Side, event: str) -> None:
        notification = until(
            lambda: next((item for item in side.items("/notifications") if item["type"] == event), None)
        )
        if notification is None:
            raise DifferenceError(f"no notification of {event} came")
        self._report.say(f"{side.organization} is notified: {notification['title']}")

    def _expected(self, *accepted: str) -> Members:
        return {segment: set() for segment in SEGMENTS} | self._truth.received(accepted, set(NAMESPACES))

    def _members(self) -> Members:
        """What B holds, whole, from an export."""
        path = f"/received-feeds/{self._received_feed}/members/export"
        found: Members = {segment: set() for segment in SEGMENTS}
        names = self._names()
        for line in lines(self._b.post(path, {"format": "csv"})["url"]):
            for segment in line["segmentIds"].split():
                found.setdefault(names.get(segment, segment), set()).add((line["namespace"], line["value"]))
        return found

    def _compare(self, what: str, expected: Members) -> None:
        self._report.same_members(what, expected, self._members())

    def _page(self, expected: Members) -> None:
        """Reads the beginning of the list page by page: the same identities, in the same segments."""
        listed = self._b.items(f"/received-feeds/{self._received_feed}/members")
        places = {
            identity: {segment for segment in SEGMENTS if identity in expected[segment]}
            for identity in set().union(*expected.values())
        }
        count = min(_PAGED, len(places))
        with self._report.measured("Members read page by page", count):
            items = list(islice(listed, count))
        names = self._names()
        found = {
            (item["namespace"], item["value"]): {names.get(segment, segment) for segment in item["segmentIds"]}
            for item in items
        }
        self._report.equal("the number of identities listed", count, len(found))
        wrong = [identity for identity, segments in found.items() if places.get(identity) != segments]
        self._report.equal("the identities listed wrongly", 0, len(wrong))

    def _names(self) -> dict[str, str]:
        """The segments' external ids by their ids."""
        return {segment: name for name, segment in self._segments.items()}

    def _wire(self, change: Change) -> dict[str, Any]:
        namespace, value = change.identity
        return {
            "identity": {"namespace": namespace, "value": value},
            "segmentId": self._segments[change.segment],
            "status": "realized" if change.realized else "exited",
        } | ({"share": change.share} if change.share else {})


def _size(members: Members) -> int:
    return sum(map(len, members.values()))
