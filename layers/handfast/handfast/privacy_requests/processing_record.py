"""The record of processing (GDPR Art. 30) as far as a sandbox is configured: who gives whom what, and for what."""

from collections.abc import Iterator
from typing import Literal, get_args
from urllib.parse import urlsplit

from handfast.activity import store as activity
from handfast.connectors import store as connectors
from handfast.destinations import store as destinations
from handfast.feeds import store as feeds
from handfast.governance.marketing_actions import FeedMarketingAction
from handfast.journal.models import Caller, ConsentDefault
from handfast.platform import clock
from handfast.platform.settings import setting
from handfast.platform.wire import Timestamp, View
from handfast.privacy_requests import bulk_store, intake, message_webhook_store, package_store
from handfast.privacy_requests.intake_form import store as intake_forms
from handfast.privacy_requests.intake_form.models import FormType
from handfast.privacy_requests.protocols import store as protocols

type OtherRecipientKind = Literal[
    "message_webhook", "amazon_ses", "webhook", "event_bus", "drop", "privacy_agent", "destination"
]
type GivenData = Literal["contact", "messages", "packages", "request_states", "list_answers", "principals", "segments"]
_LOG: list[GivenData] = ["request_states", "principals"]
_ENDED = frozenset({"declined", "revoked"})


class Disclosure(View):
    """A feed that goes to a partner, or comes from one: `namespaces` are the kinds of identities in it.

    `purposes` are the marketing actions that the feed leaves open, `segments` their names, or ids of one's own.
    """

    partner: str
    feed_id: str
    feed_name: str
    description: str | None
    status: str
    since: Timestamp
    segments: list[str]
    namespaces: list[str]
    purposes: list[FeedMarketingAction]


class Processor(View):
    """A system outside that hears of people's requests."""

    connector_id: str
    type: str
    name: str


class OtherRecipient(View):
    """Who else is given personal data: `name` is a host, an agent, a connector or a destination, `data` what is given.

    `contact` is where a person is written to, and `messages` what; `packages` are people's data that they asked for;
    `request_states` tell what came of a request by its id, `list_answers` what came of a line of a list by its id;
    `principals` are who did what here, by id and name; `segments` are the members of what is activated.
    """

    kind: OtherRecipientKind
    name: str
    data: list[GivenData]


class IntakeFormEntry(View):
    """The form on the web by which people give their addresses and numbers themselves; `retention` as it tells them."""

    form_id: str
    types: list[FormType]
    allowed_origins: list[str]
    retention: str | None


class Retention(View):
    """How long what belongs to privacy requests is kept: records once answered, packages and bulks once made."""

    record_months: int
    package_days: int
    bulk_days: int


class ProcessingRecord(View):
    """What a sandbox's configuration says of its processing. Purposes and legal bases beyond it are for people to add.

    `consentDefault` is what counts for who has not answered.
    """

    as_of: Timestamp
    organization_name: str
    sandbox_name: str
    consent_default: ConsentDefault
    disclosed: list[Disclosure]
    received: list[Disclosure]
    processors: list[Processor]
    other_recipients: list[OtherRecipient]
    intake_form: IntakeFormEntry | None
    retention: Retention


def processing_record(caller: Caller) -> ProcessingRecord:
    """The record as of now: feeds that have not ended, systems outside, the form, and whoever else is given data."""
    sandbox = caller.on
    return ProcessingRecord(
        as_of=clock.now_text(),
        organization_name=sandbox.organization_name,
        sandbox_name=sandbox.name,
        consent_default=sandbox.consent_default,
        disclosed=_disclosed(sandbox.sandbox_id),
        received=_received(sandbox.sandbox_id),
        processors=[
            Processor(connector_id=each.connector_id, type=each.type, name=each.name)
            for each in connectors.systems(sandbox.sandbox_id)
        ],
        other_recipients=list(_others(sandbox.sandbox_id)),
        intake_form=_intake_form(sandbox.sandbox_id),
        retention=Retention(
            record_months=max(24, int(setting("PRIVACY_RECORD_MONTHS"))),
            package_days=package_store.KEPT.days,
            bulk_days=bulk_store.KEPT.days,
        ),
    )


def _others(sandbox_id: str) -> Iterator[OtherRecipient]:
    """Who writes to people, who takes the log's events, who brings requests and lists, and is answered."""
    if own := message_webhook_store.get(sandbox_id):
        yield OtherRecipient(kind="message_webhook", name=_host(own.url), data=["contact", "messages"])
    elif intake.has_sender():
        yield OtherRecipient(kind="amazon_ses", name="Amazon SES", data=["contact", "messages"])
    for webhook in activity.webhooks(sandbox_id):
        yield OtherRecipient(kind="webhook", name=_host(webhook.url), data=_LOG)
    yield OtherRecipient(kind="event_bus", name="Amazon EventBridge", data=_LOG)
    for each in connectors.connectors(sandbox_id):
        if each.type == connectors.LISTS:
            yield OtherRecipient(kind="drop", name=each.name, data=["list_answers"])
    for destination in destinations.destinations(sandbox_id):
        yield OtherRecipient(kind="destination", name=destination.name, data=["segments"])
    for agent in protocols.agents(sandbox_id):
        yield OtherRecipient(kind="privacy_agent", name=agent.agent_id, data=["packages", "request_states"])


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _intake_form(sandbox_id: str) -> IntakeFormEntry | None:
    form = intake_forms.form(sandbox_id)
    if form is None:
        return None
    return IntakeFormEntry(
        form_id=form.form_id,
        types=list(form.types),
        allowed_origins=list(form.origins),
        retention=form.retention,
    )


def _disclosed(sandbox_id: str) -> list[Disclosure]:
    released = {feed.feed_id: feed.released for feed in feeds.feeds(sandbox_id) if feed.released}
    return [
        Disclosure(
            partner=share.partner.name,
            feed_id=share.feed_id,
            feed_name=content.name,
            description=content.description,
            status=share.status,
            since=share.shared_at,
            segments=list(share.segment_ids),
            namespaces=list(share.namespaces),
            purposes=_purposes(content.restricted_marketing_actions),
        )
        for share in feeds.shares(sandbox_id)
        if share.status not in _ENDED and (content := released.get(share.feed_id))
    ]


def _received(sandbox_id: str) -> list[Disclosure]:
    return [
        Disclosure(
            partner=received.partner.name,
            feed_id=received.received_feed_id,
            feed_name=received.feed_name,
            description=received.description,
            status=received.status,
            since=received.shared_at,
            segments=[segment.name for segment in received.segments],
            namespaces=list(received.namespaces),
            purposes=_purposes(received.restricted_marketing_actions),
        )
        for received in feeds.received_feeds(sandbox_id)
        if received.status not in _ENDED
    ]


def _purposes(restricted: tuple[str, ...]) -> list[FeedMarketingAction]:
    return [action for action in get_args(FeedMarketingAction) if action not in restricted]
