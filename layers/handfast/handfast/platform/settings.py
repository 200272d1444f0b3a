"""Settings of a function: the environment variables that template.yaml gives it."""

import os


class MissingSettingError(RuntimeError):
    """The function was deployed without environment variables that it needs; `names` are those."""

    def __init__(self, *names: str) -> None:
        super().__init__(f"environment variables are not set: {', '.join(names)}; see template.yaml")
        self.names = names


def require(*names: str) -> None:
    """Keep a function from starting in Lambda without the environment variables that it uses.

    Each handler's module calls this as it loads. Raises MissingSettingError, which names all that are not set or
    empty. Outside Lambda nothing is checked, so that tests and tools can load the module without a deployment.
    """
    missing = [name for name in names if not os.environ.get(name)]
    if missing and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        raise MissingSettingError(*missing)


def setting(name: str) -> str:
    """The value of the environment variable `name`; raises MissingSettingError when it is not set or empty."""
    value = os.environ.get(name)
    if not value:
        raise MissingSettingError(name)
    return value
