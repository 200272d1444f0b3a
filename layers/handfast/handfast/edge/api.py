"""The one resolver of all API functions: grants, validation, problem+json, idempotency, ETags.

A route names its permission and does one call; everything `docs/api.md` calls manners happens here.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, get_origin

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ResponseBuilder, Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from botocore.exceptions import ClientError
from pydantic.alias_generators import to_camel

from handfast.access.service import authorize, identify, require
from handfast.edge import call_log, call_quota, cors, problem_pages, query_parameters, rate_limits, refusals
from handfast.journal.models import Caller
from handfast.platform.observability import logger
from handfast.platform.optimistic import Versions
from handfast.platform.problems import (
    Malformed,
    MethodNotAllowed,
    NotFound,
    Problem,
    Refused,
    Stale,
    TooManyRequests,
    Unauthorized,
    UnsupportedMediaType,
)
from handfast.platform.table import TransactionConflict
from handfast.platform.wanted import Order as Ordered
from handfast.platform.wire import Resource, View, check_json, invalid_members

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
_THROTTLED = frozenset(
    {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown"}
)

Limit = Annotated[int, Query(ge=1, le=200, description="Items a page")]
Search = Annotated[
    str | None,
    Query(min_length=1, max_length=200, description="Only what has each of these words in its name, in any case"),
]
Order = Annotated[Ordered | None, Query(description="asc or desc; without it names rise, and times fall")]
Cursor = Annotated[str | None, Query(max_length=1024, description="nextCursor of the page before")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="ETags of versions to change; `*` for any")]
DryRun = Annotated[bool, Query(alias="dryRun", description="Tell what would happen and do nothing")]

_LONGEST_ID = 200
"""Characters of an id in a path: what is longer is nobody's, and too long for a table's key."""
_MOST_ERRORS = 100
"""Entries of a problem's `errors`: an answer has to be smaller than the largest body."""

_POLL_SECONDS = 5
"""When to look again at what is worked on."""

_PROBLEMS = {
    400: "Malformed",
    401: "No valid access token",
    403: "A permission is missing; `permission` names it",
    404: "Unknown, or no grant on the sandbox",
    409: "Conflict with the current state",
    410: "No longer there",
    412: "Stale If-Match",
    413: "A body of more than 10 MB",
    415: "A body that is not application/json",
    422: "Refused by a rule or by validation",
    429: "Too many requests; see Retry-After",
    500: "Internal error; quote the requestId",
    504: "No answer in time; see Retry-After",
}


PROBLEM: dict[str, Any] = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
"""A problem in the document."""
LOCATION: dict[str, Any] = {"Location": {"$ref": "#/components/headers/Location"}}
"""The header Location in the document."""


_STAGE = "/v1"
"""The stage, which stands in the path of calls to a domain of one's own, and not of those to API Gateway's address."""


class Api(APIGatewayRestResolver):
    """A function's routes. `Api.handler` is the Lambda handler.

    `idempotency`: whether answers to POSTs with an Idempotency-Key are stored, which those that repeat what a person
    sent must not be.
    """

    refuses_unknown_parameters: ClassVar[bool] = True

    def __init__(self, *, idempotency: bool = True) -> None:
        super().__init__(enable_validation=True)
        self._locations: dict[Callable[..., Any], str] = {}
        self.takes_idempotency_key = idempotency
        if idempotency:
            self.use(middlewares=[_idempotency])
        self.exception_handler(Problem)(self._problem)
        self.exception_handler(RequestValidationError)(self._invalid)
        self.exception_handler(NotFoundError)(self._without_route)
        self.exception_handler(TransactionConflict)(self._busy)
        self.exception_handler(ClientError)(self._aws_error)
        self.exception_handler(Exception)(self._unexpected)

    def call(
        self,
        method: str,
        path: str,
        permission: str | None,
        *,
        status: int = 200,
        public: bool = False,
        content: Mapping[str, Any] | None = None,
        location: str | None = None,
        operation: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a route; `permission` None means any signed-in caller, `public` no token at all.

        `content` is what the document says of an answer whose text is made here, by media type. `location` is the path
        below the sandbox of what a call makes, with fields of its answer, such as `segments/{segment_id}`. `operation`
        is the route's name in the document where that is not the function's.
        """
        answer: Any = {"description": HTTPStatus(status).phrase}
        if content or status == HTTPStatus.NO_CONTENT:
            answer["content"] = dict(content or {})
        if location or status == HTTPStatus.SEE_OTHER:
            answer["headers"] = LOCATION

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            if location:
                self._locations[function] = location
            route = self.route(
                path,
                method,
                status_code=status,
                description=function.__doc__,
                operation_id=to_camel(operation or function.__name__),
                responses={status: answer},
                tags=[_tag(path)],
                security=[] if public else [{"cognito": []}],
                openapi_extensions={"x-permission": permission} if permission else None,
            )
            registered: Callable[..., Any] = route(function)
            return registered

        return register

    def error_responses(self, path: str) -> dict[int, Any]:  # noqa: ARG002 - a protocol's routes differ
        """What the document says of errors, by status."""
        return {status: {"description": text, "content": PROBLEM} for status, text in _PROBLEMS.items()}

    @property
    def base_url(self) -> str:
        """The address that every path of the API is below, as the gateway's stage says it."""
        return f"{self.current_event.raw_event['stageVariables']['apiUrl']}{_STAGE}"

    @property
    def caller(self) -> Caller:
        """Who calls, with the grant on the sandbox in the path."""
        caller: Caller = self.context["caller"]
        return caller

    def handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one API Gateway event. HEAD is GET without the body."""
        began = time.monotonic()
        logger.set_correlation_id(event["requestContext"].get("requestId"))
        call_log.begin(event)
        rate_limits.begin()
        method = event["httpMethod"]
        read = "GET" if method == "HEAD" else method
        answer = self.resolve(event | {"path": event["path"].removeprefix(_STAGE), "httpMethod": read}, context)
        answer["multiValueHeaders"] |= rate_limits.headers() | cors.headers(event)
        answer["multiValueHeaders"].setdefault("Vary", ["Origin"])
        answer["body"] = answer["body"] or ""  # null is no body to every gateway
        if read == "GET" and self._is_known(answer):
            answer |= {"statusCode": int(HTTPStatus.NOT_MODIFIED), "body": ""}
        if method == "HEAD":
            answer["body"] = ""
        ms = call_log.milliseconds_since(began)
        logger.info("answered", extra={"status": answer["statusCode"], "ms": ms})
        return answer

    def _is_known(self, answer: dict[str, Any]) -> bool:
        """Whether the caller has the answer by its ETag (RFC 9110 13.1.2, by weak comparison)."""
        (etag,) = answer["multiValueHeaders"].get("ETag", [None])
        known = (self.current_event.headers.get("if-none-match") or "").split(",")
        return etag is not None and not {etag, "*"}.isdisjoint(tag.strip().removeprefix("W/") for tag in known)

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> ResponseBuilder[Any]:
        """Answer a call of a route, and count those that are refused, but not each that a spent quota refuses."""
        answered = self._answered(route, route_arguments)
        status, principal, sandbox = answered.response.status_code, self._principal, route_arguments.get("sandbox")
        is_counted = status in refusals.STATUSES and not self.context.get("was_spent")
        if is_counted and principal and sandbox and len(sandbox) <= _LONGEST_ID:
            refusals.note(principal, sandbox, str(route.operation_id), status)
        return answered

    def _answered(self, route: Route, route_arguments: dict[str, str]) -> ResponseBuilder[Any]:
        """Check the grant before anything of the request is looked at, so that strangers learn nothing."""
        try:
            self._authorize(route, route_arguments)
            if self.refuses_unknown_parameters:
                query_parameters.check(route, self.current_event.query_string_parameters or {})
            self._read_body(route)
        except Exception as error:  # noqa: BLE001 - answered by the same handlers as a route's errors
            answered = self._call_exception_handler(error, route)
            assert answered is not None  # noqa: S101 - Exception has a handler
            return answered
        return super()._call_route(route, route_arguments)

    def _read_body(self, route: Route) -> None:
        """Read the body, as the resolver cannot: it fails on odd bytes, depths and numbers, takes forms for JSON."""
        event = self.current_event
        try:
            if not event.decoded_body or not route.dependant.body_params:
                return
            kind = (event.headers.get("content-type") or JSON).partition(";")[0]
            if kind.strip().lower() != JSON:
                raise UnsupportedMediaType(f"send the body with Content-Type: {JSON}", pointer="")
            # The resolver knows the type in this spelling alone.
            event.raw_event["headers"] = {**event.headers, "content-type": JSON}
            check_json(event.json_body)
            _check_array(event.json_body, route)
        except UnicodeDecodeError:
            raise _unreadable("it is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise _unreadable(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
        except RecursionError:
            raise _unreadable("it is nested too deeply") from None
        except ValueError:
            raise _unreadable("it has a number without end, or is not base64") from None

    def _to_response(self, result: Any) -> Any:
        """Set ETag and Location while the answer is still a resource: middlewares see it as text."""
        route: Route = self.context["_route"]
        event = self.current_event
        if result is None:
            return Response(route.status_code)
        response: Any = super()._to_response(result)
        if route.security:
            response.headers.setdefault("Cache-Control", "no-store")
        if route.status_code == HTTPStatus.ACCEPTED:
            response.headers["Retry-After"] = str(_POLL_SECONDS)
        if isinstance(result, Resource):
            response.headers["ETag"] = _etag(result)
            if event.http_method == "GET":
                response.headers["Cache-Control"] = "private, no-cache"
        if isinstance(result, View) and (location := self._location(route, result)):
            base = f"/{event.request_context.stage}/sandboxes/{self.caller.sandbox_id}"
            response.headers["Location"] = f"{base}/{location}"
        return response

    @property
    def _principal(self) -> str | None:
        return call_log.principal(self.current_event.raw_event)

    def _location(self, route: Route, made: View) -> str | None:
        """Where what a call has made is found; None where it has made nothing."""
        location, members = self._locations.get(route.func, ""), vars(made)
        named = [members.get(name) for name in re.findall(r"{(\w+)}", location)]
        return location.format_map(members) if named and None not in named else None

    def _authorize(self, route: Route, route_arguments: Mapping[str, str]) -> None:
        if any(len(argument) > _LONGEST_ID for argument in route_arguments.values()):
            raise NotFound("no such path")
        if not route.security:
            return
        principal = self._principal
        if not principal:
            raise NotFound("no such path")
        permission = (route.openapi_extensions or {}).get("x-permission")
        sandbox = route_arguments.get("sandbox")
        caller = self._counted(principal, sandbox)
        if permission is not None:
            require(caller, permission)
        self.context["caller"] = caller

    def _counted(self, principal: str, sandbox: str | None) -> Caller:
        """Who calls; the call counts as the sandbox's, or without a grant on one as the caller's own."""
        try:
            caller = authorize(principal, sandbox, None) if sandbox else identify(principal)
        except (NotFound, Unauthorized):
            self._count_call(principal)
            raise
        self._count_call(sandbox or principal)
        return caller

    def _count_call(self, whose: str) -> None:
        self.context["was_spent"] = call_quota.is_spent(whose)
        call_quota.spend(whose)

    def _problem(self, problem: Problem) -> Response[str]:
        document = {
            "type": problem_pages.type_of(problem),
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "instance": f"/{self.current_event.request_context.stage}{self.current_event.path}",
            "requestId": self.current_event.request_context.request_id or "",
        }
        text = json.dumps(document | problem.members)
        return Response(problem.status, PROBLEM_JSON, text, headers=problem_headers(problem))

    def _invalid(self, error: RequestValidationError) -> Response[str]:
        found = [{**entry, "loc": _within_body(entry["loc"])} for entry in error.errors()[:_MOST_ERRORS]]
        problem = Refused(
            "some members are missing or invalid; see errors", reason="validation", errors=invalid_members(found)
        )
        return self._problem(problem)

    def _without_route(self, _: NotFoundError) -> Response[str]:
        """Answer a path or method that is not there; the call counts as the caller's own."""
        path = self.current_event.path
        try:
            if principal := self._principal:
                self._count_call(principal)
        except TooManyRequests as spent:
            return self._problem(spent)
        methods = {route.method for route in (*self._static_routes, *self._dynamic_routes) if route.rule.match(path)}
        if not methods:
            return self._problem(NotFound("no such path"))
        allow = sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set()))
        problem = MethodNotAllowed(f"this path takes {', '.join(allow)}", allow=allow)
        if self.current_event.http_method == "OPTIONS":
            return Response(HTTPStatus.NO_CONTENT, headers=problem_headers(problem))
        return self._problem(problem)

    def _busy(self, _: Exception) -> Response[str]:
        return self._problem(TooManyRequests("the service is busy; try again", retryAfter=1))

    def _aws_error(self, error: ClientError) -> Response[str]:
        busy = error.response["Error"]["Code"] in _THROTTLED
        return self._busy(error) if busy else self._unexpected(error)

    def _unexpected(self, error: Exception) -> Response[str]:
        logger.exception("unexpected error", exc_info=error)
        return self._problem(Problem("an unexpected error; quote the requestId"))


def problem_headers(problem: Problem) -> dict[str, str | list[str]]:
    """The headers of a problem's answer: when to try again, how to sign in, or which methods a path takes."""
    if problem.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return {"Retry-After": str(problem.members.get("retryAfter", 1))}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {"Allow": ", ".join(problem.members["allow"])} if isinstance(problem, MethodNotAllowed) else {}


def _tag(path: str) -> str:
    """The group of a path's calls: its first part, or the first below the sandbox."""
    parts = path.split("/")
    return (parts[3] if parts[1] == "sandboxes" and len(parts) > 3 else parts[1]).removesuffix(".json")


def _etag(resource: Resource) -> str:
    """A version, and a digest of all that is said of it: counts change without a change of the version."""
    digest = hashlib.sha256(resource.model_dump_json(by_alias=True).encode()).hexdigest()
    return f'"{resource.etag_version}-{digest[:16]}"'


def versions_of(if_match: str | None) -> Versions:
    """The versions that an If-Match names, None for any (RFC 9110 13.1.1). Raises Stale where no tag is one of ours."""
    tags = (if_match or "*").split(",")
    if [tag.strip() for tag in tags] == ["*"]:
        return None
    numbers = [tag.strip(' "').partition("-")[0] for tag in tags]
    named = frozenset(int(number) for number in numbers if number.isdecimal() and len(number) <= 20)
    if not named:
        raise Stale("If-Match is not an ETag of this resource; read it again")
    return named


def _within_body(place: Sequence[str | int]) -> Sequence[str | int]:
    return place[1:] if place[:1] == ("body",) else place


def _check_array(body: Any, route: Route) -> None:
    """Raise Refused for an array in place of an object, of which the resolver would read the first item alone."""
    if isinstance(body, list) and get_origin(route.dependant.body_params[0].type_) is not list:
        message = "send one JSON object here, not an array"
        raise Refused(message, reason="validation", errors=[{"pointer": "", "message": message}])


def _unreadable(why: str) -> Malformed:
    return Malformed("the body is not JSON", errors=[{"pointer": "", "message": why}])


@cache
def _idempotent() -> Callable[..., dict[str, Any]]:

    from handfast.edge.idempotency import idempotent  # noqa: PLC0415 - only POSTs with a key pay for it

    return idempotent()


def _idempotency(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    event = app.current_event
    key = event.headers.get("idempotency-key")
    if event.http_method != "POST" or not key or "caller" not in app.context:
        return next_middleware(app)
    if len(key) > 255:
        raise Malformed("Idempotency-Key is longer than 255 characters", pointer="/Idempotency-Key")

    def run() -> dict[str, Any]:
        response = next_middleware(app)
        body = response.body if isinstance(response.body, str) else json.dumps(response.body)
        headers = dict(response.headers)
        return {"status": response.status_code, "type": response.content_type, "body": body, "headers": headers}

    principal = app.context["caller"].principal_id
    query = sorted((event.query_string_parameters or {}).items())
    stored = _idempotent()(
        request={"key": f"{principal}|{event.path}|{key}", "payload": [event.body, query]},
        run=run,
        context=app.lambda_context,
    )
    return Response(stored["status"], stored["type"], stored["body"], stored["headers"])
