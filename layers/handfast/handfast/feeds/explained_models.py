"""What is asked and answered about a person (docs/api.md, Segments and members)."""

from typing import Literal

from handfast.dataflows.models import DataflowStatus
from handfast.feeds.models import Id
from handfast.identity.given import SubjectIdentity
from handfast.journal.models import ConsentDefault
from handfast.partners.models import Partner
from handfast.platform.wire import Request, Timestamp, View

type ShareReason = Literal[
    "unknown_identity",
    "namespace_not_selected",
    "consent",
    "suppressed",
    "not_shared",
    "cleared",
]
"""What keeps an identity back on the sender's side; `not_shared`: the dataflow may not carry the segment now."""


class ExplainPerson(Request):
    """Whom to explain, by one identity, and of what: all segments, connections and dataflows without."""

    identity: SubjectIdentity
    segment_id: Id | None = None
    connection_id: Id | None = None
    dataflow_id: Id | None = None


class ExplainedMembership(View):
    """An own segment that the identity is a member of, and since when."""

    segment_id: str
    name: str
    since: Timestamp


class ConsentAnswers(View):
    """What was answered: `share` for the identity, `profileShare` for the person; and what counts without an answer."""

    share: str | None
    profile_share: str | None
    answered_at: Timestamp | None
    consent_default: ConsentDefault


class Suppressed(View):
    """Why the identity stays out, and since when."""

    reason: Literal["erasure", "opt_out"]
    since: Timestamp


class ExplainedShare(View):
    """Whether an identity may be shared as a member of a segment: `cleared`, or what keeps it back.

    Cleared is what this side decides: the partner is given those whom it knows too, and who they are is not told.
    """

    segment_id: str
    name: str | None
    reason: ShareReason


class ExplainedReceipt(View):
    """A segment of a received feed that the identity is given in, and since when."""

    received_feed_id: str
    feed_name: str
    partner: Partner
    segment_id: str
    name: str
    since: Timestamp


class ExplainedDataflow(View):
    """A dataflow out of the sandbox, and what it does with the identity in each segment it is a member of."""

    dataflow_id: str
    name: str
    connection_id: str
    partner: Partner
    status: DataflowStatus
    segments: list[ExplainedShare]


class ExplainedIdentity(View):
    """An identity of the person, without its value; `asked` tells the one that was given, `known` that there is a
    profile of it.
    """

    namespace: str
    asked: bool
    known: bool
    segments: list[ExplainedMembership]
    consent: ConsentAnswers
    suppressed: Suppressed | None
    dataflows: list[ExplainedDataflow]
    received: list[ExplainedReceipt]


class ExplainedPerson(View):
    """All identities of a person that the profile id leads to, the one asked about first."""

    identities: list[ExplainedIdentity]
