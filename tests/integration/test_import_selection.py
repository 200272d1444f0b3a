"""Files that name segments: what they would bring, which of their segments are taken, and the entitlement."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from functions.segments import app as segments
from handfast.access import service as access
from handfast.ingest import store
from handfast.ingest.models import Upload
from handfast.journal import store as journal
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import pointers
from tests.worlds.uploads import announce, apply_all, deliver_file, put_file, segment_of

COLUMNS = [
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "segments", "as": "segment"},
]


@dataclass
class Import:
    """A sandbox with two segments and a file of another system's, which names one of them and one that is unknown."""

    world: World
    member: Member
    buyers: str
    vips: str

    @property
    def file(self) -> bytes:
        rows = [
            ("ann@example.com", f"{self.buyers}|{self.vips}"),
            ("bob@example.com", self.buyers),
            ("cat@example.com", f"elsewhere | {self.vips}"),
            ("dan@example.com", "elsewhere"),
            ("eve@example.com", ""),
            ("fay@example.com", "eve@example.com"),
        ]
        return "\n".join(["mail,segments", *(",".join(row) for row in rows)]).encode() + b"\n"

    def send(self, **members: Any) -> Any:
        """Send the file; returns the upload as the API shows it."""
        upload = announce(self.member, COLUMNS, **members)
        put_file(self.member, upload, self.file)
        assert deliver_file(self.member, upload)
        apply_all(self.world)
        answer = self.member.call(segments, "GET", f"uploads/{upload}")
        assert answer.status == 200, answer.body
        return answer.body

    def stored(self, upload_id: str) -> Upload:
        found = store.upload(self.member.sandbox.sandbox_id, upload_id)
        assert found
        return found

    def members(self) -> tuple[int, int]:
        """How many members both segments have."""
        found = [
            self.member.call(segments, "GET", f"segments/{name}").body["counts"] for name in (self.buyers, self.vips)
        ]
        return found[0]["identities"], found[1]["identities"]

    def keys(self) -> list[str]:
        """What lies in the bucket."""
        listed = boto3.client("s3").list_objects_v2(Bucket="handfast-data")
        return [item["Key"] for item in listed.get("Contents", ())]


@pytest.fixture
def files(world: World) -> Import:
    member = world.member(world.a)
    return Import(world, member, segment_of(member, "Buyers"), segment_of(member, "VIPs"))


def entitled(files: Import, profiles: int) -> None:
    access.change_sandbox(files.member.sandbox.sandbox_id, profile_entitlement=profiles)
    access.forget()


def test_a_preview_tells_what_each_segment_would_bring_and_changes_nothing(files: Import) -> None:
    entitled(files, 4)
    files.send(segments=[files.buyers])
    before = files.keys()
    found = files.send(preview=True, segments=[files.vips])
    assert found["status"] == "completed"
    shown = {files.buyers: (files.buyers, 2, 0), files.vips: (files.vips, 2, 1), "elsewhere": (None, 2, 2)}
    offers = [
        {"name": name, "segmentId": segment_id, "identities": identities, "newIdentities": new, "isCreated": False}
        for name, (segment_id, identities, new) in sorted(shown.items())
    ]
    assert found["preview"] == {
        "identities": 2,
        "newIdentities": 1,
        "knownIdentities": 2,
        "profileEntitlement": 4,
        "segmentsOffered": 4,
        "segments": offers,
    }, "the address among the names is counted, and not shown"
    assert files.keys() == before, "and the file is gone"
    assert files.members() == (2, 0)
    nobody = files.send(preview=True)["preview"]
    assert (nobody["identities"], nobody["newIdentities"]) == (0, 0), "none is selected by itself"
    everybody = files.send(preview=True, segments="all")["preview"]
    assert (everybody["identities"], everybody["newIdentities"]) == (3, 1)
    types = [record["type"] for record in journal.log(files.member.sandbox.sandbox_id)]
    assert types.count("upload.previewed") == 3


def test_rows_of_segments_that_are_not_selected_bring_nobody(files: Import) -> None:
    found = files.send(segments=[files.vips])
    counts = found["counts"]
    assert (counts["accepted"], counts["rejectedByReason"], found["preview"]) == (2, {"segment_not_selected": 4}, None)
    assert files.members() == (0, 2), "a row that names another segment too is taken for the selected one alone"
    assert store.find_file(files.stored(found["uploadId"])) is None


def test_with_an_entitlement_the_selection_has_to_be_said_and_all_is_refused_above_it(files: Import) -> None:
    entitled(files, 2)
    body = {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": COLUMNS}
    answer = files.member.call(segments, "POST", "uploads", body)
    assert (answer.status, pointers(answer)) == (422, ["/segments"])
    assert "name the segments to take, or say all" in answer.body["errors"][0]["message"]
    refused = files.send(segments="all", allowRejects=True)
    assert (refused["status"], refused["error"]["reason"]) == ("failed", "profile_entitlement")
    assert files.members() == (0, 0)
    assert files.send(segments=[files.buyers])["status"] == "completed"
    assert files.send(segments=[files.vips])["error"]["reason"] == "profile_entitlement"
    assert files.send(segments=[files.vips], allowOverEntitlement=True)["status"] == "completed"
    assert files.members() == (2, 2)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"segments": ["seg_nobodys"]}, "/segments/0"),
        ({"segments": "all", "columns": COLUMNS[:1]}, "/segments"),
        ({"mode": "suppression", "preview": True, "columns": COLUMNS[:1]}, "/preview"),
    ],
)
def test_a_selection_that_selects_nothing_is_refused(files: Import, changes: Any, where: str) -> None:
    body = {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": COLUMNS} | changes
    answer = files.member.call(segments, "POST", "uploads", body)
    assert (answer.status, pointers(answer)) == (422, [where])
