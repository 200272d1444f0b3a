import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { Labels } from '../../components/Labels';
import { NameOrId } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { inSandbox, placeOf } from '../../paths';
import { type Segment, useLabels } from './queries';

/** The labels that count for a segment, what each means, and what it comes from. */
export function SegmentLabels({ segment }: { segment: Segment }) {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const known = new Map(useLabels(sandbox).map((label) => [label.code, label]));
  const rows = [
    ...segment.labels.map((label) => ({ label, from: null })),
    ...(segment.inheritedLabels ?? []).map(({ label, from }) => ({ label, from })),
  ];
  return (
    <Table
      variant="container"
      header={
        <Header
          variant="h2"
          description={t('segments.labels.description')}
          actions={
            segment.origin === 'own' && (
              <GuardedButton
                permission="segments:write"
                onClick={() => void navigate(inSandbox(sandbox, 'segments', segment.segmentId, 'edit'))}
              >
                {t('segments.labels.edit')}
              </GuardedButton>
            )
          }
        >
          {t('segments.labels')}
        </Header>
      }
      items={rows}
      trackBy={({ label, from }) => `${label} ${from?.entityType} ${from?.entityId}`}
      wrapLines
      empty={t('segments.labels.empty')}
      ariaLabels={{ tableLabel: t('segments.labels') }}
      columnDefinitions={[
        {
          id: 'label',
          header: t('segments.label'),
          isRowHeader: true,
          cell: ({ label }) => <Labels labels={[label]} />,
          width: 160,
        },
        {
          id: 'meaning',
          header: t('segments.label.meaning'),
          cell: ({ label }) => {
            const found = known.get(label);
            return <span dir="auto">{found?.description ?? found?.name ?? t('common.none')}</span>;
          },
        },
        {
          id: 'from',
          header: t('segments.label.from'),
          cell: ({ from }) =>
            from ? (
              <>
                {t('segments.label.inherited')}{' '}
                <NameOrId name={from.name} id={from.entityId} href={placeOf(sandbox, from.entityId) ?? ''} />
              </>
            ) : (
              t('segments.label.own')
            ),
        },
      ]}
    />
  );
}
