import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type Quota, useQuotas } from './queries';

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** What the sandbox may do in a time or at once, and what is left of it. */
export function Quotas() {
  const t = useT();
  const intl = useIntl();
  const read = useQuotas(useSandbox());
  const nameOf = ({ name, description }: Quota) =>
    `settings.quotas.name.${name}` in intl.messages ? t(`settings.quotas.name.${name}`) : description;
  const period = (seconds: number) => {
    const [unit, length] = UNITS.find(([, size]) => seconds % size === 0) ?? ['second', 1];
    return intl.formatNumber(seconds / length, { style: 'unit', unit, unitDisplay: 'long' });
  };
  const columns: Column<Quota>[] = [
    { id: 'name', header: t('settings.quotas.name'), cell: nameOf, value: nameOf, isRowHeader: true, width: 420 },
    {
      id: 'limit',
      header: t('settings.quotas.limit'),
      cell: ({ limit, periodSeconds }) => (
        <>
          <Count value={limit} />{' '}
          {periodSeconds ? t('settings.quotas.per', { period: period(periodSeconds) }) : t('settings.quotas.atOnce')}
        </>
      ),
      value: ({ limit }) => limit,
      width: 240,
    },
    {
      id: 'remaining',
      header: t('settings.quotas.remaining'),
      cell: ({ remaining }) => <Count value={remaining} />,
      value: ({ remaining }) => remaining,
      width: 130,
    },
    {
      id: 'resets',
      header: t('settings.quotas.resets'),
      cell: ({ resetsAt }) => <Time at={resetsAt} />,
      value: ({ resetsAt }) => resetsAt,
      width: 160,
    },
  ];
  const { data } = read;
  return (
    <ResourceTable
      name="quotas"
      title={t('settings.quotas')}
      description={t('settings.quotas.description')}
      list={{ ...read, data: data && { items: data.value.items, isCut: false } }}
      columns={columns}
      idOf={({ name }) => name}
      empty={{ title: t('settings.quotas.none') }}
    />
  );
}
