"""What must have been shared at any moment, worked out in plain Python from the same rows and nothing else."""

from collections.abc import Iterable, Iterator, Set
from random import Random
from typing import NamedTuple, TypeAlias

from handfast_cli.demo.generator import SEGMENTS, Identity, Row, World

Members: TypeAlias = dict[str, set[Identity]]
"""Identities by segment."""


class Change(NamedTuple):
    """One identity set (`realized`) or unset as a member; `share` is its own answer, "" for none."""

    identity: Identity
    segment: str
    realized: bool
    share: str = ""


class Truth:
    """Both organisations' knowledge. The sender's consent default is `default_allow`."""

    def __init__(self) -> None:
        self.members: Members = {segment: set() for segment in SEGMENTS}
        self._partner: set[Identity] = set()
        self._persons_answer: dict[Identity, str] = {}
        self._own_answer: dict[Identity, str] = {}

    def load_crm(self, rows: Iterable[Row]) -> None:
        """The sender's file: rejected rows leave nothing behind."""
        for row in rows:
            if row.rejected:
                continue
            self._persons_answer.update(dict.fromkeys(row.identities, row.share))
            for segment in row.segments:
                self.members[segment].update(row.identities)

    def load_partner(self, rows: Iterable[Row]) -> None:
        """The receiver's file."""
        for row in rows:
            self._partner.update(row.identities)

    def stream(self, changes: Iterable[Change]) -> None:
        """Changes of the sender's, in order."""
        for change in changes:
            if change.share:
                self._own_answer[change.identity] = change.share
            if change.realized:
                self.members[change.segment].add(change.identity)
            else:
                self.members[change.segment].discard(change.identity)

    def shares(self, identity: Identity) -> bool:
        """Whether consent lets the identity be shared: the person's no outweighs the identity's own answer."""
        person = self._persons_answer.get(identity, "")
        answer = "n" if person == "n" else self._own_answer.get(identity) or person
        return answer not in {"n", "dn"}

    def shareable(self, segment: str, namespace: str) -> set[Identity]:
        """The segment's members in a namespace whose consent lets them be shared, whoever knows them."""
        return {member for member in self.members[segment] if member[0] == namespace and self.shares(member)}

    def overlap(self, segment: str, namespace: str) -> set[Identity]:
        """The segment's members in a namespace that the receiver knows too, whatever their consent."""
        return {member for member in self.members[segment] if member[0] == namespace and member in self._partner}

    def received(self, segments: Iterable[str], namespaces: Set[str]) -> Members:
        """What the receiver must hold when it has accepted these segments."""
        return {
            segment: {
                member for namespace in namespaces for member in self.overlap(segment, namespace) if self.shares(member)
            }
            for segment in segments
        }


def changes(world: World, seed: int, people: int) -> list[Change]:
    """`people` each of: members who leave, who withdraw consent, outsiders who join, strangers to the receiver who
    join, and members who say yes for one identity while the person's own answer is no.
    """
    random = Random(seed)  # noqa: S311 - repeatable is the point
    known = {row.person for row in world.partner.rows}
    rows = [row for row in world.crm.rows if not row.rejected]
    random.shuffle(rows)
    members = [row for row in rows if row.segments and row.person in known]
    outside = [row._replace(segments=("lapsed",)) for row in rows if "lapsed" not in row.segments]
    refusing = [row for row in members[2 * people :] if row.share == "n"]
    return [
        *_each(members[:people], realized=False),
        *_each(members[people : 2 * people], share="n"),
        *_each([row for row in outside if row.person in known][:people]),
        *_each([row for row in outside if row.person not in known][:people]),
        *_each(refusing[:people], share="y"),
    ]


def _each(rows: Iterable[Row], *, realized: bool = True, share: str = "") -> Iterator[Change]:
    for row in rows:
        for segment in row.segments:
            for identity in row.identities:
                yield Change(identity, segment, realized, share)
