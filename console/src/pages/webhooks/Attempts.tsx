import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type Attempt, useAttempts } from './queries';

/** The attempts to send events to a webhook, as they come. */
export function Attempts({ webhook }: { webhook: string }) {
  const t = useT();
  const list = useAttempts(useSandbox(), webhook);
  const columns: Column<Attempt>[] = [
    {
      id: 'at',
      header: t('webhooks.attempt.at'),
      cell: ({ at }) => <Time at={at} exact />,
      value: ({ at }) => at,
      width: 210,
    },
    {
      id: 'type',
      header: t('webhooks.attempt.type'),
      cell: ({ type }) => type,
      value: ({ type }) => type,
      isRowHeader: true,
      width: 220,
    },
    {
      id: 'answer',
      header: t('webhooks.attempt.answer'),
      cell: (attempt) => <Outcome {...attempt} />,
      value: ({ statusCode, error }) => statusCode ?? error,
      width: 260,
    },
    {
      id: 'attempt',
      header: t('webhooks.attempt.number'),
      cell: ({ attempt }) => <Count value={attempt} />,
      value: ({ attempt }) => attempt,
      width: 130,
    },
    {
      id: 'next',
      header: t('webhooks.attempt.next'),
      cell: ({ nextAttemptAt }) => <Time at={nextAttemptAt} />,
      value: ({ nextAttemptAt }) => nextAttemptAt,
      width: 160,
    },
    {
      id: 'event',
      header: t('webhooks.attempt.event'),
      cell: ({ eventId }) => eventId,
      value: ({ eventId }) => eventId,
      isHidden: true,
    },
  ];
  return (
    <ResourceTable
      name="webhook-attempts"
      title={t('webhooks.attempts')}
      description={t('webhooks.attempts.description')}
      list={list}
      columns={columns}
      idOf={({ eventId, attempt, at }) => `${eventId} ${attempt} ${at}`}
      empty={{ title: t('webhooks.attempts.empty'), detail: t('webhooks.attempts.empty.detail') }}
      sortBy={{ column: 'at', isDescending: true }}
    />
  );
}

function Outcome({ statusCode, error }: Pick<Attempt, 'statusCode' | 'error'>) {
  const t = useT();
  if (statusCode === null)
    return <StatusIndicator type="error">{<Written>{error ?? t('common.none')}</Written>}</StatusIndicator>;
  return (
    <StatusIndicator type={statusCode < 300 ? 'success' : 'error'}>
      {t('webhooks.attempt.status', { status: String(statusCode) })}
    </StatusIndicator>
  );
}
