import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { sent } from './EditGrant';
import type { Invite as Invited } from './invitations';
import { accessKey, type Rights, useRoles } from './queries';
import { RightsFields } from './RightsFields';

export default function Invite() {
  const t = useT();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const api = useApi();
  const list = inSandbox(sandbox, 'access', 'invitations');
  const { permissionsOf } = useRoles();
  const [email, setEmail] = useState('');
  const [rights, setRights] = useState<Rights>({ role: 'viewer', permissions: [] });
  usePage({
    title: t('access.invite.title'),
    contentType: 'form',
    breadcrumbs: [
      { text: t('access.title'), href: inSandbox(sandbox, 'access') },
      { text: t('access.tab.invitations'), href: list },
      { text: t('access.invite.title') },
    ],
  });
  const invite = useAction(
    (body: Invited, once) =>
      api.POST('/sandboxes/{sandbox}/invitations', { params: { path: { sandbox } }, body, headers: once }),
    { invalidates: [accessKey(sandbox)] },
  );
  const done = () => {
    flash.success(t('access.invite.sent', { email: email.trim() }));
    void navigate(list);
  };
  return (
    <FormPage
      title={t('access.invite.title')}
      description={t('access.invite.description')}
      submit={t('access.invite.send')}
      disabledReason={!rights.role && !rights.permissions?.length ? t('access.form.empty') : undefined}
      error={invite.error}
      fields={['/email', '/role', '/permissions']}
      isPending={invite.isPending}
      onSubmit={() =>
        invite.mutate({ email: email.trim(), ...sent(rights, permissionsOf(rights.role)) }, { onSuccess: done })
      }
      back={list}
    >
      <Container>
        <FormField label={t('access.invite.email')} errorText={errorAt(invite.error, '/email')}>
          <Input type="email" inputMode="email" value={email} onChange={({ detail }) => setEmail(detail.value)} />
        </FormField>
      </Container>
      <RightsFields rights={rights} error={invite.error} onChange={setRights} />
    </FormPage>
  );
}
