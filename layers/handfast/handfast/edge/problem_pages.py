"""The catalogue of problems: what each `type` and each stable code of an answer means (docs/problems.md).

A problem's `type` is the path of its page, which the API itself serves: it resolves in every deployment and is the
same text in each.
"""

from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType

from handfast.platform import problems
from handfast.platform.problems import NotFound, Problem

PATH = "/v1/problems"

TYPES: Mapping[str, type[Problem]] = MappingProxyType(
    {
        each.slug: each
        for each in sorted(
            (each for each in vars(problems).values() if isinstance(each, type) and issubclass(each, Problem)),
            key=lambda each: (each.status, each.slug),
        )
    }
)
"""The types of problems by their slugs."""

CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "conflict": {
            "accepted": "A request of a bulk, `bulkId`, is about to be made: try again soon. An invitation is a grant.",
            "awaiting_file": "No file is there yet: PUT it to its link first.",
            "changed": "Another change came first: read again, decide again.",
            "deleting": "The destination is being deleted, and gone when its members have left: set up another.",
            "disconnected": "The connection to the partner has ended.",
            "dry_run": "The list was sent for a dry run: send it once more, without `dryRun`.",
            "expired": "The request expired unverified: make a new one. Of an invitation: have it sent again.",
            "extended": "The one extension that the law allows is used.",
            "external_id_taken": "Another segment or privacy request has this external id; its id stands beside it.",
            "in_progress": "The first call with this `Idempotency-Key` still runs: send it again in a moment.",
            "in_use": "Feeds or destinations use it, or something has it; the answer has their ids: end that first.",
            "always_on": "Sharing segments keeps the policy on: take the label off, or the segment out of the feed.",
            "core": "A core label or policy is as it comes: define one of your own, or enable and disable the policy.",
            "declined": "The invitation was declined: make another one.",
            "exists": "Who has this address has a grant on the sandbox: change that one.",
            "invited": "Another invitation to this address is pending, `invitationId`: delete that first.",
            "inviter": "Who has invited you may not give grants any more: have somebody else invite you.",
            "last_administrator": "Nobody would be left who may manage access: first give it to somebody else.",
            "limit_reached": "The sandbox has as many as it may have: delete one first.",
            "not_assessed": "How far the request reaches is not known yet: try again in a moment.",
            "nothing_held": "No guard holds anything back: what is below the minimum waits for more overlap.",
            "overdue": "The day by which the answer was due has passed: it cannot be extended any more.",
            "package_too_large": "A page of it would be more than an answer may be: take the archive.",
            "parts_closed": "The parts of this upload have been completed already.",
            "processing": "Work on the list has begun: read it for its progress.",
            "received": "The segment is a partner's: its members are those of the received feed.",
            "regenerated": "The connect ID was regenerated at the same time: read it again.",
            "revoked": "The feed is no longer shared over this connection; or the invitation was taken back.",
            "running": "A run of the source is in work: read the source for when it is not any more.",
            "single": "The upload is in one piece: there are no parts to complete.",
            "too_many": "The sandbox has as many as it may have: delete one first.",
        },
        "refused": {
            "address_not_taken": "The topic of alerts does not take your address: choose `in_app` or `webhook`.",
            "no_address": "Machines have no address that alerts can go to: choose `in_app` or `webhook`.",
            "address_refused": "The address is private, or its port is not allowed: name a public host with https.",
            "another_approver": "Who entered or verified the request does not approve it: somebody else with "
            "`privacy:approve` does.",
            "assignee": "The principal may not see to requests: name one with `privacy:approve`.",
            "callback_url": "The callback's URL may not be called: a public host with https, nobody's address in it.",
            "certificate": "The certificate cannot be used; `detail` says why.",
            "claim_not_covered": "The right is none that is taken here; `detail` lists those that are.",
            "connection_not_active": "A connection that the feed names is not active.",
            "contact": "The address cannot be written to: one e-mail address, as it is.",
            "contact_not_of_subject": "Before somebody is verified, it is the one address that the subject names.",
            "duplicate": "The id was used for another request: a new request has a new id.",
            "estimates_not_allowed": "The partner of the connection does not allow estimates: ask it to set them.",
            "idempotency_key_reused": "The `Idempotency-Key` was used with another body or query: take a new one.",
            "invalid_url": "The URL cannot be called: https, a host name, no user and nobody's address in it.",
            "list_too_long": "The list is too long to be sorted so: leave `sort` out, or search in the order it has.",
            "name_not_found": "The URL's host has no address.",
            "namespace_not_agreed": "The feed names a namespace of the sandbox's own that not both sides of a "
            "connection take: each enables it there, by the connection's `namespaces`.",
            "no_match": "Nobody can be found by what the request names.",
            "no_sender": "Nothing writes to people: set a message webhook or `MessageSender`, or leave `contact` out.",
            "no_scope": "Only an erasure that a partner has passed on has a scope: approve it without.",
            "no_shared_devices": "A partner's erasure and a request for data go by no devices: leave it out.",
            "not_a_right": "The law grants no request of this type: name another regulation.",
            "not_extendable": "The law allows no extension.",
            "not_pending": "Only what is pending can be cancelled.",
            "missing_parts": "Parts of the import have not been put: put those that are named, and start it again.",
            "too_large": "The parts are longer than they may be: send them in several parts, or imports.",
            "parts": "S3 does not hold the parts as they were named: name each once, with its ETag.",
            "period": "The period is not one that can be counted: at most two years, its end not before its beginning.",
            "phone_unproved": "The code proves the e-mail address alone: leave the number out of such a request.",
            "policy_violation": "A policy forbids it for a label; `violations` has which, `resolve` what helps.",
            "received_segment_not_shareable": "A partner's segment is not shared onward.",
            "composed_segment_not_shareable": "It is composed of a partner's segment.",
            "self_connection": "A sandbox does not connect to itself.",
            "sort": "Lists by due date are sorted by it: leave `sort` out.",
            "source_failed": "The source's files cannot be read or loaded; `error` has the reason and what to do.",
            "unknown_event_type": "No event has this type; `known` lists them, and families such as `feed.*` and `*` "
            "are taken.",
            "unknown_parameter": "The call has no query parameter of this name; `known` lists those that it has.",
            "unknown_regulation": "No law has this code; `known` lists them.",
            "unknown_time_zone": "No time zone of the IANA database has this name, such as `Europe/Berlin`.",
            "unsupported_identity": "Identities of this type and format are not taken; discovery lists those that are.",
            "validation": "Members are missing or invalid; `errors` has each with its pointer.",
            "wrong_code": "The verification code is wrong; `triesLeft` says how often it may still be tried.",
        },
        "untrusted": {
            "agent_id": "The agent is not known, or not the one that signed.",
            "base64": "The body is not base64 of a signature and a message.",
            "business_id": "`business-id` is not the sandbox's id.",
            "expires_at": "`expires-at` is no time, or a past one: sign the message anew.",
            "issued_at": "`issued-at` is no time, or one to come: look at the clock.",
            "replay": "The message was taken already: sign a new one.",
            "signature": "The signature is not the registered key's of this message.",
            "token": "The token is not the agent's current one.",
        },
    }
)
"""Stable codes by type: `current` of a conflict where it is no state, `reason` of the others."""


def type_of(problem: Problem) -> str:
    """The `type` of a problem's document: the path of its page."""
    return f"{PATH}/{problem.slug}"


def page(slug: str) -> str:
    """The page of a type of problem, as HTML. Raises NotFound for a slug of none."""
    if slug not in TYPES:
        raise NotFound(f"no such type of problem; one of {', '.join(TYPES)}")
    each, codes = TYPES[slug], CODES.get(slug, {})
    rows = "".join(f"<dt><code>{escape(code)}</code></dt><dd>{escape(text)}</dd>" for code, text in codes.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(each.title)}</title>'
        f"<h1>{each.status} {escape(each.title)}</h1><p>{escape(meaning(each))}</p><p>{escape(each.remedy)}</p>"
        f"{f'<dl>{rows}</dl>' if rows else ''}</html>"
    )


def markdown() -> str:
    """All pages as one, docs/problems.md."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Problems"
    yield ""
    yield "Every type of error that the API answers. The member `type` of an answer is the path of its page, such as"
    yield f"`{PATH}/stale`, which the API serves without a token. Codes are stable; the texts beside them are not."
    yield "Written by `make openapi` from the code."
    yield ""
    for slug, each in TYPES.items():
        yield f"## {slug}"
        yield ""
        yield f"{each.status} **{each.title}**. {meaning(each)}"
        yield ""
        yield each.remedy
        yield ""
        if slug in CODES:
            yield "| code | means |"
            yield "|---|---|"
            yield from (f"| `{code}` | {text} |" for code, text in CODES[slug].items())
            yield ""


def meaning(each: type[Problem]) -> str:
    """What a type of problem says has happened."""
    return " ".join((each.__doc__ or "").split())
