import { bodyOf } from 'handfast-client';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type PolicyBody, PolicyForm } from './PolicyForm';
import { type Effects, governanceKey, type Policy } from './queries';

export default function CreatePolicy() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'governance');
  const title = t('governance.policy.form.create');
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [{ text: t('governance.title'), href: list }, { text: title }],
  });
  const post = (body: PolicyBody, query: { dryRun?: boolean }, headers = {}) =>
    bodyOf(api.POST('/sandboxes/{sandbox}/policies', { params: { path: { sandbox }, query }, body, headers }));
  const create = useAction((body: PolicyBody, once) => post(body, {}, once), {
    invalidates: [governanceKey(sandbox)],
  });
  return (
    <PolicyForm
      title={title}
      submit={t('governance.policy.form.review')}
      confirm={t('governance.policy.create')}
      initial={{
        name: '',
        description: '',
        status: 'DRAFT',
        actions: [],
        deny: { operator: 'OR', parts: [{ label: '' }] },
      }}
      dryRun={async (body) => (await post(body, { dryRun: true })) as Effects}
      save={async (body) => {
        const { name, policyId } = (await create.mutateAsync(body)) as Policy;
        flash.success(t('governance.policy.created', { name }));
        void navigate(inSandbox(sandbox, 'governance/policies', policyId));
      }}
      back={list}
    />
  );
}
