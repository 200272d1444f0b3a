"""Privacy requests in, their state and proof, and who is suppressed; what is left of a sandbox's quotas."""

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, versions_of
from handfast.platform.settings import require
from handfast.privacy_requests import (
    bulk_wire,
    bulks,
    listing,
    message_again,
    package_links,
    processing_record,
    reading,
    register,
    review_wire,
    service,
    suppression_checks,
    wire,
)
from handfast.privacy_requests.drop import models as drop_models
from handfast.privacy_requests.drop import service as drop
from handfast.privacy_requests.intake_form import models as form_models
from handfast.privacy_requests.intake_form import service as intake_form
from handfast.privacy_requests.listing import Sort
from handfast.privacy_requests.metrics import Metrics
from handfast.privacy_requests.models import PrivacyOrigin, PrivacyStatus, PrivacyType
from handfast.privacy_requests.proof import SignedDocument
from handfast.reference.models import QuotaList

require(
    "ACCESS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "DESTINATIONS_TABLE",
    "IDEMPOTENCY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "PRIVACY_QUEUE_URL",
    "MESSAGE_SENDER",
    "API_SECRET_ARN",
    "IDENTITY_SECRET_ARN",
    "PRIVACY_SECRET_ARN",
    "RECEIPTS_SECRET_ARN",
    "PRIVACY_RECORD_MONTHS",
)

api = Api()
_REQUESTS = "/sandboxes/<sandbox>/privacy-requests"
_DROP_LISTS = "/sandboxes/<sandbox>/drop-lists"
_INTAKE_FORM = "/sandboxes/<sandbox>/intake-form"
FromDay = Annotated[date | None, Query(alias="from", description="Received on that day or later; 1 January without")]
ToDay = Annotated[date | None, Query(alias="to", description="Received on that day or before; today without")]
RegisterFrom = Annotated[date, Query(alias="from", description="Received on that day or later")]
RegisterTo = Annotated[date, Query(alias="to", description="Received on that day or before")]
StatusFilter = Annotated[
    PrivacyStatus | None,
    Query(description="Requests with this status only; those unverified and expired are listed by it alone"),
]
TypeFilter = Annotated[PrivacyType | None, Query(alias="type", description="Requests of this type only")]
OriginFilter = Annotated[PrivacyOrigin | None, Query(description="Requests that came in this way only")]
Assignee = Annotated[str | None, Query(max_length=200, description="Requests that this principal sees to only")]
ExternalId = Annotated[
    str | None, Query(alias="externalId", max_length=200, description="The request with this id of yours")
]
DueBefore = Annotated[date | None, Query(alias="dueBefore", description="Open ones that are due before that day")]
Overdue = Annotated[bool | None, Query(description="Open ones that are overdue, or that are not")]
Sorted = Annotated[Sort | None, Query(alias="sort", description="Newest first, or open ones, the next due first")]


@api.call("POST", _REQUESTS, "privacy:request", status=202)
def create_privacy_request(
    sandbox: str, body: wire.CreatePrivacyRequest, dry_run: DryRun = False
) -> wire.NewPrivacyRequest | wire.PrivacyPreview:
    """Take a person's privacy request. Its stages tell how far it is."""
    if dry_run:
        from handfast.privacy_requests import previews  # noqa: PLC0415 - reads what few calls need

        return previews.preview(api.caller, body)
    return service.create(api.caller, body)


@api.call("POST", f"{_REQUESTS}/bulk", "privacy:request", status=202, location="privacy-requests/bulk/{bulk_id}")
def create_privacy_requests(sandbox: str, body: bulk_wire.BulkPrivacyRequests) -> bulk_wire.BulkAnswer:
    """Take many privacy requests, each on its own: one that is refused holds up no other. A worker makes them."""
    return bulks.accept(api.caller, body)


@api.call("GET", f"{_REQUESTS}/bulk/<bulk>", "privacy:read")
def get_privacy_request_bulk(sandbox: str, bulk: str) -> bulk_wire.BulkAnswer:
    """Get how many of the privacy requests that one call brought are made, and what became of each."""
    return bulks.get(api.caller, bulk)


@api.call("GET", _REQUESTS, "privacy:read")
def list_privacy_requests(
    sandbox: str,
    status: StatusFilter = None,
    kind: TypeFilter = None,
    origin: OriginFilter = None,
    assignee: Assignee = None,
    external_id: ExternalId = None,
    due_before: DueBefore = None,
    overdue: Overdue = None,
    sort: Sorted = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> wire.PrivacyRequestList:
    """List the privacy requests, newest first, or those open, the next due first."""
    filters = listing.Filters(status, kind, origin, assignee, external_id, due_before, overdue, sort)
    return listing.list_requests(api.caller, filters, limit, cursor)


@api.call("GET", f"{_REQUESTS}/metrics", "privacy:read")
def get_privacy_metrics(sandbox: str, first: FromDay = None, last: ToDay = None) -> Metrics:
    """Count how the privacy requests received in a time were answered, by year and type (11 CCR 7102)."""
    return reading.metrics(api.caller, first, last)


@api.call("GET", f"{_REQUESTS}/register", "privacy:read")
def get_privacy_register(
    sandbox: str, first: RegisterFrom, last: RegisterTo, limit: Limit = 50, cursor: Cursor = None
) -> register.RegisterList:
    """Get the register of the requests received in a time, oldest first: signed entries, and nothing of a person."""
    return register.register(api.caller, first, last, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/processing-record", "privacy:read")
def get_processing_record(sandbox: str) -> processing_record.ProcessingRecord:
    """Get what the sandbox's configuration says for a record of processing (GDPR Art. 30)."""
    return processing_record.processing_record(api.caller)


@api.call("GET", "/receipt-keys", None, public=True)
def list_receipt_keys() -> wire.ReceiptKeys:
    """List the public keys that histories and receipts are signed with, for everybody who checks one."""
    return reading.receipt_keys()


@api.call("GET", f"{_REQUESTS}/<privacy_request>", "privacy:read")
def get_privacy_request(sandbox: str, privacy_request: str) -> wire.PrivacyRequestView:
    """Get a privacy request: its stages, its recipients and what they answered."""
    return reading.get(api.caller, privacy_request)


@api.call(
    "GET",
    f"{_REQUESTS}/<privacy_request>/history",
    "privacy:read",
    content={"application/json": {"model": SignedDocument}},
)
def get_privacy_history(sandbox: str, privacy_request: str) -> Response[str]:
    """Get a privacy request's whole history and its receipts, signed. They are to be kept byte for byte."""
    return Response(200, "application/json", reading.history(api.caller, privacy_request).decode())


@api.call("GET", f"{_REQUESTS}/<privacy_request>/package", "privacy:approve", status=303)
def get_privacy_package(sandbox: str, privacy_request: str) -> Response[wire.PackageLink]:
    """Get a short-lived link to the person's data, with the passphrase that opens them. Who takes it is recorded."""
    link = package_links.take(api.caller, privacy_request)
    headers = {"Location": link.url, "Cache-Control": "no-store"}
    return Response(303, "application/json", link, headers=headers)


@api.call("GET", f"{_REQUESTS}/<privacy_request>/package/page", "privacy:approve")
def get_privacy_package_page(sandbox: str, privacy_request: str) -> wire.PackagePage:
    """Get the person's data as an encrypted page that opens in a browser. Who takes it is recorded."""
    return package_links.take_page(api.caller, privacy_request)


@api.call("GET", f"{_REQUESTS}/<privacy_request>/package/review", "privacy:approve")
def get_privacy_package_draft(sandbox: str, privacy_request: str) -> review_wire.PackageDraft:
    """Get the parts of a package that awaits its review, and a short-lived link to it. Who takes it is recorded."""
    from handfast.privacy_requests import package_review  # noqa: PLC0415 - reads what few calls need

    return package_review.draft(api.caller, privacy_request)


@api.call("POST", f"{_REQUESTS}/<privacy_request>/package/review", "privacy:approve")
def release_privacy_package(sandbox: str, privacy_request: str, body: review_wire.Release) -> wire.PrivacyRequestView:
    """Release a package that was looked at, without the parts that are withheld."""
    from handfast.privacy_requests import package_review  # noqa: PLC0415 - reads what few calls need

    return package_review.release(api.caller, privacy_request, body)


@api.call("GET", f"{_REQUESTS}/<privacy_request>/preview", "privacy:approve")
def preview_partner_erasure(sandbox: str, privacy_request: str) -> wire.PartnerErasurePreview:
    """Tell what an erasure that a partner has passed on would reach, by the scope it is approved with. Recorded."""
    from handfast.privacy_requests import previews  # noqa: PLC0415 - reads what few calls need

    return previews.preview_erasure(api.caller, privacy_request)


@api.call("POST", f"{_REQUESTS}/<privacy_request>/verify", "privacy:request")
def verify_privacy_request(sandbox: str, privacy_request: str, body: wire.Code) -> wire.PrivacyRequestView:
    """Verify a privacy request by the person's one-time code."""
    return service.verify(api.caller, privacy_request, body)


@api.call("POST", f"{_REQUESTS}/<privacy_request>/cancel", "privacy:request")
def cancel_privacy_request(sandbox: str, privacy_request: str) -> wire.PrivacyRequestView:
    """Take a privacy request back before its work begins."""
    return service.cancel(api.caller, privacy_request)


@api.call("POST", f"{_REQUESTS}/<privacy_request>/extend", "privacy:approve")
def extend_privacy_request(sandbox: str, privacy_request: str, body: wire.Reason) -> wire.PrivacyRequestView:
    """Extend a privacy request's deadline, once, where its regulation allows it."""
    return service.extend(api.caller, privacy_request, body.reason)


@api.call("POST", f"{_REQUESTS}/<privacy_request>/retry", "privacy:approve")
def retry_privacy_request(sandbox: str, privacy_request: str) -> wire.PrivacyRequestView:
    """Go on where a privacy request failed."""
    return service.retry(api.caller, privacy_request)


@api.call("POST", f"{_REQUESTS}/<privacy_request>/resend", "privacy:approve")
def resend_privacy_message(sandbox: str, privacy_request: str) -> wire.PrivacyRequestView:
    """Send the last message to the person of a privacy request again, where it has failed."""
    return message_again.send_again(api.caller, privacy_request)


@api.call("GET", "/sandboxes/<sandbox>/suppressions/count", "privacy:read")
def count_suppressions(sandbox: str) -> wire.SuppressionCount:
    """Count the identities that are suppressed."""
    return suppression_checks.suppression_count(api.caller)


@api.call("POST", "/sandboxes/<sandbox>/suppressions/check", "privacy:request")
def check_suppressions(sandbox: str, body: wire.CheckSuppressions) -> wire.SuppressionChecks:
    """Tell whether identities are suppressed. The call is recorded."""
    return suppression_checks.check_suppressions(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/quotas", None)
def list_quotas(sandbox: str) -> QuotaList:
    """List what the sandbox may do in a time or at once, and what is left of it."""
    from handfast.reference import quotas  # noqa: PLC0415 - reads what few calls need

    return quotas.quotas(api.caller)


@api.call("POST", _DROP_LISTS, "privacy:approve", status=201, location="drop-lists/{drop_list_id}")
def create_drop_list(sandbox: str, body: drop_models.CreateDropList) -> drop_models.DropListCreated:
    """Say where to PUT a file of California's Delete Request and Opt-out Platform (DROP)."""
    return drop.create(api.caller, body)


@api.call("GET", _DROP_LISTS, "privacy:read")
def list_drop_lists(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> drop_models.DropLists:
    """List the files of DROP, newest first."""
    return drop.list_lists(api.caller, limit, cursor)


@api.call("GET", f"{_DROP_LISTS}/<drop_list>", "privacy:read")
def get_drop_list(sandbox: str, drop_list: str) -> drop_models.DropListView:
    """Get a file of DROP: how many of its lines found somebody, and what came of them."""
    return drop.get(api.caller, drop_list)


@api.call("POST", f"{_DROP_LISTS}/<drop_list>/complete", "privacy:approve", status=202)
def complete_drop_list(sandbox: str, drop_list: str) -> drop_models.DropListView:
    """Have the file that was PUT carried out: whom it finds is deleted or opted out, others are kept out."""
    return drop.complete(api.caller, drop_list)


@api.call("GET", f"{_DROP_LISTS}/<drop_list>/status", "privacy:read")
def get_drop_status(sandbox: str, drop_list: str) -> drop_models.StatusFiles:
    """Get links to the status files that DROP is to be answered with, as far as they are."""
    return drop.status_files(api.caller, drop_list)


@api.call("GET", _INTAKE_FORM, "privacy:read")
def get_intake_form(sandbox: str) -> form_models.IntakeFormView:
    """Get the form on the web by which people make their requests themselves."""
    return intake_form.get(api.caller)


@api.call("PUT", _INTAKE_FORM, "privacy:approve")
def put_intake_form(
    sandbox: str, body: form_models.PutIntakeForm, if_match: IfMatch = None
) -> form_models.IntakeFormView:
    """Switch the intake form on, or change what it offers. Its address stays."""
    return intake_form.put(api.caller, body, versions_of(if_match))


@api.call("DELETE", _INTAKE_FORM, "privacy:approve", status=204)
def delete_intake_form(sandbox: str, if_match: IfMatch = None) -> None:
    """Switch the intake form off. Receipts that it gave still show where their requests stand."""
    intake_form.remove(api.caller, versions_of(if_match))


@api.call("POST", f"{_INTAKE_FORM}/rotate", "privacy:approve")
def rotate_intake_form(sandbox: str) -> form_models.IntakeFormView:
    """Give the intake form another address. The one before takes no more requests."""
    return intake_form.rotate(api.caller)


handler = api.handler
