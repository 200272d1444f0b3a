"""Files into changes: what is read, what is rejected row by row, and what is refused as a whole."""

import gzip
import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.governance import gpp
from handfast.governance.consent import SHARE_ANSWERS
from handfast.governance.consent_strings import Rules
from handfast.identity.keys import key
from handfast.identity.namespaces import namespace
from handfast.identity.profile_ids import kept
from handfast.ingest.models import Blanks, Column, Format
from handfast.ingest.parsing import Roles, parsed_sql
from handfast.ingest.plan import Staged, UploadRejected
from handfast.ingest.sources import open_source
from handfast.ingest.staging import stage
from handfast.lake.buckets import bucket_of, span_of
from handfast.lake.duck import connect, create_words, identifier, literal
from tests.worlds.data_plane import read_rows
from tests.worlds.plans import AT, EMAIL, PLAN, SECRET
from tests.worlds.shards import stage_in_shards
from tests.worlds.staged import memberships, profiles, rejects

type Stage = Callable[..., Staged]


@pytest.fixture(params=[stage, stage_in_shards])
def staged(tmp_path: Path, request: pytest.FixtureRequest) -> Stage:
    """Stage text or bytes by a plan, in one piece and in many."""

    def run(content: str | bytes, *columns: Column, **plan: Any) -> Staged:
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        result: Staged = request.param(path, replace(PLAN, columns=columns or PLAN.columns, **plan), tmp_path)
        return result

    return run


@pytest.fixture
def refusal(staged: Stage) -> Callable[..., UploadRejected]:
    """Why a file is refused."""

    def run(content: str | bytes, *columns: Column, **plan: Any) -> UploadRejected:
        with pytest.raises(UploadRejected) as caught:
            staged(content, *columns, **plan)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        return caught.value

    return run


def identity(name: str, value: str) -> tuple[int, int]:
    kind = namespace(name)
    return key(SECRET, kind.code, kind.normalise(value, phone_region="US"))


WORDS = {f"word {number}": "y" for number in range(50)}
EVERY_KIND = (
    Column("id", "profileId"),
    Column("value", "identity"),
    Column("kind", "namespace"),
    Column("land", "phoneRegion"),
    Column("yes", "share", answers=WORDS),
    Column("state", "status"),
    Column("in", "segment", segment_id="seg_a"),
    Column("list", "segment"),
    Column("city", "attribute", name="city"),
)


@pytest.mark.parametrize("file_format", ["csv", "ndjson", "parquet"])
def test_reading_joins_nothing_so_that_rows_keep_their_order(file_format: Format, tmp_path: Path) -> None:
    names = [column.column for column in EVERY_KIND]
    path = tmp_path / "file"
    with connect() as connection:
        cells = ", ".join(f"'a' AS {identifier(name)}" for name in names)
        written = {"csv": "FORMAT csv", "ndjson": "FORMAT json", "parquet": "FORMAT parquet"}[file_format]
        connection.execute(f"COPY (SELECT {cells}) TO {literal(path)} ({written})")
        create_words(connection, "answer", SHARE_ANSWERS)
        plan = replace(PLAN, format=file_format, columns=EVERY_KIND)
        source = open_source(connection, path, plan, tmp_path)
        statement = parsed_sql(source, Roles.of(plan, source))
        connection.execute("SET VARIABLE secret = ?", [plan.secret])
        ((_, explained),) = connection.execute(f"EXPLAIN {statement}").fetchall()
    assert "Projection" in explained
    assert "Join" not in explained


@pytest.mark.parametrize(
    ("blanks", "attributes"),
    [("leave", [{"city": "Bonn"}, None, None]), ("clear", [{"city": "Bonn"}, {"city": None}, None])],
)
def test_a_blank_attribute_leaves_or_clears_and_a_refused_one_leaves(
    staged: Stage, blanks: Blanks, attributes: list[Any]
) -> None:
    lines = ["mail,city", "ann@example.com,Bonn", "bob@example.com,  ", "cyd@example.com,cyd@work.example"]
    found = profiles(staged("\n".join(lines), EMAIL, CITY, blanks=blanks))
    people = [identity("email", line.split(",")[0]) for line in lines[1:]]
    assert [json.loads(found[key][6] or "null") for key in people] == attributes


def test_a_blank_cell_clears_what_an_earlier_row_says(staged: Stage) -> None:
    text = "mail,city\nann@example.com,Bonn\nann@example.com,\n"
    (row,) = profiles(staged(text, EMAIL, CITY, blanks="clear")).values()
    assert json.loads(row[6]) == {"city": None}


CITY = Column("city", "attribute", name="city")
ANN, BOB = identity("email", "ann@example.com"), identity("email", "bob@example.com")


# What is read


def test_every_column_does_what_it_is_for(staged: Stage) -> None:
    result = staged(
        "id,mail,tel,ad,yes,mailyes,city,in\n"
        '7, Ann@Example.com,(415) 555-2671,AEBE52E7-03EE-455A-B3C4-E57283966239,Y,dn,"Bonn, Süd",true\n',
        Column("id", "profileId"),
        EMAIL,
        Column("tel", "identity", 2),
        Column("ad", "identity", 4),
        Column("yes", "share"),
        Column("mailyes", "share", 1),
        Column("city", "attribute", name="town"),
        Column("in", "segment", segment_id="seg_1"),
    )
    ad, phone = identity("idfa", "aebe52e7-03ee-455a-b3c4-e57283966239"), identity("phone", "+14155552671")
    at = AT.replace(tzinfo=None)
    found = profiles(result)
    digest = hashlib.sha256(b"ann@example.com").digest()
    assert found == {
        ANN: (1, digest, "7", "dn", "y", at, '{"town":"Bonn, Süd"}', at),
        phone: (2, hashlib.sha256(b"+14155552671").digest(), "7", None, "y", None, '{"town":"Bonn, Süd"}', at),
        ad: (4, b"aebe52e7-03ee-455a-b3c4-e57283966239", "7", None, "y", None, '{"town":"Bonn, Süd"}', at),
    }
    assert memberships(result) == {(who, "seg_1"): True for who in (ANN, phone, ad)}
    assert (result.counts.rows, result.counts.accepted, result.rejects) == (1, 1, None)


def test_what_a_file_lacks_or_has_more_often_moves_nothing_else(staged: Stage) -> None:
    result = staged(
        "mail,each,yes,city\nann@example.com;bob@example.com,n;y,y,Bonn\n",
        Column("id", "profileId", optional=True),
        replace(EMAIL, separator=";"),
        Column("each", "share", 1, of="mail", separator=";"),
        Column("now", "shareAt", optional=True),
        Column("yes", "share"),
        Column("tier", "attribute", name="tier", optional=True),
        CITY,
    )
    found = profiles(result)
    assert [(found[who][2], *found[who][3:5], found[who][6]) for who in (ANN, BOB)] == [
        (None, "n", "y", '{"city":"Bonn"}'),
        (None, "y", "y", '{"city":"Bonn"}'),
    ]


def test_people_have_their_answers_whatever_stands_beside_them(staged: Stage) -> None:
    result = staged(
        "id,mail,each,yes\n7,ann@example.com;bob@example.com,n;y,dy\n",
        Column("id", "profileId"),
        replace(EMAIL, separator=";"),
        Column("each", "share", 1, of="mail", separator=";"),
        Column("no", "share", optional=True),
        Column("yes", "share"),
    )
    assert [row[2:5] for row in (profiles(result)[who] for who in (ANN, BOB))] == [("7", "n", "dy"), ("7", "y", "dy")]


def test_a_files_own_words_are_the_answers_that_its_mapping_says(staged: Stage) -> None:
    people = ("ann", "bob", "cat", "dan", "eve", "fay")
    words = (" TRUE", "ja", "opt-in", "0", "NEIN", "y")
    content = "mail,yes\n" + "".join(f"{who}@example.com,{word}\n" for who, word in zip(people, words, strict=True))
    answers = {"true": "y", "ja": "y", "opt-in": "y", "0": "n", "nein": "n", "y": "dy"}
    result = staged(content, EMAIL, Column("yes", "share", answers=answers))
    found = profiles(result)
    told = [found[identity("email", f"{who}@example.com")][4] for who in people]
    assert told == ["y", "y", "y", "n", "n", "dy"]
    assert result.rejects is None
    plain = staged(content, EMAIL, Column("yes", "share"))
    assert plain.counts.rejected_by_reason == {"unknown_share": 5}


def packed(content: bytes, packing: str, tmp_path: Path) -> bytes:
    if packing == "gzip":
        return gzip.compress(content)
    plain, target = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(content)
    lines = f"read_csv('{plain}', auto_detect=false, header=false, delim='\x1f', quote='', columns={{'l': 'VARCHAR'}})"
    options = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x1f', COMPRESSION zstd"
    duckdb.execute(f"COPY (SELECT l FROM {lines}) TO '{target}' ({options})")
    return target.read_bytes()


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_packed_files_read_as_plain_ones(staged: Stage, packing: str, form: Any, tmp_path: Path) -> None:
    content = b"mail\nann@example.com\nbob@example.com\n"
    if form == "ndjson":
        content = b'{"mail":"ann@example.com"}\n{"mail":"bob@example.com","more":[1]}\n'
    assert set(profiles(staged(packed(content, packing, tmp_path), format=form))) == {ANN, BOB}


def parquet(rows: str, tmp_path: Path) -> bytes:
    path = tmp_path / "made.parquet"
    duckdb.execute(f"COPY ({rows}) TO '{path}'")
    return path.read_bytes()


def test_parquet_columns_of_any_type_read_as_text_and_digests_as_bytes(staged: Stage, tmp_path: Path) -> None:
    content = parquet(
        "SELECT unhex(sha256('ann@example.com')) AS mail, 7 AS id, TRUE AS \"in\" UNION ALL"
        " SELECT unhex(sha256('bob@example.com')), 8, FALSE",
        tmp_path,
    )
    digests = replace(EMAIL, transform="none")
    columns = (digests, Column("id", "profileId"), Column("in", "segment", segment_id="seg_1"))
    result = staged(content, *columns, format="parquet")
    assert {who: row[2] for who, row in profiles(result).items()} == {ANN: "7", BOB: "8"}
    assert memberships(result) == {(ANN, "seg_1"): True, (BOB, "seg_1"): False}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfmail\nann@example.com\n",
        b"mail\r\nann@example.com\r\n",
        b'"mail"\n"ann@example.com"',
        b'note,mail\n"two\nlines, and ""quotes""",ann@example.com\n',
        b" mail ,note\nann@example.com,\n",
        b"mail,note\n\nann@example.com,x\n\n",
    ],
)
def test_csv_reads_in_the_forms_that_tools_write(staged: Stage, content: bytes) -> None:
    assert list(profiles(staged(content))) == [ANN]


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"mail": "ann@example.com"}\n',
        b'{"mail": "ann@example.com"}\r\n\r\n',
        b'{"note": {"a": 1}}\n{"mail": "ann@example.com"}',
        b'{"mail": null}\n{"mail": "\\u0061nn@example.com"}\n',
    ],
)
def test_ndjson_reads_in_the_forms_that_tools_write(staged: Stage, content: bytes) -> None:
    assert list(profiles(staged(content, format="ndjson"))) == [ANN]


def test_column_names_may_be_anything(staged: Stage) -> None:
    columns = (Column("e'm\"ail", "identity", 1), Column("a.b", "attribute", name="it's"))
    lines = 'e\'m""ail'
    result = staged(f'"{lines}",a.b\nann@example.com,x\n', *columns)
    assert profiles(result)[ANN][6] == '{"it\'s":"x"}'
    result = staged('{"e\'m\\"ail": "ann@example.com", "a.b": "x"}\n', *columns, format="ndjson")
    assert profiles(result)[ANN][6] == '{"it\'s":"x"}'


# Segments and status


def test_a_list_of_segments_names_ids_and_external_ids(staged: Stage) -> None:
    columns = (EMAIL, Column("in", "segment"), Column("how", "status"))
    result = staged(
        "mail,in,how\nann@example.com,seg_1| loyal |seg_2,\nbob@example.com,loyal,Exited\ncat@example.com,,\n", *columns
    )
    assert memberships(result) == {(ANN, "seg_1"): True, (ANN, "seg_2"): True, (BOB, "seg_2"): False}
    assert len(profiles(result)) == 3


def test_flags_set_unset_and_say_nothing(staged: Stage) -> None:
    words = {"1": True, "TRUE": True, "yes": True, "Y": True, "realized": True}
    words |= {"0": False, "false": False, "No": False, "n": False, "EXITED": False}
    lines = [f"user{index}@example.com,{word}" for index, word in enumerate([*words, ""])]
    result = staged("\n".join(["mail,in", *lines]), EMAIL, Column("in", "segment", segment_id="seg_1"))
    expected = {
        (identity("email", f"user{index}@example.com"), "seg_1"): realized
        for index, realized in enumerate(words.values())
    }
    assert memberships(result) == expected


def test_the_uploads_own_segment_takes_every_row(staged: Stage) -> None:
    result = staged(
        "mail,how\nann@example.com,\nbob@example.com,exited\n", EMAIL, Column("how", "status"), segment_id="seg_2"
    )
    assert memberships(result) == {(ANN, "seg_2"): True, (BOB, "seg_2"): False}


# Rows that repeat an identity


def test_later_rows_win_answer_by_answer(staged: Stage) -> None:
    columns = (
        EMAIL,
        Column("id", "profileId"),
        Column("yes", "share"),
        Column("town", "attribute", name="town"),
        Column("job", "attribute", name="job"),
        Column("in", "segment", segment_id="seg_1"),
    )
    result = staged(
        "mail,id,yes,town,job,in\n"
        "ann@example.com,1,y,Bonn,,1\n"
        " ANN@example.com,2,,,Baker,0\n"
        "Ann@Example.com,,n,,,\n"
        "bob@example.com,3,,,,\n",
        *columns,
    )
    at = AT.replace(tzinfo=None)
    assert profiles(result)[ANN][2:] == ("2", None, "n", None, '{"town":"Bonn","job":"Baker"}', at)
    assert profiles(result)[BOB][2:] == ("3", None, None, None, None, None)
    assert memberships(result) == {(ANN, "seg_1"): False}
    assert result.counts.accepted == 4


PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from(["", "y", "n"]),
        st.sampled_from(["", "0", "1"]),
    ),
    min_size=1,
    max_size=30,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 15,
    deadline=None,
)
@given(people=PEOPLE)
def test_a_file_acts_as_its_rows_one_after_another_and_speaks_of_people(
    staged: Stage, people: list[tuple[int, str, str, str]]
) -> None:
    ids: dict[int, str] = {}
    for who, number, _, _ in people:
        ids[who] = number or ids.get(who, "")
    answers: dict[int, set[str]] = {}
    of_person: dict[str, set[str]] = {}
    flags: dict[int, tuple[int, bool]] = {}
    exits: dict[str, int] = {}
    for place, (who, number, share, flag) in enumerate(people):
        answers.setdefault(who, set()).add(share)
        for person in {number, ids[who]} - {""}:
            of_person.setdefault(person, set()).add(share)
        if flag:
            flags[who] = place, flag == "1"
            if flag == "0" and number:
                exits[number] = place
    lines = [f"user{who}@example.com,{number},{share},{flag}" for who, number, share, flag in people]
    columns = (EMAIL, Column("id", "profileId"), Column("yes", "share"), Column("in", "segment", segment_id="seg_1"))
    result = staged("\n".join(["mail,id,yes,in", *lines]), *columns)

    def share_of(who: int) -> str | None:
        said = of_person.get(ids[who], set()) | (set() if ids[who] else answers[who])
        return min(said - {""}, default=None)  # "n" before "y"

    def membership_of(who: int) -> bool | None:
        place, into = flags.get(who, (-1, None))
        return False if place <= exits.get(ids[who], -2) else into

    users = {who: identity("email", f"user{who}@example.com") for who in ids}
    found = {who: (row[2] or "", row[4]) for who, row in profiles(result).items()}
    assert found == {users[who]: (ids[who], share_of(who)) for who in ids}
    said = {(users[who], "seg_1"): membership_of(who) for who in ids}
    assert memberships(result) == {place: into for place, into in said.items() if into is not None}


# Rejected rows and values


def test_rejects_name_row_column_and_reason_and_the_counts_add_up(staged: Stage) -> None:
    columns = (
        Column("id", "profileId"),
        EMAIL,
        Column("tel", "identity", 2, "hash"),
        Column("yes", "share"),
        Column("in", "segment"),
        Column("city", "attribute", name="city"),
    )
    result = staged(
        "id,mail,tel,yes,in,city\n"
        "1,ann@example.com,12,y,,\n"  # the phone alone is left out
        "2,nobody,,y,,\n"
        "3,,,y,,\n"
        "4,bob@example.com,,maybe,,\n"
        "5,cat@example.com,,y,seg_1|nowhere,\n"
        "6,nobody,12,y,,\n"
        "me@example.com,dan@example.com,,y,,you@example.com\n"
        "8,\t,,y,,\n",
        *columns,
    )
    assert rejects(result) == [
        (1, "tel", "invalid_phone"),
        (2, "mail", "invalid_email"),
        (3, "", "no_identity"),
        (4, "yes", "unknown_share"),
        (5, "in", "unknown_segment"),
        (6, "mail", "invalid_email"),
        (6, "tel", "invalid_phone"),
        (7, "city", "raw_identifier"),
        (8, "", "no_identity"),
    ]
    counts = result.counts
    assert counts.rejected_by_reason == {"invalid_email": 2, "no_identity": 2, "unknown_segment": 1, "unknown_share": 1}
    assert counts.values_rejected == {"invalid_phone": 1, "raw_identifier": 1}
    assert counts.rows == counts.accepted + sum(counts.rejected_by_reason.values()) == 8
    assert set(profiles(result)) == {ANN, identity("email", "dan@example.com")}
    assert profiles(result)[identity("email", "dan@example.com")][2] == kept("me@example.com", SECRET)
    assert result.rejects is not None
    assert "@" not in result.rejects.read_text()


def test_rejects_name_the_profile_ids_that_are_kept_where_that_is_asked_for(staged: Stage) -> None:
    columns = (Column("id", "profileId"), EMAIL, Column("yes", "share"))
    content = (
        "id,mail,yes\n"
        "7,nobody,y\n"
        "me@example.com,nobody,y\n"
        ",nobody,y\n"
        "n/a,ann@example.com,y\n"
        "=1+1,nobody,y\n"
        "8,bob@example.com,y\n"
        "8,cat@example.com,n\n"
    )
    result = staged(content, *columns, rejects_name_profiles=True)
    assert result.rejects is not None
    assert result.rejects.read_text().splitlines() == [
        "row,column,reason,profileId",
        "1,mail,invalid_email,7",
        f"2,mail,invalid_email,{kept('me@example.com', SECRET)}",
        "3,mail,invalid_email,",
        "4,id,placeholder_profile_id,",
        "5,mail,invalid_email,'=1+1",
        "6,yes,stricter_answer,8",
    ]
    of_no_people = staged("mail\nnobody\nann@example.com\n", EMAIL, rejects_name_profiles=True)
    assert of_no_people.rejects is not None
    assert of_no_people.rejects.read_text().splitlines() == ["row,column,reason,profileId", "1,mail,invalid_email,"]


def test_profile_ids_are_kept_as_other_ways_in_keep_them(staged: Stage) -> None:
    """Whatever spelling an address or a number has, its hash ties; none of it is stored raw."""
    ids = [
        "7",
        " 7\u00a0",
        "rosa@one.example",
        "Rosa@One.Example",
        "r\u00f6sa@one.example",
        "mailto\u00a0rosa@one.example",
        "crm:rosa@one.example",
        "rosa%40one.example",
        "+493023125001",
        "+49 (0)30 / 23125001",
        "+49 30 1",
        "+plus@one.example",
        "a+b",
        "~~~",
        "m\u00fc",
        "\u200b",
        "0049 30 23125001",
        kept("rosa@one.example", SECRET),
    ]
    lines = [f'user{number}@example.com,"{profile_id}"' for number, profile_id in enumerate(ids)]
    found = profiles(staged("\n".join(["mail,id", *lines]), EMAIL, Column("id", "profileId")))
    stored = [found[identity("email", f"user{number}@example.com")][2] for number in range(len(ids))]
    assert stored == [kept(profile_id or "", SECRET) for profile_id in ids]


def test_a_profile_id_that_stands_for_a_missing_one_ties_nobody(staged: Stage) -> None:
    result = staged("mail,id\nann@example.com,Unknown\nbob@example.com,unknown\n", EMAIL, Column("id", "profileId"))
    assert rejects(result) == [(1, "id", "placeholder_profile_id"), (2, "id", "placeholder_profile_id")]
    assert result.counts.values_rejected == {"placeholder_profile_id": 2}
    assert [profiles(result)[who][2] for who in (ANN, BOB)] == [None, None]


@pytest.mark.parametrize(
    "cell", ['"Rosa <rosa@one.example>"', "+493023125001", "rosa@one.example;kai@two.example", "rosa%40one.example"]
)
def test_addresses_and_numbers_are_no_attributes(staged: Stage, cell: str) -> None:
    columns = (EMAIL, Column("a", "attribute", name="a"), Column("b", "attribute", name="b"))
    result = staged(f"mail,a,b\nann@example.com,{cell},2024-01-15\n", *columns)
    assert rejects(result) == [(1, "a", "raw_identifier")]
    assert result.counts.values_rejected == {"raw_identifier": 1}
    assert json.loads(profiles(result)[ANN][6]) == {"b": "2024-01-15"}


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        (Column("c", "status"), "gone", "unknown_status"),
        (Column("c", "segment", segment_id="seg_1"), "perhaps", "unknown_status"),
        (Column("c", "share"), "yes", "unknown_share"),
        (Column("c", "segment"), "seg_1;seg_2", "unknown_segment"),
    ],
)
def test_rows_with_unknown_words_are_rejected(staged: Stage, column: Column, cell: str, reason: str) -> None:
    result = staged(f"mail,c\nann@example.com,{cell}\nbob@example.com,\n", EMAIL, column, segment_id="seg_2")
    assert rejects(result) == [(1, "c", reason)]
    assert set(profiles(result)) == {BOB}


@pytest.mark.parametrize("answer", ["y", "n", "p", "u", "dy", "dn", "LI", "CT", "CP", "VI", "PI"])
def test_consent_answers_are_read_in_any_case(staged: Stage, answer: str) -> None:
    result = staged(f"mail,c\nann@example.com,{answer.swapcase()}\n", EMAIL, Column("c", "share"))
    assert profiles(result)[ANN][4] == answer


def test_long_values_are_left_out(staged: Stage) -> None:
    result = staged(f"id,mail\n{'x' * 1025},ann@example.com\n2,{'x' * 1025}\n", Column("id", "profileId"), EMAIL)
    assert rejects(result) == [(1, "id", "too_long"), (2, "mail", "too_long")]
    assert profiles(result)[ANN][2] is None


# Raw and hashed values


def hexes(*mails: str) -> Iterable[str]:
    return (hashlib.sha256(mail.encode()).hexdigest() for mail in mails)


@pytest.mark.parametrize("transform", ["hash", "none", None])
def test_a_column_of_digests_is_taken_as_it_is(staged: Stage, transform: Any) -> None:
    ann, bob = hexes("ann@example.com", "bob@example.com")
    result = staged(f"mail\n{ann.upper()}\n{bob}\n", replace(EMAIL, transform=transform))
    assert set(profiles(result)) == {ANN, BOB}


def test_raw_values_in_a_column_announced_as_hashed_are_rejected(staged: Stage) -> None:
    result = staged("mail\nann@example.com\nnobody\n", replace(EMAIL, transform="none"))
    assert rejects(result) == [(1, "mail", "not_hashed"), (2, "mail", "invalid_email")]


@pytest.mark.parametrize("transform", ["hash", "none", None])
@pytest.mark.parametrize("raw", ["bob@example.com", "müller@example.com"])
def test_a_column_of_raw_and_hashed_values_is_refused(refusal: Any, transform: Any, raw: str) -> None:
    (ann,) = hexes("ann@example.com")
    error = refusal(f"mail\n{ann}\n{raw}\n", replace(EMAIL, transform=transform))
    assert error.reason == "mixed_raw_and_hashed"
    assert "'mail'" in error.detail
    assert raw not in error.detail


def test_what_is_neither_raw_nor_hashed_does_not_make_a_column_mixed(staged: Stage) -> None:
    (ann,) = hexes("ann@example.com")
    assert set(profiles(staged(f"mail\n{ann}\nnobody\n{ann[:-1]}\n"))) == {ANN}


# Whole files


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty_file"),
        ("mail\n", "no_rows"),
        ("\n\n", "no_rows"),
        ("email\nann@example.com\n", "missing_column"),
        ("mail,id\nbob@example.com\n", "ragged_rows"),
        ("mail,id\nann@example.com,1,2\n", "ragged_rows"),
        ('mail,id\n"ann@example.com,1\n', "malformed_csv"),
        ("mail\nann@example.com\n".encode("utf-16"), "not_utf8"),
        ("mail\nänn@example.com\n".encode("latin-1"), "not_utf8"),
        (b"PAR1xxxxPAR1", "wrong_format"),
        (b"PK\x03\x04xxxx", "wrong_format"),
        (gzip.compress(b"mail\n" + b"ann@example.com\n" * 100, mtime=0)[:-20], "damaged_file"),
        (gzip.compress(b"mail\nann@example.com\n", mtime=0)[:-8] + bytes(8), "damaged_file"),
        (b"\x1f\x8b" + b"rubbish" * 5, "damaged_file"),
        (gzip.compress(b"mail\n" + b"a" * 300_000_000, 1), "unpacked_too_large"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_what_to_fix(refusal: Any, content: Any, reason: str) -> None:
    error = refusal(content)
    assert error.reason == reason
    assert "ann@" not in error.detail
    assert "line" in error.detail or "file" in error.detail


def test_a_refusal_names_the_line(refusal: Any) -> None:
    lines = 'mail,note\nann@example.com,"two\nlines"\nbob@example.com,"x\n"y\n'
    assert "line 4" in refusal(lines).detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no_rows"),
        ('{"email": "ann@example.com"}\n', "missing_column"),
        ('{"mail": "ann@example.com"\n', "malformed_json"),
        ('[{"mail": "ann@example.com"}]\n', "malformed_json"),
        ('{"mail": "ann@example.com", "mail": "bob@example.com"}\n', "malformed_json"),
        ("mail\nann@example.com\n", "malformed_json"),
        (b'{"mail": "\xff"}\n', "not_utf8"),
    ],
)
def test_ndjson_that_cannot_be_read_is_refused(refusal: Any, content: Any, reason: str) -> None:
    error = refusal(content, format="ndjson")
    assert error.reason == reason
    assert "ann@" not in error.detail


def test_zstd_cut_short_or_made_to_burst_is_refused(refusal: Any, staged: Stage, tmp_path: Path) -> None:
    lines = b"mail\n" + b"".join(b"user%d@example.com\n" % index for index in range(20_000))
    whole = packed(lines, "zstd", tmp_path)
    assert len(profiles(staged(whole))) == 20_000
    for cut in (10, len(whole) // 2, len(whole) - 1):
        assert refusal(whole[:cut]).reason == "damaged_file"
    block = struct.pack("<I", (1 << 17 << 3) | 2)[:3] + b"a"  # 128 KiB of one letter
    last = struct.pack("<I", 1)[:3]
    bomb = b"\x28\xb5\x2f\xfd\x00\x58" + block * 20_000 + last
    assert refusal(bomb).reason == "unpacked_too_large"


def test_parquet_that_lies_is_refused(refusal: Any, tmp_path: Path) -> None:
    whole = parquet("SELECT 'user' || i || '@example.com' AS mail FROM range(20000) AS t(i)", tmp_path)
    footer = struct.unpack("<I", whole[-8:-4])[0]
    for content in (
        whole[: len(whole) // 2],
        whole[:100] + b"\xff" * 3000 + whole[3100:],
        whole[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
        whole[: -8 - footer] + b"\xff" * footer + whole[-8:],
        b"mail\nann@example.com\n",
        b"",
    ):
        assert refusal(content, format="parquet").reason == "damaged_file"
    assert refusal(gzip.compress(whole), format="parquet").reason == "wrong_format"
    assert refusal(whole, Column("email", "identity", 1), format="parquet").reason == "missing_column"
    burst = parquet("SELECT 'ann@example.com' AS mail FROM range(3000000)", tmp_path)
    assert refusal(burst, format="parquet").reason == "too_many_rows"


# Spans


def test_spans_hold_their_own_keys_and_only_spans_with_rows_are_written(staged: Stage) -> None:
    lines = [f"user{index}@example.com,1" for index in range(300)]
    columns = (EMAIL, Column("in", "segment", segment_id="seg_1"))
    result = staged("\n".join(["mail,in", *lines]), *columns, bucket_bits=12)
    for span in result.spans:
        assert span.profiles is not None
        assert span.memberships is not None
        assert {span_of(bucket_of(row[0], 12)) for row in read_rows(span.profiles)} == {span.span}
        assert [row[:2] for row in read_rows(span.profiles)] == [row[:2] for row in read_rows(span.memberships)]
    assert len(profiles(result)) == 300
    single = staged("mail\nann@example.com\n", bucket_bits=12)
    assert [span.span for span in single.spans] == [span_of(bucket_of(ANN[0], 12))]
    assert single.spans[0].memberships is None


def test_files_have_the_declared_columns(staged: Stage) -> None:
    span = staged("mail,in\nann@example.com,1\n", EMAIL, Column("in", "segment", segment_id="seg_1")).spans[0]
    kinds = [
        {row[0]: row[1] for row in duckdb.execute(f"DESCRIBE FROM '{path}'").fetchall()}
        for path in (span.profiles, span.memberships)
    ]
    assert json.dumps(kinds[0]) == json.dumps(
        {
            "hi": "BIGINT",
            "lo": "BIGINT",
            "namespace": "SMALLINT",
            "value": "BLOB",
            "profile_id": "VARCHAR",
            "share": "VARCHAR",
            "profile_share": "VARCHAR",
            "share_at": "TIMESTAMP",
            "attributes": "VARCHAR",
            "profile_share_at": "TIMESTAMP",
        }
    )
    assert kinds[1] == {
        "hi": "BIGINT",
        "lo": "BIGINT",
        "segment": "VARCHAR",
        "realized": "BOOLEAN",
        "namespace": "SMALLINT",
    }


MAIL, SHARE, SHARE_AT, ID = EMAIL, Column("share", "share"), Column("at", "shareAt"), Column("id", "profileId")


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("rows", "share", "at", "reason"),
    [
        (
            ["n,2025-03-01T00:00:00Z", "y,2025-04-01T00:00:00Z"],
            "y",
            datetime.fromisoformat("2025-04-01"),
            "newer_answer",
        ),
        (
            ["y,2025-03-01T00:00:00Z", "n,2025-03-01T01:00:00+01:00"],
            "n",
            datetime.fromisoformat("2025-03-01"),
            "stricter_answer",
        ),
        (["y,", "n,2025-03-01T00:00:00Z"], "y", AT.replace(tzinfo=None), "newer_answer"),
        (["y,2026-01-02T03:06:00Z", "n,2025-03-01T00:00:00Z"], "y", AT.replace(tzinfo=None), "newer_answer"),
    ],
)
@pytest.mark.parametrize("of_person", [False, True])
def test_of_answers_in_a_file_the_one_given_later_counts(
    staged: Stage, rows: list[str], share: str, at: datetime, reason: str, order: int, *, of_person: bool
) -> None:
    lines = [f"ann@example.com,p1,{row}" for row in rows][::order]
    answer = SHARE if of_person else replace(SHARE, namespace=1)
    result = staged("\n".join(["mail,id,share,at", *lines]), MAIL, ID, answer, SHARE_AT)
    _, _, _, own, person, own_at, _, person_at = profiles(result)[ANN]
    assert ((person, person_at) if of_person else (own, own_at)) == (share, at)
    assert [why for *_, why in rejects(result)] == [reason]


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("yesterday", "unknown_time"),
        ("2026-01-01", "unknown_time"),
        ("2026-01-01T00:00:00", "unknown_time"),
        ("1999-01-01T00:00:00Z", "unknown_time"),
        ("2026-02-31T00:00:00Z", "unknown_time"),
        ("2026-01-02T03:09:06Z", "in_the_future"),
        ("2026-01-02T03:09:05Z", None),
        ("2026-01-02 03:04:05+00", None),
    ],
)
def test_an_answer_is_given_at_a_time_that_can_be_read_and_has_come(staged: Stage, at: str, reason: str | None) -> None:
    result = staged(f"mail,share,at\nann@example.com,y,{at}\nbob@example.com,y,", MAIL, SHARE, SHARE_AT)
    assert rejects(result) == ([(1, "at", reason)] if reason else [])


STRINGS = json.loads((Path(__file__).parents[1] / "vectors" / "consent_strings.json").read_text())
RULES = Rules((1,), None, ("usca", "usnat", gpp.TCF_EU))


def test_consent_strings_are_answers_of_their_own_time(staged: Stage) -> None:
    agreed = next(vector for vector in STRINGS["tcf"] if 1 in vector["purposes"])
    refused = next(vector for vector in STRINGS["tcf"] if 1 not in vector["purposes"])
    rows = [
        f"ann@example.com,{agreed['string']}",
        f"bob@example.com,{refused['string']}",
        "cid@example.com,BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA",
        "dan@example.com,no string",
        "eve@example.com,",
    ]
    result = staged("\n".join(["mail,tcf", *rows]), MAIL, Column("tcf", "tcf"), rules=RULES, at=AT.replace(year=2027))
    found = profiles(result)
    for name, vector, share in (("ann", agreed, "y"), ("bob", refused, "n")):
        row = found[identity("email", f"{name}@example.com")]
        assert (row[4], row[7]) == (share, datetime.fromisoformat(vector["updatedAt"]).replace(tzinfo=None))
    assert found[identity("email", "eve@example.com")][4] is None
    assert rejects(result) == [(3, "tcf", "unknown_consent_version"), (4, "tcf", "malformed_consent_string")]
    assert result.rejects
    assert "no string" not in result.rejects.read_text()


def test_a_section_without_a_time_has_that_of_its_row(staged: Stage) -> None:
    out = next(v["string"] for v in STRINGS["gpp"] if v["sections"].get("usca", {}).get("SaleOptOut") == 1)
    other = next(v["string"] for v in STRINGS["gpp"] if v["sections"].keys() == {"usva"})
    content = f"mail,gpp,at\nann@example.com,{out},2025-03-01T00:00:00Z\nbob@example.com,{other},"
    result = staged(content, MAIL, Column("gpp", "gpp", namespace=1), SHARE_AT, rules=RULES)
    _, _, _, own, person, own_at, *_ = profiles(result)[ANN]
    assert (own, person, own_at) == ("n", None, datetime.fromisoformat("2025-03-01"))
    assert rejects(result) == [(2, "gpp", "no_consent_section")]


def test_strings_without_a_rule_are_refused(refusal: Callable[..., UploadRejected]) -> None:
    assert refusal("mail,tcf\nann@example.com,C", MAIL, Column("tcf", "tcf")).reason == "no_consent_rule"


def test_times_of_parquet_with_an_offset_are_read(staged: Stage, tmp_path: Path) -> None:
    rows = "SELECT 'ann@example.com' AS mail, 'y' AS share, TIMESTAMPTZ '2025-03-01 00:00:00+00' AS at"
    result = staged(parquet(rows, tmp_path), MAIL, SHARE, SHARE_AT, format="parquet")
    assert profiles(result)[ANN][7] == datetime.fromisoformat("2025-03-01")


def test_two_people_with_an_identity_in_common_are_decided_as_in_many_pieces(staged: Stage) -> None:
    text = "id,mail,tel,yes\n1,ann@example.com,+14155552671,n\n2,bob@example.com,+14155552671,y\n"
    columns = (Column("id", "profileId"), EMAIL, Column("tel", "identity", 2), Column("yes", "share"))
    found = profiles(staged(text, *columns))
    answers = {key: (row[2], row[4]) for key, row in found.items()}
    assert answers == {ANN: ("1", "n"), BOB: ("2", "n"), identity("phone", "+14155552671"): ("2", "n")}
