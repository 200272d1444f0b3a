import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
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
import { sent } from './EditGrant';
import { accessKey, type Rights, useGrants, useRoles } from './queries';
import { RightsFields } from './RightsFields';

export default function AddGrant() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'access');
  const { permissionsOf } = useRoles();
  const grants = useGrants(sandbox).data?.items ?? [];
  const [principal, setPrincipal] = useState('');
  const [rights, setRights] = useState<Rights>({ role: 'viewer', permissions: [] });
  usePage({
    title: t('access.add'),
    contentType: 'form',
    breadcrumbs: [{ text: t('access.title'), href: list }, { text: t('access.add') }],
  });
  const named = principal.trim();
  const known = grants.find(({ principalId }) => principalId === named);
  const add = useAction(
    (body: Rights) =>
      bodyOf(
        api.PUT('/sandboxes/{sandbox}/grants/{principal}', {
          params: { path: { sandbox, principal: named } },
          body,
        }),
      ),
    { invalidates: [accessKey(sandbox)] },
  );
  const reason = () => {
    if (!named) return t('access.add.principal.needed');
    if (known) return t('access.add.known', { name: known.name });
    if (!rights.role && !rights.permissions?.length) return t('access.form.empty');
    return undefined;
  };
  return (
    <FormPage
      title={t('access.add')}
      description={t('access.add.description')}
      submit={t('access.add')}
      disabledReason={reason()}
      error={add.error}
      fields={['/role', '/permissions']}
      isPending={add.isPending}
      onSubmit={() =>
        add.mutate(sent(rights, permissionsOf(rights.role)), {
          onSuccess: ({ name, principalId }) => {
            flash.success(t('access.added', { name }));
            void navigate(inSandbox(sandbox, 'access', principalId));
          },
        })
      }
      back={list}
    >
      <Container>
        <FormField
          label={t('access.principal')}
          description={t('access.add.principal.description')}
          errorText={known && t('access.add.known', { name: known.name })}
        >
          <Input value={principal} onChange={({ detail }) => setPrincipal(detail.value)} autoComplete={false} />
        </FormField>
      </Container>
      <RightsFields rights={rights} error={add.error} onChange={setRights} />
    </FormPage>
  );
}
