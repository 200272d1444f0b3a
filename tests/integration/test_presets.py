"""Files of other systems through the API: previewed, loaded with the segments that they name, shared, and compared."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from functions.access import app as access_app
from functions.governance import app as governance
from functions.segments import app as segments
from handfast.access import service as access
from handfast.access import store as access_store
from handfast.governance.consent import REFUSALS
from handfast.identity.keys import key
from handfast.identity.namespaces import namespace
from handfast.ingest import store as ingest_store
from handfast.journal import store as journal
from handfast.platform.secret import identity_secret
from handfast.segments import store as segment_store
from tests.worlds.exports import deliver
from tests.worlds.preset_files import Identity, PresetFile, all_kinds
from tests.worlds.sandboxes import Member, World
from tests.worlds.sharing import Pair, pair_of, pointers
from tests.worlds.uploads import apply_all, deliver_file, members, put_file, rows, stored

SHARED = {"email": "email", "phone": "phone", "ECID": "ECID", "IDFA": "IDFA", "GAID": "GAID"}
FILES = {f"{file.preset} {file.format}": file for file in all_kinds(20)}


@pytest.fixture
def pair(world: World) -> Pair:
    """Two connected sandboxes, the first with a namespace of its own and a data source of Audience Manager's number."""
    made = pair_of(world)
    own = {"namespace": "crm", "name": "Ids of the CRM", "kind": "text"}
    assert made.a.call(access_app, "POST", "namespaces", own).status == 201
    access.forget()
    return made


def data_source(owner: Member, name: str = "1234", **members: Any) -> str:
    """Create a data source; returns its id."""
    answer = owner.call(governance, "POST", "data-sources", {"name": name} | members)
    assert answer.status == 201, answer.body
    source_id: str = answer.body["dataSourceId"]
    return source_id


def load(world: World, owner: Member, file: PresetFile, **options: Any) -> Any:
    """Send a file by its preset; returns the upload as the API shows it when it has ended."""
    body: dict[str, Any] = {"fileName": file.name, "preset": file.preset, "columns": list(file.columns)}
    answer = owner.call(segments, "POST", "uploads", body | options)
    assert answer.status == 201, answer.body
    upload_id = answer.body["uploadId"]
    put_file(owner, upload_id, file.content)
    assert deliver_file(owner, upload_id)
    apply_all(world)
    return owner.call(segments, "GET", f"uploads/{upload_id}").body


def segment_ids(owner: Member) -> dict[str, str]:
    """The ids of a sandbox's segments by external id."""
    own = segment_store.segments_without_parts(owner.sandbox.sandbox_id)
    return {found.external_id: found.segment_id for found in own if found.external_id}


def profiles_of(owner: Member) -> dict[tuple[int, int], str | None]:
    """The persons' answers of all profiles, by key."""
    with TemporaryDirectory() as folder:
        found = rows(f"profiles/sandbox={owner.sandbox.sandbox_id}/", Path(folder))
    return {(row[0], row[1]): row[6] for row in found}


def truth(file: PresetFile, name: str) -> set[Identity]:
    """Whom a file has join a segment."""
    return {identity for identity, said in file.members.items() if said.get(name)}


def key_of(owner: Member, identity: Identity) -> tuple[int, int]:
    """The key that an identity is stored by."""
    sandbox = access_store.sandbox(owner.sandbox.sandbox_id)
    assert sandbox
    kind = namespace(identity[0], sandbox.own_namespaces)
    return key(identity_secret(), kind.code, kind.normalise(identity[1]))


def value(identity: Identity) -> tuple[str, str]:
    """An identity of a namespace that every sandbox has, as a received member shows it."""
    kind = namespace(identity[0])
    canonical = kind.normalise(identity[1])
    return kind.symbol, canonical.hex() if kind.hashed else canonical.decode()


def may_be_shared(file: PresetFile, identity: Identity) -> bool:
    """Whether the answers of a file let an identity be shared where no answer is a yes."""
    person = file.person_shares.get(identity)
    return person != "n" and (file.shares.get(identity) or person) not in REFUSALS


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_previewed_loaded_and_shared_as_it_says(kind: str, pair: Pair, tmp_path: Path) -> None:
    file, owner = FILES[kind], pair.a
    data_source(owner)
    before = segment_ids(owner)
    previewed = load(pair.world, owner, file, createSegments=True, preview=True, segments="all")
    assert (previewed["status"], previewed["error"]) == ("completed", None)
    offers = {offer["name"]: offer for offer in previewed["preview"]["segments"]}
    assert set(offers) == set(file.names)
    assert all(offer["isCreated"] and offer["segmentId"] is None for offer in offers.values())
    assert segment_ids(owner) == before, "a preview creates none"

    loaded = load(pair.world, owner, file, createSegments=True, allowRejects=True)
    assert (loaded["status"], loaded["error"], loaded["preset"]) == ("completed", None, file.preset)
    created = segment_ids(owner)
    assert set(created) - set(before) == set(file.names)
    assert loaded["counts"]["segmentsCreated"] == len(file.names)
    keys = {identity: key_of(owner, identity) for identity in file.members}
    for name in file.names:
        assert members(owner, created[name], tmp_path) == {keys[each] for each in truth(file, name)}, name

    _share(pair, file, created)


def _share(pair: Pair, file: PresetFile, created: dict[str, str]) -> None:
    """Have the partner know two of three of the file's people, share all segments, and compare what comes."""
    everybody = sorted(identity for identity in file.members if identity[0] in SHARED)
    common = [identity for number, identity in enumerate(everybody) if number % 3]
    known = [value(identity) for identity in common]
    lines = [json.dumps({"of": symbol, "value": text}) for symbol, text in known]
    columns = [{"column": "of", "as": "namespace"}, {"column": "value", "as": "identity"}]
    body = {"fileName": "own.ndjson", "format": "ndjson", "mode": "delta", "columns": columns}
    if lines:
        answer = pair.b.call(segments, "POST", "uploads", body)
        assert answer.status == 201, answer.body
        put_file(pair.b, answer.body["uploadId"], "\n".join(lines).encode())
        assert deliver_file(pair.b, answer.body["uploadId"], message=9)
        apply_all(pair.world)
        assert stored(pair.b, answer.body["uploadId"]).accepted == len(common)
    pair.exports()
    wanted = [created[name] for name in file.names]
    pair.published(segmentIds=wanted, namespaces=list(SHARED.values()))
    answer = pair.decide("enable")
    assert answer.status == 200, answer.body
    assert deliver(pair.exports()) == []
    found = _received(pair, answer.body["receivedFeedId"])
    expected = {
        value(identity): {created[name] for name in file.names if identity in truth(file, name)}
        for identity in common
        if may_be_shared(file, identity)
    }
    assert found == {identity: names for identity, names in expected.items() if names}


def _received(pair: Pair, received_feed: str) -> dict[tuple[str, str], set[str]]:
    """All members of a received feed, by namespace and value, with their segments."""
    found: dict[tuple[str, str], set[str]] = {}
    cursor: dict[str, str] = {}
    while True:
        query = {"limit": "200"} | cursor
        page = pair.b.call(segments, "GET", f"received-feeds/{received_feed}/members", query=query).body
        found |= {(item["namespace"], item["value"]): set(item["segmentIds"]) for item in page["items"]}
        if page["nextCursor"] is None:
            return found
        cursor = {"cursor": page["nextCursor"]}


def test_an_overwrite_replaces_what_its_users_are_members_of_by_its_data_source(pair: Pair, tmp_path: Path) -> None:
    owner, users = pair.a, [f"U{number}xNNRh2PX" for number in range(3)]
    source = data_source(owner, labels=["C9"])
    columns = [{"column": "user", "as": "identity", "namespace": "crm"}]
    first = "\n".join(f"{user}\td_sid=1,d_sid=2" for user in users)
    sync = PresetFile("audience-manager-sync", "ftp_dpm_1234_1445374061.sync", first.encode(), {}, columns)
    assert load(pair.world, owner, sync, createSegments=True)["dataSourceId"] == source
    other = PresetFile(
        "audience-manager-sync", "ftp_dpm_77_1445374061.sync", first.replace("d_sid=", "k=").encode(), {}, columns
    )
    load(pair.world, owner, other, createSegments=True)
    text = f"{users[0]}\td_sid=2,d_sid=3\n{users[1]}\td_unsid=1\n"
    over = PresetFile("audience-manager-overwrite", "ftp_dpm_1234_1445374062.overwrite", text.encode(), {}, columns)
    found = load(pair.world, owner, over, createSegments=True)
    assert (found["mode"], found["dataSourceName"]) == ("overwrite", "1234")
    assert (found["counts"]["realized"], found["counts"]["exited"], found["counts"]["segmentsCreated"]) == (1, 3, 1)
    ids, keys = segment_ids(owner), [key_of(owner, ("crm", user)) for user in users]
    assert members(owner, ids["1"], tmp_path) == {keys[2]}, "whom the file does not name stays"
    assert members(owner, ids["2"], tmp_path) == {keys[0], keys[2]}
    assert members(owner, ids["3"], tmp_path) == {keys[0]}
    assert members(owner, ids["k=1"], tmp_path) == set(keys), "another data source's stay"
    for name in ("1", "3"):
        shown = owner.call(segments, "GET", f"segments/{ids[name]}").body
        assert [label["label"] for label in shown["inheritedLabels"]] == ["C9"]
        assert shown["counts"]["identities"] == 1
    again = load(pair.world, owner, over, createSegments=True)["counts"]
    assert (again["realized"], again["exited"], again["segmentsCreated"]) == (0, 0, 0)


def test_without_being_told_to_an_import_creates_nothing(pair: Pair) -> None:
    lines = "\n".join(f"U{number}xNNRh2PX\td_sid={number % 2}" for number in range(4)).encode()
    columns = [{"column": "user", "as": "identity", "namespace": "crm"}]
    file = PresetFile("audience-manager-sync", "ftp_dpm_1234_1445374061.sync", lines, {}, columns)
    before = segment_ids(pair.a)
    refused = load(pair.world, pair.a, file)
    assert (refused["status"], refused["error"]["reason"]) == ("failed", "all_rejected")
    assert refused["counts"]["rejectedByReason"] == {"unknown_segment": 4}
    shown = load(pair.world, pair.a, file, preview=True)["preview"]["segments"]
    assert [(offer["name"], offer["isCreated"]) for offer in shown] == [("0", False), ("1", False)]
    assert segment_ids(pair.a) == before
    chosen = load(pair.world, pair.a, file, createSegments=True, segments=["1"])
    assert (chosen["counts"]["accepted"], chosen["counts"]["segmentsCreated"]) == (2, 1)
    assert set(segment_ids(pair.a)) - set(before) == {"1"}
    assert [record["type"] for record in journal.log(pair.a.sandbox.sandbox_id)].count("segment.created") == 3


def test_a_crash_after_segments_came_into_being_creates_them_once(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    file = FILES["rtc-collaboration csv"]
    body = {"fileName": file.name, "preset": file.preset, "createSegments": True}
    upload_id = pair.a.call(segments, "POST", "uploads", body).body["uploadId"]
    put_file(pair.a, upload_id, file.content)
    with monkeypatch.context() as broken:
        broken.setattr(ingest_store, "accept", lambda *_: 1 / 0)
        assert not deliver_file(pair.a, upload_id)
    assert set(file.names) <= set(segment_ids(pair.a))
    assert deliver_file(pair.a, upload_id, message=2)
    apply_all(pair.world)
    assert stored(pair.a, upload_id).created == len(file.names)
    assert [record["type"] for record in journal.log(pair.a.sandbox.sandbox_id)].count("segment.created") == 2 + len(
        file.names
    )


def test_words_of_answers_are_said_once_for_a_file_and_unknown_ones_are_counted(pair: Pair) -> None:
    mails = [f"m{number}@example.com" for number in range(6)]
    words = ["yes", "NO", "", "perhaps", "perhaps", "later"]
    text = "\n".join(["mail,ok", *(f"{mail},{word}" for mail, word in zip(mails, words, strict=True))])
    columns = [
        {"column": "mail", "as": "identity", "namespace": "email"},
        {"column": "ok", "as": "share"},
    ]
    body = {"fileName": "a.csv", "format": "csv", "mode": "delta", "columns": columns, "allowRejects": True}
    answers = {"yes": "y", "no": "n", "": "u"}
    answer = pair.a.call(segments, "POST", "uploads", body | {"shareValues": answers})
    assert answer.status == 201, answer.body
    put_file(pair.a, answer.body["uploadId"], text.encode())
    assert deliver_file(pair.a, answer.body["uploadId"])
    apply_all(pair.world)
    counts = pair.a.call(segments, "GET", f"uploads/{answer.body['uploadId']}").body["counts"]
    assert counts["rejectedByReason"] == {"unknown_share": 3}
    assert counts["unknownShares"] == {"perhaps": 2, "later": 1}
    found = profiles_of(pair.a)
    assert [found.get(key_of(pair.a, ("email", mail))) for mail in mails] == ["y", "n", "u", None, None, None]


@pytest.mark.parametrize("words", [["ann@example.com", "no"], [f"word{number}" for number in range(21)], ["two words"]])
def test_what_may_be_a_persons_is_not_listed_as_a_word(words: list[str], pair: Pair) -> None:
    text = "\n".join(["mail,ok", *(f"m{number}@example.com,{word}" for number, word in enumerate(words))])
    columns = [
        {"column": "mail", "as": "identity", "namespace": "email"},
        {"column": "ok", "as": "share", "answers": {"no": "n"}},
    ]
    body = {"fileName": "a.csv", "format": "csv", "mode": "delta", "columns": columns}
    upload_id = pair.a.call(segments, "POST", "uploads", body | {"allowRejects": True}).body["uploadId"]
    put_file(pair.a, upload_id, text.encode())
    assert deliver_file(pair.a, upload_id)
    assert stored(pair.a, upload_id).unknown_shares == {}


MAIL = {"column": "m", "as": "identity", "namespace": "email"}
CSV = {"format": "csv", "mode": "delta", "columns": [MAIL]}
PROFILES = {"preset": "experience-platform-profiles", "fileName": "x.json"}
BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"preset": "nothing"}, ["/preset"]),
    ({"preset": "rtc-collaboration", "mode": "snapshot"}, ["/mode"]),
    ({"preset": "rtc-collaboration", "format": "ndjson"}, ["/format"]),
    (PROFILES | {"fileName": "x.txt"}, ["/format"]),
    ({"preset": "audience-manager-sync", "fileName": "traits.csv"}, ["/fileName"]),
    ({"preset": "rtc-collaboration", "mode": "overwrite"}, ["/dataSourceId"]),
    ({"preset": "rtc-collaboration", "dataSourceId": "ds_none"}, ["/dataSourceId"]),
    ({"preset": "rtc-collaboration", "shareValues": {"yes": "y"}}, ["/shareValues"]),
    (PROFILES | {"shareValues": {"yes": "perhaps"}}, ["/shareValues"]),
    (CSV | {"columns": []}, ["/columns"]),
    (CSV | {"format": None}, ["/format"]),
    (CSV | {"mode": None}, ["/mode"]),
    (CSV | {"createSegments": True}, ["/createSegments"]),
    (CSV | {"mode": "overwrite"}, ["/dataSourceId", "/columns"]),
    (CSV | {"columns": [MAIL, {"column": "s", "as": "share", "separator": "|"}]}, ["/columns/1/separator"]),
    (CSV | {"columns": [MAIL, {"column": "s", "as": "share", "namespace": "email", "of": "x"}]}, ["/columns/1/of"]),
    (
        CSV | {"columns": [MAIL, {"column": "s", "as": "share", "namespace": "phone", "of": "m"}]},
        ["/columns/1/namespace"],
    ),
    (
        CSV | {"columns": [MAIL, {"column": "s", "as": "status", "leaves": True}]},
        ["/columns/1/leaves", "/columns/1/as"],
    ),
]


@pytest.mark.parametrize(("body", "where"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_an_upload_that_cannot_be_so_is_refused_by_field(body: dict[str, Any], where: list[str], pair: Pair) -> None:
    answer = pair.a.call(segments, "POST", "uploads", {"fileName": "a.csv"} | body)
    assert (answer.status, pointers(answer)) == (422, where), answer.body
