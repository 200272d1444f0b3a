"""HTTP as connectors use it: guarded, limited in time and size, patient with throttling, strict about answers."""

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from pydantic import BaseModel, ValidationError

from handfast.connectors.contract import Check, ConnectorError, Person, Reference, State, TestResult
from handfast.identity.free_text import ADDRESS_IN_URL
from handfast.identity.patterns import holds_address
from handfast.platform import clock, outbound
from handfast.platform.outbound import Answer

SECONDS = 30.0
"""For one exchange; connecting alone has less (platform.outbound)."""
LIMIT = 6_000_000
"""Bytes of an answer."""
LONGEST_WAIT = 20.0
"""Seconds a call waits on a Retry-After; who asks for more is called again by the service, later."""
_BACKOFF = (1.0, 2.0, 4.0)
_UNSUPPORTED = (405, 501)
_POINTLESS = ("unauthorized", "throttled", "unreachable")
_EPOCHS = 1_000_000_000
"""From here on, a number of seconds is a time and not a while."""
_YEAR = 31_536_000.0
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")

sleep = time.sleep


def call(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    """Call the URL and return any answer but a redirect, 429 or 5xx.

    Those two, but for 501, are tried again, as Retry-After asks or after 1, 2 and 4 seconds. Raises ConnectorError
    `redirected`, `throttled`, `unavailable` or `unreachable`.
    """
    headers = {"user-agent": "Handfast", "accept": "application/json", **headers}
    for backoff in (*_BACKOFF, None):
        answer = _once(method, url, headers, body)
        if answer.status != 429 and (answer.status < 500 or answer.status in _UNSUPPORTED):
            break
        asked = retry_after(answer)
        if backoff is None or (asked or 0) > LONGEST_WAIT:
            reason = "throttled" if answer.status == 429 else "unavailable"
            raise ConnectorError(reason, f"the system answers {answer.status}", transient=True, retry_after=asked)
        sleep(backoff if asked is None else asked)
    if 300 <= answer.status < 400:
        raise ConnectorError("redirected", f"the system redirects ({answer.status}), which is not followed")
    return answer


def _once(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    try:
        return outbound.request(method, url, body, headers, SECONDS, LIMIT)
    except outbound.OutboundError as error:
        transient = error.reason not in ("invalid_url", "address_refused", "answer_too_large")
        raise ConnectorError("unreachable", error.detail, transient=transient) from None


def ask_each[T](people: Iterable[Person], ask: Callable[[Person], T]) -> list[T | ConnectorError]:
    """What each answers, or why it failed; not asked any more after a failure that the next would meet as well."""
    answers: list[T | ConnectorError] = []
    broken: ConnectorError | None = None
    for person in people:
        try:
            answers.append(broken or ask(person))
        except ConnectorError as error:
            answers.append(error)
            broken = error if error.reason in _POINTLESS else None
    return answers


def hand_over(people: Iterable[Person], ask: Callable[[Person], Iterable[tuple[str, State]]]) -> list[Reference]:
    """The references of people who are asked for one by one: `ask` gives what to poll by, and where it stands."""
    references = []
    for position, answer in enumerate(ask_each(people, ask)):
        handed = [("", State.failed(answer))] if isinstance(answer, ConnectorError) else answer
        references += [Reference(reference, (position,), state) for reference, state in handed]
    return references


def checks(*tries: tuple[str, Callable[[], object], str]) -> TestResult:
    """A connection test of tries, each with its name and what to do when it fails.

    After a failure that the others would meet as well, they are not tried.
    """
    made: list[Check] = []
    broken = False
    for name, ask, hint in tries:
        if broken:
            made.append(Check(name, False, "not checked: the system could not be asked"))
            continue
        try:
            ask()
        except ConnectorError as error:
            broken = error.reason in ("throttled", "unavailable", "unreachable")
            made.append(Check(name, False, error.detail if broken else f"{error.detail}; {hint}"))
        else:
            made.append(Check(name, True, "accepted"))
    return TestResult(tuple(made))


def retry_after(answer: Answer) -> float | None:
    """Seconds until the system means to be called again, a year at most; None where it does not say.

    That is Retry-After, a number of them or a date (RFC 9110), else X-RateLimit-Reset, a number of them or of those
    since 1970.
    """
    seconds = _asked(answer)
    return None if seconds is None else float(math.ceil(min(max(seconds, 0.0), _YEAR)))


def _asked(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    reset = answer.headers.get("x-ratelimit-reset", "").strip()
    if not text and reset.isascii() and reset.isdecimal():
        seconds = float(reset)
        return seconds if seconds < _EPOCHS else seconds - clock.now().timestamp()
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (at - clock.now()).total_seconds()


def expect(answer: Answer, *statuses: int) -> Answer:
    """The answer, if its status is one of these; else ConnectorError.

    That is `unauthorized` (401, 403), `not_supported` (405 and 501, of a method that the address does not take) or
    `refused`.
    """
    if answer.status in statuses:
        return answer
    code = error_code(answer)
    said = f"{answer.status} ({code})" if code else str(answer.status)
    if answer.status in (401, 403):
        raise ConnectorError("unauthorized", f"the system does not accept the credential: {said}")
    if answer.status in _UNSUPPORTED:
        raise ConnectorError("not_supported", f"it takes no such requests: {said}")
    raise ConnectorError("refused", f"the system refused the call: {said}")


def error_code(answer: Answer) -> str:
    """The code of an error body, where it has one of the usual shapes. Messages may name people and are not read."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    for error in _errors(body):
        for name in ("af_gdpr_code", "code", "type", "reason"):
            if isinstance(error.get(name), str) and _CODE.fullmatch(error[name]):
                return str(error[name])
    return ""


def _errors(body: Any) -> list[dict[str, Any]]:
    found = body if isinstance(body, dict) else {}
    listed = found.get("errors")
    candidates = [found.get("error"), *(listed if isinstance(listed, list) else []), found]
    return [candidate for candidate in candidates if isinstance(candidate, dict)]


def read[M: BaseModel](answer: Answer, model: type[M]) -> M:
    """The JSON body as the model; ConnectorError `malformed_answer`, without a word of what it said."""
    try:
        return model.model_validate_json(answer.body)
    except ValidationError:
        raise ConnectorError("malformed_answer", "the system's answer is not what its interface promises") from None


def lenient_time(text: str | None) -> datetime | None:
    """The time meant by RFC 3339 text or something near it: spaces in the date, no zone (UTC), many digits.

    None for nothing, the zero time 0001-01-01 and what cannot be read.
    """
    try:
        at = datetime.fromisoformat(re.sub(r"^(\d{4}) (\d\d) (\d\d)", r"\1-\2-\3", text or ""))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if at.year > 1 else None


def base_url(address: str) -> str:
    """A host, with or without a port, or a URL without a path, as the start of URLs; https unless it says http."""
    return (address if "://" in address else f"https://{address}").rstrip("/")


def checked(url: str) -> str:
    """The URL, if it may be called (platform.outbound) and holds no address of a person; else ValueError."""
    try:
        outbound.check_url(url)
    except outbound.OutboundError as error:
        raise ValueError(error.detail) from None
    if holds_address(url):
        raise ValueError(ADDRESS_IN_URL)
    return url


def same_origin(url: str, own: str) -> bool:
    """Whether both lead to the same scheme, host and port: what is ours, credentials above all, goes nowhere else."""
    try:
        return urlsplit(url)[:2] == urlsplit(own)[:2]
    except ValueError:
        return False


def own_link(url: str, link: str) -> str:
    """The address that a system at `url` names to ask it again, which is given our credentials and kept for years.

    ConnectorError `malformed_answer` unless it is on the same host and holds no address of a person.
    """
    try:
        named = urljoin(url, link)
    except ValueError:
        link = named = ""
    if not (link and same_origin(named, url)):
        raise ConnectorError("malformed_answer", "the system accepts and names no address of its host to ask")
    if holds_address(named):
        raise ConnectorError("malformed_answer", "the system names an address to ask that holds an e-mail address")
    return named
