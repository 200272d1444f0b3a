"""Access tokens: the one that is set, or those of OAuth 2.0 client credentials (RFC 6749 4.4)."""

import base64
import threading
from datetime import datetime, timedelta
from urllib.parse import quote_plus, urlencode

from pydantic import BaseModel, ValidationError

from handfast.connectors import calls
from handfast.destinations.contract import Answer
from handfast.destinations.types.http.settings import HttpAuthentication
from handfast.platform import clock, outbound

_LIMIT = 64_000
_EARLY = timedelta(seconds=60)
"""How long before its end a token is got anew."""
_UNTOLD = timedelta(hours=1)
"""How long a token is used of which the server does not say when it ends."""


class TokenError(Exception):
    """There is no token; `answer` is what a request that needs one comes to."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.detail)
        self.answer = answer


class _Said(BaseModel):
    access_token: str
    expires_in: float | None = None


class Tokens:
    """The token of an account; threads may ask for it at once."""

    def __init__(self, authentication: HttpAuthentication) -> None:
        self._authentication = authentication
        self._lock = threading.Lock()
        self._kept: tuple[str, datetime] | None = None

    def current(self) -> str | None:
        """A token that has not ended; None where none is needed. Raises TokenError."""
        given = self._authentication
        if given.bearer_token is not None:
            return given.bearer_token.get_secret_value()
        if given.kind != "oauth2":
            return None
        with self._lock:
            if self._kept is None or self._kept[1] <= clock.now():
                self._kept = self._got()
            return self._kept[0]

    def forget(self) -> bool:
        """Have the next token got anew; False where it is always the same."""
        with self._lock:
            self._kept = None
        return self._authentication.kind == "oauth2"

    def _got(self) -> tuple[str, datetime]:
        given, now = self._authentication, clock.now()
        secret = given.client_secret.get_secret_value() if given.client_secret else ""
        form = {"grant_type": "client_credentials"} | ({"scope": given.scope} if given.scope else {})
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if given.client_authentication == "basic":
            pair = f"{quote_plus(given.client_id or '')}:{quote_plus(secret)}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": given.client_id or "", "client_secret": secret}
        try:
            answer = outbound.request("POST", given.token_url or "", urlencode(form).encode(), headers, limit=_LIMIT)
        except outbound.OutboundError as error:
            raise TokenError(Answer(error=error.reason, detail=f"the token server: {error.detail}")) from None
        return _read(answer, now)


def _read(answer: outbound.Answer, now: datetime) -> tuple[str, datetime]:
    if answer.status != 200:
        code = calls.error_code(answer)
        said = f"the token server answers {answer.status}{f' ({code})' if code else ''}"
        raise TokenError(Answer(status=answer.status, retry_after=calls.retry_after(answer), detail=said))
    try:
        said_ = _Said.model_validate_json(answer.body)
    except ValidationError:
        raise TokenError(Answer(error="invalid_answer", detail="the token server answers no token")) from None
    token = said_.access_token
    if not (token.isascii() and token.isprintable()):
        raise TokenError(Answer(error="invalid_answer", detail="the token server answers no token that a header takes"))
    lasts = _UNTOLD if said_.expires_in is None else timedelta(seconds=said_.expires_in)
    return token, now + max(lasts - _EARLY, timedelta())
