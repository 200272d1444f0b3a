"""Why a file that could be read is refused all the same: too many of its rows, or of the members that would leave."""

from collections.abc import Mapping

from handfast.ingest.models import Failure
from handfast.ingest.plan import NOT_SELECTED, StagedCounts

_TOP_REASONS = 5


def too_many_rejects(counts: StagedCounts, guard: float, *, allowed: bool) -> Failure | None:
    """Refuse a file none of whose rows is usable, and one that has more refused rows than the guard, unless `allowed`.

    `guard` is a share of the rows, 0 to 1.
    """
    reasons = _reasons({name: n for name, n in counts.rejected_by_reason.items() if name != NOT_SELECTED})
    if counts.selected and not counts.accepted:
        return Failure(
            "all_rejected",
            f"every row was refused ({counts.selected}): {reasons}; the rejects name row, column and reason. Correct"
            " the file, or the mapping of its columns, and send it again",
        )
    refused = counts.selected - counts.accepted
    if refused > guard * counts.selected and not allowed:
        return Failure(
            "reject_guard",
            f"{refused} of {counts.selected} rows were refused, more than the sandbox's guard of {_percent(guard)}:"
            f" {reasons}; the rejects name row, column and reason. Correct the file, or send it with allowRejects if"
            " the other rows are to be taken",
        )
    return None


def too_many_replaced(counts: StagedCounts) -> Failure | None:
    """Refuse a file of whose people more identities would go than it has rows: an id that so many have is nobody's."""
    if counts.replaced <= counts.accepted:
        return None
    return Failure(
        "removal_guard",
        f"{counts.replaced} identities would be replaced by those of {counts.accepted} rows; look for a profile id that"
        " stands for many people, or send it with allowRemoval if that is meant",
    )


def too_many_profiles(known: int, new: int, entitlement: int | None, *, allowed: bool) -> Failure | None:
    """Refuse a file whose new identities would be more, with those known, than the sandbox is entitled to.

    A file that brings nobody new is taken, and so is any with `allowed`; `entitlement` None is none.
    """
    if entitlement is None or allowed or not new or known + new <= entitlement:
        return None
    return Failure(
        "profile_entitlement",
        f"the file would add {new} profiles to the {known} that the sandbox has, of {entitlement} that it is entitled"
        " to; send fewer, select fewer of its segments, or send it with allowOverEntitlement if that is meant",
    )


def _percent(share: float) -> str:
    return f"{share * 100:.4g} %"


def _reasons(by_reason: Mapping[str, int]) -> str:
    """The most frequent reasons with their counts, such as `invalid_email 7, no_identity 2`."""
    first = sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{reason} {count}" for reason, count in first[:_TOP_REASONS]]
    return ", ".join(told + (["and others"] if len(first) > _TOP_REASONS else []))


def too_many_removals(members: int, leaving: int, guard: float) -> Failure | None:
    """Refuse a snapshot that would remove more than the guard, a share of the members from 0 to 1."""
    if leaving <= guard * members:
        return None
    return Failure(
        "removal_guard",
        f"the snapshot would remove {leaving} of {members} members, more than the sandbox's guard of"
        f" {_percent(guard)}; send it with allowRemoval if that is meant",
    )
