"""Presets: what each reads of a file of its kind is what the file was made to say; and every quirk, byte by byte."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
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
from handfast.ingest.models import CreateUpload, FileOptions
from handfast.ingest.plan import OVERWRITTEN, Plan, Staged, UploadRejected
from handfast.ingest.presets import registry
from handfast.ingest.presets.contract import Surroundings, Unfit
from handfast.ingest.staging import stage
from tests.worlds.plans import AT, SECRET
from tests.worlds.preset_files import (
    Identity,
    Members,
    PresetFile,
    audience_manager,
    device,
    digest,
    experience_batch,
    experience_profiles,
    rtc_collaboration,
)
from tests.worlds.staged import memberships, profiles, rejects

CRM = 1001
SOURCES = {"1234": "ds_1234"}


remember(custom_namespace(CRM, "crm", "text", 1, 100))


def completed(file: PresetFile, **members: Any) -> FileOptions:
    """The upload of a file as the preset completes it."""
    body = {"fileName": file.name, "preset": file.preset, "columns": list(file.columns)}
    if file.format != "csv":
        body["format"] = file.format
    return registry.completed(CreateUpload.model_validate(body | members), Surroundings((), SOURCES))


def staged_file(file: PresetFile, folder: Path, names: list[str], segment_id: str | None = None) -> Staged:
    """A file of a preset, staged where the sandbox has the segments that it names."""
    body = completed(file, **({"segmentId": segment_id} if segment_id else {}))
    known = {name: f"seg_{name}" for name in names}
    path = folder / "file"
    path.write_bytes(file.content)
    settled = Plan(
        format=body.format or "csv",
        columns=tuple(column_of(mapping, known, (CRM,)) for mapping in body.columns),
        segment_id=segment_id,
        segments=known,
        phone_region="US",
        secret=SECRET,
        bucket_bits=6,
        at=AT,
        preset=body.preset,
        overwrite=body.mode == "overwrite",
        own_namespaces=(CRM,),
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


MAKERS: dict[str, Callable[[int], PresetFile]] = {
    "sync": audience_manager,
    "overwrite": lambda seed: audience_manager(seed, "overwrite"),
    "collaboration": rtc_collaboration,
    "profiles": experience_profiles,
    "profiles as parquet": lambda seed: experience_profiles(seed, "parquet"),
    "batch": experience_batch,
    "batch as json": lambda seed: experience_batch(seed, "ndjson"),
    "batch as parquet": lambda seed: experience_batch(seed, "parquet"),
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
    for place, truth in ((2, file.people), (3, file.shares), (4, file.person_shares)):
        assert {key: row[place] for key, row in stored.items()} == {
            key_of(identity): truth.get(identity) for identity in file.members
        }


@pytest.mark.parametrize("kind", MAKERS)
def test_a_file_is_known_for_what_it_is_and_the_reason_quotes_nobody(kind: str) -> None:
    file = MAKERS[kind](7)
    (found,) = registry.detect(file.name, file.content)
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


# Experience Platform


def profile_file(*documents: dict[str, Any], **file: Any) -> PresetFile:
    """A file of profiles."""
    content = "\n".join(map(json.dumps, documents)).encode()
    return PresetFile("experience-platform-profiles", "profiles.json", content, {}, format="ndjson", **file)


def batch_file(*rows: str, **file: Any) -> PresetFile:
    """A batch export as CSV."""
    return PresetFile("experience-platform-batch", "audience.csv", "\n".join(rows).encode(), {}, **file)


MAIL = {"identityMap": {"Email": [{"id": "Ann@example.com "}]}}
ANN = key_of(("email", "ann@example.com"))


@pytest.mark.parametrize(
    ("status", "joins"),
    [
        ("realized", True),
        ("existing", True),
        ("Realized", True),
        ("active", True),
        ("exited", False),
        ("expired", False),
    ],
)
def test_a_status_in_each_word(status: str, joins: bool, tmp_path: Path) -> None:
    nested = profile_file(MAIL | {"segmentMembership": {"UPS": {"a": {"status": status}, "b": {}}}})
    assert memberships(staged_file(nested, tmp_path, ["a", "b"])) == {(ANN, "seg_a"): joins}
    (tmp_path / "flat").mkdir()
    flat = batch_file("personalEmail.address,segmentMembership.ups.a.status", f"ann@example.com,{status}")
    assert memberships(staged_file(flat, tmp_path / "flat", ["a"])) == {(ANN, "seg_a"): joins}


def test_a_status_that_is_unknown_refuses_its_profile(tmp_path: Path) -> None:
    other = {"identityMap": {"Email": [{"id": "bob@example.com"}]}}
    file = profile_file(other, MAIL | {"segmentMembership": {"ups": {"a": {"status": "maybe"}}}})
    result = staged_file(file, tmp_path, ["a"])
    assert rejects(result) == [(2, "segmentMembership", "unknown_status")]


@pytest.mark.parametrize("name", ["Email", "email", "EMAIL", "6"])
def test_a_namespace_is_known_by_its_key_in_any_case_and_by_its_number(name: str, tmp_path: Path) -> None:
    document = {"identityMap": {name: [{"id": "ann@example.com"}]}}
    assert profiles(staged_file(profile_file(document), tmp_path, [])).keys() == {ANN}


def test_namespaces_that_the_sandbox_lacks_are_left_out_with_a_warning(tmp_path: Path) -> None:
    others = {"Phone_SHA256": [{"id": digest("14155552671")}], "AAID": [{"id": "1"}, {"id": "2"}]}
    result = staged_file(profile_file({"identityMap": MAIL["identityMap"] | others}), tmp_path, [])
    assert profiles(result).keys() == {ANN}
    (warning,) = result.counts.warnings
    assert (warning.column, warning.code) == ("identityMap", "namespace_left_out")
    assert "3 identities" in warning.detail
    assert "AAID, Phone_SHA256" in warning.detail


@pytest.mark.parametrize("kind", ["general_opt_out", "sales_sharing_opt_out"])
def test_an_older_opt_out_is_a_refusal(kind: str, tmp_path: Path) -> None:
    out = [{"optOutType": kind, "optOutValue": "out", "timestamp": "2026-01-01T00:00:00Z"}]
    file = profile_file(MAIL | {"consents": {"share": {"val": "y"}}, "privacyOptOuts": out})
    assert profiles(staged_file(file, tmp_path, []))[ANN][4] == "n"
    staying = [out[0] | {"optOutValue": "in"}]
    (tmp_path / "in").mkdir()
    file = profile_file(MAIL | {"consents": {"share": {"val": "y"}}, "privacyOptOuts": staying})
    assert profiles(staged_file(file, tmp_path / "in", []))[ANN][4] == "y"


def test_an_answer_of_an_identity_that_is_not_mapped_is_kept_with_it(tmp_path: Path) -> None:
    own = {"email": {"bob@example.com": {"share": {"val": "n"}}, "cat@example.com": {"collect": {"val": "n"}}}}
    stored = profiles(staged_file(profile_file(MAIL | {"consents": {"idSpecific": own}}), tmp_path, []))
    assert {key: row[3] for key, row in stored.items()} == {ANN: None, key_of(("email", "bob@example.com")): "n"}


def test_answers_are_of_when_the_consents_were_last_changed(tmp_path: Path) -> None:
    consents = {"share": {"val": "n"}, "metadata": {"time": "2025-05-01T10:00:00.000+02:00"}}
    stored = profiles(staged_file(profile_file(MAIL | {"consents": consents}), tmp_path, []))
    assert stored[ANN][7] == datetime(2025, 5, 1, 8)  # noqa: DTZ001 - as objects keep times


def test_other_paths_are_columns_like_any(tmp_path: Path) -> None:
    columns = [
        {"column": "person.name.lastName", "as": "attribute", "name": "surname"},
        {"column": "_acme.loyalty.id", "as": "identity", "namespace": "crm"},
        {"column": "flat.name", "as": "attribute"},
    ]
    more = {"person": {"name": {"lastName": "Oak"}}, "_acme": {"loyalty": {"id": "L-77x"}}, "flat.name": 7}
    stored = profiles(staged_file(profile_file(MAIL | more, columns=columns), tmp_path, []))
    assert stored.keys() == {ANN, key_of(("crm", "L-77x"))}
    assert json.loads(stored[ANN][6]) == {"surname": "Oak", "flat.name": "7"}


def test_lines_that_are_no_profiles_are_refused_alone(tmp_path: Path) -> None:
    file = profile_file(MAIL)
    broken = replace(file, content=file.content + b'\n{"identityMap": \n[1]\n{"identityMap": [1]}\n')
    result = staged_file(broken, tmp_path, [])
    assert [(row, reason) for row, _, reason in rejects(result)] == [
        (2, "malformed_line"),
        (3, "malformed_line"),
        (4, "no_identity"),
    ]


def test_a_profile_of_more_identities_than_are_read_is_refused_alone(tmp_path: Path) -> None:
    many = [{"id": f"m{number}@example.com"} for number in range(60)]
    result = staged_file(profile_file(MAIL, {"identityMap": {"Email": many}}), tmp_path, [])
    assert result.counts.rejected_by_reason == {"too_many_values": 1}
    assert profiles(result).keys() == {ANN}


@pytest.mark.parametrize(
    ("header", "segment_id", "reason"),
    [
        ("personalEmail.address,segmentMembership.status", None, "unnamed_audience"),
        ("personalEmail.address,segmentMembership.seg_namespace.seg_id.status", None, "unnamed_audience"),
        (
            "personalEmail.address,segmentMembership.ups.a.status,segmentMembership.ups.b.status",
            "seg_a",
            "several_audiences",
        ),
        ("person.name.lastName,segmentMembership.ups.a.status", None, "missing_column"),
    ],
)
def test_a_batch_that_does_not_say_enough(header: str, segment_id: str | None, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UploadRejected) as refused:
        staged_file(batch_file(header, "a,realized,realized"), tmp_path, ["a"], segment_id=segment_id)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "status",
    ["segmentMembership.status", "segmentMembership.seg_namespace.seg_id.status", "segmentMembership.ups.x.status"],
)
def test_a_batch_of_one_audience_is_of_the_segment_that_it_is_announced_for(status: str, tmp_path: Path) -> None:
    rows = (f"personalEmail.address,{status}", "ann@example.com,active", "bob@example.com,expired")
    found = memberships(staged_file(batch_file(*rows), tmp_path, ["a"], segment_id="seg_a"))
    assert found == {(ANN, "seg_a"): True, (key_of(("email", "bob@example.com")), "seg_a"): False}


def test_a_batch_as_nested_json_has_its_attributes_as_identities(tmp_path: Path) -> None:
    document = {"personalEmail": {"address": "ann@example.com"}, "mobilePhone": {"number": "+1 415 555 2671"}}
    file = PresetFile("experience-platform-batch", "a.json.gz", json.dumps(document).encode(), {}, format="ndjson")
    assert profiles(staged_file(file, tmp_path, [])).keys() == {ANN, key_of(("phone", "+14155552671"))}


def test_a_nested_batch_of_one_audience_has_its_status(tmp_path: Path) -> None:
    statuses = {"ann": {"a": "realized"}, "bob": {"a": "exited"}, "cat": {"a": "exited", "b": "realized"}, "dan": {}}
    documents = [
        {
            "personalEmail": {"address": f"{name}@example.com"},
            "segmentMembership": {"ups": {audience: {"status": status} for audience, status in said.items()}},
        }
        for name, said in statuses.items()
    ]
    content = "\n".join(map(json.dumps, documents)).encode()
    file = PresetFile("experience-platform-batch", "a.json", content, {}, format="ndjson")
    result = staged_file(file, tmp_path, ["a"], segment_id="seg_a")
    assert rejects(result) == [(3, "segmentMembership.status", "unknown_status")]
    expected = {"ann": True, "bob": False, "dan": True}
    assert memberships(result) == {
        (key_of(("email", f"{name}@example.com")), "seg_a"): joins for name, joins in expected.items()
    }


def test_profiles_are_not_of_one_segment() -> None:
    body = {"fileName": "a.json", "preset": "experience-platform-profiles", "segmentId": "seg_a"}
    with pytest.raises(Unfit) as refused:
        registry.completed(CreateUpload.model_validate(body), Surroundings())
    assert refused.value.pointer == "/segmentId"


def test_rows_of_a_batch_that_do_not_fit_are_refused_alone(tmp_path: Path) -> None:
    rows = ("personalEmail.address,segmentMembership.ups.a.status", "ann@example.com,realized", "bob@example.com")
    result = staged_file(batch_file(*rows), tmp_path, ["a"])
    assert result.counts.rejected_by_reason == {"ragged_row": 1}
    assert memberships(result) == {(ANN, "seg_a"): True}
