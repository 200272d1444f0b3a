"""Requests to Meta's Graph API, and the search for entries that it does not take."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from handfast.connectors import calls
from handfast.destinations.contract import Account, Answer, NoAnswerError, Pair
from handfast.destinations.endpoint import Endpoint, read
from handfast.destinations.tokens import Tokens
from handfast.destinations.types.meta_custom_audience import answers, bodies
from handfast.destinations.types.meta_custom_audience.settings import MetaAuthentication, MetaSettings

INVALID = "invalid_entry"
"""Why a pair is refused that Meta counts as invalid."""
_SEARCHES = 32
"""Requests for one batch by which invalid entries are looked for; one of 10,000 takes 27."""
_METHODS = {"realized": "POST", "exited": "DELETE"}

type MetaAccount = Account[MetaSettings, MetaAuthentication]


@dataclass
class _Search:
    """What is known of the pairs of a batch, by their positions."""

    refused: dict[int, str] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)
    calls: int = 0


class MetaSender:
    """An ad account at Meta that is being sent to."""

    def __init__(self, account: MetaAccount) -> None:
        self._account = account
        self._base = f"{calls.base_url(account.settings.domain)}/{bodies.VERSION}"
        self.endpoint = Endpoint(Tokens())

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Take pairs into the audience of their segment or out of it.

        Meta says how many entries are invalid and not which: the halves of a request that has some are sent again,
        which does no harm, until they are found.
        """
        try:
            answer, invalid = self._posted(pairs, batch_id)
        except NoAnswerError as error:
            return error.answer
        if answer.taken and invalid:
            search = _Search()
            self._search(pairs, range(len(pairs)), invalid, batch_id, search)
            return Answer(answer.status, refused=search.refused, again=frozenset(search.again))
        if answer.taken or answer.may_succeed or answer.status in (401, 403):
            return answer
        refused = dict.fromkeys(range(len(pairs)), answer.detail.partition(":")[0])  # other audiences may be taken
        return Answer(answer.status, refused=refused, detail=answer.detail)

    def seen(self, what: str, fields: str, edge: str = "") -> Answer:
        """Ask for what has an id, or for an edge of it (such as `/users`); who may not use it is not told of it."""
        query = bodies.form({"fields": fields, "limit": "1"}, self._account.authentication).decode()
        try:
            answer = self.endpoint.call("GET", f"{self._base}/{quote(what, safe='')}{edge}?{query}", b"", {})
            meaning = answers.of(answer)
            status = read(answer, answers.Audience, answers.API).operation_status.code if meaning.taken else 200
        except NoAnswerError as error:
            return error.answer
        return meaning if status == 200 else Answer(400, detail=f"the audience has the status {status}")

    def _search(
        self, pairs: Sequence[Pair], positions: Sequence[int], invalid: int, batch_id: str, search: _Search
    ) -> None:
        """Find the invalid ones of some pairs of a batch, of which so many are; the others have been taken.

        Those of which it is not found out are to be sent again: some of them have been taken.
        """
        if invalid >= len(positions):
            search.refused |= dict.fromkeys(positions, INVALID)
            return
        middle = len(positions) // 2
        for half in (positions[:middle], positions[middle:]):
            found = self._invalid([pairs[position] for position in half], batch_id, search)
            if found is None:
                search.again.update(half)
            elif found:
                self._search(pairs, half, found, batch_id, search)

    def _invalid(self, pairs: Sequence[Pair], batch_id: str, search: _Search) -> int | None:
        """How many of some pairs Meta does not take; None when it does not say."""
        search.calls += 1
        if search.calls > _SEARCHES:
            return None
        try:
            answer, invalid = self._posted(pairs, batch_id)
        except NoAnswerError:
            return None
        return invalid if answer.taken else None

    def _posted(self, pairs: Sequence[Pair], batch_id: str) -> tuple[Answer, int]:
        audience = quote(self._account.segments[pairs[0].segment_id].mapping_id, safe="")
        form = bodies.form(bodies.users(pairs, batch_id), self._account.authentication)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.endpoint.call(_METHODS[pairs[0].change], f"{self._base}/{audience}/users", form, headers)
        meaning = answers.of(answer, pairs)
        return meaning, read(answer, answers.Uploaded, answers.API).num_invalid_entries if meaning.taken else 0
