import Button from '@cloudscape-design/components/button';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { GuardedButton } from '../../components/Guarded';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { type NamespaceRow, namespaceRows } from './namespaces';
import { type Connection, partnersKey, useOwnNamespaces } from './queries';

/** The namespaces of the sandboxes' own: what is agreed on over a connection, proposed, and can be proposed. */
export function Namespaces({ connection }: { connection: Connection }) {
  const t = useT();
  const can = useCan();
  const sandbox = useSandbox();
  const own = useOwnNamespaces(sandbox, can('segments:read'));
  const rows = namespaceRows(connection.namespaces, own.data?.value.items ?? null);
  const columns: Column<NamespaceRow>[] = [
    {
      id: 'namespace',
      header: t('partners.namespace'),
      cell: ({ namespace }) => namespace,
      value: ({ namespace }) => namespace,
      isRowHeader: true,
      width: 220,
    },
    { id: 'form', header: t('partners.namespace.form'), cell: formOf, value: formOf, width: 260 },
    {
      id: 'status',
      header: t('partners.status'),
      cell: ({ status }) =>
        status === 'not_proposed' ? t('partners.namespace.notProposed') : <StatusBadge status={status} />,
      value: ({ status }) => status,
      width: 240,
    },
    {
      id: 'action',
      header: t('partners.namespace.action'),
      cell: (row) => <Change connection={connection} row={row} />,
      width: 240,
    },
  ];
  return (
    <ResourceTable
      name="partner-namespaces"
      title={t('partners.namespaces')}
      description={t('partners.namespaces.description')}
      list={{ data: { items: rows, isCut: false }, error: null, isPending: false, refetch: own.refetch }}
      columns={columns}
      idOf={({ namespace, status, kind, maxLength }) => [namespace, status, kind, maxLength].join(' ')}
      empty={{ title: t('partners.namespaces.empty'), detail: t('partners.namespaces.empty.detail') }}
    />
  );

  function formOf({ kind, minLength, maxLength }: NamespaceRow): string {
    return kind === 'sha256'
      ? t('partners.namespace.sha256')
      : t('partners.namespace.text', { least: minLength, most: maxLength });
  }
}

function Change({ connection, row }: { connection: Connection; row: NamespaceRow }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [isAsking, setAsking] = useState(false);
  const { namespace, status, action } = row;
  const params = { path: { sandbox, connection: connection.connectionId, namespace } };
  const invalidates = [partnersKey(sandbox)];
  const enable = useAction(
    (_: undefined, headers) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/connections/{connection}/namespaces/{namespace}/enable', { params, headers }),
      ),
    { invalidates },
  );
  const disable = useAction(
    (_: undefined, headers) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/connections/{connection}/namespaces/{namespace}/disable', { params, headers }),
      ),
    { invalidates },
  );
  if (action === 'define')
    return (
      <Button variant="inline-link" disabled disabledReason={t('partners.namespace.define', { namespace })}>
        {t('partners.namespace.agree')}
      </Button>
    );
  if (action === 'enable')
    return (
      <GuardedButton
        permission="connections:manage"
        variant="inline-link"
        loading={enable.isPending}
        ariaLabel={`${words(status)}: ${namespace}`}
        onClick={() =>
          enable.mutate(undefined, {
            onSuccess: () => flash.success(t(`partners.namespace.done.${status}`, { namespace })),
            onError: flash.error,
          })
        }
      >
        {words(status)}
      </GuardedButton>
    );
  return (
    <>
      <GuardedButton
        permission="connections:manage"
        variant="inline-link"
        ariaLabel={`${t('partners.namespace.disable')}: ${namespace}`}
        onClick={() => setAsking(true)}
      >
        {t('partners.namespace.disable')}
      </GuardedButton>
      {isAsking && (
        <ConfirmDialog
          title={t('partners.namespace.disable.title', { namespace })}
          confirm={t('partners.namespace.disable')}
          onConfirm={async () => {
            await disable.mutateAsync(undefined);
            flash.success(t('partners.namespace.done.disabled', { namespace }));
          }}
          onClose={() => setAsking(false)}
        >
          {t(status === 'agreed' ? 'partners.namespace.disable.agreed' : 'partners.namespace.disable.proposed')}
        </ConfirmDialog>
      )}
    </>
  );

  function words(of: NamespaceRow['status']): string {
    return t(of === 'not_proposed' ? 'partners.namespace.propose' : 'partners.namespace.agree');
  }
}
