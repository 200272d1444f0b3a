"""Both sides of a connection hash a probe, and a hasher outside is told what it does otherwise."""

import hashlib

import pytest

from functions.connect_requests import app as connect
from handfast.access import service as access
from handfast.identity.probe import PROBE
from tests.worlds.sandboxes import organizations
from tests.worlds.sharing import Pair, pair_of, pointers
from tests.worlds.stores import built_once

_built_pair = built_once(lambda: pair_of(organizations()))


@pytest.fixture
def pair(stores: None) -> Pair:
    return _built_pair()


def agreements(pair: Pair) -> dict[str, bool]:
    probe = pair.b.call(connect, "GET", f"connections/{pair.connection}").body["probe"]
    return {each["namespace"]: each["agrees"] for each in probe}


def test_a_connection_says_whether_both_sides_hash_alike(pair: Pair) -> None:
    assert agreements(pair) == dict.fromkeys(PROBE, True)
    access.change_sandbox(pair.a.sandbox.sandbox_id, phone_region="DE")
    assert agreements(pair) == {"Email_LC_SHA256": True, "Phone_SHA256_E.164": False}
    assert pair.a.call(connect, "GET", "connections").body["items"][0]["probe"] is None
    assert pair.a.call(connect, "POST", f"connections/{pair.connection}/disconnect").status == 200
    assert pair.a.call(connect, "GET", f"connections/{pair.connection}").body["probe"] is None
    assert pair.a.call(connect, "GET", f"connections/{pair.connection}/probe").body["agreements"] == []


def test_the_probe_lists_what_to_hash_and_its_digests(pair: Pair) -> None:
    body = pair.a.call(connect, "GET", f"connections/{pair.connection}/probe").body
    assert [each["value"] for each in body["values"]] == [value for values in PROBE.values() for value in values]
    digest = {each["value"]: each["digest"] for each in body["values"]}
    assert digest["rosa@one.example"] == hashlib.sha256(b"rosa@one.example").hexdigest()
    assert digest["030 23125001"] is None


def test_a_hasher_is_told_what_it_does_otherwise(pair: Pair) -> None:
    def post(namespace: str, *digests: tuple[str, bytes]) -> tuple[int, list[str] | list[list[str]]]:
        sent = [{"value": value, "digest": hashlib.sha256(text).hexdigest()} for value, text in digests]
        body = {"namespace": namespace, "digests": sent}
        answer = pair.a.call(connect, "POST", f"connections/{pair.connection}/probe", body)
        items = [each["differences"] for each in answer.body["items"]] if answer.status == 200 else pointers(answer)
        return answer.status, items

    assert post("phone", ("+493023125001", b"+493023125001"), ("(415) 555-2671", b"4155552671")) == (
        200,
        [[], ["country_code"]],
    )
    assert post("email", ("rosa@one.example", b"rosa@one.example\n")) == (200, [["newline"]])
    assert post("email", ("rosa@one.example", b""), ("anna@one.example", b"")) == (422, ["/digests/1/value"])
    assert post("ECID", ("rosa@one.example", b"")) == (422, ["/namespace"])
