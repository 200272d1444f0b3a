import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { useNavigate } from 'react-router';
import { useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { Awaiting } from './Awaiting';
import { OwnConnectId } from './OwnConnectId';
import { type Connection, type ConnectionStatus, useConnections, usePending } from './queries';

const STATUSES: ConnectionStatus[] = ['pending', 'active', 'rejected', 'withdrawn', 'expired', 'disconnected'];
const DIRECTIONS: Connection['direction'][] = ['incoming', 'outgoing'];

export default function PartnerList() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const title = t('partners.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const list = useConnections(sandbox);
  const pending = usePending(sandbox, list);
  const connect = (
    <GuardedButton
      permission="connections:request"
      variant="primary"
      onClick={() => void navigate(inSandbox(sandbox, 'partners', 'connect'))}
    >
      {t('partners.connect')}
    </GuardedButton>
  );
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t('partners.description')} actions={connect}>
          {title}
        </Header>
      }
    >
      <div className="stack">
        <Awaiting pending={pending} />
        <OwnConnectId />
        <ResourceTable
          name="partners"
          title={t('partners.overview')}
          list={list}
          columns={useColumns(sandbox)}
          idOf={({ connectionId }) => connectionId}
          empty={{ title: t('partners.empty'), detail: t('partners.empty.detail') }}
          filters={[
            {
              id: 'status',
              label: t('partners.status'),
              value: ({ status }) => status,
              options: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })),
            },
            {
              id: 'direction',
              label: t('partners.direction'),
              value: ({ direction }) => direction,
              options: DIRECTIONS.map((value) => ({ value, label: t(`partners.direction.${value}`) })),
            },
          ]}
          sortBy={{ column: 'requestedAt', isDescending: true }}
        />
      </div>
    </ContentLayout>
  );
}

function useColumns(sandbox: string): Column<Connection>[] {
  const t = useT();
  return [
    {
      id: 'partner',
      header: t('partners.partner'),
      cell: ({ partner, connectionId }) => (
        <NameOrId
          name={partner.organizationName}
          id={connectionId}
          href={inSandbox(sandbox, 'partners', connectionId)}
        />
      ),
      value: ({ partner }) => partner.organizationName,
      isRowHeader: true,
      width: 195,
    },
    {
      id: 'sandbox',
      header: t('partners.sandbox'),
      cell: ({ partner }) => <Written>{partner.sandboxName}</Written>,
      value: ({ partner }) => partner.sandboxName,
      width: 170,
    },
    {
      id: 'status',
      header: t('partners.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 130,
    },
    {
      id: 'direction',
      header: t('partners.direction'),
      cell: ({ direction }) => t(`partners.direction.${direction}`),
      value: ({ direction }) => t(`partners.direction.${direction}`),
      width: 135,
    },
    {
      id: 'sharing',
      header: t('partners.sharing'),
      cell: ({ sharing }) => t('partners.flows', { ...sharing }),
      value: ({ sharing }) => sharing.feeds,
      width: 180,
    },
    {
      id: 'receiving',
      header: t('partners.receiving'),
      cell: ({ receiving }) => t('partners.flows', { ...receiving }),
      value: ({ receiving }) => receiving.feeds,
      width: 180,
    },
    {
      id: 'requestedAt',
      header: t('partners.requestedAt'),
      cell: ({ requestedAt }) => <Time at={requestedAt} />,
      value: ({ requestedAt }) => requestedAt,
      width: 130,
    },
    {
      id: 'decidedAt',
      header: t('partners.decidedAt'),
      cell: ({ decidedAt }) => <Time at={decidedAt} />,
      value: ({ decidedAt }) => decidedAt,
      isHidden: true,
    },
    {
      id: 'id',
      header: t('partners.id'),
      cell: ({ connectionId }) => connectionId,
      value: ({ connectionId }) => connectionId,
      isHidden: true,
    },
  ];
}
