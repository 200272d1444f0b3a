"""Settings of which some are secrets: checked, kept apart from those that are shown, and sent nowhere new."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import SecretStr, ValidationError

from handfast.connectors.contract import Settings, secret_fields
from handfast.platform.problems import Refused
from handfast.platform.wire import invalid_members


def validated[S: Settings](schema: type[S], given: Mapping[str, Any], member: str = "settings") -> S:
    """The settings as their schema has them. Raises Refused, with a pointer below the member to each that is wrong."""
    try:
        return schema.model_validate(dict(given))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        errors = invalid_members(found, below=f"/{member}")
        raise Refused(f"some {member} are missing or invalid; see errors", reason="validation", errors=errors) from None


def merged(old: Mapping[str, Any], secrets: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with changes: what is left out stays, secrets too, and null puts back a default."""
    return {name: value for name, value in {**old, **secrets, **changes}.items() if value is not None}


def split(settings: Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings to show, and the secrets that are set."""
    hidden = secret_fields(type(settings))
    plain = settings.model_dump(by_alias=True, mode="json")
    shown = {name: value for name, value in plain.items() if name not in hidden}
    secrets = {
        str(field.alias): value.get_secret_value()
        for name, field in type(settings).model_fields.items()
        if isinstance(value := getattr(settings, name), SecretStr) and value.get_secret_value()
    }
    return shown, secrets


def refuse_elsewhere(
    schema: type[Settings],
    old: Mapping[str, Any],
    changes: Mapping[str, Any],
    kept: Collection[str],
    member: str = "settings",
) -> None:
    """Refuse a new address for `kept` secrets: they cannot be read, and so cannot be had sent somewhere either.

    Raises Refused, which points at each address.
    """
    moved = sorted(name for name in schema.secrets_go_to & changes.keys() if changes[name] != old.get(name))
    if kept and moved:
        message = f"a new address needs the secrets again: {', '.join(kept)}"
        errors = [{"pointer": f"/{member}/{name}", "message": message} for name in moved]
        raise Refused("secrets are not sent to another address; see errors", reason="validation", errors=errors)
