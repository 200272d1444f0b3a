"""What types of destinations have in common that take one record for each identity, and answer for each on its own."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from handfast.connectors.contract import Check, TestResult
from handfast.destinations import roles
from handfast.destinations.contract import Account, Answer, DestinationType, Pair
from handfast.destinations.roles import RoleAuthentication
from handfast.destinations.rules import by_identity
from handfast.destinations.types.http.payload import NOBODY, Profiles
from handfast.destinations.types.http.settings import MembershipSettings
from handfast.platform.assumed import THROTTLED, AssumedError, translated

_TOO_LARGE = "too_large"
_AGAIN = THROTTLED | {"InternalException", "InternalFailure", "InternalError", "ServiceUnavailable"}


@dataclass(frozen=True)
class Record:
    """An identity's changes as one record: the positions of their pairs, a digest of the identity, and the text."""

    positions: tuple[int, ...]
    identity: str
    text: str

    @property
    def digest(self) -> str:
        """What tells the record from any other, the same whenever it is sent."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Failed:
    """Why a record was not taken: the service's code, and whether the same may be taken later."""

    code: str
    again: bool

    @classmethod
    def of(cls, code: str) -> "Failed":
        """A failure by its code alone."""
        return cls(code, code in _AGAIN)


class RecordDestination[S: MembershipSettings](DestinationType[S, RoleAuthentication]):
    """A type that takes records. It says where they go (`region_of`) and how they are put there (`put`)."""

    service: str
    authentication_schema = RoleAuthentication
    record_bytes: int
    """Bytes that a record may have."""
    call_bytes: int
    """Bytes that the records of a call may have."""
    overhead = 0
    """Bytes that count for each record beside its text."""

    def region_of(self, settings: S) -> str:
        """The AWS Region that the destination is in."""
        raise NotImplementedError

    def put(self, client: Any, settings: S, records: Sequence[Record]) -> Mapping[int, Failed]:
        """Put records; by number those that were not taken. May raise what boto does."""
        raise NotImplementedError

    @contextmanager
    def open(self, account: Account[S, RoleAuthentication]) -> Iterator["RecordSender[S]"]:
        """Assume the role when the first record is sent."""
        yield RecordSender(self, account)

    def sample(self, account: Account[S, RoleAuthentication], pairs: Sequence[Pair]) -> Any:
        """The records of some pairs."""
        return [from_json(profile) for profile in Profiles(account).profiles(pairs).values()]

    def test(self, account: Account[S, RoleAuthentication]) -> TestResult:
        """Assume the role, and send a record with nobody in it."""
        checks = roles.checks(account, self.service, self.region_of(account.settings))
        if not all(check.ok for check in checks):
            return TestResult((*checks, Check("record", False, "not checked: the role is not as it has to be")))
        answer = RecordSender(self, account).send_records([Record((0,), "nobody", NOBODY)])
        is_taken = answer.taken and not answer.refused and not answer.again
        said = "a record with nobody in it is taken" if is_taken else answer.detail
        return TestResult((*checks, Check("record", is_taken, said)))


class RecordSender[S: MembershipSettings]:
    """A destination that is being sent records."""

    def __init__(self, kind: RecordDestination[S], account: Account[S, RoleAuthentication]) -> None:
        self._kind = kind
        self._account = account
        self._profiles = Profiles(account)
        self._role = roles.role(account)

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:  # noqa: ARG002 - records have digests
        """Send the pairs' records. Those that are larger than the service takes are refused."""
        positions = by_identity(pairs)
        return self.send_records(
            [
                Record(
                    tuple(positions[identity]), hashlib.sha256("\n".join(identity).encode()).hexdigest(), _text(profile)
                )
                for identity, profile in self._profiles.profiles(pairs).items()
            ]
        )

    def send_records(self, records: Sequence[Record]) -> Answer:
        """Send records. After the first call of several, what keeps a later one from being made is no answer to all."""
        refused = {
            p: _TOO_LARGE for each in records if self._size(each) > self._kind.record_bytes for p in each.positions
        }
        again: set[int] = set()
        detail = ""
        fitting = [each for each in records if not refused.keys() & set(each.positions)]
        for number, call in enumerate(self._calls(fitting)):
            try:
                failed = self._put(call)
            except AssumedError as error:
                answer = roles.answer_of(error, self._kind.name)
                if not number and not refused:
                    return answer
                failed, detail = dict.fromkeys(range(len(call)), Failed(error.code, again=True)), answer.detail
            codes = {each.code for each in failed.values()}
            if len(failed) == len(call) == len(records) and codes <= THROTTLED:
                return Answer(status=429, detail=f"{self._kind.name}: {min(codes)}")
            for index, why in failed.items():
                detail = f"{self._kind.name}: {why.code}"
                for position in call[index].positions:
                    if why.again:
                        again.add(position)
                    else:
                        refused[position] = why.code
        return Answer(status=200, detail=detail, refused=refused, again=frozenset(again))

    def _put(self, records: Sequence[Record]) -> Mapping[int, Failed]:
        settings = self._account.settings
        client = self._role.client(self._kind.service, self._kind.region_of(settings))
        with translated():
            return self._kind.put(client, settings, records)

    def _size(self, record: Record) -> int:
        return len(record.text) + self._kind.overhead

    def _calls(self, records: Sequence[Record]) -> Iterator[list[Record]]:
        """The records, as many together as a call takes."""
        call: list[Record] = []
        size = 0
        for record in records:
            if call and size + self._size(record) > self._kind.call_bytes:
                yield call
                call, size = [], 0
            call.append(record)
            size += self._size(record)
        if call:
            yield call


def _text(profile: str) -> str:
    """The profile in ASCII: SQS refuses some characters, and bytes are counted as characters then."""
    return profile if profile.isascii() else to_json(from_json(profile), ensure_ascii=True).decode()
