"""What protocols read and write, without stores: signed messages, certificates, mappings."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handfast.connectors.types.opendsr import signatures
from handfast.identity.namespaces import namespace
from handfast.platform.problems import Malformed, Problem, Refused, Untrusted
from handfast.privacy_requests.models import Origin, PrivacyRequest, PrivacyStatus, PrivacyType
from handfast.privacy_requests.protocols.drp import service as drp
from handfast.privacy_requests.protocols.drp import states, trust
from handfast.privacy_requests.protocols.drp.wire import Exercise
from handfast.privacy_requests.protocols.opendsr import service as opendsr
from handfast.privacy_requests.protocols.opendsr import signing, wire
from handfast.privacy_requests.protocols.opendsr.states import STATUSES
from handfast.privacy_requests.rules import TRANSITIONS
from handfast_cli.local.certificates import issue
from tests.worlds.connector_servers.pki import Party

KEY = Ed25519PrivateKey.generate()
VERIFY = KEY.public_key().public_bytes_raw().hex()
ROOT = Party("Test root", authority=True)
SIGNER = Party("privacy.handfast.example", ROOT)
URL = "https://privacy.handfast.example/v1"
NOW = datetime.now(UTC)


def signed(message: bytes) -> str:
    return base64.b64encode(KEY.sign(message) + message).decode()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.dictionaries(TEXT, st.none() | st.integers() | TEXT | st.lists(TEXT)))
def test_a_message_in_combined_mode_opens_as_it_was_signed(message: dict[str, object]) -> None:
    assert trust.opened(signed(json.dumps(message).encode()), VERIFY, proven=True) == message


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_anywhere_is_noticed(position: int, change: int) -> None:
    whole = bytearray(base64.b64decode(signed(b'{"agent-id": "AGENT_ONE"}')))
    whole[position % len(whole)] ^= change
    with pytest.raises(Untrusted) as refused:
        trust.opened(base64.b64encode(whole).decode(), VERIFY, proven=True)
    assert refused.value.members["reason"] == "signature"


@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_no_body_breaks_the_reading_of_messages(text: str) -> None:
    with pytest.raises(Problem) as refused:
        trust.opened(text, VERIFY, proven=True)
    assert refused.value.status in {400, 403}


@given(st.binary())
def test_what_was_signed_and_is_no_json_object_is_malformed(message: bytes) -> None:
    try:
        json_object = isinstance(json.loads(message), dict)
    except (ValueError, RecursionError):
        json_object = False
    if not json_object:
        with pytest.raises(Malformed):
            trust.opened(signed(message), VERIFY, proven=True)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
_MEMBERS = st.sampled_from([*wire.OpenDsrRequest.model_fields, "drp.version", "exercise", "email", "agent-request-id"])


@given(st.dictionaries(_MEMBERS, _JSON))
def test_no_body_breaks_the_reading_of_requests(body: dict[str, object]) -> None:
    with suppress(ValidationError):
        wire.OpenDsrRequest.model_validate(body)
    with suppress(Refused):
        drp._read(Exercise, body)


def test_every_status_and_every_declared_identity_is_mapped() -> None:
    statuses = set(get_args(PrivacyStatus.__value__))
    assert STATUSES.keys() == statuses
    assert set(STATUSES.values()) == set(get_args(wire.RequestStatus.__value__))
    assert {status for status, to in STATUSES.items() if to == "pending"} <= {
        status for status, actions in TRANSITIONS.items() if "cancel" in actions
    }
    assert all(name is None or namespace(name) for name in opendsr.IDENTITIES.values())
    assert all(namespace(name).hashed for (_, form), name in opendsr.IDENTITIES.items() if name and form == "sha256")
    assert set(drp.EXERCISES.values()) <= set(get_args(PrivacyType.__value__))


def test_a_good_certificate_signs_what_controllers_can_check() -> None:
    own = signing.checked(f"{URL}/", SIGNER.pem, SIGNER.key_pem, NOW)
    assert (own.url, own.domain) == (URL, "privacy.handfast.example")
    key = signatures.trusted_key(own.chain.encode(), own.domain, [ROOT.certificate], NOW)
    for former_names in (False, True):
        headers = {
            name.lower(): text for name, text in signing.signature(own, b"{}", former_names=former_names).items()
        }
        signatures.verify(b"{}", headers, own.domain, key)


def test_a_certificate_that_controllers_would_not_trust_is_refused_with_the_reason() -> None:
    elsewhere = Party("other.example", ROOT)
    alone = Party("privacy.handfast.example")
    ended = Party("privacy.handfast.example", ROOT, ends=timedelta(days=-1))
    nameless = Party("privacy.handfast.example", ROOT, san=False)
    curve = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for chain, key, why in (
        (SIGNER.pem, elsewhere.key_pem, "the key is not that"),
        (elsewhere.pem, elsewhere.key_pem, "does not name privacy.handfast.example"),
        (nameless.pem, nameless.key_pem, "does not name privacy.handfast.example"),
        (alone.pem, alone.key_pem, "self-signed"),
        (ended.pem, ended.key_pem, "not valid now"),
        (SIGNER.pem, curve, "RSA"),
        ("", SIGNER.key_pem, "not PEM"),
        (SIGNER.pem, "key", "not PEM"),
    ):
        with pytest.raises(Refused, match=why):
            signing.checked(URL, chain, key, NOW)
    with pytest.raises(Refused, match="no host"):
        signing.checked("handfast", SIGNER.pem, SIGNER.key_pem, NOW)


def test_a_wildcard_covers_one_label_alone() -> None:
    wildcard = Party("*.handfast.example", ROOT)
    assert signing.checked(URL, wildcard.pem, wildcard.key_pem, NOW).domain == "privacy.handfast.example"
    with pytest.raises(Refused, match="does not name"):
        signing.checked("https://a.b.handfast.example/v1", wildcard.pem, wildcard.key_pem, NOW)


def test_the_local_stacks_certificate_is_one_that_our_connector_trusts() -> None:
    issued = issue("localhost")
    own = signing.checked("http://localhost:4566/v1", issued.chain, issued.key, NOW)
    trusted = signatures.authorities(issued.authority)
    signatures.trusted_key(own.chain.encode(), "localhost", trusted, NOW)


def test_an_agent_is_told_that_an_opt_in_has_left_somebody_suppressed_and_not_that_others_are_silent() -> None:
    at, result = "2026-01-01T10:00:00.000Z", {"stillSuppressed": {"erasure": 1}, "gaps": 1}
    request = PrivacyRequest(
        "sbx_1", "prq_1", "opt_in", "ccpa", "completed_with_gaps", at, at, Origin("prq_1"), (), result=result
    )
    _, _, said = states._words(request)
    assert "stay suppressed" in (said or "")
    assert "confirmed" not in (said or "")


@pytest.mark.parametrize(("withheld", "details"), [(0, ""), (2, "in part")])
def test_an_agent_is_told_that_something_was_withheld(withheld: int, details: str) -> None:
    at = "2026-01-01T10:00:00.000Z"
    request = PrivacyRequest(
        "sbx_1", "prq_1", "access", "ccpa", "completed", at, at, Origin("prq_1"), (), result={"withheld": withheld}
    )
    status, reason, said = states._words(request)
    assert (status, reason, (said or "")[:7]) == ("fulfilled", None, details)
