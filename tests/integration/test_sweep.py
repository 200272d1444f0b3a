"""The sweep: what one part does is not held up by another."""

from collections.abc import Callable

import pytest

from functions.sweep import app
from handfast.platform.settings import MissingSettingError

PARTS = list(app._PARTS)


def noted(done: list[str], name: str) -> Callable[[], None]:
    return lambda: done.append(name)


def broken() -> None:
    raise RuntimeError("broken")


@pytest.mark.parametrize("failing", PARTS)
def test_a_part_that_fails_keeps_none_of_the_others_from_running_and_the_function_fails(
    failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    for name in PARTS:
        monkeypatch.setitem(app._PARTS, name, broken if name == failing else noted(done, name))
    with pytest.raises(ExceptionGroup) as raised:
        app.handler({}, None)
    assert done == [name for name in PARTS if name != failing]
    assert [str(error) for error in raised.value.exceptions] == ["broken"]


def test_parts_that_all_fail_are_all_told(monkeypatch: pytest.MonkeyPatch, stores: None) -> None:
    for name in (
        "OPENDSR_SECRET_ARN",
        "ACCESS_TABLE",
        "ACTIVITY_TABLE",
        "CONNECTIONS_TABLE",
        "FEEDS_TABLE",
        "PRIVACY_TABLE",
    ):
        monkeypatch.delenv(name)
    with pytest.raises(ExceptionGroup) as raised:
        app.handler({}, None)
    assert [type(error) for error in raised.value.exceptions] == [MissingSettingError] * len(PARTS)
