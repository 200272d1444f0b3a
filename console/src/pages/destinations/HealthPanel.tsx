import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { Bars } from '../../components/Bars';
import { Count } from '../../components/Count';
import { useExclusionName } from '../../components/exclusions';
import { KeyValues } from '../../components/KeyValues';
import { ProblemAlert } from '../../components/ProblemAlert';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { rows } from '../../components/rows';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { byHour, type HealthWindow, reasonsIn } from './health-series';
import { type Destination, type Health, useHealth } from './queries';
import { standingOf } from './StandingBadge';

/** How a destination is doing: whether it answers, what waits, and what came of the last day by hour. */
export function HealthPanel({ destination }: { destination: Destination }) {
  const t = useT();
  const read = useHealth(useSandbox(), destination.destinationId, { isWatched: true });
  const health = read.data?.value;
  if (!health)
    return read.error ? (
      <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
    ) : (
      <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>
    );
  return (
    <Container header={<Header variant="h2">{t('destinations.health')}</Header>}>
      <SpaceBetween size="l">
        {health.status === 'failing' && <Failing health={health} />}
        <KeyValues
          columns={4}
          items={[
            {
              label: t('destinations.status'),
              value: <StatusBadge status={standingOf(destination, health) ?? health.status} />,
            },
            { label: t('destinations.waiting'), value: <Count value={health.waiting} /> },
            { label: t('destinations.deadLetters'), value: <Count value={health.deadLetters} /> },
            { label: t('destinations.lastRun'), value: <Time at={health.windows[0]?.start} /> },
          ]}
        />
        <Charts windows={health.windows} />
      </SpaceBetween>
    </Container>
  );
}

function Failing({ health }: { health: Health }) {
  const t = useT();
  const { reason, since, retryAt } = health;
  return (
    <Alert type="error" header={t('destinations.failing')}>
      <span dir="auto">{t('destinations.failing.reason', { reason: reason ?? '' })}</span> {t('destinations.since')}{' '}
      <Time at={since} exact />. {t('destinations.retryAt')} <Time at={retryAt} exact />.{' '}
      {t('destinations.failing.todo')}
    </Alert>
  );
}

function Charts({ windows }: { windows: readonly HealthWindow[] }) {
  const t = useT();
  const exclusion = useExclusionName();
  const now = Date.now();
  const failed = reasonsIn(windows, ({ identitiesFailed }) => identitiesFailed);
  const excluded = reasonsIn(windows, ({ identitiesExcluded }) => identitiesExcluded.byReason);
  if (windows.length === 0) return <Box color="text-body-secondary">{t('destinations.health.nothing')}</Box>;
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <div>
          <Box variant="h3">{t('destinations.health.sent')}</Box>
          <Bars
            label={t('destinations.health.sent')}
            empty={t('destinations.health.nothing')}
            series={[
              {
                title: t('destinations.activated'),
                data: byHour(windows, now, ({ identitiesActivated }) => identitiesActivated),
              },
              {
                title: t('destinations.exited'),
                data: byHour(windows, now, ({ identitiesExited }) => identitiesExited),
              },
              ...failed.map((reason) => ({
                title: t('destinations.failedBy', { reason }),
                data: byHour(windows, now, ({ identitiesFailed }) => identitiesFailed[reason] ?? 0),
              })),
            ]}
          />
        </div>
        <div>
          <Box variant="h3">{t('destinations.health.excluded')}</Box>
          {excluded.length === 0 ? (
            <Box color="text-body-secondary">{t('destinations.health.noneExcluded')}</Box>
          ) : (
            <Bars
              label={t('destinations.health.excluded')}
              empty={t('destinations.health.noneExcluded')}
              series={excluded.map((reason) => ({
                title: exclusion(reason),
                data: byHour(windows, now, ({ identitiesExcluded }) => identitiesExcluded.byReason[reason] ?? 0),
              }))}
            />
          )}
        </div>
      </ColumnLayout>
      <ExpandableSection headerText={t('destinations.health.hours')}>
        <Hours windows={windows} />
      </ExpandableSection>
    </SpaceBetween>
  );
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((one, other) => one + other, 0);

/** The same as a table, for whoever reads numbers. */
function Hours({ windows }: { windows: readonly HealthWindow[] }) {
  const t = useT();
  const intl = useIntl();
  const number = (id: string, header: string, of: (window: HealthWindow) => number): Column<HealthWindow> => ({
    id,
    header,
    cell: (window) => <Count value={of(window)} />,
    value: of,
    width: 130,
  });
  const columns: Column<HealthWindow>[] = [
    {
      id: 'start',
      header: t('destinations.hour'),
      cell: ({ start }) => <Time at={start} exact />,
      value: ({ start }) => start,
      isRowHeader: true,
      width: 210,
    },
    number('activated', t('destinations.activated'), ({ identitiesActivated }) => identitiesActivated),
    number('exited', t('destinations.exited'), ({ identitiesExited }) => identitiesExited),
    number('failed', t('destinations.failed'), ({ identitiesFailed }) => sum(identitiesFailed)),
    number('excluded', t('destinations.excluded'), ({ identitiesExcluded }) => sum(identitiesExcluded.byReason)),
    number('calls', t('destinations.calls'), ({ calls }) => calls),
    {
      id: 'rate',
      header: t('destinations.rate'),
      cell: ({ activationRate }) =>
        activationRate === null
          ? t('common.none')
          : intl.formatNumber(activationRate, { style: 'percent', maximumFractionDigits: 1 }),
      value: ({ activationRate }) => activationRate,
      width: 130,
    },
  ];
  return (
    <ResourceTable
      name="destination-hours"
      variant="embedded"
      title={t('destinations.health.hours')}
      list={rows(windows)}
      columns={columns}
      idOf={({ start }) => start}
      empty={{ title: t('destinations.health.nothing') }}
      sortBy={{ column: 'start', isDescending: true }}
    />
  );
}
