import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { Written } from '../../components/NameOrId';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type Feed, useVersions } from './queries';

/** The versions of a feed that have been published. Nothing for one that has none, or whose log may not be read. */
export function Versions({ feed }: { feed: Feed }) {
  const t = useT();
  const versions = useVersions(useSandbox(), feed.feedId, feed.version);
  if (versions.length === 0) return null;
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${versions.length})`}>
          {t('feeds.versions')}
        </Header>
      }
      ariaLabels={{ tableLabel: t('feeds.versions') }}
      trackBy={({ version }) => String(version)}
      items={versions}
      columnDefinitions={[
        {
          id: 'version',
          header: t('feeds.version'),
          isRowHeader: true,
          cell: ({ version }) => <Count value={version} />,
        },
        { id: 'at', header: t('feeds.publishedAt'), cell: ({ at }) => <Time at={at} exact /> },
        { id: 'by', header: t('feeds.versions.by'), cell: ({ by }) => <Written>{by}</Written> },
        { id: 'partners', header: t('feeds.partners'), cell: ({ partners }) => <Count value={partners} /> },
      ]}
    />
  );
}
