"""Lists that a connector brings from DROP's API, and takes their answers to."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from handfast.connectors import store as connectors
from handfast.connectors.contract import ConnectorError
from handfast.connectors.service import settings_of
from handfast.connectors.types.drop import api
from handfast.journal.models import Sandbox
from handfast.platform import clock, objects
from handfast.platform.queues import LONGEST_DELAY
from handfast.privacy_requests.drop import rules, store
from handfast.privacy_requests.drop.models import DropList
from handfast.privacy_requests.drop.reading import ListRejected

_PUT_OFF = timedelta(hours=1)
"""Until a call is made again that DROP refuses: somebody has to see to the key, the account or an older list."""


def fetch(_: Sandbox, of: DropList) -> DropList:
    """Download the lists; where there are none, the list ends, and the cycle begins anew with it.

    Raises ConnectorError, and ListRejected when the connector is gone.
    """
    found = api.download(_settings(of))
    now = clock.now()
    received, due = clock.to_text(now), clock.to_text(now + rules.CYCLE)
    of_now = replace(of, received_at=received, due_at=due, retry_at=None, reason=None, detail=None)
    if found is None:
        written = store.save(replace(of_now, status="completed", ended_at=received), of, "completed")
    else:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(found.content)
            store.put(store.key(of, "file"), path)
        written = store.save(replace(of_now, step="match", file_name=found.file_name or of.file_name), of, "received")
    store.begin_cycle(of.sandbox_id, written.received_at)
    return written


def answer(_: Sandbox, of: DropList) -> DropList:
    """Send the status files, by which the list ends. A repeat sends them again, which DROP tells apart by their names.

    Raises ConnectorError, and ListRejected when the connector is gone.
    """
    settings = _settings(of)
    for file in of.files:
        # DROP wants no answer to a list without lines, and there is none to what was not compared.
        if of.is_answered(file) and file.lines and (read := objects.read(store.status_key(of, file.file_name))):
            api.upload(settings, file.file_name, read[0])
    now = clock.now_text()
    ended = replace(of, status="completed", ended_at=now, answered_at=now, retry_at=None, reason=None, detail=None)
    return store.save(ended, of, "completed")


def put_off(of: DropList, error: ConnectorError) -> None:
    """Note what DROP has answered instead, and have it called again: soon as it asks, or in an hour when it refuses."""
    wait = timedelta(seconds=error.retry_after or 60) if error.transient else _PUT_OFF
    until = clock.to_text(clock.now() + wait)
    event = "put_off" if error.reason not in ("pending", of.reason) else None
    store.save(replace(of, reason=error.reason, detail=error.detail, retry_at=until), of, event)
    if wait.total_seconds() < LONGEST_DELAY:
        store.wake(of.sandbox_id, of.drop_list_id, int(wait.total_seconds()) + 1)


def _settings(of: DropList) -> api.DropSettings:
    connector = connectors.connector(of.sandbox_id, of.connector_id or "")
    if connector is None:
        store.fetch_by(of.sandbox_id, None)
        detail = "its connector is gone: bring DROP's file, and take its status files to the Data Broker Portal"
        raise ListRejected("no_connector", detail)
    try:
        found = settings_of(connector)
    except ValidationError:
        found = None
    if not isinstance(found, api.DropSettings):
        raise ConnectorError("unauthorized", "the connector's settings are no longer valid; set it up anew")
    return found
