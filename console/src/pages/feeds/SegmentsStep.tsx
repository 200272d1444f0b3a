import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { errorAt } from '../../components/field-errors';
import { Guarded } from '../../components/Guarded';
import { Labels } from '../../components/Labels';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { Chosen } from './Chosen';
import { labelsOf, MOST_SEGMENTS, policiesAgainst } from './draft';
import type { StepProps } from './FeedWizard';
import { type Policy, type Segment, useOwnSegments, usePolicies } from './queries';

/** Which of the sandbox's own segments the feed has. What a policy forbids is grey, and says which. */
export function SegmentsStep(props: StepProps) {
  const t = useT();
  return (
    <Guarded
      permission="segments:read"
      otherwise={<Alert type="warning">{t('guard.reason', { permission: 'segments:read' })}</Alert>}
    >
      <SegmentsTable {...props} />
    </Guarded>
  );
}

function SegmentsTable({ input, change, error, missing }: StepProps) {
  const t = useT();
  const sandbox = useSandbox();
  const list = useOwnSegments(sandbox);
  const policies = usePolicies(sandbox).data?.items ?? [];
  const segments = list.data?.items ?? [];
  const against = new Map(segments.map((segment) => [segment.segmentId, policiesAgainst(segment, policies)]));
  const isBlocked = ({ segmentId }: Segment) => (against.get(segmentId)?.length ?? 0) > 0;
  const known = new Map(segments.map((segment) => [segment.segmentId, segment]));
  const selected = input.segmentIds.flatMap((id) => known.get(id) ?? []);
  const columns: Column<Segment>[] = [
    {
      id: 'name',
      header: t('feeds.segment'),
      cell: (segment) => (
        <Box color={isBlocked(segment) ? 'text-status-inactive' : 'inherit'}>
          <Written>{segment.name}</Written>
        </Box>
      ),
      value: ({ name }) => name,
      isRowHeader: true,
      width: 250,
    },
    {
      id: 'sharing',
      header: t('feeds.sharing'),
      cell: ({ segmentId }) => <Verdict policies={against.get(segmentId) ?? []} />,
      value: (segment) => t(isBlocked(segment) ? 'feeds.blocked' : 'feeds.allowed'),
      width: 300,
    },
    {
      id: 'people',
      header: t('feeds.people'),
      cell: ({ counts }) => <Count value={counts.people} />,
      value: ({ counts }) => counts.people,
      width: 110,
    },
    {
      id: 'identities',
      header: t('feeds.identities'),
      cell: ({ counts }) => <Count value={counts.identities} />,
      value: ({ counts }) => counts.identities,
      width: 120,
    },
    {
      id: 'labels',
      header: t('feeds.labels'),
      cell: (segment) => <Labels labels={labelsOf(segment)} />,
      value: (segment) => labelsOf(segment).join(' '),
      width: 150,
    },
    {
      id: 'externalId',
      header: t('feeds.externalId'),
      cell: ({ externalId }) => (externalId ? <Written>{externalId}</Written> : t('common.none')),
      value: ({ externalId }) => externalId,
      isHidden: true,
    },
  ];
  const missed =
    missing.includes('/segmentIds') &&
    t(input.segmentIds.length > 0 ? 'feeds.segments.tooMany' : 'feeds.segments.missing', { count: MOST_SEGMENTS });
  return (
    <SpaceBetween size="l">
      <FormField errorText={errorAt(error, '/segmentIds') ?? missed} stretch>
        <ResourceTable
          name="feed-segments"
          title={t('feeds.segments.choose')}
          description={t('feeds.segments.description', { count: MOST_SEGMENTS })}
          list={list}
          columns={columns}
          idOf={({ segmentId }) => segmentId}
          selection={{
            type: 'multi',
            selected,
            isDisabled: (segment) => isBlocked(segment) && !input.segmentIds.includes(segment.segmentId),
            onChange: (chosen) => change({ segmentIds: chosen.map(({ segmentId }) => segmentId) }),
          }}
          filters={[
            {
              id: 'sharing',
              label: t('feeds.sharing'),
              value: (segment) => (isBlocked(segment) ? 'blocked' : 'allowed'),
              options: (['allowed', 'blocked'] as const).map((value) => ({ value, label: t(`feeds.${value}`) })),
            },
          ]}
          empty={{
            title: t('feeds.segments.empty'),
            detail: t('feeds.segments.empty.detail'),
            action: <RouteLink href={inSandbox(sandbox, 'segments')}>{t('feeds.segments.empty.action')}</RouteLink>,
          }}
        />
      </FormField>
      <Chosen
        title={t('feeds.segments.chosen', { count: input.segmentIds.length })}
        items={input.segmentIds.map((id) => ({ id, name: known.get(id)?.name ?? id }))}
        onRemove={(gone) => change({ segmentIds: input.segmentIds.filter((id) => id !== gone) })}
      />
    </SpaceBetween>
  );
}

function Verdict({ policies }: { policies: Policy[] }) {
  const t = useT();
  const sandbox = useSandbox();
  if (policies.length === 0) return <StatusIndicator type="success">{t('feeds.allowed')}</StatusIndicator>;
  return (
    <StatusIndicator type="stopped">
      {t('feeds.blockedBy')}{' '}
      {policies.map(({ policyId, name }, at) => (
        <span key={policyId}>
          {at > 0 && ', '}
          <RouteLink href={inSandbox(sandbox, 'governance/policies', policyId)}>
            <Written>{name}</Written>
          </RouteLink>
        </span>
      ))}
    </StatusIndicator>
  );
}
