"""What platforms can be given of a segment, before anything is sent to one (docs/identities.md, Renderings)."""

from handfast.identity.namespaces import namespace_of
from handfast.identity.renderings import PROFILES
from handfast.journal.models import Caller
from handfast.lake import renderings
from handfast.platform.problems import NotFound
from handfast.segments import store
from handfast.segments.models import RenderingCount, RenderingCounts


def count(caller: Caller, segment_id: str) -> RenderingCounts:
    """By namespace, of how many of an own segment's members each platform's form is known.

    Raises NotFound for an unknown segment.
    """
    if store.segment(caller.sandbox_id, segment_id) is None:
        raise NotFound("no such segment")
    counts = renderings.count(caller.sandbox_id, segment_id)
    return RenderingCounts(items=[_count(code, *found) for code, found in sorted(counts.items())])


def _count(code: int, members: int, known: dict[str, int]) -> RenderingCount:
    forms = {name: profile.form(code) for name, profile in PROFILES.items() if profile.takes(code)}
    return RenderingCount(
        namespace=namespace_of(code).symbol,
        members=members,
        platforms={name: known[form] if form else members for name, form in forms.items()},
        as_held=[name for name, form in forms.items() if form is None],
    )
