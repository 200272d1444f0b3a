"""Who calls which deployment: stored by `handfast login`, or read from the running local stack.

The local stack's profiles are `local-a` and `local-b` (the administrators of its two organisations),
`local-a-viewer`, and each with `-machine` for the client that has the same role.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import platformdirs
from botocore.exceptions import BotoCoreError, ClientError

from handfast_cli.client import Api, SignInError, TokenSource, client_credentials
from handfast_cli.files import read_kept, write_private
from handfast_cli.local.paths import MEND_STACK, state_folder
from handfast_cli.tokens import KeptToken

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import InitiateAuthResponseTypeDef


class UnknownProfileError(SignInError):
    """There is no profile of that name."""


class Dialogue(Protocol):
    """What a person is asked for while signing in, beside the password."""

    def new_password(self) -> str:
        """The password that an invited person chooses at the first sign-in."""

    def code(self, secret: str | None) -> str:
        """The six digits that the person's authenticator shows; `secret` is what it has to be given first."""


_CHALLENGES = frozenset({"NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"})
"""What Cognito may ask for before it gives tokens; a person has to answer."""


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise SignInError(error.response["Error"]["Message"]) from error
    except BotoCoreError as error:
        raise SignInError(str(error)) from error


@dataclass(frozen=True)
class Machine:
    """A client with a secret."""

    token_url: str
    client_id: str
    client_secret: str

    def token(self) -> TokenSource:
        """Where its tokens come from."""
        return client_credentials(self.token_url, self.client_id, self.client_secret)


@dataclass(frozen=True)
class UserPool:
    """Where people sign in: the app client of a Cognito user pool."""

    region: str
    client_id: str
    endpoint_url: str | None = None

    def sign_in(self, email: str, password: str, dialogue: Dialogue | None = None) -> dict[str, Any]:
        """Cognito's AuthenticationResult. Raises SignInError, also when it asks for more and there is no dialogue."""
        answer: Any = self._authenticate("USER_PASSWORD_AUTH", USERNAME=email, PASSWORD=password)
        while dialogue and answer.get("ChallengeName") in _CHALLENGES:
            with _refusals():
                answer = self._answer(email, answer["ChallengeName"], answer["Session"], dialogue)
        return _tokens(answer)

    def _answer(self, email: str, challenge: Any, session: str, dialogue: Dialogue) -> Any:
        responses = {"USERNAME": email}
        if challenge == "NEW_PASSWORD_REQUIRED":
            responses["NEW_PASSWORD"] = dialogue.new_password()
        elif challenge == "SOFTWARE_TOKEN_MFA":
            responses["SOFTWARE_TOKEN_MFA_CODE"] = dialogue.code(None)
        else:
            begun = self._client().associate_software_token(Session=session)
            code = dialogue.code(begun["SecretCode"])
            session = self._client().verify_software_token(Session=begun["Session"], UserCode=code)["Session"]
        return self._client().respond_to_auth_challenge(
            ClientId=self.client_id, ChallengeName=challenge, Session=session, ChallengeResponses=responses
        )

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Cognito's AuthenticationResult for a kept refresh token. Raises SignInError."""
        return _tokens(self._authenticate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=refresh_token))

    def revoke(self, refresh_token: str) -> None:
        """Ends a kept refresh token, and what was given for it. Raises SignInError."""
        with _refusals():
            self._client().revoke_token(Token=refresh_token, ClientId=self.client_id)

    def _authenticate(self, flow: Any, **parameters: str) -> "InitiateAuthResponseTypeDef":
        with _refusals():
            return self._client().initiate_auth(AuthFlow=flow, ClientId=self.client_id, AuthParameters=parameters)

    def _client(self) -> "CognitoIdentityProviderClient":
        import boto3  # noqa: PLC0415 - slow to import, and machines need none of it
        from botocore import UNSIGNED  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        unsigned = Config(signature_version=UNSIGNED)
        return boto3.client("cognito-idp", region_name=self.region, endpoint_url=self.endpoint_url, config=unsigned)


@dataclass(frozen=True)
class Person:
    """Somebody who signed in; only the local stack's made-up people have their password kept."""

    pool: UserPool
    email: str
    refresh_token: str | None = None
    password: str | None = None

    def token(self) -> TokenSource:
        """Where the person's tokens come from."""

        def token() -> tuple[str, float]:
            if self.refresh_token:
                tokens = self.pool.refresh(self.refresh_token)
            else:
                tokens = self.pool.sign_in(self.email, self.password or "")
            return tokens["AccessToken"], float(tokens["ExpiresIn"])

        return token


@dataclass(frozen=True)
class Profile:
    """A principal on a deployment, and the sandbox meant when none is named."""

    api_url: str
    principal: Machine | Person
    sandbox_id: str | None = None

    def api(self) -> Api:
        """The API as this principal calls it."""
        return Api(self.api_url, self.principal.token(), self.kept_token())

    def kept_token(self) -> KeptToken:
        """Where this principal's token is kept between commands."""
        return KeptToken.of(_folder() / "tokens", {"url": self.api_url, "principal": asdict(self.principal)})


def load(name: str) -> Profile:
    """The profile. Raises UnknownProfileError, naming those there are, and InputError for a damaged file."""
    known = _stored() | local_profiles(state_folder() / "stack.json")
    if name not in known:
        there = ", ".join(sorted(known)) or "none; use `handfast login` or `handfast local up`"
        raise UnknownProfileError(f"No profile {name!r}. Profiles: {there}")
    return known[name]


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


def local_profiles(file: Path) -> dict[str, Profile]:
    """The profiles of a stack.json; none when the stack is down."""
    if not file.exists():
        return {}
    return read_kept(file, _of_stack, MEND_STACK)


def _of_stack(stack: dict[str, Any]) -> dict[str, Profile]:
    pool = UserPool(stack["region"], stack["userPoolClientId"], stack["awsEndpointUrl"])
    found = {}
    for entry in stack["users"]:
        person = Person(pool, entry["email"], password=entry["password"])
        found[_local_name(entry)] = Profile(stack["apiUrl"], person, entry["sandboxId"])
    for entry in stack["clients"]:
        machine = Machine(stack["tokenUrl"], entry["clientId"], entry["clientSecret"])
        found[f"{_local_name(entry)}-machine"] = Profile(stack["apiUrl"], machine, entry["sandboxId"])
    return found


def _local_name(entry: dict[str, str]) -> str:
    name = f"local-{entry['organizationName'].split()[-1].lower()}"
    return name if entry["role"] == "sandbox-admin" else f"{name}-{entry['role']}"


def _folder() -> Path:
    return platformdirs.user_config_path("handfast")


def _file() -> Path:
    return _folder() / "profiles.json"


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


def _tokens(answer: "InitiateAuthResponseTypeDef") -> dict[str, Any]:
    if "AuthenticationResult" not in answer:
        raise SignInError(f"Signing in asks for {answer.get('ChallengeName')}, which this program cannot do")
    return dict(answer["AuthenticationResult"])
