import { bodyOf, ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useMe, useSandbox } from '../../api/me';
import { type Resource, useAction, useEdited } from '../../api/queries';
import { FormPage } from '../../components/FormPage';
import { PageProblem } from '../../components/PageProblem';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Loading } from '../../layout/RoutePage';
import { inSandbox } from '../../paths';
import { accessKey, type Grant, type Rights, type Role, useGrantOf, useGrants, useRoles } from './queries';
import { RightsChange } from './RightsChange';
import { RightsFields } from './RightsFields';
import { beside, difference, isLastAdministrator } from './rights';

export default function EditGrant() {
  const t = useT();
  const sandbox = useSandbox();
  const { principal = '' } = useParams();
  const read = useGrantOf(sandbox, principal);
  const edited = useEdited(read);
  const roles = useRoles();
  const title = `${t('access.edit')}: ${read.data?.value.name ?? principal}`;
  usePage({
    title,
    contentType: 'form',
    breadcrumbs: [
      { text: t('access.title'), href: inSandbox(sandbox, 'access') },
      { text: read.data?.value.name ?? principal, href: inSandbox(sandbox, 'access', principal) },
      { text: t('access.edit') },
    ],
  });
  const error = (!edited && read.error) || (!roles.data && roles.error);
  if (error) return <PageProblem title={title} error={error} onRetry={() => void read.refetch()} />;
  if (!edited || !roles.data) return <Loading />;
  return <Edit {...edited} />;
}

function Edit({ value: grant, etag }: Resource<Grant>) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const me = useMe().data?.principalId;
  const { permissionsOf } = useRoles();
  const grants = useGrants(sandbox).data?.items ?? [];
  const principal = grant.principalId;
  const [rights, setRights] = useState<Rights>({
    role: grant.role as Role | null,
    permissions: beside(grant.permissions, permissionsOf(grant.role)),
  });
  const save = useAction(
    (body: Rights) =>
      bodyOf(
        api.PUT('/sandboxes/{sandbox}/grants/{principal}', {
          params: { path: { sandbox, principal } },
          body,
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [accessKey(sandbox), ['me']] },
  );
  const after = [...new Set([...permissionsOf(rights.role), ...(rights.permissions ?? [])])];
  const { added, removed } = difference(grant.permissions, after);
  const isLast = isLastAdministrator(grants, principal);
  const detail = inSandbox(sandbox, 'access', principal);
  const reason = () => {
    if (after.length === 0) return t('access.form.empty');
    if (isLast && removed.includes('access:manage')) return t('access.form.last');
    if (added.length + removed.length === 0 && rights.role === grant.role) return t('access.form.diff.none');
    return undefined;
  };
  const done = () => {
    flash.success(t('access.saved', { name: grant.name }));
    void navigate(detail);
  };
  return (
    <FormPage
      title={`${t('access.edit')}: ${grant.name}`}
      submit={t('access.save')}
      disabledReason={reason()}
      error={save.error}
      fields={['/role', '/permissions']}
      isPending={save.isPending}
      onSubmit={() => save.mutate(sent(rights, permissionsOf(rights.role)), { onSuccess: done })}
      back={detail}
    >
      <RightsFields rights={rights} error={save.error} onChange={setRights} />
      <RightsChange before={grant.permissions} after={after} isSelf={principal === me} isLast={isLast} />
    </FormPage>
  );
}

/** Rights as they are sent: single ones without those that the role has. */
export const sent = ({ role, permissions = [] }: Rights, ofRole: readonly string[]): Rights => ({
  role: role ?? null,
  permissions: beside(permissions, ofRole),
});
