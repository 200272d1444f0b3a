import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { bodyOf, type Schemas } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { FailedReads } from '../../components/FailedReads';
import { errorAt } from '../../components/field-errors';
import { ProblemAlert } from '../../components/ProblemAlert';
import { ShownOnce } from '../../components/ShownOnce';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { Identities, type Identity, NO_IDENTITY } from './Identities';
import { Preview } from './Preview';
import { type PrivacyType, requestsKey, useRegulations } from './queries';
import { TYPES } from './words';

type Body = Schemas['CreatePrivacyRequest'];
type Filed = Schemas['NewPrivacyRequest'];
type Found = Schemas['PrivacyPreview'];

interface Entered {
  type: PrivacyType | null;
  regulation: string;
  identities: Identity[];
  verified: boolean;
  share: 'y' | 'n';
  categoriesOnly: boolean;
  liftErasure: boolean;
  note: string;
  externalId: string;
  email: string;
  language: Schemas['Language'];
  writes: boolean;
}

const EMPTY: Entered = {
  type: null,
  regulation: '',
  identities: [NO_IDENTITY],
  verified: false,
  share: 'n',
  categoriesOnly: false,
  liftErasure: false,
  note: '',
  externalId: '',
  email: '',
  language: 'en',
  writes: false,
};

const FIELDS = ['/type', '/regulation', '/subject/identities', '/note', '/externalId', '/contact', '/share'];

function bodyFrom(input: Entered): Body {
  const { type, regulation } = input;
  return {
    type: type ?? ('' as PrivacyType),
    regulation,
    verified: input.verified,
    subject: {
      identities: input.identities.map((identity) => ({
        ...identity,
        value: identity.value.trim(),
        type: 'standard' as const,
      })),
    },
    ...(type === 'consent' && { share: input.share }),
    ...(type === 'access' && input.categoriesOnly && { categoriesOnly: true }),
    ...(type === 'opt_in' && input.liftErasure && { liftErasure: true }),
    ...(input.note.trim() && { note: input.note.trim() }),
    ...(input.externalId.trim() && { externalId: input.externalId.trim() }),
    ...(input.writes && { contact: { email: input.email.trim(), language: input.language } }),
  } as Body;
}

export default function CreateRequest() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'privacy');
  const title = t('privacy.create');
  const [input, setInput] = useState(EMPTY);
  const [found, setFound] = useState<Found | null>(null);
  const [filed, setFiled] = useState<Filed | null>(null);
  usePage({ title, contentType: 'form', breadcrumbs: [{ text: t('privacy.title'), href: list }, { text: title }] });
  const post = (body: Body, dryRun: boolean, once = {}) =>
    bodyOf(
      api.POST('/sandboxes/{sandbox}/privacy-requests', {
        params: { path: { sandbox }, query: { dryRun } },
        body,
        headers: once,
      }),
    );
  const preview = useAction((body: Body) => post(body, true) as Promise<Found>);
  const file = useAction((body: Body, once) => post(body, false, once) as Promise<Filed>, {
    invalidates: [requestsKey(sandbox)],
  });
  const { error } = preview;
  const set = (changes: Partial<Entered>) => setInput((before) => ({ ...before, ...changes }));
  const show = (request: Filed) => void navigate(inSandbox(sandbox, 'privacy', request.privacyRequestId));
  const confirm = async () => {
    const request = await file.mutateAsync(bodyFrom(input));
    // What the person is known by has been handed over: the page forgets it.
    setInput(EMPTY);
    flash.success(t('privacy.filed'));
    if (request.verificationCode) setFiled(request);
    else show(request);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        preview.mutate(bodyFrom(input), { onSuccess: setFound });
      }}
    >
      <ContentLayout
        header={
          <Header variant="h1" description={t('privacy.create.description')}>
            {title}
          </Header>
        }
      >
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button variant="link" formAction="none" onClick={() => void navigate(list)}>
                {t('common.cancel')}
              </Button>
              <Button variant="primary" loading={preview.isPending}>
                {t('privacy.preview')}
              </Button>
            </SpaceBetween>
          }
        >
          <div className="stack">
            <FailedReads />
            <ProblemAlert error={error} fields={FIELDS} />
            <What input={input} set={set} error={error} />
            <Container
              header={
                <Header variant="h2" description={t('privacy.subject.description')}>
                  {t('privacy.subject')}
                </Header>
              }
            >
              <Identities identities={input.identities} onChange={(identities) => set({ identities })} error={error} />
            </Container>
            <Verification input={input} set={set} error={error} />
            <Container header={<Header variant="h2">{t('privacy.record.header')}</Header>}>
              <SpaceBetween size="l">
                <FormField
                  label={t(input.type === 'rectification' ? 'privacy.note.rectification' : 'privacy.note.optional')}
                  constraintText={t('privacy.noPersonalData')}
                  errorText={errorAt(error, '/note')}
                >
                  <Textarea value={input.note} rows={2} onChange={({ detail }) => set({ note: detail.value })} />
                </FormField>
                <FormField
                  label={t('privacy.externalId.optional')}
                  description={t('privacy.externalId.description')}
                  errorText={errorAt(error, '/externalId')}
                >
                  <Input value={input.externalId} onChange={({ detail }) => set({ externalId: detail.value })} />
                </FormField>
              </SpaceBetween>
            </Container>
          </div>
        </Form>
      </ContentLayout>
      {found && (
        <ConfirmDialog
          title={t('privacy.preview.title')}
          confirm={t('privacy.file')}
          onConfirm={confirm}
          onClose={() => setFound(null)}
        >
          <Preview found={found} />
        </ConfirmDialog>
      )}
      {filed?.verificationCode && (
        <ShownOnce
          title={t('privacy.code.title')}
          label={t('privacy.code.label')}
          value={filed.verificationCode}
          onClose={() => show(filed)}
        />
      )}
    </form>
  );
}

interface PartProps {
  input: Entered;
  set: (changes: Partial<Entered>) => void;
  error: unknown;
}

function What({ input, set, error }: PartProps) {
  const t = useT();
  const laws = useRegulations();
  const items = laws.data?.value.items ?? [];
  const law = items.find(({ code }) => code === input.regulation);
  const lawOptions = items.map(({ code, name, description }) => ({ value: code, label: name, description }));
  const isRight = (type: PrivacyType) => !law || (law.requestTypes ?? []).includes(type);
  const typeOptions = TYPES.map((value) => ({
    value,
    label: t(`privacy.type.${value}`),
    description: t(`privacy.type.${value}.detail`),
    disabled: !isRight(value),
    disabledReason: t('privacy.notARight', { law: law?.name ?? '' }),
  }));
  return (
    <Container header={<Header variant="h2">{t('privacy.what')}</Header>}>
      <SpaceBetween size="l">
        <FormField
          label={t('privacy.regulation')}
          description={t('privacy.regulation.description')}
          constraintText={law && <span>{law.description}</span>}
          errorText={errorAt(error, '/regulation')}
        >
          <Select
            selectedOption={lawOptions.find(({ value }) => value === input.regulation) ?? null}
            options={lawOptions}
            filteringType="auto"
            placeholder={t('privacy.regulation.choose')}
            statusType={laws.isPending ? 'loading' : laws.isError ? 'error' : 'finished'}
            onChange={({ detail }) => {
              const regulation = detail.selectedOption.value ?? '';
              const rights = items.find(({ code }) => code === regulation)?.requestTypes ?? [];
              set({ regulation, ...(input.type && !rights.includes(input.type) && { type: null }) });
            }}
          />
        </FormField>
        <FormField label={t('privacy.type')} errorText={errorAt(error, '/type')}>
          <Select
            selectedOption={typeOptions.find(({ value }) => value === input.type) ?? null}
            options={typeOptions}
            placeholder={t('privacy.type.choose')}
            onChange={({ detail }) => set({ type: detail.selectedOption.value as PrivacyType })}
          />
        </FormField>
        {input.type === 'consent' && (
          <FormField label={t('privacy.share')} errorText={errorAt(error, '/share')}>
            <RadioGroup
              value={input.share}
              items={(['n', 'y'] as const).map((value) => ({ value, label: t(`privacy.consent.${value}`) }))}
              onChange={({ detail }) => set({ share: detail.value as 'y' | 'n' })}
            />
          </FormField>
        )}
        {input.type === 'access' && (
          <Checkbox
            checked={input.categoriesOnly}
            description={t('privacy.categoriesOnly.detail')}
            onChange={({ detail }) => set({ categoriesOnly: detail.checked })}
          >
            {t('privacy.categoriesOnly')}
          </Checkbox>
        )}
        {input.type === 'opt_in' && (
          <Checkbox
            checked={input.liftErasure}
            description={t('privacy.liftErasure.detail')}
            onChange={({ detail }) => set({ liftErasure: detail.checked })}
          >
            {t('privacy.liftErasure')}
          </Checkbox>
        )}
      </SpaceBetween>
    </Container>
  );
}

const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
  { value: 'ja', label: '日本語' },
];

function Verification({ input, set, error }: PartProps) {
  const t = useT();
  return (
    <Container header={<Header variant="h2">{t('privacy.verification')}</Header>}>
      <SpaceBetween size="l">
        <FormField label={t('privacy.verification.how')} errorText={errorAt(error, '/verified')}>
          <RadioGroup
            value={input.verified ? 'verified' : 'code'}
            items={[
              {
                value: 'code',
                label: t('privacy.verification.code'),
                description: t('privacy.verification.code.detail'),
              },
              {
                value: 'verified',
                label: t('privacy.verification.verified'),
                description: t('privacy.verification.verified.detail'),
              },
            ]}
            onChange={({ detail }) => set({ verified: detail.value === 'verified' })}
          />
        </FormField>
        <Checkbox
          checked={input.writes}
          description={t('privacy.contact.detail')}
          onChange={({ detail }) => set({ writes: detail.checked })}
        >
          {t('privacy.contact')}
        </Checkbox>
        {input.writes && (
          <>
            {!input.verified && <Alert type="info">{t('privacy.contact.code')}</Alert>}
            <FormField label={t('privacy.contact.email')} errorText={errorAt(error, '/contact')}>
              <Input
                type="email"
                inputMode="email"
                autoComplete={false}
                value={input.email}
                onChange={({ detail }) => set({ email: detail.value })}
              />
            </FormField>
            <FormField label={t('privacy.contact.language')}>
              <Select
                selectedOption={LANGUAGES.find(({ value }) => value === input.language) ?? null}
                options={LANGUAGES}
                onChange={({ detail }) => set({ language: detail.selectedOption.value as Entered['language'] })}
              />
            </FormField>
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}
