import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import { bodyOf } from 'handfast-client';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import { useApi } from '../../api/context';
import { useSandbox } from '../../api/me';
import { useAction } from '../../api/queries';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFlash } from '../../layout/flash';
import { usePage } from '../../layout/page';
import { Actor } from './Actor';
import { csvOf } from './csv';
import { Filters } from './Filters';
import { changed, filterOf, type LogFilter } from './filter';
import { type ActivityRecord, readLog, rowsOf, useLog } from './queries';
import { RecordDialog } from './RecordDialog';
import { nameOf, Subject } from './Subject';
import { Verify } from './Verify';
import { useWords } from './words';

/** The most records that one file holds. */
const MOST_IN_FILE = 10_000;
/** How many pages are looked through for the record that the address names. */
const MOST_PAGES = 20;

export default function Log() {
  const t = useT();
  const api = useApi();
  const flash = useFlash();
  const sandbox = useSandbox();
  const [search, setSearch] = useSearchParams();
  const filter = filterOf(search);
  const log = useLog(sandbox, filter);
  const title = t('activity.title');
  usePage({ title, breadcrumbs: [{ text: title }], contentType: 'table' });
  const shown = useShownRecord(log, search.get('record'));
  const verify = useAction(() =>
    bodyOf(api.GET('/sandboxes/{sandbox}/activity/verify', { params: { path: { sandbox } } })),
  );
  const download = useAction(async () => {
    const { items, isCut } = await readAll();
    save(csvOf(items), `activity-${sandbox}.csv`);
    if (isCut) flash.warning(t('activity.download.cut', { count: items.length }));
    else flash.success(t('activity.download.done', { count: items.length }));
  });

  async function readAll() {
    const items: ActivityRecord[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: ActivityRecord[]; nextCursor: string | null } = await bodyOf(
        readLog(api, sandbox, { limit: 200, ...(cursor ? { cursor } : {}), ...filter }),
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor && items.length < MOST_IN_FILE);
    return { items, isCut: cursor !== null };
  }

  const change = (changes: LogFilter) => setSearch((before) => changed(before, changes));
  const show = (sequence: number | null) =>
    setSearch((before) => {
      const next = new URLSearchParams(before);
      if (sequence === null) next.delete('record');
      else next.set('record', String(sequence));
      return next;
    });
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={t('activity.description')}
          actions={
            <div className="row">
              <Button
                loading={download.isPending}
                onClick={() => download.mutate(undefined, { onError: flash.error })}
                iconName="download"
              >
                {t('activity.download')}
              </Button>
              <Button variant="primary" loading={verify.isPending} onClick={() => verify.mutate()}>
                {t('activity.verify')}
              </Button>
            </div>
          }
        >
          {title}
        </Header>
      }
    >
      <div className="stack">
        <Verify
          found={verify.data}
          error={verify.error}
          isPending={verify.isPending}
          onRetry={() => verify.mutate()}
          onDismiss={verify.reset}
        />
        <Filters filter={filter} records={log.items} onChange={change} />
        <Records log={log} isFiltered={Object.keys(filter).length > 0} onOpen={show} />
        {log.hasNextPage && (
          <div className="row">
            <Button loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
              {t('activity.older')}
            </Button>
          </div>
        )}
      </div>
      {shown && (
        <RecordDialog
          record={shown}
          onSameSubject={() => setSearch(new URLSearchParams({ subject: shown.subject }))}
          onClose={() => show(null)}
        />
      )}
    </ContentLayout>
  );
}

type Pages = ReturnType<typeof useLog>;

function Records({ log, isFiltered, onOpen }: { log: Pages; isFiltered: boolean; onOpen: (n: number) => void }) {
  const t = useT();
  const sandbox = useSandbox();
  const { event } = useWords();
  const columns: Column<ActivityRecord>[] = [
    {
      id: 'what',
      header: t('activity.what'),
      cell: ({ type, sequence }) => (
        <Link
          onFollow={() => onOpen(sequence)}
          ariaLabel={`${event(type)}, ${t('activity.record.open', { sequence })}`}
        >
          {event(type)}
        </Link>
      ),
      value: ({ type }) => `${event(type)} ${type}`,
      isRowHeader: true,
      width: 240,
    },
    {
      id: 'subject',
      header: t('activity.subject'),
      cell: (record) => <Subject sandbox={sandbox} record={record} />,
      value: (record) => `${nameOf(record) ?? ''} ${record.subject}`,
      width: 260,
    },
    {
      id: 'who',
      header: t('activity.who'),
      cell: ({ actor }) => <Actor actor={actor} />,
      value: ({ actor }) => actor.name ?? t(`activity.actor.${actor.kind}`),
      width: 240,
    },
    {
      id: 'at',
      header: t('activity.at'),
      cell: ({ at }) => <Time at={at} exact />,
      value: ({ at }) => at,
      width: 215,
    },
    {
      id: 'sequence',
      header: t('activity.sequence'),
      cell: ({ sequence }) => String(sequence),
      value: ({ sequence }) => sequence,
      width: 115,
    },
    { id: 'code', header: t('activity.code'), cell: ({ type }) => type, value: ({ type }) => type, isHidden: true },
    { id: 'hash', header: t('activity.hash'), cell: ({ hash }) => hash, value: ({ hash }) => hash, isHidden: true },
  ];
  return (
    <ResourceTable
      name="activity"
      title={t('activity.records')}
      list={rowsOf(log)}
      columns={columns}
      idOf={({ sequence }) => String(sequence)}
      empty={
        isFiltered
          ? { title: t('activity.none'), detail: t('activity.none.detail') }
          : { title: t('activity.empty'), detail: t('activity.empty.detail') }
      }
      sortBy={{ column: 'sequence', isDescending: true }}
    />
  );
}

/** The record that the address names, for which older pages are read where need be. */
function useShownRecord(log: Pages, named: string | null): ActivityRecord | undefined {
  const t = useT();
  const flash = useFlash();
  const found = named === null ? undefined : log.items.find(({ sequence }) => String(sequence) === named);
  const { hasNextPage, isFetching, isSuccess, fetchNextPage } = log;
  const pages = log.data?.pages.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one step for each page that has come
  useEffect(() => {
    if (named === null || found || !isSuccess || isFetching) return;
    if (hasNextPage && pages < MOST_PAGES) void fetchNextPage();
    else flash.warning(t('activity.record.missing', { sequence: named }));
  }, [named, found, isSuccess, isFetching, pages]);
  return found;
}

function save(text: string, name: string) {
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
