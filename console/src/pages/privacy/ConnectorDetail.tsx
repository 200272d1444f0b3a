import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { inSandbox } from '../../paths';
import { useTypeName } from './ConnectorList';
import { type Connector, connectorsKey, useConnector, useConnectorTypes } from './queries';
import type { Schema, Settings } from './settings';

type Test = Schemas['ConnectorTest'];

export default function ConnectorDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { connector: id = '' } = useParams();
  const read = useConnector(sandbox, id);
  return (
    <DetailPage
      resource={read}
      title={(connector) => connector?.name ?? id}
      above={[
        { text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') },
        { text: t('privacy.connectors'), href: inSandbox(sandbox, 'privacy/connectors') },
      ]}
      actions={(connector, etag) => <Actions connector={connector} etag={etag} />}
    >
      {(connector) => (
        <>
          <Overview connector={connector} />
          <TestConnection connector={connector} />
        </>
      )}
    </DetailPage>
  );
}

function Actions({ connector, etag }: { connector: Connector; etag: string | null }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const [isAsking, setAsking] = useState(false);
  const id = connector.connectorId;
  const remove = useAction(
    (_: undefined) =>
      bodyOf(
        api.DELETE('/sandboxes/{sandbox}/connectors/{connector}', {
          params: { path: { sandbox, connector: id } },
          headers: ifMatch(etag),
        }),
      ),
    { invalidates: [[...connectorsKey(sandbox), 'list']] },
  );
  return (
    <>
      <GuardedButton permission="privacy:approve" onClick={() => setAsking(true)}>
        {t('privacy.connectors.delete')}
      </GuardedButton>
      <GuardedButton
        permission="privacy:approve"
        onClick={() => void navigate(inSandbox(sandbox, 'privacy/connectors', id, 'edit'))}
      >
        {t('privacy.connectors.edit')}
      </GuardedButton>
      {isAsking && (
        <ConfirmDialog
          title={t('privacy.connectors.delete.title')}
          confirm={t('privacy.connectors.delete')}
          typeName={connector.name}
          onConfirm={async () => {
            await remove.mutateAsync(undefined);
            flash.success(t('privacy.connectors.deleted'));
            void navigate(inSandbox(sandbox, 'privacy/connectors'));
          }}
          onClose={() => setAsking(false)}
        >
          {t('privacy.connectors.delete.detail')}
        </ConfirmDialog>
      )}
    </>
  );
}

function Overview({ connector }: { connector: Connector }) {
  const t = useT();
  const intl = useIntl();
  const typeName = useTypeName();
  const type = useConnectorTypes().data?.value.items.find((each) => each.type === connector.type);
  const properties = (type?.settings as Schema | undefined)?.properties ?? {};
  const settings = connector.settings as Settings;
  const limits = type?.limits;
  return (
    <Container header={<Header variant="h2">{t('privacy.overview')}</Header>}>
      <KeyValues
        items={[
          { label: t('privacy.connectors.type'), value: typeName(connector.type) },
          ...Object.entries(properties).map(([name, schema]) => ({
            label: schema.title ?? name,
            value: schema.writeOnly ? (
              <StatusIndicator type={connector.secrets.includes(name) ? 'success' : 'stopped'}>
                {t(connector.secrets.includes(name) ? 'privacy.secret.isSet' : 'privacy.secret.isNotSet')}
              </StatusIndicator>
            ) : (
              <Setting value={settings[name]} />
            ),
          })),
          ...(limits
            ? [
                {
                  label: t('privacy.connectors.limits'),
                  value: t('privacy.connectors.limits.detail', {
                    people: intl.formatNumber(limits.people),
                    calls: intl.formatNumber(limits.callsPerMinute),
                  }),
                },
              ]
            : []),
          { label: t('privacy.connectors.id'), value: <CopyId value={connector.connectorId} /> },
          { label: t('privacy.connectors.createdAt'), value: <Time at={connector.createdAt} /> },
          { label: t('privacy.connectors.updatedAt'), value: <Time at={connector.updatedAt} /> },
        ]}
      />
    </Container>
  );
}

/** A setting as text; what is made of several is told by how much it holds, and is seen whole when it is changed. */
function Setting({ value }: { value: unknown }) {
  const t = useT();
  if (value === null || value === undefined || value === '') return <>{t('common.none')}</>;
  if (Array.isArray(value)) return <>{t('privacy.setting.entries', { count: value.length })}</>;
  if (typeof value === 'object') return <>{t('privacy.setting.entries', { count: Object.keys(value).length })}</>;
  return (
    <span dir="auto" className="breaks">
      {String(value)}
    </span>
  );
}

/** Tries every setting that can be wrong, each on its own, and shows what came of each. */
function TestConnection({ connector }: { connector: Connector }) {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const test = useAction((_: undefined, once) =>
    bodyOf(
      api.POST('/sandboxes/{sandbox}/connectors/{connector}/test', {
        params: { path: { sandbox, connector: connector.connectorId } },
        headers: once,
      }),
    ),
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('privacy.test.description')}
          actions={
            <Button loading={test.isPending} onClick={() => test.mutate(undefined)}>
              {t('privacy.test')}
            </Button>
          }
        >
          {t('privacy.test.title')}
        </Header>
      }
    >
      <div aria-live="polite">
        <ProblemAlert error={test.error} />
        {test.isPending && <StatusIndicator type="loading">{t('privacy.test.running')}</StatusIndicator>}
        {!test.isPending && test.data && <TestResult test={test.data} />}
        {!test.isPending && !test.data && !test.error && (
          <Box color="text-body-secondary">{t('privacy.test.notYet')}</Box>
        )}
      </div>
    </Container>
  );
}

/** What each check has found. */
export function TestResult({ test }: { test: Test }) {
  const t = useT();
  const failed = test.checks.filter(({ ok }) => !ok).length;
  return (
    <SpaceBetween size="m">
      <Alert type={test.ok ? 'success' : 'error'} header={t(test.ok ? 'privacy.test.ok' : 'privacy.test.failed')}>
        {t(test.ok ? 'privacy.test.ok.detail' : 'privacy.test.failed.detail', { failed, total: test.checks.length })}
      </Alert>
      <ul className="plain checks">
        {test.checks.map((check, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a system may be tried twice by one name
          <li key={at}>
            <StatusIndicator type={check.ok ? 'success' : 'error'}>
              <b dir="auto">{check.name}</b>
            </StatusIndicator>
            <div dir="auto" className="breaks">
              {check.detail}
            </div>
          </li>
        ))}
      </ul>
    </SpaceBetween>
  );
}
