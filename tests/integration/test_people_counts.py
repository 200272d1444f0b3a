"""People counted beside identities: of segments, of what was received, and of populations."""

import random
from collections import Counter
from typing import Any

import pytest

from functions.feeds import app as feeds
from functions.segments import app as segments
from handfast.lake import people_counts, suppressions
from handfast.platform import clock
from tests.worlds.exports import deliver
from tests.worlds.sandboxes import Member, organizations
from tests.worlds.sharing import Pair, pair_of
from tests.worlds.stores import built_once
from tests.worlds.uploads import apply_all, identity, ingested

COLUMNS = [
    {"column": "id", "as": "profileId"},
    {"column": "mail", "as": "identity", "namespace": "email", "transform": "hash"},
    {"column": "tel", "as": "identity", "namespace": "phone", "transform": "hash"},
    {"column": "share", "as": "share", "namespace": "email"},
]
HEADER = "id,mail,tel,share\n"
# Ann has two addresses, of which the partner knows one; Bob refuses; Cat has opted out; Dan is not known to the partner
# with one address and refuses with the other; who has no id is a person by address and one by number.
PEOPLE = f"""{HEADER}ann,ann@example.com,+14155552671,y
ann,ann@work.example,,y
bob,bob@example.com,+14155552672,n
cat,cat@example.com,,y
dan,dan@example.com,,y
dan,dan@work.example,,n
,eve@example.com,+14155552673,y
"""
KNOWN = f"""{HEADER}7,ann@example.com,,y
7,eve@example.com,,y
8,cat@example.com,,y
"""


@built_once
def _built_pair() -> Pair:
    world = organizations()
    pair = pair_of(world)
    ingested(world, pair.a, PEOPLE.encode(), columns=COLUMNS, segmentId=pair.buyers)
    ingested(world, pair.b, KNOWN.encode(), columns=COLUMNS)
    suppressions.add(pair.a.sandbox.sandbox_id, [identity("email", "cat@example.com")], "opt_out", clock.now())
    pair.published()
    assert pair.decide("enable").status == 200
    run(pair)
    return pair


@pytest.fixture
def pair(stores: None) -> Pair:
    """An enabled feed of addresses that has run."""
    return _built_pair()


def run(pair: Pair) -> None:
    apply_all(pair.world)
    assert deliver(pair.exports()) == []


def population(pair: Pair, member: Member) -> Any:
    flow = pair.received()["dataflowId"]
    return member.call(feeds, "GET", f"dataflows/{flow}/population").body


def steps(body: Any, counted: str) -> dict[str, int]:
    return {step["reason"]: step[counted] for step in body["steps"] if step["identities"] or step["people"]}


def test_a_person_is_cleared_with_any_identity_and_counts_once_at_what_keeps_back_the_furthest(pair: Pair) -> None:
    body = population(pair, pair.a)
    assert steps(body, "identities") == {
        "namespace_not_selected": 3,
        "consent": 2,
        "suppressed": 1,
    }
    assert steps(body, "people") == {"namespace_not_selected": 1, "consent": 1, "suppressed": 1}
    assert body["people"] == {"members": 6, "cleared": 3}
    assert (body["members"], body["cleared"]) == (10, 4)
    assert body["people"]["members"] == body["people"]["cleared"] + sum(step["people"] for step in body["steps"])
    email, phone = body["namespaces"]
    assert (email["namespace"], phone["namespace"]) == ("Email_LC_SHA256", "Phone_SHA256_E.164")
    assert (email["members"], email["cleared"], email["people"]) == (7, 4, {"members": 5, "cleared": 3})
    assert (phone["members"], phone["cleared"], phone["people"]) == (3, 0, {"members": 3, "cleared": 0})
    assert steps(email, "people") == {"consent": 1, "suppressed": 1}
    assert steps(phone, "people") == {"namespace_not_selected": 3}


def test_a_population_of_generated_people_is_what_was_generated(stores: None) -> None:
    """People with up to two addresses and a number each, some without an id, by each reason and namespace."""
    source, rows = random.Random(5), [HEADER]
    reasons: dict[tuple[str, str], list[tuple[str, str]]] = {}
    suppressed = []
    for number in range(150):
        person = f"p{number}" if source.random() < 0.8 else ""
        for each in range(source.choice((1, 1, 2))):
            mail, tel = f"m{number}x{each}@example.com", f"+1415555{2000 + 2 * number + each}"
            answer, has_phone = source.choice("yyn"), source.random() < 0.5
            rows.append(f"{person},{mail},{tel if has_phone else ''},{answer}\n")
            is_out = source.random() < 0.1
            suppressed += [identity("email", mail)] if is_out else []
            why = "consent" if answer == "n" else "suppressed" if is_out else "cleared"
            who = person or mail
            reasons.setdefault(("Email_LC_SHA256", who), []).append(("Email_LC_SHA256", why))
            if has_phone:
                reasons.setdefault(("Phone_SHA256_E.164", person or tel), []).append(("Phone_SHA256_E.164", "cleared"))
    pair = pair_of(organizations())
    ingested(pair.world, pair.a, "".join(rows).encode(), columns=COLUMNS, segmentId=pair.buyers)
    suppressions.add(pair.a.sandbox.sandbox_id, suppressed, "opt_out", clock.now())
    pair.published(namespaces=["email", "phone"])
    assert pair.decide("enable").status == 200
    run(pair)

    body, stages = population(pair, pair.a), ["consent", "suppressed", "cleared"]
    for part in body["namespaces"]:
        of_it = {who: told for (symbol, who), told in reasons.items() if symbol == part["namespace"]}
        identities = Counter(why for told in of_it.values() for _, why in told)
        people = Counter(max((why for _, why in told), key=stages.index) for told in of_it.values())
        assert told_of(part, "identities") == identities, part["namespace"]
        assert told_of(part, "people") == people, part["namespace"]
        assert part["members"] == identities.total()
    assert body["members"] == sum(part["members"] for part in body["namespaces"])
    assert body["cleared"] == sum(part["cleared"] for part in body["namespaces"])


def told_of(part: Any, counted: str) -> Counter[str]:
    """What a population says by reason and `cleared`, but for nobody."""
    cleared = part["cleared"] if counted == "identities" else part["people"]["cleared"]
    return +Counter({step["reason"]: step[counted] for step in part["steps"]} | {"cleared": cleared})


def test_the_receiver_is_not_told_which_identities_are_one_person(pair: Pair) -> None:
    body = population(pair, pair.b)
    assert body["people"] is None
    assert (body["steps"], body["shared"]) == ([], 2)


def test_a_person_of_two_segments_counts_in_each_and_who_waits_for_a_pause_to_end_waits(pair: Pair) -> None:
    pair.change(pair.a.call(feeds, "GET", "feeds").body["items"][0]["feedId"], segmentIds=[pair.buyers, pair.visitors])
    assert pair.decide("enable").status == 200
    run(pair)
    flow = pair.received()["dataflowId"]
    assert pair.a.call(feeds, "POST", f"dataflows/{flow}/pause").status == 200
    both = f"{HEADER}ann,ann@example.com,,\ncat,cat2@example.com,,\n"
    ingested(pair.world, pair.a, both.encode(), columns=COLUMNS, segmentId=pair.visitors)
    ingested(pair.world, pair.b, f"{HEADER}9,cat2@example.com,,\n".encode(), columns=COLUMNS)
    run(pair)
    body = population(pair, pair.a)
    assert (body["cleared"], body["people"]) == (6, {"members": 8, "cleared": 5}), "a pause keeps nobody from being so"
    assert population(pair, pair.b)["shared"] == 2


def test_people_who_are_too_much_to_count_are_not_told_and_identities_are(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_counts, "MOST_BYTES", 0)
    body = population(pair, pair.a)
    assert (body["people"], body["members"], body["cleared"]) == (None, 10, 4)
    assert segment(pair.a, pair.buyers)["people"] is None


def test_a_dataflow_that_has_ended_has_nobody(pair: Pair) -> None:
    feed = pair.a.call(feeds, "GET", "feeds").body["items"][0]["feedId"]
    pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection})
    run(pair)
    body = population(pair, pair.a)
    assert (body["people"], body["members"]) == ({"members": 0, "cleared": 0}, 0)


# Segments


def segment(member: Member, segment_id: str) -> Any:
    return member.call(segments, "GET", f"segments/{segment_id}").body["counts"]


def listed(member: Member, segment_id: str) -> Any:
    items = member.call(segments, "GET", "segments").body["items"]
    (found,) = (item["counts"] for item in items if item["segmentId"] == segment_id)
    return found


def test_a_segment_tells_how_many_people_its_members_are(pair: Pair) -> None:
    counts = segment(pair.a, pair.buyers)
    assert (counts["identities"], counts["people"]) == (10, 6)
    assert counts["peopleAsOf"] <= clock.now_text()
    assert listed(pair.a, pair.buyers) == counts


def test_people_are_counted_anew_when_members_or_profile_ids_have_changed_and_not_otherwise(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = segment(pair.a, pair.buyers)
    with monkeypatch.context() as patch:
        patch.setattr(people_counts, "Standing", lambda _: pytest.fail("counted again"))
        assert segment(pair.a, pair.buyers) == before
    ingested(pair.world, pair.a, f"{HEADER}bob,eve@example.com,,\n".encode(), columns=COLUMNS)
    assert (listed(pair.a, pair.buyers)["people"], segment(pair.a, pair.buyers)["people"]) == (6, 5)
    leaves = [{"identity": {"namespace": "phone", "value": "+14155552673"}, "segmentId": pair.buyers}]
    body = {"changes": [change | {"status": "exited"} for change in leaves]}
    assert pair.a.call(segments, "POST", "memberships", body).body["rejected"] == []
    apply_all(pair.world)
    counts = segment(pair.a, pair.buyers)
    assert (counts["identities"], counts["people"]) == (9, 4)


def test_a_segment_without_members_has_no_people(pair: Pair) -> None:
    assert segment(pair.a, pair.visitors) == {"identities": 0, "byNamespace": {}, "people": 0, "peopleAsOf": None}
    assert listed(pair.a, pair.visitors)["people"] == 0


def test_received_identities_are_people_by_the_receivers_own_profile_ids(pair: Pair) -> None:
    counts = segment(pair.b, pair.buyers)
    assert (counts["identities"], counts["people"]) == (2, 1)
    in_list = listed(pair.b, pair.buyers)
    assert (in_list["identities"], in_list["people"], in_list["peopleAsOf"]) == (2, None, None)
