"""The intake form's public routes: pages for browsers, JSON for programs, and both held to the form's sites."""

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import ResponseBuilder, Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from handfast.edge import call_log, call_quota
from handfast.edge.api import Api, problem_headers
from handfast.platform import clock
from handfast.platform.problems import Conflict, Forbidden, Malformed, NotFound, Problem, TooManyRequests
from handfast.platform.wire import View
from handfast.privacy_requests import intake
from handfast.privacy_requests.intake_form import page, rules, submissions
from handfast.privacy_requests.intake_form.models import PublicForm, Receipt
from handfast.privacy_requests.intake_form.submissions import Place
from handfast.privacy_requests.intake_form.words import WORDS
from handfast.privacy_requests.models import Language

MAX_BODY = 10_000
"""Characters of a request body."""
_FORM = "application/x-www-form-urlencoded"
_HTML = "text/html; charset=utf-8"
_MOST_FIELDS = 20
_PREFLIGHT_SECONDS = "600"


class IntakeApi(Api):
    """The form's routes. What they answer is the same for everybody but for who holds a receipt."""

    def __init__(self) -> None:
        super().__init__(idempotency=False)
        self._place: Place | None = None
        self._given: dict[str, str] = {}
        self._result: PublicForm | Receipt | None = None

    def handler(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one API Gateway event, with the headers that hold the answer to the form's sites."""
        self._place, self._given, self._result = None, {}, None
        answer = super().handler(event, context)
        answer["multiValueHeaders"] |= {name: [value] for name, value in self._headers().items()}
        return answer

    @property
    def place(self) -> Place:
        """What the path's form is."""
        assert self._place is not None  # noqa: S101 - `_authorize` has found it before a route is called
        return self._place

    @property
    def network(self) -> str | None:
        """The network that the call comes from."""
        identity = self.current_event.raw_event["requestContext"].get("identity") or {}
        return call_log.network(identity.get("sourceIp"))

    @property
    def language(self) -> Language:
        """The language to answer in."""
        form = self._place.form if self._place else None
        offered = form.languages if form else tuple(WORDS)
        query = self.current_event.query_string_parameters or {}
        wanted = self._given.get("language") or query.get("language")
        return rules.language_of(offered, wanted, self.current_event.headers.get("accept-language") or "")

    def error_responses(self, path: str) -> dict[int, Any]:
        """What the document says of errors: 403 is a site that the form does not name."""
        common = super().error_responses(path)
        return common | {403: common[403] | {"description": "From a site that the form does not allow"}}

    def _headers(self) -> dict[str, str]:
        event, form = self.current_event, self._place.form if self._place else None
        origins = form.origins if form else ()
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": page.policy(origins),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept, Accept-Language, Origin",
        }
        origin = event.headers.get("origin")
        if origin and origin in origins:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "Retry-After, RateLimit, RateLimit-Policy"
            if event.http_method == "OPTIONS":
                headers["Access-Control-Allow-Methods"] = "GET, POST"
                headers["Access-Control-Allow-Headers"] = "Content-Type"
                headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
        return headers

    @property
    def _is_form(self) -> bool:
        kind = (self.current_event.headers.get("content-type") or "").partition(";")[0]
        return kind.strip().lower() == _FORM

    @property
    def _wants_page(self) -> bool:
        """Whether a browser shows the answer: it has sent the form, or asks for a page."""
        if self.current_event.http_method == "POST":
            return self._is_form or bool(self._given)
        return "text/html" in (self.current_event.headers.get("accept") or "")

    def _authorize(self, route: Route, route_arguments: Mapping[str, str]) -> None:
        super()._authorize(route, route_arguments)
        call_quota.spend(f"network/{self.network}")
        if "form" not in route_arguments:
            return  # no route has the path's method
        self._place = submissions.place(route_arguments["form"])
        event = self.current_event
        if event.http_method == "POST":
            self._check_origin(event.headers.get("origin"))
        if len(event.raw_event.get("body") or "") > MAX_BODY:
            raise Malformed(f"a body has at most {MAX_BODY} characters")

    def _check_origin(self, origin: str | None) -> None:
        """Raise Forbidden for a call that a page of another site makes; programs name no origin."""
        headers = self.current_event.headers
        form = self.place.form
        is_own = headers.get("sec-fetch-site") == "same-origin"
        is_own = is_own or (origin is not None and urlsplit(origin).netloc == headers.get("host"))
        if origin is not None and not is_own and origin not in (form.origins if form else ()):
            raise Forbidden("the form does not take requests from pages of this site: allowedOrigins lack it")

    def _read_body(self, route: Route) -> None:
        """Read what the page sends as the JSON that it stands for: blank fields are not there."""
        event = self.current_event
        if self._is_form and route.dependant.body_params:
            raw = event.raw_event
            try:
                body = raw.get("body") or ""
                text = base64.b64decode(body, validate=True).decode() if raw.get("isBase64Encoded") else body
                fields = parse_qsl(text, max_num_fields=_MOST_FIELDS, errors="strict")
            except ValueError:
                raise Malformed("the form's fields cannot be read: send them in UTF-8, percent-encoded") from None
            self._given = {name: value.replace("\r\n", "\n").strip() for name, value in fields}
            given = {name: value for name, value in self._given.items() if value}
            raw |= {"body": json.dumps(given), "isBase64Encoded": False}
            raw["headers"] = {**event.headers, "content-type": "application/json"}
        super()._read_body(route)

    def _to_response(self, result: Any) -> Any:
        """Keep what is answered, since it is checked as JSON before it may become a page."""
        if isinstance(result, PublicForm | Receipt):
            self._result = result
        return super()._to_response(result)

    def _answered(self, route: Route, route_arguments: dict[str, str]) -> ResponseBuilder[Any]:
        answered = super()._answered(route, route_arguments)
        result = self._result
        if isinstance(result, Receipt) and answered.response.status_code == HTTPStatus.CREATED:
            answered.response.headers["Location"] = rules.path_of(self.place.form_id, result.receipt)
        if result is not None and self._wants_page:
            if isinstance(result, Receipt) and self.current_event.http_method == "POST":
                answered.response = self._to_receipt(result.receipt)
            else:
                answered.response = self._html(HTTPStatus.OK, self._shown(result, {}))
        return answered

    def _location(self, route: Route, made: View) -> str | None:  # noqa: ARG002 - it is below no sandbox
        return None

    def _to_receipt(self, receipt: str) -> Response[str]:
        return Response(HTTPStatus.SEE_OTHER, headers={"Location": f"{self._link(receipt)}?language={self.language}"})

    def _link(self, receipt: str = "") -> str:
        return rules.link_to(self.place.form_id, receipt, path=self.current_event.path)

    def _html(self, status: int, text: str, headers: Mapping[str, Any] | None = None) -> Response[str]:
        return Response(status, _HTML, text, headers={"Content-Language": self.language, **(headers or {})})

    def _shown(self, of: PublicForm | Receipt, errors: page.Errors) -> str:
        place, language = self.place, self.language
        if isinstance(of, PublicForm):
            return page.form_page(self._link(), of, language, self._given, errors)
        due = intake.calendar_of(place.sandbox).day_of(clock.from_text(of.due_at)).isoformat()
        organization = place.sandbox.organization_name
        return page.receipt_page(self._link(of.receipt), organization, of, due, language, errors)

    def _problem(self, problem: Problem) -> Response[str]:
        """A problem in a browser: the page that it concerns, with what is wrong beside each field."""
        if not self._wants_page:
            return super()._problem(problem)
        return self._html(problem.status, self._problem_page(problem), problem_headers(problem))

    def _problem_page(self, problem: Problem) -> str:
        if isinstance(problem, NotFound) or self._place is None:
            return page.gone_page(self.language) if isinstance(problem, NotFound) else self._failed(problem)
        try:
            parts = self.current_event.path.split("/")
            if len(parts) > 3:
                return self._shown(submissions.state(self._place, parts[3]), self._errors(problem))
            return self._shown(submissions.shown(self._place), self._errors(problem))
        except NotFound:
            return page.gone_page(self.language)

    def _failed(self, problem: Problem) -> str:
        return page.failed_page(self.language, next(iter(self._errors(problem).values()), ""))

    def _errors(self, problem: Problem) -> dict[str, str]:
        """What to tell of a problem, by the field that it is about, or by a word."""
        texts = WORDS[self.language].errors
        if isinstance(problem, TooManyRequests):
            minutes = -(-int(problem.members.get("retryAfter", 60)) // 60)
            return {"too_many": texts["too_many"].format(minutes=minutes)}
        reason = problem.members.get("reason")
        if reason == "no_sender":
            return {"no_sender": texts["no_sender"]}
        if reason == "wrong_code":
            return {"code": texts["code"].format(left=problem.members["triesLeft"])}
        if isinstance(problem, Conflict):
            return {}  # the receipt itself says where the request stands
        pointers = [error["pointer"] for error in problem.members.get("errors", ())]
        names = dict.fromkeys(pointer.removeprefix("/") for pointer in pointers)
        found = {name: texts["code_form" if name == "code" else name] for name in names if name in texts}
        return found or {"other": texts["other"]}

    def _without_route(self, error: NotFoundError) -> Response[str]:
        parts = self.current_event.path.split("/")
        if self.current_event.http_method == "OPTIONS" and len(parts) > 2:
            try:
                self._place = submissions.place(parts[2])
            except NotFound as problem:
                return super()._problem(problem)
        return super()._without_route(error)
