import Header from '@cloudscape-design/components/header';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useSandbox } from '../../api/me';
import { NameOrId } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { StatusBadge } from '../../components/StatusBadge';
import { useT } from '../../i18n/messages';
import type { Segment } from './queries';
import { useUses } from './uses';

/** The feeds, destinations and composed segments that a segment is part of. */
export function UsedBy({ segment }: { segment: Segment }) {
  const t = useT();
  const uses = useUses(useSandbox(), segment);
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description={uses.isPartial ? t('segments.usedBy.partial') : undefined}>
          {t('segments.usedBy')}
        </Header>
      }
      footer={uses.error && <ProblemAlert error={uses.error} />}
      items={uses.items}
      trackBy={({ id }) => id}
      empty={uses.isPending ? <Spinner aria-label={t('common.loading')} /> : t('segments.usedBy.empty')}
      ariaLabels={{ tableLabel: t('segments.usedBy') }}
      columnDefinitions={[
        {
          id: 'name',
          header: t('segments.name'),
          isRowHeader: true,
          cell: ({ name, id, href }) => <NameOrId name={name} id={id} href={href} />,
        },
        { id: 'kind', header: t('segments.use.kind'), cell: ({ kind }) => t(`segments.use.${kind}`) },
        {
          id: 'status',
          header: t('segments.use.status'),
          cell: ({ status }) => (status ? <StatusBadge status={status} /> : t('common.none')),
        },
      ]}
    />
  );
}
