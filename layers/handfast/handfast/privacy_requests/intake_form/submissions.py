"""What people send by an intake form, without a sign-in: requests, and the codes that prove their addresses."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, replace

from handfast.access import store as access
from handfast.connectors.store import PRIVACY
from handfast.identity.given import SubjectIdentity
from handfast.journal.models import Actor, Sandbox
from handfast.platform import clock, quotas, secret
from handfast.platform.problems import NotFound, Refused, TooManyRequests
from handfast.platform.quotas import Quota
from handfast.privacy_requests import intake, service
from handfast.privacy_requests import store as requests
from handfast.privacy_requests.intake_form import rules, store
from handfast.privacy_requests.intake_form.models import IntakeForm, OfferedRegulation, PublicForm, Receipt, Submission
from handfast.privacy_requests.models import Language, PrivacyRequest
from handfast.privacy_requests.protocols import store as protocols
from handfast.privacy_requests.protocols.store import Intake
from handfast.privacy_requests.regulations import REGULATIONS, Regulation
from handfast.privacy_requests.wire import ContactBody, CreatePrivacyRequest, SubjectBody

FROM_NETWORK = Quota("intake-network", "requests", 20, seconds=3600)
"""Requests that one network, /24 of IPv4 or /48 of IPv6, may bring by a sandbox's form."""
FOR_ADDRESS = Quota("intake-address", "requests", 5)
"""Requests a day for one address, so that nobody's mailbox is filled with codes."""
UNPROVED = Quota("intake-unproved", "requests", 500)
"""Requests a day that the law takes without a proof: they stand among the others at once."""
_FORM_ID = re.compile("[0-9a-f]{32}")
_RECEIPT = re.compile("[0-9A-HJKMNP-TV-Z]{26}[0-9a-f]{32}")
_ID_LENGTH = 26
_PREFIX = "prq_"
_FIELDS = {"/subject/identities/0/value": "/email", "/subject/identities/1/value": "/phone", "/contact/email": "/email"}
"""Which field of the form a request's member comes from."""
_PERSON = Actor("system", None, "Intake form")


@dataclass(frozen=True)
class Place:
    """What an address leads to: its sandbox, and the form that this has now, which may be none or have another id."""

    form_id: str
    sandbox: Sandbox
    form: IntakeForm | None


def place(form_id: str) -> Place:
    """What the address of a form leads to. Raises NotFound for one that never was."""
    sandbox_id = store.owner(form_id) if _FORM_ID.fullmatch(form_id) else None
    sandbox = access.sandbox(sandbox_id) if sandbox_id else None
    if sandbox is None:
        raise NotFound("there is no such form")
    return Place(form_id, sandbox, store.form(sandbox.sandbox_id))


def _open_form(at: Place) -> IntakeForm:
    """The form that takes requests at a place; NotFound where none does."""
    if at.form is None or at.form.form_id != at.form_id:
        raise NotFound("there is no such form")
    return at.form


def shown(at: Place) -> PublicForm:
    """What anybody may see of a form. Raises NotFound where it takes no requests."""
    form = _open_form(at)
    return PublicForm(
        organization_name=at.sandbox.organization_name,
        heading=form.heading,
        regulations=[_offered(form, law) for law in laws_of(form)],
        languages=list(form.languages),
        privacy_policy_url=form.privacy_policy_url,
        retention=form.retention,
    )


def laws_of(form: IntakeForm) -> list[Regulation]:
    """The laws that a form offers."""
    return [REGULATIONS[code] for code in form.regulations if code in REGULATIONS]


def _offered(form: IntakeForm, law: Regulation) -> OfferedRegulation:
    types = rules.types_under(form.types, law)
    unproved = [kind for kind in types if not law.terms[kind].verification]
    return OfferedRegulation(regulation=law.code, name=law.name, types=types, unproved=unproved)


def submit(at: Place, body: Submission, language: Language, network: str | None) -> Receipt:
    """Take a person's request, to be proved by the code that is sent to the address.

    What the law takes without a proof waits for somebody's approval, whatever the sandbox's rule.

    Raises NotFound where the form takes none, Refused for what it does not offer and for addresses that are none,
    TooManyRequests when the network, the address or the form has brought as many as it may.
    """
    form = _open_form(at)
    law = _checked(form, body)
    new = _read(at.sandbox, body, law, language)
    _spend(at, new, new.contact.email if new.contact else body.email, network)
    receipt = new.request.privacy_request_id.removeprefix(_PREFIX) + secrets.token_hex(16)
    arrived = Intake(form.form_id, clock.now_text(), _digest(receipt))
    written = service.keep(new, _PERSON, [protocols.put_intake(new.request.privacy_request_id, arrived)])
    return rules.receipt_of(written, receipt, clock.now_text())


def _checked(form: IntakeForm, body: Submission) -> Regulation:
    """The law that a request names, or goes by; Refused, with the field, for what does not go together."""
    if body.website:
        raise Refused("leave this empty", reason="validation", pointer="/website")
    code = body.regulation or (form.regulations[0] if len(form.regulations) == 1 else None)
    law = next((law for law in laws_of(form) if law.code == code), None)
    if law is None:
        problem = f"name one of {', '.join(form.regulations)}"
        raise Refused(problem, reason="unknown_regulation", pointer="/regulation")
    offered = rules.types_under(form.types, law)
    if body.type not in offered:
        problem = f"under {law.code} this form takes {', '.join(offered)}"
        raise Refused(problem, reason="not_a_right", pointer="/type")
    is_proved = law.terms[body.type].verification
    if is_proved and not intake.has_way(form.sandbox_id):
        problem = "no code can be sent at present: ask by the ways that the privacy policy names"
        raise Refused(problem, reason="no_sender", pointer="/type")
    if is_proved and body.phone:
        problem = "leave it out: the code proves the e-mail address alone, and this request needs a proof"
        raise Refused(problem, reason="phone_unproved", pointer="/phone")
    if (body.note is not None) != (body.type == "rectification"):
        problem = "a rectification needs it, to say which data are to be corrected; other requests take none"
        raise Refused(problem, reason="validation", pointer="/note")
    return law


def _read(sandbox: Sandbox, body: Submission, law: Regulation, language: Language) -> service.NewRequest:
    named = [("email", body.email), ("phone", body.phone)]
    identities = [SubjectIdentity(namespace=name, value=value) for name, value in named if value]
    request = CreatePrivacyRequest(
        type=body.type,
        regulation=law.code,
        subject=SubjectBody(identities=identities),
        note=body.note,
        contact=ContactBody(email=body.email, language=language) if intake.has_way(sandbox.sandbox_id) else None,
    )
    try:
        new = service.read_request(sandbox, request)
    except Refused as problem:
        errors = problem.members.get("errors", [])
        renamed = [error | {"pointer": _FIELDS.get(error["pointer"], error["pointer"])} for error in errors]
        raise Refused(problem.detail, **problem.members | {"errors": renamed}) from None
    status = new.request.status if new.code else "pending"
    return replace(new, request=replace(new.request, protocol="intake", status=status))


def _spend(at: Place, new: service.NewRequest, email: str, network: str | None) -> None:
    """Count a request against what its network, its address and the form may bring.

    How an address stands is not shown: it would tell of requests that its owner has made.
    """
    sandbox_id = at.sandbox.sandbox_id
    detail = f"at most {FROM_NETWORK.limit} requests an hour are taken from one network; go on after `retryAfter`"
    pk = f"QUOTA#intake-network/{sandbox_id}/{network}"
    quotas.spend_shown(FROM_NETWORK, 1, detail, table_name=PRIVACY, pk=pk)
    address = secret.digest(secret.PRIVACY, "intake-address", email.strip().lower().encode())
    pk = f"QUOTA#intake-address/{sandbox_id}/{address}"
    standing, is_left = quotas.take(FOR_ADDRESS, 1, table_name=PRIVACY, pk=pk)
    if not is_left:
        detail = f"at most {FOR_ADDRESS.limit} requests a day (UTC) are taken for one address; ask again tomorrow"
        raise TooManyRequests(detail, retryAfter=standing.reset_seconds)
    if new.code:
        intake.spend_unverified(sandbox_id, f"intake/{at.form_id}", 1)
        return
    detail = f"at most {UNPROVED.limit} requests that need no code are taken a day (UTC); ask again tomorrow"
    quotas.spend_shown(UNPROVED, 1, detail, table_name=PRIVACY, pk=f"QUOTA#intake-unproved/{sandbox_id}")


def _digest(receipt: str) -> str:
    return hashlib.sha256(receipt.encode()).hexdigest()


def _found(at: Place, receipt: str) -> PrivacyRequest:
    """The request that a receipt of the form is for; NotFound for any other text."""
    name = _PREFIX + receipt[:_ID_LENGTH]
    request = requests.request(at.sandbox.sandbox_id, name) if _RECEIPT.fullmatch(receipt) else None
    arrived = protocols.intake(name) if request and request.protocol == "intake" else None
    if request is None or arrived is None or arrived.party_id != at.form_id:
        raise NotFound("there is no such receipt")
    if not hmac.compare_digest(arrived.party_request_id or "", _digest(receipt)):
        raise NotFound("there is no such receipt")
    return request


def state(at: Place, receipt: str) -> Receipt:
    """Where the request of a receipt stands. Raises NotFound for a receipt that is none of the form's."""
    return rules.receipt_of(_found(at, receipt), receipt, clock.now_text())


def confirm(at: Place, receipt: str, code: str) -> Receipt:
    """Take the code that was sent to the person's address; the third wrong one ends the request.

    Raises NotFound for a receipt that is none of the form's, Conflict when its request awaits no code, Refused for a
    wrong code.
    """
    proved = service.prove(at.sandbox, _PERSON, _found(at, receipt), code)
    return rules.receipt_of(proved, receipt, clock.now_text())
