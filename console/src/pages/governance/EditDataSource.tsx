import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { type Resource, useAction, useEdited } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { FormPage } from '../../components/FormPage';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { DataSourceFields, SOURCE_FIELDS, type SourceInput } from './DataSourceFields';
import { type DataSource, type Effects, governanceKey, useDataSource } from './queries';
import { RulesEffects } from './RulesEffects';

export default function EditDataSource() {
  const t = useT();
  const sandbox = useSandbox();
  const { source = '' } = useParams();
  const read = useDataSource(sandbox, source);
  const edited = useEdited(read);
  const list = inSandbox(sandbox, 'governance/data-sources');
  const title = t('governance.sources.edit.title');
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('governance.title'), href: inSandbox(sandbox, 'governance') },
      { text: t('governance.tab.data-sources'), href: list },
      { text: read.data?.value.name ?? source, href: `${list}/${source}` },
      { text: title },
    ],
  });
  if (!edited)
    return read.error ? (
      <PageProblem title={title} error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <Loading />
    );
  return <Edit {...edited} />;
}

function Edit({ value, etag }: Resource<DataSource>) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [input, setInput] = useState<SourceInput>({
    name: value.name,
    labels: value.labels,
    exportControls: value.exportControls,
  });
  const [isAsking, setAsking] = useState(false);
  const detail = inSandbox(sandbox, 'governance/data-sources', value.dataSourceId);
  const patch = (body: SourceInput, query: { dryRun?: boolean }) =>
    bodyOf(
      api.PATCH('/sandboxes/{sandbox}/data-sources/{data_source}', {
        params: { path: { sandbox, data_source: value.dataSourceId }, query },
        body,
        headers: ifMatch(etag),
      }),
    );
  const preview = useAction((body: SourceInput) => patch(body, { dryRun: true }));
  const change = useAction((body: SourceInput) => patch(body, {}), { invalidates: [governanceKey(sandbox)] });
  const body = { ...input, name: input.name.trim() };
  return (
    <>
      <FormPage
        title={t('governance.sources.edit.title')}
        submit={t('governance.sources.review')}
        error={preview.error}
        fields={SOURCE_FIELDS}
        isPending={preview.isPending}
        onSubmit={() => preview.mutate(body, { onSuccess: () => setAsking(true) })}
        back={detail}
      >
        <DataSourceFields input={input} error={preview.error} onChange={setInput} />
      </FormPage>
      {isAsking && preview.data && (
        <ConfirmDialog
          title={t('governance.policy.form.review.title')}
          confirm={t('governance.sources.save')}
          onConfirm={async () => {
            await change.mutateAsync(body);
            flash.success(t('governance.sources.changed', { name: body.name }));
            void navigate(detail);
          }}
          onClose={() => setAsking(false)}
        >
          <RulesEffects found={preview.data as Effects} />
        </ConfirmDialog>
      )}
    </>
  );
}
