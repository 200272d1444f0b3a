import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { errorAt } from '../../components/field-errors';
import { Guarded } from '../../components/Guarded';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { Chosen } from './Chosen';
import { MOST_PARTNERS, namespacesNotAgreed } from './draft';
import type { StepProps } from './FeedWizard';
import { type Connection, useActiveConnections, useOwnNamespaces } from './queries';

/** Which partners the feed is for: those with an active connection. */
export function PartnersStep(props: StepProps) {
  const t = useT();
  return (
    <Guarded
      permission="connections:read"
      otherwise={<Alert type="warning">{t('guard.reason', { permission: 'connections:read' })}</Alert>}
    >
      <PartnersTable {...props} />
    </Guarded>
  );
}

function PartnersTable({ input, change, error, missing }: StepProps) {
  const t = useT();
  const sandbox = useSandbox();
  const list = useActiveConnections(sandbox);
  const own = new Set(useOwnNamespaces(sandbox).map(({ namespace }) => namespace));
  const connections = list.data?.items ?? [];
  const lacking = ({ namespaces }: Connection) => namespacesNotAgreed(input.namespaces, own, namespaces);
  const known = new Map(connections.map((connection) => [connection.connectionId, connection]));
  const columns: Column<Connection>[] = [
    {
      id: 'partner',
      header: t('feeds.partner'),
      cell: (connection) => (
        <Box color={lacking(connection).length > 0 ? 'text-status-inactive' : 'inherit'}>
          <Written>{connection.partner.organizationName}</Written>
        </Box>
      ),
      value: ({ partner }) => partner.organizationName,
      isRowHeader: true,
      width: 220,
    },
    {
      id: 'sandbox',
      header: t('feeds.partnerSandbox'),
      cell: ({ partner }) => <Written>{partner.sandboxName}</Written>,
      value: ({ partner }) => partner.sandboxName,
      width: 190,
    },
    {
      id: 'estimates',
      header: t('feeds.estimates'),
      cell: ({ partnerAllowsEstimates }) => (
        <StatusIndicator type={partnerAllowsEstimates ? 'success' : 'stopped'}>
          {t(partnerAllowsEstimates ? 'feeds.estimates.allowed' : 'feeds.estimates.refused')}
        </StatusIndicator>
      ),
      value: ({ partnerAllowsEstimates }) => Number(partnerAllowsEstimates),
      width: 160,
    },
    {
      id: 'shared',
      header: t('feeds.partner.feeds'),
      cell: ({ sharing }) => <Count value={sharing.feeds} />,
      value: ({ sharing }) => sharing.feeds,
      width: 150,
    },
    {
      id: 'ready',
      header: t('feeds.sharing'),
      cell: (connection) => <Readiness connection={connection} lacking={lacking(connection)} />,
      value: (connection) => lacking(connection).join(' '),
      width: 280,
    },
    {
      id: 'since',
      header: t('feeds.partner.since'),
      cell: ({ decidedAt }) => <Time at={decidedAt} />,
      value: ({ decidedAt }) => decidedAt,
      isHidden: true,
    },
  ];
  const missed =
    missing.includes('/connectionIds') &&
    t(input.connectionIds.length > 0 ? 'feeds.partners.tooMany' : 'feeds.partners.missing', { count: MOST_PARTNERS });
  return (
    <SpaceBetween size="l">
      <FormField errorText={errorAt(error, '/connectionIds') ?? missed} stretch>
        <ResourceTable
          name="feed-partners"
          title={t('feeds.partners.choose')}
          description={t('feeds.partners.description', { count: MOST_PARTNERS })}
          list={list}
          columns={columns}
          idOf={({ connectionId }) => connectionId}
          selection={{
            type: 'multi',
            selected: input.connectionIds.flatMap((id) => known.get(id) ?? []),
            isDisabled: (connection) =>
              lacking(connection).length > 0 && !input.connectionIds.includes(connection.connectionId),
            onChange: (chosen) => change({ connectionIds: chosen.map(({ connectionId }) => connectionId) }),
          }}
          empty={{
            title: t('feeds.partners.empty'),
            detail: t('feeds.partners.empty.detail'),
            action: <RouteLink href={inSandbox(sandbox, 'partners')}>{t('feeds.partners.empty.action')}</RouteLink>,
          }}
        />
      </FormField>
      <Chosen
        title={t('feeds.partners.chosen', { count: input.connectionIds.length })}
        items={input.connectionIds.map((id) => ({ id, name: known.get(id)?.partner.organizationName ?? id }))}
        onRemove={(gone) => change({ connectionIds: input.connectionIds.filter((id) => id !== gone) })}
      />
    </SpaceBetween>
  );
}

function Readiness({ connection, lacking }: { connection: Connection; lacking: string[] }) {
  const t = useT();
  const sandbox = useSandbox();
  if (lacking.length === 0) return <StatusIndicator type="success">{t('feeds.ready')}</StatusIndicator>;
  return (
    <StatusIndicator type="stopped">
      <RouteLink href={inSandbox(sandbox, 'partners', connection.connectionId)}>
        {t('feeds.notAgreed', { namespaces: lacking.join(', ') })}
      </RouteLink>
    </StatusIndicator>
  );
}
