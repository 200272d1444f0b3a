"""Requests to an endpoint: signed in, compressed, under the id of their batch."""

import gzip
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

from handfast.connectors.fields import signing_key
from handfast.destinations.contract import Account, Answer, NoAnswerError, Pair
from handfast.destinations.endpoint import Endpoint, answered
from handfast.destinations.grants import client_credentials
from handfast.destinations.tokens import Tokens
from handfast.destinations.types.http.payload import Bodies
from handfast.destinations.types.http.settings import HttpAuthentication, HttpSettings
from handfast.platform import clock
from handfast.platform.standard_webhooks import webhook_signature

_LEAST_ZIPPED = 1_000


class HttpSender:
    """An endpoint that is being sent to."""

    def __init__(self, account: Account[HttpSettings, HttpAuthentication]) -> None:
        self._account = account
        self._url = address(account.settings)
        self._bodies = Bodies(account)
        self.endpoint = Endpoint(_tokens(account.authentication))

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Post some pairs under the id of their batch."""
        text = self._bodies.body(pairs)
        settings = self._account.settings
        headers = {name.lower(): value for name, value in settings.headers.items()}
        headers |= {"content-type": "application/json", "idempotency-key": batch_id}
        headers |= self._signed(text, batch_id)
        if settings.gzip and len(text) >= _LEAST_ZIPPED:
            text, headers["content-encoding"] = gzip.compress(text, 1, mtime=0), "gzip"
        try:
            return answered(self.endpoint.call("POST", self._url, text, headers), pairs)
        except NoAnswerError as error:
            return error.answer

    def _signed(self, text: bytes, batch_id: str) -> Mapping[str, str]:
        """The headers of a signature, where there is one; it is of the body before it is compressed."""
        secret = self._account.authentication.signing_secret
        if secret is None:
            return {}
        at = int(clock.now().timestamp())
        signature = webhook_signature(signing_key(secret), batch_id, at, text)
        return {"webhook-id": batch_id, "webhook-timestamp": str(at), "webhook-signature": signature}


def address(settings: HttpSettings) -> str:
    """The endpoint's address with the query parameters."""
    query = urlencode(settings.query_parameters)
    if not query:
        return settings.url
    return f"{settings.url}{'&' if '?' in settings.url else '?'}{query}"


def _tokens(given: HttpAuthentication) -> Tokens:
    if given.bearer_token is not None:
        return Tokens(given.bearer_token.get_secret_value())
    if given.kind != "oauth2":
        return Tokens()
    secret = given.client_secret.get_secret_value() if given.client_secret else ""
    url, client = given.token_url or "", given.client_id or ""
    return Tokens(grant=partial(client_credentials, url, client, secret, given.scope, given.client_authentication))
