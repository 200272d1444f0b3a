"""Who calls which deployment: stored by `handfast login`, told by the environment, or read from the local stack.

The local stack's profiles are `local-a` and `local-b` (the administrators of its two organisations),
`local-a-viewer`, and each with `-machine` for the client that has the same role.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import platformdirs

from handfast_cli.errors import InputError
from handfast_cli.files import read_kept
from handfast_cli.options import DEFAULT_PROFILE
from handfast_cli.user_pool import UserPool
from handfast_client.api import Api
from handfast_client.errors import SignInError
from handfast_client.exchange import Steps, Token, TokenSource
from handfast_client.sign_in import client_credentials
from handfast_client.tokens import KeptToken, write_private

URL, CLIENT_ID, CLIENT_SECRET = "HANDFAST_URL", "HANDFAST_CLIENT_ID", "HANDFAST_CLIENT_SECRET"
"""What a machine without a profile is told by: the default profile then, whatever is stored."""


class UnknownProfileError(SignInError):
    """There is no profile of that name."""


@dataclass(frozen=True)
class Machine:
    """A client with a secret. Without a token URL the deployment tells it."""

    token_url: str | None
    client_id: str
    client_secret: str

    def token(self, url: str = "") -> TokenSource:
        """Where its tokens come from, for the deployment at an address."""
        return client_credentials(self.token_url, self.client_id, self.client_secret, url)


@dataclass(frozen=True)
class Person:
    """Somebody who signed in; only the local stack's made-up people have their password kept."""

    pool: UserPool
    email: str
    refresh_token: str | None = None
    password: str | None = None

    def token(self, _url: str = "") -> TokenSource:
        """Where the person's tokens come from."""

        def steps() -> Steps[Token]:
            if self.refresh_token:
                tokens = yield from self.pool.refresh_steps(self.refresh_token)
            else:
                tokens = yield from self.pool.sign_in_steps(self.email, self.password or "")
            return tokens["AccessToken"], float(tokens["ExpiresIn"])

        return steps


@dataclass(frozen=True)
class Profile:
    """A principal on a deployment, and the sandbox meant when none is named."""

    api_url: str
    principal: Machine | Person
    sandbox_id: str | None = None

    def api(self) -> Api:
        """The API as this principal calls it."""
        return Api(self.api_url, self.principal.token(self.api_url), self.kept_token())

    def kept_token(self) -> KeptToken:
        """Where this principal's token is kept between commands."""
        return KeptToken.of(config_folder() / "tokens", {"url": self.api_url, "principal": asdict(self.principal)})


def load(name: str) -> Profile:
    """The profile. Raises UnknownProfileError, naming those there are, and InputError for a damaged file."""
    if name == DEFAULT_PROFILE and os.environ.get(URL):
        return _of_environment()
    known = _stored() | _of_local_stack()
    if name not in known:
        there = ", ".join(sorted(known)) or "none; use `handfast login URL`"
        raise UnknownProfileError(f"No profile {name!r}. Profiles: {there}")
    return known[name]


def _of_environment() -> Profile:
    if missing := [name for name in (CLIENT_ID, CLIENT_SECRET) if not os.environ.get(name)]:
        raise InputError(f"{URL} is set, and so {' and '.join(missing)} must be")
    return Profile(os.environ[URL], Machine(None, os.environ[CLIENT_ID], os.environ[CLIENT_SECRET]))


def _of_local_stack() -> dict[str, Profile]:
    """Those of the local stack, where the command line is part of the whole and can start one."""
    if find_spec("handfast_cli.local") is None:
        return {}
    found: dict[str, Profile] = import_module("handfast_cli.local.profiles").running()
    return found


def remove(name: str) -> Profile:
    """Stores a profile and its token no longer, and answers it. Raises UnknownProfileError, naming those stored."""
    stored = _stored()
    if name not in stored:
        raise UnknownProfileError(f"No profile {name!r} is stored. Stored: {', '.join(sorted(stored)) or 'none'}")
    removed = stored.pop(name)
    removed.kept_token().forget()
    write_private(_file(), {other: asdict(value) for other, value in stored.items()})
    return removed


def save(name: str, profile: Profile) -> Path:
    """Stores a profile in the user's configuration folder, readable by the user alone."""
    profiles = {stored: asdict(value) for stored, value in _stored().items()} | {name: asdict(profile)}
    _file().parent.mkdir(parents=True, exist_ok=True)
    _file().parent.chmod(0o700)
    write_private(_file(), profiles)
    return _file()


def config_folder() -> Path:
    """Where the command line keeps what it keeps for the user."""
    return platformdirs.user_config_path("handfast")


def _file() -> Path:
    return config_folder() / "profiles.json"


def _stored() -> dict[str, Profile]:
    if not _file().exists():
        return {}
    return read_kept(_file(), lambda kept: dict(_read(kept)), "mend or delete it, then sign in with `handfast login`")


def _read(profiles: dict[str, Any]) -> Iterator[tuple[str, Profile]]:
    for name, profile in profiles.items():
        principal = dict(profile["principal"])
        read: Machine | Person
        if "pool" in principal:
            read = Person(**(principal | {"pool": UserPool(**principal["pool"])}))
        else:
            read = Machine(**principal)
        yield name, Profile(profile["api_url"], read, profile["sandbox_id"])
