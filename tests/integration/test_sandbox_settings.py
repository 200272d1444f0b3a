"""A sandbox's settings as the operator sets them."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from functions.privacy_requests import app as privacy
from handfast.access import service, store
from handfast.dataflows import runs
from handfast.journal import store as journal
from handfast.platform.problems import NotFound, Refused
from handfast_cli.main import app
from tests.worlds.exports import deliver, shared
from tests.worlds.sandboxes import World


def test_changed_settings_stay_work_and_are_in_the_log(world: World) -> None:
    member, sandbox_id = world.member(world.a), world.a.sandbox_id
    changed = service.change_sandbox(sandbox_id, privacy_rule="automatic", holidays=["2026-12-25"])
    assert store.sandbox(sandbox_id) == changed
    assert (changed.privacy_rule, changed.holidays, changed.phone_region) == ("automatic", ("2026-12-25",), "US")
    assert service.change_sandbox(sandbox_id) == changed
    (record,) = [entry for entry in journal.log(sandbox_id) if entry["type"] == "sandbox.changed"]
    assert record["actor"]["kind"] == "operator"
    assert record["detail"] == {
        "old": {"privacyRule": "approval", "holidays": []},
        "new": {"privacyRule": "automatic", "holidays": ["2026-12-25"]},
    }
    subject = {"identities": [{"namespace": "email", "value": "ann@example.com"}]}
    body = {"type": "erasure", "regulation": "gdpr", "verified": True, "subject": subject}
    assert member.call(privacy, "POST", "privacy-requests", body).body["status"] == "approved"


@pytest.mark.parametrize(
    "settings",
    [
        {"privacy_rule": "never"},
        {"time_zone": "Europe/Bielefeld"},
        {"holidays": ["25.12.2026"]},
        {"holidays": ["2026-02-30"]},
        {"removal_guard": 1.5},
        {"reject_guard": 1.5},
        {"overlap_threshold": -1},
        {"phone_region": "Germany"},
        {"consent_default": "maybe"},
    ],
)
def test_settings_that_are_none_are_refused_by_name(world: World, settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(Refused, match=name):
        service.change_sandbox(world.a.sandbox_id, **settings)
    with pytest.raises(Refused, match=name):
        service.create_sandbox(world.a.organization_id, "another", **settings)
    assert store.sandbox(world.a.sandbox_id) == world.a


def test_a_sandbox_that_is_not_there_cannot_be_changed(world: World) -> None:
    with pytest.raises(NotFound):
        service.change_sandbox("sbx_missing", time_zone="UTC")


@pytest.mark.usefixtures("stack")
def test_what_a_sandbox_shares_is_reconciled_by_a_new_consent_default(tmp_path: Path) -> None:
    sharing = shared(tmp_path)
    assert deliver(sharing.pair.exports()) == []
    for member, expected in (sharing.pair.b, 0), (sharing.pair.a, 1):
        words = ["change-sandbox", member.sandbox.sandbox_id, "--consent-default", "default_deny"]
        done = CliRunner().invoke(app, ["admin", *words, "--stack", "handfast-prod"])
        assert done.exit_code == 0, done.output
        messages = sharing.pair.exports()
        assert len(messages) == expected
    assert deliver(messages) == []
    run, _ = runs.runs(sharing.dataflow)
    assert (run.reason, run.status, run.counts["exited"]) == ("sandbox.changed", "completed", 3)


@pytest.mark.parametrize("name", ["Organi\u202ezation", "A\u0085B", "A\u200bB", " Organization", ""])
def test_a_name_that_partners_would_misread_is_refused(stores: None, name: str) -> None:
    with pytest.raises(Refused):
        service.create_organization(name)
    organization = service.create_organization("Organization \u00c4")
    with pytest.raises(Refused):
        service.create_sandbox(organization, name)
