"""Which labels a segment carries, and what they forbid. Pure: what is read, the callers have read."""

from collections.abc import Collection, Iterable, Iterator

from handfast.governance import export_controls
from handfast.governance.labels import in_order
from handfast.governance.marketing_actions import refused
from handfast.governance.models import AUDIENCE_SHARING, DataSource, PartnerTerms, Rulebook
from handfast.governance.policies import Carried, Origin, Violation, violations
from handfast.segments.models import InheritedLabel, LabelOriginView, Segment


def carried(own: Segment, rules: Rulebook) -> list[Carried]:
    """The labels of a segment with where they come from: its own, those of columns and data sources that fed it, and
    those of the segments that it is composed of.

    A data source's count as they are now, so that one change there moves all segments that it feeds.
    """
    itself = Origin("segment", own.segment_id, own.name)
    return [*(Carried(label, itself) for label in own.labels), *inherited(own, rules)]


def inherited(own: Segment, rules: Rulebook) -> list[Carried]:
    """The labels of a segment that are not its own."""
    columns = [
        Carried(label, Origin("column", column_id(own, column), column))
        for column, labels in sorted(own.column_labels.items())
        for label in in_order(labels)
    ]
    of_sources = [Carried(label, _origin(source)) for source in _sources(own, rules) for label in source.carried]
    of_parts = dict.fromkeys(label for part in own.parts for label in carried(part, rules))
    return [*columns, *of_sources, *of_parts]


def _sources(own: Segment, rules: Rulebook) -> list[DataSource]:
    fed = [*own.data_source_ids, *([AUDIENCE_SHARING.data_source_id] if own.received else [])]
    return [rules.sources[name] for name in fed if name in rules.sources]


def _origin(source: DataSource) -> Origin:
    return Origin("dataSource", source.data_source_id, source.name)


def labels_of(own: Segment, rules: Rulebook) -> list[str]:
    """The labels of a segment, each once."""
    return in_order(each.label for each in carried(own, rules))


def column_id(own: Segment, column: str) -> str:
    """What names a column that a segment inherits labels of."""
    return f"{own.segment_id}/{column}"


def inherited_views(own: Segment, rules: Rulebook) -> list[InheritedLabel]:
    """The inherited labels as they are answered."""
    return [InheritedLabel(label=each.label, origin=LabelOriginView.of(each.origin)) for each in inherited(own, rules)]


def forbidden(
    own: Segment, rules: Rulebook, actions: Collection[str], terms: Iterable[PartnerTerms] = ()
) -> list[Violation]:
    """What forbids the marketing actions for a segment: policies, export controls of the data sources that feed it or
    its parts, and the terms of what it has of partners. Empty where they are allowed.
    """
    excluded = [
        Violation(
            each.received_feed_id, each.name, None, action, Origin("receivedFeed", each.received_feed_id, each.name)
        )
        for each in terms
        for action in refused(each.marketing_actions, actions)
    ]
    return [
        *violations(rules.policies.values(), carried(own, rules), actions),
        *dict.fromkeys(_controlled(own, rules, actions)),
        *excluded,
    ]


def _controlled(own: Segment, rules: Rulebook, actions: Collection[str]) -> Iterator[Violation]:
    for source in _sources(own, rules):
        for row in export_controls.blocking(source.export_controls, actions):
            yield Violation(row.control, row.control_text, row.label, row.marketing_action, _origin(source))
    for part in own.parts:
        yield from _controlled(part, rules, actions)
