"""An Amazon Kinesis data stream, given one record for each identity.

Limits and codes: PutRecords in the Kinesis Data Streams API Reference (docs/sources.md, Destinations in AWS and files).
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

_MIB = 1 << 20


class KinesisSettings(MembershipSettings):
    """Where the stream is."""

    stream_arn: Annotated[
        str,
        StringConstraints(
            pattern=rf"^arn:aws[a-z-]*:kinesis:{aws_roles.REGION}:\d{{12}}:stream/[A-Za-z0-9_.-]{{1,128}}$"
        ),
        Field(title="Stream", description="The stream's ARN"),
    ]


class Kinesis(RecordDestination[KinesisSettings]):
    """The type."""

    type = "kinesis"
    name = "Amazon Kinesis Data Streams"
    service = "kinesis"
    settings_schema = KinesisSettings
    limits = Limits(pairs=500, calls_per_second=20)
    record_bytes = _MIB
    call_bytes = 5 * _MIB
    overhead = 64  # of the partition key
    card = Card(
        description="Streams changes of who is in a segment to a Kinesis data stream of yours, a record for each "
        "identity.",
        identities=IDENTITIES,
        marketing_actions=("export_to_third_party", "data_export"),
        attributes=True,
        prerequisites=(
            roles.PREREQUISITE,
            "The role may kinesis:PutRecords on the stream, and kms:GenerateDataKey with its key if it has one of its "
            "own.",
        ),
        limits=(
            "The partition key is a digest of the identity, so that a shard has an identity's records in their order; "
            "a record may come twice.",
            "A shard takes 1,000 records a second; those above are tried again.",
            "A record has at most 1 MiB; a larger one is a dead letter (too_large).",
        ),
    )

    def region_of(self, settings: KinesisSettings) -> str:
        """The Region in the stream's ARN."""
        return settings.stream_arn.split(":")[3]

    def put(self, client: Any, settings: KinesisSettings, records: Sequence[Record]) -> Mapping[int, Failed]:
        """Put the records under their identities; one with an error code was not taken."""
        entries = [{"Data": record.text.encode(), "PartitionKey": record.identity} for record in records]
        answer = client.put_records(StreamARN=settings.stream_arn, Records=entries)
        return {
            number: Failed.of(entry["ErrorCode"])
            for number, entry in enumerate(answer["Records"])
            if entry.get("ErrorCode")
        }


destination: DestinationType[KinesisSettings, RoleAuthentication] = Kinesis()
