"""Every five minutes, over all sandboxes: end what nobody answered, finish what was interrupted, see to what is due."""

from typing import Any

from handfast.access import clients
from handfast.activity import hourly_records
from handfast.connections import service as connections
from handfast.dataflows import holding, outbox, recency
from handfast.delivery import alerts, ended
from handfast.destinations import ending, waking
from handfast.feeds import disconnecting
from handfast.ingest import file_queue, refused_removals
from handfast.lake import change_log
from handfast.platform.observability import logger
from handfast.platform.settings import require
from handfast.privacy_requests import sweep as privacy
from handfast.privacy_requests.drop import sweep as drop
from handfast.privacy_requests.protocols.opendsr import signing

require(
    "ACCESS_TABLE",
    "CONNECTIONS_TABLE",
    "SEGMENTS_TABLE",
    "FEEDS_TABLE",
    "DESTINATIONS_TABLE",
    "ACTIVITY_TABLE",
    "PRIVACY_TABLE",
    "DATA_BUCKET",
    "BUCKET_BITS",
    "INGEST_QUEUE_URL",
    "UPLOADS_QUEUE_URL",
    "EXPORT_QUEUE_URL",
    "DELIVERY_QUEUE_URL",
    "PRIVACY_QUEUE_URL",
    "OPENDSR_SECRET_ARN",
    "DESTINATION_SECRETS",
    "PRIVACY_RECORD_MONTHS",
    "USER_POOL_ID",
)

_PARTS = {
    "alerts": lambda: alerts.look_at_all(refused_removals.refused_file),
    "certificate": signing.report,
    "clients": clients.end_overdue,
    "connectRequests": connections.expire_overdue,
    "datedActivations": ending.begin_dated,
    "disconnects": disconnecting.finish_disconnects,
    "endedDestinations": lambda: ending.finish_ended(ended.is_delivered, ended.forget),
    "hourlyCounts": hourly_records.record_ended,
    "dropLists": drop.sweep,
    "heldDataflows": holding.look_again_overdue,
    "identitiesOfAge": holding.come_of_age,
    "recencies": recency.run_overdue,
    "dueRuns": outbox.dispatch_pending,
    "privacyRequests": privacy.sweep,
    "waitingChanges": change_log.wake_overdue,
    "waitingDeliveries": waking.wake_overdue,
    "waitingFiles": file_queue.wake_overdue,
}


def handler(event: dict[str, Any], context: object) -> None:
    """Do every part, whether or not another fails; raises an ExceptionGroup at the end when one has."""
    failed = []
    for name, part in _PARTS.items():
        try:
            part()
        except Exception as error:  # noqa: BLE001 - of this part alone, and raised at the end
            logger.exception("a part of the sweep failed", extra={"part": name})
            failed.append(error)
    if failed:
        raise ExceptionGroup("parts of the sweep failed", failed)
