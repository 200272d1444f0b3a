import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { Schemas } from 'handfast-client';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { ProblemAlert } from '../../components/ProblemAlert';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { useMetrics } from './queries';

type Item = Schemas['MetricsItem'];
const COUNTS = ['received', 'compliedInWhole', 'compliedInPart', 'denied', 'other'] as const;

/** How the requests of this year were answered, in one line. */
export function MetricsSummary() {
  const t = useT();
  const sandbox = useSandbox();
  const { data, error, refetch } = useMetrics(sandbox);
  const items = data?.value.items ?? [];
  const sum = (name: (typeof COUNTS)[number]) => items.reduce((total, item) => total + item[name], 0);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <RouteLink href={inSandbox(sandbox, 'privacy/register')} variant="secondary">
              {t('privacy.metrics.more')}
            </RouteLink>
          }
        >
          {t('privacy.metrics.year')}
        </Header>
      }
    >
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : (
        <dl className="metrics">
          {COUNTS.map((name) => (
            <div key={name}>
              <dt>{t(`privacy.metrics.${name}`)}</dt>
              <dd className="metric">{data ? <Count value={sum(name)} /> : t('common.loading')}</dd>
            </div>
          ))}
        </dl>
      )}
    </Container>
  );
}

/** The metrics by year and type, as 11 CCR 7102 asks for them. */
export function MetricsTable() {
  const t = useT();
  const intl = useIntl();
  const { data, error, isPending, refetch } = useMetrics(useSandbox());
  const days = (value: number | null) =>
    value === null ? t('common.none') : intl.formatNumber(value, { maximumFractionDigits: 1 });
  const columns: Column<Item>[] = [
    {
      id: 'type',
      header: t('privacy.type'),
      cell: ({ type }) => t(`privacy.type.${type}`),
      value: ({ type }) => t(`privacy.type.${type}`),
      isRowHeader: true,
      width: 200,
    },
    {
      id: 'year',
      header: t('privacy.metrics.inYear'),
      cell: ({ year }) => String(year),
      value: ({ year }) => year,
      width: 110,
    },
    ...([...COUNTS, 'unverified', 'messagesFailed'] as const).map(
      (name): Column<Item> => ({
        id: name,
        header: t(`privacy.metrics.${name}`),
        cell: (item) => <Count value={item[name]} />,
        value: (item) => item[name],
        width: 200,
      }),
    ),
    {
      id: 'median',
      header: t('privacy.metrics.medianDays'),
      cell: ({ medianDays }) => days(medianDays),
      value: ({ medianDays }) => medianDays,
      width: 150,
    },
    {
      id: 'mean',
      header: t('privacy.metrics.meanDays'),
      cell: ({ meanDays }) => days(meanDays),
      value: ({ meanDays }) => meanDays,
      width: 150,
    },
  ];
  return (
    <ResourceTable
      name="privacy-metrics"
      title={t('privacy.metrics')}
      description={
        data &&
        t('privacy.metrics.period', {
          first: intl.formatDate(data.value.first, { dateStyle: 'long', timeZone: 'UTC' }),
          last: intl.formatDate(data.value.last, { dateStyle: 'long', timeZone: 'UTC' }),
        })
      }
      list={{ data: data && { items: data.value.items, isCut: false }, error, isPending, refetch }}
      columns={columns}
      idOf={({ year, type }) => `${year} ${type}`}
      empty={{ title: t('privacy.metrics.empty'), detail: t('privacy.metrics.empty.detail') }}
    />
  );
}
