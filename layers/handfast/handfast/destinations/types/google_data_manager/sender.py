"""Requests to the Data Manager API: signed in, and what their answers mean."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from pydantic_core import to_json

from handfast.connectors import calls
from handfast.destinations.contract import Account, Answer, NoAnswerError, Pair, Receipt
from handfast.destinations.endpoint import Endpoint, answered, read, told
from handfast.destinations.grants import Issuer, assertion, refresh
from handfast.destinations.tokens import Tokens
from handfast.destinations.types.google_data_manager import answers, bodies
from handfast.destinations.types.google_data_manager.settings import (
    TOKEN_URL,
    GoogleAuthentication,
    GoogleSettings,
    read_key,
)
from handfast.platform import outbound

_SCOPE = "https://www.googleapis.com/auth/datamanager"
_METHODS = {"realized": "audienceMembers:ingest", "exited": "audienceMembers:remove"}
_TRIES = 3
"""How often a request is made without the members that the answer before has named."""

type GoogleAccount = Account[GoogleSettings, GoogleAuthentication]


class GoogleSender:
    """An account at Google that is being sent to."""

    def __init__(self, account: GoogleAccount) -> None:
        self._account = account
        self._base = f"{calls.base_url(account.settings.domain)}/v1"
        self.endpoint = Endpoint(_tokens(account.authentication))

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:  # noqa: ARG002 - repeats do no harm
        """Take pairs into the audience of their segment or out of it, but for members that Google refuses."""
        return self.posted(pairs, only_validate=False)

    def posted(self, pairs: Sequence[Pair], *, only_validate: bool) -> Answer:
        """Send pairs of one segment, or have them checked there."""
        left, refused = list(range(len(pairs))), dict[int, str]()
        try:
            for _ in range(_TRIES):
                answer = self._post([pairs[position] for position in left], only_validate=only_validate)
                named = {left[at]: why for at, why in answers.failure(answer).members.items() if at < len(left)}
                if answer.status != 400 or not named:
                    break
                refused |= named
                left = [position for position in left if position not in named]
                if not left:
                    return Answer(answer.status, refused=refused, detail=_told(answer, pairs))
            return _sorted(answer, pairs, left, refused)
        except NoAnswerError as error:
            return error.answer if not refused else _in_part(error.answer, left, refused)

    def receipt(self, of: str) -> Receipt:
        """What has become of a request, by its id."""
        answer = self.endpoint.call(
            "GET", f"{self._base}/requestStatus:retrieve?{urlencode({'requestId': of})}", b"", {}
        )
        if answer.status != 200:
            raise NoAnswerError(answered(answer, ()))
        return answers.receipt(answer)

    def audiences(self) -> Answer:
        """Ask for an audience of the account, which whoever may not use it is not told of."""
        settings, account_id = self._account.settings, self._account.account_id
        headers = {}
        if settings.login_account_id:
            headers["login-account"] = bodies.resource(settings.login_account_type, settings.login_account_id)
        url = f"{self._base}/{bodies.resource(settings.account_type, account_id)}/userLists?pageSize=1"
        try:
            return answered(self.endpoint.call("GET", url, b"", headers), ())
        except NoAnswerError as error:
            return error.answer

    def _post(self, pairs: Sequence[Pair], *, only_validate: bool) -> outbound.Answer:
        body = bodies.request(self._account, pairs, only_validate=only_validate)
        url = f"{self._base}/{_METHODS[pairs[0].change]}"
        return self.endpoint.call("POST", url, to_json(body), {"content-type": "application/json"})


def _sorted(answer: outbound.Answer, pairs: Sequence[Pair], left: Sequence[int], refused: dict[int, str]) -> Answer:
    """What came of the last request, with the members that earlier ones have refused."""
    plain = answered(answer, pairs)
    if plain.taken:
        receipt = read(answer, answers.Accepted, answers.API).request_id or None
        return Answer(answer.status, refused=refused, receipt=receipt)
    if answer.status in (400, 404):  # of this audience: other requests may be of others
        code = answers.failure(answer).code or str(answer.status)
        return Answer(answer.status, refused=refused | dict.fromkeys(left, code), detail=_told(answer, pairs))
    return plain if not refused else _in_part(plain, left, refused)


def _in_part(plain: Answer, left: Sequence[int], refused: dict[int, str]) -> Answer:
    """An answer that may be otherwise later, to what was left when some members were refused."""
    return Answer(plain.status, plain.error, plain.retry_after, plain.detail, refused, frozenset(left))


def _told(answer: outbound.Answer, pairs: Sequence[Pair]) -> str:
    error = answers.failure(answer)
    return f"{error.code}: {told(error.error.message, pairs)}" if error.code else answered(answer, pairs).detail


def _tokens(given: GoogleAuthentication) -> Tokens:
    url = given.token_url
    if given.service_account_key is not None:
        key = read_key(given.service_account_key)
        issuer = Issuer(key.client_email, TOKEN_URL, key.private_key, key.private_key_id)
        return Tokens(grant=partial(assertion, url, issuer, _SCOPE))
    secret, token = (each.get_secret_value() if each else "" for each in (given.client_secret, given.refresh_token))
    return Tokens(grant=partial(refresh, url, given.client_id or "", secret, token))
