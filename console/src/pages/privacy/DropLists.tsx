import './page.css';
import Alert from '@cloudscape-design/components/alert';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type DropList, useDropLists } from './queries';

/** The lists of California's Delete Request and Opt-out Platform, as far as they are. */
export default function DropLists() {
  const t = useT();
  const sandbox = useSandbox();
  const list = useDropLists(sandbox);
  const title = t('privacy.drop');
  usePage({
    title,
    contentType: 'table',
    breadcrumbs: [{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }, { text: title }],
  });
  const columns: Column<DropList>[] = [
    {
      id: 'name',
      header: t('privacy.drop.file'),
      cell: ({ fileName, dropListId }) => (
        <RouteLink href={inSandbox(sandbox, 'privacy/drop-lists', dropListId)}>{fileName || dropListId}</RouteLink>
      ),
      value: ({ fileName }) => fileName,
      isRowHeader: true,
      width: 300,
    },
    {
      id: 'status',
      header: t('privacy.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 170,
    },
    {
      id: 'due',
      header: t('privacy.due'),
      cell: ({ dueAt }) => <Time at={dueAt} />,
      value: ({ dueAt }) => dueAt,
      width: 170,
    },
    {
      id: 'received',
      header: t('privacy.received'),
      cell: ({ receivedAt }) => <Time at={receivedAt} />,
      value: ({ receivedAt }) => receivedAt,
      width: 170,
    },
    {
      id: 'open',
      header: t('privacy.drop.open'),
      cell: ({ outcomes }) => <Count value={outcomes.open ?? 0} />,
      value: ({ outcomes }) => outcomes.open ?? 0,
      width: 130,
    },
  ];
  const isOverdue = list.data?.items.some(({ overdue }) => overdue);
  return (
    <>
      {isOverdue && <Alert type="error">{t('privacy.drop.overdue')}</Alert>}
      <ResourceTable
        name="privacy-drop-lists"
        variant="full-page"
        title={title}
        description={t('privacy.drop.description')}
        list={list}
        columns={columns}
        idOf={({ dropListId }) => dropListId}
        empty={{ title: t('privacy.drop.empty'), detail: t('privacy.drop.empty.detail') }}
        sortBy={{ column: 'received', isDescending: true }}
      />
    </>
  );
}
