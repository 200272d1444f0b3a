"""The demo's two files, read back as a person with only the written rules would."""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import idna
import phonenumbers
import pytest

from handfast_cli.demo.generator import (
    EMAIL,
    GAID,
    IDFA,
    NAMESPACES,
    PHONE,
    SEGMENTS,
    Identity,
    Row,
    World,
    digest,
    write_world,
)
from handfast_cli.demo.truth import Change, Truth, changes

PEOPLE = 3000
ANSWERS = {"", "y", "n", "p", "u", "dy", "dn", "LI", "CT", "CP", "VI", "PI"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return write_world(tmp_path_factory.mktemp("world"), PEOPLE, seed=11)


def cells(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def usable(line: dict[str, str]) -> set[Identity]:
    """The identities in a line of the CRM file, by the rules: trimmed, lower case, A-labels, E.164, UUID."""
    found = set()
    local, _, domain = line["email"].strip().lower().partition("@")
    if local and domain:
        found.add((EMAIL, hashlib.sha256(f"{local}@{idna.encode(domain).decode()}".encode()).hexdigest()))
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(line["phone"].removesuffix(".0"), "US")
        if phonenumbers.is_valid_number(number):
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            found.add((PHONE, hashlib.sha256(text.encode()).hexdigest()))
    for column, namespace in (("idfa", IDFA), ("gaid", GAID)):
        device = line[column].lower()
        if len(device) == 36 and device.strip("0-"):
            found.add((namespace, device))
    return found


def segments(line: dict[str, str]) -> set[str]:
    return {name for name in line["segment"].split("|") if name}


def hashed(line: dict[str, str]) -> set[Identity]:
    """The identities in a line of the partner's file."""
    values = (line["email_sha256"], line["phone_sha256"], line["idfa"], line["gaid"])
    return {(namespace, value.lower()) for namespace, value in zip(NAMESPACES, values, strict=True) if value}


def test_the_same_seed_writes_the_same_files_and_another_seed_others(world: World, tmp_path: Path) -> None:
    again = write_world(tmp_path, PEOPLE, seed=11)
    assert again.crm.path.read_bytes() == world.crm.path.read_bytes()
    assert again.partner.path.read_bytes() == world.partner.path.read_bytes()
    assert again.crm.rows == world.crm.rows
    (tmp_path / "other").mkdir()
    other = write_world(tmp_path / "other", PEOPLE, seed=12)
    assert other.crm.path.read_bytes() != world.crm.path.read_bytes()


def test_the_numbers_are_exactly_those_asked_for(world: World) -> None:
    assert len(world.crm.rows) == len(world.partner.rows) == PEOPLE
    both = {row.person for row in world.crm.rows} & {row.person for row in world.partner.rows}
    assert len(both) == world.common == PEOPLE * 3 // 10
    assert sum(row.flaw is not None for row in world.crm.rows) == PEOPLE // 100


def test_two_rows_share_an_identity_exactly_when_they_are_one_person(world: World) -> None:
    holders = {identity: row.person for row in world.partner.rows for identity in row.identities}
    assert len(holders) == sum(len(row.identities) for row in world.partner.rows)
    both = {row.person for row in world.partner.rows}
    for row in world.crm.rows:
        shared = {holders[identity] for identity in row.identities if identity in holders}
        if row.flaw is None:
            assert shared == ({row.person} & both)


def test_each_file_says_what_its_rows_say(world: World) -> None:
    for line, row in zip(cells(world.crm.path), world.crm.rows, strict=True):
        assert line["customer"] == row.profile_id
        assert usable(line) == set(row.identities)
        if not row.rejected:
            assert (line["consent"], line["segment"]) == (row.share, "|".join(row.segments))
    for line, row in zip(cells(world.partner.path), world.partner.rows, strict=True):
        assert line["member"] == row.profile_id
        assert hashed(line) == set(row.identities)


def test_a_row_is_rejected_exactly_when_nothing_in_it_is_usable_or_the_row_itself_is_wrong(world: World) -> None:
    reasons = set()
    for line, row in zip(cells(world.crm.path), world.crm.rows, strict=True):
        wrong = line["consent"] not in ANSWERS or not segments(line) <= set(SEGMENTS)
        assert row.rejected == (wrong or (not usable(line) and line["consent"] not in {"n", "dn"}))
        reasons.add(row.flaw[1] if row.flaw else None)
    assert len(reasons) > 6


def test_the_mess_is_there(world: World) -> None:
    emails = [line["email"] for line in cells(world.crm.path)]
    assert any(email != email.strip() for email in emails)
    assert any(email.isupper() for email in emails)
    assert any("+" in email for email in emails)
    assert any("." in email.partition("@")[0] for email in emails)
    assert any(not email.partition("@")[0].isascii() for email in emails)
    assert any(not email.partition("@")[2].isascii() for email in emails)
    devices = [line["idfa"] for line in cells(world.crm.path) if line["idfa"]]
    assert any(device.isupper() for device in devices)
    assert any(device.islower() for device in devices)
    assert any(not device.isupper() and not device.islower() for device in devices)


def test_people_whose_addresses_differ_by_dots_or_tags_are_different_people(world: World) -> None:
    def folded(email: str) -> str:
        local, _, domain = email.strip().lower().partition("@")
        return f"{local.partition('+')[0].replace('.', '')}@{domain}"

    truly = {value for row in world.crm.rows for namespace, value in row.identities if namespace == EMAIL}
    theirs = {value for row in world.partner.rows for namespace, value in row.identities if namespace == EMAIL}
    if_folded = {digest(folded(line["email"])) for line in cells(world.crm.path)}
    assert if_folded & theirs - truly


def brute_force(world: World, segment: str, applied: list[Change]) -> set[Identity]:
    """What the receiver holds, straight from the two files, for every namespace."""
    theirs = {identity for line in cells(world.partner.path) for identity in hashed(line)}
    found = set()
    for line in cells(world.crm.path):
        if line["consent"] not in ANSWERS or not segments(line) <= set(SEGMENTS):
            continue
        for identity in usable(line) & theirs:
            mine = [change for change in applied if change.identity == identity]
            member = segment in segments(line)
            for change in mine:
                member = change.realized if change.segment == segment else member
            answers = [change.share for change in mine if change.share]
            answer = answers[-1] if answers and line["consent"] != "n" else line["consent"]
            if member and answer not in {"n", "dn"}:
                found.add(identity)
    return found


def test_the_truth_is_what_a_brute_force_reading_of_the_files_says_before_and_after_the_stream(world: World) -> None:
    truth = Truth()
    truth.load_crm(world.crm.rows)
    truth.load_partner(world.partner.rows)
    before = truth.received(SEGMENTS, set(NAMESPACES))
    assert before == {segment: brute_force(world, segment, []) for segment in SEGMENTS}
    moves = changes(world, seed=1, people=20)
    truth.stream(moves)
    after = truth.received(SEGMENTS, set(NAMESPACES))
    assert after == {segment: brute_force(world, segment, moves) for segment in SEGMENTS}
    for segment in SEGMENTS:
        assert before[segment] - after[segment], "somebody left or withdrew"
    assert after["lapsed"] - before["lapsed"], "somebody joined"


def test_only_the_namespaces_of_the_feed_are_shared(world: World) -> None:
    truth = Truth()
    truth.load_crm(world.crm.rows)
    truth.load_partner(world.partner.rows)
    shared = truth.received(["lapsed"], {EMAIL, IDFA})
    assert set(shared) == {"lapsed"}
    assert {namespace for namespace, _ in shared["lapsed"]} == {EMAIL, IDFA}


@pytest.mark.parametrize(
    ("person", "own", "shared"),
    [("", "", True), ("n", "y", False), ("dn", "", False), ("dn", "y", True), ("y", "n", False), ("LI", "", True)],
)
def test_a_persons_no_outweighs_the_identitys_own_answer(person: str, own: str, *, shared: bool) -> None:
    identity = (EMAIL, digest("somebody@example.com"))
    truth = Truth()
    truth.load_crm([Row(0, "crm-0", (identity,), person, ("lapsed",))])
    truth.stream([Change(identity, "lapsed", realized=True, share=own)])
    assert truth.shares(identity) is shared
