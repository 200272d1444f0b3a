"""`handfast me`."""

from handfast_cli.options import DEFAULT_PROFILE, AsJson, ProfileName, Session
from handfast_cli.output import show


def me(profile: ProfileName = DEFAULT_PROFILE, as_json: AsJson = False) -> None:
    """Show who you are and what you may do where."""
    answer = Session.of(profile, None).api.call("GET", "/me")
    if as_json:
        show(answer, as_json=True)
        return
    show({"principalId": answer["principalId"], "name": answer["name"]}, as_json=False)
    columns = ("sandboxId", "sandboxName", "organizationName", "role")
    show({"items": answer["grants"]}, as_json=False, columns=columns)
