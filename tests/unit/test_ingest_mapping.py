"""What an upload's mapping may say, how a file is cut into parts, and what a stream change holds."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handfast.governance import consent
from handfast.ingest import mapping as ingest_mapping
from handfast.ingest.models import MAX_FILE_BYTES, MAX_PARTS, PART_BYTES, Column, CreateUpload, Upload
from handfast.journal.models import Actor, ConsentStrings, TcfRule
from handfast.lake.streaming import Answer, StreamChange, stream

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STRINGS = ConsentStrings()
SEGMENTS = {"seg_1": "seg_1", "loyal": "seg_1", "seg_2": "seg_2"}
EMAIL = {"column": "mail", "as": "identity", "namespace": "email"}

PHONE = {"column": "tel", "as": "identity", "namespace": "phone"}
REGION = {"column": "country", "as": "phoneRegion"}
VALUE, SAYS = {"column": "v", "as": "identity"}, {"column": "n", "as": "namespace"}


def upload(*columns: dict[str, Any], **members: Any) -> CreateUpload:
    body = {"fileName": "crm.csv", "format": "csv", "mode": "delta", "columns": list(columns)} | members
    return CreateUpload.model_validate(body)


def canonical(body: CreateUpload) -> tuple[Column, ...]:
    return tuple(ingest_mapping.column_of(mapping, SEGMENTS) for mapping in body.columns)


def pointers(*columns: dict[str, Any], **members: Any) -> list[str]:
    body = upload(*columns, **members)
    return [pointer for pointer, _ in ingest_mapping.findings(body, canonical(body), SEGMENTS, STRINGS)]


def test_a_full_mapping_is_fine_and_becomes_canonical() -> None:
    body = upload(
        {"column": "id", "as": "profileId"},
        EMAIL | {"transform": "hash"},
        {"column": "gaid", "as": "identity", "namespace": "gaid"},
        {"column": "ok", "as": "share"},
        {"column": "mail ok", "as": "share", "namespace": "Email_LC_SHA256"},
        {"column": "where", "as": "segment"},
        {"column": "is loyal", "as": "segment", "name": "loyal"},
        {"column": "what", "as": "status"},
        {"column": "city", "as": "attribute"},
        {"column": "zip", "as": "attribute", "name": "postal code"},
    )
    columns = canonical(body)
    assert ingest_mapping.findings(body, columns, SEGMENTS, STRINGS) == []
    assert columns[1] == Column("mail", "identity", namespace=1, transform="hash")
    assert columns[4] == Column("mail ok", "share", namespace=1)
    assert columns[6] == Column("is loyal", "segment", segment_id="seg_1")
    assert [column.name for column in columns[8:]] == ["city", "postal code"]


SHARE = {"column": "ok", "as": "share"}


def test_words_of_a_share_column_stand_for_answers_whatever_their_case() -> None:
    body = upload(EMAIL, SHARE | {"answers": {" Ja": "Y", "NEIN ": "n", "LegInt": "li", "Übermittlung": "y"}})
    columns = canonical(body)
    assert ingest_mapping.findings(body, columns, SEGMENTS, STRINGS) == []
    assert columns[1].answers == {"ja": "y", "nein": "n", "legint": "LI", "übermittlung": "y"}


@pytest.mark.parametrize("answers", [{"yes": "maybe"}, {"yes": ""}, {"yes": "y", "YES": "n"}, {" ": "n"}])
def test_words_that_stand_for_no_answer_are_refused(answers: dict[str, str]) -> None:
    assert pointers(EMAIL, SHARE | {"answers": answers}) == ["/columns/1/answers"]


def test_only_share_columns_have_words_for_answers() -> None:
    assert pointers(EMAIL | {"answers": {"yes": "y"}}) == ["/columns/0/answers"]


def test_phone_columns_have_a_form_and_their_rows_a_region() -> None:
    body = upload(PHONE | {"form": "digitsWithCountryCode"}, REGION, mode="suppression")
    columns = canonical(body)
    assert ingest_mapping.findings(body, columns, SEGMENTS, STRINGS) == []
    assert columns == (
        Column("tel", "identity", namespace=2, form="digitsWithCountryCode"),
        Column("country", "phoneRegion"),
    )


def test_a_column_may_say_the_namespace_and_a_file_its_delimiter() -> None:
    assert pointers(VALUE | {"transform": "none"}, SAYS, delimiter=";") == []
    assert pointers(VALUE, SAYS, mode="suppression") == []


def test_an_option_needs_the_columns_that_it_is_about() -> None:
    who, city = {"column": "id", "as": "profileId"}, {"column": "city", "as": "attribute"}
    assert pointers(EMAIL, blanks="clear") == ["/blanks"]
    assert pointers(EMAIL, city, blanks="clear") == []
    assert pointers(EMAIL, replaceIdentities=True) == ["/replaceIdentities"]
    assert pointers(EMAIL, who, replaceIdentities=True) == []


def test_two_columns_may_hold_identities_of_one_namespace() -> None:
    assert pointers(EMAIL, EMAIL | {"column": "second mail"}) == []


@pytest.mark.parametrize(
    ("columns", "members", "expected"),
    [
        ([{"column": "city", "as": "attribute"}], {}, ["/columns"]),
        ([{"column": "mail", "as": "identity"}], {}, ["/columns/0/namespace"]),
        ([{"column": "mail", "as": "identity", "namespace": "fax"}], {}, ["/columns/0/namespace"]),
        ([EMAIL, {"column": "ok", "as": "share", "namespace": "fax"}], {}, ["/columns/1/namespace"]),
        ([EMAIL, {"column": "id", "as": "profileId", "namespace": "email"}], {}, ["/columns/1/namespace"]),
        ([EMAIL, {"column": "id", "as": "profileId", "transform": "none"}], {}, ["/columns/1/transform"]),
        ([EMAIL, {"column": "id", "as": "profileId", "name": "x"}], {}, ["/columns/1/name"]),
        ([{"column": "e", "as": "identity", "namespace": "ECID", "transform": "hash"}], {}, ["/columns/0/transform"]),
        ([EMAIL | {"form": "national"}], {}, ["/columns/0/form"]),
        ([PHONE | {"form": "national", "transform": "none"}], {}, ["/columns/0/form"]),
        ([EMAIL, {"column": "id", "as": "profileId", "form": "e164"}], {}, ["/columns/1/form"]),
        ([EMAIL, {"column": "country", "as": "phoneRegion"}], {}, ["/columns/1/as"]),
        ([PHONE, REGION, {"column": "land", "as": "phoneRegion"}], {}, ["/columns/2"]),
        ([PHONE, REGION | {"namespace": "phone"}], {}, ["/columns/1/namespace"]),
        ([EMAIL, EMAIL], {}, ["/columns/1/column"]),
        ([EMAIL, {"column": "a", "as": "profileId"}, {"column": "b", "as": "profileId"}], {}, ["/columns/2"]),
        ([EMAIL, {"column": "a", "as": "share"}, {"column": "b", "as": "share"}], {}, ["/columns/2"]),
        (
            [
                EMAIL,
                {"column": "a", "as": "share", "namespace": "email"},
                {"column": "b", "as": "share", "namespace": "Email_LC_SHA256"},
            ],
            {},
            ["/columns/2"],
        ),
        (
            [EMAIL, {"column": "a", "as": "attribute"}, {"column": "b", "as": "attribute", "name": "a"}],
            {},
            ["/columns/2"],
        ),
        ([EMAIL, {"column": "a", "as": "segment"}, {"column": "b", "as": "segment"}], {}, ["/columns/2"]),
        (
            [
                EMAIL,
                {"column": "a", "as": "segment", "name": "loyal"},
                {"column": "b", "as": "segment", "name": "seg_1"},
            ],
            {},
            ["/columns/2"],
        ),
        ([EMAIL, {"column": "a", "as": "segment", "name": "lost"}], {}, ["/columns/1/name"]),
        ([EMAIL, {"column": "a", "as": "status"}], {}, ["/columns/1/as"]),
        ([EMAIL], {"mode": "snapshot"}, ["/segmentId"]),
        ([EMAIL], {"segmentId": "seg_9"}, ["/segmentId"]),
        ([EMAIL], {"segmentId": "loyal"}, ["/segmentId"]),
        ([EMAIL, {"column": "a", "as": "segment"}], {"segmentId": "seg_1"}, ["/columns/1/as"]),
        ([EMAIL, {"column": "n", "as": "namespace"}], {}, ["/columns/0/namespace"]),
        ([{"column": "n", "as": "namespace"}], {}, ["/columns"]),
        ([VALUE, SAYS, {"column": "m", "as": "namespace"}], {}, ["/columns/2"]),
        ([VALUE, SAYS, VALUE | {"column": "w"}], {}, ["/columns/2/as"]),
        ([VALUE, SAYS | {"namespace": "email"}], {}, ["/columns/1/namespace"]),
        ([EMAIL], {"format": "parquet", "delimiter": ";"}, ["/delimiter"]),
    ],
)
def test_every_wrong_mapping_is_pointed_at(
    columns: list[dict[str, Any]], members: dict[str, Any], expected: list[str]
) -> None:
    assert pointers(*columns, **members) == expected


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = pointers({"column": "a", "as": "status"}, {"column": "a", "as": "profileId", "name": "x"}, mode="snapshot")
    assert found == ["/columns/1/name", "/columns/1/column", "/segmentId", "/columns", "/columns/0/as"]


@given(st.integers(1, MAX_FILE_BYTES))
def test_parts_cover_the_file_exactly_and_only_a_large_file_has_any(size: int) -> None:
    sizes = ingest_mapping.part_sizes(size)
    if size <= PART_BYTES:
        assert sizes == []
    else:
        assert sum(sizes) == size
        assert set(sizes[:-1]) == {PART_BYTES}
        assert 0 < sizes[-1] <= PART_BYTES
        assert len(sizes) <= MAX_PARTS


def test_an_upload_that_nobody_fed_expires() -> None:
    early, end, late = "2026-01-01T00:59:59.999Z", "2026-01-01T01:00:00.000Z", "2026-01-01T01:00:00.001Z"
    awaiting = Upload(
        sandbox_id="sbx_1",
        upload_id="upl_1",
        file_name="crm.csv",
        format="csv",
        mode="delta",
        columns=(),
        segment_id=None,
        allow_removal=False,
        actor=Actor.system(),
        created_at="2026-01-01T00:00:00.000Z",
        expires_at=end,
    )
    assert ingest_mapping.failure_at(awaiting, early) is None
    assert (
        ingest_mapping.failure_at(awaiting, end) == ingest_mapping.failure_at(awaiting, late) == ingest_mapping.EXPIRED
    )


ID, SHARE = {"column": "id", "as": "profileId"}, {"column": "share", "as": "share"}
FLAG = {"column": "in", "as": "segment", "name": "loyal"}


@pytest.mark.parametrize(
    ("columns", "members", "found"),
    [
        ([ID, SHARE], {}, []),
        ([ID, FLAG], {}, []),
        ([ID, {"column": "status", "as": "status"}], {"segmentId": "seg_1"}, []),
        ([ID], {}, ["/columns"]),
        ([SHARE], {}, ["/columns"]),
        ([ID, SHARE | {"namespace": "email"}], {}, ["/columns"]),
        ([ID, {"column": "in", "as": "segment"}], {}, ["/columns"]),
        ([ID, SHARE], {"mode": "snapshot", "segmentId": "seg_1"}, ["/columns"]),
    ],
)
def test_a_file_without_identities_says_something_of_people(
    columns: list[dict[str, str]], members: dict[str, str], found: list[str]
) -> None:
    assert pointers(*columns, **members) == found


def test_consent_answers_are_read_in_any_case() -> None:
    assert [consent.share_answer(text) for text in ("Y", "dn", "li", None)] == ["y", "dn", "LI", None]
    with pytest.raises(consent.UnknownAnswerError):
        consent.share_answer("perhaps")


def change(hi: int, *, realized: bool, segment: str = "seg_1", **facts: str) -> StreamChange:
    share = Answer(facts["share"], AT) if "share" in facts else None
    return StreamChange(hi, 7, 1, bytes(32), facts.get("profile_id"), share, None, segment, realized)


def test_of_repeats_in_one_call_the_last_counts_and_silence_takes_nothing_back() -> None:
    tables = stream(
        [
            change(-5, realized=True, share="y", profile_id="p1"),
            change(9, realized=True),
            change(-5, realized=True, segment="seg_2", share="n"),
            change(-5, realized=False),
        ]
    )
    assert tables["profiles"] == {
        "hi": [-5, 9],
        "lo": [7, 7],
        "namespace": [1, 1],
        "value": ["00" * 32, "00" * 32],
        "profile_id": ["p1", None],
        "share": ["n", None],
        "share_at": ["2026-01-02T03:04:05.000Z", None],
        "profile_share": [None, None],
        "profile_share_at": [None, None],
    }
    assert tables["memberships"] == {
        "hi": [-5, 9, -5],
        "lo": [7, 7, 7],
        "segment": ["seg_1", "seg_1", "seg_2"],
        "realized": [False, True, True],
        "namespace": [1, 1, 1],
    }


TCF_RULE = ConsentStrings(tcf=TcfRule((1,)))


@pytest.mark.parametrize(
    ("columns", "strings", "wrong"),
    [
        ([{"column": "tcf", "as": "tcf"}], TCF_RULE, []),
        ([{"column": "tcf", "as": "tcf"}, {"column": "at", "as": "shareAt"}], TCF_RULE, []),
        ([{"column": "tcf", "as": "tcf"}], STRINGS, ["/columns/1/as"]),
        ([{"column": "gpp", "as": "gpp"}], TCF_RULE, ["/columns/1/as"]),
        ([{"column": "tcf", "as": "tcf"}, {"column": "share", "as": "share"}], TCF_RULE, ["/columns/2"]),
        (
            [{"column": "tcf", "as": "tcf", "namespace": "email"}, {"column": "share", "as": "share"}],
            TCF_RULE,
            [],
        ),
        ([{"column": "at", "as": "shareAt"}], STRINGS, ["/columns/1/as"]),
        ([{"column": "tcf", "as": "tcf", "answers": {"a": "y"}}], TCF_RULE, ["/columns/1/answers"]),
    ],
)
def test_consent_strings_need_a_rule_and_times_an_answer(
    columns: list[dict[str, Any]], strings: ConsentStrings, wrong: list[str]
) -> None:
    mail = {"column": "mail", "as": "identity", "namespace": "email"}
    body = CreateUpload.model_validate(
        {"fileName": "f.csv", "format": "csv", "mode": "delta", "columns": [mail, *columns]}
    )
    found = ingest_mapping.findings(body, canonical(body), SEGMENTS, strings)
    assert [pointer for pointer, _ in found] == wrong
