"""Refusing what policies forbid of segments, with what forbids it and what would help."""

from collections.abc import Mapping, Sequence

from handfast.governance.policies import Violation, resolutions
from handfast.platform.problems import Refused
from handfast.segments.models import ViolationView


def refuse(violations: Mapping[str, Sequence[Violation]], use: str, leave: str) -> None:
    """Raise Refused, with `violations`, when anything forbids a use of segments, by their ids.

    `use` says what is forbidden, `leave` how it is not done.
    """
    found = {segment_id: forbidden for segment_id, forbidden in violations.items() if forbidden}
    if not found:
        return
    first = next(iter(found.values()))[0]
    why = f"{first.policy_name} for {first.label or first.marketing_action}"
    detail = f"policies or terms forbid {use} {len(found)} of the segments, such as {why}"
    listed = [
        {"segmentId": segment_id} | ViolationView.of(violation).model_dump(by_alias=True)
        for segment_id, forbidden in found.items()
        for violation in forbidden
    ]
    texts = resolutions((violation for forbidden in found.values() for violation in forbidden), leave)
    raise Refused(detail, reason="policy_violation", violations=listed, resolve=texts)
