import Button from '@cloudscape-design/components/button';
import type { QueryKey, UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '../../api/me';
import { type List, useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { GuardedButton } from '../../components/Guarded';
import { type Column, type Filter, ResourceTable } from '../../components/ResourceTable';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { DefineDialog, type Defined } from './DefineDialog';

type Definition = Defined & { custom: boolean };

interface Props<T extends Definition> {
  kind: 'label' | 'action';
  title: string;
  description: string;
  empty: string;
  list: UseQueryResult<List<T>>;
  columns: Column<T>[];
  filters: Filter<T>[];
  put: (defined: Defined) => Promise<unknown>;
  remove: (code: string) => Promise<unknown>;
  invalidates: QueryKey[];
}

/** Labels or marketing actions: the core ones, and the sandbox's own, which can be defined, changed and deleted. */
export function Definitions<T extends Definition>(props: Props<T>) {
  const { kind, title, description, empty, list, columns, filters, put, remove, invalidates } = props;
  const t = useT();
  const can = useCan();
  const flash = useFlash();
  const [editing, setEditing] = useState<T | 'new' | null>(null);
  const [deleting, setDeleting] = useState<string | null>(null);
  const save = useAction(put, { invalidates });
  const erase = useAction(remove, { invalidates });
  const done: Column<T> = {
    id: 'do',
    header: t('governance.define.do'),
    cell: (item) =>
      item.custom && (
        <span className="labels">
          <Button
            variant="inline-link"
            ariaLabel={t('governance.define.edit.one', { code: item.code })}
            onClick={() => setEditing(item)}
          >
            {t('governance.define.edit')}
          </Button>
          <Button
            variant="inline-link"
            ariaLabel={t('governance.define.delete.one', { code: item.code })}
            onClick={() => setDeleting(item.code)}
          >
            {t('governance.define.delete')}
          </Button>
        </span>
      ),
    width: 150,
  };
  return (
    <>
      <ResourceTable
        name={`governance-${kind}`}
        title={title}
        description={description}
        list={list}
        columns={can('governance:write') ? [...columns, done] : columns}
        filters={filters}
        idOf={({ code }) => code}
        actions={
          <GuardedButton permission="governance:write" variant="primary" onClick={() => setEditing('new')}>
            {t(`governance.define.${kind}`)}
          </GuardedButton>
        }
        empty={{ title: empty }}
      />
      {editing && (
        <DefineDialog
          title={
            editing === 'new'
              ? t(`governance.define.${kind}.title`)
              : t(`governance.define.${kind}.edit`, { code: editing.code })
          }
          initial={editing === 'new' ? undefined : editing}
          taken={(list.data?.items ?? []).map(({ code }) => code)}
          onSave={async (defined) => {
            await save.mutateAsync(defined);
            flash.success(t('governance.define.saved', { code: defined.code }));
          }}
          onClose={() => setEditing(null)}
        />
      )}
      {deleting && (
        <ConfirmDialog
          title={t('governance.define.delete.title', { code: deleting })}
          confirm={t('governance.define.delete')}
          onConfirm={async () => {
            await erase.mutateAsync(deleting);
            flash.success(t('governance.define.deleted', { code: deleting }));
          }}
          onClose={() => setDeleting(null)}
        >
          {t('governance.define.delete.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}
