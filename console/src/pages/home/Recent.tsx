import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { useGrant, useSandbox } from '../../api/me';
import { NameOrId, Written } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox, placeOf } from '../../paths';
import { eventOf } from './events';
import { type ActivityRecord, useNewest } from './queries';

const SHOWN = 10;

interface Props {
  /** Of runs of dataflows, or of all that has happened. */
  kind: 'runs' | 'activity';
}

/** The newest records of the log, as they come. */
export default function Recent({ kind }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const read = useNewest(sandbox, kind);
  const title = t(`home.${kind}`);
  const columns: TableProps.ColumnDefinition<ActivityRecord>[] = [
    { id: 'at', header: t('home.recent.at'), cell: ({ at }) => <Time at={at} />, width: 150 },
    {
      id: 'what',
      header: t('home.recent.what'),
      cell: (record) => <What {...record} />,
      isRowHeader: true,
      width: 300,
    },
    { id: 'of', header: t('home.recent.of'), cell: (record) => <Subject {...record} />, width: 300 },
    {
      id: 'who',
      header: t('home.recent.who'),
      cell: ({ actor }) => <Written>{actor.name ?? t(`home.actor.${actor.kind}`)}</Written>,
      width: 220,
    },
  ];
  return (
    <Table
      variant="container"
      resizableColumns
      ariaLabels={{ tableLabel: title }}
      header={
        <Header
          variant="h2"
          actions={
            <RouteLink href={inSandbox(sandbox, kind === 'runs' ? 'delivery' : 'activity')}>
              {t(`home.${kind}.all`)}
            </RouteLink>
          }
        >
          {title}
        </Header>
      }
      items={read.data?.value.items.slice(0, SHOWN) ?? []}
      trackBy={({ sequence }) => String(sequence)}
      columnDefinitions={columns}
      loading={read.isPending}
      loadingText={t('common.loading')}
      empty={
        read.error ? (
          <Box textAlign="left">
            <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
          </Box>
        ) : (
          <>
            <Box variant="strong">{t(`home.${kind}.empty`)}</Box>
            <Box variant="p" color="text-body-secondary">
              {t(`home.${kind}.empty.detail`)}
            </Box>
          </>
        )
      }
    />
  );
}

/** What it is about and what happened, in words; a code that is unknown is shown as it is. */
function What({ type }: ActivityRecord) {
  const t = useT();
  const { family, verb, badge } = eventOf(type);
  const words =
    family && verb ? t('home.event', { family: t(`home.family.${family}`), verb: t(`home.verb.${verb}`) }) : type;
  return badge ? <StatusBadge status={badge}>{words}</StatusBadge> : words;
}

function Subject({ subject, detail }: ActivityRecord) {
  const grant = useGrant();
  const sandbox = useSandbox();
  const href = placeOf(sandbox, subject);
  const told = [detail.name, detail.partner, subject === sandbox ? grant?.sandboxName : null];
  const name = told.find((one) => typeof one === 'string');
  return <NameOrId name={name ?? null} id={subject} {...(href && { href })} />;
}
