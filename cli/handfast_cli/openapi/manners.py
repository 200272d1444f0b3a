"""What the calls have in common, said once among the document's components: parameters, headers, errors."""

from http import HTTPStatus
from typing import Any, TypeAlias

from handfast.edge import rate_limits
from handfast.edge.api import JSON, PROBLEM_JSON, Api
from handfast.edge.protocol_api import ProtocolApi
from handfast.platform.wire import Resource
from handfast.privacy_requests.protocols.drp.api import DrpApi
from handfast.sharing.api import SharingApi

Json: TypeAlias = dict[str, Any]


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _reference(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


_ULID = "01K5Z8Q4T3N7W2X9B6C1D0E5FG"
_PATH_PARAMETERS = {
    "action": ("The marketing action's code, printed name, or name in the public Policy Service", "email_targeting"),
    "agent": ("The agent's id, as the operator has registered it", "agent-1"),
    "bulk": ("The id of privacy requests that one call brought", f"bulk_{_ULID}"),
    "code": ("What the link of a recipient token ends with", "l3Yb0c2Jd1mC8uE5tq7fXw9aZk4hVnR6sPgTiQoKjMU"),
    "query": ("The id of a query", "1"),
    "schema": ("The schema's name, in any case: `received`", "received"),
    "share": ("The share's name, in any case", "acme_production_k3vq7xw2"),
    "table": ("The table's name, in any case", "spring_campaign_6c1d0e5f"),
    "token": ("The recipient token's id", f"rtk_{_ULID}"),
    "connection": ("The connection's id", f"con_{_ULID}"),
    "connector": ("The connector's id", f"cn_{_ULID}"),
    "destination": ("The destination's id", f"dst_{_ULID}"),
    "source": ("The source's id", f"src_{_ULID}"),
    "destination_type": ("The type's name, such as `http`", "http"),
    "batch": ("The dead letter's id", f"bat_{_ULID}"),
    "activation": ("The activation's id", f"act_{_ULID}"),
    "data_source": ("The data source's id", f"ds_{_ULID}"),
    "dataflow": ("The dataflow's id", f"flow_{_ULID}"),
    "drop_list": ("The id of a file of DROP", f"drl_{_ULID}"),
    "feed": ("The feed's id", f"feed_{_ULID}"),
    "form": ("The intake form's id, which anybody may know", "0f8c1d5e3b2a4b7d9e6f0a1b2c3d4e5f"),
    "invitation": ("The invitation's id", f"inv_{_ULID}"),
    "label": ("The label's code", "C11"),
    "list_name": ("The list's name, such as `namespaces`; a wrong one's answer has them all", "namespaces"),
    "notification": ("The notification's id", "ntf_42"),
    "namespace": ("The symbol of a namespace of the sandbox's own", "LOYALTY"),
    "policy": ("The policy's id; a core one's is a name", "restrict_third_party_export"),
    "principal": ("Whose grant: the subject of a person's token, or a machine's client id", "4b7d8e6f-1a2b-4c5d-8e6f"),
    "privacy_request": ("The privacy request's id", f"prq_{_ULID}"),
    "problem": ("The slug of the type, such as `stale`", "stale"),
    "receipt": ("The receipt that a person was given", f"{_ULID}0f8c1d5e3b2a4b7d9e6f0a1b2c3d4e5f"),
    "received_feed": ("The received feed's id", f"rf_{_ULID}"),
    "sandbox": ("The sandbox's id", f"sbx_{_ULID}"),
    "segment": ("The segment's id", f"seg_{_ULID}"),
    "subject_request": ("The controller's own id of the request, a UUID", "9b1d5f8e-3c2a-4b7d-8e6f-1a2b3c4d5e6f"),
    "preview": ("The preview's id", f"prv_{_ULID}"),
    "imported": ("The import's id", f"imp_{_ULID}"),
    "upload": ("The upload's id", f"upl_{_ULID}"),
    "webhook": ("The webhook's id", f"whk_{_ULID}"),
}
_PATH_REFERENCES = {f"#/components/parameters/{_camel(name)}" for name in _PATH_PARAMETERS}
_SHARED = {"limit": "Limit", "cursor": "Cursor", "dryRun": "DryRun", "If-Match": "IfMatch"}
_READ_IN_SOME_STATES = {
    "listMemberChanges",
    "listReceivedMembers",
    "getPrivacyRequest",
    "getDropStatus",
    "getPrivacyHistory",
    "getPrivacyPackage",
    "getPrivacyPackagePage",
    "previewPartnerErasure",
    "getPrivacyPackageDraft",
}
_GONE_ONE_DAY = {
    "getPrivacyPackage",
    "getPrivacyPackagePage",
    "getPrivacyPackageDraft",
    "listMemberChanges",
    "releasePrivacyPackage",
}
_HEADERS: Json = {
    "ETag": {
        "description": "The version of the resource and what it says, to be sent as If-Match or If-None-Match.",
        "schema": {"type": "string"},
        "example": '"3-9b2cf535f27731c9"',
    },
    "Location": {
        "description": "Where the resource is.",
        "schema": {"type": "string", "format": "uri-reference"},
        "example": f"/v1/sandboxes/sbx_{_ULID}/segments/seg_{_ULID}",
    },
    "RateLimit": {
        "description": "What remains of the quotas that the call has spent of, and in how many seconds each is whole.",
        "schema": {"type": "string"},
        "example": '"calls";r=980;t=6, "suppression-checks";r=9998;t=3601',
    },
    "RateLimitPolicy": {
        "description": "The quotas that the call has spent of, each with its unit and its period in seconds.",
        "schema": {"type": "string"},
        "example": '"calls";q=1000;qu="requests";w=10, "suppression-checks";q=10000;qu="identities";w=86400',
    },
    "RetryAfter": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1,
    },
}
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The caller's name for the call: the same key and body give the stored answer for 24 hours.",
    "schema": {"type": "string", "maxLength": 255},
    "example": "8c4f1d5e-3b2a-4b7d-9e6f-0a1b2c3d4e5f",
}
_SIGNED_MESSAGE: Json = {
    "required": True,
    "description": "The agent's message, signed with its Ed25519 key, in base64. Its type is not looked at; "
    "the protocol's is text/plain.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_TABLE_QUERY: Json = {
    "required": False,
    "description": "What is asked of the table. Hints may be ignored, and members that are not named here are.",
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "properties": {
                    "limitHint": {"type": "integer", "minimum": 0},
                    "version": {"type": "integer", "minimum": 0},
                    "includeRefreshToken": {"type": "boolean"},
                    "predicateHints": {"type": "array", "items": {"type": "string"}},
                    "jsonPredicateHints": {"type": "string"},
                },
            },
            "example": {"limitHint": 1000},
        }
    },
}
PROBLEM: Json = {
    "type": "object",
    "description": "An error (RFC 9457). Further members are of its status.",
    "required": ["type", "title", "status", "detail", "instance", "requestId"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path that was called"},
        "requestId": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
        "permission": {"type": "string", "description": "Of 403: the permission that is missing"},
        "current": {"type": "string", "description": "Of 409: the state that does not allow it, or a code"},
        "reason": {"type": "string", "description": "Of 422: a stable code"},
        "retryAfter": {"type": "integer", "description": "Of 429: seconds to wait"},
    },
}
_PROBLEM_ERROR: Json = {
    "type": "object",
    "description": "What is wrong with one member of a body.",
    "required": ["pointer", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "Where it is, as a JSON pointer (RFC 6901)"},
        "message": {"type": "string"},
    },
}


def shared_components() -> Json:
    """The components that no function's part has."""
    parameters = {
        _camel(name): _path_parameter(name, description, example)
        for name, (description, example) in _PATH_PARAMETERS.items()
    }
    return {
        "schemas": {"Problem": PROBLEM, "ProblemError": _PROBLEM_ERROR},
        "parameters": parameters | {"IdempotencyKey": _IDEMPOTENCY_KEY},
        "headers": _HEADERS,
        "requestBodies": {"SignedMessage": _SIGNED_MESSAGE, "TableQuery": _TABLE_QUERY},
    }


def share(api: Api, method: str, path: str, operation: Json) -> Json:
    """Put references for what the operation has in common with others; answers the components referred to."""
    shared: Json = {"parameters": {}, "responses": {}, "schemas": {}}
    _refer_to_parameters(operation, shared["parameters"])
    if method == "post" and api.takes_idempotency_key and operation["security"]:
        operation.setdefault("parameters", []).append(_reference("parameters", "IdempotencyKey"))
    if isinstance(api, DrpApi) and method != "get":
        operation["requestBody"] = _reference("requestBodies", "SignedMessage")
    if operation["operationId"] == "readTable":
        operation["requestBody"] = _reference("requestBodies", "TableQuery")
    for media in operation.get("requestBody", {}).get("content", {}).values():
        media["schema"] = _without_null(media["schema"])
    _tell_etag(operation)
    _refer_to_errors(api, method, path, operation, shared)
    return shared


def _refer_to_parameters(operation: Json, shared: Json) -> None:
    for index, parameter in enumerate(operation.get("parameters", ())):
        name = "If-Match" if parameter["in"] == "header" else parameter["name"]  # the resolver has it in lower case
        known = _SHARED.get(name) or (_camel(name) if parameter["in"] == "path" else None)
        schema = _without_null(parameter["schema"])
        schema.pop("description", None)
        parameter |= {"name": name, "schema": schema}
        if known:
            operation["parameters"][index] = _reference("parameters", known)
        if known and parameter["in"] != "path":
            shared[known] = parameter


def _path_parameter(name: str, description: str, example: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


def _without_null(schema: Json) -> Json:
    """The schema of a parameter or body, which is there or not but never null."""
    options: list[Json] = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    return {name: value for name, value in schema.items() if name != "anyOf"} | options[0]


def _tell_etag(operation: Json) -> None:
    """Resources carry an ETag."""
    versioned = {f"#/components/schemas/{name}" for name in _names_of(Resource)}
    for response in operation["responses"].values():
        schema = response.get("content", {}).get(JSON, {}).get("schema", {})
        if versioned & {option.get("$ref") for option in (schema, *schema.get("anyOf", ()))}:
            response.setdefault("headers", {})["ETag"] = _reference("headers", "ETag")


def _names_of(model: type[Resource]) -> set[str]:
    subclasses: list[type[Resource]] = model.__subclasses__()
    return {name for each in subclasses for name in {each.__name__} | _names_of(each)}


def _refer_to_errors(api: Api, method: str, path: str, operation: Json, shared: Json) -> None:
    """Errors that the call can have: what nothing in it could cause is left out."""
    common = Api.error_responses(api, path)
    own = type(api).__name__.removesuffix("Api")
    if isinstance(api, ProtocolApi):
        shared["schemas"][f"{own}Error"] = {"description": "An error as the protocol has it."} | api.error_schema
    for status, response in sorted(api.error_responses(path).items()):
        if not _can_happen(api, status, method, operation):
            continue
        prefix = "" if response == common.get(status) else own
        name = prefix + _phrase(status) + ("" if response["content"] else "WithoutBody")
        shared["responses"][name] = _error(status, response, prefix)
        operation["responses"][str(status)] = _reference("responses", name)


def _can_happen(api: Api, status: int, method: str, operation: Json) -> bool:
    parameters = [parameter.get("$ref", "") for parameter in operation.get("parameters", ())]
    rules = {
        HTTPStatus.UNAUTHORIZED: bool(operation["security"]) or isinstance(api, SharingApi),
        HTTPStatus.CONTENT_TOO_LARGE: "requestBody" in operation,
    }
    if not isinstance(api, ProtocolApi):
        rules |= {
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "requestBody" in operation,
            HTTPStatus.FORBIDDEN: "x-permission" in operation,
            HTTPStatus.CONFLICT: method != "get" or operation["operationId"] in _READ_IN_SOME_STATES,
            HTTPStatus.GONE: operation["operationId"] in _GONE_ONE_DAY,
            HTTPStatus.PRECONDITION_FAILED: "#/components/parameters/IfMatch" in parameters,
            HTTPStatus.UNPROCESSABLE_CONTENT: method != "get" or not _PATH_REFERENCES.issuperset(parameters),
        }
    return rules.get(HTTPStatus(status), True)


def _error(status: int, response: Json, prefix: str) -> Json:
    answer: Json = {"description": response["description"]}
    if response["content"]:
        problem = {PROBLEM_JSON: {"schema": _reference("schemas", "Problem")}}
        answer["content"] = {JSON: {"schema": _reference("schemas", f"{prefix}Error")}} | problem if prefix else problem
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GATEWAY_TIMEOUT}:
        answer["headers"] = {"Retry-After": _reference("headers", "RetryAfter")}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer["headers"] |= {name: _reference("headers", name.replace("-", "")) for name in rate_limits.NAMES}
    return answer


def _phrase(status: int) -> str:
    return "".join(word.capitalize() for word in HTTPStatus(status).phrase.split())
