"""An identity is read alike by every way in: streams and privacy requests here, uploads in their unit tests."""

from functions.segments import app as segments
from handfast.identity.given import SubjectIdentity
from handfast.identity.keys import key
from handfast.identity.namespaces import Rejected, namespace
from handfast.platform.problems import Refused
from handfast.platform.secret import identity_secret
from handfast.privacy_requests.intake import keys_of
from tests.worlds.identity_shapes import SHAPES
from tests.worlds.sandboxes import Member
from tests.worlds.sharing import segment

VALUES = list(dict.fromkeys((shape.namespace, shape.value) for shape in SHAPES))


def reason(name: str, value: str) -> str | None:
    """Why the function that decides refuses a value in a sandbox of the region US."""
    try:
        namespace(name).normalise(value, phone_region="US")
    except Rejected as rejected:
        return rejected.reason
    return None


def test_streams_refuse_what_is_refused_and_by_the_same_reasons(a: Member) -> None:
    segment_id = segment(a)
    changes = [
        {"identity": {"namespace": name, "value": value}, "segmentId": segment_id, "status": "realized"}
        for name, value in VALUES
    ]
    answer = a.call(segments, "POST", "memberships", {"changes": changes})
    assert answer.status == 202
    reasons = {item["index"]: item["reason"] for item in answer.body["rejected"]}
    assert [reasons.get(index) for index in range(len(VALUES))] == [reason(*value) for value in VALUES]


def test_privacy_requests_find_whom_the_other_ways_have_brought_in(a: Member) -> None:
    assert a.sandbox.phone_region == "US"
    for name, value in VALUES:
        identities = [SubjectIdentity(namespace=name, value=value)]
        try:
            found: object = set(keys_of(a.sandbox, identities, "/identities"))
        except Refused as refused:
            found = [error["message"] for error in refused.members["errors"]]
        expected = reason(name, value)
        if expected is None:
            kind = namespace(name)
            expected_keys = {key(identity_secret(), kind.code, kind.normalise(value, phone_region="US"))}
        assert found == ([expected] if expected else expected_keys), (name, expected)
