import './print.css';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useParams } from 'react-router';
import { useGrant, useSandbox } from '../../api/me';
import { DetailPage } from '../../components/DetailPage';
import { KeyValues } from '../../components/KeyValues';
import { STATUSES, StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { save } from './download';
import { Unverified, Verdict } from './ProofSummary';
import type { History, HistoryRecord, Report } from './proof';
import { type PrivacyRequest, useRequest } from './queries';
import { Said } from './Said';
import { useVerification } from './verification';
import { shortId, typeOf, useActorName, useLawName } from './words';

/** What can be shown to somebody who trusts nobody here: the request's history, checked, to be printed and kept. */
export default function Proof() {
  const t = useT();
  const sandbox = useSandbox();
  const { request: id = '' } = useParams();
  const read = useRequest(sandbox, id);
  const name = (request: PrivacyRequest | undefined) => (request ? `${typeOf(t, request)} · ${shortId(id)}` : id);
  return (
    <DetailPage
      resource={read}
      title={() => t('privacy.proof')}
      description={t('privacy.proof.description')}
      above={[
        { text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') },
        { text: name(read.data?.value), href: inSandbox(sandbox, 'privacy', id) },
      ]}
      actions={() => (
        <Button iconName="file" onClick={() => window.print()}>
          {t('privacy.print')}
        </Button>
      )}
    >
      {(request, etag) => <Proven request={request} version={etag} />}
    </DetailPage>
  );
}

function Proven({ request, version }: { request: PrivacyRequest; version: string | null }) {
  const t = useT();
  const grant = useGrant();
  const lawName = useLawName();
  const sandbox = useSandbox();
  const [others, setOthers] = useState('');
  const named = others.split(/\s+/).filter(Boolean);
  const id = request.privacyRequestId;
  const { report, bytes, error, isPending, retry } = useVerification(sandbox, id, version, named);
  const signed = report?.signed;
  return (
    <>
      <div aria-live="polite">
        <Unverified error={error} onRetry={retry} />
        {isPending && <StatusIndicator type="loading">{t('privacy.proof.checking')}</StatusIndicator>}
        {report && <Verdict report={report} />}
      </div>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              bytes && (
                <Button iconName="download" onClick={() => save(`${id}-history.json`, bytes, 'application/json')}>
                  {t('privacy.proof.download')}
                </Button>
              )
            }
          >
            {t('privacy.proof.of')}
          </Header>
        }
      >
        <KeyValues
          items={[
            { label: t('privacy.id'), value: <code className="breaks">{id}</code> },
            { label: t('privacy.type'), value: typeOf(t, request) },
            { label: t('privacy.regulation'), value: lawName(request.regulation) },
            { label: t('privacy.proof.organization'), value: <span dir="auto">{grant?.organizationName}</span> },
            { label: t('privacy.received'), value: <Time at={request.receivedAt} exact /> },
            { label: t('privacy.status'), value: <StatusBadge status={request.status} /> },
          ]}
        />
      </Container>
      <Told request={request} />
      {report && signed && <Records report={report} history={signed.document} />}
      {report && signed && signed.document.receipts.length > 0 && (
        <Receipts report={report} history={signed.document} />
      )}
      {signed && (
        <Container header={<Header variant="h2">{t('privacy.proof.how')}</Header>}>
          <KeyValues
            columns={1}
            items={[
              { label: t('privacy.proof.head'), value: <code className="breaks">{signed.document.head}</code> },
              { label: t('privacy.proof.key'), value: <code className="breaks">{signed.signature.publicKey}</code> },
              { label: t('privacy.proof.signature'), value: <code className="breaks">{signed.signature.value}</code> },
              { label: t('privacy.proof.builtAt'), value: <Time at={signed.document.builtAt} exact /> },
              { label: t('privacy.proof.offline'), value: t('privacy.proof.offline.detail', { id }) },
              { label: t('privacy.proof.limits'), value: t('privacy.proof.limits.detail') },
            ]}
          />
        </Container>
      )}
      <div className="screen-only">
        <Container>
          <FormField label={t('privacy.proof.others')} description={t('privacy.proof.others.description')} stretch>
            <Textarea value={others} rows={2} spellcheck={false} onChange={({ detail }) => setOthers(detail.value)} />
          </FormField>
        </Container>
      </div>
    </>
  );
}

/** Who received the person: told and confirmed are two facts. */
function Told({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const rows = [
    ...request.recipients.map(({ name, kind, status, notifiedAt, confirmedAt, reason }) => ({
      ...{ name, status, reason, confirmedAt },
      kind: t(`privacy.kind.${kind}`),
      toldAt: notifiedAt,
    })),
    ...request.connectors.map(({ name, status, sentAt, confirmedAt, detail }) => ({
      ...{ name, status, confirmedAt },
      kind: t('privacy.system'),
      toldAt: sentAt,
      reason: detail,
    })),
  ];
  const headers = ['recipient', 'kind', 'told', 'confirmed', 'says'] as const;
  return (
    <Container header={<Header variant="h2">{t('privacy.proof.told')}</Header>}>
      {rows.length === 0 ? (
        <Box>{t('privacy.proof.told.none')}</Box>
      ) : (
        <table className="proof">
          <thead>
            <tr>
              {headers.map((name) => (
                <th key={name} scope="col">
                  {t(`privacy.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: names may be the same
              <tr key={at}>
                <th scope="row" dir="auto" className="breaks">
                  {row.name}
                </th>
                <td>{row.kind}</td>
                <td>
                  <Time at={row.toldAt} exact />
                </td>
                <td>
                  <Time at={row.confirmedAt} exact />
                </td>
                <td>
                  <Said status={row.status} />
                  {row.reason && (
                    <div dir="auto" className="breaks">
                      {row.reason}
                    </div>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Container>
  );
}

function Records({ report, history }: { report: Report; history: History }) {
  const t = useT();
  const actorName = useActorName();
  const headers = ['number', 'at', 'event', 'actor', 'facts', 'holds.column'] as const;
  return (
    <Container
      header={
        <Header variant="h2" description={t('privacy.proof.records.description')}>
          {t('privacy.proof.records', { count: history.records.length })}
        </Header>
      }
    >
      <table className="proof">
        <thead>
          <tr>
            {headers.map((name) => (
              <th key={name} scope="col">
                {t(`privacy.proof.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {history.records.map((record, at) => (
            <tr key={record.hash + String(at)}>
              <td>{record.sequence}</td>
              <td>
                <Time at={record.at} exact />
              </td>
              <th scope="row">
                <Event type={record.type} />
              </th>
              <td dir="auto" className="breaks">
                {actorName(record.actor)}
              </td>
              <td>
                <Facts detail={record.detail} />
              </td>
              <td>
                <Holds fault={faultOf(report, 'record', at + 1)} />
                <code className="hash" title={record.hash}>
                  {record.hash.slice(0, 16)}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Container>
  );
}

const EVENTS = new Set([
  ...['received', 'assessed', 'previewed', 'verified', 'expired', 'assigned', 'approved', 'referred', 'denied'],
  ...['cancelled', 'extended', 'retried', 'started', 'done_by_hand', 'package_released', 'completed', 'failed'],
  ...['recipient_answered', 'recipient_told', 'recipients_found', 'connectors_found', 'connector_answered'],
  ...['connectors_read', 'package_taken', 'package_deleted', 'due_soon', 'overdue', 'message_queued'],
  ...['message_failed', 'callback_failed', 'change_noted', 'awaiting_answers', 'attempt_failed', 'wait_ended'],
]);
const OF_STAGE = /^([a-z_]+)_(begun|done)$/;
const STAGES = new Set([
  ...['find', 'suppress', 'connectors', 'apply', 'withdraw', 'recipients', 'package', 'review', 'verify'],
  ...['manual_task', 'complete'],
]);

/** What happened, in words; an event that has none is told by its code. */
function Event({ type }: Pick<HistoryRecord, 'type'>) {
  const t = useT();
  const name = type.replace(/^privacy_request\./, '');
  if (EVENTS.has(name)) return <>{t(`privacy.event.${name}`)}</>;
  const [, stage, step] = OF_STAGE.exec(name) ?? [];
  if (stage && step && STAGES.has(stage))
    return <>{t(`privacy.eventOfStage.${step}`, { stage: t(`privacy.stage.${stage}`) })}</>;
  return <>{name.replaceAll('_', ' ')}</>;
}

const FACTS = new Set([
  ...['status', 'regulation', 'byNamespace', 'sharedDevices', 'recipient', 'recipientStatus', 'connector'],
  ...['connectorStatus', 'note', 'reason', 'ground', 'dueAt', 'stage', 'form', 'matched', 'reference', 'scope'],
  ...['duplicateOf', 'assignee', 'profiles', 'identities', 'connectors', 'changed', 'dataflows', 'recipients'],
  ...['values', 'shared', 'gaps', 'withheld'],
]);

/** A record's detail: ids, counts and codes, each by its name. */
function Facts({ detail }: { detail: Record<string, unknown> }) {
  const t = useT();
  const nameOf = (name: string) => (FACTS.has(name) ? t(`privacy.fact.${name}`) : wordsOf(name));
  const textOf = (value: unknown, name = ''): string => {
    if (value === null || value === undefined) return t('common.none');
    if (typeof value === 'boolean') return t(value ? 'privacy.yes' : 'privacy.no');
    if (typeof value === 'string') return /[sS]tatus$/.test(name) && value in STATUSES ? t(`status.${value}`) : value;
    if (typeof value !== 'object') return String(value);
    const parts = Array.isArray(value)
      ? value.map((each) => textOf(each))
      : Object.entries(value).map(([inner, each]) => `${nameOf(inner)} ${textOf(each, inner)}`);
    return parts.join(', ') || t('common.none');
  };
  return (
    <ul className="plain">
      {Object.entries(detail).map(([name, value]) => (
        <li key={name} dir="auto" className="breaks">
          {nameOf(name)}: {textOf(value, name)}
        </li>
      ))}
    </ul>
  );
}

/** The words of a name in camel case; what is no such name, such as a namespace, stays. */
const wordsOf = (name: string): string =>
  /^[a-z]+([A-Z][a-z]+)*$/.test(name) ? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : name;

function Receipts({ report, history }: { report: Report; history: History }) {
  const t = useT();
  const intl = useIntl();
  return (
    <Container
      header={
        <Header variant="h2" description={t('privacy.proof.receipts.description')}>
          {t('privacy.proof.receipts', { count: history.receipts.length })}
        </Header>
      }
    >
      <table className="proof">
        <thead>
          <tr>
            {(['recipient', 'receipt.outcome', 'receipt.at', 'receipt.counts', 'proof.key'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`privacy.${name}`)}
              </th>
            ))}
            <th scope="col">{t('privacy.proof.holds.column')}</th>
          </tr>
        </thead>
        <tbody>
          {history.receipts.map(({ document, signature }, at) => (
            <tr key={signature.value}>
              <th scope="row" dir="auto" className="breaks">
                {document.recipient}
              </th>
              <td>
                <StatusBadge status={document.outcome} />
              </td>
              <td>
                <Time at={document.at} exact />
              </td>
              <td>
                {Object.entries(document.counts)
                  .map(([name, count]) => `${wordsOf(name)} ${intl.formatNumber(count)}`)
                  .join(', ')}
              </td>
              <td>
                <code className="hash">{signature.keyId}</code>
              </td>
              <td>
                <Holds fault={faultOf(report, 'receipt', at + 1)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Container>
  );
}

const faultOf = (report: Report, subject: string, number: number) =>
  report.checks.find((check) => check.subject === subject && check.number === number)?.fault ?? null;

function Holds({ fault }: { fault: string | null }) {
  const t = useT();
  return (
    <StatusIndicator type={fault ? 'error' : 'success'}>
      {fault ? t(`privacy.fault.${fault}`) : t('privacy.proof.intact')}
    </StatusIndicator>
  );
}
