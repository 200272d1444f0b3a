import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { type Permission, useMe, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { accessKey, type Grant, useGrantOf, useGrants, useRoles } from './queries';
import { Listed } from './RightsChange';
import { isLastAdministrator, isMachine } from './rights';
import { useWords } from './words';

export default function GrantDetail() {
  const t = useT();
  const words = useWords();
  const sandbox = useSandbox();
  const { principal = '' } = useParams();
  const me = useMe().data?.principalId;
  const read = useGrantOf(sandbox, principal);
  return (
    <DetailPage
      resource={read}
      title={(grant) => grant?.name ?? principal}
      above={[{ text: t('access.title'), href: inSandbox(sandbox, 'access') }]}
      actions={(grant, etag) => <Actions grant={grant} etag={etag} />}
    >
      {(grant) => (
        <>
          <Container header={<Header variant="h2">{t('access.overview')}</Header>}>
            <KeyValues
              items={[
                {
                  label: t('access.name'),
                  value: (
                    <>
                      <Written>{grant.name}</Written>{' '}
                      {principal === me && <Badge color="blue">{t('access.you')}</Badge>}
                    </>
                  ),
                },
                { label: t('access.kind'), value: t(isMachine(grant) ? 'access.kind.machine' : 'access.kind.person') },
                { label: t('access.principal'), value: <CopyId value={grant.principalId} /> },
                { label: t('access.role'), value: grant.role ? words.role(grant.role) : t('access.role.none') },
                {
                  label: t('access.rights'),
                  value: t('access.rights.count', { count: grant.permissions.length }),
                },
              ]}
            />
          </Container>
          <May grant={grant} />
        </>
      )}
    </DetailPage>
  );
}

function May({ grant }: { grant: Grant }) {
  const t = useT();
  const words = useWords();
  const ofRole = useRoles().permissionsOf(grant.role);
  return (
    <Table<Permission>
      header={<Header variant="h2">{t('access.may')}</Header>}
      ariaLabels={{ tableLabel: t('access.may') }}
      items={grant.permissions as Permission[]}
      trackBy={(permission) => permission}
      wrapLines
      columnDefinitions={[
        {
          id: 'area',
          header: t('access.area'),
          cell: (permission) => words.area(permission.split(':')[0] ?? ''),
          width: 180,
        },
        { id: 'right', header: t('access.may'), cell: words.right, isRowHeader: true },
        {
          id: 'from',
          header: t('access.may.from'),
          cell: (permission) => t(ofRole.includes(permission) ? 'access.may.fromRole' : 'access.may.fromGrant'),
          width: 200,
        },
      ]}
    />
  );
}

function Actions({ grant, etag }: { grant: Grant; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const me = useMe().data?.principalId;
  const { name, principalId: principal, permissions } = grant;
  const isLast = isLastAdministrator(useGrants(sandbox).data?.items ?? [], principal);
  const [isAsking, setAsking] = useState(false);
  const remove = useAction(
    () =>
      api.DELETE('/sandboxes/{sandbox}/grants/{principal}', {
        params: { path: { sandbox, principal } },
        headers: ifMatch(etag),
      }),
    { invalidates: [[...accessKey(sandbox), 'grants'], ['me']] },
  );
  return (
    <>
      <GuardedButton
        permission="access:manage"
        onClick={() => void navigate(inSandbox(sandbox, 'access', principal, 'edit'))}
      >
        {t('access.edit')}
      </GuardedButton>
      <Button
        disabled={isLast}
        disabledReason={isLast ? t('access.form.last') : undefined}
        onClick={() => setAsking(true)}
      >
        {t('access.remove')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('access.remove.title', { name })}
          confirm={t('access.remove')}
          onConfirm={async () => {
            await remove.mutateAsync();
            flash.success(t('access.removed', { name }));
            void navigate(principal === me ? '/' : inSandbox(sandbox, 'access'));
          }}
          onClose={() => setAsking(false)}
        >
          <div className="stack">
            <span dir="auto" className="breaks">
              {t('access.remove.detail', { name })}
            </span>
            {principal === me && <Alert type="warning">{t('access.remove.self')}</Alert>}
            <div>
              {t('access.remove.loses', { count: permissions.length })}
              <Listed permissions={permissions} />
            </div>
          </div>
        </ConfirmDialog>
      )}
    </>
  );
}
