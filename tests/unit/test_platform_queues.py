"""Messages sent once more."""

from datetime import UTC, datetime, timedelta

import pytest

from handfast.platform import clock
from handfast.platform.queues import again


def test_a_message_is_sent_again_each_ten_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    ids = []
    for second in range(30):
        monkeypatch.setattr(clock, "now", lambda at=noon + timedelta(seconds=second): at)
        ids.append(again("chg_1/000"))
    assert "chg_1/000" not in ids
    assert [ids.count(dedup_id) for dedup_id in dict.fromkeys(ids)] == [10, 10, 10]
