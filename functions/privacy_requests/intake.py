"""The intake form, open to anybody: people make their requests, prove their addresses, and see where they stand."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.platform.settings import require
from handfast.privacy_requests.intake_form import submissions
from handfast.privacy_requests.intake_form.api import IntakeApi
from handfast.privacy_requests.intake_form.models import PublicForm, Receipt, Submission
from handfast.privacy_requests.wire import Code

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "DATA_BUCKET",
    "PRIVACY_QUEUE_URL",
    "MESSAGE_SENDER",
    "IDENTITY_SECRET_ARN",
    "PRIVACY_SECRET_ARN",
)

api = IntakeApi()
_FORM = "/intake/<form>"
_RECEIPT = f"{_FORM}/<receipt>"
Wanted = Annotated[str | None, Query(max_length=10, description="Language of the page: en, de or ja")]


@api.call("GET", _FORM, None, public=True)
def get_public_form(form: str, language: Wanted = None) -> PublicForm:
    """Show an intake form: a page to a browser, what it offers to a program."""
    return submissions.shown(api.place)


@api.call("POST", _FORM, None, public=True, status=201, location="{receipt}")
def create_intake_request(form: str, body: Submission, language: Wanted = None) -> Receipt:
    """Take a person's request from an intake form."""
    return submissions.submit(api.place, body, body.language or api.language, api.network)


@api.call("GET", _RECEIPT, None, public=True)
def get_intake_receipt(form: str, receipt: str, language: Wanted = None) -> Receipt:
    """Show a person where the request of an intake form stands."""
    return submissions.state(api.place, receipt)


@api.call("POST", f"{_RECEIPT}/code", None, public=True)
def verify_intake_request(form: str, receipt: str, body: Code, language: Wanted = None) -> Receipt:
    """Take the one-time code that the person of an intake form's request was sent."""
    return submissions.confirm(api.place, receipt, body.code)


handler = api.handler
