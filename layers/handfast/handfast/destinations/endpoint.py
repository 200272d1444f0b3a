"""Calls to a destination's API: signed in, kept alive, and what of an answer may be told."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import Check
from handfast.destinations.contract import DETAIL, Answer, NoAnswerError, Pair
from handfast.destinations.tokens import Tokens
from handfast.identity.patterns import holds_identity
from handfast.platform import outbound
from handfast.platform.outbound import OutboundError, Session

SECONDS = 30.0
"""For one request."""
_LIMIT = 1_000_000
"""Bytes of an answer that are read."""
NO_TOKEN = Check("request", False, "not checked: there is no token")
"""The check of what was not tried for want of a token."""
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9+/=_-]{20,}")


class Endpoint:
    """An API that is being called, over as many connections as there are requests at once, until it is closed."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._idle: list[Session] = []

    def call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> outbound.Answer:
        """The answer to a request, whatever it is; raises NoAnswerError without one.

        A token that is no longer taken is got anew, once.
        """
        answer = self._called(method, url, body, headers)
        if answer.status == 401 and self.tokens.forget():
            answer = self._called(method, url, body, headers)
        return answer

    def close(self) -> None:
        """End all connections."""
        while self._idle:
            self._idle.pop().close()

    def _called(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> outbound.Answer:
        token = self.tokens.current()
        headers = {"user-agent": "Handfast", **headers} | ({"authorization": f"Bearer {token}"} if token else {})
        try:
            session = self._idle.pop()
        except IndexError:  # all are in use
            session = Session()
        try:
            return session.request(method, url, body, headers, SECONDS, _LIMIT)
        except OutboundError as error:
            raise NoAnswerError(Answer(error=error.reason, detail=error.detail)) from None
        finally:
            self._idle.append(session)


class Calling(Protocol):
    """What calls an endpoint."""

    endpoint: Endpoint


@contextmanager
def kept[S: Calling](sender: S) -> Iterator[S]:
    """A sender, whose connections end with the block."""
    try:
        yield sender
    finally:
        sender.endpoint.close()


def answered(answer: outbound.Answer, pairs: Iterable[Pair]) -> Answer:
    """What came of a request with these pairs, by its status alone."""
    detail = "" if 200 <= answer.status < 300 else told(answer.body.decode(errors="replace"), pairs)
    if answer.status == 401:
        detail = f"the credential is not accepted or has expired{f': {detail}' if detail else ''}"
    return Answer(status=answer.status, retry_after=calls.retry_after(answer), detail=detail)


def told(said: str, pairs: Iterable[Pair]) -> str:
    """The start of what an endpoint says, in one line and without what may be of a person or a secret."""
    text = " ".join(said.split())
    for form in sorted(_forms(pairs), key=len, reverse=True):
        text = text.replace(form, "…")
    text = _TOKEN_LIKE.sub("…", text)[:DETAIL]
    return "" if holds_identity(text) else text


def _forms(pairs: Iterable[Pair]) -> set[str]:
    """What the endpoint was told of people, as it may repeat it: as it is, within JSON, within an address."""
    said = {pair.value for pair in pairs}
    said |= {value for pair in pairs for value in (pair.attributes or {}).values() if isinstance(value, str)}
    said = {each for each in said if not _TOKEN_LIKE.fullmatch(each)}
    texts = {*said, *(" ".join(each.split()) for each in said)} - {""}
    return {form for text in texts for form in (text, *_escaped(text))}


def _escaped(text: str) -> tuple[str, ...]:
    in_json = (json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    return (*in_json, quote(text), quote(text, safe=""), quote_plus(text))


def read[M: BaseModel](answer: outbound.Answer, model: type[M], api: str) -> M:
    """The body of an API's answer as a model; raises NoAnswerError for another."""
    try:
        return model.model_validate_json(answer.body)
    except ValidationError:
        detail = f"the answer is not what {api} promises"
        raise NoAnswerError(Answer(error="invalid_answer", detail=detail)) from None


def token_checks(tokens: Tokens, hint: str) -> Sequence[Check]:
    """The check of a test that gets a token, where a server gives them; `hint` is what to do when there is none."""
    if not tokens.are_got:
        return ()
    try:
        tokens.current()
    except NoAnswerError as error:
        return (Check("token", False, f"{error.answer.detail}; {hint}"),)
    return (Check("token", True, "the token server gives a token"),)
