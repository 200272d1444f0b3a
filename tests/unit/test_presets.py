"""Presets: what each reads of a file of its kind is what the file was made to say; and every quirk, byte by byte."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handfast.identity.custom import custom_namespace
from handfast.identity.keys import key
from handfast.identity.namespaces import namespace, remember
from handfast.ingest.mapping import column_of
from handfast.ingest.models import CreateUpload
from handfast.ingest.plan import OVERWRITTEN, Plan, Staged, UploadRejected
from handfast.ingest.presets import registry
from handfast.ingest.presets.contract import Surroundings, Unfit
from handfast.ingest.staging import stage
from tests.unit.test_ingest_staging import memberships, profiles, rejects
from tests.worlds.plans import AT, SECRET
from tests.worlds.preset_files import Identity, Members, PresetFile, audience_manager, device, digest, rtc_collaboration

CRM = 1001
SOURCES = {"1234": "ds_1234"}


@pytest.fixture(autouse=True, scope="module")
def own_namespace() -> None:
    """A namespace of the sandbox's own for ids of a CRM."""
    remember(custom_namespace(CRM, "crm", "text", 1, 100))


def completed(file: PresetFile, **members: Any) -> CreateUpload:
    """The upload of a file as the preset completes it."""
    body = {"fileName": file.name, "preset": file.preset, "columns": list(file.columns)}
    if file.format != "csv":
        body["format"] = file.format
    return registry.completed(CreateUpload.model_validate(body | members), Surroundings(("crm",), SOURCES))


def staged_file(file: PresetFile, folder: Path, names: list[str] | None = None, **plan: Any) -> Staged:
    """A file of a preset, staged where the sandbox has the segments that it names."""
    body = completed(file)
    known = {name: f"seg_{name}" for name in (file.names if names is None else names)}
    path = folder / "file"
    path.write_bytes(file.content)
    settled = Plan(
        format=body.format or "csv",
        columns=tuple(column_of(mapping, known, (CRM,)) for mapping in body.columns),
        segment_id=None,
        segments=known,
        phone_region="US",
        secret=SECRET,
        bucket_bits=6,
        at=AT,
        preset=body.preset,
        overwrite=body.mode == "overwrite",
        own_namespaces=(CRM,),
        **plan,
    )
    return stage(path, settled, folder)


def key_of(identity: Identity) -> tuple[int, int]:
    """The key that an identity is stored by."""
    name, value = identity
    kind = namespace(name, (CRM,))
    return key(SECRET, kind.code, kind.normalise(value, phone_region="US"))


def said(members: Members) -> dict[tuple[tuple[int, int], str], bool]:
    """The truth as a change has it, of segments that somebody joins."""
    return {
        (key_of(identity), f"seg_{name}"): joins for identity, names in members.items() for name, joins in names.items()
    }


MAKERS = {
    "sync": audience_manager,
    "overwrite": lambda seed: audience_manager(seed, "overwrite"),
    "collaboration": rtc_collaboration,
}


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_what_is_loaded_is_what_the_file_says(kind: str, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = MAKERS[kind](seed)
    everything = sorted({name for names in file.members.values() for name in names})
    result = staged_file(file, tmp_path_factory.mktemp("preset"), everything)
    found = memberships(result)
    assert result.counts.rejected_by_reason == {}
    assert result.counts.values_rejected == {}
    assert {place: joins for place, joins in found.items() if place[1] != OVERWRITTEN} == said(file.members)
    overwritten = {key for key, segment in found if segment == OVERWRITTEN}
    assert overwritten == ({key_of(each) for each in file.members} if kind == "overwrite" else set())
    stored = profiles(result)
    assert stored.keys() == {key_of(identity) for identity in file.members}
    assert {key: row[2] for key, row in stored.items()} == {
        key_of(identity): file.people.get(identity) for identity in file.members
    }


@pytest.mark.parametrize("kind", MAKERS)
def test_a_file_is_known_for_what_it_is_and_the_reason_quotes_nobody(kind: str) -> None:
    file = MAKERS[kind](7)
    (found,) = registry.detect(file.name, file.content[:2000])
    assert found.preset.name == file.preset
    assert found.reason.endswith(".")
    assert not any(value in found.reason for _, value in file.members)


def test_a_file_of_something_else_is_no_preset() -> None:
    assert registry.detect("crm.csv", b"mail,id\nann@example.com,1\n") == []
    assert registry.detect("ftp_dpm_1234_1445374061.sync", b"mail,id\nann@example.com,1\n") == []


def test_every_preset_tells_people_what_it_is() -> None:
    for name, preset in registry.presets().items():
        assert name == preset.name
        assert preset.source.startswith("https://experienceleague.adobe.com/")
        assert preset.title
        assert preset.description


IDFA = "6D92078A-8246-4BA4-AE5B-76104861E7DC"
GAID = "97987bca-ae59-4c7d-94ba-ee4f19ab8c21"


def lines(*text: str, ids: str = "20915", kind: str = "sync") -> PresetFile:
    """A file of Audience Manager with these lines."""
    columns = [] if ids in {"20914", "20915"} else [{"column": "user", "as": "identity", "namespace": "crm"}]
    owner = "_1234" if ids in {"20914", "20915"} else ""
    content = "\n".join(text).encode()
    name = f"ftp_dpm_{ids}{owner}_1445374061.{kind}"
    return PresetFile(f"audience-manager-{kind}", name, content, {}, columns)


def traits_of(file: PresetFile, folder: Path, *names: str) -> dict[str, bool]:
    """What the one user of a file joins and leaves, by trait."""
    found = memberships(staged_file(file, folder, list(names)))
    return {segment.removeprefix("seg_"): joins for (_, segment), joins in found.items() if segment}


@pytest.mark.parametrize(
    ("entry", "name", "joins"),
    [
        ("d_sid=24", "24", True),
        ("d_unsid=24", "24", False),
        ("24:0", "24", False),
        ("24:-1", "24", False),
        (' "24":0 ', "24", False),
        ("30608", "ic=30608", True),
        ("ic=52", "ic=52", True),
        ("VIP7", "ic=VIP7", True),
        ("gender=m", "gender=m", True),
        ('"gender"=m', "gender=m", True),
        ('gender="m"', "gender=m", True),
        ('"gender"="m"', "gender=m", True),
        ("\u201cgender\u201d=\u201dm\u201d", "gender=m", True),
        ("gender = m", "gender=m", True),
        ("-product = camera", "product=camera", True),
        ('"--product"="camera"', "product=camera", True),
        ('d_city = "New York"', "d_city=New York", True),
        ('d_city = "Köln, Süd"', "d_city=Köln, Süd", True),
        ("url=a=b", "url=a=b", True),
        ("ratio=1:0", "ratio=1:0", True),
        ("d_sid=24,", "24", True),
    ],
)
def test_a_trait_in_each_spelling(entry: str, name: str, joins: bool, tmp_path: Path) -> None:
    assert traits_of(lines(f"{IDFA}\t{entry}"), tmp_path, name) == {name: joins}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{IDFA}\td_sid=x", "malformed_trait"),
        (f"{IDFA}\td_sid=", "malformed_trait"),
        (f"{IDFA}\t=3", "malformed_trait"),
        (f'{IDFA}\tcity="a', "malformed_trait"),
        (f"{IDFA}\ta=b|c", "malformed_trait"),
        (f"{IDFA}\t24:2", "malformed_trait"),
        (f"{IDFA}\td_sid=24\tmore", "malformed_line"),
        (f"{IDFA} d_sid=24", "malformed_line"),
        (f"{IDFA.lower()}\td_sid=24", "wrong_device_case"),
        (f"{IDFA}\td_sid=99", "unknown_segment"),
        (f"{digest(IDFA).upper()}\td_sid=24", "invalid_idfa"),
    ],
)
def test_a_line_that_is_refused(line: str, reason: str, tmp_path: Path) -> None:
    other = "7D92078A-8246-4BA4-AE5B-76104861E7DC"
    result = staged_file(lines(f"{other}\td_sid=24", line), tmp_path, ["24"])
    assert result.counts.rejected_by_reason == {reason: 1}
    assert [(row, why) for row, _, why in rejects(result)] == [(2, reason)]


def test_the_ids_of_a_file_are_of_the_platform_that_its_name_says(tmp_path: Path) -> None:
    result = staged_file(lines(f"{GAID}\td_sid=24", f"{IDFA}\td_sid=24", ids="20914"), tmp_path, ["24"])
    assert result.counts.rejected_by_reason == {"wrong_device_case": 1}
    assert {key for key, _ in memberships(result)} == {key_of(("GAID", GAID))}


@pytest.mark.parametrize("user", ["a:b", "a%3Ab", "a%3ab"])
def test_an_id_of_a_crm_has_no_colon(user: str, tmp_path: Path) -> None:
    result = staged_file(lines("good\td_sid=24", f"{user}\td_sid=24", ids="77"), tmp_path, ["24"])
    assert result.counts.rejected_by_reason == {"invalid_dpuuid": 1}


def test_of_a_user_two_hundred_lines_are_kept(tmp_path: Path) -> None:
    text = [f"{IDFA}\tn={number}" for number in range(201)]
    text.insert(100, f"{IDFA[:-1]}D\tn=200")
    result = staged_file(lines(*text), tmp_path, [f"n={number}" for number in range(201)])
    found = memberships(result)
    assert result.counts.rejected_by_reason == {"too_many_lines": 1}
    assert rejects(result) == [(202, "", "too_many_lines")]
    assert len([1 for key, _ in found if key == key_of(("IDFA", IDFA))]) == 200
    assert found[key_of(("IDFA", f"{IDFA[:-1]}D")), "seg_n=200"] is True


def test_rows_are_numbered_by_their_lines_blank_ones_left_out(tmp_path: Path) -> None:
    result = staged_file(lines(f"\ufeff{IDFA}\td_sid=24", "", "  ", "nonsense"), tmp_path, ["24"])
    assert result.counts.rows == 2
    assert (2, "", "malformed_line") in rejects(result)


def test_what_an_overwrite_removes_is_left_out_of_it(tmp_path: Path) -> None:
    file = lines(f"{IDFA}\td_sid=24,d_unsid=26,28:0", kind="overwrite")
    found = memberships(staged_file(file, tmp_path, ["24", "26", "28"]))
    user = key_of(("IDFA", IDFA))
    assert found == {(user, "seg_24"): True, (user, OVERWRITTEN): False}


def test_a_user_of_whom_a_line_is_refused_is_not_overwritten(tmp_path: Path) -> None:
    file = lines(f"{IDFA}\td_sid=24", f"{IDFA}\td_sid=99", kind="overwrite")
    assert memberships(staged_file(file, tmp_path, ["24"])) == {(key_of(("IDFA", IDFA)), "seg_24"): True}


def test_a_user_without_traits_is_overwritten_by_none(tmp_path: Path) -> None:
    found = memberships(staged_file(lines(f"{IDFA}\t", kind="overwrite"), tmp_path, ["24"]))
    assert found == {(key_of(("IDFA", IDFA)), OVERWRITTEN): False}


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "empty_file"), ("\n \n", "no_rows"), ("a,b\n1,2\n", "not_of_preset"), (b"a\td_sid=\xff\n", "not_utf8")],
)
def test_a_file_that_is_none(content: Any, reason: str, tmp_path: Path) -> None:
    file = replace(lines(), content=content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UploadRejected) as refused:
        staged_file(file, tmp_path, ["24"])
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("name", "preset", "pointer"),
    [
        ("traits.sync", "sync", "/fileName"),
        ("ftp_dpm_21_123456789.sync", "sync", "/fileName"),
        ("ftp_dpm_21_1234567890.sync.zip", "sync", "/fileName"),
        ("ftp_dpm_x_1234567890.sync", "sync", "/fileName"),
        ("adobe_id_0_12345_1476312152.sync", "sync", "/fileName"),
        ("ftp_dpm_20914_1234567890.sync", "sync", "/fileName"),
        ("ftp_dpm_21_20914_1234567890.sync", "sync", "/fileName"),
        ("ftp_dpm_20914_21_1234567890.overwrite", "sync", "/preset"),
        ("ftp_dpm_20914_21_1234567890.overwrite", "overwrite", "/dataSourceId"),
        ("ftp_dpm_21_1234567890.sync", "sync", "/columns"),
        ("ftp_dpm_20914_21_1234567890.sync", "nothing", "/preset"),
    ],
)
def test_a_name_that_says_something_else(name: str, preset: str, pointer: str) -> None:
    body = CreateUpload.model_validate({"fileName": name, "preset": f"audience-manager-{preset}"})
    with pytest.raises(Unfit) as refused:
        registry.completed(body, Surroundings())
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    "name",
    [
        "ftp_dpm_20914_1234_1366545717.overwrite",
        "s3n://bucket/partner/date=2016-05-09/ftp_dpm_20914_1234_1366545717.overwrite.2.gz",
    ],
)
def test_a_name_says_namespace_data_source_and_mode(name: str) -> None:
    body = CreateUpload.model_validate({"fileName": name, "preset": "audience-manager-overwrite"})
    made = registry.completed(body, Surroundings(data_sources=SOURCES))
    assert (made.format, made.mode, made.data_source_id) == ("csv", "overwrite", "ds_1234")
    assert [(each.column, each.namespace) for each in made.columns] == [("user", "GAID"), ("traits", None)]


def test_a_preset_that_does_what_it_is_not_for_is_refused() -> None:
    body = {"fileName": "ftp_dpm_20914_1_1366545717.sync", "preset": "audience-manager-sync"}
    for member, value in (("mode", "snapshot"), ("format", "parquet")):
        with pytest.raises(Unfit) as refused:
            registry.completed(CreateUpload.model_validate(body | {member: value}), Surroundings())
        assert refused.value.pointer == f"/{member}"


def test_a_cell_of_more_keys_than_are_read_refuses_its_row(tmp_path: Path) -> None:
    many = "|".join(device(Random(number)) for number in range(60))
    rows = ["AUDIENCE_ID,IDFA", f"vip,{many}", f"vip,{IDFA}|{IDFA.lower()}| |"]
    file = PresetFile("rtc-collaboration", "a.csv", "\n".join(rows).encode(), {})
    result = staged_file(file, tmp_path, ["vip"])
    assert result.counts.rejected_by_reason == {"too_many_values": 1}
    assert memberships(result) == {(key_of(("IDFA", IDFA)), "seg_vip"): True}


def test_ragged_rows_are_refused_alone_where_cells_hold_several(tmp_path: Path) -> None:
    rows = ["AUDIENCE_ID,IDFA", f"vip,{IDFA}|{GAID}", "vip"]
    result = staged_file(PresetFile("rtc-collaboration", "a.csv", "\n".join(rows).encode(), {}), tmp_path, ["vip"])
    assert result.counts.rejected_by_reason == {"ragged_row": 1}
    assert len(memberships(result)) == 2


def test_a_file_without_any_of_the_keys_is_refused(tmp_path: Path) -> None:
    file = PresetFile("rtc-collaboration", "a.csv", b"AUDIENCE_ID,CRM_ID\nvip,1\n", {})
    with pytest.raises(UploadRejected) as refused:
        staged_file(file, tmp_path, ["vip"])
    assert refused.value.reason == "missing_column"
