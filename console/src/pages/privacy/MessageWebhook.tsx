import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useCan, useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { errorAt } from '../../components/field-errors';
import { Guarded } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { Written } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { ShownOnce } from '../../components/ShownOnce';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { TestResult } from './ConnectorDetail';
import { intakeKey, useMessageWebhook } from './queries';

/** Where messages to people are posted, for those who may decide on requests. */
export function MessageWebhook() {
  return (
    <Guarded permission="privacy:approve">
      <Shown />
    </Guarded>
  );
}

function Shown() {
  const t = useT();
  const api = useApi();
  const can = useCan();
  const flash = useFlash();
  const sandbox = useSandbox();
  const read = useMessageWebhook(sandbox);
  const webhook = read.data?.value;
  const [url, setUrl] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [asking, setAsking] = useState<'rotate' | 'remove' | null>(null);
  const params = { path: { sandbox } };
  const options = { invalidates: [intakeKey(sandbox)] };
  const put = useAction(
    (body: { url: string }) => bodyOf(api.PUT('/sandboxes/{sandbox}/message-webhook', { params, body })),
    options,
  );
  const rotate = useAction(
    (_: undefined, once) =>
      bodyOf(api.POST('/sandboxes/{sandbox}/message-webhook/rotate-secret', { params, headers: once })),
    options,
  );
  const remove = useAction(
    (_: undefined) => bodyOf(api.DELETE('/sandboxes/{sandbox}/message-webhook', { params })),
    options,
  );
  const test = useAction((_: undefined, once) =>
    bodyOf(api.POST('/sandboxes/{sandbox}/message-webhook/test', { params, headers: once })),
  );
  if (!can('privacy:approve')) return null;
  const save = () =>
    put.mutate(
      { url: (url ?? '').trim() },
      {
        onSuccess: (made) => {
          setUrl(null);
          setSecret(made.secret);
          flash.success(t('privacy.messageWebhook.saved'));
        },
      },
    );
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('privacy.messageWebhook.description')}
          actions={
            webhook && (
              <div className="row">
                <Button onClick={() => setAsking('remove')}>{t('privacy.messageWebhook.remove')}</Button>
                <Button onClick={() => setAsking('rotate')}>{t('privacy.messageWebhook.rotate')}</Button>
                <Button onClick={() => setUrl(webhook.url)}>{t('privacy.intake.change')}</Button>
                <Button loading={test.isPending} onClick={() => test.mutate(undefined)}>
                  {t('privacy.test')}
                </Button>
              </div>
            )
          }
        >
          {t('privacy.messageWebhook')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
        <ProblemAlert error={put.error ?? test.error} fields={['/url']} />
        {webhook && url === null && (
          <KeyValues
            items={[
              { label: t('privacy.messageWebhook.url'), value: <Written>{webhook.url}</Written> },
              { label: t('privacy.connectors.createdAt'), value: <Time at={webhook.createdAt} /> },
              { label: t('privacy.messageWebhook.previous'), value: <Time at={webhook.previousSecretUntil} /> },
            ]}
          />
        )}
        {read.data && (!webhook || url !== null) && (
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              save();
            }}
          >
            <SpaceBetween size="s">
              {!webhook && <Box>{t('privacy.messageWebhook.none')}</Box>}
              <FormField
                label={t('privacy.messageWebhook.url')}
                errorText={errorAt(put.error, '/url')}
                secondaryControl={<Button loading={put.isPending}>{t('privacy.messageWebhook.set')}</Button>}
              >
                <Input
                  type="url"
                  value={url ?? ''}
                  placeholder="https://messages.example.com/handfast"
                  onChange={({ detail }) => setUrl(detail.value)}
                />
              </FormField>
            </SpaceBetween>
          </form>
        )}
        {test.data && <TestResult test={test.data} />}
      </SpaceBetween>
      {secret && (
        <ShownOnce
          title={t('privacy.messageWebhook.saved')}
          label={t('privacy.messageWebhook.secret')}
          value={secret}
          onClose={() => setSecret(null)}
        />
      )}
      {asking && (
        <ConfirmDialog
          title={t(`privacy.messageWebhook.${asking}`)}
          confirm={t(`privacy.messageWebhook.${asking}`)}
          onConfirm={async () => {
            if (asking === 'rotate') setSecret((await rotate.mutateAsync(undefined)).secret);
            else await remove.mutateAsync(undefined);
          }}
          onClose={() => setAsking(null)}
        >
          {t(`privacy.messageWebhook.${asking}.detail`)}
        </ConfirmDialog>
      )}
    </Container>
  );
}
