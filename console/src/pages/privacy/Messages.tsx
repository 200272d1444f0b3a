import { bodyOf } from 'handfast-client';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { GuardedButton } from '../../components/Guarded';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type PrivacyRequest, requestsKey } from './queries';
import { listOf } from './Recipients';

type Message = PrivacyRequest['messages'][number];
const LANGUAGES = { en: 'English', de: 'Deutsch', ja: '日本語' };

/** What the person was written, and whether it was sent. */
export function Messages({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const resend = useAction(
    (_: undefined, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/privacy-requests/{privacy_request}/resend', {
          params: { path: { sandbox, privacy_request: request.privacyRequestId } },
          headers: once,
        }),
      ),
    { invalidates: [requestsKey(sandbox)] },
  );
  if (request.messages.length === 0) return null;
  const last = request.messages.at(-1);
  const columns: Column<Message>[] = [
    {
      id: 'kind',
      header: t('privacy.message.kind'),
      cell: ({ kind }) => t(`privacy.message.${kind}`),
      value: ({ kind }) => t(`privacy.message.${kind}`),
      isRowHeader: true,
      width: 200,
    },
    {
      id: 'language',
      header: t('privacy.contact.language'),
      cell: ({ language }) => LANGUAGES[language],
      value: ({ language }) => language,
      width: 130,
    },
    {
      id: 'status',
      header: t('privacy.status'),
      cell: ({ status, reason }) => (
        <>
          <StatusBadge status={status} /> {reason}
        </>
      ),
      value: ({ status }) => t(`status.${status}`),
      width: 230,
    },
    {
      id: 'by',
      header: t('privacy.message.by'),
      cell: ({ by }) => (by ? t(`privacy.message.by.${by}`) : t('common.none')),
      width: 160,
    },
    {
      id: 'queued',
      header: t('privacy.message.queued'),
      cell: ({ queuedAt }) => <Time at={queuedAt} exact />,
      value: ({ queuedAt }) => queuedAt,
      width: 200,
    },
    {
      id: 'ended',
      header: t('privacy.message.ended'),
      cell: ({ endedAt }) => <Time at={endedAt} exact />,
      value: ({ endedAt }) => endedAt,
      width: 200,
    },
  ];
  return (
    <ResourceTable
      name="privacy-messages"
      title={t('privacy.messages')}
      description={t('privacy.messages.description')}
      list={listOf(request.messages)}
      columns={columns}
      idOf={({ kind, queuedAt }) => `${kind} ${queuedAt}`}
      empty={{ title: t('privacy.messages') }}
      actions={
        last?.status === 'failed' &&
        last.kind !== 'code' && (
          <GuardedButton
            permission="privacy:approve"
            loading={resend.isPending}
            onClick={() =>
              resend.mutate(undefined, {
                onSuccess: () => flash.success(t('privacy.resend.done')),
                onError: (error) => flash.error(error),
              })
            }
          >
            {t('privacy.resend')}
          </GuardedButton>
        )
      }
    />
  );
}
