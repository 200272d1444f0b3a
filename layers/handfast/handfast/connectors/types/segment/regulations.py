"""Segment's regulations: suppress, unsuppress and delete users. Through the Public API, or the older Config API.

Where a deletion stands is read from its destinations: one that supports no deletion makes Segment's own roll-up FAILED
(docs/sources.md, Seed 001).
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from urllib.parse import quote

from pydantic import AliasChoices, BaseModel, Field

from handfast.connectors import calls
from handfast.connectors.contract import ConnectorError, Part, State, Status
from handfast.connectors.types.segment.settings import Regulation, SegmentSettings
from handfast.platform.outbound import Answer

MAX_IDS = 5_000
MAX_BYTES = 4_000_000
_ENVELOPE = 1_000
type RegulationType = Regulation | Literal["UNSUPPRESS"]
_CONFIG_TYPES: dict[RegulationType, str] = {
    "SUPPRESS_WITH_DELETE": "Suppress_With_Delete",
    "SUPPRESS_ONLY": "Suppress",
    "DELETE_ONLY": "Delete",
    "UNSUPPRESS": "Unsuppress",
}
_STATUS = {
    "INITIALIZED": Status.SENT,
    "RUNNING": Status.SENT,
    "FINISHED": Status.CONFIRMED,
    "NOT_SUPPORTED": Status.NOT_SUPPORTED,
    "PARTIAL_SUCCESS": Status.FAILED,
    "FAILED": Status.FAILED,
    "INVALID": Status.FAILED,
}
_OF_DESTINATIONS = frozenset({"PARTIAL_SUCCESS", "FAILED", "NOT_SUPPORTED"})
"""What a regulation is called as a whole when a destination has not done it, be it that it supports no deletion."""


class _Created(BaseModel):
    regulate_id: str = Field(validation_alias=AliasChoices("regulateId", "regulate_id"), min_length=1)


class _CreatedEnvelope(BaseModel):
    data: _Created


class _Workspace(BaseModel):
    id: str = ""
    slug: str = ""


class _WorkspaceData(BaseModel):
    workspace: _Workspace


class _WorkspaceEnvelope(BaseModel):
    data: _WorkspaceData


class _Destination(BaseModel):
    name: str = ""
    status: str


class _Stream(BaseModel):
    destinations: list[_Destination] | None = Field(
        None, validation_alias=AliasChoices("destinationStatus", "destination_status")
    )


class _Regulation(BaseModel):
    overall: str = Field(validation_alias=AliasChoices("overallStatus", "overall_status"))
    streams: list[_Stream] | None = Field(None, validation_alias=AliasChoices("streamStatus", "stream_status"))
    finished_at: str | None = Field(None, validation_alias=AliasChoices("finishedAt", "finished_at"))


class _Data(BaseModel):
    regulation: _Regulation


class _RegulationEnvelope(BaseModel):
    data: _Data


class Regulations:
    """The regulations of the settings' workspace."""

    def __init__(self, settings: SegmentSettings) -> None:
        self._headers = {"authorization": f"Bearer {settings.access_token.get_secret_value()}"}
        self._public = settings.api == "public"
        self._workspace = settings.workspace
        self._root = settings.api_url + ("" if self._public else "/v1beta")
        self._base = self._root + ("" if self._public else f"/workspaces/{quote(settings.workspace, '')}")

    def _get(self, url: str) -> Answer:
        return calls.call("GET", url, self._headers)

    def check_token(self) -> None:
        """Raise ConnectorError when the token is not good for listing: regulations, or the Config API's workspaces."""
        url = f"{self._base}/regulations?pagination.count=1" if self._public else f"{self._root}/workspaces"
        calls.expect(self._get(url), 200)

    def check_workspace(self) -> None:
        """Raise ConnectorError when the token's workspace, of which a Public API token has one, is another."""
        if self._public:
            workspace = calls.read(calls.expect(self._get(f"{self._root}/"), 200), _WorkspaceEnvelope).data.workspace
            found = self._workspace in (workspace.id, workspace.slug)
        else:
            found = self._get(f"{self._base}/regulations?page_size=1").status == 200
        if not found:
            raise ConnectorError("refused", "the access token does not belong to this workspace")

    def create(self, user_ids: Sequence[str], regulation: RegulationType) -> str:
        """Send a regulation for at most MAX_IDS users and return its id."""
        body: dict[str, Any]
        if self._public:
            body = {"regulationType": regulation, "subjectType": "USER_ID", "subjectIds": user_ids}
        else:
            attributes = {"name": "userId", "values": user_ids}
            body = {"regulation_type": _CONFIG_TYPES[regulation], "attributes": attributes}
        kind = "application/vnd.segment.v1+json" if self._public else "application/json"
        headers = self._headers | {"content-type": kind}
        answer = calls.call("POST", f"{self._base}/regulations", headers, json.dumps(body).encode())
        calls.expect(answer, 200, 201)
        created = calls.read(answer, _CreatedEnvelope).data if self._public else calls.read(answer, _Created)
        return created.regulate_id

    def state(self, regulation_id: str) -> State:
        """Where a regulation stands."""
        answer = self._get(f"{self._base}/regulations/{quote(regulation_id, '')}")
        if answer.status == 404:
            return State(Status.FAILED, "Segment does not know the regulation; it keeps them for 90 days")
        calls.expect(answer, 200)
        found = calls.read(answer, _RegulationEnvelope).data.regulation if self._public else None
        return _state(found or calls.read(answer, _Regulation))


def _status(text: str) -> Status:
    """What is not known yet is not an end."""
    return _STATUS.get(text.upper(), Status.SENT)


def _state(regulation: _Regulation) -> State:
    streams = regulation.streams or []
    parts = tuple(
        Part(destination.name, _status(destination.status))
        for stream in streams
        for destination in stream.destinations or ()
    )
    overall = _status(regulation.overall)
    statuses = {part.status for part in parts}
    if statuses <= {Status.CONFIRMED}:
        status = overall  # what no destination has left undone is Segment's own
    else:
        if not overall.ended or regulation.overall.upper() not in _OF_DESTINATIONS:
            statuses.add(overall)
        # Unfinished wins, then failed; what a destination does not support is no failure of the others.
        ranked = (Status.SENT, Status.FAILED, Status.CONFIRMED, Status.NOT_SUPPORTED)
        status = next(rank for rank in ranked if rank in statuses)
    finished = calls.lenient_time(regulation.finished_at) if status.ended else None
    return State(status, parts=parts, finished_at=finished)


def batches(owned: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Pairs of a person and a user id, cut into what one regulation may carry (5,000 ids, 4 MB)."""
    batch: list[tuple[int, str]] = []
    size = _ENVELOPE
    for pair in owned:
        length = len(json.dumps(pair[1])) + 2
        if batch and (len(batch) == MAX_IDS or size + length > MAX_BYTES):
            yield batch
            batch, size = [], _ENVELOPE
        batch.append(pair)
        size += length
    if batch:
        yield batch
