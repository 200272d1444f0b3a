import { useSandbox } from '../../api/me';
import { NameOrId, Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { inSandbox, placeOf } from '../../paths';
import { eventOf } from './events';
import { type ActivityRecord, useNewest } from './queries';

interface Props {
  /** Of runs of dataflows, or of all that has happened. */
  kind: 'runs' | 'activity';
}

/** The newest records of the log, as they come. */
export function Recent({ kind }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const read = useNewest(sandbox, kind);
  const words = useWords();
  const columns: Column<ActivityRecord>[] = [
    {
      id: 'at',
      header: t('home.recent.at'),
      cell: ({ at }) => <Time at={at} />,
      value: ({ sequence }) => sequence,
      width: 150,
    },
    {
      id: 'what',
      header: t('home.recent.what'),
      cell: (record) => <What record={record} />,
      value: ({ type: code }) => words(code),
      isRowHeader: true,
      width: 300,
    },
    {
      id: 'of',
      header: t('home.recent.of'),
      cell: ({ subject, detail }) => (
        <Subject sandbox={sandbox} subject={subject} name={typeof detail.name === 'string' ? detail.name : null} />
      ),
      value: ({ subject, detail }) => String(detail.name ?? subject),
      width: 320,
    },
    {
      id: 'who',
      header: t('home.recent.who'),
      cell: ({ actor }) => <Written>{actor.name ?? t(`home.actor.${actor.kind}`)}</Written>,
      value: ({ actor }) => actor.name,
      width: 240,
    },
  ];
  return (
    <ResourceTable
      name={`home-${kind}`}
      title={t(`home.${kind}`)}
      list={{
        data: read.data && { items: read.data.value.items, isCut: false },
        error: read.error,
        isPending: read.isPending,
        refetch: read.refetch,
      }}
      columns={columns}
      idOf={({ sequence }) => String(sequence)}
      actions={
        <RouteLink href={inSandbox(sandbox, kind === 'runs' ? 'delivery' : 'activity')}>
          {t(`home.${kind}.all`)}
        </RouteLink>
      }
      empty={{ title: t(`home.${kind}.empty`), detail: t(`home.${kind}.empty.detail`) }}
      sortBy={{ column: 'at', isDescending: true }}
    />
  );
}

function What({ record }: { record: ActivityRecord }) {
  const words = useWords();
  const { badge } = eventOf(record.type);
  return badge ? <StatusBadge status={badge}>{words(record.type)}</StatusBadge> : words(record.type);
}

function Subject({ sandbox, subject, name }: { sandbox: string; subject: string; name: string | null }) {
  const href = placeOf(sandbox, subject);
  return href ? <NameOrId name={name} id={subject} href={href} /> : <NameOrId name={name} id={subject} />;
}

/** The words of a type of events: what it is about, and what happened. A code that is unknown is shown as it is. */
function useWords(): (type: string) => string {
  const t = useT();
  return (type) => {
    const { family, verb } = eventOf(type);
    if (!family || !verb) return type;
    return t('home.event', { family: t(`home.family.${family}`), verb: t(`home.verb.${verb}`) });
  };
}
