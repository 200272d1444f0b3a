"""What a deployment tells of itself to who wants to sign in: docs/api.md, Manners."""

from collections.abc import Mapping

from handfast.platform.problems import NotFound
from handfast.platform.wire import Link, View

_SCOPES = ("openid", "aws.cognito.signin.user.admin")
_MACHINE_SCOPE = "handfast/api"


class Deployment(View):
    """How to sign in to a deployment and where to call it. Nothing of it is secret.

    People sign in at `authorizeUrl` by the authorization code with PKCE, with `clientId` and `scopes`; machines get
    their tokens at `tokenUrl`, with `machineScope`. `cognitoUrl` is where Cognito's calls without a signature go.
    """

    api_url: Link
    console_url: Link
    region: str
    authorize_url: Link
    token_url: Link
    cognito_url: Link
    client_id: str
    scopes: tuple[str, ...]
    machine_scope: str


def deployment(stage: Mapping[str, str]) -> Deployment:
    """What the variables of the gateway's stage say. Raises NotFound where they are those of an older deployment."""
    try:
        return Deployment(
            api_url=stage["apiUrl"],
            console_url=stage["consoleOrigin"],
            region=stage["region"],
            authorize_url=f"{stage['signInUrl']}/oauth2/authorize",
            token_url=f"{stage['signInUrl']}/oauth2/token",
            cognito_url=stage["cognitoUrl"],
            client_id=stage["peopleClientId"],
            scopes=_SCOPES,
            machine_scope=_MACHINE_SCOPE,
        )
    except KeyError:
        raise NotFound("the gateway's stage does not say how to sign in: deploy the stack's template anew") from None
