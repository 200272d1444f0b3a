"""A segment from the export to an endpoint, worked on by hand."""

import json
from typing import Any

from functions.delivery import app as delivery
from functions.destinations import app as destinations
from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker
from functions.segment_export import app as export
from handfast.privacy_requests import store as requests
from tests.worlds.privacy import subject
from tests.worlds.receiver import Receiver
from tests.worlds.sandboxes import Answer, Member, World
from tests.worlds.uploads import apply_all, handled


class Line:
    """A segment activated to an endpoint that a test has in its hand."""

    def __init__(self, world: World, member: Member, readers: str, endpoint: Receiver) -> None:
        self.world, self.member, self.readers, self.endpoint = world, member, readers, endpoint
        body: dict[str, Any] = {"type": "http", "name": "Warehouse", "settings": {"url": endpoint.url}}
        self.destination = str(self.call("POST", "destinations", body | {"authentication": {}}).body["destinationId"])
        mapping = [{"source": "email", "target": "email_lc_sha256"}]
        activation = {"segments": [{"segmentId": readers}], "mapping": mapping}
        made = self.call("POST", f"destinations/{self.destination}/activations", activation)
        assert made.status == 201, made.body
        self.activation, self.dataflow = made.body["activationId"], made.body["dataflowId"]

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.member.call(destinations, method, path, body, **more)

    def on(self, method: str, path: str, body: Any = None) -> Answer:
        return self.call(method, f"destinations/{self.destination}/{path}", body)

    def work(self) -> None:
        """Do what waits in the export queue and then in that of deliveries, once each."""
        for message in self.world.messages("EXPORT_QUEUE_URL"):
            assert handled(export.handler, message)
        for message in self.world.messages("DELIVERY_QUEUE_URL"):
            assert handled(delivery.handler, message)

    def asked(self, kind: str) -> None:
        """Have a request of Ann's carried out, and what follows from it."""
        body = {"type": kind, "regulation": "ccpa", "verified": True, "subject": subject("ann@example.com")}
        assert self.member.call(privacy, "POST", "privacy-requests", body).status == 202
        sandbox_id = self.member.sandbox.sandbox_id
        while requests.work(sandbox_id):
            assert handled(worker.handler, {"sandboxId": sandbox_id})
            apply_all(self.world)
            self.work()

    def got(self) -> list[tuple[str, str]]:
        """The identities that the endpoint was told of, and how."""
        return told_of(self.endpoint)


def told_of(endpoint: Receiver) -> list[tuple[str, str]]:
    """The identities that an endpoint was told of, and how."""
    told = []
    for _, _, body in endpoint.got:
        found = json.loads(body)
        for profile in found.get("profiles", [found]):
            ((identity,),) = profile["identityMap"].values()
            (membership,) = profile["segmentMembership"]["ups"].values()
            told.append((identity["id"], membership["status"]))
    return sorted(told)
