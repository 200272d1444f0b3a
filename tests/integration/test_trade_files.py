"""Small files as tools of the trade write them, through a whole upload: the people that they mean, or why not."""

import base64
import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import duckdb

from functions.segments import app as segments_app
from handfast.access import service as access
from handfast.identity.profile_ids import is_hashed
from tests.worlds.sandboxes import Member, World
from tests.worlds.uploads import identity, ingested, keys, rows

EMAIL = {"column": "email", "as": "identity", "namespace": "email"}
PHONE = {"column": "phone", "as": "identity", "namespace": "phone"}
ID = {"column": "id", "as": "profileId"}
WITH_CODE = PHONE | {"form": "digitsWithCountryCode"}
ROSA, KAI = ("email", "rosa@one.example"), ("email", "kai@two.example")
LINE, MOBILE = ("phone", "+493023125001"), ("phone", "+491713920001")
OF_THE_EXPORT = [hashlib.sha256(text).hexdigest() for text in (b"rosa@one.example", b"+493023125001")]


@dataclass(frozen=True)
class File:
    """A file, its mapping, and what comes of it in a sandbox of the region DE.

    That is who is in, by the spelling that the receiver has, with the profile ids of some, and the rejects as row,
    column and reason; or why the upload fails.
    """

    content: str | Callable[[Path], bytes]
    columns: list[dict[str, Any]]
    people: list[tuple[str, str]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    failure: str | None = None
    form: str = "csv"
    ids: frozenset[str] = frozenset()


def lines(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def objects(*rows: dict[str, Any]) -> str:
    return lines(*map(json.dumps, rows))


def parquet(select: str) -> Callable[[Path], bytes]:
    """The bytes of a Parquet file of a SELECT."""

    def write(folder: Path) -> bytes:
        duckdb.execute(f"COPY ({select}) TO '{folder / 'made'}' (FORMAT parquet)")
        return (folder / "made").read_bytes()

    return write


def digests(*words: bytes) -> list[str]:
    return [hashlib.sha256(word).hexdigest() for word in words]


FILES: dict[str, File] = {
    "a line feed in a cell of CRLF rows": File(
        'email,note\r\nrosa@one.example,"two\nlines"\r\nkai@two.example,x\r\n', [EMAIL], [ROSA, KAI]
    ),
    "CRLF in a cell of LF rows, the last one not ended": File(
        'note,email\nx,rosa@one.example\n"two\r\n\r\nlines, ""and"" more",kai@two.example', [EMAIL], [ROSA, KAI]
    ),
    "a line break in the header, tabs between": File(
        '"email\r\n(primary)"\tphone\nrosa@one.example\t+493023125001\n', [PHONE], [LINE]
    ),
    "sep and a mark before it": File(
        "\ufeffsep=;\r\nemail;id\r\nrosa@one.example;7\r\n", [EMAIL, ID], [ROSA], ids=frozenset({"7"})
    ),
    "numbers with their trunk zero, and cut off": File(
        lines("phone", "+4903023125001", "+49 (0)171 3920001", "00490171/3920001", "030 23125---", "+49 30 23125..."),
        [PHONE],
        [LINE, MOBILE],
        [(4, "phone", "invalid_phone"), (5, "phone", "invalid_phone")],
    ),
    "digits with their country code, undeclared": File(
        lines("phone", "491713920001", "4915228817386", "49 171 3920001.0", "491713920001.0", "+491713920001.0"),
        [PHONE],
        [MOBILE],
        [
            *((number, "phone", "ambiguous_phone") for number in (1, 2, 4)),
            (3, "phone", "spreadsheet_number"),
        ],
    ),
    "digits with their country code, declared": File(
        lines("phone", "491713920001", "49 (0)30 23125001", "491713920001.0", "436641234567", "1713920001"),
        [WITH_CODE],
        [MOBILE, LINE, ("phone", "+436641234567")],
        [(5, "phone", "invalid_phone")],
    ),
    "numbers of a table of floats": File(
        parquet("SELECT unnest([491713920001, 436641234567, 491713920001.5, NULL]::DOUBLE[]) AS phone"),
        [WITH_CODE],
        [MOBILE, ("phone", "+436641234567")],
        [(3, "phone", "not_whole_number"), (4, "", "no_identity")],
        form="parquet",
    ),
    "numbers of JSON": File(
        '{"phone": 491713920001.0}\n{"phone": 4.36641234567e11}\n{"phone": "4.36641E+11"}\n{"phone": true}\n',
        [WITH_CODE],
        [MOBILE, ("phone", "+436641234567")],
        [(3, "phone", "spreadsheet_number"), (4, "phone", "unsupported_type")],
        form="ndjson",
    ),
    "what is no number of the region": File(
        lines(
            "phone",
            *("0664 1234567", "(415) 555-0123", "0000000", "12345", "2024-01-15", "10115 Berlin", "0151 12345***"),
            *("4.9E+11", "15.01.2024", "+49 171 39200##", "'+491713920001", "030 23125001 / 0171 3920001"),
        ),
        [PHONE],
        rejects=[
            *((number, "phone", "invalid_phone_for_region") for number in (1, 2)),
            (3, "phone", "placeholder_phone"),
            *((number, "phone", "invalid_phone") for number in (5, 6, 9, 11)),
            *((number, "phone", "invalid_phone_for_region") for number in (4, 12)),
            *((number, "phone", "looks_masked") for number in (7, 10)),
            (8, "phone", "spreadsheet_number"),
        ],
        failure="all_rejected",
    ),
    "decomposed letters": File(
        lines("email", "ju\u0308rgen.k@one.example", "info@mu\u0308nchner.example", "\u0438\u0306@two.example"),
        [EMAIL],
        [
            ("email", "j\u00fcrgen.k@one.example"),
            ("email", "info@xn--mnchner-n2a.example"),
            ("email", "\u0439@two.example"),
        ],
    ),
    "marks that nobody sees": File(
        lines(
            "email",
            "rosa\u200b@one.example",
            "rosa@one.example\u200e",
            "\u202akai@two.example\u202c",
            "ro\xadsa@one.example",
        ),
        [EMAIL],
        [ROSA, KAI],
        [(1, "email", "invalid_email"), (4, "email", "invalid_email")],
    ),
    "what stands before an address or is lost in it": File(
        lines(
            "email|note",
            *("mailto:rosa@one.example", ";rosa@one.example", "(rosa)@one.example", "j?rgen@one.example"),
            *("j\u00c3\u00bcrgen@one.example", "j\u00c3\u00b6rgen@one.example", "crm:rosa@one.example", "none@none.de"),
        )
        .replace("\n", "|\n")
        .replace("email|note|", "email|note"),
        [EMAIL],
        [ROSA],
        [
            *((number, "email", "invalid_email") for number in range(2, 8)),
            (8, "email", "placeholder_email"),
        ],
    ),
    "a template with repeated columns and a line above": File(
        lines(
            "Fill in one row for each customer,,,,,",
            "Email,Zip,Email,Zip,Phone,Phone",
            "rosa@one.example,10115,,,+49-30-23125001,",
            "kai@two.example,1010,kai2@two.example,1020,,0171 3920001",
        ),
        [EMAIL | {"column": "Email"}, PHONE | {"column": "Phone"}],
        [ROSA, KAI, ("email", "kai2@two.example"), LINE, MOBILE],
    ),
    "digests of placeholders": File(
        lines(
            "email",
            *digests(
                b"null", b"NULL", b"test@test.com", b"", b" ", b"n/a", b"none@none.de", b"+49", b"\\N", b"undefined"
            ),
            base64.b64encode(hashlib.sha256(b"null").digest()).decode(),
            "f" * 64,
            hashlib.sha256(b"rosa@one.example").hexdigest().upper(),
        ),
        [EMAIL | {"transform": "none"}],
        [ROSA],
        [(number, "email", "placeholder_digest") for number in range(1, 13)],
    ),
    "our own export": File(
        lines(
            "namespace,value,segmentIds,since",
            f"Email_LC_SHA256,{OF_THE_EXPORT[0]},seg_x,2026-11-28T08:00:00.000Z",
            f"phone,{OF_THE_EXPORT[1]},seg_x,2026-11-28T08:00:00.000Z",
            f"fax,{OF_THE_EXPORT[1]},seg_x,",
            f",{OF_THE_EXPORT[1]},seg_x,",
        ),
        [{"column": "namespace", "as": "namespace"}, {"column": "value", "as": "identity"}],
        [ROSA, LINE],
        [(3, "namespace", "unknown_namespace"), (4, "namespace", "unknown_namespace")],
    ),
    "ids of several writers": File(
        lines(
            "id,email",
            *("880012345,a@one.example", "880012345.0,b@one.example", '"880012345,00",c@one.example'),
            *(
                "8.8E+08,d@one.example",
                "8.80012345E8,e@one.example",
                "\\N,f@one.example",
                '"=""880012345""",g@one.example',
            ),
            *("'880012345,h@one.example", "<NA>,i@one.example", "880\u200b012345,j@one.example"),
        ),
        [ID, EMAIL],
        [("email", f"{name}@one.example") for name in "abcdefghij"],
        [
            *((number, "id", "not_whole_number") for number in (4, 5)),
            (6, "id", "placeholder_profile_id"),
            *((number, "id", "invalid_profile_id") for number in (7, 8)),
            (9, "id", "placeholder_profile_id"),
            (10, "id", "invalid_profile_id"),
        ],
        ids=frozenset({"880012345"}),
    ),
    "ids of text in Parquet": File(
        parquet("SELECT 'rosa@one.example' AS email, '880012345.0' AS id"),
        [EMAIL, ID],
        [ROSA],
        form="parquet",
        ids=frozenset({"880012345"}),
    ),
    "addresses and numbers in attributes": File(
        lines(
            "email,a,b,c,d",
            'rosa@one.example,Rosa <rosa@one.example>,+493023125001,"rosa@one.example;kai@two.example",Berlin',
            "kai@two.example,mailto:kai%40two.example,0049 30 23125001,(415) 555-0123,1010",
        ),
        [EMAIL, *({"column": name, "as": "attribute"} for name in "abcd")],
        [ROSA, KAI],
        [(number, name, "raw_identifier") for number in (1, 2) for name in "abc"],
    ),
    "JSON names that differ in case": File(
        '{"Email": "office", "email": "rosa@one.example"}\n{"email": "kai@two.example", "EMAIL": "x"}\n'
        '{"Email": "y"}\n',
        [EMAIL],
        [ROSA, KAI],
        [(3, "", "no_identity")],
        form="ndjson",
    ),
    "bad lines of JSON": File(
        objects({"email": "rosa@one.example"}) + '\n{"email": \n' + objects({"email": "kai@two.example"}),
        [EMAIL],
        [ROSA, KAI],
        [(2, "", "malformed_line")],
        form="ndjson",
    ),
    "an answer by words": File(
        lines("email;share", "rosa@one.example;TRUE", "kai@two.example;1.0", "a@one.example;ja"),
        [EMAIL, {"column": "share", "as": "share", "answers": {"true": "y", "1": "y"}}],
        [ROSA, KAI],
        [(3, "share", "unknown_share")],
    ),
}


def test_a_file_brings_in_the_people_that_it_means_or_says_why_not(world: World, tmp_path: Path) -> None:
    for name, file in FILES.items():
        sandbox = access.create_sandbox(world.a.organization_id, name, phone_region="DE")
        member = world.member(sandbox)
        content = file.content(tmp_path) if callable(file.content) else file.content.encode()
        upload = ingested(world, member, content, columns=file.columns, format=file.form, allowRejects=True)
        answer = member.call(segments_app, "GET", f"uploads/{upload.upload_id}").body
        failure = (answer["error"] or {}).get("reason")
        assert (answer["status"], failure) == ("failed" if file.failure else "completed", file.failure), name
        found = rows(f"profiles/sandbox={sandbox.sandbox_id}/", tmp_path)
        assert {(row[0], row[1]) for row in found} == {identity(*person) for person in file.people}, name
        assert {row[4] for row in found} - {None} == file.ids, name
        assert rejects(sandbox.sandbox_id, upload.upload_id) == sorted(file.rejects), name


def rejects(sandbox_id: str, upload_id: str) -> list[tuple[int, str, str]]:
    """What an upload's list of rejects names, or nothing where there is none, and of rows without a reason there."""
    key = f"rejects/{sandbox_id}/{upload_id}.csv"
    if key not in keys(f"rejects/{sandbox_id}/"):
        return []
    text = boto3.client("s3").get_object(Bucket="handfast-data", Key=key)["Body"].read().decode()
    return [(int(line["row"]), line["column"], line["reason"]) for line in csv.DictReader(text.splitlines())]


def test_an_id_ties_whatever_type_and_format_it_came_in(world: World, a: Member, tmp_path: Path) -> None:
    """A refusal given with it in one file holds for what came in with it in the others."""
    by_id = [ID, {"column": "share", "as": "share"}]
    files: list[tuple[str, bytes]] = [
        ("csv", b"id,email,phone\n880012345,rosa@one.example,\n"),
        ("csv", b"id;email;phone\n880012345.0;kai@two.example;\n"),
        ("ndjson", b'{"id": 880012345, "phone": "+493023125001"}\n{"id": 880012345.0, "email": "kai@two.example"}\n'),
        ("parquet", parquet("SELECT 880012345::DOUBLE AS id, '+491713920001' AS phone, '' AS email")(tmp_path)),
    ]
    for form, content in files:
        assert ingested(world, a, content, columns=[ID, EMAIL, PHONE], format=form).status == "completed"
    for form, content in (("csv", b"id,share\n880012345.00,n\n"), ("ndjson", b'{"id": "880012345.0", "share": "y"}\n')):
        assert ingested(world, a, content, columns=by_id, format=form).status == "completed"
        found = rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)
        assert {(row[0], row[1]) for row in found} == {identity(*known) for known in (ROSA, KAI, LINE, MOBILE)}
        assert {row[6] for row in found} == {"n" if form == "csv" else "y"}


def test_an_address_as_id_ties_in_each_spelling_and_is_not_kept(world: World, a: Member, tmp_path: Path) -> None:
    content = lines("id,phone", "rosa@one.example,+493023125001", "mailto:Rosa@One.example,0049 171 3920001")
    ingested(world, a, content.encode(), columns=[ID, PHONE])
    found = rows(f"profiles/sandbox={a.sandbox.sandbox_id}/", tmp_path)
    assert len(found) == 2
    (profile_id,) = {row[4] for row in found}
    assert is_hashed(profile_id)
