"""What a sandbox's configuration says for a record of processing."""

from functions.feeds import app as feeds
from functions.privacy_requests import app as privacy
from tests.worlds.sandboxes import organizations
from tests.worlds.sharing import pair_of


def test_both_sides_of_a_feed_are_on_record_until_it_ends(stores: None) -> None:
    pair = pair_of(organizations())
    feed, received = pair.enabled(namespaces=["email"])
    pair.draft(name="Not published")
    ours, theirs = (member.call(privacy, "GET", "processing-record").body for member in (pair.a, pair.b))
    (sent,), (taken,) = ours["disclosed"], theirs["received"]
    assert (ours["received"], theirs["disclosed"], ours["processors"]) == ([], [], [])
    assert (sent["partner"], sent["feedId"], sent["segments"]) == ("Organization B, sandbox b", feed, [pair.buyers])
    assert (taken["partner"], taken["feedId"]) == ("Organization A, sandbox a", received["receivedFeedId"])
    assert sent["namespaces"] == taken["namespaces"] == ["Email_LC_SHA256"]
    assert sent["purposes"] == taken["purposes"]
    assert len(sent["purposes"]) == 8
    assert "email_targeting" not in sent["purposes"]
    assert ours["retention"]["recordMonths"] == 24
    assert pair.a.call(feeds, "POST", f"feeds/{feed}/unshare", {"connectionId": pair.connection}).status == 200
    assert pair.a.call(privacy, "GET", "processing-record").body["disclosed"] == []
    assert pair.b.call(privacy, "GET", "processing-record").body["received"] == []
