"""What changes would do, by the API's own dry runs, and in words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from handfast_cli.desired.calls import call_of
from handfast_cli.desired.kinds import KINDS
from handfast_cli.desired.models import Connection
from handfast_cli.desired.rules import Change, Plan
from handfast_cli.desired.state import State
from handfast_cli.options import Session
from handfast_client.errors import ProblemError

SHARING = ("segment_match", "export_to_third_party", "data_export", "data_collaboration")
"""The marketing actions that sharing a segment is (docs/governance.md, Marketing actions)."""
_NOT_NOW = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True)
class Tried:
    """What a change would do, in lines, with the API's answer where it has a dry run.

    `refused`: the change would be refused, and why.
    """

    lines: tuple[str, ...] = ()
    answer: Any = None
    refused: str | None = None


def tried(session: Session, plan: Plan, state: State) -> Iterator[Tried]:
    """Each change of the plan, tried. Nothing is changed. Raises ProblemError where the service fails."""
    trying = _Trying(session, plan, state)
    shaping = False
    for change in plan.changes:
        found = trying.change(change)
        # What comes before it may be what allows it.
        if found.refused and shaping and (change.action == "publish" or change.section in _SHAPED):
            found = Tried((*found.lines, f"as things are now it would be refused: {found.refused}"), found.answer)
        yield found
        shaping |= change.section in _SHAPING


class _Trying:
    def __init__(self, session: Session, plan: Plan, state: State) -> None:
        self._session, self._plan, self._state = session, plan, state
        self._counted: dict[str, str] = {}

    def change(self, change: Change) -> Tried:
        try:
            return self._change(change)
        except ProblemError as error:
            if error.status in _NOT_NOW:
                return Tried((f"no dry run: {error.detail or error}",))
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return Tried(refused=str(error))

    def _change(self, change: Change) -> Tried:
        match change.action:
            case "publish":
                return self._publish(change)
            case "request":
                return self._request(change)
            case "delete":
                return Tried(tuple(self._deleted(change)))
            case "unshare":
                return self._dry(change, lambda answer: _withdrawn(answer, self._people))
            case "create" | "change" if change.section == "sources":
                return self._source(change)
            case _:
                return self._told(change)

    def _told(self, change: Change) -> Tried:
        """What the API's own dry run of a change tells, where it has one."""
        kind = KINDS.get(change.section)
        if kind and change.action not in kind.tries:
            return Tried()
        if change.secrets:
            return Tried(("no dry run: it sends secrets",))
        return self._dry(change, _WORDS.get(change.section, _ruled))

    def _dry(self, change: Change, words: Callable[[Any], Iterable[str]]) -> Tried:
        if change.needs:
            first = ", ".join(f"{KINDS[section].noun} {key}" for section, key in sorted(change.needs))
            return Tried((f"no dry run before there is {first}",))
        method, path, body = call_of(self._session, change, self._plan.references, self._state)
        answer = self._session.api.call(method, path, body=body, query={"dryRun": True})
        return Tried(tuple(words(answer)), answer)

    def _people(self, segment_id: str) -> str:
        """A segment with its people, counted now."""
        if segment_id not in self._counted:
            self._counted[segment_id] = self._count(segment_id)
        return self._counted[segment_id]

    def _count(self, segment_id: str) -> str:
        segment = self._session.api.call("GET", self._session.path(f"/segments/{quote(segment_id, safe='')}"))
        return f"{segment['name']} ({people(segment['counts']['people'], segment['counts']['identities'])})"

    def _publish(self, change: Change) -> Tried:
        if not change.needs:
            return self._dry(change, self._published)
        drafted = next(
            (each for each in self._plan.changes if each.place == change.place and "segmentIds" in each.after), None
        )
        there = drafted.after["segmentIds"] if drafted else (change.actual or {}).get("segmentIds", [])
        known = [each for each in there if isinstance(each, str) and each.startswith("seg_")]
        lines = [f"offers {self._people(each)}" for each in known]
        return Tried(tuple(lines), refused=self._forbidden(known))

    def _forbidden(self, segment_ids: list[str]) -> str | None:
        """Why policies forbid sharing these segments; None where none does."""
        entities = [{"entityType": "segment", "entityId": each} for each in segment_ids]
        if not entities:
            return None
        asked = [{"evalRef": f"../marketingActions/core/{action}", "entityList": entities} for action in SHARING]
        found = self._session.api.call("POST", self._session.path("/bulk-eval"), body=asked)
        names = {
            policy["name"]
            for each in found
            if each["status"] == HTTPStatus.OK
            for policy in each["body"]["violatedPolicies"]
        }
        return f"policies forbid sharing: {', '.join(sorted(names))}" if names else None

    def _published(self, answer: Mapping[str, Any]) -> Iterator[str]:
        partners = {each["connectionId"]: each["partner"]["organizationName"] for each in answer["connections"]}
        for share in answer["shares"]:
            partner = partners.get(share["connectionId"], share["connectionId"])
            for verb, member in (("offers", "addedSegmentIds"), ("withdraws", "removedSegmentIds")):
                for segment in share[member]:
                    yield f"{partner}: {verb} {self._people(segment)}"
            if share["change"] in {"unshare", "none"}:
                yield f"{partner}: {'is unshared' if share['change'] == 'unshare' else 'nothing changes'}"
        below = [each for each in answer["minimums"] if each["minimum"] == "below"]
        for each in below:
            partner = partners.get(each["connectionId"], each["connectionId"])
            yield f"{partner}: below the minimum overlap, so that it does not flow: {each['namespace']}"

    def _request(self, change: Change) -> Tried:
        path = self._session.path("/connect-requests/preview")
        whose = self._session.api.call("POST", path, body={"connectId": change.after["connectId"]})
        if why := not_meant(change.thing, whose):
            return Tried(refused=why, answer=whose)
        return Tried((f"asks {whose['organizationName']}, {whose['sandboxName']}",), whose)

    def _source(self, change: Change) -> Tried:
        if change.action == "create":
            return Tried(("takes nothing before it is there: test it, and then run it",))
        path = self._session.path(f"/sources/{quote(change.id, safe='')}/run")
        try:
            answer = self._session.api.call("POST", path, query={"dryRun": True})
        except ProblemError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return Tried((f"as it is now its next run takes nothing: {error.detail or error}",))
        more = " and more" if answer["more"] else ""
        return Tried(
            (f"as it is now its next run takes {answer['files']:,} files{more}, {answer['bytes']:,} bytes",), answer
        )

    def _deleted(self, change: Change) -> Iterator[str]:
        if change.section == "segments":
            yield f"deletes {self._people(change.id)}"
        for share in (change.actual or {}).get("shares", ()):
            if share["status"] not in {"revoked", "declined"}:
                segments = ", ".join(map(self._people, share["segmentIds"]))
                yield f"withdraws from {share['partner']['organizationName']}: {segments}"
        for each in self._state.of("activations"):
            if change.id in {each["destinationId"], each["activationId"]}:
                yield from self._leaving(each)

    def _leaving(self, activation: Mapping[str, Any]) -> Iterator[str]:
        path = self._session.path(f"/dataflows/{quote(activation['dataflowId'], safe='')}/population")
        found = self._session.api.call("GET", path)
        cleared = (found["people"] or {}).get("cleared")
        yield f"up to {people(cleared, found['cleared'])} leave"


_SHAPING = frozenset({"settings", "dataSources", "segments", "policies", "corePolicies", "connections"})
_SHAPED = frozenset({"destinations", "activations"})


def not_meant(thing: Any, whose: Mapping[str, Any]) -> str | None:
    """Why a connect ID is not that of the partner that the file names; None where it is."""
    if not isinstance(thing, Connection):
        return None
    named = (thing.organization, thing.sandbox or whose["sandboxName"])
    if named == (whose["organizationName"], whose["sandboxName"]):
        return None
    return f"the connect ID is that of {whose['organizationName']}, {whose['sandboxName']}, and not of {thing.key}"


def people(count: int | None, identities: int | None) -> str:
    """A number of people, or of identities where people were not counted."""
    if count is not None:
        return f"{count:,} people"
    return f"{identities:,} identities" if identities is not None else "too many to count"


def _withdrawn(answer: Mapping[str, Any], named: Callable[[str], str]) -> Iterator[str]:
    segments = ", ".join(named(each) for each in answer["segmentIds"])
    yield f"withdraws from {answer['partner']['organizationName']}: {segments}"


def _ruled(answer: Mapping[str, Any]) -> Iterator[str]:
    """Of a policy, a data source or a segment's change."""
    for segment in answer["segments"]:
        labels = sorted({each["label"] for each in segment["violations"] if each["label"]})
        yield f"{segment['name']} can be shared no longer: {', '.join(labels)}"
    for flow in answer["dataflows"]:
        if flow["segmentIds"]:
            yield f"{flow['name']}: {people(flow['people'], flow['members'])} stop"
        if flow["resumedSegmentIds"]:
            yield f"{flow['name']}: {people(flow['resumedPeople'], flow['resumed'])} go on"


def _set(answer: Mapping[str, Any]) -> Iterator[str]:
    """Of other settings."""
    for flow in answer.get("dataflows", ()):
        counts = [f"{people(None, flow[name])} {verb}" for name, verb in (("joining", "join"), ("leaving", "leave"))]
        yield f"{flow['name']}: {', '.join(counts)}"
    for flow in answer.get("guards", ()):
        for member, verb in (("holding", "is held back"), ("releasing", "is let pass")):
            for pair in flow[member]:
                yield f"{flow['name']}: {pair['segmentName']} {verb}, {pair['reason']}"


def _redirected(answer: Mapping[str, Any]) -> Iterator[str]:
    """Of a destination's change."""
    if answer["testNeeded"]:
        yield "is to be tested"
    for segment in answer["segments"]:
        yield f"{segment['name']} can be given no longer"
    for each in answer["activations"]:
        yield f"{_pairs(each['joining'])} join, {_pairs(each['leaving'])} leave"


def _activated(answer: Mapping[str, Any]) -> Iterator[str]:
    """Of an activation, or of its change."""
    counts, excluded = answer["counts"], answer["excluded"]
    if counts is None:
        yield "too many to count in a call"
    else:
        yield f"gives {counts['people']['cleared']:,} of {counts['people']['members']:,} people"
        for reason, number in (excluded or {}).get("byReason", {}).items():
            if number:
                yield f"{number:,} left out: {reason}"
    if "joining" in answer:
        yield f"{_pairs(answer['joining'])} join, {_pairs(answer['leaving'])} leave"


def _pairs(count: int | None) -> str:
    return "too many to count" if count is None else f"{count:,} memberships"


_WORDS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "settings": _set,
    "destinations": _redirected,
    "activations": _activated,
}
