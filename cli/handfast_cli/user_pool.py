"""Where people sign in: the app client of a Cognito user pool."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from handfast_client.errors import SignInError
from handfast_client.exchange import Steps


class Dialogue(Protocol):
    """What a person is asked for while signing in, beside the password."""

    def new_password(self) -> str:
        """The password that an invited person chooses at the first sign-in."""

    def code(self, secret: str | None) -> str:
        """The six digits that the person's authenticator shows; `secret` is what it has to be given first."""


_CHALLENGES = frozenset({"NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"})
"""What Cognito may ask for before it gives tokens; a person has to answer."""


@dataclass(frozen=True)
class UserPool:
    """An app client of a user pool, on AWS or at an emulator's address.

    All its calls are made without AWS credentials.
    """

    region: str
    client_id: str
    endpoint_url: str | None = None

    def sign_in(self, email: str, password: str, dialogue: Dialogue | None = None) -> dict[str, Any]:
        """Cognito's AuthenticationResult. Raises SignInError, also when it asks for more and there is no dialogue."""
        from handfast_client.api import run  # noqa: PLC0415 - most commands have a token already

        return run(self.sign_in_steps(email, password, dialogue))

    def sign_in_steps(self, email: str, password: str, dialogue: Dialogue | None = None) -> Steps[dict[str, Any]]:
        """The steps of `sign_in`."""
        answer = yield from self._authenticate("USER_PASSWORD_AUTH", USERNAME=email, PASSWORD=password)
        while dialogue and answer.get("ChallengeName") in _CHALLENGES:
            answer = yield from self._answer(email, answer["ChallengeName"], answer["Session"], dialogue)
        return _tokens(answer)

    def _answer(self, email: str, challenge: str, session: str, dialogue: Dialogue) -> Steps[dict[str, Any]]:
        responses = {"USERNAME": email}
        if challenge == "NEW_PASSWORD_REQUIRED":
            responses["NEW_PASSWORD"] = dialogue.new_password()
        elif challenge == "SOFTWARE_TOKEN_MFA":
            responses["SOFTWARE_TOKEN_MFA_CODE"] = dialogue.code(None)
        else:
            begun = yield from self._call("AssociateSoftwareToken", Session=session)
            code = dialogue.code(begun["SecretCode"])
            verified = yield from self._call("VerifySoftwareToken", Session=begun["Session"], UserCode=code)
            session = verified["Session"]
        return (
            yield from self._call(
                "RespondToAuthChallenge",
                ClientId=self.client_id,
                ChallengeName=challenge,
                Session=session,
                ChallengeResponses=responses,
            )
        )

    def refresh_steps(self, refresh_token: str) -> Steps[dict[str, Any]]:
        """Cognito's AuthenticationResult for a kept refresh token. Raises SignInError."""
        return _tokens((yield from self._authenticate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=refresh_token)))

    def revoke(self, refresh_token: str) -> None:
        """Ends a kept refresh token, and what was given for it. Raises SignInError."""
        from handfast_client.api import run  # noqa: PLC0415 - as above

        run(self._call("RevokeToken", Token=refresh_token, ClientId=self.client_id))

    def _authenticate(self, flow: str, **parameters: str) -> Steps[dict[str, Any]]:
        return self._call("InitiateAuth", AuthFlow=flow, ClientId=self.client_id, AuthParameters=parameters)

    def _call(self, action: str, **parameters: Any) -> Steps[dict[str, Any]]:
        from handfast_client.sign_in import cognito  # noqa: PLC0415 - as above

        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return cognito(self.endpoint_url or f"https://cognito-idp.{self.region}.{suffix}/", action, **parameters)


def _tokens(answer: Mapping[str, Any]) -> dict[str, Any]:
    if "AuthenticationResult" not in answer:
        raise SignInError(f"Signing in asks for {answer.get('ChallengeName')}, which this program cannot do")
    return dict(answer["AuthenticationResult"])
