"""Any processor that speaks OpenDSR 2.0 (formerly OpenGDPR)."""

from collections.abc import Callable, Iterator, Sequence

from handfast.connectors import calls
from handfast.connectors.contract import (
    Check,
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
from handfast.connectors.lookups import beside
from handfast.connectors.types.opendsr.processor import OpenDsrSettings, Processor, request_id


class OpenDsr:
    """The connector. One request per person: the protocol has no other."""

    type = "opendsr"
    name = "OpenDSR processor"
    settings_schema = OpenDsrSettings
    limits = Limits(people=100, calls_per_minute=1_000)

    def test(self, settings: OpenDsrSettings) -> TestResult:
        """Check the discovery, the certificate and the credential, each on its own."""
        processor = Processor(settings)
        return TestResult(
            (
                _check("discovery", lambda: _offers_erasure(processor)),
                _check("certificate", processor.certified),
                _check("authorization", processor.check_credential),
            )
        )

    def access(self, settings: OpenDsrSettings, person: Person) -> Iterator[Record]:
        """Ask once, and read the results when the processor has them; ConnectorError `pending` until then."""
        processor = Processor(settings)
        found = processor.status(request_id(person, "access"))
        if found is None:
            processor.create("access", person)
            raise ConnectorError("pending", "the processor has taken the request", transient=True)
        status = processor.state_of(found).status
        if not status.ended:
            raise ConnectorError("pending", "the processor is working on it", transient=True)
        if status is not Status.CONFIRMED:
            raise ConnectorError("refused", "the processor has cancelled the request")
        if found.results_count and not found.results_url:
            raise ConnectorError("malformed_answer", "the processor has results and does not say where")
        if found.results_url:
            yield from processor.results(found.results_url)

    def delete(self, settings: OpenDsrSettings, people: Sequence[Person]) -> list[Reference]:
        """One erasure request for each."""
        return _hand_in(settings, "erasure", people)

    def suppress(self, settings: OpenDsrSettings, people: Sequence[Person], *, lift: bool) -> list[Reference]:
        """One request of type `opt_out` or `opt_in` for each, where the processor has it: OpenDSR itself has none."""
        return _hand_in(settings, "opt_in" if lift else "opt_out", people)

    def poll(self, settings: OpenDsrSettings, reference: str) -> State:
        """Where the request stands, as the processor signs it."""
        return Processor(settings).state(reference)


connector: Connector[OpenDsrSettings] = OpenDsr()


def _hand_in(settings: OpenDsrSettings, kind: str, people: Sequence[Person]) -> list[Reference]:
    processor = Processor(settings)
    states = calls.ask_each(people, lambda person: processor.create(kind, person))
    references = []
    for position, (person, state) in enumerate(zip(people, states, strict=True)):
        references.append(_reference(position, request_id(person, kind), state))
        if isinstance(state, State):
            rest = beside([], processor.unasked(person))
            references += [Reference(reference, (position,), lacking) for reference, lacking in rest]
    return references


def _reference(position: int, reference: str, state: State | ConnectorError) -> Reference:
    if isinstance(state, State):
        return Reference(reference, (position,), state)
    # It may have been taken by whoever answered: it can be asked about once the signature is in order.
    taken = reference if state.reason in ("bad_signature", "malformed_answer") else ""
    return Reference(taken, (position,), State.failed(state))


def _offers_erasure(processor: Processor) -> None:
    if "erasure" not in processor.discovery.supported_subject_request_types:
        raise not_asked("it takes no erasure requests")


def _check(name: str, attempt: Callable[[], object]) -> Check:
    try:
        attempt()
    except ConnectorError as error:
        return Check(name, False, error.detail)
    return Check(name, True, "in order")
