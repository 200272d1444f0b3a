import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useCan, useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { GuardedButton } from '../../components/Guarded';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type ReceivedFeed, useMembers } from './queries';

/** The identities that are received, page by page, for those who may see identities. */
export function Members({ feed }: { feed: ReceivedFeed }) {
  const t = useT();
  const can = useCan();
  const [isAsked, setAsked] = useState(false);
  const [segment, setSegment] = useState('');
  const isShown = isAsked && can('profiles:read');
  const members = useMembers(useSandbox(), feed, segment, isShown);
  const names = new Map(feed.segments.map(({ segmentId, name }) => [segmentId, name]));
  const options = useSegmentOptions(feed);
  if (members.error && isShown) return <ProblemAlert error={members.error} onRetry={() => void members.refetch()} />;
  return (
    <Table
      header={
        <Header
          variant="h2"
          description={t('receivedFeeds.members.description')}
          actions={
            isShown ? (
              <Select
                inlineLabelText={t('receivedFeeds.segment')}
                selectedOption={options.find(({ value }) => value === segment) ?? null}
                options={options}
                onChange={({ detail }) => setSegment(detail.selectedOption.value ?? '')}
              />
            ) : (
              <GuardedButton permission="profiles:read" onClick={() => setAsked(true)}>
                {t('receivedFeeds.members.show')}
              </GuardedButton>
            )
          }
        >
          {t('receivedFeeds.members')}
        </Header>
      }
      ariaLabels={{ tableLabel: t('receivedFeeds.members') }}
      loading={isShown && members.isPending}
      loadingText={t('common.loading')}
      items={isShown ? members.items : []}
      trackBy={({ namespace, value }) => `${namespace} ${value}`}
      empty={t(isShown ? 'receivedFeeds.members.empty' : 'receivedFeeds.members.hidden')}
      resizableColumns
      columnDefinitions={[
        {
          id: 'value',
          header: t('receivedFeeds.members.value'),
          isRowHeader: true,
          width: 560,
          cell: ({ value }) => <CopyId value={value} label={t('receivedFeeds.members.value')} />,
        },
        {
          id: 'namespace',
          header: t('receivedFeeds.members.namespace'),
          width: 170,
          cell: ({ namespace }) => namespace,
        },
        {
          id: 'segments',
          header: t('receivedFeeds.segments'),
          width: 240,
          cell: ({ segmentIds }) => <span dir="auto">{segmentIds.map((id) => names.get(id) ?? id).join(', ')}</span>,
        },
        {
          id: 'since',
          header: t('receivedFeeds.members.since'),
          width: 150,
          cell: ({ since }) => <Time at={since} />,
        },
      ]}
      footer={
        isShown &&
        members.hasNextPage && (
          <Button loading={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
            {t('receivedFeeds.members.more')}
          </Button>
        )
      }
    />
  );
}

/** All accepted segments, and each of them, to choose from. */
export function useSegmentOptions({ segments }: ReceivedFeed) {
  const t = useT();
  return [
    { value: '', label: t('receivedFeeds.members.all') },
    ...segments
      .filter(({ accepted }) => accepted)
      .map(({ segmentId, name }) => ({ value: segmentId, label: name.slice(0, 100) })),
  ];
}
