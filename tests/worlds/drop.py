"""Lists of California's DROP as tests bring them, and the workers that carry them out."""

import base64
import hashlib
import io
import zipfile
from typing import Any

from functions.privacy_requests import app as privacy
from functions.privacy_requests import worker as queue
from handfast.identity.drop import phone_digest
from handfast.privacy_requests.drop import store
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import apply_all, handled

EMAILS, PHONES = "20260801_4821_Email.csv", "20260801_4821_Phone.csv"
ANN = ("1", "ann@example.com", "+1 (415) 555-9317")
BOB = ("2", "bob@example.com", "+14155552671")


def mail(address: str) -> str:
    """What DROP lists an address by."""
    return base64.b64encode(hashlib.sha256(address.encode()).digest()).decode()


def phone(number: str) -> str:
    """What DROP lists a number by."""
    return base64.b64encode(phone_digest(number)).decode()


def csv(*lines: str) -> bytes:
    """A list of hashes, whose IDs are 00000000000A and so on."""
    return "".join(["ID,Hash\n", *(f"{item(number)},{line}\n" for number, line in enumerate(lines))]).encode()


def item(number: int) -> str:
    """The ID of a line."""
    return f"00000000000{chr(ord('A') + number)}"


def zipped(**files: bytes) -> bytes:
    """A ZIP of lists, by their types."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"20260801_4821_{name}.csv", content)
    return packed.getvalue()


def settle(world: World) -> None:
    """Let the workers do all there is."""
    for _ in range(20):
        apply_all(world)
        messages = world.messages("PRIVACY_QUEUE_URL")
        if not messages:
            break
        for message in messages:
            assert handled(queue.handler, message)


def work(world: World, member: Member, made: str) -> Any:
    """Let the workers do all there is, and look at the list once more; returns it."""
    settle(world)
    store.wake(member.sandbox.sandbox_id, made)
    for message in world.messages("PRIVACY_QUEUE_URL"):
        assert handled(queue.handler, message)
    return member.call(privacy, "GET", f"drop-lists/{made}").body
