import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { Labels } from '../../components/Labels';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { kindOf } from './kinds';
import { type Segment, useNamespaces, useRenderings } from './queries';

interface Row {
  namespace: string;
  members: number;
  platforms: string[] | null;
}

/** The identities of a segment by namespace, and what advertising platforms can be given of them. */
export function Identities({ segment }: { segment: Segment }) {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const namespaces = useNamespaces(sandbox);
  const nameOf = (code: string) => namespaces.find((each) => each.code === code)?.name ?? code;
  const hasForms = segment.origin === 'own' && segment.counts.identities > 0;
  const renderings = useRenderings(sandbox, segment, hasForms);
  const formsOf = (namespace: string): string[] | null => {
    const found = renderings.data?.value.items.find((each) => each.namespace === namespace);
    if (!found) return null;
    return Object.entries(found.platforms).map(([platform, members]) =>
      t('segments.rendering', {
        platform: t(`segments.platform.${platform}`),
        members: intl.formatNumber(members),
      }),
    );
  };
  const rows: Row[] = Object.entries(segment.counts.byNamespace)
    .map(([namespace, members]) => ({ namespace, members, platforms: formsOf(namespace) }))
    .sort((one, other) => other.members - one.members);
  const forms = {
    id: 'platforms',
    header: t('segments.renderings'),
    cell: ({ platforms }: Row) => (renderings.isPending ? '…' : <Labels labels={platforms} />),
  };
  const isUncounted = kindOf(segment) === 'composed' && segment.counts.peopleAsOf === null;
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description={hasForms ? t('segments.byNamespace.description') : undefined}>
          {t('segments.byNamespace')}
        </Header>
      }
      footer={renderings.error && <ProblemAlert error={renderings.error} onRetry={() => void renderings.refetch()} />}
      items={rows}
      trackBy={({ namespace }) => namespace}
      empty={t(isUncounted ? 'segments.people.uncounted' : 'segments.byNamespace.empty')}
      ariaLabels={{ tableLabel: t('segments.byNamespace') }}
      columnDefinitions={[
        {
          id: 'namespace',
          header: t('segments.namespace'),
          isRowHeader: true,
          cell: ({ namespace }) => <span title={namespace}>{nameOf(namespace)}</span>,
        },
        {
          id: 'members',
          header: t('segments.identities'),
          cell: ({ members }) => <Count value={members} />,
        },
        ...(hasForms ? [forms] : []),
      ]}
    />
  );
}
