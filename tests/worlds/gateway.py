"""API Gateway before the API functions, as a WSGI application: each request becomes a proxy event."""

import importlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote
from wsgiref.types import StartResponse, WSGIEnvironment

from handfast_cli.openapi import apis, document_of
from tests.worlds.sandboxes import CONTEXT
from tests.worlds.template import FUNCTIONS, module_of

STAGE = "/v1"

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """A path of the API, the function behind all its methods, and whether it asks for a token."""

    pattern: re.Pattern[str]
    handler: Handler
    asks_for_token: bool


@cache
def handlers() -> dict[tuple[str, str], Handler]:
    """The function behind each method and path."""
    return {
        (method.upper(), path): importlib.import_module(f"functions.{module}").handler
        for module, api in apis().items()
        for path, methods in document_of(api)["paths"].items()
        for method in methods
    }


def _routes() -> list[Route]:
    """Paths without parameters come before those that would match them, too."""
    events = [
        (event["Properties"], importlib.import_module(module_of(name)).handler)
        for name, function in FUNCTIONS.items()
        for event in function["Events"].values()
        if event["Type"] == "Api"
    ]
    events.sort(key=lambda event: [part.startswith("{") for part in event[0]["Path"].split("/")])
    return [Route(_pattern(event["Path"]), handler, "Auth" not in event) for event, handler in events]


def _pattern(path: str) -> re.Pattern[str]:
    """`{name}` is one part of a path, `{name+}` all that are left."""
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path.replace("{proxy+}", ".+")))


class Gateway:
    """The application. `Authorization: Bearer x` is the token of the principal x."""

    def __init__(self) -> None:
        self._routes = _routes()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answer(environ)
        status = HTTPStatus(answer["statusCode"])
        headers = [(name, value) for name, values in answer["multiValueHeaders"].items() for value in values]
        start_response(f"{status.value} {status.phrase}", headers)
        return [(answer["body"] or "").encode()]

    def _answer(self, environ: WSGIEnvironment) -> dict[str, Any]:
        path = environ["RAW_URI"].partition("?")[0].removeprefix(STAGE)
        method = environ["REQUEST_METHOD"]
        route = next((route for route in self._routes if route.pattern.fullmatch(path)), None)
        if route is None:
            return _refusal(HTTPStatus.NOT_FOUND)
        principal = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if route.asks_for_token and not principal:
            return _refusal(HTTPStatus.UNAUTHORIZED)
        event = _event(environ, method, unquote(path, errors="replace"), principal if route.asks_for_token else None)
        return route.handler(event, CONTEXT)


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": status.description}
    body = json.dumps(problem | {"instance": "", "requestId": ""})
    return {
        "statusCode": status,
        "multiValueHeaders": {"Content-Type": ["application/problem+json"]},
        "body": body,
    }


def _event(environ: WSGIEnvironment, method: str, path: str, principal: str | None) -> dict[str, Any]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): [str(value)]
        for name, value in environ.items()
        if name.startswith("HTTP_") or (name == "CONTENT_TYPE" and value)
    }
    values = parse_qs(environ["QUERY_STRING"], keep_blank_values=True, errors="replace")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {name: each[-1] for name, each in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: each[-1] for name, each in values.items()} or None,
        "multiValueQueryStringParameters": values or None,
        "pathParameters": None,
        "stageVariables": {"apiUrl": "https://api.example.com"},
        "requestContext": {
            "requestId": "request",
            "stage": STAGE.strip("/"),
            "path": STAGE + path,
            "authorizer": {"claims": {"sub": principal}} if principal else None,
        },
        "body": body or None,
        "isBase64Encoded": False,
    }
