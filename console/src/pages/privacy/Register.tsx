import './page.css';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { Count } from '../../components/Count';
import { errorAt } from '../../components/field-errors';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { toCsv } from './csv';
import { save } from './download';
import { MetricsTable } from './Metrics';
import { canonical, documentFault, type Signed } from './proof';
import { readRegister, useSuppressionCount } from './queries';
import { listOf } from './Recipients';
import { TYPES, useLawName } from './words';

interface Entry {
  privacyRequestId: string;
  requestType: string;
  regulation: string;
  origin: string;
  status: string;
  receivedAt: string;
  dueAt: string;
  endedAt: string | null;
  recipients: number;
  connectors: number;
  gaps: number | null;
  historyRecords: number;
  historyHead: string;
}

const MEMBERS = [
  ...(['privacyRequestId', 'requestType', 'regulation', 'origin', 'status', 'receivedAt', 'acknowledgeBy'] as const),
  ...(['dueAt', 'extended', 'endedAt', 'recipients', 'connectors', 'gaps', 'historyRecords', 'historyHead'] as const),
];

/** What is told of the requests as a whole: the metrics, the register for an auditor, and who is kept out. */
export default function Register() {
  const t = useT();
  const sandbox = useSandbox();
  const title = t('privacy.register');
  usePage({
    title,
    breadcrumbs: [{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }, { text: title }],
  });
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t('privacy.register.description')}>
          {title}
        </Header>
      }
    >
      <div className="stack">
        <MetricsTable />
        <Entries />
        <Suppressions />
      </div>
    </ContentLayout>
  );
}

/** The requests whose entries do not hold, or stand there twice. */
async function brokenOf(signed: Signed[], trusted: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const each of signed) {
    const request = String(each.document.privacyRequestId);
    if (seen.has(request) || (await documentFault(each, trusted))) broken.push(request);
    seen.add(request);
  }
  return broken;
}

const today = () => new Date().toISOString().slice(0, 10);

function Entries() {
  const t = useT();
  const api = useApi();
  const sandbox = useSandbox();
  const lawName = useLawName();
  const [from, setFrom] = useState(() => `${today().slice(0, 4)}-01-01`);
  const [to, setTo] = useState(today);
  const [broken, setBroken] = useState<string[] | null>(null);
  const read = useAction(async (period: { from: string; to: string }) => {
    const { items, keys } = await readRegister(api, sandbox, period.from, period.to);
    const signed = items as unknown as Signed[];
    setBroken(await brokenOf(signed, keys));
    return signed;
  });
  const signed = read.data ?? [];
  const entries = signed.map(({ document }) => document as unknown as Entry);
  const name = `privacy-register-${from}-${to}`;
  const download = (form: string) => {
    if (form === 'ndjson') {
      save(`${name}.ndjson`, signed.map((each) => `${canonical(each)}\n`).join(''), 'application/x-ndjson');
      return;
    }
    const rows = signed.map(({ document, signature }) => [
      ...MEMBERS.map((member) => document[member] as string),
      signature.keyId,
      signature.value,
    ]);
    save(`${name}.csv`, toCsv([[...MEMBERS, 'keyId', 'signature'], ...rows]), 'text/csv');
  };
  const columns: Column<Entry>[] = [
    {
      id: 'request',
      header: t('privacy.request'),
      cell: ({ privacyRequestId }) => (
        <RouteLink href={inSandbox(sandbox, 'privacy', privacyRequestId)}>{privacyRequestId}</RouteLink>
      ),
      value: ({ privacyRequestId }) => privacyRequestId,
      isRowHeader: true,
      width: 320,
    },
    {
      id: 'type',
      header: t('privacy.type'),
      cell: ({ requestType }) => t(`privacy.type.${requestType}`),
      value: ({ requestType }) => t(`privacy.type.${requestType}`),
      width: 160,
    },
    {
      id: 'law',
      header: t('privacy.regulation'),
      cell: ({ regulation }) => lawName(regulation),
      value: ({ regulation }) => lawName(regulation),
      width: 170,
    },
    {
      id: 'source',
      header: t('privacy.source'),
      cell: ({ origin }) => t(`privacy.origin.${origin}`),
      value: ({ origin }) => t(`privacy.origin.${origin}`),
      width: 150,
    },
    {
      id: 'status',
      header: t('privacy.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 190,
    },
    {
      id: 'received',
      header: t('privacy.received'),
      cell: ({ receivedAt }) => <Time at={receivedAt} exact />,
      value: ({ receivedAt }) => receivedAt,
      width: 200,
    },
    {
      id: 'ended',
      header: t('privacy.ended'),
      cell: ({ endedAt }) => <Time at={endedAt} exact />,
      value: ({ endedAt }) => endedAt,
      width: 200,
    },
    {
      id: 'gaps',
      header: t('privacy.count.gaps'),
      cell: ({ gaps }) => <Count value={gaps} />,
      value: ({ gaps }) => gaps,
      width: 110,
    },
    {
      id: 'head',
      header: t('privacy.proof.head'),
      cell: ({ historyHead }) => <code>{historyHead}</code>,
      value: ({ historyHead }) => historyHead,
      isHidden: true,
    },
  ];
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" description={t('privacy.register.entries.description')}>
            {t('privacy.register.entries')}
          </Header>
        }
      >
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            read.mutate({ from, to });
          }}
        >
          <SpaceBetween size="m">
            <ProblemAlert error={read.error} fields={['/query/from', '/query/to']} />
            <div className="filters">
              <Day
                label={t('privacy.from')}
                value={from}
                onChange={setFrom}
                error={errorAt(read.error, '/query/from')}
              />
              <Day label={t('privacy.to')} value={to} onChange={setTo} error={errorAt(read.error, '/query/to')} />
              <Button variant="primary" loading={read.isPending}>
                {t('privacy.register.read')}
              </Button>
            </div>
          </SpaceBetween>
        </form>
      </Container>
      {read.data && (
        <>
          <div aria-live="polite">
            {broken && broken.length > 0 ? (
              <Alert type="error" header={t('privacy.register.broken', { count: broken.length })}>
                {broken.slice(0, 10).join(', ')}
              </Alert>
            ) : (
              entries.length > 0 && (
                <Alert type="success">{t('privacy.register.holds', { count: entries.length })}</Alert>
              )
            )}
          </div>
          <ResourceTable
            name="privacy-register"
            title={t('privacy.register.entries')}
            list={listOf(entries)}
            columns={columns}
            idOf={({ privacyRequestId }) => privacyRequestId}
            empty={{ title: t('privacy.register.empty'), detail: t('privacy.register.empty.detail') }}
            actions={
              entries.length > 0 && (
                <ButtonDropdown
                  items={(['ndjson', 'csv'] as const).map((id) => ({ id, text: t(`privacy.register.${id}`) }))}
                  onItemClick={({ detail }) => download(detail.id)}
                >
                  {t('privacy.download')}
                </ButtonDropdown>
              )
            }
            filters={[
              {
                id: 'type',
                label: t('privacy.type'),
                value: ({ requestType }) => requestType,
                options: TYPES.map((value) => ({ value, label: t(`privacy.type.${value}`) })),
              },
            ]}
          />
        </>
      )}
    </SpaceBetween>
  );
}

interface DayProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

function Day({ label, value, onChange, error }: DayProps) {
  const t = useT();
  return (
    <FormField label={label} errorText={error}>
      <DatePicker
        value={value}
        onChange={({ detail }) => onChange(detail.value)}
        openCalendarAriaLabel={() => t('privacy.calendar', { label })}
      />
    </FormField>
  );
}

function Suppressions() {
  const t = useT();
  const { data, error, refetch } = useSuppressionCount(useSandbox());
  return (
    <Container
      header={
        <Header variant="h2" description={t('privacy.suppressions.description')}>
          {t('privacy.suppressions')}
        </Header>
      }
    >
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : (
        <KeyValues
          columns={2}
          items={(['erasure', 'optOut'] as const).map((name) => ({
            label: t(`privacy.suppressions.${name}`),
            value: (
              <span className="metric">
                <Count value={data?.value[name]} />
              </span>
            ),
          }))}
        />
      )}
    </Container>
  );
}
