import Alert from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { DetailPage } from '../../components/DetailPage';
import { Guarded } from '../../components/Guarded';
import { KeyValues } from '../../components/KeyValues';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { Decisions } from './Decisions';
import { Estimates } from './Estimates';
import { ReceivedFeeds, SharedFeeds } from './Flows';
import { History } from './History';
import { Namespaces } from './Namespaces';
import { Probe } from './Probe';
import { type Connection, useConnection } from './queries';

export default function ConnectionDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { connection: id = '' } = useParams();
  return (
    <DetailPage
      resource={useConnection(sandbox, id)}
      title={(connection) => connection?.partner.organizationName ?? id}
      above={[{ text: t('partners.title'), href: inSandbox(sandbox, 'partners') }]}
      actions={(connection) => <Decisions connection={connection} />}
    >
      {(connection, etag) => (
        <>
          <Standing connection={connection} />
          <Overview connection={connection} />
          {hasFlowed(connection) && (
            <Guarded permission="feeds:read">
              <SharedFeeds connection={connection} />
              <ReceivedFeeds connection={connection} />
            </Guarded>
          )}
          {isLive(connection) && <Estimates connection={connection} etag={etag} />}
          {connection.status === 'active' && (
            <>
              <Namespaces connection={connection} />
              <Probe connection={connection} />
            </>
          )}
          <Guarded permission="activity:read">
            <History connection={connection} />
          </Guarded>
        </>
      )}
    </DetailPage>
  );
}

const isLive = ({ status }: Connection) => status === 'pending' || status === 'active';
const hasFlowed = ({ status }: Connection) => status === 'active' || status === 'disconnected';

/** What a pending request waits for, announced when it changes. */
function Standing({ connection }: { connection: Connection }) {
  const t = useT();
  const { status, direction, connectIdRetired } = connection;
  return (
    <div role="status" className="stack">
      {status === 'pending' && (
        <Alert type="info" header={t(`partners.waits.${direction}`)}>
          {t('partners.waits.until')} <Time at={connection.expiresAt} />
        </Alert>
      )}
      {connectIdRetired && <Alert type="warning">{t(`partners.retired.${direction}`)}</Alert>}
    </div>
  );
}

function Overview({ connection }: { connection: Connection }) {
  const t = useT();
  const { partner, status, direction } = connection;
  const notes = [
    ...note(t('partners.note.ofRequest'), connection.note),
    ...note(t('partners.note.ofDecision'), connection.decisionNote),
  ];
  const decided = status === 'pending' ? [] : decision();
  return (
    <Container header={<Header variant="h2">{t('partners.connection')}</Header>}>
      <div className="stack">
        <KeyValues
          items={[
            { label: t('partners.partner'), value: written(partner.organizationName) },
            { label: t('partners.sandbox'), value: written(partner.sandboxName) },
            { label: t('partners.status'), value: <StatusBadge status={status} /> },
            { label: t('partners.direction'), value: t(`partners.direction.${direction}`) },
            {
              label: t('partners.requested.at'),
              value: <When at={connection.requestedAt} by={connection.requestedBy ?? partner.organizationName} />,
            },
            ...decided,
            { label: t('partners.sharing'), value: t('partners.flows', { ...connection.sharing }) },
            { label: t('partners.receiving'), value: t('partners.flows', { ...connection.receiving }) },
            { label: t('partners.id'), value: <CopyId value={connection.connectionId} /> },
          ]}
        />
        {notes.length > 0 && <KeyValues columns={1} items={notes} />}
      </div>
    </Container>
  );

  function decision() {
    if (status === 'expired')
      return [{ label: t('partners.decided.expired'), value: <Time at={connection.expiresAt} exact /> }];
    const by = connection.decidedBy ?? partner.organizationName;
    return [{ label: t(`partners.decided.${status}`), value: <When at={connection.decidedAt} by={by} /> }];
  }
}

const note = (label: string, text: string | null) => (text ? [{ label, value: written(text) }] : []);

const written = (text: string) => (
  <span dir="auto" className="breaks">
    {text}
  </span>
);

function When({ at, by }: { at: string | null; by: string }) {
  return (
    <>
      <Time at={at} exact />
      <div>{written(by)}</div>
    </>
  );
}
