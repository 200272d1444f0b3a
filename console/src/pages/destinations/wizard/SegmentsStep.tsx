import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../../api/me';
import { Count } from '../../../components/Count';
import { Written } from '../../../components/NameOrId';
import { type Column, ResourceTable } from '../../../components/ResourceTable';
import { useT } from '../../../i18n/messages';
import { type Explained, type Segment, useActivations, useExplained, useSegments } from '../queries';
import { useViolationSentence } from '../Violations';

interface Props {
  destination: string;
  /** The activation that is edited, whose own segments stay open to choice. */
  activation?: string;
  chosen: readonly string[];
  onChange: (segmentIds: string[]) => void;
}

/** All segments of the sandbox; those that cannot be activated are greyed, and say why. */
export function SegmentsStep({ destination, activation, chosen, onChange }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const list = useSegments(sandbox);
  const activations = useActivations(sandbox, destination);
  const items = list.data?.items ?? [];
  const explained = useExplained(
    sandbox,
    destination,
    items.map(({ segmentId }) => segmentId),
    list.isSuccess,
  );
  const whyNot = useWhyNot();
  const elsewhere = new Set(
    (activations.data?.items ?? [])
      .filter(({ activationId }) => activationId !== activation)
      .flatMap(({ segments }) => segments.map(({ segmentId }) => segmentId)),
  );
  const blockedBy = ({ segmentId }: Segment): string | null => {
    if (elsewhere.has(segmentId)) return t('destinations.wizard.elsewhere');
    const told = explained.data?.get(segmentId);
    return told && !told.allowed ? whyNot(told) : null;
  };
  const grey = (segment: Segment) => (blockedBy(segment) === null ? 'inherit' : 'text-status-inactive');
  const columns: Column<Segment>[] = [
    {
      id: 'name',
      header: t('destinations.segment'),
      cell: (segment) => (
        <Box color={grey(segment)}>
          <Written>{segment.name}</Written>
        </Box>
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 250,
    },
    {
      id: 'allowed',
      header: t('destinations.wizard.allowed'),
      cell: (segment) => {
        const why = blockedBy(segment);
        if (why !== null)
          return (
            <div className="wraps">
              <StatusIndicator type="stopped">{why}</StatusIndicator>
            </div>
          );
        if (explained.isPending) return <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>;
        if (explained.isError) return <StatusIndicator type="warning">{t('destinations.unknown')}</StatusIndicator>;
        return <StatusIndicator type="success">{t('destinations.policies.allowed')}</StatusIndicator>;
      },
      value: (segment) => blockedBy(segment) ?? '',
      width: 320,
    },
    {
      id: 'origin',
      header: t('destinations.wizard.origin'),
      cell: (segment) => <Box color={grey(segment)}>{t(`destinations.origin.${segment.origin}`)}</Box>,
      value: ({ origin }) => t(`destinations.origin.${origin}`),
      width: 130,
    },
    {
      id: 'identities',
      header: t('destinations.wizard.identities'),
      cell: ({ counts }) => <Count value={counts.identities} />,
      value: ({ counts }) => counts.identities,
      width: 120,
    },
  ];
  return (
    <ResourceTable
      name="segments-to-activate"
      title={t('destinations.segments')}
      description={t('destinations.wizard.chosen', { count: chosen.length })}
      list={list}
      columns={columns}
      idOf={({ segmentId }) => segmentId}
      selection={{
        type: 'multi',
        selected: items.filter(({ segmentId }) => chosen.includes(segmentId)),
        onChange: (selected) => onChange(selected.map(({ segmentId }) => segmentId)),
        // What was chosen before can always be taken out.
        isDisabled: (segment) => blockedBy(segment) !== null && !chosen.includes(segment.segmentId),
      }}
      filters={[
        {
          id: 'origin',
          label: t('destinations.wizard.origin'),
          value: ({ origin }) => origin,
          options: [...new Set(items.map(({ origin }) => origin))].map((value) => ({
            value,
            label: t(`destinations.origin.${value}`),
          })),
        },
      ]}
      empty={{ title: t('destinations.wizard.noSegments'), detail: t('destinations.wizard.noSegments.detail') }}
      sortBy={{ column: 'name' }}
    />
  );
}

function useWhyNot(): (told: Explained) => string {
  const t = useT();
  const sentence = useViolationSentence();
  return ({ violations, lostSegmentIds }) =>
    violations.map(sentence).join('; ') ||
    (lostSegmentIds.length > 0 ? t('destinations.wizard.lost') : t('destinations.wizard.forbidden'));
}
