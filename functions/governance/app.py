"""Governance: labels, policies, data sources, and whether a marketing action is allowed."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from handfast.edge.api import Api, Cursor, DryRun, IfMatch, Limit, versions_of
from handfast.feeds import received_segments
from handfast.platform.settings import require
from handfast.policy_service import data_sources, evaluation, labels, marketing_actions, models, policies
from handfast.segments.models import RulesPreview

require(
    "ACCESS_TABLE",
    "ACTIVITY_TABLE",
    "GOVERNANCE_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "IDEMPOTENCY_TABLE",
    "BUCKET_BITS",
    "EXPORT_QUEUE_URL",
    "API_SECRET_ARN",
)

api = Api()
IncludeDraft = Annotated[bool, Query(alias="includeDraft", description="Look at policies that are drafts, too")]
Carried = Annotated[str | None, Query(max_length=2000, description="Labels, separated by commas")]
DuleLabels = Annotated[str | None, Query(alias="duleLabels", max_length=2000, description="The same as labels")]
Questions = Annotated[list[models.BulkEvaluation], Body(min_length=1, max_length=100)]


@api.call("GET", "/sandboxes/<sandbox>/labels", "governance:read")
def list_labels(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.LabelList:
    """List the labels that data may carry: the core ones, then the sandbox's own."""
    return labels.list_labels(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/labels/<label>", "governance:read")
def get_label(sandbox: str, label: str) -> models.LabelView:
    """Get a label, core or custom."""
    return labels.get(api.caller, label)


@api.call("PUT", "/sandboxes/<sandbox>/labels/<label>", "governance:write")
def put_label(sandbox: str, label: str, body: models.PutLabel, if_match: IfMatch = None) -> models.LabelView:
    """Define a custom label, or change its name and description."""
    return labels.put(api.caller, label, body, versions_of(if_match))


@api.call("DELETE", "/sandboxes/<sandbox>/labels/<label>", "governance:write", status=204)
def delete_label(sandbox: str, label: str, if_match: IfMatch = None) -> None:
    """Delete a custom label that nothing carries and no policy names."""
    labels.delete(api.caller, label, versions_of(if_match))


@api.call("GET", "/sandboxes/<sandbox>/policies", "governance:read")
def list_policies(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.PolicyList:
    """List the policies: the core ones, then the sandbox's own."""
    return policies.list_policies(api.caller, limit, cursor)


@api.call("POST", "/sandboxes/<sandbox>/policies", "governance:write", status=201, location="policies/{policy_id}")
def create_policy(sandbox: str, body: models.PutPolicy, dry_run: DryRun = False) -> models.PolicyView | RulesPreview:
    """Create a policy. One that is enabled stops what it forbids at once."""
    return (policies.preview_create if dry_run else policies.create)(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/policies/<policy>", "governance:read")
def get_policy(sandbox: str, policy: str) -> models.PolicyView:
    """Get a policy, core or the sandbox's own."""
    return policies.get(api.caller, policy)


@api.call("PUT", "/sandboxes/<sandbox>/policies/<policy>", "governance:write")
def put_policy(
    sandbox: str, policy: str, body: models.PutPolicy, dry_run: DryRun = False, if_match: IfMatch = None
) -> models.PolicyView | RulesPreview:
    """Replace a policy of the sandbox's own. What it newly forbids stops at once."""
    act = policies.preview_put if dry_run else policies.put
    return act(api.caller, policy, body, versions_of(if_match))


@api.call("DELETE", "/sandboxes/<sandbox>/policies/<policy>", "governance:write", status=204)
def delete_policy(sandbox: str, policy: str, if_match: IfMatch = None) -> None:
    """Delete a policy of the sandbox's own. What nothing else forbids goes on."""
    policies.delete(api.caller, policy, versions_of(if_match))


@api.call("POST", "/sandboxes/<sandbox>/policies/<policy>/enable", "governance:write")
def enable_policy(sandbox: str, policy: str, dry_run: DryRun = False) -> models.PolicyView | RulesPreview:
    """Enable a policy. What it forbids stops at once, and its members leave."""
    return (policies.preview_switch if dry_run else policies.switch)(api.caller, policy, "enable")


@api.call("POST", "/sandboxes/<sandbox>/policies/<policy>/disable", "governance:write")
def disable_policy(sandbox: str, policy: str, dry_run: DryRun = False) -> models.PolicyView | RulesPreview:
    """Disable a policy. What nothing else forbids goes on."""
    return (policies.preview_switch if dry_run else policies.switch)(api.caller, policy, "disable")


@api.call("GET", "/sandboxes/<sandbox>/data-sources", "governance:read")
def list_data_sources(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.DataSourceList:
    """List the sandbox's data sources, oldest first."""
    return data_sources.list_sources(api.caller, limit, cursor)


@api.call(
    "POST",
    "/sandboxes/<sandbox>/data-sources",
    "governance:write",
    status=201,
    location="data-sources/{data_source_id}",
)
def create_data_source(sandbox: str, body: models.CreateDataSource) -> models.DataSourceView:
    """Create a data source. Uploads that name it have their segments carry its labels."""
    return data_sources.create(api.caller, body)


@api.call("GET", "/sandboxes/<sandbox>/data-sources/<data_source>", "governance:read")
def get_data_source(sandbox: str, data_source: str) -> models.DataSourceView:
    """Get a data source."""
    return data_sources.get(api.caller, data_source)


@api.call("PATCH", "/sandboxes/<sandbox>/data-sources/<data_source>", "governance:write")
def update_data_source(
    sandbox: str,
    data_source: str,
    body: models.PatchDataSource,
    dry_run: DryRun = False,
    if_match: IfMatch = None,
) -> models.DataSourceView | RulesPreview:
    """Change a data source. Its labels hold at once for every segment that it feeds."""
    act = data_sources.preview_update if dry_run else data_sources.update
    return act(api.caller, data_source, body, versions_of(if_match))


@api.call("GET", "/sandboxes/<sandbox>/marketing-actions", "governance:read")
def list_marketing_actions(sandbox: str, limit: Limit = 50, cursor: Cursor = None) -> models.MarketingActionList:
    """List the marketing actions: the core ones, then the sandbox's own."""
    return marketing_actions.list_actions(api.caller, limit, cursor)


@api.call("GET", "/sandboxes/<sandbox>/marketing-actions/<action>", "governance:read")
def get_marketing_action(sandbox: str, action: str) -> models.MarketingActionView:
    """Get a marketing action, core or custom."""
    return marketing_actions.get(api.caller, action)


@api.call("PUT", "/sandboxes/<sandbox>/marketing-actions/<action>", "governance:write")
def put_marketing_action(
    sandbox: str, action: str, body: models.PutMarketingAction, if_match: IfMatch = None
) -> models.MarketingActionView:
    """Define a custom marketing action, or change its name and description."""
    return marketing_actions.put(api.caller, action, body, versions_of(if_match))


@api.call("DELETE", "/sandboxes/<sandbox>/marketing-actions/<action>", "governance:write", status=204)
def delete_marketing_action(sandbox: str, action: str, if_match: IfMatch = None) -> None:
    """Delete a custom marketing action that no policy names and no feed excludes."""
    marketing_actions.delete(api.caller, action, versions_of(if_match))


@api.call("GET", "/sandboxes/<sandbox>/marketing-actions/<action>/constraints", "governance:read")
def check_labels(
    sandbox: str,
    action: str,
    labels: Carried = None,
    dule_labels: DuleLabels = None,
    include_draft: IncludeDraft = False,
) -> models.Evaluation:
    """Tell which policies forbid a marketing action for data with these labels."""
    return evaluation.of_labels(api.caller, action, evaluation.split(labels, dule_labels), include_draft=include_draft)


@api.call("POST", "/sandboxes/<sandbox>/marketing-actions/<action>/constraints", "governance:read")
def check_entities(
    sandbox: str, action: str, body: models.EvaluateEntities, include_draft: IncludeDraft = False
) -> models.Evaluation:
    """Tell which policies and partners' terms forbid a marketing action for segments, data sources and columns."""
    received = received_segments.terms_by_segment(api.caller.sandbox_id)
    return evaluation.of_entities(api.caller, action, body.entities, received, include_draft=include_draft)


@api.call("POST", "/sandboxes/<sandbox>/bulk-eval", "governance:read")
def check_in_bulk(sandbox: str, body: Questions) -> list[models.EvaluationAnswer]:
    """Tell of up to 100 questions, each with its own status, which policies and terms forbid a marketing action."""
    return evaluation.bulk(api.caller, body, received_segments.terms_by_segment(api.caller.sandbox_id))


handler = api.handler
