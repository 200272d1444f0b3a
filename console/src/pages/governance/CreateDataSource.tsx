import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { FormPage } from '../../components/FormPage';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { DataSourceFields, SOURCE_FIELDS, type SourceInput } from './DataSourceFields';
import { governanceKey } from './queries';

export default function CreateDataSource() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'governance/data-sources');
  const title = t('governance.sources.create');
  const [input, setInput] = useState<SourceInput>({ name: '', labels: [], exportControls: [] });
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('governance.title'), href: inSandbox(sandbox, 'governance') },
      { text: t('governance.tab.data-sources'), href: list },
      { text: title },
    ],
  });
  const create = useAction(
    (body: SourceInput, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/data-sources', { params: { path: { sandbox } }, body, headers: once })),
    { invalidates: [governanceKey(sandbox)] },
  );
  return (
    <FormPage
      title={title}
      description={t('governance.sources.description')}
      submit={title}
      error={create.error}
      fields={SOURCE_FIELDS}
      isPending={create.isPending}
      onSubmit={() =>
        create.mutate(
          { ...input, name: input.name.trim() },
          {
            onSuccess: ({ name, dataSourceId }) => {
              flash.success(t('governance.sources.created', { name }));
              void navigate(`${list}/${dataSourceId}`);
            },
          },
        )
      }
      back={list}
    >
      <DataSourceFields input={input} error={create.error} onChange={setInput} />
    </FormPage>
  );
}
