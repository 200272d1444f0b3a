import { bodyOf, ifMatch } from 'handfast-client';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { type Resource, useAction, useEdited } from '../../api/queries';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { groupOf } from './expression';
import { type PolicyBody, PolicyForm } from './PolicyForm';
import { type Effects, governanceKey, type Policy, usePolicy } from './queries';

export default function EditPolicy() {
  const t = useT();
  const sandbox = useSandbox();
  const { policy = '' } = useParams();
  const read = usePolicy(sandbox, policy);
  const edited = useEdited(read);
  const title = t('governance.policy.form.edit');
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('governance.title'), href: inSandbox(sandbox, 'governance') },
      { text: read.data?.value.name ?? policy, href: inSandbox(sandbox, 'governance/policies', policy) },
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

function Edit({ value, etag }: Resource<Policy>) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { policyId: policy, name, description, status, marketingActions, deny } = value;
  const detail = inSandbox(sandbox, 'governance/policies', policy);
  const put = (body: PolicyBody, query: { dryRun?: boolean }) =>
    bodyOf(
      api.PUT('/sandboxes/{sandbox}/policies/{policy}', {
        params: { path: { sandbox, policy }, query },
        body,
        headers: ifMatch(etag),
      }),
    );
  const change = useAction((body: PolicyBody) => put(body, {}), { invalidates: [governanceKey(sandbox)] });
  return (
    <PolicyForm
      title={t('governance.policy.form.edit')}
      submit={t('governance.policy.form.review.edit')}
      confirm={t('governance.policy.form.save')}
      initial={{
        name,
        description: description ?? '',
        status,
        actions: marketingActions,
        deny: groupOf(deny),
      }}
      dryRun={async (body) => (await put(body, { dryRun: true })) as Effects}
      save={async (body) => {
        await change.mutateAsync(body);
        flash.success(t('governance.policy.changed', { name: body.name }));
        void navigate(detail);
      }}
      back={detail}
    />
  );
}
