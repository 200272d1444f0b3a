import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { ifMatch } from 'handfast-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { Command } from '../../components/Command';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Labels } from '../../components/Labels';
import { Written } from '../../components/NameOrId';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { ActivationLink } from './ActivationLink';
import { RotateRecipientToken } from './RotateRecipientToken';
import { lapseOf, type RecipientToken, recipientTokensKey, useRecipientToken } from './recipient-tokens';

export default function RecipientTokenDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { token = '' } = useParams();
  const read = useRecipientToken(sandbox, token);
  return (
    <DetailPage
      resource={read}
      title={(value) => value?.name ?? token}
      above={[
        { text: t('access.title'), href: inSandbox(sandbox, 'access') },
        { text: t('access.tab.recipient-tokens'), href: inSandbox(sandbox, 'access', 'recipient-tokens') },
      ]}
      actions={(value, etag) => <Actions token={value} etag={etag} />}
    >
      {(value) => (
        <>
          <Lapsed token={value} />
          <Overview token={value} />
          <Container
            header={
              <Header variant="h2" description={t('access.tokens.read.description')}>
                {t('access.tokens.read')}
              </Header>
            }
          >
            <div className="stack">
              <Command
                label={t('access.tokens.read.list')}
                text={'delta_sharing.SharingClient("config.share").list_all_tables()'}
              />
              <Command
                label={t('access.tokens.read.table')}
                text={'delta_sharing.load_as_pandas("config.share#SHARE.received.TABLE")'}
              />
              <Box color="text-body-secondary">{t('access.tokens.read.others')}</Box>
            </div>
          </Container>
        </>
      )}
    </DetailPage>
  );
}

function Lapsed({ token }: { token: RecipientToken }) {
  const t = useT();
  const lapse = lapseOf(token, Date.now());
  return lapse && <Alert type="warning">{t(`access.tokens.lapse.${lapse}`)}</Alert>;
}

function Overview({ token }: { token: RecipientToken }) {
  const t = useT();
  const sandbox = useSandbox();
  const isAwaiting = token.status === 'awaiting_activation';
  return (
    <Container header={<Header variant="h2">{t('access.tokens.overview')}</Header>}>
      <KeyValues
        items={[
          { label: t('access.tokens.status'), value: <StatusBadge status={token.status} /> },
          {
            label: t('access.tokens.reads'),
            value: <RouteLink href={inSandbox(sandbox, 'received-feeds')}>{t('access.tokens.reads.all')}</RouteLink>,
          },
          {
            label: t('access.tokens.networks'),
            value:
              token.allowedNetworks.length > 0 ? (
                <Labels labels={token.allowedNetworks} />
              ) : (
                t('access.tokens.networks.any')
              ),
          },
          { label: t('access.tokens.expiresAt'), value: <Time at={token.expiresAt} /> },
          isAwaiting
            ? { label: t('access.tokens.linkUntil'), value: <Time at={token.activationExpiresAt} /> }
            : { label: t('access.tokens.activatedAt'), value: <Time at={token.activatedAt} /> },
          {
            label: t('access.tokens.lastUsedAt'),
            value: token.lastUsedAt ? <Time at={token.lastUsedAt} /> : t('access.tokens.unused'),
          },
          ...(token.graceUntil
            ? [{ label: t('access.tokens.graceUntil'), value: <Time at={token.graceUntil} /> }]
            : []),
          { label: t('access.tokens.createdAt'), value: <Time at={token.createdAt} /> },
          { label: t('access.tokens.createdBy'), value: <Written>{token.createdBy}</Written> },
          { label: t('access.tokens.id'), value: <CopyId value={token.tokenId} /> },
        ]}
      />
    </Container>
  );
}

function Actions({ token, etag }: { token: RecipientToken; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const { name } = token;
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const [rotated, setRotated] = useState<RecipientToken | null>(null);
  const remove = useAction(
    () =>
      api.DELETE('/sandboxes/{sandbox}/recipient-tokens/{token}', {
        params: { path: { sandbox, token: token.tokenId } },
        headers: ifMatch(etag),
      }),
    { invalidates: [[...recipientTokensKey(sandbox), 'list']] },
  );
  const close = () => setAsking(null);
  return (
    <>
      <GuardedButton permission="access:manage" onClick={() => setAsking('rotate')}>
        {t('access.tokens.rotate')}
      </GuardedButton>
      <GuardedButton permission="access:manage" onClick={() => setAsking('delete')}>
        {t('access.tokens.delete')}
      </GuardedButton>
      {asking === 'rotate' && <RotateRecipientToken token={token} onRotated={setRotated} onClose={close} />}
      {asking === 'delete' && (
        <ConfirmDialog
          title={t('access.tokens.delete.title', { name })}
          confirm={t('access.tokens.delete')}
          typeName={name}
          onConfirm={async () => {
            await remove.mutateAsync();
            flash.success(t('access.tokens.deleted', { name }));
            void navigate(inSandbox(sandbox, 'access', 'recipient-tokens'));
          }}
          onClose={close}
        >
          {t('access.tokens.delete.detail')}
        </ConfirmDialog>
      )}
      {rotated && (
        <ActivationLink title={t('access.tokens.rotated')} token={rotated} onClose={() => setRotated(null)} />
      )}
    </>
  );
}
