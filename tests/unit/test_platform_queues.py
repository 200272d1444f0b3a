"""Messages sent once more, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from handfast.platform import clock
from handfast.platform.queues import again, is_overdue


def test_a_message_is_sent_again_each_ten_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    ids = []
    for second in range(30):
        monkeypatch.setattr(clock, "now", lambda at=noon + timedelta(seconds=second): at)
        ids.append(again("chg_1/000"))
    assert "chg_1/000" not in ids
    assert [ids.count(dedup_id) for dedup_id in dict.fromkeys(ids)] == [10, 10, 10]


@pytest.mark.parametrize("first", [1, 2.5, 5.9])
def test_what_waits_is_sent_for_within_six_minutes_and_then_ever_more_rarely(
    first: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def is_sent(minutes: float) -> bool:
        monkeypatch.setattr(clock, "now", lambda: noon + timedelta(minutes=minutes))
        return is_overdue(noon)

    assert not any(map(is_sent, (-60, -1, 0, 0.9)))
    sent = [number for number in range(100) if is_sent(first + 5 * number)]
    assert sent[0] == 0
    assert len(sent) <= 9
    assert sent[-4:] == [8 - first // 5, 16 - first // 5, 32 - first // 5, 64 - first // 5]
