"""Settings of a function: environment variables that template.yaml sets."""

import os


class MissingSettingError(RuntimeError):
    """The function was deployed without an environment variable it needs."""


def setting(name: str) -> str:
    """Return the environment variable `name`; a missing or empty one raises MissingSettingError."""
    value = os.environ.get(name)
    if not value:
        raise MissingSettingError(f"environment variable {name} is not set; see template.yaml")
    return value
