import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Multiselect from '@cloudscape-design/components/multiselect';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useQuery } from '@tanstack/react-query';
import { bodyOf, ifMatch, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { CopyId } from '../../components/CopyId';
import { errorAt } from '../../components/field-errors';
import { GuardedButton } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Time } from '../../components/Time';
import { loadConfig } from '../../config';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { MessageWebhook } from './MessageWebhook';
import { intakeKey, useIntakeForm, useRegulations } from './queries';
import { TYPES, useLawName } from './words';

type View = Schemas['IntakeFormView'];
type Put = Schemas['PutIntakeForm'];

const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
  { value: 'ja', label: '日本語' },
];

/** The form by which people make requests themselves, and what writes to them. */
export default function Intake() {
  const t = useT();
  const sandbox = useSandbox();
  const read = useIntakeForm(sandbox);
  const title = t('privacy.intake');
  const [isEditing, setEditing] = useState(false);
  usePage({
    title,
    breadcrumbs: [{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }, { text: title }],
  });
  const form = read.data?.value;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t('privacy.intake.description')}>
          {title}
        </Header>
      }
    >
      <div className="stack">
        <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
        {read.isPending && <Spinner size="large" />}
        {read.data &&
          (isEditing ? (
            <EditForm form={form ?? null} etag={read.data.etag} onClose={() => setEditing(false)} />
          ) : (
            <ShowForm form={form ?? null} etag={read.data.etag} onEdit={() => setEditing(true)} />
          ))}
        <MessageWebhook />
      </div>
    </ContentLayout>
  );
}

/** The HTML that embeds the form in a page of an allowed origin. */
const snippetOf = (address: string) =>
  `<iframe src="${address}" title="Privacy request" referrerpolicy="no-referrer"\n  style="width: 100%; height: 75rem; border: 0"></iframe>\n`;

function ShowForm({ form, etag, onEdit }: { form: View | null; etag: string | null; onEdit: () => void }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const lawName = useLawName();
  const [asking, setAsking] = useState<'rotate' | 'off' | null>(null);
  const config = useQuery({ queryKey: ['config'], queryFn: loadConfig, staleTime: Number.POSITIVE_INFINITY });
  const params = { path: { sandbox } };
  const options = { invalidates: [intakeKey(sandbox)] };
  const rotate = useAction(
    (_: undefined, once) => bodyOf(api.POST('/sandboxes/{sandbox}/intake-form/rotate', { params, headers: once })),
    options,
  );
  const off = useAction(
    (_: undefined) => bodyOf(api.DELETE('/sandboxes/{sandbox}/intake-form', { params, headers: ifMatch(etag) })),
    options,
  );
  if (!form)
    return (
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <GuardedButton permission="privacy:approve" variant="primary" onClick={onEdit}>
                {t('privacy.intake.on')}
              </GuardedButton>
            }
          >
            {t('privacy.intake.form')}
          </Header>
        }
      >
        <StatusIndicator type="stopped">{t('privacy.intake.off')}</StatusIndicator>
        <p>{t('privacy.intake.off.detail')}</p>
      </Container>
    );
  const address = `${config.data?.apiUrl ?? ''}${form.path}`;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <div className="row">
              <GuardedButton permission="privacy:approve" onClick={() => setAsking('off')}>
                {t('privacy.intake.switchOff')}
              </GuardedButton>
              <GuardedButton permission="privacy:approve" onClick={() => setAsking('rotate')}>
                {t('privacy.intake.rotate')}
              </GuardedButton>
              <GuardedButton permission="privacy:approve" onClick={onEdit}>
                {t('privacy.intake.change')}
              </GuardedButton>
            </div>
          }
        >
          {t('privacy.intake.form')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {!form.sendsCodes && <Alert type="warning">{t('privacy.intake.noSender')}</Alert>}
        <KeyValues
          items={[
            {
              label: t('privacy.intake.path'),
              value: <CopyId value={address} label={t('privacy.intake.path')} />,
            },
            {
              label: t('privacy.intake.snippet'),
              value:
                form.allowedOrigins.length > 0 ? (
                  <CopyToClipboard
                    textToCopy={snippetOf(address)}
                    copyButtonText={t('privacy.intake.snippet.copy')}
                    copySuccessText={t('copy.done')}
                    copyErrorText={t('copy.failed')}
                  />
                ) : (
                  t('privacy.intake.origins.none')
                ),
            },
            { label: t('privacy.intake.types'), value: form.types.map((type) => t(`privacy.type.${type}`)).join(', ') },
            { label: t('privacy.intake.laws'), value: form.regulations.map(lawName).join(', ') },
            {
              label: t('privacy.intake.languages'),
              value: LANGUAGES.filter(({ value }) => form.languages.includes(value as Schemas['Language']))
                .map(({ label }) => label)
                .join(', '),
            },
            {
              label: t('privacy.intake.origins'),
              value: form.allowedOrigins.length > 0 ? form.allowedOrigins.join(', ') : t('privacy.intake.origins.none'),
            },
            {
              label: t('privacy.intake.policy'),
              value: (
                <Link href={form.privacyPolicyUrl} external>
                  {form.privacyPolicyUrl}
                </Link>
              ),
            },
            { label: t('privacy.intake.heading'), value: <span dir="auto">{form.heading ?? t('common.none')}</span> },
            {
              label: t('privacy.intake.retention'),
              value: <span dir="auto">{form.retention ?? t('common.none')}</span>,
            },
            { label: t('privacy.connectors.updatedAt'), value: <Time at={form.updatedAt} /> },
          ]}
        />
      </SpaceBetween>
      {asking && (
        <ConfirmDialog
          title={t(`privacy.intake.${asking}.title`)}
          confirm={t(asking === 'off' ? 'privacy.intake.switchOff' : 'privacy.intake.rotate')}
          onConfirm={async () => {
            await (asking === 'off' ? off : rotate).mutateAsync(undefined);
            flash.success(t(`privacy.intake.${asking}.done`));
          }}
          onClose={() => setAsking(null)}
        >
          {t(`privacy.intake.${asking}.confirm`)}
        </ConfirmDialog>
      )}
    </Container>
  );
}

function EditForm({ form, etag, onClose }: { form: View | null; etag: string | null; onClose: () => void }) {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const laws = useRegulations().data?.value.items ?? [];
  const [input, setInput] = useState({
    types: form?.types ?? [],
    regulations: form?.regulations ?? [],
    languages: form?.languages ?? ['en'],
    origins: form?.allowedOrigins.join('\n') ?? '',
    policy: form?.privacyPolicyUrl ?? '',
    heading: form?.heading ?? '',
    retention: form?.retention ?? '',
  });
  const put = useAction(
    (body: Put) =>
      bodyOf(
        api.PUT('/sandboxes/{sandbox}/intake-form', { params: { path: { sandbox } }, body, headers: ifMatch(etag) }),
      ),
    { invalidates: [intakeKey(sandbox)] },
  );
  const { error } = put;
  const types = TYPES.filter((type) => type !== 'consent').map((value) => ({
    value,
    label: t(`privacy.type.${value}`),
  }));
  const lawOptions = laws.map(({ code, name }) => ({ value: code, label: name }));
  const chosen = <T extends { value: string }>(all: T[], values: readonly string[]) =>
    all.filter(({ value }) => values.includes(value));
  const submit = () =>
    put.mutate(
      {
        types: input.types,
        regulations: input.regulations,
        languages: input.languages,
        allowedOrigins: input.origins.split(/\s+/).filter(Boolean),
        privacyPolicyUrl: input.policy.trim(),
        heading: input.heading.trim() || null,
        retention: input.retention.trim() || null,
      } as Put,
      {
        onSuccess: () => {
          flash.success(t('privacy.intake.saved'));
          onClose();
        },
      },
    );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Container
        header={<Header variant="h2">{t('privacy.intake.form')}</Header>}
        footer={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button variant="primary" loading={put.isPending}>
              {t('privacy.intake.save')}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <ProblemAlert
            error={error}
            fields={[
              '/types',
              '/regulations',
              '/languages',
              '/allowedOrigins',
              '/privacyPolicyUrl',
              '/heading',
              '/retention',
            ]}
          />
          <FormField label={t('privacy.intake.types')} errorText={errorAt(error, '/types')}>
            <Multiselect
              selectedOptions={chosen(types, input.types)}
              options={types}
              placeholder={t('privacy.type.choose')}
              onChange={({ detail }) =>
                setInput({ ...input, types: detail.selectedOptions.map(({ value }) => value) as Put['types'] })
              }
            />
          </FormField>
          <FormField label={t('privacy.intake.laws')} errorText={errorAt(error, '/regulations')}>
            <Multiselect
              selectedOptions={chosen(lawOptions, input.regulations)}
              options={lawOptions}
              filteringType="auto"
              placeholder={t('privacy.regulation.choose')}
              onChange={({ detail }) =>
                setInput({ ...input, regulations: detail.selectedOptions.map(({ value }) => value ?? '') })
              }
            />
          </FormField>
          <FormField label={t('privacy.intake.languages')} errorText={errorAt(error, '/languages')}>
            <Multiselect
              selectedOptions={chosen(LANGUAGES, input.languages)}
              options={LANGUAGES}
              onChange={({ detail }) =>
                setInput({
                  ...input,
                  languages: detail.selectedOptions.map(({ value }) => value) as Schemas['Language'][],
                })
              }
            />
          </FormField>
          <FormField
            label={t('privacy.intake.policy')}
            description={t('privacy.intake.policy.description')}
            errorText={errorAt(error, '/privacyPolicyUrl')}
          >
            <Input
              type="url"
              value={input.policy}
              placeholder="https://www.example.com/privacy"
              onChange={({ detail }) => setInput({ ...input, policy: detail.value })}
            />
          </FormField>
          <FormField
            label={t('privacy.intake.origins')}
            description={t('privacy.intake.origins.description')}
            errorText={errorAt(error, '/allowedOrigins')}
          >
            <Textarea
              value={input.origins}
              rows={2}
              placeholder="https://www.example.com"
              onChange={({ detail }) => setInput({ ...input, origins: detail.value })}
            />
          </FormField>
          <FormField label={t('privacy.intake.heading')} errorText={errorAt(error, '/heading')}>
            <Input value={input.heading} onChange={({ detail }) => setInput({ ...input, heading: detail.value })} />
          </FormField>
          <FormField
            label={t('privacy.intake.retention')}
            description={t('privacy.intake.retention.description')}
            errorText={errorAt(error, '/retention')}
          >
            <Input value={input.retention} onChange={({ detail }) => setInput({ ...input, retention: detail.value })} />
          </FormField>
        </SpaceBetween>
      </Container>
    </form>
  );
}
