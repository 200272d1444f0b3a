"""The nouns of the API, each loaded when it is first used.

Written by `make openapi` from openapi.json.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handfast_client.api import Api, AsyncApi
    from handfast_client.calls.activity import Activity, AsyncActivity
    from handfast_client.calls.connect_id import AsyncConnectId, ConnectId
    from handfast_client.calls.connections import AsyncConnections, Connections
    from handfast_client.calls.connectors import AsyncConnectors, Connectors
    from handfast_client.calls.consents import AsyncConsents, Consents
    from handfast_client.calls.data_sources import AsyncDataSources, DataSources
    from handfast_client.calls.dataflows import AsyncDataflows, Dataflows
    from handfast_client.calls.destinations import AsyncDestinations, Destinations
    from handfast_client.calls.drop_lists import AsyncDropLists, DropLists
    from handfast_client.calls.feeds import AsyncFeeds, Feeds
    from handfast_client.calls.grants import AsyncGrants, Grants
    from handfast_client.calls.imports import AsyncImports, Imports
    from handfast_client.calls.intake_form import AsyncIntakeForm, IntakeForm
    from handfast_client.calls.invitations import AsyncInvitations, Invitations
    from handfast_client.calls.labels import AsyncLabels, Labels
    from handfast_client.calls.marketing_actions import AsyncMarketingActions, MarketingActions
    from handfast_client.calls.me import AsyncMe, Me
    from handfast_client.calls.message_webhook import AsyncMessageWebhook, MessageWebhook
    from handfast_client.calls.namespaces import AsyncNamespaces, Namespaces
    from handfast_client.calls.notifications import AsyncNotifications, Notifications
    from handfast_client.calls.people import AsyncPeople, People
    from handfast_client.calls.policies import AsyncPolicies, Policies
    from handfast_client.calls.privacy_requests import AsyncPrivacyRequests, PrivacyRequests
    from handfast_client.calls.processing_record import AsyncProcessingRecord, ProcessingRecord
    from handfast_client.calls.quotas import AsyncQuotas, Quotas
    from handfast_client.calls.receipt_keys import AsyncReceiptKeys, ReceiptKeys
    from handfast_client.calls.received_feeds import AsyncReceivedFeeds, ReceivedFeeds
    from handfast_client.calls.recipient_tokens import AsyncRecipientTokens, RecipientTokens
    from handfast_client.calls.reference import AsyncReference, Reference
    from handfast_client.calls.sandbox import AsyncSandbox, Sandbox
    from handfast_client.calls.segments import AsyncSegments, Segments
    from handfast_client.calls.sharing import AsyncSharing, Sharing
    from handfast_client.calls.signals import AsyncSignals, Signals
    from handfast_client.calls.sources import AsyncSources, Sources
    from handfast_client.calls.suppressions import AsyncSuppressions, Suppressions
    from handfast_client.calls.traits import AsyncTraits, Traits
    from handfast_client.calls.webhooks import AsyncWebhooks, Webhooks
    from handfast_client.memberships import AsyncMemberships, Memberships
    from handfast_client.noun import Sandbox as Meant
    from handfast_client.uploads import AsyncUploads, Uploads


class Nouns:
    """The nouns of a blocking client."""

    api: Api
    _sandbox: Meant

    @cached_property
    def activity(self) -> Activity:
        """The log of what has happened in a sandbox, chained by hashes."""

        from handfast_client.calls.activity import Activity

        return Activity(self.api, self._sandbox)

    @cached_property
    def connect_id(self) -> ConnectId:
        """The identifier of a sandbox that is handed to a partner outside the product."""

        from handfast_client.calls.connect_id import ConnectId

        return ConnectId(self.api, self._sandbox)

    @cached_property
    def connections(self) -> Connections:
        """The agreement of two sandboxes that they may share."""

        from handfast_client.calls.connections import Connections

        return Connections(self.api, self._sandbox)

    @cached_property
    def connectors(self) -> Connectors:
        """Systems outside that a sandbox's privacy requests reach."""

        from handfast_client.calls.connectors import Connectors

        return Connectors(self.api, self._sandbox)

    @cached_property
    def consents(self) -> Consents:
        """Consent answers of identities and people."""

        from handfast_client.calls.consents import Consents

        return Consents(self.api, self._sandbox)

    @cached_property
    def data_sources(self) -> DataSources:
        """Where data come from, with labels for all that they feed."""

        from handfast_client.calls.data_sources import DataSources

        return DataSources(self.api, self._sandbox)

    @cached_property
    def dataflows(self) -> Dataflows:
        """What carries segments to a partner or a destination: its runs and its counts."""

        from handfast_client.calls.dataflows import Dataflows

        return Dataflows(self.api, self._sandbox)

    @cached_property
    def destinations(self) -> Destinations:
        """Systems outside that a sandbox gives segments to, and what is activated to them."""

        from handfast_client.calls.destinations import Destinations

        return Destinations(self.api, self._sandbox)

    @cached_property
    def drop_lists(self) -> DropLists:
        """What California's Delete Request and Opt-out Platform lists, and what it is answered."""

        from handfast_client.calls.drop_lists import DropLists

        return DropLists(self.api, self._sandbox)

    @cached_property
    def feeds(self) -> Feeds:
        """What a sandbox offers: segments, namespaces and partners under a name."""

        from handfast_client.calls.feeds import Feeds

        return Feeds(self.api, self._sandbox)

    @cached_property
    def grants(self) -> Grants:
        """Who may do what on a sandbox."""

        from handfast_client.calls.grants import Grants

        return Grants(self.api, self._sandbox)

    @cached_property
    def imports(self) -> Imports:
        """Many files that are taken together, or not at all."""

        from handfast_client.calls.imports import Imports

        return Imports(self.api, self._sandbox)

    @cached_property
    def intake_form(self) -> IntakeForm:
        """The form on the web by which people make their requests themselves."""

        from handfast_client.calls.intake_form import IntakeForm

        return IntakeForm(self.api, self._sandbox)

    @cached_property
    def invitations(self) -> Invitations:
        """Rights that somebody takes who is invited by e-mail."""

        from handfast_client.calls.invitations import Invitations

        return Invitations(self.api, self._sandbox)

    @cached_property
    def labels(self) -> Labels:
        """What says how data may be used: core labels and a sandbox's own."""

        from handfast_client.calls.labels import Labels

        return Labels(self.api, self._sandbox)

    @cached_property
    def marketing_actions(self) -> MarketingActions:
        """Whether data may be used for something."""

        from handfast_client.calls.marketing_actions import MarketingActions

        return MarketingActions(self.api, self._sandbox)

    @cached_property
    def me(self) -> Me:
        """Who is calling."""

        from handfast_client.calls.me import Me

        return Me(self.api, self._sandbox)

    @cached_property
    def memberships(self) -> Memberships:
        """Membership changes as a stream."""

        from handfast_client.memberships import Memberships

        return Memberships(self.api, self._sandbox)

    @cached_property
    def message_webhook(self) -> MessageWebhook:
        """A sandbox's own system that writes to people about their requests."""

        from handfast_client.calls.message_webhook import MessageWebhook

        return MessageWebhook(self.api, self._sandbox)

    @cached_property
    def namespaces(self) -> Namespaces:
        """Kinds of ids of a sandbox's own, beside those that every sandbox has."""

        from handfast_client.calls.namespaces import Namespaces

        return Namespaces(self.api, self._sandbox)

    @cached_property
    def notifications(self) -> Notifications:
        """What the people of a sandbox should see."""

        from handfast_client.calls.notifications import Notifications

        return Notifications(self.api, self._sandbox)

    @cached_property
    def people(self) -> People:
        """What is known of a person, and what keeps them from partners."""

        from handfast_client.calls.people import People

        return People(self.api, self._sandbox)

    @cached_property
    def policies(self) -> Policies:
        """What labels forbid, core policies and a sandbox's own."""

        from handfast_client.calls.policies import Policies

        return Policies(self.api, self._sandbox)

    @cached_property
    def privacy_requests(self) -> PrivacyRequests:
        """What people ask for about their data, from taking it to its proof."""

        from handfast_client.calls.privacy_requests import PrivacyRequests

        return PrivacyRequests(self.api, self._sandbox)

    @cached_property
    def processing_record(self) -> ProcessingRecord:
        """What a sandbox's configuration says for a record of processing."""

        from handfast_client.calls.processing_record import ProcessingRecord

        return ProcessingRecord(self.api, self._sandbox)

    @cached_property
    def quotas(self) -> Quotas:
        """What a sandbox may do in a time or at once, and what is left of it."""

        from handfast_client.calls.quotas import Quotas

        return Quotas(self.api, self._sandbox)

    @cached_property
    def receipt_keys(self) -> ReceiptKeys:
        """What signs histories and receipts."""

        from handfast_client.calls.receipt_keys import ReceiptKeys

        return ReceiptKeys(self.api, self._sandbox)

    @cached_property
    def received_feeds(self) -> ReceivedFeeds:
        """What partners offer, and the members received."""

        from handfast_client.calls.received_feeds import ReceivedFeeds

        return ReceivedFeeds(self.api, self._sandbox)

    @cached_property
    def recipient_tokens(self) -> RecipientTokens:
        """What tools read received members by that know bearer tokens alone."""

        from handfast_client.calls.recipient_tokens import RecipientTokens

        return RecipientTokens(self.api, self._sandbox)

    @cached_property
    def reference(self) -> Reference:
        """Codes that callers use or meet, and what they mean."""

        from handfast_client.calls.reference import Reference

        return Reference(self.api, self._sandbox)

    @cached_property
    def sandbox(self) -> Sandbox:
        """A sandbox with its settings."""

        from handfast_client.calls.sandbox import Sandbox

        return Sandbox(self.api, self._sandbox)

    @cached_property
    def segments(self) -> Segments:
        """Named sets of identities, own and received."""

        from handfast_client.calls.segments import Segments

        return Segments(self.api, self._sandbox)

    @cached_property
    def sharing(self) -> Sharing:
        """Delta Sharing: received feeds as tables, for tools that speak the protocol."""

        from handfast_client.calls.sharing import Sharing

        return Sharing(self.api, self._sandbox)

    @cached_property
    def signals(self) -> Signals:
        """The signals of received segments, as Audience Manager shows them."""

        from handfast_client.calls.signals import Signals

        return Signals(self.api, self._sandbox)

    @cached_property
    def sources(self) -> Sources:
        """Places that files are taken from by themselves: buckets and servers of others."""

        from handfast_client.calls.sources import Sources

        return Sources(self.api, self._sandbox)

    @cached_property
    def suppressions(self) -> Suppressions:
        """Identities that stay out."""

        from handfast_client.calls.suppressions import Suppressions

        return Suppressions(self.api, self._sandbox)

    @cached_property
    def traits(self) -> Traits:
        """The traits that received segments are, as Audience Manager shows them."""

        from handfast_client.calls.traits import Traits

        return Traits(self.api, self._sandbox)

    @cached_property
    def uploads(self) -> Uploads:
        """Files of identities and memberships on their way in."""

        from handfast_client.uploads import Uploads

        return Uploads(self.api, self._sandbox)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Addresses that events are sent to."""

        from handfast_client.calls.webhooks import Webhooks

        return Webhooks(self.api, self._sandbox)


class AsyncNouns:
    """The nouns of an async client."""

    api: AsyncApi
    _sandbox: Meant

    @cached_property
    def activity(self) -> AsyncActivity:
        """The log of what has happened in a sandbox, chained by hashes."""

        from handfast_client.calls.activity import AsyncActivity

        return AsyncActivity(self.api, self._sandbox)

    @cached_property
    def connect_id(self) -> AsyncConnectId:
        """The identifier of a sandbox that is handed to a partner outside the product."""

        from handfast_client.calls.connect_id import AsyncConnectId

        return AsyncConnectId(self.api, self._sandbox)

    @cached_property
    def connections(self) -> AsyncConnections:
        """The agreement of two sandboxes that they may share."""

        from handfast_client.calls.connections import AsyncConnections

        return AsyncConnections(self.api, self._sandbox)

    @cached_property
    def connectors(self) -> AsyncConnectors:
        """Systems outside that a sandbox's privacy requests reach."""

        from handfast_client.calls.connectors import AsyncConnectors

        return AsyncConnectors(self.api, self._sandbox)

    @cached_property
    def consents(self) -> AsyncConsents:
        """Consent answers of identities and people."""

        from handfast_client.calls.consents import AsyncConsents

        return AsyncConsents(self.api, self._sandbox)

    @cached_property
    def data_sources(self) -> AsyncDataSources:
        """Where data come from, with labels for all that they feed."""

        from handfast_client.calls.data_sources import AsyncDataSources

        return AsyncDataSources(self.api, self._sandbox)

    @cached_property
    def dataflows(self) -> AsyncDataflows:
        """What carries segments to a partner or a destination: its runs and its counts."""

        from handfast_client.calls.dataflows import AsyncDataflows

        return AsyncDataflows(self.api, self._sandbox)

    @cached_property
    def destinations(self) -> AsyncDestinations:
        """Systems outside that a sandbox gives segments to, and what is activated to them."""

        from handfast_client.calls.destinations import AsyncDestinations

        return AsyncDestinations(self.api, self._sandbox)

    @cached_property
    def drop_lists(self) -> AsyncDropLists:
        """What California's Delete Request and Opt-out Platform lists, and what it is answered."""

        from handfast_client.calls.drop_lists import AsyncDropLists

        return AsyncDropLists(self.api, self._sandbox)

    @cached_property
    def feeds(self) -> AsyncFeeds:
        """What a sandbox offers: segments, namespaces and partners under a name."""

        from handfast_client.calls.feeds import AsyncFeeds

        return AsyncFeeds(self.api, self._sandbox)

    @cached_property
    def grants(self) -> AsyncGrants:
        """Who may do what on a sandbox."""

        from handfast_client.calls.grants import AsyncGrants

        return AsyncGrants(self.api, self._sandbox)

    @cached_property
    def imports(self) -> AsyncImports:
        """Many files that are taken together, or not at all."""

        from handfast_client.calls.imports import AsyncImports

        return AsyncImports(self.api, self._sandbox)

    @cached_property
    def intake_form(self) -> AsyncIntakeForm:
        """The form on the web by which people make their requests themselves."""

        from handfast_client.calls.intake_form import AsyncIntakeForm

        return AsyncIntakeForm(self.api, self._sandbox)

    @cached_property
    def invitations(self) -> AsyncInvitations:
        """Rights that somebody takes who is invited by e-mail."""

        from handfast_client.calls.invitations import AsyncInvitations

        return AsyncInvitations(self.api, self._sandbox)

    @cached_property
    def labels(self) -> AsyncLabels:
        """What says how data may be used: core labels and a sandbox's own."""

        from handfast_client.calls.labels import AsyncLabels

        return AsyncLabels(self.api, self._sandbox)

    @cached_property
    def marketing_actions(self) -> AsyncMarketingActions:
        """Whether data may be used for something."""

        from handfast_client.calls.marketing_actions import AsyncMarketingActions

        return AsyncMarketingActions(self.api, self._sandbox)

    @cached_property
    def me(self) -> AsyncMe:
        """Who is calling."""

        from handfast_client.calls.me import AsyncMe

        return AsyncMe(self.api, self._sandbox)

    @cached_property
    def memberships(self) -> AsyncMemberships:
        """Membership changes as a stream."""

        from handfast_client.memberships import AsyncMemberships

        return AsyncMemberships(self.api, self._sandbox)

    @cached_property
    def message_webhook(self) -> AsyncMessageWebhook:
        """A sandbox's own system that writes to people about their requests."""

        from handfast_client.calls.message_webhook import AsyncMessageWebhook

        return AsyncMessageWebhook(self.api, self._sandbox)

    @cached_property
    def namespaces(self) -> AsyncNamespaces:
        """Kinds of ids of a sandbox's own, beside those that every sandbox has."""

        from handfast_client.calls.namespaces import AsyncNamespaces

        return AsyncNamespaces(self.api, self._sandbox)

    @cached_property
    def notifications(self) -> AsyncNotifications:
        """What the people of a sandbox should see."""

        from handfast_client.calls.notifications import AsyncNotifications

        return AsyncNotifications(self.api, self._sandbox)

    @cached_property
    def people(self) -> AsyncPeople:
        """What is known of a person, and what keeps them from partners."""

        from handfast_client.calls.people import AsyncPeople

        return AsyncPeople(self.api, self._sandbox)

    @cached_property
    def policies(self) -> AsyncPolicies:
        """What labels forbid, core policies and a sandbox's own."""

        from handfast_client.calls.policies import AsyncPolicies

        return AsyncPolicies(self.api, self._sandbox)

    @cached_property
    def privacy_requests(self) -> AsyncPrivacyRequests:
        """What people ask for about their data, from taking it to its proof."""

        from handfast_client.calls.privacy_requests import AsyncPrivacyRequests

        return AsyncPrivacyRequests(self.api, self._sandbox)

    @cached_property
    def processing_record(self) -> AsyncProcessingRecord:
        """What a sandbox's configuration says for a record of processing."""

        from handfast_client.calls.processing_record import AsyncProcessingRecord

        return AsyncProcessingRecord(self.api, self._sandbox)

    @cached_property
    def quotas(self) -> AsyncQuotas:
        """What a sandbox may do in a time or at once, and what is left of it."""

        from handfast_client.calls.quotas import AsyncQuotas

        return AsyncQuotas(self.api, self._sandbox)

    @cached_property
    def receipt_keys(self) -> AsyncReceiptKeys:
        """What signs histories and receipts."""

        from handfast_client.calls.receipt_keys import AsyncReceiptKeys

        return AsyncReceiptKeys(self.api, self._sandbox)

    @cached_property
    def received_feeds(self) -> AsyncReceivedFeeds:
        """What partners offer, and the members received."""

        from handfast_client.calls.received_feeds import AsyncReceivedFeeds

        return AsyncReceivedFeeds(self.api, self._sandbox)

    @cached_property
    def recipient_tokens(self) -> AsyncRecipientTokens:
        """What tools read received members by that know bearer tokens alone."""

        from handfast_client.calls.recipient_tokens import AsyncRecipientTokens

        return AsyncRecipientTokens(self.api, self._sandbox)

    @cached_property
    def reference(self) -> AsyncReference:
        """Codes that callers use or meet, and what they mean."""

        from handfast_client.calls.reference import AsyncReference

        return AsyncReference(self.api, self._sandbox)

    @cached_property
    def sandbox(self) -> AsyncSandbox:
        """A sandbox with its settings."""

        from handfast_client.calls.sandbox import AsyncSandbox

        return AsyncSandbox(self.api, self._sandbox)

    @cached_property
    def segments(self) -> AsyncSegments:
        """Named sets of identities, own and received."""

        from handfast_client.calls.segments import AsyncSegments

        return AsyncSegments(self.api, self._sandbox)

    @cached_property
    def sharing(self) -> AsyncSharing:
        """Delta Sharing: received feeds as tables, for tools that speak the protocol."""

        from handfast_client.calls.sharing import AsyncSharing

        return AsyncSharing(self.api, self._sandbox)

    @cached_property
    def signals(self) -> AsyncSignals:
        """The signals of received segments, as Audience Manager shows them."""

        from handfast_client.calls.signals import AsyncSignals

        return AsyncSignals(self.api, self._sandbox)

    @cached_property
    def sources(self) -> AsyncSources:
        """Places that files are taken from by themselves: buckets and servers of others."""

        from handfast_client.calls.sources import AsyncSources

        return AsyncSources(self.api, self._sandbox)

    @cached_property
    def suppressions(self) -> AsyncSuppressions:
        """Identities that stay out."""

        from handfast_client.calls.suppressions import AsyncSuppressions

        return AsyncSuppressions(self.api, self._sandbox)

    @cached_property
    def traits(self) -> AsyncTraits:
        """The traits that received segments are, as Audience Manager shows them."""

        from handfast_client.calls.traits import AsyncTraits

        return AsyncTraits(self.api, self._sandbox)

    @cached_property
    def uploads(self) -> AsyncUploads:
        """Files of identities and memberships on their way in."""

        from handfast_client.uploads import AsyncUploads

        return AsyncUploads(self.api, self._sandbox)

    @cached_property
    def webhooks(self) -> AsyncWebhooks:
        """Addresses that events are sent to."""

        from handfast_client.calls.webhooks import AsyncWebhooks

        return AsyncWebhooks(self.api, self._sandbox)
