"""Receipts and histories: what holds, and that nothing else does."""

import base64
import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from handfast.journal.chain import record_hash
from handfast.platform.problems import Malformed
from handfast.privacy_requests.proof import (
    Receipt,
    SignedDocument,
    build_history,
    canonical,
    key_id,
    next_record,
    public_key,
    read_receipt,
    sign,
    sign_receipt,
)
from handfast.privacy_requests.proof_check import Report, verify
from handfast_cli.main import app

SEED, STRANGER = bytes(range(32)), bytes(range(32, 64))
REQUEST = "prq_01K00000000000000000000001"
AT = "2026-07-01T10:00:00.000Z"
ACTOR = {"kind": "system", "id": None, "name": "Handfast"}


def receipt(root: str = REQUEST, name: str = "North & Söhne", **changes: Any) -> Receipt:
    return Receipt(
        privacy_request_id="prq_01K00000000000000000000009",
        root_id=root,
        recipient=name,
        outcome=changes.get("outcome", "confirmed"),
        at=AT,
        counts={"identities": 2, "memberships": 5},
    )


def records(count: int = 3) -> list[dict[str, Any]]:
    chain: list[dict[str, Any]] = []
    for number in range(count):
        chain.append(
            next_record(
                chain[-1] if chain else None,
                record_type="privacy_request.received" if not number else "privacy_request.stage_completed",
                at=AT,
                actor=ACTOR,
                privacy_request_id=REQUEST,
                detail={"stage": "erase", "counts": {"profiles": number}},
            )
        )
    return chain


def history(
    chain: list[dict[str, Any]] | None = None, receipts: list[SignedDocument] | None = None, seed: bytes = SEED
) -> bytes:
    signed = [sign_receipt(receipt(), SEED), sign_receipt(receipt(name="East"), STRANGER)]
    return build_history(REQUEST, REQUEST, chain or records(), signed if receipts is None else receipts, AT, seed)


FILE = history()
RECEIPT_FILE = canonical(sign_receipt(receipt(), SEED).as_json())


def checked(file: bytes) -> Report:
    """A file checked by somebody who trusts both keys."""
    return verify(file, public_key(SEED), public_key(STRANGER))


def failing(report: Report) -> list[str]:
    return [check.subject for check in report.checks if not check.holds]


def resigned(change: Callable[[dict[str, Any]], None]) -> bytes:
    """The history with a change that its own deployment has signed."""
    document = copy.deepcopy(json.loads(FILE)["document"])
    change(document)
    return canonical(sign(document, SEED).as_json())


def test_the_signature_is_the_one_rfc_8032_gives_for_its_key() -> None:
    # RFC 8032, 7.1, TEST 1: the key; the library's own tests cover the rest.
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert public_key(seed) == base64.b64encode(public).decode()


def test_a_whole_history_holds_and_says_what_was_checked() -> None:
    report = checked(FILE)
    assert report.holds
    assert [check.subject for check in report.checks] == [
        *("file", "signature", "key", "record 1", "record 2", "record 3", "head", "receipt 1", "receipt 2")
    ]
    assert (report.type, report.privacy_request_id, report.root_id) == ("privacy_request_history", REQUEST, REQUEST)
    assert report.checks[7].detail == f"North & Söhne: confirmed at {AT}, by the key {key_id(public_key(SEED))}"
    assert key_id(public_key(STRANGER)) in report.checks[8].detail


def test_a_receipt_alone_can_be_checked() -> None:
    report = verify(RECEIPT_FILE, public_key(SEED))
    assert (report.holds, report.trusted, report.type) == (True, True, "privacy_receipt")


def test_nothing_holds_by_a_key_that_was_not_named() -> None:
    unnamed = verify(history(receipts=[], seed=STRANGER))
    assert (unnamed.holds, unnamed.trusted, failing(unnamed)) == (False, False, ["key"])
    assert public_key(STRANGER) in unnamed.verdict
    assert unnamed.verdict.startswith("Whole, but not verified")
    forged = verify(history(seed=STRANGER), public_key(SEED))
    assert (forged.holds, forged.trusted, failing(forged)) == (False, False, ["key", "receipt 2"])
    assert public_key(STRANGER) in forged.checks[2].detail


def test_a_receipt_by_another_deployment_holds_by_that_ones_key_alone() -> None:
    assert failing(verify(FILE, public_key(SEED))) == ["receipt 2"]
    assert failing(verify(FILE, public_key(STRANGER))) == ["key", "receipt 1"]
    assert checked(FILE).trusted


@pytest.mark.parametrize("key", ["", "key", public_key(SEED)[:-1], public_key(SEED) + "\n", key_id(public_key(SEED))])
def test_a_key_to_trust_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Malformed):
        verify(FILE, key)


@given(st.sampled_from([FILE, RECEIPT_FILE]), st.data())
def test_no_byte_can_be_changed_put_in_or_taken_out(file: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(file) - 1))
    byte = bytes([data.draw(st.integers(0, 255) | st.sampled_from(b' \n"'))])
    found = data.draw(
        st.sampled_from([file[:place] + byte + file[place + 1 :], file[:place] + byte + file[place:]])
        | st.just(file[:place] + file[place + 1 :])
    )
    assume(found != file)
    assert not checked(found).holds


@pytest.mark.parametrize(
    "data",
    [
        FILE + b"\n",
        json.dumps(json.loads(FILE), indent=2).encode(),
        FILE.replace("ö".encode(), rb"\u00f6"),
        FILE.replace(b'"head":', b'"head":"0","head":'),
        json.dumps(dict(reversed(json.loads(FILE).items())), separators=(",", ":"), ensure_ascii=False).encode(),
    ],
)
def test_a_file_written_anew_with_the_same_content_is_told_from_the_one_handed_over(data: bytes) -> None:
    assert failing(checked(data)) == ["file"]


@pytest.mark.parametrize("file", [FILE, RECEIPT_FILE])
def test_no_bit_can_be_flipped(file: bytes) -> None:
    for place in range(len(file)):
        flipped = bytearray(file)
        flipped[place] ^= 1 << place % 8
        assert not checked(bytes(flipped)).holds, place


@given(st.binary() | st.text().map(str.encode) | st.builds(lambda text: b"[" * len(text) * 5000, st.text(max_size=3)))
def test_what_is_no_history_is_said_to_be_none(data: bytes) -> None:
    report = checked(data)
    assert (report.holds, failing(report), report.type) == (False, ["file"], None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, child in inner for found in paths(child, (*path, key)))]


@given(st.sampled_from(paths(json.loads(FILE))[1:]), json_values)
def test_no_value_can_be_replaced(path: tuple[Any, ...], value: Any) -> None:
    content = json.loads(FILE)
    target = content
    for step in path[:-1]:
        target = target[step]
    assume(json.dumps(target[path[-1]]) != json.dumps(value))
    target[path[-1]] = value
    # A lone surrogate has no UTF-8; escaped, it is read.
    for escaped in (False, True):
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=escaped)
        assert not checked(text.encode(errors="surrogatepass")).holds


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        (lambda document: document["records"].pop(1), ["record 2"]),
        (lambda document: document["records"].pop(0), ["record 1", "record 2"]),
        (lambda document: document["records"].pop(), ["head"]),
        (lambda document: document["records"].reverse(), ["record 1", "record 3", "head"]),
        (lambda document: document["records"][1]["detail"].update(stage="other"), ["record 2"]),
        (lambda document: document["records"][1].update(hash="0" * 64), ["record 2", "record 3"]),
        (lambda document: document.update(head="0" * 64), ["head"]),
        (lambda document: document.update(rootId="prq_other"), ["receipt 1", "receipt 2"]),
        (lambda document: document.update(privacyRequestId="prq_other"), ["record 1", "record 2", "record 3"]),
        (lambda document: document["receipts"][0]["document"].update(outcome="absent"), ["receipt 1"]),
        (lambda document: document["receipts"][1]["document"]["counts"].update(identities=3), ["receipt 2"]),
        (lambda document: document["receipts"][1]["signature"].update(keyId="0" * 16), ["receipt 2"]),
    ],
)
def test_a_record_that_its_own_deployment_changed_is_named(
    change: Callable[[dict[str, Any]], None], fails: list[str]
) -> None:
    found = failing(checked(resigned(change)))
    assert set(fails) <= set(found)
    assert not {"file", "signature", "key"} & set(found)


def test_a_record_changed_together_with_its_hash_does_not_fit_the_next() -> None:
    def change(document: dict[str, Any]) -> None:
        record = document["records"][1]
        record["detail"]["stage"] = "other"
        record["hash"] = record_hash(record)

    assert failing(checked(resigned(change))) == ["record 3"]


def test_a_receipt_of_another_request_does_not_count() -> None:
    other = sign_receipt(receipt(root="prq_01K00000000000000000000002"), SEED)
    assert failing(checked(history(receipts=[other]))) == ["receipt 1"]


def test_a_signed_document_that_is_no_receipt_does_not_pass_as_one() -> None:
    signed = sign({"type": "privacy_receipt", "rootId": REQUEST}, SEED)
    assert failing(checked(history(receipts=[signed]))) == ["receipt 1"]
    with pytest.raises(Malformed, match="outcome"):
        read_receipt(signed)


def test_a_receipt_can_be_read_by_who_gets_it_and_not_when_it_was_changed() -> None:
    signed = sign_receipt(receipt(), STRANGER)
    assert read_receipt(SignedDocument.model_validate(signed.as_json())) == receipt()
    forged = signed.model_copy(update={"document": signed.document | {"outcome": "absent"}})
    with pytest.raises(Malformed, match="not what was signed"):
        read_receipt(forged)


def test_what_does_not_belong_into_a_file_is_not_repeated_in_the_report() -> None:
    planted = "planted@example.com"
    report = verify(resigned(lambda document: document["records"][0].update({planted: planted})))
    assert failing(report) == ["file"]
    assert planted not in report.model_dump_json()
    assert "records/0" in report.checks[0].detail


def test_a_history_is_the_same_for_the_same_content() -> None:
    assert history() == FILE
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


def test_a_broken_chain_is_signed_as_it_is_and_found() -> None:
    chain = records()
    del chain[1]
    assert failing(checked(history(chain))) == ["record 2"]


def test_a_history_without_records_is_not_built() -> None:
    with pytest.raises(ValueError, match="records"):
        build_history(REQUEST, REQUEST, [], [], AT, SEED)


@pytest.mark.parametrize("value", [0.5, float("nan"), 1e300])
def test_a_number_that_is_not_whole_is_never_signed(value: float) -> None:
    with pytest.raises(ValueError, match=r"whole number|JSON compliant"):
        sign({"value": value}, SEED)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], str]:
    def write(data: bytes) -> str:
        path = tmp_path / "history.json"
        path.write_bytes(data)
        return str(path)

    return write


KEYS = ["--public-key", public_key(SEED), "--public-key", public_key(STRANGER)]


def test_the_command_prints_what_holds(written: Callable[[bytes], str]) -> None:
    result = CliRunner().invoke(app, ["privacy", "verify", written(FILE), *KEYS])
    assert result.exit_code == 0
    assert REQUEST in result.stdout
    assert key_id(public_key(SEED)) in result.stdout


def test_the_command_names_the_key_and_ends_with_1_when_none_is_trusted(written: Callable[[bytes], str]) -> None:
    result = CliRunner().invoke(app, ["privacy", "verify", written(RECEIPT_FILE)])
    assert result.exit_code == 1
    assert public_key(SEED) in result.stdout
    assert "not verified" in result.stdout


def test_the_command_ends_with_1_when_it_does_not_hold(written: Callable[[bytes], str]) -> None:
    for data in (FILE[:-1], FILE.replace(b"confirmed", b"absent   "), b""):
        result = CliRunner().invoke(app, ["privacy", "verify", written(data)])
        assert result.exit_code == 1
        assert "Does not hold" in result.stdout


def test_the_command_knows_the_key_it_was_given(written: Callable[[bytes], str]) -> None:
    path = written(FILE)
    ours = CliRunner().invoke(app, ["privacy", "verify", path, *KEYS, "--json"])
    assert (ours.exit_code, json.loads(ours.stdout)["trusted"]) == (0, True)
    other = CliRunner().invoke(app, ["privacy", "verify", path, "--public-key", public_key(STRANGER), "--json"])
    assert (other.exit_code, json.loads(other.stdout)["holds"]) == (1, False)
    none = CliRunner().invoke(app, ["privacy", "verify", path, "--public-key", "key"])
    assert none.exit_code == 2
    assert "base64" in none.stderr


AUTHORITY = """
[ tsa ]
default_tsa = own
[ own ]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[ req ]
distinguished_name = name
x509_extensions = stamps
[ name ]
[ stamps ]
extendedKeyUsage = critical,timeStamping
"""


def test_a_time_stamp_is_a_second_signature_with_the_commands_of_the_page(tmp_path: Path) -> None:
    page = Path(__file__).parents[2].joinpath("docs/privacy.md").read_text()
    query, check = [line for line in page.splitlines() if line.startswith("openssl ts")]
    key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.pem -subj /CN=TSA"
    answer = "openssl ts -reply -config tsa.cnf -queryfile history.tsq -out history.tsr"

    def run(command: str) -> int:
        return subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False).returncode

    for name, content in (("tsa.cnf", AUTHORITY.encode()), ("serial", b"01"), ("history.json", FILE)):
        (tmp_path / name).write_bytes(content)
    assert [run(command) for command in (f"openssl {key} -config tsa.cnf", query, answer, check)] == [0, 0, 0, 0]
    (tmp_path / "history.json").write_bytes(history(records(2)))
    assert run(check) != 0
