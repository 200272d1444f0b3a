"""Any system with an HTTP interface of its own, called as its operator declares.

One call is made for each identifier of a person that the system is declared to know people by. Nothing in a declaration
is code: values are put in the place of placeholders, and answers mean what their statuses and a value in them are
declared to mean. An answer that is not declared is a failure.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlencode

from pydantic_core import to_json

from handfast.connectors import calls
from handfast.connectors.answers import STATUSES, Answered, check_readable
from handfast.connectors.contract import (
    Connector,
    ConnectorError,
    Limits,
    Person,
    Record,
    Reference,
    State,
    Status,
    TestResult,
    not_asked,
)
from handfast.connectors.lookups import CONTACTS, Lookup, contacts, others
from handfast.connectors.types.http.settings import (
    PROFILE_ID,
    Call,
    HttpSettings,
    Identifier,
    Meaning,
    Order,
    Poll,
    Question,
)
from handfast.connectors.types.http.templates import at, filled, filled_path, holds, parsed
from handfast.platform import clock
from handfast.platform.outbound import Answer

ABSENT = "the system has nobody by any identifier of the person"
_NOBODY = {
    PROFILE_ID: "handfast-connection-test",
    "Email_LC_SHA256": "handfast-connection-test@example.invalid",
    "Phone_SHA256_E.164": "+12025550100",  # reserved for fiction
}

type _Kind = Literal["erasure", "opt_out", "opt_in"]


class Http:
    """The connector."""

    type = "http"
    name = "HTTP"
    settings_schema = HttpSettings
    limits = Limits(people=50, calls_per_minute=120)

    def test(self, settings: HttpSettings) -> TestResult:
        """Check the credential and, where reading is declared, that nobody's data are answered as declared."""
        tries = [("credential", partial(_try_credential, settings), "a GET of testPath must answer it with 2xx")]
        if settings.access:
            hint = "access must be answered as declared for an identifier that nobody has"
            tries.append(("access", partial(_try_access, settings), hint))
        return calls.checks(*tries)

    def access(self, settings: HttpSettings, person: Person) -> Iterator[Record]:
        """What the system answers for each identifier, the same record once."""
        question = settings.access
        if question is None:
            raise not_asked("how it is asked for a person's data is not declared")
        found: dict[bytes, Record] = {}
        identifiers = list(_identifiers(settings, person))
        for identifier, value in identifiers:
            answer = _call(settings, question, person, identifier, value)
            meaning, said = _meaning(question.answer, answer)
            check_readable(meaning, said)
            if meaning == "completed" and answer.status != HTTPStatus.NO_CONTENT:
                found |= {to_json(record.data): record for record in _records(question, parsed(answer))}
        lookup = Lookup(list(found.values()), bool(identifiers), _unasked(settings, person))
        if not found and (unsure := lookup.unsure):
            raise unsure
        yield from lookup.found
        if lookup.note:
            yield Record("notes", {"note": lookup.note})

    def delete(self, settings: HttpSettings, people: Sequence[Person]) -> list[Reference]:
        """One call for each identifier of each person."""
        return calls.hand_over(people, partial(_order, settings, "erasure"))

    def suppress(self, settings: HttpSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """One call for each identifier of each person."""
        return calls.hand_over(people, partial(_order, settings, "opt_in" if lift else "opt_out"))

    def poll(self, settings: HttpSettings, reference: str) -> State:
        """Ask the address that the system has named."""
        kind, _, url = reference.partition(" ")
        order = _declared(settings, kind)
        if order is None or order.poll is None:
            return State(Status.FAILED, "how the system is asked about it is not declared any more")
        if not calls.same_origin(url, settings.url):  # the settings have changed since
            raise ConnectorError("redirected", "the system has moved to another host since it accepted the request")
        answer = calls.call("GET", url, _headers(settings))
        return _state(order.poll.answer, answer)


connector: Connector[HttpSettings] = Http()


def _declared(settings: HttpSettings, kind: str) -> Order | None:
    return {"erasure": settings.erasure, "opt_out": settings.opt_out, "opt_in": settings.opt_in}.get(kind)


def _order(settings: HttpSettings, kind: _Kind, person: Person) -> list[tuple[str, State]]:
    order = _declared(settings, kind)
    if order is None:
        raise not_asked(f"no call for this is declared ({kind})")
    handed = [_ordered(settings, kind, order, person, *each) for each in _identifiers(settings, person)]
    known = [each for each in handed if each[1].status is not Status.ABSENT]
    lookup = Lookup(known, bool(handed), _unasked(settings, person))
    return [*known, *(("", state) for state in lookup.rest(ABSENT))]


def _ordered(
    settings: HttpSettings, kind: _Kind, order: Order, person: Person, identifier: Identifier, value: str
) -> tuple[str, State]:
    try:
        answer = _call(settings, order, person, identifier, value)
    except ConnectorError as error:
        if error.reason != "not_supported":
            raise
        return "", State.failed(error)  # of this identifier; the person's others are asked by
    state = _state(order.answer, answer)
    if state.status.ended or order.poll is None:
        return "", state
    return f"{kind} {_status_url(settings, order.poll, answer)}", state


def _status_url(settings: HttpSettings, poll: Poll, answer: Answer) -> str:
    link = at(parsed(answer), poll.pointer or "") if poll.header is None else answer.headers.get(poll.header.lower())
    return calls.own_link(settings.url, link if isinstance(link, str) else "")


def _identifiers(settings: HttpSettings, person: Person) -> Iterator[tuple[Identifier, str]]:
    for identifier in settings.identifiers:
        yield from ((identifier, value) for value in dict.fromkeys(_values(identifier, person)))


def _values(identifier: Identifier, person: Person) -> Iterator[str]:
    if identifier.namespace == PROFILE_ID:
        yield from person.profile_ids
    for symbol, digest in person.identities:
        if symbol == identifier.namespace:
            yield from (digest,) if identifier.format == "sha256" else contacts(person, symbol, digest)


def _unasked(settings: HttpSettings, person: Person) -> str:
    """The kinds of identities of the person that the system knows people by, and was not asked by."""
    by_digest = {identifier.namespace for identifier in settings.identifiers if identifier.format == "sha256"}
    by_text = {identifier.namespace for identifier in settings.identifiers} - by_digest
    kinds = {
        CONTACTS[symbol][1]
        for symbol, digest in person.identities
        if symbol in by_text and not contacts(person, symbol, digest)
    }
    return " and ".join(sorted({*kinds, others(person)} - {""}))


def _call(settings: HttpSettings, call: Call, person: Person, identifier: Identifier, value: str) -> Answer:
    again = f"-{person.refusals}" if person.refusals else ""
    values = {
        "identifier": value,
        "type": identifier.type or identifier.namespace,
        "requestId": f"{person.request_id}{again}",
        "regulation": person.regulation,
    }
    query = urlencode({name: filled(text, values) for name, text in call.query.items()})
    url = settings.url + filled_path(call.path, values) + (f"?{query}" if query else "")
    body = b"" if call.body is None else to_json(filled(call.body, values))
    headers = ({"content-type": "application/json"} if body else {}) | _headers(settings)
    return calls.call(call.method, url, headers, body)


def _headers(settings: HttpSettings) -> dict[str, str]:
    credential = settings.credential.get_secret_value()
    own = {settings.credential_header.lower(): credential} if credential else {}
    return {name.lower(): value for name, value in settings.headers.items()} | own


def _state(meaning: Meaning, answer: Answer) -> State:
    answered, said = _meaning(meaning, answer)
    is_done = answered in ("in_progress", "completed", "absent")
    return State(STATUSES[answered], "" if is_done else f"the system answers {said}")


def _meaning(meaning: Meaning, answer: Answer) -> tuple[Answered, str]:
    """What an answer is declared to mean, and what was said so: its status, or the value in it.

    ConnectorError when that is not declared.
    """
    said = meaning.statuses.get(str(answer.status))
    if said is None:
        calls.expect(answer)
    elif said != "completed" or meaning.pointer is None:
        return said, str(answer.status)
    value = at(parsed(answer), meaning.pointer or "")
    word = value if isinstance(value, str) else to_json(value).decode()
    if word not in meaning.values:
        raise ConnectorError("malformed_answer", "the system's answer has a value whose meaning is not declared")
    return meaning.values[word], word


def _records(question: Question, body: object) -> list[Record]:
    """What an answer holds; ConnectorError `malformed_answer` where none of what is declared stands in it.

    An error that comes as a success says nothing of the person, and is not taken for one who is unknown.
    """
    if not any(holds(body, rows.pointer) for rows in question.records):
        raise ConnectorError("malformed_answer", "the system's answer has none of the records that were declared")
    return [Record(rows.collection, row) for rows in question.records for row in _rows(at(body, rows.pointer))]


def _rows(found: object) -> Iterator[dict[str, object]]:
    for row in found if isinstance(found, list) else [] if found is None else [found]:
        yield row if isinstance(row, dict) else {"value": row}


def _try_credential(settings: HttpSettings) -> None:
    answer = calls.call("GET", settings.url + settings.test_path, _headers(settings))
    calls.expect(answer, *range(200, 300))


def _try_access(settings: HttpSettings) -> None:
    if settings.access:
        identifier = settings.identifiers[0]
        text = _NOBODY[identifier.namespace]
        value = hashlib.sha256(text.encode()).hexdigest() if identifier.format == "sha256" else text
        nobody = Person("handfast-connection-test", "gdpr", clock.now())
        answer = _call(settings, settings.access, nobody, identifier, value)
        meaning, _ = _meaning(settings.access.answer, answer)
        if meaning not in ("absent", "completed", "in_progress"):
            raise ConnectorError("refused", f"the answer means {meaning}")
