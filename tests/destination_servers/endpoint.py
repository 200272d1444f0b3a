"""An HTTPS endpoint of somebody's own, which keeps who it was told is in which segment (docs/destinations.md)."""

import gzip
import json
import sys

from tests.destination_servers.audiences import Audiences
from tests.worlds.connector_servers.serving import Asked, Reply, serve


class Endpoint(Audiences):
    """The endpoint, to whoever has its bearer token."""

    def unauthorised(self) -> Reply:
        return Reply(401, {"error": "unknown token"})

    def api(self, asked: Asked) -> Reply:
        body = gzip.decompress(asked.body) if asked.headers.get("content-encoding") == "gzip" else asked.body
        found = json.loads(body)
        for profile in found.get("profiles", [found]):
            ((identity,),) = profile["identityMap"].values()
            for segment, membership in profile["segmentMembership"]["ups"].items():
                self.change(segment, [identity["id"]], enters=membership["status"] == "realized")
        return Reply(204)


if __name__ == "__main__":
    serve(Endpoint(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
