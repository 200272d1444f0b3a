"""An Amazon EventBridge bus, given one event for each identity.

Limits and codes: PutEvents in the EventBridge API Reference (docs/sources.md, Destinations in AWS and files).
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

SOURCE, DETAIL_TYPE = "handfast", "segment.membership"


class EventBridgeSettings(MembershipSettings):
    """Where the bus is."""

    bus_arn: Annotated[
        str,
        StringConstraints(
            pattern=rf"^arn:aws[a-z-]*:events:{aws_roles.REGION}:\d{{12}}:event-bus/[A-Za-z0-9._/-]{{1,256}}$"
        ),
        Field(title="Event bus", description="The bus's ARN"),
    ]


class EventBridge(RecordDestination[EventBridgeSettings]):
    """The type."""

    type = "eventbridge"
    name = "Amazon EventBridge"
    service = "events"
    settings_schema = EventBridgeSettings
    limits = Limits(pairs=10, calls_per_second=100)
    record_bytes = call_bytes = 256_000
    overhead = len(SOURCE) + len(DETAIL_TYPE)
    card = Card(
        description="Streams changes of who is in a segment to an EventBridge bus of yours, an event for each "
        "identity.",
        identities=IDENTITIES,
        marketing_actions=("export_to_third_party", "data_export"),
        attributes=True,
        prerequisites=(roles.PREREQUISITE, "The role may events:PutEvents on the bus."),
        limits=(
            "An event that is repeated has another id at the bus; what it says is the same.",
            "A bus keeps no order: the event's lastQualificationTime tells which of two is the later one.",
            "An event has at most 256,000 bytes; a larger one is a dead letter (too_large).",
        ),
    )

    def region_of(self, settings: EventBridgeSettings) -> str:
        """The Region in the bus's ARN."""
        return settings.bus_arn.split(":")[3]

    def put(self, client: Any, settings: EventBridgeSettings, records: Sequence[Record]) -> Mapping[int, Failed]:
        """Put the records as events; an entry without an event id was not taken."""
        named = {"EventBusName": settings.bus_arn, "Source": SOURCE, "DetailType": DETAIL_TYPE}
        answer = client.put_events(Entries=[named | {"Detail": record.text} for record in records])
        return {
            number: Failed.of(entry.get("ErrorCode", "Unknown"))
            for number, entry in enumerate(answer["Entries"])
            if not entry.get("EventId")
        }


destination: DestinationType[EventBridgeSettings, RoleAuthentication] = EventBridge()
