"""An Amazon SQS queue, given one message for each identity.

Limits and codes: SendMessageBatch in the SQS API Reference (docs/sources.md, Destinations in AWS and files).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from handfast.connectors import aws_roles
from handfast.destinations import roles
from handfast.destinations.contract import Card, DestinationType, Limits
from handfast.destinations.records import Failed, Record, RecordDestination
from handfast.destinations.roles import RoleAuthentication
from handfast.destinations.types.http import IDENTITIES
from handfast.destinations.types.http.settings import MembershipSettings
from handfast.platform.assumed import THROTTLED

_MIB = 1 << 20


class SqsSettings(MembershipSettings):
    """Where the queue is."""

    queue_arn: Annotated[
        str,
        StringConstraints(pattern=rf"^arn:aws[a-z-]*:sqs:{aws_roles.REGION}:\d{{12}}:[A-Za-z0-9_-]{{1,80}}(\.fifo)?$"),
        Field(title="Queue", description="The queue's ARN; a name that ends in .fifo is a FIFO queue's"),
    ]


class Sqs(RecordDestination[SqsSettings]):
    """The type."""

    type = "sqs"
    name = "Amazon SQS"
    service = "sqs"
    settings_schema = SqsSettings
    limits = Limits(pairs=10, calls_per_second=100)
    record_bytes = call_bytes = _MIB
    card = Card(
        description="Streams changes of who is in a segment to an SQS queue of yours, a message for each identity.",
        identities=IDENTITIES,
        marketing_actions=("export_to_third_party", "data_export"),
        attributes=True,
        prerequisites=(
            roles.PREREQUISITE,
            "The role may sqs:SendMessage to the queue, and kms:GenerateDataKey and kms:Decrypt with its key if it has "
            "one of its own.",
        ),
        limits=(
            "A FIFO queue keeps the order of each identity, which is a message group, and drops what is repeated "
            "within 5 minutes.",
            "Another queue keeps no order: lastQualificationTime tells which of two messages is the later one.",
            "A message has at most 1 MiB; a larger one is a dead letter (too_large).",
        ),
    )

    def region_of(self, settings: SqsSettings) -> str:
        """The Region in the queue's ARN."""
        return settings.queue_arn.split(":")[3]

    def put(self, client: Any, settings: SqsSettings, records: Sequence[Record]) -> Mapping[int, Failed]:
        """Send the records as messages: of a FIFO queue each identity is a group, and equal texts are one message."""
        account, name = settings.queue_arn.split(":")[4:]
        is_fifo = name.endswith(".fifo")
        entries = [
            {"Id": str(number), "MessageBody": record.text}
            | ({"MessageGroupId": record.identity, "MessageDeduplicationId": record.digest} if is_fifo else {})
            for number, record in enumerate(records)
        ]
        answer = client.send_message_batch(QueueUrl=f"{client.meta.endpoint_url}/{account}/{name}", Entries=entries)
        return {int(entry["Id"]): _failed(entry["Code"], entry["SenderFault"]) for entry in answer.get("Failed", ())}


def _failed(code: str, is_senders_fault: bool) -> Failed:
    return Failed(code, again=not is_senders_fault or code in THROTTLED)


destination: DestinationType[SqsSettings, RoleAuthentication] = Sqs()
