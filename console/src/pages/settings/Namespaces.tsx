import Button from '@cloudscape-design/components/button';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { GuardedButton } from '../../components/Guarded';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { type Namespace, settingsKey, useNamespaces } from './queries';

/** The namespaces that the sandbox has defined. */
export function Namespaces() {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const read = useNamespaces(sandbox);
  const [asked, setAsked] = useState<string | null>(null);
  const invalidates = [settingsKey(sandbox)];
  const disable = useAction(
    (namespace: string, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/namespaces/{namespace}/disable', {
          params: { path: { sandbox, namespace } },
          headers: once,
        }),
      ),
    { invalidates },
  );
  const bringBack = useAction(
    ({ namespace, name, kind, minLength, maxLength, dropList }: Namespace, once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/namespaces', {
          params: { path: { sandbox } },
          body: { namespace, name, kind, minLength, maxLength, dropList },
          headers: once,
        }),
      ),
    { invalidates },
  );
  const again = (namespace: Namespace) =>
    bringBack.mutate(namespace, {
      onSuccess: () => flash.success(t('settings.namespaces.defined', { namespace: namespace.namespace })),
      onError: flash.error,
    });
  const columns: Column<Namespace>[] = [
    {
      id: 'symbol',
      header: t('settings.namespaces.symbol'),
      cell: ({ namespace }) => namespace,
      value: ({ namespace }) => namespace,
      isRowHeader: true,
      width: 190,
    },
    {
      id: 'name',
      header: t('settings.namespaces.name'),
      cell: ({ name }) => <Written>{name}</Written>,
      value: ({ name }) => name,
      width: 230,
    },
    {
      id: 'kind',
      header: t('settings.namespaces.kind'),
      cell: ({ kind }) => t(`settings.namespaces.kind.${kind}`),
      value: ({ kind }) => t(`settings.namespaces.kind.${kind}`),
      width: 230,
    },
    {
      id: 'status',
      header: t('settings.namespaces.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 130,
    },
    {
      id: 'createdAt',
      header: t('settings.namespaces.createdAt'),
      cell: ({ createdAt }) => <Time at={createdAt} />,
      value: ({ createdAt }) => createdAt,
      width: 140,
    },
    ...(can('access:manage')
      ? [
          {
            id: 'action',
            header: t('settings.namespaces.disable'),
            cell: (one: Namespace) => (
              <Button
                variant="inline-link"
                ariaLabel={t(
                  one.status === 'active' ? 'settings.namespaces.disable.one' : 'settings.namespaces.again.one',
                  { namespace: one.namespace },
                )}
                onClick={() => (one.status === 'active' ? setAsked(one.namespace) : again(one))}
              >
                {t(one.status === 'active' ? 'settings.namespaces.disable' : 'settings.namespaces.again')}
              </Button>
            ),
            width: 130,
          },
        ]
      : []),
  ];
  const { data } = read;
  return (
    <>
      <ResourceTable
        name="namespaces"
        title={t('settings.namespaces')}
        description={t('settings.namespaces.description')}
        list={{ ...read, data: data && { items: data.value.items, isCut: false } }}
        columns={columns}
        idOf={({ namespace }) => namespace}
        actions={
          <GuardedButton
            permission="access:manage"
            onClick={() => void navigate(inSandbox(sandbox, 'settings/namespaces/define'))}
          >
            {t('settings.namespaces.define')}
          </GuardedButton>
        }
        empty={{ title: t('settings.namespaces.empty'), detail: t('settings.namespaces.empty.detail') }}
      />
      {asked && (
        <ConfirmDialog
          title={t('settings.namespaces.disable.title', { namespace: asked })}
          confirm={t('settings.namespaces.disable')}
          onConfirm={async () => {
            await disable.mutateAsync(asked);
            flash.success(t('settings.namespaces.disabled', { namespace: asked }));
          }}
          onClose={() => setAsked(null)}
        >
          {t('settings.namespaces.disable.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}
