"""Streamed statements about identities and people, into the change that they stand for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from handfast.identity.keys import Key
from handfast.ingest import people_check, person_facts
from handfast.lake import answers, buckets, change_log, known_people, person_versions
from handfast.lake.duck import Connection, connect, create_table, timestamp, write
from handfast.lake.streaming import Answer, StreamChange
from handfast.platform import clock
from handfast.platform.ids import new_id
from handfast.platform.secret import identity_secret


@dataclass(frozen=True)
class Statement:
    """What one entry of a call says: of an identity (hi, lo, namespace, value), a person or both.

    With a profile id, an answer and an exit are the person's. `last_ten` is the key of a raw phone number's last ten
    digits, where the sandbox indexes them, `rendered` the digests of a raw value by the forms that were asked for.
    """

    at: datetime
    identity: tuple[int, int, int, bytes] | None
    profile_id: str | None
    share: str | None
    segment: str | None = None
    realized: bool = False
    last_ten: Key | None = None
    rendered: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def own(self) -> StreamChange | None:
        """What is said of the identity itself."""
        if self.identity is None:
            return None
        share = Answer(self.share, self.at) if self.share and not self.profile_id else None
        said = self.segment, self.realized, self.last_ten, self.rendered
        return StreamChange(*self.identity, self.profile_id, share, None, *said)


def publish(sandbox_id: str, statements: Sequence[Statement]) -> None:
    """Have statements applied, in their order; what is said of a person, to all of the person's identities."""
    changes = [own for statement in statements if (own := statement.own)]
    people = sorted({statement.profile_id for statement in statements if statement.profile_id})
    since = person_versions.read(sandbox_id) if people else None
    if people:
        changes += _of_people(sandbox_id, statements)
    if changes:
        change_log.publish_stream(
            sandbox_id, new_id("chg"), clock.now(), buckets.by_span(changes, lambda change: change.hi)
        )
    gives_answers = any(statement.profile_id and statement.share for statement in statements)
    if since is not None and person_versions.note(sandbox_id, since, answers=gives_answers):
        people_check.settle_some(sandbox_id, people)


def _of_people(sandbox_id: str, statements: Sequence[Statement]) -> list[StreamChange]:
    """What follows for the identities of the people that are named, in the call or known."""
    with TemporaryDirectory() as folder, connect() as connection:

        def look_up(connection: Connection) -> None:
            known_people.look_up(connection, sandbox_id, identity_secret(), Path(folder))

        answers.create_rules(connection)
        _say(connection, statements)
        person_facts.decide(connection, look_up)
        unknown = Path(folder) / "answers.parquet"
        if write(connection, "FROM unknown", unknown):
            answers.add(sandbox_id, unknown)
        return list(_changes(connection))


def _say(connection: Connection, statements: Sequence[Statement]) -> None:
    person_facts.create_tables(connection)
    mine = {
        statement.identity[:3]: statement.profile_id
        for statement in statements
        if statement.identity and statement.profile_id
    }
    joined: dict[tuple[int, int, str], int] = {}
    exits: dict[tuple[str, str], int] = {}
    for number, statement in enumerate(statements):
        if statement.segment and statement.realized and statement.identity:
            joined[*statement.identity[:2], statement.segment] = number
        elif statement.segment and statement.profile_id:
            exits[statement.profile_id, statement.segment] = number
    said = [
        (statement.profile_id, statement.share, timestamp(statement.at))
        for statement in statements
        if statement.profile_id and statement.share
    ]
    named = {(statement.profile_id,) for statement in statements if statement.profile_id}
    _fill(connection, "mine", [(*identity, profile_id) for identity, profile_id in mine.items()])
    _fill(connection, "joined", [(*place, number) for place, number in joined.items()])
    _fill(connection, "exits", [(*place, number) for place, number in exits.items()])
    _fill(connection, "said", said)
    _fill(connection, "named", sorted(named))


def _fill(connection: Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    columns = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
    create_table(connection, table, columns, rows)


def _changes(connection: Connection) -> Iterable[StreamChange]:
    for hi, lo, namespace, share, given_at in connection.execute(
        "SELECT hi, lo, namespace, own.share, own.given_at FROM own JOIN mine USING (hi, lo)"
    ).fetchall():
        yield StreamChange(hi, lo, namespace, None, profile_share=_answer(share, given_at))
    for hi, lo, namespace, value, share, given_at in connection.execute("FROM spread").fetchall():
        yield StreamChange(hi, lo, namespace, value, profile_share=_answer(share, given_at))
    for hi, lo, namespace, segment in connection.execute("SELECT hi, lo, namespace, segment FROM leaving").fetchall():
        yield StreamChange(hi, lo, namespace, None, segment=segment, realized=False)


def _answer(share: str, given_at: datetime) -> Answer:
    return Answer(share, given_at.replace(tzinfo=UTC))
