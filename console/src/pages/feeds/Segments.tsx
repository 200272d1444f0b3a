import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { Labels } from '../../components/Labels';
import { NameOrId } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { labelsOf } from './draft';
import { type Feed, useOwnSegments } from './queries';

/** The segments of a feed's draft, at most twenty. */
export function Segments({ feed }: { feed: Feed }) {
  const t = useT();
  const sandbox = useSandbox();
  const known = new Map(useOwnSegments(sandbox).data?.items.map((segment) => [segment.segmentId, segment]));
  const items = feed.segmentIds.map((segmentId) => ({ segmentId, segment: known.get(segmentId) }));
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${items.length})`} description={t('feeds.segments.draft')}>
          {t('feeds.segments')}
        </Header>
      }
      ariaLabels={{ tableLabel: t('feeds.segments') }}
      trackBy="segmentId"
      items={items}
      columnDefinitions={[
        {
          id: 'name',
          header: t('feeds.segment'),
          isRowHeader: true,
          cell: ({ segmentId, segment }) => (
            <NameOrId name={segment?.name} id={segmentId} href={inSandbox(sandbox, 'segments', segmentId)} />
          ),
        },
        { id: 'people', header: t('feeds.people'), cell: ({ segment }) => <Count value={segment?.counts.people} /> },
        {
          id: 'identities',
          header: t('feeds.identities'),
          cell: ({ segment }) => <Count value={segment?.counts.identities} />,
        },
        {
          id: 'labels',
          header: t('feeds.labels'),
          cell: ({ segment }) => <Labels labels={segment && labelsOf(segment)} />,
        },
      ]}
    />
  );
}
