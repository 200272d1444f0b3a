"""A sandbox that is told things of people, by files, streams and consent calls."""

from pathlib import Path
from typing import Any

from functions.ingest import app as ingest
from functions.segments import app as segments_app
from handfast.identity.keys import Key
from handfast.ingest.models import Upload
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import announce, deliver_file, handled, identity, ingested, put_file, rows

ID = {"column": "id", "as": "profileId"}
MAIL = {"column": "mail", "as": "identity", "namespace": "email"}
PHONE = {"column": "phone", "as": "identity", "namespace": "phone"}
SHARE = {"column": "share", "as": "share"}
STATUS = {"column": "status", "as": "status"}


class Told:
    """What is said to the sandbox, and what it knows of people then."""

    def __init__(self, world: World, member: Member, folder: Path) -> None:
        self.world, self.member, self.folder = world, member, folder

    def ready(self, text: str, *columns: Any, **upload: Any) -> str:
        """Announce an upload and put its file, which is not taken yet; returns its id."""
        upload_id = announce(self.member, list(columns), **upload)
        put_file(self.member, upload_id, text.encode())
        return upload_id

    def take(self, upload_id: str) -> bool:
        """Take an upload's file; whether that succeeded."""
        return deliver_file(self.member, upload_id)

    def attempted(self, text: str, *columns: Any, **upload: Any) -> Upload:
        """Ingest a file of commas and newlines, which may fail, and apply all that follows."""
        done = ingested(self.world, self.member, text.encode(), columns=list(columns), **upload)
        self.apply()
        return done

    def upload(self, text: str, *columns: Any, **upload: Any) -> Upload:
        """Ingest a file of commas and newlines."""
        done = self.attempted(text, *columns, **upload)
        assert done.status == "completed", done
        return done

    def send(self, path: str, *changes: Any) -> None:
        """Send what is said in a call."""
        answer = self.member.call(segments_app, "POST", path, {"changes": list(changes)})
        assert answer.body["accepted"] == len(changes), answer.body

    def stream(self, *changes: Any) -> None:
        """Stream membership changes and apply them."""
        self.send("memberships", *changes)
        self.apply()

    def consents(self, *changes: Any) -> None:
        """Send consent answers and apply them."""
        self.send("consents", *changes)
        self.apply()

    def apply(self) -> None:
        """Apply all changes that messages point at."""
        while messages := self.world.messages("INGEST_QUEUE_URL"):
            for message in messages:
                assert handled(ingest.handler, message)

    def profiles(self) -> dict[Key, tuple[Any, ...]]:
        """By identity: profile id, own answer, the person's."""
        found = rows(f"profiles/sandbox={self.member.sandbox.sandbox_id}/", self.folder)
        return {(row[0], row[1]): (row[4], row[5], row[6]) for row in found}

    def answers(self) -> dict[Key, tuple[str | None, str | None]]:
        """Each identity's own answer, and its person's."""
        return {key: (own, person) for key, (_, own, person) in self.profiles().items()}

    def person(self, *identities: tuple[str, str]) -> list[str | None]:
        """The person's answer on each identity."""
        found = self.answers()
        return [found[identity(*name)][1] for name in identities]
