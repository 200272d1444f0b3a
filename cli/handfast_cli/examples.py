"""What stands in the examples of help for arguments, and for members that must be given."""

from collections.abc import Mapping
from types import MappingProxyType

_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "action": "email_targeting",
        "activation": "act_…",
        "alerts": "activation_failing",
        "batch": "bat_…",
        "bulk": "bulk_…",
        "channels": "webhook",
        "code": "CODE",
        "connectId": "CONNECT-ID",
        "connection": "con_…",
        "connectionId": "con_…",
        "connector": "cn_…",
        "data_source": "ds_…",
        "dataflow": "flow_…",
        "destination": "dst_…",
        "destination_type": "webhook",
        "dropList": "drl_…",
        "email": "ann@example.com",
        "feed": "feed_…",
        "format": "csv",
        "imported": "imp_…",
        "invitation": "inv_…",
        "kind": "text",
        "label": "C9",
        "name": "'Spring buyers'",
        "namespace": "loyalty_id",
        "namespaces": "email",
        "note": "'Sent by post'",
        "notification": "ntf_…",
        "policy": "pol_…",
        "principal": "PRINCIPAL",
        "privacy_request": "prq_…",
        "reason": "'Asked twice'",
        "received_feed": "rf_…",
        "segment": "seg_…",
        "segmentIds": "seg_…",
        "source": "src_…",
        "token": "rtk_…",
        "upload": "upl_…",
        "url": "https://example.com/hooks",
        "webhook": "whk_…",
    }
)


def value_of(name: str) -> str:
    """What stands for an argument or a member; its own name in capitals where nothing says more."""
    return _VALUES.get(name, name.upper())
