"""What Meta's Graph API answers: how many entries it did not take, and what its error codes mean."""

from collections.abc import Sequence

from pydantic import BaseModel, NonNegativeInt

from handfast.destinations.contract import Answer, NoAnswerError, Pair
from handfast.destinations.endpoint import answered, read, told
from handfast.platform import outbound

API = "the Graph API"
_THROTTLED = frozenset({4, 17, 32, 613, *range(80_000, 80_015)})
_SIGNED_OUT = frozenset({102, 190})
_FOR_NOW = frozenset({1, 2})
_FORBIDDEN = frozenset({10, *range(200, 300)})
_OF_AUDIENCE = {1_713_230: "audience_blocked", 1_487_301: "audience_not_shared"}


class _Error(BaseModel):
    code: int = 0
    error_subcode: int = 0
    message: str = ""
    is_transient: bool = False


class _Failure(BaseModel):
    error: _Error


class Uploaded(BaseModel):
    """What came of a session's batch."""

    num_received: int
    num_invalid_entries: NonNegativeInt = 0


class _Operation(BaseModel):
    code: int = 200


class Audience(BaseModel):
    """An audience; the code of its status is 200 unless something is the matter with it."""

    operation_status: _Operation = _Operation()


def of(answer: outbound.Answer, pairs: Sequence[Pair] = ()) -> Answer:
    """What an answer to some pairs means: Meta tells by its own code what others tell by a status code.

    Its codes of being throttled are 429, of a token that is none or has ended 401, of what may not be done 403, and of
    what is to be tried again 503. `detail` begins with the code, or with a word for what is wrong with the audience.
    """
    plain = answered(answer, pairs)
    try:
        error = read(answer, _Failure, API).error
    except NoAnswerError:
        return plain
    word = _OF_AUDIENCE.get(error.error_subcode) or _OF_AUDIENCE.get(error.code)
    detail = f"{word or _numbers(error)}: {told(error.message, pairs)}"
    return Answer(_status(error, answer.status, known=bool(word)), retry_after=plain.retry_after, detail=detail)


def _status(error: _Error, status: int, *, known: bool) -> int:
    if error.code in _THROTTLED:
        return 429
    if error.code in _SIGNED_OUT:
        return 401
    if error.is_transient or error.code in _FOR_NOW:
        return 503
    if error.code in _FORBIDDEN and not known:
        return 403
    return max(status, 400)  # whatever the status, an error is told


def _numbers(error: _Error) -> str:
    return f"{error.code}/{error.error_subcode}" if error.error_subcode else str(error.code)
