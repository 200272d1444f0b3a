import './page.css';
import './print.css';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { Schemas } from 'handfast-client';
import type { ReactNode } from 'react';
import { useSandbox } from '../../api/me';
import { DetailPage } from '../../components/DetailPage';
import { KeyValues } from '../../components/KeyValues';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { useTypeName } from './ConnectorList';
import { toCsv } from './csv';
import { save } from './download';
import { useProcessingRecord } from './queries';

type Processing = Schemas['ProcessingRecord'];
type Disclosure = Processing['disclosed'][number];

/** What the configuration tells for a record of processing (GDPR Art. 30), to be printed or taken along. */
export default function ProcessingRecord() {
  const t = useT();
  const sandbox = useSandbox();
  return (
    <DetailPage
      resource={useProcessingRecord(sandbox)}
      title={() => t('privacy.record')}
      description={t('privacy.record.description')}
      above={[{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }]}
      actions={(record) => (
        <>
          <Button iconName="download" onClick={() => save('processing-record.csv', csvOf(record), 'text/csv')}>
            {t('privacy.record.csv')}
          </Button>
          <Button iconName="file" onClick={() => window.print()}>
            {t('privacy.print')}
          </Button>
        </>
      )}
    >
      {(record) => <Shown record={record} />}
    </DetailPage>
  );
}

function csvOf(record: Processing): string {
  const feeds = (direction: string, items: Disclosure[]) =>
    items.map((each) => [
      ...[direction, each.partner, each.feedName, each.status, each.since],
      ...[each.segments.join('; '), each.namespaces.join('; '), each.purposes.join('; ')],
    ]);
  return toCsv([
    ['direction', 'party', 'what', 'status', 'since', 'segments', 'namespaces', 'purposes'],
    ...feeds('disclosed', record.disclosed),
    ...feeds('received', record.received),
    ...record.processors.map(({ name, type }) => ['processor', name, type, '', '', '', '', '']),
    ...record.otherRecipients.map(({ kind, name, data }) => ['recipient', name, kind, '', '', '', data.join('; '), '']),
  ]);
}

function Shown({ record }: { record: Processing }) {
  const t = useT();
  const typeName = useTypeName();
  return (
    <>
      <Container header={<Header variant="h2">{t('privacy.overview')}</Header>}>
        <KeyValues
          items={[
            { label: t('privacy.proof.organization'), value: <span dir="auto">{record.organizationName}</span> },
            { label: t('privacy.record.sandbox'), value: <span dir="auto">{record.sandboxName}</span> },
            { label: t('privacy.record.asOf'), value: <Time at={record.asOf} exact /> },
            { label: t('privacy.record.consent'), value: t(`privacy.record.consent.${record.consentDefault}`) },
            {
              label: t('privacy.record.retention'),
              value: t('privacy.record.retention.detail', {
                months: record.retention.recordMonths,
                package: record.retention.packageDays,
                bulk: record.retention.bulkDays,
              }),
            },
            {
              label: t('privacy.intake'),
              value: record.intakeForm
                ? record.intakeForm.types.map((type) => t(`privacy.type.${type}`)).join(', ')
                : t('privacy.intake.off'),
            },
          ]}
        />
      </Container>
      <Feeds title={t('privacy.record.disclosed')} none={t('privacy.record.disclosed.none')} feeds={record.disclosed} />
      <Feeds title={t('privacy.record.received')} none={t('privacy.record.received.none')} feeds={record.received} />
      <Listed
        title={t('privacy.systems')}
        none={t('privacy.record.processors.none')}
        headers={[t('privacy.connectors.name'), t('privacy.connectors.type')]}
        rows={record.processors.map(({ name, type }) => [name, typeName(type)])}
      />
      <Listed
        title={t('privacy.record.others')}
        none={t('privacy.record.others.none')}
        headers={[t('privacy.recipient'), t('privacy.kind'), t('privacy.record.data')]}
        rows={record.otherRecipients.map(({ name, kind, data }) => [
          name,
          t(`privacy.record.kind.${kind}`),
          data.map((each) => t(`privacy.record.given.${each}`)).join(', '),
        ])}
      />
    </>
  );
}

function Feeds({ title, none, feeds }: { title: string; none: string; feeds: Disclosure[] }) {
  const t = useT();
  return (
    <Listed
      title={title}
      none={none}
      headers={[
        t('privacy.record.partner'),
        t('privacy.record.feed'),
        t('privacy.status'),
        t('privacy.record.segments'),
        t('privacy.record.namespaces'),
        t('privacy.record.purposes'),
      ]}
      rows={feeds.map((feed) => [
        feed.partner,
        feed.feedName,
        <StatusBadge key={feed.feedId} status={feed.status} />,
        feed.segments.join(', '),
        feed.namespaces.join(', '),
        feed.purposes.map((purpose) => purpose.replaceAll('_', ' ')).join(', '),
      ])}
    />
  );
}

function Listed({
  title,
  none,
  headers,
  rows,
}: {
  title: string;
  none: string;
  headers: string[];
  rows: ReactNode[][];
}) {
  return (
    <Container header={<Header variant="h2">{title}</Header>}>
      {rows.length === 0 ? (
        <Box>{none}</Box>
      ) : (
        <table className="proof" aria-label={title}>
          <thead>
            <tr>
              {headers.map((header) => (
                <th key={header} scope="col">
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first, ...others], at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a feed goes to several partners
              <tr key={at}>
                <th scope="row" dir="auto" className="breaks">
                  {first}
                </th>
                {others.map((cell, column) => (
                  <td key={headers[column + 1]} dir="auto" className="breaks">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Container>
  );
}
