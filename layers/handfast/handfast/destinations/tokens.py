"""Access tokens: the one that is set, or one that a token server gives for a grant of OAuth 2.0 (RFC 6749)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import BaseModel, FiniteFloat, ValidationError

from handfast.connectors import calls
from handfast.destinations.contract import Answer, NoAnswerError
from handfast.destinations.grants import TokenRequest
from handfast.platform import clock, outbound

_LIMIT = 64_000
_EARLY = timedelta(seconds=60)
"""How long before its end a token is got anew."""
_UNTOLD = timedelta(hours=1)
"""How long a token is used of which the server does not say when it ends."""
_LONGEST = timedelta(days=365)
"""How long a token is used at most, whatever the server says."""


class _Said(BaseModel):
    access_token: str
    expires_in: FiniteFloat | None = None


class Tokens:
    """The tokens of an account; threads may ask for them at once.

    `bearer` is one that never changes; else `grant` makes the request for a new one. With neither none is needed.
    """

    def __init__(self, bearer: str | None = None, grant: Callable[[], TokenRequest] | None = None) -> None:
        self._bearer = bearer
        self._grant = grant
        self._lock = threading.Lock()
        self._kept: tuple[str, datetime] | None = None

    @property
    def are_got(self) -> bool:
        """Whether a token server gives them."""
        return self._grant is not None

    def current(self) -> str | None:
        """A token that has not ended; None where none is needed. Raises NoAnswerError without one."""
        if self._grant is None:
            return self._bearer
        with self._lock:
            if self._kept is None or self._kept[1] <= clock.now():
                self._kept = _got(self._grant())
            return self._kept[0]

    def forget(self) -> bool:
        """Have the next token got anew; False where it is always the same."""
        with self._lock:
            self._kept = None
        return self.are_got


def _got(asked: TokenRequest) -> tuple[str, datetime]:
    now = clock.now()
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json", **asked.headers}
    try:
        answer = outbound.request("POST", asked.url, urlencode(asked.form).encode(), headers, limit=_LIMIT)
    except outbound.OutboundError as error:
        raise NoAnswerError(Answer(error=error.reason, detail=f"the token server: {error.detail}")) from None
    return _read(answer, now)


def _read(answer: outbound.Answer, now: datetime) -> tuple[str, datetime]:
    if answer.status != 200:
        code = calls.error_code(answer)
        said = f"the token server answers {answer.status}{f' ({code})' if code else ''}"
        # 400 says that the client or its grant is not accepted (RFC 6749 5.2), which no request gets any further with.
        status = 401 if answer.status == 400 else answer.status
        raise NoAnswerError(Answer(status=status, retry_after=calls.retry_after(answer), detail=said))
    try:
        said_ = _Said.model_validate_json(answer.body)
    except ValidationError:
        raise NoAnswerError(Answer(error="invalid_answer", detail="the token server answers no token")) from None
    token = said_.access_token
    if not (token and token.isascii() and token.isprintable()):
        detail = "the token server answers no token that a header takes"
        raise NoAnswerError(Answer(error="invalid_answer", detail=detail))
    seconds = _UNTOLD.total_seconds() if said_.expires_in is None else said_.expires_in
    lasts = timedelta(seconds=min(max(seconds, 0.0), _LONGEST.total_seconds()))
    return token, now + max(lasts - _EARLY, timedelta())
