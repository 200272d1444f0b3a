"""Decisions to suppress done once more from their log; what that does to people is in test_privacy_requests."""

import json
import time
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from handfast.lake import suppression_log, suppressions
from handfast.platform import clock, objects
from handfast.privacy_requests import replaying
from handfast_cli.main import app
from tests.worlds.uploads import keys

LOG = "suppression_log/"


@pytest.mark.usefixtures("stores")
def test_decisions_are_repeated_in_their_order_and_only_from_the_time_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox_id, start = "sbx_1", clock.now()
    steps = [("opt_out", [(1, 1)]), ("opt_out", [(2, 2), (3, 3)]), ("release", [(2, 2)])]
    for minute, (decision, named) in enumerate(steps):
        monkeypatch.setattr(clock, "now", lambda minute=minute: start + timedelta(minutes=minute))
        if decision == "release":
            suppressions.release(sandbox_id, named, "release", clock.now())
        else:
            suppressions.add(sandbox_id, named, "opt_out", clock.now())
    objects.delete(*keys("suppressions"))
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")  # the operator's
        time.tzset()
        found = replaying.replay(sandbox_id, start + timedelta(minutes=1))
    time.tzset()
    assert (found.erased, found.opted_out, found.released) == (0, 2, 1)
    since = clock.to_text(start + timedelta(minutes=1))
    assert suppressions.entries(sandbox_id, [(1, 1), (2, 2), (3, 3)]) == {(3, 3): ("opt_out", since)}


@pytest.mark.usefixtures("stores")
def test_what_is_kept_from_one_partner_is_repeated_for_that_partner_alone() -> None:
    since = clock.now()
    suppressions.add("sbx_1", [(1, 1)], "erasure", since, towards="partner")
    suppressions.add("sbx_1", [(2, 2)], "opt_out", since)
    objects.delete(*keys("suppressions"))
    assert replaying.sandboxes() == ["sbx_1"]
    found = replaying.replay("sbx_1", since)
    assert (found.erased, found.opted_out, found.kept_from_partners) == (0, 1, 1)
    assert suppressions.find("sbx_1", [(1, 1), (2, 2)]) == {(2, 2): "opt_out"}
    assert suppressions.find("sbx_1", [(1, 1), (2, 2)], towards="partner") == {(1, 1): "erasure"}
    assert suppressions.find("sbx_1", [(1, 1)], towards="another") == {}
    assert suppressions.count("sbx_1") == {"opt_out": 1}


@pytest.mark.usefixtures("stores")
def test_an_erasure_of_before_there_was_a_log_is_replayed_from_the_suppressions() -> None:
    since = clock.now()
    suppressions.add("sbx_1", [(1, 1)], "erasure", clock.now())
    suppressions.add("sbx_1", [(2, 2)], "erasure", since - timedelta(days=1))
    objects.delete(*keys(LOG))
    assert replaying.sandboxes() == ["sbx_1"]
    assert replaying.replay("sbx_1", since).erased == 1


@pytest.mark.usefixtures("stores")
def test_what_names_nobody_is_not_written_down() -> None:
    suppressions.add("sbx_1", [], "erasure", clock.now())
    suppressions.release("sbx_1", [], "release", clock.now())
    assert keys(LOG) == []
    assert list(suppression_log.entries("sbx_1", clock.now() - timedelta(days=1))) == []


# The command


def replay_erasures(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["admin", "replay-erasures", *words, "--stack", "handfast-prod"], input=typed)


@pytest.mark.usefixtures("stack")
def test_the_command_asks_and_tells_what_it_has_done_in_each_sandbox() -> None:
    since = clock.now_text()
    suppressions.add("sbx_1", [(1, 1), (2, 2)], "erasure", clock.now())
    objects.delete(*keys("suppressions"))
    refused = replay_erasures("--since", since, typed="n\n")
    assert (refused.exit_code, keys("suppressions")) == (1, [])
    assert "what 1 sandboxes have decided since" in " ".join(refused.stderr.split())
    (done,) = json.loads(replay_erasures("--since", since, "--yes", "--json").stdout)["items"]
    assert done == {
        "sandboxId": "sbx_1",
        "erased": 2,
        "optedOut": 0,
        "released": 0,
        "answersForgotten": 0,
        "keptFromPartners": 0,
    }
    assert suppressions.count("sbx_1") == {"erasure": 2}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("since", ["yesterday", "2026-01-01", "2026-01-01T00:00:00", "2999-01-01T00:00:00Z"])
def test_a_time_that_is_none_or_has_no_zone_or_is_to_come_is_refused(since: str) -> None:
    result = replay_erasures("--since", since, "--yes")
    assert (result.exit_code, "--since is" in result.stderr) == (2, True)
