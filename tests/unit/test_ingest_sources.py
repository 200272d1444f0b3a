"""Files as tools write them: the same people come of each, or the file says what to fix."""

import csv
import gzip
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from handfast.ingest.models import DELIMITERS, Column
from handfast.ingest.plan import Staged, UploadRejected
from handfast.ingest.staging import stage
from tests.worlds.data_plane import read_rows
from tests.worlds.plans import PLAN

EMAIL = Column("email", "identity", 1)
PHONE = Column("phone", "identity", 2)
ID = Column("id", "profileId")
SHARE = Column("share", "share")
NOTE = Column("note", "attribute", name="note")
FLAG = Column("in", "segment", segment_id="seg_1")
ROSA, KAI = (hashlib.sha256(f"{name}.example".encode()).digest() for name in ("rosa@one", "kai@two"))


class Files:
    """Stages files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def staged(self, content: str | bytes, *columns: Column, form: Any = "csv", **plan: Any) -> Staged:
        path = self.folder / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return stage(path, replace(PLAN, columns=columns or (EMAIL,), format=form, **plan), self.folder)

    def values(self, content: str | bytes, *columns: Column, **plan: Any) -> set[bytes]:
        return {row[3] for row in profiles(self.staged(content, *columns, **plan))}

    def refusal(self, content: str | bytes, *columns: Column, **plan: Any) -> UploadRejected:
        with pytest.raises(UploadRejected) as caught:
            self.staged(content, *columns, **plan)
        assert "@" not in caught.value.detail
        return caught.value

    def parquet(self, select: str, *columns: Column, **plan: Any) -> Staged:
        path = self.folder / "made.parquet"
        duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        return self.staged(path.read_bytes(), *columns, form="parquet", **plan)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def profiles(result: Staged) -> list[tuple[Any, ...]]:
    """hi, lo, namespace, value, profile id, share, profile's share, at, attributes."""
    return [row for span in result.spans if span.profiles for row in read_rows(span.profiles)]


def ids(result: Staged) -> set[str | None]:
    return {row[4] for row in profiles(result)}


def rejects(result: Staged) -> list[tuple[int, str, str]]:
    if result.rejects is None:
        return []
    with result.rejects.open() as file:
        return [(int(line["row"]), line["column"], line["reason"]) for line in csv.DictReader(file)]


# One dialect for header and rows


@pytest.mark.parametrize(
    "content",
    [
        'email,note\r\nrosa@one.example,"two\nlines"\r\nkai@two.example,x\r\n',
        'email,note\nrosa@one.example,"two\r\nlines"\nkai@two.example,x\n',
        'email,note\nrosa@one.example,"two\rlines"\nkai@two.example,x\n',
        'email,note\r\nrosa@one.example,x\nkai@two.example,"two\r\nlines"\r\n',
        "email,note\nrosa@one.example,x\r\nkai@two.example,x\r\n",
        "email,note\r\nrosa@one.example,x\nkai@two.example,x",
        'email,note\nrosa@one.example,"two\r\nlines"\nkai@two.example,x\r\n',
        "email,note\rrosa@one.example,x\rkai@two.example,x\r",
        'email,"note\nof ours"\nrosa@one.example,x\nkai@two.example,x',
        'email,note\n"rosa@one.example"," a ""word"", and more"\nkai@two.example,x',
        "sep=,\r\nemail,note\r\nrosa@one.example,x\r\nkai@two.example,x\r\n",
        "sep=;\r\nemail;note\r\nrosa@one.example;x,y\r\nkai@two.example;x\r\n",
        '"sep=\t"\nemail\tnote\nrosa@one.example\tx,y\nkai@two.example\tx\n',
        "\ufeffsep=;\nemail;note\nrosa@one.example;x,y\nkai@two.example;x\n",
        "\n\nemail,note\nrosa@one.example,x\n\nkai@two.example,x\n\n",
        "A template, version 2\nFill in:,,,\nemail,note\nrosa@one.example,x\nkai@two.example,x\n",
        'Report of "today"; all\n\nemail;note\nrosa@one.example;x\nkai@two.example;x\n',
        'email,note\nrosa@one.example, "x, y"\nkai@two.example,"x" \n',
    ],
)
def test_what_the_place_of_a_line_break_is_does_not_matter(files: Files, content: str) -> None:
    for data in (content.encode(), gzip.compress(content.encode())):
        result = files.staged(data)
        assert {row[3] for row in profiles(result)} == {ROSA, KAI}
        assert (result.counts.rows, result.counts.accepted) == (2, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("inside", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("above", ["", "A template\n", "A template\r\n", '"A\ntemplate"\r\n'])
def test_a_line_break_in_or_above_the_header_is_not_that_of_the_rows(
    files: Files, end: str, inside: str, above: str
) -> None:
    if end == "\r" and "\n" in above + inside:
        return  # a lone carriage return ends a line only where there is no line feed
    lines = [f'"note{inside}of ours",email', "x,rosa@one.example", "y,kai@two.example", ""]
    result = files.staged(above + end.join(lines))
    assert {row[3] for row in profiles(result)} == {ROSA, KAI}
    assert (result.counts.rows, result.counts.accepted) == (2, 2)


def test_a_header_may_hold_line_breaks(files: Files) -> None:
    content = 'email,"phone\n(first)"\nrosa@one.example,+493023125001\n'
    assert len(files.values(content, Column("phone\n(first)", "identity", 2))) == 1
    assert files.values(content.replace("\n", "\r\n")) == {ROSA}


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("told", [True, False])
def test_the_delimiter_is_told_or_seen_and_said(files: Files, delimiter: Any, told: bool) -> None:
    rows = [["phone", "email", "note"], ["", "rosa@one.example", "a,b;c\td|e"], ["", "kai@two.example", "x"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    result = files.staged(text.getvalue(), EMAIL, NOTE, delimiter=delimiter if told else None)
    assert {row[3]: row[8] for row in profiles(result)} == {
        ROSA: json.dumps({"note": "a,b;c\td|e"}, separators=(",", ":")),
        KAI: '{"note":"x"}',
    }
    assert result.delimiter == delimiter


def test_a_delimiter_that_does_not_fit_is_named_beside_the_one_that_would(files: Files) -> None:
    for content in ("email;phone;share\nrosa@one.example;;y\n", '"email;phone;share"\n"rosa@one.example;;y"\n'):
        error = files.refusal(content, delimiter=",")
        assert error.reason == "missing_column"
        assert "one column whose name holds 2 semicolons: is the delimiter ';'" in error.detail
    assert "';'" in files.refusal("mail;phone\nrosa@one.example;\n").detail
    assert "20" in files.refusal("\n".join(["x,y"] * 20) + "\nemail,note\nrosa@one.example,x\n").detail


def test_a_line_break_far_into_a_file_is_read_as_one_near_its_start(files: Files) -> None:
    """DuckDB reads a file in parts at once, which must agree on what a line is."""
    rows = 120_000
    for place in (0, rows // 2, rows - 1):
        for end, inside in (("\n", "\r\n"), ("\r\n", "\n")):
            lines = [f"user{number}@one.example,x{number:0300}" for number in range(rows)]
            lines[place] = f'rosa@one.example,"two{inside}lines, {inside}user1@one.example,x"'
            result = files.staged(end.join(["email,note", *lines]))
            assert (result.counts.rows, result.counts.accepted) == (rows, rows)
            assert ROSA in {row[3] for row in profiles(result)}


def test_spaces_around_a_name_do_not_matter(files: Files) -> None:
    assert files.values(" email ,note\nrosa@one.example,x\n", Column("email ", "identity", 1)) == {ROSA}


# Rows that do not fit


GOOD = [f"user{number}@one.example,{number}" for number in range(6)]


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("bad", ["rosa@one.example", "rosa@one.example,1,2", "rosa@one.example,,,2"])
def test_a_row_of_another_length_is_refused_alone(files: Files, place: int, bad: str) -> None:
    lines = [*GOOD[:place], bad, *GOOD[place:]]
    result = files.staged("\n".join(["email,id", *lines]), EMAIL, ID)
    assert rejects(result) == [(place + 1, "", "ragged_row")]
    assert result.counts.rejected_by_reason == {"ragged_row": 1}
    assert (result.counts.rows, result.counts.accepted) == (7, 6)
    assert ids(result) == set("012345")
    assert ROSA not in {row[3] for row in profiles(result)}


def test_a_row_may_end_with_a_delimiter(files: Files) -> None:
    for more in ("", "rosa@one.example\n"):
        content = "email,id\nkai@two.example,1,\nkai2@two.example,2,,,\n" + more
        assert ids(files.staged(content, EMAIL, ID)) == {"1", "2"}


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("bad", ['"rosa@one.example"x,1', 'rosa@one.example,"x"y"', "rosa@one.example,a\rb"])
def test_a_line_of_wrong_quotes_is_refused_alone_where_it_ends_the_row(files: Files, place: int, bad: str) -> None:
    result = files.staged("\n".join(["email,id", *GOOD[:place], bad, *GOOD[place:], ""]), EMAIL, ID)
    assert rejects(result) == [(place + 1, "", "malformed_line")]
    assert (result.counts.rows, result.counts.accepted) == (7, 6)
    assert ids(result) == set("012345")


def test_a_quote_that_does_not_close_is_refused_with_its_line(files: Files) -> None:
    """Whoever stands between it and the next quote would be left out unseen."""
    for end in ("", '"x"\n'):
        error = files.refusal("\n".join(["email,id", *GOOD[:3], 'rosa@one.example,"1', *GOOD[3:], end]), EMAIL, ID)
        assert error.reason == "malformed_csv"
        assert "line 5" in error.detail


def test_rows_refused_for_their_length_are_told_apart_from_values(files: Files) -> None:
    result = files.staged("email,id\nnobody,1\nrosa@one.example\n\nkai@two.example,2\n", EMAIL, ID)
    assert rejects(result) == [(1, "email", "invalid_email"), (2, "", "ragged_row")]
    assert ids(result) == {"2"}


def test_a_blank_line_of_a_file_of_one_column_is_a_row(files: Files) -> None:
    for content in (
        "email\nrosa@one.example\n\n\nkai@two.example\n",
        "email\nrosa@one.example\r\n\n\nkai@two.example\n",
    ):
        assert rejects(files.staged(content)) == [(2, "", "no_identity"), (3, "", "no_identity")]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "bad",
    [
        '{"email": "rosa@one.example"',
        '{"email": "rosa@one.example", "email": "kai@two.example"}',
        '{"email": "rosa@one.example"}{"email": "kai@two.example"}',
        '"rosa@one.example"',
        "email",
        "{email: 1}",
        '{"email": "\\ud800@one.example"}',
    ],
)
def test_a_line_that_is_no_object_is_refused_alone(files: Files, place: int, bad: str) -> None:
    lines = [f'{{"email": "user{number}@one.example", "id": "{number}"}}' for number in range(4)]
    result = files.staged("\n".join([*lines[:place], bad, *lines[place:]]), EMAIL, ID, form="ndjson")
    assert rejects(result) == [(place + 1, "", "malformed_line")]
    assert (result.counts.rows, result.counts.accepted) == (5, 4)
    assert ids(result) == set("0123")


def test_a_line_of_another_kind_is_refused_alone(files: Files) -> None:
    result = files.staged('{"email": "rosa@one.example"}\n["kai@two.example"]\nnull\n7\n', form="ndjson")
    assert rejects(result) == [(number, "", "malformed_line") for number in (2, 3, 4)]


def test_rows_of_a_file_without_a_last_line_end_are_in_their_order(files: Files) -> None:
    """Read in parts at once, the last line came first at times; the later row counts."""
    lines = [f'{{"email": "rosa@one.example", "id": "{number}"}}' for number in range(9)]
    for _ in range(20):
        assert ids(files.staged("\n".join(lines), EMAIL, ID, form="ndjson")) == {"8"}
    assert (files.folder / "file").read_bytes().endswith(b"}\n")


def test_a_json_array_is_refused_with_what_to_write(files: Files) -> None:
    assert "one object on each line" in files.refusal('\n [{"email": "x"},\n{"email": "y"}]', form="ndjson").detail


# Names


def test_json_names_are_told_apart_by_case(files: Files) -> None:
    lines = '{"Email": "office", "email": "rosa@one.example"}\n{"EMAIL": "kai@two.example", "email": null}\n'
    result = files.staged(lines, EMAIL, Column("Email", "attribute", name="place"), form="ndjson")
    assert [(row[3], row[8]) for row in profiles(result)] == [(ROSA, '{"place":"office"}')]
    assert files.values(lines, form="ndjson") == {ROSA}


def test_other_files_names_are_told_apart_by_case(files: Files) -> None:
    place = Column("Email", "attribute", name="place")
    result = files.staged("Email,email\noffice,rosa@one.example\n", EMAIL, place)
    assert [(row[3], row[8]) for row in profiles(result)] == [(ROSA, '{"place":"office"}')]
    error = files.refusal("Email,EMAIL\nrosa@one.example,kai@two.example\n")
    assert error.reason == "missing_column"


def test_names_that_a_parquet_file_repeats_or_that_differ_in_case(files: Files) -> None:
    path = files.folder / "made.parquet"
    named = "SELECT {'a': 1} AS nested, 'kai@two.example' AS mails, 'rosa@one.example' AS email"
    duckdb.execute(f"COPY ({named}) TO '{path}' (FORMAT parquet)")
    content = path.read_bytes()
    assert files.values(content.replace(b"mails", b"Email"), form="parquet") == {ROSA}
    assert files.values(content.replace(b"mails", b"email"), form="parquet") == {ROSA, KAI}


def test_several_columns_of_one_name_are_all_identities(files: Files) -> None:
    content = (
        "A template of a large platform\n"
        "Email,First Name,Zip,Email,Zip,Phone,Phone\n"
        "rosa@one.example,Rosa,10115,,,+49-30-23125001,\n"
        "kai@two.example,Kai,1010,kai2@two.example,1020,,\n"
    )
    columns = (Column("Email", "identity", 1), Column("Phone", "identity", 2))
    result = files.staged(content, *columns, phone_region="DE")
    assert sorted(row[2] for row in profiles(result)) == [1, 1, 1, 2]
    assert (result.counts.rows, result.counts.accepted) == (2, 2)
    error = files.refusal(content, *columns, Column("Zip", "attribute", name="zip"))
    assert error.reason == "duplicate_column"
    assert "'Zip'" in error.detail


# Values with a type


WHOLE = ["491713920001.0", "491713920001"]


@pytest.mark.parametrize("kind", ["DOUBLE", "BIGINT", "UBIGINT", "DECIMAL(18, 2)", "DECIMAL(38, 6)", "VARCHAR"])
def test_a_whole_number_is_itself_whatever_its_type(files: Files, kind: str) -> None:
    number = "880012345" if kind == "VARCHAR" else f"CAST(880012345 AS {kind})"
    select = f"SELECT 'rosa@one.example' AS email, {number} AS id, CAST(1 AS {kind}) AS \"in\""
    result = files.parquet(select.replace("CAST(1 AS VARCHAR)", "'1'"), EMAIL, ID, FLAG)
    assert ids(result) == {"880012345"}
    assert [span.memberships is not None for span in result.spans] == [True]


@pytest.mark.parametrize("kind", ["DOUBLE", "BIGINT", "DECIMAL(18, 2)"])
def test_a_phone_number_without_plus_is_the_same_as_text_and_as_number(files: Files, kind: str) -> None:
    as_number = files.parquet(f"SELECT CAST(4153001234 AS {kind}) AS phone", PHONE)
    assert {row[3] for row in profiles(as_number)} == files.values("phone\n4153001234\n", PHONE)
    line = '{"phone": 4153001234.0}' if kind == "DOUBLE" else '{"phone": 4153001234}'
    assert {row[3] for row in profiles(as_number)} == files.values(line, PHONE, form="ndjson")


@pytest.mark.parametrize(
    "value", ["1.5", "'NaN'::DOUBLE", "'inf'::DOUBLE", "1e300::DOUBLE", "2.0::DOUBLE ** 53", "16777217::FLOAT"]
)
def test_a_fraction_is_no_id_and_no_flag(files: Files, value: str) -> None:
    result = files.parquet(f"SELECT 'rosa@one.example' AS email, {value} AS id", EMAIL, ID)
    assert ids(result) == {None}
    assert rejects(result) == [(1, "id", "not_whole_number")]
    result = files.parquet(f"SELECT 'rosa@one.example' AS email, {value} AS \"in\"", EMAIL, FLAG)
    assert rejects(result) == [(1, "in", "not_whole_number")]
    result = files.parquet(f"SELECT {value} AS phone", PHONE)
    assert rejects(result) == [(1, "phone", "not_whole_number")]


def test_an_attribute_keeps_its_fraction_and_its_time(files: Files) -> None:
    select = "SELECT 'rosa@one.example' AS email, 1.5 AS a, 2.0::DOUBLE AS b, DATE '2026-01-02' AS c, TRUE AS d"
    columns = [Column(name, "attribute", name=name) for name in "abcd"]
    (row,) = profiles(files.parquet(select, EMAIL, *columns))
    assert json.loads(row[8]) == {"a": "1.5", "b": "2", "c": "2026-01-02", "d": "true"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (ID, "TRUE"),
        (ID, "DATE '2026-01-02'"),
        (ID, "[1]"),
        (Column("region", "phoneRegion"), "TRUE"),
        (FLAG, "now()"),
        (FLAG, "uuid()"),
        (SHARE, "{'a': 1}"),
        (NOTE, "['a']"),
        (NOTE, "INTERVAL 1 DAY"),
        (Column("in", "segment"), "TRUE"),
    ],
)
def test_a_type_that_stands_for_no_text_is_refused_by_its_name(files: Files, column: Column, value: str) -> None:
    select = f"SELECT 'rosa@one.example' AS email, {value} AS \"{column.column}\""
    with pytest.raises(UploadRejected) as caught:
        files.parquet(select, EMAIL, column)
    assert caught.value.reason == "unsupported_type"
    assert f"'{column.column}'" in caught.value.detail
    ((kind,),) = duckdb.execute(f"SELECT typeof({value})").fetchall()
    assert ("LIST" if kind.endswith("]") else kind.split("(")[0]) in caught.value.detail


def test_a_uuid_is_the_text_of_a_device_and_of_a_profile(files: Files) -> None:
    device = "aebe52e7-03ee-455a-b3c4-e57283966239"
    columns = (Column("ad", "identity", 4), ID)
    result = files.parquet(f"SELECT '{device}'::UUID AS ad, '{device}'::UUID AS id", *columns)
    assert [(row[3], row[4]) for row in profiles(result)] == [(device.encode(), device)]


def test_bytes_are_digests_only_where_digests_are_announced(files: Files) -> None:
    address = "a23456789012345678901@one.example"[-32:]
    assert len(address) == 32
    digest = "unhex(sha256('rosa@one.example'))"
    assert {
        row[3] for row in profiles(files.parquet(f"SELECT {digest} AS email", replace(EMAIL, transform="none")))
    } == {ROSA}
    for transform in ("hash", None):
        column = replace(EMAIL, transform=transform)
        assert rejects(files.parquet(f"SELECT {digest} AS email", column)) == [(1, "email", "not_text")]
        found = profiles(files.parquet(f"SELECT '{address}'::BLOB AS email", column))
        assert [row[3] for row in found] == [hashlib.sha256(address.encode()).digest()]
    md5 = hashlib.md5(b"rosa@one.example").hexdigest()
    result = files.parquet(f"SELECT '{md5}'::BLOB AS email", replace(EMAIL, transform="none"))
    assert [reason for *_, reason in rejects(result)] == ["looks_like_md5"]
    thirty_two = "x" * 32
    result = files.parquet(f"SELECT 'rosa@one.example'::BLOB AS email, '{thirty_two}'::BLOB AS id", EMAIL, ID)
    assert ids(result) == {thirty_two}


JSON_IDS: list[tuple[str, str | None, str | None]] = [
    ('"1e3"', "1e3", None),
    ("1e3", "1000", None),
    ("12345678901234567890", "12345678901234567890", None),
    ("123456789012345678901234567890", "123456789012345678901234567890", None),
    ("-7", "-7", None),
    ("880012345.0", "880012345", None),
    ("9007199254740993.0", None, "not_whole_number"),
    ("1e22", None, "not_whole_number"),
    ("0.5", None, "not_whole_number"),
    ("1E400", None, "not_whole_number"),
    ("NaN", None, "not_whole_number"),
    ("true", None, "unsupported_type"),
    ("[1]", None, "unsupported_type"),
    ('["1"]', None, "unsupported_type"),
    ('{"a": 1}', None, "unsupported_type"),
    ('"[1]"', "[1]", None),
    ('"true"', "true", None),
    ('"\\u00fc \\"q\\" \\\\ /"', 'ü "q" \\ /', None),
    ('""', None, None),
    ("null", None, None),
]


@pytest.mark.parametrize(("value", "profile_id", "why"), JSON_IDS)
@pytest.mark.parametrize("by_member", [True, False])
def test_a_json_value_is_read_as_written_or_refused(
    files: Files, value: str, profile_id: str | None, why: str | None, by_member: bool
) -> None:
    lines = f'{{"email": "rosa@one.example", "id": {value}}}\n' + "nothing\n" * by_member
    result = files.staged(lines, EMAIL, ID, form="ndjson")
    assert ids(result) == {profile_id}
    expected = [(1, "id", why)] if why else []
    assert rejects(result) == expected + [(2, "", "malformed_line")] * by_member


def test_a_json_word_may_be_a_boolean_or_a_whole_number(files: Files) -> None:
    lines = [
        f'{{"email": "user{number}@one.example", "in": {value}}}'
        for number, value in enumerate(["true", "false", "1", "0", "1.0", '"yes"', "null", "0.5", "[true]"])
    ]
    result = files.staged("\n".join(lines), EMAIL, FLAG, form="ndjson")
    assert rejects(result) == [(8, "in", "not_whole_number"), (9, "in", "unsupported_type")]
    members = [row[3] for span in result.spans if span.memberships for row in read_rows(span.memberships)]
    assert sorted(members) == [False, False, True, True, True, True]


def test_a_csv_of_a_table_of_floats_names_the_same_ids_and_flags(files: Files) -> None:
    content = "email,id,in\nrosa@one.example,880012345.0,1.0\nkai@two.example,,0.0\nann@one.example,A.0,\n"
    for data in (content, content + "short\n"):
        result = files.staged(data, EMAIL, ID, FLAG)
        assert ids(result) == {"880012345", None, "A.0"}
        members = [row[3] for span in result.spans if span.memberships for row in read_rows(span.memberships)]
        assert sorted(members) == [False, True]


@pytest.mark.parametrize("text", ["880012345", "880012345.0", "880012345.00"])
def test_an_id_of_text_is_the_same_in_every_format(files: Files, text: str) -> None:
    """A table of floats turned into text is not only written as CSV."""
    assert ids(files.staged(f"email,id\nrosa@one.example,{text}\n", EMAIL, ID)) == {"880012345"}
    assert ids(files.parquet(f"SELECT 'rosa@one.example' AS email, '{text}' AS id", EMAIL, ID)) == {"880012345"}
    line = json.dumps({"email": "rosa@one.example", "id": text})
    assert ids(files.staged(line, EMAIL, ID, form="ndjson")) == {"880012345"}


def test_an_answer_may_be_a_whole_number_in_every_format(files: Files) -> None:
    share = replace(SHARE, answers={"1": "y", "0": "n"})
    for result in (
        files.staged("email,share\nrosa@one.example,1.0\nkai@two.example,0.0\n", EMAIL, share),
        files.parquet(
            "SELECT unnest(['rosa@one.example', 'kai@two.example']) AS email, unnest([1, 0.0]) share", EMAIL, share
        ),
    ):
        assert {row[3]: row[6] or row[5] for row in profiles(result)} == {ROSA: "y", KAI: "n"}


@pytest.mark.parametrize("number", ["8.80012E+08", "8,80012E+08", "8e+15", "1.2345678901234568e+16"])
def test_a_shortened_number_is_no_id(files: Files, number: str) -> None:
    result = files.staged(f'email,id\nrosa@one.example,"{number}"\n', EMAIL, ID)
    assert ids(result) == {None}
    assert rejects(result) == [(1, "id", "not_whole_number")]


# A column that says the namespace


OWN = (Column("namespace", "namespace"), Column("value", "identity"))


def test_our_own_export_can_be_loaded(files: Files) -> None:
    phone = hashlib.sha256(b"+493023125001").hexdigest()
    device = "aebe52e7-03ee-455a-b3c4-e57283966239"
    content = (
        "namespace,value,segmentIds,since\n"
        f"Email_LC_SHA256,{ROSA.hex()},seg_1,2026-11-28T08:00:00.000Z\n"
        f"phone_sha256_e.164,{phone},seg_1|seg_2,2026-11-28T08:00:00.000Z\n"
        f"IDFA,{device},seg_1,2026-11-28T08:00:00.000Z\n"
        f"email,{KAI.hex()},,\n"
        f"nothing,{device},,\n"
        f",{device},,\n"
        "email,,,\n"
        "email,nobody,,\n"
    )
    result = files.staged(content, *OWN, Column("segmentIds", "segment"))
    found = {(1, ROSA), (1, KAI), (2, bytes.fromhex(phone)), (4, device.encode())}
    assert {(row[2], row[3]) for row in profiles(result)} == found
    assert rejects(result) == [
        (5, "namespace", "unknown_namespace"),
        (6, "namespace", "unknown_namespace"),
        (7, "", "no_identity"),
        (8, "value", "invalid_email"),
    ]
