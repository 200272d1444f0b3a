"""Random sequences of what people say, by every way in, against the rules once more in plain dictionaries."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.ingest import app as ingest
from functions.segments import app as segments_app
from handfast.platform import clock, objects
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import announce, deliver_file, handled, identity, members, put_file, rows, segment_of

EXAMPLES = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 8
START = datetime(2026, 1, 1, tzinfo=UTC)
STRICTEST_FIRST = ("n", "dn", "u", "y")
IDENTITIES = [("email", f"person{number}@one.example") for number in range(3)]
IDENTITIES += [("phone", f"+4930231250{number:02}") for number in range(3)]
KEYS = [{"column": "id", "as": "profileId"}, {"column": "share", "as": "share"}, {"column": "status", "as": "status"}]
COLUMNS = [
    {"column": "mail", "as": "identity", "namespace": "email"},
    {"column": "phone", "as": "identity", "namespace": "phone"},
    *KEYS,
]

Answer = tuple[str, datetime]


def in_force(old: Answer | None, new: Answer | None) -> Answer | None:
    """The later of two answers, of two given at once the stricter, of two alike the one that was first."""
    if old is None or new is None or old[0] == new[0]:
        return old or new
    return max(old, new, key=lambda answer: (answer[1], -STRICTEST_FIRST.index(answer[0])))


@dataclass
class Model:
    """What a sandbox should know."""

    person_of: dict[int, str | None] = field(default_factory=dict)
    own: dict[int, Answer | None] = field(default_factory=dict)
    said: dict[str, Answer | None] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)

    def person(self, who: int) -> Answer | None:
        """What the person of an identity said last."""
        return self.said.get(self.person_of[who] or "")

    def tie(self, who: int, person: str | None) -> None:
        """An identity comes, of a person if one is named; which nobody leaves here."""
        self.person_of[who] = person or self.person_of.get(who)

    def exit(self, person: str | None, who: int | None) -> None:
        """An identity, or all of a person, leave the segment."""
        self.members -= {other for other, its in self.person_of.items() if other == who or (person and its == person)}


# Of each identity its person if it ever has one: which identity turns to whom is tested beside this.
OWNERS = {0: "c0", 1: "c1", 2: None, 3: "c0", 4: "c1", 5: "c1"}
PEOPLE = ("c0", "c1", "c2")
ROW = st.tuples(
    st.sampled_from([*IDENTITIES, None]).map(lambda name: IDENTITIES.index(name) if name else None),
    st.sampled_from(PEOPLE),
    st.booleans(),
    st.sampled_from(["", "y", "n", "dn", "u"]),
    st.sampled_from(["realized", "exited"]),
    st.integers(0, 3),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["upload", "stream", "consents", "apply"]), st.lists(ROW, min_size=1, max_size=4)),
    max_size=8,
)


class Sandbox:
    """A sandbox that is told the steps, and the model of it."""

    def __init__(self, world: World, member: Member, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.member, self.folder = world, member, folder
        self.model, self.now = Model(), START
        monkeypatch.setattr(clock, "now", lambda: self.now)
        self.segment = segment_of(member, f"s{id(self)}")

    def run(self, steps: Any) -> None:
        """Take the steps and compare once all is applied."""
        ways: dict[str, Callable[[Any], None]] = {
            "upload": self.upload,
            "stream": self.stream,
            "consents": self.consents,
        }
        for way, lines in steps:
            self.now += timedelta(minutes=1)
            ways.get(way, lambda _: self.apply())(lines)
        self.apply()
        self.compare()

    def apply(self) -> None:
        while messages := self.world.messages("INGEST_QUEUE_URL"):
            for message in messages:
                assert handled(ingest.handler, message)

    def upload(self, lines: Any) -> None:
        told = [
            (who, OWNERS[who] if who is not None else person, share, status)
            for who, person, _, share, status, _ in lines
        ]
        text = "".join(f"{cells(who)},{person or ''},{share},{status}\n" for who, person, share, status in told)
        upload = announce(self.member, COLUMNS, segmentId=self.segment)
        put_file(self.member, upload, f"mail,phone,id,share,status\n{text}".encode())
        assert deliver_file(self.member, upload)
        at_once: dict[str, Answer | None] = {}
        alone: dict[int, Answer | None] = {}
        for who, person, share, status in told:
            if who is None and share not in {"n", "dn"} and status != "exited":
                continue  # refused: it names nobody
            if who is not None:
                self.model.tie(who, person)
            answer = (share, self.now) if share else None
            if person:
                at_once[person] = in_force(at_once.get(person), answer)
            elif who is not None:
                alone[who] = in_force(alone.get(who), answer)
            self._member(who, person, status)
        for person, answer in at_once.items():
            self.model.said[person] = in_force(self.model.said.get(person), answer)
        for who, answer in alone.items():
            self.model.said[f"only {who}"] = in_force(self.model.said.get(f"only {who}"), answer)

    def stream(self, lines: Any) -> None:
        changes = []
        for who, _, tells, share, status, _ in lines:
            if who is None:
                continue
            person = OWNERS[who] if tells else None
            body = {"identity": raw(who), "segmentId": self.segment, "status": status}
            changes.append(body | ({"profileId": person} if person else {}) | ({"share": share} if share else {}))
            self.model.tie(who, person)
            self._answer(who, person, share, self.now)
            self._member(who, person, status)
        if changes:
            assert self.member.call(segments_app, "POST", "memberships", {"changes": changes}).body["rejected"] == []

    def consents(self, lines: Any) -> None:
        changes = []
        for who, person, tells, share, _, ago in sorted(lines, key=lambda line: -line[-1]):
            at = self.now - timedelta(seconds=45 * ago)
            if not share:
                continue
            named = OWNERS[who] if who is not None and tells else person if who is None else None
            body = ({"identity": raw(who)} if who is not None else {}) | ({"profileId": named} if named else {})
            changes.append(body | {"share": share, "at": clock.to_text(at)})
            if who is not None:
                self.model.tie(who, named)
            self._answer(who, named, share, at)
        if changes:
            assert self.member.call(segments_app, "POST", "consents", {"changes": changes}).body["rejected"] == []

    def _answer(self, who: int | None, person: str | None, share: str, at: datetime) -> None:
        answer = (share, at) if share else None
        if person:
            self.model.said[person] = in_force(self.model.said.get(person), answer)
        elif who is not None:
            self.model.own[who] = in_force(self.model.own.get(who), answer)

    def _member(self, who: int | None, person: str | None, status: str) -> None:
        if status == "exited":
            self.model.exit(person, who)
        elif who is not None:
            self.model.members.add(who)

    def compare(self) -> None:
        found = {
            (row[0], row[1]): row[4:7]
            for row in rows(f"profiles/sandbox={self.member.sandbox.sandbox_id}/", self.folder)
        }
        model = self.model
        expected = {
            identity(*IDENTITIES[who]): (
                person,
                share_of(model.own.get(who)),
                share_of(model.said.get(person or f"only {who}")),
            )
            for who, person in model.person_of.items()
        }
        assert found == expected
        assert members(self.member, self.segment, self.folder) == {identity(*IDENTITIES[who]) for who in model.members}


def cells(who: int | None) -> str:
    """The cells of an e-mail address and a phone number, of which a row has one or none."""
    namespace, value = IDENTITIES[who] if who is not None else ("", "")
    return f"{value}," if namespace == "email" else f",{value}"


def share_of(answer: Answer | None) -> str | None:
    return answer[0] if answer else None


def raw(who: int) -> dict[str, str]:
    return {"namespace": IDENTITIES[who][0], "value": IDENTITIES[who][1]}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=EXAMPLES,
    deadline=None,
)
@given(steps=STEPS)
def test_any_sequence_ends_as_the_rules_say(
    world: World, a: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: Any
) -> None:
    for prefix in ("profiles/", "answers/", "changes/", "memberships/"):
        objects.delete(*(stored.key for stored in objects.listing(prefix)))
    world.messages("INGEST_QUEUE_URL")
    Sandbox(world, a, tmp_path, monkeypatch).run(steps)
