import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FileUpload from '@cloudscape-design/components/file-upload';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { bodyOf } from 'handfast-client';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { FailedReads } from '../../components/FailedReads';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type BulkFault, type BulkPerson, MOST_REQUESTS, peopleOf } from './bulk';
import { toCsv } from './csv';
import { save } from './download';
import { type PrivacyType, requestsKey, useRegulations } from './queries';
import { TYPES } from './words';

const EXAMPLE = toCsv([
  ['namespace', 'value', 'format', 'externalId'],
  ['Email_LC_SHA256', 'person@example.com', 'raw', 'case-1'],
]);
/** What has a note or an answer of its own is entered one by one. */
const ONE_BY_ONE = new Set<PrivacyType>(['rectification', 'consent']);
const SHOWN_FAULTS = 10;

export default function CreateBulk() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const list = inSandbox(sandbox, 'privacy');
  const title = t('privacy.bulk');
  const laws = useRegulations().data?.value.items ?? [];
  const [regulation, setRegulation] = useState('');
  const [type, setType] = useState<PrivacyType | null>(null);
  const [verified, setVerified] = useState(true);
  const [files, setFiles] = useState<File[]>([]);
  const [people, setPeople] = useState<BulkPerson[]>([]);
  const [faults, setFaults] = useState<BulkFault[]>([]);
  const [isAsking, setAsking] = useState(false);
  usePage({ title, contentType: 'form', breadcrumbs: [{ text: t('privacy.title'), href: list }, { text: title }] });
  const law = laws.find(({ code }) => code === regulation);
  const lawOptions = laws.map(({ code, name }) => ({ value: code, label: name }));
  const typeOptions = TYPES.filter((each) => !ONE_BY_ONE.has(each)).map((value) => ({
    value,
    label: t(`privacy.type.${value}`),
    disabled: law !== undefined && !(law.requestTypes ?? []).includes(value),
    disabledReason: t('privacy.notARight', { law: law?.name ?? '' }),
  }));
  const send = useAction(
    (items: Record<string, unknown>[], once) =>
      bodyOf(
        api.POST('/sandboxes/{sandbox}/privacy-requests/bulk', {
          params: { path: { sandbox } },
          body: { items },
          headers: once,
        }),
      ),
    { invalidates: [requestsKey(sandbox)] },
  );
  const take = async (chosen: File[]) => {
    setFiles(chosen);
    const read = chosen[0] ? peopleOf(await chosen[0].text()) : { people: [], faults: [] };
    setPeople(read.people);
    setFaults(read.faults);
  };
  const confirm = async () => {
    const items = people.map(({ identities, externalId }) => ({
      type,
      regulation,
      verified,
      subject: { identities },
      ...(externalId && { externalId }),
    }));
    const answer = await send.mutateAsync(items);
    const codes = answer.items.flatMap(({ privacyRequestId, verificationCode }, at) =>
      verificationCode ? [[people[at]?.externalId, privacyRequestId, verificationCode]] : [],
    );
    // Codes are told by this answer alone.
    if (codes.length > 0) {
      const header = ['externalId', 'privacyRequestId', 'verificationCode'];
      save(`${answer.bulkId ?? 'bulk'}-codes.csv`, toCsv([header, ...codes]), 'text/csv');
      flash.warning(t('privacy.bulk.codes'));
    }
    if (answer.bulkId) void navigate(inSandbox(sandbox, 'privacy/bulk', answer.bulkId));
    else flash.error(new Error(String(answer.items[0]?.problem?.detail ?? t('privacy.bulk.none'))));
  };
  const isReady = type !== null && regulation !== '' && people.length > 0 && faults.length === 0;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) setAsking(true);
      }}
    >
      <ContentLayout
        header={
          <Header variant="h1" description={t('privacy.bulk.description', { count: MOST_REQUESTS })}>
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
              <Button variant="primary" disabled={!isReady} disabledReason={t('privacy.bulk.notReady')}>
                {t('privacy.bulk.send')}
              </Button>
            </SpaceBetween>
          }
        >
          <div className="stack">
            <FailedReads />
            <ProblemAlert error={send.error} />
            <Container header={<Header variant="h2">{t('privacy.what')}</Header>}>
              <SpaceBetween size="l">
                <FormField label={t('privacy.regulation')}>
                  <Select
                    selectedOption={lawOptions.find(({ value }) => value === regulation) ?? null}
                    options={lawOptions}
                    filteringType="auto"
                    placeholder={t('privacy.regulation.choose')}
                    onChange={({ detail }) => {
                      const code = detail.selectedOption.value ?? '';
                      const rights = laws.find((each) => each.code === code)?.requestTypes ?? [];
                      setRegulation(code);
                      if (type && !rights.includes(type)) setType(null);
                    }}
                  />
                </FormField>
                <FormField label={t('privacy.type')} constraintText={t('privacy.bulk.types')}>
                  <Select
                    selectedOption={typeOptions.find(({ value }) => value === type) ?? null}
                    options={typeOptions}
                    placeholder={t('privacy.type.choose')}
                    onChange={({ detail }) => setType(detail.selectedOption.value as PrivacyType)}
                  />
                </FormField>
                <FormField label={t('privacy.verification.how')}>
                  <RadioGroup
                    value={verified ? 'verified' : 'code'}
                    items={[
                      { value: 'verified', label: t('privacy.verification.verified') },
                      {
                        value: 'code',
                        label: t('privacy.verification.code'),
                        description: t('privacy.bulk.codes.detail'),
                      },
                    ]}
                    onChange={({ detail }) => setVerified(detail.value === 'verified')}
                  />
                </FormField>
              </SpaceBetween>
            </Container>
            <Container header={<Header variant="h2">{t('privacy.bulk.file')}</Header>}>
              <SpaceBetween size="m">
                <Box>
                  {t('privacy.bulk.columns')}{' '}
                  <Button
                    formAction="none"
                    variant="inline-link"
                    onClick={() => save('privacy-requests.csv', EXAMPLE, 'text/csv')}
                  >
                    {t('privacy.bulk.example')}
                  </Button>
                </Box>
                <FormField label={t('privacy.bulk.choose')}>
                  <FileUpload
                    accept=".csv,text/csv"
                    value={files}
                    showFileSize
                    onChange={({ detail }) => void take(detail.value)}
                    i18nStrings={{
                      uploadButtonText: () => t('privacy.bulk.choose'),
                      dropzoneText: () => t('privacy.bulk.drop'),
                      removeFileAriaLabel: () => t('privacy.bulk.remove'),
                      limitShowFewer: t('privacy.bulk.remove'),
                      limitShowMore: t('privacy.bulk.remove'),
                      errorIconAriaLabel: t('privacy.bulk.wrong'),
                    }}
                  />
                </FormField>
                <div aria-live="polite">
                  {faults.length > 0 && (
                    <Alert type="error" header={t('privacy.bulk.wrong')}>
                      <ul className="plain">
                        {faults.slice(0, SHOWN_FAULTS).map(({ code, line }) => (
                          <li key={`${code} ${line}`}>
                            {t(`privacy.bulk.fault.${code}`, { line, count: MOST_REQUESTS })}
                          </li>
                        ))}
                      </ul>
                      {faults.length > SHOWN_FAULTS &&
                        t('privacy.bulk.fault.more', { count: faults.length - SHOWN_FAULTS })}
                    </Alert>
                  )}
                  {faults.length === 0 && people.length > 0 && (
                    <Alert type="success">{t('privacy.bulk.read', { count: people.length })}</Alert>
                  )}
                </div>
              </SpaceBetween>
            </Container>
          </div>
        </Form>
      </ContentLayout>
      {isAsking && type && (
        <ConfirmDialog
          title={t('privacy.bulk.confirm.title', { count: people.length })}
          confirm={t('privacy.bulk.send')}
          onConfirm={confirm}
          onClose={() => setAsking(false)}
        >
          {t('privacy.bulk.confirm', { type: t(`privacy.type.${type}`), law: law?.name ?? '', count: people.length })}
        </ConfirmDialog>
      )}
    </form>
  );
}
