"""The story, told through the public API alone and checked against the truth at each step."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from handfast_cli import uploads
from handfast_cli.demo.generator import EMAIL, GAID, IDFA, NAMESPACES, PHONE, SEGMENTS, File, World
from handfast_cli.demo.report import Bar, DifferenceError, Report
from handfast_cli.demo.side import Side, lines, until
from handfast_cli.demo.truth import Change, Members, Truth, changes

_CRM_MAPPING = (
    {"column": "customer", "as": "profileId"},
    {"column": "email", "as": "identity", "namespace": EMAIL, "transform": "hash"},
    {"column": "phone", "as": "identity", "namespace": PHONE, "transform": "hash"},
    {"column": "idfa", "as": "identity", "namespace": IDFA},
    {"column": "gaid", "as": "identity", "namespace": GAID},
    {"column": "consent", "as": "share"},
    {"column": "segment", "as": "segment"},
    {"column": "note", "as": "attribute", "name": "note"},
)
_PARTNER_MAPPING = (
    {"column": "member", "as": "profileId"},
    {"column": "email_sha256", "as": "identity", "namespace": EMAIL, "transform": "none"},
    {"column": "phone_sha256", "as": "identity", "namespace": PHONE, "transform": "none"},
    {"column": "idfa", "as": "identity", "namespace": IDFA},
    {"column": "gaid", "as": "identity", "namespace": GAID},
)
_MOVES = 100
_PAGED = 2000
type Mapped = Iterable[Mapping[str, str]]


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
        body = {"connectId": connect_id, "note": "Let us find the people we both know"}
        self._connection = self._b.post("/connect-requests", body)["connectionId"]
        report.say("B requests a connection")
        self._notified(self._a, "connection.requested")
        self._a.post(f"/connections/{self._connection}/accept")
        report.say("A accepts")
        for name, side in (("A", self._a), ("B", self._b)):
            status = side.get(f"/connections/{self._connection}")["status"]
            report.equal(f"the connection as {name} sees it", "active", status)
        report.say("Both sides see the connection active")

    def upload(self) -> None:
        """A makes two segments and uploads its CRM export; B uploads its members."""
        for external_id, name in SEGMENTS.items():
            body = {"name": name, "externalId": external_id}
            self._segments[external_id] = self._a.post("/segments", body)["segmentId"]
        self._report.say(f"A creates the segments {' and '.join(SEGMENTS.values())}")
        self._ingest(self._a, "A's CRM export", self._world.crm, _CRM_MAPPING)
        self._truth.load_crm(self._world.crm.rows)
        for external_id, segment in self._segments.items():
            wanted = Counter(namespace for namespace, _ in self._truth.members[external_id])
            counts = self._a.get(f"/segments/{segment}")["counts"]["byNamespace"]
            found = {namespace: count for namespace, count in counts.items() if count}
            self._report.equal(f"the members of {external_id} by namespace", dict(wanted), found)
        self._ingest(self._b, "B's members", self._world.partner, _PARTNER_MAPPING)
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
        self._estimate()
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

    def follow(self) -> None:
        """People leave, join and withdraw consent at A; B's view follows."""
        people = min(_MOVES, len(self._world.crm.rows) // 40)
        moves = changes(self._world, 1, people)
        before = self._expected(*SEGMENTS)
        self._truth.stream(moves)
        expected = self._expected(*SEGMENTS)
        touched = sum(len(before[segment] ^ expected[segment]) for segment in SEGMENTS)
        begun = time.monotonic()
        with self._report.measured("Changes streamed: leave, join, withdraw consent", len(moves)) as bar:
            bodies = iter(enumerate(map(self._wire, moves)))
            answer = uploads.push_changes(self._a.session, bodies, lambda count: bar(count, len(moves)))
            self._report.equal("the answer to the changes", {"accepted": len(moves), "rejected": []}, answer)
        with self._report.measured("Export of the changes to B", touched):
            until(lambda: self._members() == expected)
        self._compare("B's members after the changes", expected)
        self._report.say(f"From the first change to B's view: {time.monotonic() - begun:.1f} s")

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

    def _ingest(self, side: Side, name: str, file: File, mapping: Mapped) -> None:
        body = {"fileName": file.path.name, "format": "csv", "mode": "delta", "columns": list(mapping)}
        size, sent = file.path.stat().st_size, 0
        with self._report.measured(f"{name}: sent", len(file.rows)) as bar:

            def advance(count: int) -> None:
                nonlocal sent
                sent += count
                bar(sent, size)

            created = uploads.send_file(side.session, file.path, body, advance)
        with self._report.measured(f"{name}: ingested", len(file.rows)) as bar:
            ended = until(lambda: self._ended(side, created["uploadId"], bar))
        if ended is None or ended["status"] != "completed":
            raise DifferenceError(f"{name}: the upload {f'failed: {ended["error"]}' if ended else 'does not end'}")
        self._count(name, file, ended)

    def _ended(self, side: Side, upload_id: str, bar: Bar) -> Any:
        """The upload once it has ended, None before."""
        state = side.get(f"/uploads/{upload_id}")
        bar(state["progress"]["done"], state["progress"]["total"])
        return state if state["status"] in uploads.ENDED else None

    def _count(self, name: str, file: File, ended: Mapping[str, Any]) -> None:
        """Compares the upload's counts, and each line of its rejects file."""
        flaws = [(place, row.flaw, row.rejected) for place, row in enumerate(file.rows, start=1) if row.flaw]
        refused = Counter(reason for _, (_, reason), rejected in flaws if rejected)
        left_out = Counter(reason for _, (_, reason), rejected in flaws if not rejected)
        expected = {
            "rows": len(file.rows),
            "accepted": len(file.rows) - refused.total(),
            "rejected": refused.total(),
            "rejectedByReason": dict(refused),
            "valuesRejected": dict(left_out),
            "realized": sum(len(row.identities) * len(row.segments) for row in file.rows if not row.rejected),
            "exited": 0,
        }
        counts = ended["counts"]
        self._report.equal(f"{name}: the counts", expected, {member: counts[member] for member in expected})
        wanted = Counter((str(place), *flaw) for place, flaw, _ in flaws)
        url = ended.get("rejectsUrl")
        found = Counter((line["row"], line["column"], line["reason"]) for line in (lines(url) if url else ()))
        self._report.equal(f"{name}: rejects file, lines missing", {}, dict(wanted - found))
        self._report.equal(f"{name}: rejects file, lines too many", {}, dict(found - wanted))
        reasons = "".join(f", {count:,} {reason}" for reason, count in sorted(refused.items()))
        self._report.say(f"{len(file.rows):,} rows = {counts['accepted']:,} accepted + {refused.total():,} rejected")
        if refused or left_out:
            self._report.say(f"Rejected rows: {reasons[2:]}; {left_out.total():,} single values left out of others")

    def _estimate(self) -> None:
        with self._report.measured("Estimate of the overlap", len(self._segments) * len(NAMESPACES)):
            items = self._a.post(f"/feeds/{self._feed}/estimate", {})["items"]
        found = {(self._external(item["segmentId"]), item["namespace"]): item for item in items}
        wanted = {(segment, namespace) for segment in SEGMENTS for namespace in NAMESPACES}
        self._report.equal("what is estimated", wanted, set(found))
        for (segment, namespace), item in sorted(found.items()):
            overlap = self._truth.overlap(segment, namespace)
            truth = {"overlapped": len(overlap), "withConsent": sum(map(self._truth.shares, overlap))}
            self._report.say(f"{segment}, {namespace}: {self._told(item, truth)}")

    def _told(self, item: Mapping[str, Any], truth: Mapping[str, int]) -> str:
        """An estimate in words. Raises DifferenceError for one that chance does not explain."""
        if item["belowThreshold"]:
            if truth["overlapped"] >= self._threshold * (1 if item["dataRead"] == 1 else 2):
                raise DifferenceError(f"{truth['overlapped']:,} are called below the threshold of {self._threshold:,}")
            return f"below the threshold of {self._threshold:,}"
        parts = []
        for name, actual in truth.items():
            estimate, low, high = (item[name][member] for member in ("estimate", "low", "high"))
            # An interval three times as wide misses once in 240 million times; an exact one must be right.
            if not 2 * low - high <= actual <= 2 * high - low:
                raise DifferenceError(f"the estimate of {name} is {low:,} to {high:,}, the truth {actual:,}")
            inside = "inside" if low <= actual <= high else "outside, as one in twenty is"
            parts.append(f"{estimate:,} {name} ({low:,} to {high:,}; the truth is {inside})")
        return f"{', '.join(parts)}, from {item['dataRead']:.0%} of the data"

    def _runs(self) -> list[dict[str, Any]]:
        return list(self._a.items(f"/dataflows/{self._dataflow}/runs"))

    def _settled(self, bar: Bar) -> None:
        """Follows the dataflow's runs until all have ended."""

        def ended() -> bool:
            runs = self._runs()
            bar(*(sum(run["progress"][name] for run in runs) for name in ("done", "total")))
            return bool(runs) and all(run["status"] != "running" for run in runs)

        until(ended)
        statuses = {run["status"] for run in self._runs()}
        self._report.equal("how the dataflow's runs ended", {"completed"}, statuses)

    def _passed(self) -> Counter[str]:
        """Memberships realized and exited in all runs."""
        return Counter({name: sum(run[name] for run in self._runs()) for name in ("realized", "exited")})

    def _dataflow_status(self) -> str:
        return str(self._a.get(f"/dataflows/{self._dataflow}")["status"])

    def _population(self, shared: int) -> None:
        population = self._a.get(f"/dataflows/{self._dataflow}/population")
        kept_back = sum(step["identities"] for step in population["steps"])
        self._report.equal("the population that is shared", shared, population["shared"])
        self._report.equal("the population's members", population["members"], kept_back + shared)
        steps = "".join(f" - {step['identities']:,} {step['reason']}" for step in population["steps"])
        self._report.say(f"Population: {population['members']:,} memberships{steps} = {shared:,} shared")

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
        found: Members = defaultdict(set, {segment: set() for segment in SEGMENTS})
        for line in lines(self._b.post(path, {"format": "csv"})["url"]):
            for segment in line["segmentIds"].split():
                found[self._external(segment)].add((line["namespace"], line["value"]))
        return dict(found)

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
        found = {
            (item["namespace"], item["value"]): {self._external(segment) for segment in item["segmentIds"]}
            for item in items
        }
        self._report.equal("the number of identities listed", count, len(found))
        wrong = [identity for identity, segments in found.items() if places.get(identity) != segments]
        self._report.equal("the identities listed wrongly", 0, len(wrong))

    def _external(self, segment_id: str) -> str:
        """The external id of a segment; its id when it is none of the story's."""
        return next((name for name, segment in self._segments.items() if segment == segment_id), segment_id)

    def _wire(self, change: Change) -> dict[str, Any]:
        namespace, value = change.identity
        return {
            "identity": {"namespace": namespace, "value": value},
            "segmentId": self._segments[change.segment],
            "status": "realized" if change.realized else "exited",
        } | ({"share": change.share} if change.share else {})


def _size(members: Members) -> int:
    return sum(map(len, members.values()))
