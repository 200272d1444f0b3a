import type { Schemas } from 'handfast-client';
import { useSandbox } from '../../api/me';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type Connection, useHistory } from './queries';

type ActivityRecord = Schemas['ActivityRecord'];

const KNOWN = [
  'accepted',
  'changed',
  'disconnected',
  'expired',
  'namespaces_changed',
  'rejected',
  'requested',
  'withdrawn',
];

/** What has happened to a connection, and who did it: its records in this sandbox's log. */
export function History({ connection }: { connection: Connection }) {
  const t = useT();
  const list = useHistory(useSandbox(), connection.connectionId);
  const wordsOf = ({ type }: ActivityRecord) => {
    const [family, what = ''] = type.split('.');
    return family === 'connection' && KNOWN.includes(what) ? t(`partners.history.${what}`) : type;
  };
  const columns: Column<ActivityRecord>[] = [
    {
      id: 'at',
      header: t('partners.history.at'),
      cell: ({ at }) => <Time at={at} exact />,
      value: ({ sequence }) => sequence,
      width: 210,
    },
    { id: 'what', header: t('partners.history.what'), cell: wordsOf, value: wordsOf, isRowHeader: true, width: 300 },
    {
      id: 'who',
      header: t('partners.history.who'),
      cell: ({ actor }) => <Written>{actor.name ?? t(`partners.history.by.${actor.kind}`)}</Written>,
      value: ({ actor }) => actor.name,
      width: 260,
    },
    {
      id: 'note',
      header: t('partners.note'),
      cell: ({ detail }) => (typeof detail.note === 'string' ? <Written>{detail.note}</Written> : t('common.none')),
      value: ({ detail }) => (typeof detail.note === 'string' ? detail.note : ''),
      width: 300,
    },
  ];
  return (
    <ResourceTable
      name="partner-history"
      title={t('partners.history')}
      list={list}
      columns={columns}
      idOf={({ sequence }) => String(sequence)}
      empty={{ title: t('partners.history.empty') }}
      sortBy={{ column: 'at', isDescending: true }}
    />
  );
}
