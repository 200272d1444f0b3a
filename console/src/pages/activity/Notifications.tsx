import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { type Notification, notificationsKey, rowsOf, useNotifications } from './queries';
import { placeOfRecord, useWords } from './words';

export default function Notifications() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { event } = useWords();
  const list = useNotifications(sandbox);
  const title = t('activity.notifications.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const mark = useAction(
    async (notifications: string[]) => {
      for (const notification of notifications)
        await api.POST('/sandboxes/{sandbox}/notifications/{notification}/read', {
          params: { path: { sandbox, notification } },
        });
      return notifications.length;
    },
    { invalidates: [notificationsKey(sandbox)] },
  );
  const unread = list.items.filter(({ read }) => !read).map(({ notificationId }) => notificationId);
  const open = ({ notificationId, read }: Notification, href: string) => {
    if (!read) mark.mutate([notificationId], { onError: flash.error });
    void navigate(href);
  };
  const columns: Column<Notification>[] = [
    {
      id: 'what',
      header: t('activity.notifications.what'),
      cell: (notification) => {
        const href = placeOfRecord(sandbox, notification);
        if (!href) return <Written>{notification.title}</Written>;
        return (
          <Link
            href={href}
            onFollow={(followed) => {
              followed.preventDefault();
              open(notification, href);
            }}
          >
            <Written>{notification.title}</Written>
          </Link>
        );
      },
      value: ({ title }) => title,
      isRowHeader: true,
      width: 400,
    },
    {
      id: 'state',
      header: t('activity.notifications.state'),
      cell: ({ read }) => (
        <StatusIndicator type={read ? 'success' : 'info'} colorOverride={read ? 'grey' : undefined}>
          {t(read ? 'activity.notifications.read' : 'activity.notifications.unread')}
        </StatusIndicator>
      ),
      value: ({ read }) => t(read ? 'activity.notifications.read' : 'activity.notifications.unread'),
      width: 125,
    },
    {
      id: 'kind',
      header: t('activity.notifications.kind'),
      cell: ({ type }) => event(type),
      value: ({ type }) => event(type),
      width: 250,
    },
    {
      id: 'at',
      header: t('activity.at'),
      cell: ({ at }) => <Time at={at} />,
      value: ({ at }) => at,
      width: 145,
    },
    {
      id: 'mark',
      header: t('activity.notifications.mark'),
      cell: ({ read, notificationId, title }) =>
        !read && (
          <Button
            variant="inline-link"
            ariaLabel={t('activity.notifications.mark.one', { title })}
            onClick={() => mark.mutate([notificationId], { onError: flash.error })}
          >
            {t('activity.notifications.mark')}
          </Button>
        ),
      width: 150,
    },
  ];
  return (
    <>
      <ResourceTable
        name="notifications"
        variant="full-page"
        title={title}
        description={t('activity.notifications.description')}
        list={rowsOf(list)}
        columns={columns}
        idOf={({ notificationId }) => notificationId}
        actions={
          <Button
            disabled={unread.length === 0}
            loading={mark.isPending}
            onClick={() =>
              mark.mutate(unread, {
                onSuccess: (count) => flash.success(t('activity.notifications.marked', { count })),
                onError: flash.error,
              })
            }
          >
            {t('activity.notifications.markAll')}
          </Button>
        }
        empty={{ title: t('activity.notifications.empty'), detail: t('activity.notifications.empty.detail') }}
        filters={[
          {
            id: 'state',
            label: t('activity.notifications.state'),
            value: ({ read }) => (read ? 'read' : 'unread'),
            options: (['unread', 'read'] as const).map((value) => ({
              value,
              label: t(`activity.notifications.${value}`),
            })),
          },
        ]}
        sortBy={{ column: 'at', isDescending: true }}
      />
      {list.hasNextPage && (
        <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('activity.notifications.older')}
        </Button>
      )}
    </>
  );
}
