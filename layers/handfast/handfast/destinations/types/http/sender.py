"""Requests to an endpoint: signed in, kept alive, and what their answers mean."""

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

from handfast.connectors import calls
from handfast.connectors.fields import signing_key
from handfast.destinations.contract import DETAIL, Account, Answer, Pair
from handfast.destinations.types.http.payload import Bodies
from handfast.destinations.types.http.settings import HttpAuthentication, HttpSettings
from handfast.destinations.types.http.tokens import TokenError, Tokens
from handfast.identity.free_text import holds_identity
from handfast.platform import clock, outbound
from handfast.platform.outbound import OutboundError, Session
from handfast.platform.standard_webhooks import webhook_signature

SECONDS = 30.0
"""For one request."""
_LIMIT = 64_000
"""Bytes of an answer that are read."""
_LEAST_ZIPPED = 1_000
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9+/=_-]{20,}")


class HttpSender:
    """An endpoint that is being sent to, over as many connections as there are requests at once."""

    def __init__(self, account: Account[HttpSettings, HttpAuthentication]) -> None:
        self._account = account
        self._url = address(account.settings)
        self._bodies = Bodies(account)
        self._idle: list[Session] = []
        self.tokens = Tokens(account.authentication)

    def send(self, pairs: Sequence[Pair], batch_id: str) -> Answer:
        """Post some pairs under the id of their batch. A token that is no longer taken is got anew, once."""
        text = self._bodies.body(pairs)
        try:
            answer = self._posted(text, batch_id)
            if answer.status == 401 and self.tokens.forget():
                answer = self._posted(text, batch_id)
        except TokenError as error:
            return error.answer
        except OutboundError as error:
            return Answer(error=error.reason, detail=error.detail)
        detail = "" if 200 <= answer.status < 300 else _said(answer.body, pairs)
        return Answer(status=answer.status, retry_after=calls.retry_after(answer), detail=detail)

    def close(self) -> None:
        """End all connections."""
        while self._idle:
            self._idle.pop().close()

    def _posted(self, text: bytes, batch_id: str) -> outbound.Answer:
        settings = self._account.settings
        headers = {name.lower(): value for name, value in settings.headers.items()}
        headers |= {"content-type": "application/json", "user-agent": "Handfast", "idempotency-key": batch_id}
        headers |= self._signed_in(text, batch_id)
        if settings.gzip and len(text) >= _LEAST_ZIPPED:
            text, headers["content-encoding"] = gzip.compress(text, 1, mtime=0), "gzip"
        try:
            session = self._idle.pop()
        except IndexError:  # all are in use
            session = Session()
        try:
            return session.request("POST", self._url, text, headers, SECONDS, _LIMIT)
        finally:
            self._idle.append(session)

    def _signed_in(self, text: bytes, batch_id: str) -> Mapping[str, str]:
        """The headers by which the endpoint knows the sender; a signature is of the body before it is compressed."""
        authentication = self._account.authentication
        if authentication.signing_secret is not None:
            at, key = int(clock.now().timestamp()), signing_key(authentication.signing_secret)
            signature = webhook_signature(key, batch_id, at, text)
            return {"webhook-id": batch_id, "webhook-timestamp": str(at), "webhook-signature": signature}
        token = self.tokens.current()
        return {"authorization": f"Bearer {token}"} if token else {}


@contextmanager
def opened(account: Account[HttpSettings, HttpAuthentication]) -> Iterator[HttpSender]:
    """A sender, whose connections end with the block."""
    sender = HttpSender(account)
    try:
        yield sender
    finally:
        sender.close()


def address(settings: HttpSettings) -> str:
    """The endpoint's address with the query parameters."""
    query = urlencode(settings.query_parameters)
    if not query:
        return settings.url
    return f"{settings.url}{'&' if '?' in settings.url else '?'}{query}"


def _said(said: bytes, pairs: Sequence[Pair]) -> str:
    """The start of what an endpoint answers, in one line and without what may be of a person or a secret."""
    text = " ".join(said.decode(errors="replace").split())
    for value in {pair.value for pair in pairs}:
        text = text.replace(value, "…")
    text = _TOKEN_LIKE.sub("…", text)[:DETAIL]
    return "" if holds_identity(text) else text
