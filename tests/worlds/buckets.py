"""A segment that is activated to a bucket of another account, worked on by hand."""

from typing import Any

import boto3

from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.segment_export import app as export
from tests.worlds.roles import ARN, Trust
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.stores import REGION
from tests.worlds.uploads import handled

BUCKET = "audiences-of-theirs"


def found() -> dict[str, bytes]:
    """What is in the bucket, by key."""
    s3 = boto3.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


class Desk:
    """A segment of which two members may be given away, and a bucket."""

    def __init__(self, trust: Trust, world: World, member: Member, readers: str, **settings: Any) -> None:
        self.world, self.member, self.readers = world, member, readers
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        place = {"bucket": BUCKET, "region": REGION, "prefix": "in/"}
        made = self.call(
            "POST",
            "destinations",
            {"type": "s3", "name": "Files", "settings": place | settings, "authentication": {"roleArn": ARN}},
        )
        assert made.status == 201, made.body
        self.destination = made.body["destinationId"]
        trust.external_id = self.destination

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.member.call(destinations, method, path, body, **more)

    def activate(self, *others: str) -> str:
        """Activate the segment, and others beside."""
        body = {
            "segments": [{"segmentId": each} for each in (self.readers, *others)],
            "mapping": [{"source": "email", "target": "email_lc_sha256"}, {"source": "IDFA", "target": "idfa"}],
        }
        made = self.call("POST", f"destinations/{self.destination}/activations", body)
        assert made.status == 201, made.body
        return str(made.body["activationId"])

    def work(self) -> None:
        """Do what waits in the export queue and then in that of deliveries."""
        for message in self.world.messages("EXPORT_QUEUE_URL"):
            assert handled(export.handler, message)
        for message in self.world.messages("DELIVERY_QUEUE_URL"):
            assert handled(delivery.handler, message)
