"""Files of Real-Time CDP Collaboration's audience sourcing, version 1.3: columns like any other's."""

from handfast.ingest.models import ColumnMapping, FileOptions
from handfast.ingest.presets.contract import Preset, Reading, Surroundings

_AUDIENCES = "AUDIENCE_ID"
_KEYS = {
    "HASHED_EMAIL_SHA_256": ("Email_LC_SHA256", "none"),
    "HASHED_PHONE_SHA_256": ("Phone_SHA256_E.164", "none"),
    "IDFA": ("IDFA", None),
    "GAID": ("GAID", None),
}
_OTHERS = frozenset({"HASHED_IPV4_SHA_256", "CRM_ID", "LOYALTY_ID", "ADFIXUS_ID"})


def _detect(_file_name: str, head: bytes) -> str | None:
    first = head.removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    names = {name.strip(' "') for line in first for name in line.decode(errors="replace").split(",")}
    keys = sorted(names & {*_KEYS, *_OTHERS})
    if _AUDIENCES not in names or not keys:
        return None
    return f"The header has {_AUDIENCES} beside {', '.join(keys)}, as Collaboration's sourcing files have."


def _read(_body: FileOptions, _given: Surroundings) -> Reading:
    keys = [
        ColumnMapping(
            column=name, role="identity", namespace=namespace, transform=transform, separator="|", optional=True
        )
        for name, (namespace, transform) in _KEYS.items()
    ]
    person = ColumnMapping(column="CRM_ID", role="profileId", optional=True)
    return Reading((ColumnMapping(column=_AUDIENCES, role="segment"), *keys, person))


preset = Preset(
    name="rtc-collaboration",
    title="Collaboration audience sourcing",
    description="A CSV of profiles with their audiences and hashed keys, several to a cell",
    source="https://experienceleague.adobe.com/en/docs/real-time-cdp-collaboration/using/setup/onboard-audiences",
    formats=("csv",),
    mode="delta",
    modes=("overwrite",),
    detect=_detect,
    read=_read,
)
