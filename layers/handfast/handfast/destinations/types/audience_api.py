"""What types share whose API takes identities into audiences and out of them, an audience to a call.

Such a type says how it signs in, what a call is, what its answer means, and which call tries the settings.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import to_json

from handfast.connectors.contract import Check, Settings, TestResult
from handfast.connectors.fields import header_secret
from handfast.destinations.contract import Account, Answer, Card, DestinationType, NoAnswerError, Pair, TargetIdentity
from handfast.destinations.endpoint import NO_TOKEN, Endpoint, answered, kept, token_checks
from handfast.destinations.grants import ClientAuthentication, refresh
from handfast.destinations.tokens import Tokens
from handfast.destinations.types.http.settings import Printed, Url, check_whole
from handfast.governance.marketing_actions import MarketingAction
from handfast.platform import outbound

_NEEDED: dict[str, tuple[str, ...]] = {
    "access_token": ("access_token",),
    "refresh_token": ("client_id", "client_secret", "refresh_token"),
}
ACTIONS: tuple[MarketingAction, ...] = ("export_to_third_party", "data_export", "cross_site_targeting")
"""What an advertising platform does with data."""
TESTED = 5
"""Audiences that a test looks at, where it looks at each."""
_SIGN_IN = "compare authentication with what the platform shows of your app"


def token_url(default: str) -> Any:
    """The field of a token server's address, which is a platform's own unless it is set."""
    return Field(default, title="Token URL", description="For refresh_token: where a token is got")


def hashed_email(name: str) -> TargetIdentity:
    """The target identity that an e-mail address is, hashed as Handfast hashes it."""
    considerations = (
        "Values are given as they are kept. Set applyTransformation for a namespace of your own whose values are "
        "e-mail addresses."
    )
    return TargetIdentity(name, "E-mail, SHA-256", considerations, ("Email_LC_SHA256",), hashes=True)


class PlatformAuthentication(Settings):
    """How Handfast signs in: by a token that somebody renews, or by one that is got whenever the last has ended."""

    secrets_go_to = frozenset({"tokenUrl"})

    kind: Literal["access_token", "refresh_token"] = Field("access_token", title="Kind")
    access_token: SecretStr | None = Field(None, title="Access token", description="For access_token", max_length=4096)
    token_url: Url
    client_id: Printed | None = Field(None, title="Client ID", description="For refresh_token: your app's")
    client_secret: SecretStr | None = Field(
        None, title="Client secret", description="For refresh_token", max_length=4096
    )
    refresh_token: SecretStr | None = Field(
        None, title="Refresh token", description="For refresh_token", max_length=4096
    )

    @field_validator("access_token")
    @classmethod
    def _fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        return header_secret(token) if token else None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        check_whole(self, self.kind, _NEEDED)
        return self


def tokens(given: PlatformAuthentication, client_authentication: ClientAuthentication = "body") -> Tokens:
    """The tokens that somebody signs in with, who is known to the token server by the form, or by a header."""
    if given.kind == "access_token":
        return Tokens(_text(given.access_token))
    secrets = _text(given.client_secret), _text(given.refresh_token)
    return Tokens(grant=partial(refresh, given.token_url, given.client_id or "", *secrets, client_authentication))


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


@dataclass(frozen=True, repr=False)
class Call:
    """A request: its address, its body as JSON if any, and headers of its own."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class AudienceApi[S: Settings, A: Settings](DestinationType[S, A], ABC):
    """A type of destination, but for what its API is."""

    @abstractmethod
    def tokens(self, authentication: A) -> Tokens:
        """The tokens that requests are signed in with, as bearers."""

    @abstractmethod
    def call(self, account: Account[S, A], pairs: Sequence[Pair]) -> Call:
        """The request for some pairs, which have in common what `limits` says."""

    @abstractmethod
    def trial(self, account: Account[S, A]) -> Call:
        """A request that only reads, and that the platform answers where the settings are right."""

    def answer(self, said: outbound.Answer, pairs: Sequence[Pair]) -> Answer:
        """What came of a request: by its status, but that 404 says that there is no such audience."""
        answer = answered(said, pairs)
        return refused(answer, pairs, "404") if said.status == 404 else answer

    def test(self, account: Account[S, A]) -> TestResult:
        """Get a token where one is got, and read with it of the account."""
        with self.open(account) as sender:
            token = token_checks(sender.endpoint.tokens, _SIGN_IN)
            if not all(check.ok for check in token):
                return TestResult((*token, NO_TOKEN))
            answer = sender.tried()
        return TestResult((*token, Check("request", answer.taken, _told(answer, self.card))))

    def open(self, account: Account[S, A]) -> "AbstractContextManager[AudienceSender]":
        """Keep connections and the token until the block ends."""
        return kept(AudienceSender(self, account))

    def sample(self, account: Account[S, A], pairs: Sequence[Pair]) -> Any:
        """The bodies of the requests that these pairs make."""
        return [self.call(account, group).body for group in self.limits.grouped(pairs)]


class AudienceSender:
    """A platform that is being sent to."""

    def __init__(self, kind: AudienceApi[Any, Any], account: Account[Any, Any]) -> None:
        self._kind = kind
        self._account = account
        self.endpoint = Endpoint(kind.tokens(account.authentication))

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Make one call for pairs that have in common what the type's limits say."""
        return self._made(self._kind.call(self._account, pairs), pairs, {"idempotency-key": batch_id})

    def tried(self) -> Answer:
        """What comes of trying the settings."""
        return self._made(self._kind.trial(self._account), (), {})

    def _made(self, call: Call, pairs: Sequence[Pair], headers: Mapping[str, str]) -> Answer:
        headers = {"accept": "application/json", **headers, **call.headers}
        body = b""
        if call.body is not None:
            body, headers["content-type"] = to_json(call.body), "application/json"
        try:
            return self._kind.answer(self.endpoint.call(call.method, call.url, body, headers), pairs)
        except NoAnswerError as error:
            return error.answer


def audience(account: Account[Any, Any], pairs: Sequence[Pair]) -> str:
    """The audience that pairs of one segment are of."""
    return account.segments[pairs[0].segment_id].mapping_id


def refused(answer: Answer, pairs: Sequence[Pair], code: str) -> Answer:
    """An answer that these pairs are not taken, which says nothing of others."""
    return replace(answer, refused=dict.fromkeys(range(len(pairs)), code))


def again(answer: Answer, pairs: Sequence[Pair]) -> Answer:
    """An answer after which the same pairs may be taken later, which says nothing of others."""
    return replace(answer, again=frozenset(range(len(pairs))))


def _told(answer: Answer, card: Card) -> str:
    """What a test says of an answer, and what to do when it is none that is wanted."""
    if answer.taken:
        return "the token may read of the account"
    if answer.status is None:
        return f"{answer.detail}; compare domain with the API's host"
    said = f"the platform answers {answer.reason}" + (f": {answer.detail}" if answer.detail else "")
    if answer.status == 401:
        return f"{said}; {_SIGN_IN}"
    return f"{said}; compare accountId ({card.account}), and what the token may do there"
