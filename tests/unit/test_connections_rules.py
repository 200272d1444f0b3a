"""The states of a connection as a table, and how connect IDs are written and read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handfast.connections import rules
from handfast.connections.models import Connection, Direction, Status
from handfast.partners.models import PartnerRef
from handfast.platform import clock
from handfast.platform.ids import CROCKFORD
from handfast.platform.problems import Malformed

STATES: tuple[Status, ...] = get_args(Status.__value__)
SIDES: tuple[Direction, ...] = get_args(Direction.__value__)
REQUESTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
EXPIRES = REQUESTED + rules.PENDING_FOR
REQUEST = Connection(
    "con_1",
    "incoming",
    PartnerRef("sbx_b", "Organization B", "b"),
    "pending",
    clock.to_text(REQUESTED),
    clock.to_text(EXPIRES),
    "ID",
)
BEFORE, AFTER = clock.to_text(EXPIRES - timedelta(milliseconds=1)), clock.to_text(EXPIRES)
# (action, side, state) → state; every other is refused.
ALLOWED: dict[tuple[str, Direction, Status], Status] = {
    ("accept", "incoming", "pending"): "active",
    ("reject", "incoming", "pending"): "rejected",
    ("withdraw", "outgoing", "pending"): "withdrawn",
    ("expire", "incoming", "pending"): "expired",
    ("expire", "outgoing", "pending"): "expired",
    ("disconnect", "incoming", "active"): "disconnected",
    ("disconnect", "outgoing", "active"): "disconnected",
}


# States


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("action", rules.TRANSITIONS)
def test_only_the_table_says_who_may_do_what_in_which_state(action: str, side: Direction, state: Status) -> None:
    connection = replace(REQUEST, direction=side, status=state)
    allowed = rules.is_allowed(action, connection, BEFORE)
    assert allowed == ((action, side, state) in ALLOWED)
    if allowed:
        assert rules.TRANSITIONS[action][2] == ALLOWED[action, side, state]


def test_every_action_is_told_and_every_state_is_reached() -> None:
    assert rules.EVENT_TYPES.keys() == rules.TRANSITIONS.keys()
    assert {made for _, _, made in rules.TRANSITIONS.values()} | {"pending"} == set(STATES)


@pytest.mark.parametrize("state", STATES)
def test_only_a_pending_request_expires_and_at_the_moment_itself(state: Status) -> None:
    connection = replace(REQUEST, status=state)
    assert rules.status_at(connection, BEFORE) == state
    assert rules.status_at(connection, AFTER) == ("expired" if state == "pending" else state)


def test_an_overdue_request_can_be_written_as_expired_and_is_nothing_to_decide_on() -> None:
    allowed = {
        (action, side)
        for action in rules.TRANSITIONS
        for side in SIDES
        if rules.is_allowed(action, replace(REQUEST, direction=side), AFTER)
    }
    assert allowed == {("expire", "incoming"), ("expire", "outgoing")}


# Connect IDs


CONNECT_IDS = st.text(CROCKFORD, min_size=rules.CONNECT_ID_LENGTH, max_size=rules.CONNECT_ID_LENGTH)


@given(CONNECT_IDS)
def test_a_printed_connect_id_is_read_as_itself(connect_id: str) -> None:
    printed = rules.printed(connect_id)
    assert [len(group) for group in printed.split("-")] == [5, 5, 5, 5]
    assert rules.parse_connect_id(printed) == connect_id


@given(CONNECT_IDS, st.data())
def test_a_connect_id_is_read_however_people_write_it(connect_id: str, data: st.DataObject) -> None:
    written = "".join(
        data.draw(st.sampled_from({"0": "0Oo", "1": "1IiLl"}.get(character, character + character.lower())))
        + data.draw(st.sampled_from(["", "", "", "-", " "]))
        for character in connect_id
    )
    assert rules.parse_connect_id(f" {written}\n") == connect_id


@given(CONNECT_IDS, st.integers(0, rules.CONNECT_ID_LENGTH - 1), st.characters())
def test_a_connect_id_with_another_character_is_refused(connect_id: str, place: int, character: str) -> None:
    assume(character.upper() not in set(CROCKFORD + "OIL- "))
    with pytest.raises(Malformed) as refused:
        rules.parse_connect_id(connect_id[:place] + character + connect_id[place + 1 :])
    assert [error["pointer"] for error in refused.value.members["errors"]] == ["/connectId"]


@pytest.mark.parametrize("text", ["", "-", "0" * 19, "0" * 21, "00000-00000-00000-0000U"])
def test_a_connect_id_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        rules.parse_connect_id(text)


def test_new_connect_ids_are_read_as_themselves_and_differ() -> None:
    made = [rules.new_connect_id() for _ in range(100)]
    assert list(map(rules.parse_connect_id, made)) == made
    assert len(set(made)) == 100
    assert set("".join(made)) <= set(CROCKFORD)
