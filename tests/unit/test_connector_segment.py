"""The Segment connector, against the published APIs spoken by a server in its own process."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Part, Person, Record, Reference, State, Status, secret_fields
from handfast.connectors.registry import connector, connectors
from handfast.connectors.types.segment import EVENTS_NOTE, SUPPRESS_ONLY, Segment
from handfast.connectors.types.segment.people import LEFT_ALONE, NO_USER_ID
from handfast.connectors.types.segment.regulations import MAX_BYTES, MAX_IDS, Regulations, batches
from handfast.connectors.types.segment.settings import SegmentSettings
from tests.worlds.connector_servers.running import Running, running

SEGMENT = Segment()
SUBMITTED = datetime(2026, 3, 1, tzinfo=UTC)
IDFA = "6d92078a-8246-4ba4-ae5b-76104861e7dc"


def person(*profile_ids: str, identities: tuple[tuple[str, str], ...] = ()) -> Person:
    return Person("prq-1", "gdpr", SUBMITTED, profile_ids, identities)


def profile(*external_ids: tuple[str, str], **more: Any) -> dict[str, Any]:
    ids = [{"type": kind, "id": value, "collection": "users", "source_id": "s"} for kind, value in external_ids]
    return {"segment_id": f"use_{external_ids[0][1]}", "external_ids": ids, **more}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("segment") as listening:
        yield listening


@pytest.fixture(autouse=True)
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "allow")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(calls, "sleep", waited.append)
    return waited


@pytest.fixture(autouse=True)
def known(server: Running) -> None:
    server.reset(
        secret="access-secret",
        space="lgJ4AAjFN4",
        token="access-token",
        workspace={"id": "9aQ1Lj62S4bomZKLF4DPqW", "slug": "acme"},
        profiles=[profile(("user_id", "u1"))],
        regulations={},
    )


def settings(server: Running, api: str = "public", **changes: str) -> SegmentSettings:
    values = {
        "domain": server.url,
        "profilesDomain": server.url,
        "workspace": "acme",
        "accessToken": "access-token",
        "spaceId": "lgJ4AAjFN4",
        "accessSecret": "access-secret",
        "api": api,
    }
    return SegmentSettings.model_validate(values | changes)


def test_the_settings_are_those_of_the_published_table_and_region_api_and_regulation() -> None:
    schema = SegmentSettings.model_json_schema(by_alias=True)
    assert [(name, field["title"], field.get("default")) for name, field in schema["properties"].items()] == [
        ("domain", "Domain", "platform.segmentapis.com"),
        ("profilesDomain", "Profiles domain", "profiles.segment.com"),
        ("workspace", "Workspace", None),
        ("accessToken", "Access token", None),
        ("spaceId", "Space ID", None),
        ("accessSecret", "Access secret", None),
        ("region", "Region", "us"),
        ("api", "API", "config"),
        ("regulation", "Regulation", "SUPPRESS_WITH_DELETE"),
    ]
    assert schema["required"] == ["workspace", "accessToken", "spaceId", "accessSecret"]
    marked = {name for name, field in schema["properties"].items() if field.get("writeOnly")}
    assert marked == secret_fields(SegmentSettings) == {"accessToken", "accessSecret"}


def test_secrets_are_masked_wherever_settings_are_shown(server: Running) -> None:
    shown = settings(server)
    for text in (repr(shown), str(shown.model_dump()), shown.model_dump_json(by_alias=True)):
        assert "access-token" not in text
        assert "access-secret" not in text


REQUIRED = {"workspace": "acme", "accessToken": "t", "spaceId": "s", "accessSecret": "x"}


@pytest.mark.parametrize(
    ("given_settings", "api", "profiles"),
    [
        ({}, "https://platform.segmentapis.com", "https://profiles.segment.com"),
        ({"api": "public"}, "https://api.segmentapis.com", "https://profiles.segment.com"),
        (
            {"api": "public", "region": "eu"},
            "https://eu1.api.segmentapis.com",
            "https://profiles.euw1.segment.com",
        ),
        (
            {"api": "public", "region": "eu", "domain": "segment.example", "profilesDomain": "https://p.example:8443/"},
            "https://segment.example",
            "https://p.example:8443",
        ),
    ],
)
def test_region_and_api_select_the_hosts_left_at_their_defaults(
    given_settings: dict[str, str], api: str, profiles: str
) -> None:
    chosen = SegmentSettings.model_validate(REQUIRED | given_settings)
    assert (chosen.api_url, chosen.profiles_url) == (api, profiles)


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "eu"},
        {"domain": "segment.example/path"},
        {"domain": "user@segment.example"},
        {"domain": "ftp://segment.example"},
        {"workspace": "../other"},
        {"spaceId": "a/b"},
        {"accessToken": ""},
        {"regulation": "DELETE_EVERYTHING"},
        {"unknown": "x"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as failed:
        SegmentSettings.model_validate(REQUIRED | wrong)
    assert "input_value" not in str(failed.value)


def test_inner_hosts_are_refused_as_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    for domain in ("169.254.169.254", "http://segment.example", "segment.example:22"):
        with pytest.raises(ValidationError):
            SegmentSettings.model_validate(REQUIRED | {"domain": domain})


def test_it_is_registered() -> None:
    assert isinstance(connector("segment"), Segment)
    assert all(kind == found.type for kind, found in connectors().items())


@pytest.mark.parametrize("api", ["public", "config"])
def test_a_connection_test_passes_four_checks(server: Running, api: str) -> None:
    result = SEGMENT.test(settings(server, api))
    assert result.ok
    assert [check.name for check in result.checks] == ["access_token", "workspace", "access_secret", "space"]


def test_the_workspaces_id_is_as_good_as_its_slug_for_the_public_api(server: Running) -> None:
    assert SEGMENT.test(settings(server, workspace="9aQ1Lj62S4bomZKLF4DPqW")).ok


@pytest.mark.parametrize("api", ["public", "config"])
@pytest.mark.parametrize(
    ("wrong", "failed"),
    [
        ({"accessToken": "other"}, {"access_token", "workspace"}),
        ({"workspace": "other"}, {"workspace"}),
        ({"accessSecret": "other"}, {"access_secret", "space"}),
        ({"spaceId": "other"}, {"space"}),
        ({"domain": "http://localhost:1"}, {"access_token", "workspace"}),
        ({"profilesDomain": "http://localhost:1"}, {"access_secret", "space"}),
    ],
)
def test_a_connection_test_finds_each_wrong_setting(
    server: Running, api: str, wrong: dict[str, str], failed: set[str]
) -> None:
    result = SEGMENT.test(settings(server, api, **wrong))
    assert not result.ok
    assert {check.name for check in result.checks if not check.ok} == failed


def test_a_token_of_the_public_api_is_explained_to_who_chose_the_config_api(server: Running) -> None:
    check = SEGMENT.test(settings(server, "config", accessToken="new")).checks[0]
    assert "Public API" in check.detail


def _rows(records: list[Record], collection: str) -> list[dict[str, Any]]:
    return [record.data for record in records if record.collection == collection]


def test_access_reads_all_pages_of_a_profile_and_keeps_the_limit(server: Running) -> None:
    ids = [("user_id", "u1"), *(("anonymous_id", f"a{number}") for number in range(204))]
    traits = {f"trait {number}": number for number in range(230)}
    events = [{"event": "Seen", "message_id": str(number)} for number in range(305)]
    server.set(profiles=[profile(*ids, traits=traits, events=events), profile(("user_id", "u2"))])
    records = list(SEGMENT.access(settings(server), person("u1")))
    assert _rows(records, "segment_user") == [
        {"created_at": "2017-10-23T00:22:42.78Z", "expires_at": None, "segment_id": "use_u1"}
    ]
    assert _rows(records, "track_events") == events
    assert _rows(records, "traits") == [traits]
    assert [row["id"] for row in _rows(records, "external_ids")] == [value for _, value in ids]
    assert _rows(records, "notes") == [{"note": EVENTS_NOTE}]
    paged = server.seen("/events")
    assert [asked["query"] for asked in paged] == [
        {"limit": "100"},
        {"limit": "100", "next": "p100"},
        {"limit": "100", "next": "p200"},
        {"limit": "100", "next": "p300"},
    ]


def test_access_to_a_profile_without_events_or_traits_is_no_error(server: Running) -> None:
    records = list(SEGMENT.access(settings(server), person("u1")))
    assert {record.collection for record in records} == {"segment_user", "notes", "traits", "external_ids"}


def test_nobody_found_is_nothing_read(server: Running) -> None:
    assert list(SEGMENT.access(settings(server), person("stranger"))) == []


def test_a_merged_profile_is_read_once(server: Running) -> None:
    server.set(profiles=[profile(("user_id", "u1"), ("user_id", "U9"), ("ios.idfa", IDFA))])
    records = list(SEGMENT.access(settings(server), person("u1", "U9", identities=(("IDFA", IDFA),))))
    assert len(_rows(records, "segment_user")) == 1


def test_advertising_ids_find_a_profile_and_hashes_are_never_sent(server: Running) -> None:
    server.set(profiles=[profile(("android.idfa", IDFA))])
    identities = (("Email_LC_SHA256", "ab" * 32), ("GAID", IDFA.upper()))
    records = list(SEGMENT.access(settings(server), person(identities=identities)))
    assert len(_rows(records, "segment_user")) == 1
    assert not any("abab" in asked["path"] for asked in server.seen())


@pytest.mark.parametrize("value", ["a+b@example.com", "A/B", "50%", "ü ß", "a:b?c#d", "..", "x&y=z"])
def test_ids_are_lower_cased_and_escaped_so_that_any_is_found(server: Running, value: str) -> None:
    server.set(profiles=[profile(("user_id", value))])
    assert list(SEGMENT.access(settings(server), person(value)))


def test_a_space_that_is_gone_is_an_error_and_not_a_person_unknown(server: Running) -> None:
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server, spaceId="other"), person("u1")))
    assert failed.value.reason == "refused"


@pytest.mark.parametrize("cursor", [{"has_more": True}, {"has_more": True, "next": "same", "url": "/x"}])
def test_a_page_that_leads_nowhere_is_an_error_and_not_an_end(server: Running, cursor: dict[str, Any]) -> None:
    body = json.dumps({"data": [{"id": "u1", "type": "user_id"}], "cursor": cursor}).encode()
    server.fault("external_ids", 200, body, times=5)
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert failed.value.reason == "malformed_answer"
    assert len(server.seen("external_ids")) <= 2


def test_throttling_is_waited_for_as_long_as_asked(server: Running, waits: list[float]) -> None:
    server.fault("metadata", 429, headers={"retry-after": "7"}, times=2)
    assert list(SEGMENT.access(settings(server), person("u1")))
    assert waits == [7.0, 7.0]


def test_server_errors_are_tried_again_and_then_given_up(server: Running, waits: list[float]) -> None:
    server.fault("metadata", 503, times=9)
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert (failed.value.reason, failed.value.transient) == ("unavailable", True)
    assert waits == [1.0, 2.0, 4.0]
    assert len(server.seen("metadata")) == 4


def test_a_long_wait_is_left_to_the_caller(server: Running, waits: list[float]) -> None:
    server.fault("metadata", 429, headers={"retry-after": "600"})
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert (failed.value.reason, failed.value.transient, failed.value.retry_after) == ("throttled", True, 600.0)
    assert waits == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": "u1"}', b'{"data": [1]}', b"\xff"])
def test_malformed_answers_are_said_so_without_their_content(server: Running, body: bytes) -> None:
    server.fault("external_ids", 200, body)
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert failed.value.reason == "malformed_answer"
    assert "u1" not in str(failed.value)


def test_a_slow_answer_is_given_up(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "SECONDS", 0.3)
    server.fault("metadata", delay=2)
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert (failed.value.reason, failed.value.transient) == ("unreachable", True)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_refused(server: Running, status: int) -> None:
    server.fault("metadata", status, headers={"location": f"{server.url}/elsewhere"})
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert failed.value.reason == "redirected"
    assert server.seen("elsewhere") == []


def test_an_answer_without_end_is_refused(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LIMIT", 100)
    server.fault("metadata", 200, b"x" * 101)
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), person("u1")))
    assert (failed.value.reason, failed.value.transient) == ("unreachable", False)


def _sent(server: Running) -> list[dict[str, Any]]:
    return [json.loads(asked["body"]) for asked in server.seen("POST")]


def test_a_deletion_names_every_user_id_of_a_merged_profile_as_segment_spells_it(server: Running) -> None:
    server.set(profiles=[profile(("user_id", "U1"), ("anonymous_id", "a"), ("user_id", "old-1"), ("email", "x"))])
    references = SEGMENT.delete(settings(server), [person("u1", "OLD-1")])
    assert references == [Reference("reg_0", (0,), State(Status.SENT))]
    assert _sent(server) == [
        {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["U1", "old-1"]}
    ]
    assert len(server.seen("GET")) == 1


def test_the_config_api_gets_its_own_words(server: Running) -> None:
    references = SEGMENT.delete(settings(server, "config"), [person("u1")])
    assert references == [Reference("reg_0", (0,), State(Status.SENT))]
    assert _sent(server) == [
        {"regulation_type": "Suppress_With_Delete", "attributes": {"name": "userId", "values": ["u1"]}}
    ]
    assert server.seen("POST")[0]["path"] == "/v1beta/workspaces/acme/regulations"


@pytest.mark.parametrize(("regulation", "config"), [("SUPPRESS_ONLY", "Suppress"), ("DELETE_ONLY", "Delete")])
def test_the_regulation_is_a_setting(server: Running, regulation: str, config: str) -> None:
    SEGMENT.delete(settings(server, "public", regulation=regulation), [person("u1")])
    SEGMENT.delete(settings(server, "config", regulation=regulation), [person("u1")])
    public, older = _sent(server)
    assert (public["regulationType"], older["regulation_type"]) == (regulation, config)


@pytest.mark.parametrize("regulation", ["SUPPRESS_WITH_DELETE", "SUPPRESS_ONLY", "DELETE_ONLY"])
def test_a_suppression_and_its_lifting_are_regulations_whatever_a_deletion_is(server: Running, regulation: str) -> None:
    for api in ("public", "config"):
        for lift in (False, True):
            (reference,) = SEGMENT.suppress(settings(server, api, regulation=regulation), [person("u1")], lift=lift)
            assert reference.state == State(Status.SENT)
    first, second, third, fourth = _sent(server)
    assert (first["regulationType"], second["regulationType"]) == ("SUPPRESS_ONLY", "UNSUPPRESS")
    assert (third["regulation_type"], fourth["regulation_type"]) == ("Suppress", "Unsuppress")


def test_a_deletion_by_a_connector_that_only_suppresses_is_no_deletion(server: Running) -> None:
    sent, kept = SEGMENT.delete(settings(server, regulation="SUPPRESS_ONLY"), [person("u1")])
    assert (sent.id, sent.people, sent.state.status) == ("reg_0", (0,), Status.SENT)
    assert kept == Reference("", (0,), State(Status.NOT_SUPPORTED, SUPPRESS_ONLY))


def test_people_share_a_regulation_and_those_of_whom_nothing_is_found_are_absent(server: Running) -> None:
    server.set(profiles=[profile(("user_id", "u1")), profile(("user_id", "u3")), profile(("android.idfa", IDFA))])
    people = [person("u1"), person("u2"), person("u3"), person(identities=(("GAID", IDFA),))]
    absent, anonymous, sent = SEGMENT.delete(settings(server), people)
    assert (absent.people, absent.id, absent.state.status) == ((1,), "", Status.ABSENT)
    # It has the device's events, and takes no regulation that could name them.
    assert (anonymous.people, anonymous.state.status) == ((3,), Status.NOT_SUPPORTED)
    assert (sent.people, sent.id, sent.state.status) == ((0, 2), "reg_0", Status.SENT)


MAIL, NUMBER = "ann@example.com", "+14155552671"
MAIL_DIGEST, NUMBER_DIGEST = (hashlib.sha256(text.encode()).hexdigest() for text in (MAIL, NUMBER))
DIGESTS = (("Email_LC_SHA256", MAIL_DIGEST), ("Phone_SHA256_E.164", NUMBER_DIGEST))
CLEAR = {MAIL_DIGEST: (MAIL, "Ann@Example.com"), NUMBER_DIGEST: (NUMBER, "(415) 555-2671")}
ANN = Person("prq-1", "gdpr", SUBMITTED, (), DIGESTS, CLEAR)


@pytest.mark.parametrize(
    "external_id", [("email", MAIL), ("phone", NUMBER), ("phone", "(415) 555-2671"), ("user_id", MAIL)], ids=str
)
def test_a_person_without_an_id_here_is_found_by_address_and_number(
    server: Running, external_id: tuple[str, str]
) -> None:
    server.set(profiles=[profile(external_id, ("user_id", "Seg-77"), traits={"plan": "gold"})])
    (reference,) = SEGMENT.delete(settings(server), [ANN])
    assert reference.state.status == Status.SENT
    assert "Seg-77" in _sent(server)[0]["subjectIds"]
    assert _rows(list(SEGMENT.access(settings(server), ANN)), "traits") == [{"plan": "gold"}]


@pytest.mark.parametrize(
    ("whoever", "calls_made", "expected", "said"),
    [
        (ANN, 4, Status.ABSENT, "no profile"),
        (person("u2"), 1, Status.ABSENT, "no profile"),
        (person(), 0, Status.NOT_SUPPORTED, "it was not asked: "),
        (person(identities=DIGESTS), 0, Status.NOT_SUPPORTED, "it was not asked: "),
        (
            person("u2", identities=DIGESTS),
            1,
            Status.NOT_SUPPORTED,
            "not asked by a phone number and an e-mail address",
        ),
        (replace(ANN, clear={MAIL_DIGEST: (MAIL,)}), 2, Status.NOT_SUPPORTED, "not asked by a phone number"),
        (replace(person("u2"), is_partial=True), 1, Status.NOT_SUPPORTED, "not asked by other ids"),
        (person(identities=(("ECID", "1" * 38),)), 0, Status.NOT_SUPPORTED, "it was not asked: "),
    ],
)
def test_nobody_is_absent_unless_segment_was_asked_by_all_that_is_known(
    server: Running, whoever: Person, calls_made: int, expected: Status, said: str
) -> None:
    (reference,) = SEGMENT.delete(settings(server), [whoever])
    assert (reference.id, reference.state.status) == ("", expected)
    assert said in reference.state.detail
    assert len(server.seen()) == calls_made
    if expected is Status.ABSENT:
        assert list(SEGMENT.access(settings(server), whoever)) == []
        return
    with pytest.raises(ConnectorError) as failed:
        list(SEGMENT.access(settings(server), whoever))
    assert (failed.value.reason, failed.value.detail) == ("not_supported", reference.state.detail)


def test_a_person_of_whom_a_digest_could_not_be_asked_by_is_a_gap_beside_what_was_found(server: Running) -> None:
    server.set(profiles=[profile(("user_id", "u1")), profile(("user_id", "u2"), ("phone", NUMBER))])
    for references in (
        SEGMENT.delete(settings(server), [person("u1", identities=DIGESTS[1:])]),
        SEGMENT.suppress(settings(server), [person("u1", identities=DIGESTS[1:])], lift=False),
    ):
        assert {(each.state.status, each.state.detail) for each in references} == {
            (Status.SENT, ""),
            (Status.NOT_SUPPORTED, "it was not asked by a phone number: no more than a digest is known here"),
        }
    assert [sent["subjectIds"] for sent in _sent(server)] == [["u1"], ["u1"]]


def test_segment_is_asked_by_the_addresses_it_has_of_the_person_and_by_nobody_elses(server: Running) -> None:
    own = profile(("user_id", "u1"), ("email", "Ann@Example.com"), ("phone", "+14155550000"))
    server.set(profiles=[own, profile(("user_id", "u2"), ("phone", "+14155550000"))])
    references = SEGMENT.delete(settings(server), [person("u1", identities=DIGESTS)])
    # The address is known here as a digest, the number is another one.
    assert [each.state.detail for each in references] == [
        "it was not asked by a phone number: no more than a digest is known here",
        "",
    ]
    assert [sent["subjectIds"] for sent in _sent(server)] == [["u1"]]
    (reference,) = SEGMENT.delete(settings(server), [person("u1", identities=DIGESTS[:1])])
    assert (reference.id, reference.state.status) == ("reg_1", Status.SENT)


def test_what_segment_was_not_asked_by_is_noted_beside_what_it_holds(server: Running) -> None:
    notes = _rows(list(SEGMENT.access(settings(server), person("u1", identities=DIGESTS[:1]))), "notes")
    assert [note["note"] for note in notes] == [
        EVENTS_NOTE,
        "It was not asked by an e-mail address: no more than a digest is known here.",
    ]


@pytest.mark.parametrize("own", [(), ("u1",)])
def test_a_shared_device_leads_to_nobody_elses_profile(server: Running, own: tuple[str, ...]) -> None:
    others = profile(("user_id", "u2"), ("email", "bob@example.com"), ("ios.idfa", IDFA), traits={"name": "Bob"})
    server.set(profiles=[profile(("user_id", "u1")), others])
    whoever = person(*own, identities=(("IDFA", IDFA),))
    references = SEGMENT.delete(settings(server), [whoever])
    assert [body["subjectIds"] for body in _sent(server)] == ([["u1"]] if own else [])
    if own:
        records = list(SEGMENT.access(settings(server), whoever))
        assert len(_rows(records, "segment_user")) == 1
        assert _rows(records, "notes")[-1]["note"].startswith("A device leads to a profile")
        assert "Bob" not in str([record.data for record in records])
    else:
        assert (references[0].state.status, LEFT_ALONE in references[0].state.detail) == (Status.NOT_SUPPORTED, True)


def test_a_profile_without_a_user_id_beside_one_with_is_said_not_to_be_deleted(server: Running) -> None:
    server.set(profiles=[profile(("user_id", "u1")), profile(("ios.idfa", IDFA), ("anonymous_id", "a"))])
    anonymous, sent = SEGMENT.delete(settings(server), [person("u1", identities=(("IDFA", IDFA),))])
    assert (anonymous.people, anonymous.state) == ((0,), State(Status.NOT_SUPPORTED, NO_USER_ID))
    assert (sent.people, sent.state.status) == ((0,), Status.SENT)


def test_user_ids_beyond_the_first_page_are_sent_too(server: Running) -> None:
    ids = [("user_id", f"u{number}") for number in range(250)]
    server.set(profiles=[profile(*ids)])
    SEGMENT.delete(settings(server), [person("u7")])
    assert _sent(server)[0]["subjectIds"] == [value for _, value in ids]


def test_more_ids_than_a_regulation_takes_are_sent_in_several(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handfast.connectors.types.segment.regulations.MAX_IDS", 2)
    server.set(profiles=[profile(("user_id", "u1"), ("user_id", "u2")), profile(("user_id", "u3"), ("user_id", "u4"))])
    server.set(profiles=[*server.state()["profiles"], profile(("user_id", "u5"))])
    references = SEGMENT.delete(settings(server), [person("u1"), person("u3"), person("u5")])
    assert [(reference.id, reference.people) for reference in references] == [
        ("reg_0", (0,)),
        ("reg_1", (1,)),
        ("reg_2", (2,)),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.text(max_size=40)), max_size=60), st.integers(1, 7), st.integers(0, 300)
)
def test_batches_keep_order_and_limits(owned: list[tuple[int, str]], most: int, room: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("handfast.connectors.types.segment.regulations.MAX_IDS", most)
        patched.setattr("handfast.connectors.types.segment.regulations.MAX_BYTES", 1_000 + room)
        made = list(batches(owned))
    assert [pair for batch in made for pair in batch] == owned
    assert all(batch for batch in made)
    assert all(len(batch) <= most for batch in made)
    assert all(len(batch) == 1 or len(json.dumps([value for _, value in batch])) <= room + 2 for batch in made)


def test_the_limits_are_the_published_ones() -> None:
    assert (MAX_IDS, MAX_BYTES) == (5_000, 4_000_000)
    most = [(number, f"user-{number}") for number in range(5_001)]
    assert [len(batch) for batch in batches(most)] == [5_000, 1]
    long = [(number, "x" * 1_000) for number in range(5_000)]
    assert all(len(json.dumps([value for _, value in batch])) < 4_000_000 for batch in batches(long))
    assert len(list(batches(long))) == 2


@pytest.mark.parametrize("api", ["public", "config"])
def test_full_batches_are_taken(server: Running, api: str) -> None:
    regulations = Regulations(settings(server, api))
    for length in (5, 1_000):
        for batch in batches([(0, f"{number:0{length}}") for number in range(5_001)]):
            assert regulations.create([user_id for _, user_id in batch], "SUPPRESS_WITH_DELETE")


def test_one_persons_failure_is_not_the_others(server: Running, waits: list[float]) -> None:
    server.set(profiles=[profile(("user_id", "u1")), profile(("user_id", "u2")), profile(("user_id", "u3"))])
    server.fault("user_id:u2", 500, times=9)
    failed, sent = SEGMENT.delete(settings(server), [person("u1"), person("u2"), person("u3")])
    assert (failed.people, failed.state.status, failed.state.transient) == ((1,), Status.FAILED, True)
    assert (sent.people, sent.id) == ((0, 2), "reg_0")


def test_a_credential_that_fails_is_not_tried_for_everybody(server: Running) -> None:
    people = [person("u1"), person("u2"), person("u3")]
    references = SEGMENT.delete(settings(server, accessSecret="other"), people)
    assert [(reference.people, reference.state.status) for reference in references] == [
        ((position,), Status.FAILED) for position in range(3)
    ]
    assert len(server.seen()) == 1


@pytest.mark.parametrize(
    ("status", "expected", "transient"),
    [(401, Status.FAILED, False), (422, Status.REFUSED, False), (503, Status.FAILED, True)],
)
def test_a_regulation_that_is_not_taken_is_told_for_its_people(
    server: Running, waits: list[float], status: int, expected: Status, transient: bool
) -> None:
    message = b'{"errors": [{"type": "validation-failure", "message": "u1 is wrong"}]}'
    server.fault("POST", status, message, times=9)
    (reference,) = SEGMENT.delete(settings(server), [person("u1")])
    assert (reference.id, reference.people) == ("", (0,))
    assert (reference.state.status, reference.state.transient) == (expected, transient)
    assert "u1" not in reference.state.detail


def _public(overall: str, *destinations: tuple[str, str], **more: Any) -> dict[str, Any]:
    statuses = [
        {"name": name, "id": name.lower(), "status": status, "errString": "u1", "finishedAt": None}
        for name, status in destinations
    ]
    return {"id": "r", "overallStatus": overall, "streamStatus": [{"id": "s", "destinationStatus": statuses}], **more}


@pytest.mark.parametrize(
    ("overall", "destinations", "expected"),
    [
        ("INITIALIZED", [], Status.SENT),
        ("RUNNING", [("Segment", "FINISHED")], Status.SENT),
        ("FINISHED", [("Segment", "FINISHED"), ("Braze", "FINISHED")], Status.CONFIRMED),
        ("FAILED", [("Segment", "FINISHED"), ("Facebook", "NOT_SUPPORTED")], Status.CONFIRMED),
        ("FAILED", [("Segment", "FINISHED"), ("Braze", "RUNNING")], Status.SENT),
        ("INVALID", [], Status.FAILED),
        ("PARTIAL_SUCCESS", [("Segment", "FINISHED"), ("Braze", "FAILED")], Status.FAILED),
        ("FINISHED", [("Segment", "FINISHED"), ("Braze", "INVALID")], Status.FAILED),
        ("FAILED", [("Facebook", "NOT_SUPPORTED")], Status.NOT_SUPPORTED),
        ("FINISHED", [("Facebook", "NOT_SUPPORTED")], Status.CONFIRMED),
        ("RUNNING", [("Segment", "FINISHED"), ("Facebook", "NOT_SUPPORTED")], Status.SENT),
        ("FINISHED", [("Segment", "FINISHED"), ("Braze", "PARTIAL_SUCCESS")], Status.FAILED),
        ("FINISHED", [], Status.CONFIRMED),
        ("FAILED", [], Status.FAILED),
        ("NOT_SUPPORTED", [], Status.NOT_SUPPORTED),
        ("SOMETHING_NEW", [("Segment", "SOMETHING_NEW")], Status.SENT),
        # No destination explains these: it is Segment itself that has not done it.
        ("FAILED", [("Segment", "FINISHED")], Status.FAILED),
        ("PARTIAL_SUCCESS", [("Segment", "FINISHED"), ("Braze", "FINISHED")], Status.FAILED),
        ("INVALID", [("Segment", "FINISHED")], Status.FAILED),
        ("INVALID", [("Segment", "FINISHED"), ("Facebook", "NOT_SUPPORTED")], Status.FAILED),
        ("NOT_SUPPORTED", [("Segment", "FINISHED")], Status.NOT_SUPPORTED),
    ],
)
def test_a_regulation_stands_as_its_destinations_do(
    server: Running, overall: str, destinations: list[tuple[str, str]], expected: Status
) -> None:
    server.set(regulations={"reg_0": _public(overall, *destinations)})
    assert SEGMENT.poll(settings(server), "reg_0").status == expected


STATES = {
    "INITIALIZED": Status.SENT,
    "RUNNING": Status.SENT,
    "FINISHED": Status.CONFIRMED,
    "PARTIAL_SUCCESS": Status.FAILED,
    "FAILED": Status.FAILED,
    "INVALID": Status.FAILED,
    "NOT_SUPPORTED": Status.NOT_SUPPORTED,
}
"""Of a regulation, and of a destination, as the Public API has them."""


@pytest.mark.parametrize("said", STATES)
def test_every_published_state_is_known_of_a_regulation_and_of_a_destination(server: Running, said: str) -> None:
    server.set(regulations={"reg_0": _public(said)})
    assert SEGMENT.poll(settings(server), "reg_0").status == STATES[said]
    server.set(regulations={"reg_0": _public("FAILED", ("Segment", "FINISHED"), ("Braze", said))})
    state = SEGMENT.poll(settings(server), "reg_0")
    assert state.parts == (Part("Segment", Status.CONFIRMED), Part("Braze", STATES[said]))
    assert (state.status is Status.SENT) == (STATES[said] is Status.SENT)


def test_the_parts_and_the_end_are_told_without_the_destinations_words(server: Running) -> None:
    body = _public(
        "FAILED", ("Segment", "FINISHED"), ("Facebook", "NOT_SUPPORTED"), finishedAt="2026-03-02T10:00:00.1234567Z"
    )
    server.set(regulations={"reg_0": body})
    state = SEGMENT.poll(settings(server), "reg_0")
    assert state.parts == (Part("Segment", Status.CONFIRMED), Part("Facebook", Status.NOT_SUPPORTED))
    assert state.finished_at == datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)


def test_the_config_api_is_polled_in_its_own_words(server: Running) -> None:
    deleting = SEGMENT.delete(settings(server, "config"), [person("u1")])[0]
    assert SEGMENT.poll(settings(server, "config"), deleting.id) == State(Status.SENT)
    destinations = [{"name": "Segment", "status": "finished"}, {"name": "Facebook", "status": "not_supported"}]
    done = {
        "workspace_id": "w",
        "overall_status": "failed",
        "stream_status": [{"id": "s", "destination_status": destinations}],
        "finished_at": "0001-01-01T00:00:00Z",
    }
    server.set(regulations={deleting.id: done})
    state = SEGMENT.poll(settings(server, "config"), deleting.id)
    assert (state.status, state.finished_at) == (Status.CONFIRMED, None)
    assert len(state.parts) == 2


def test_a_regulation_that_segment_has_forgotten_cannot_be_confirmed(server: Running) -> None:
    assert SEGMENT.poll(settings(server), "reg_9").status == Status.FAILED


def test_a_poll_that_fails_changes_nothing(server: Running, waits: list[float]) -> None:
    server.fault("regulations", 503, times=9)
    with pytest.raises(ConnectorError) as failed:
        SEGMENT.poll(settings(server), "reg_0")
    assert failed.value.transient


def test_no_call_leaves_the_guarded_sender(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings(server)
    monkeypatch.setenv("OUTBOUND_PRIVATE_NETWORKS", "refuse")
    with pytest.raises(ConnectorError) as failed:
        SEGMENT.poll(chosen, "reg_0")
    assert (failed.value.reason, failed.value.transient) == ("unreachable", False)
    assert server.seen() == []


def test_nothing_of_a_person_is_logged(server: Running, waits: list[float], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    server.set(profiles=[profile(("user_id", "planted-person"))])
    server.fault("planted-person", 500)
    list(SEGMENT.access(settings(server), person("planted-person")))
    server.fault("POST", 400, b"planted-person")
    SEGMENT.delete(settings(server), [person("planted-person")])
    assert "planted-person" not in caplog.text
