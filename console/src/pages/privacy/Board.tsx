import './page.css';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useCan, useSandbox } from '../../api/me';
import { GuardedButton } from '../../components/Guarded';
import { Written } from '../../components/NameOrId';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { useFollow } from '../../layout/follow';
import { usePage } from '../../layout/page';
import { inSandbox } from '../../paths';
import { type BoardColumn, COLUMNS, columnOf, isOpen, stageOf, taskOf } from './board';
import { Deadline, useCalendar } from './Deadline';
import { DecideMany } from './DecideMany';
import { leftUntil } from './deadlines';
import { MetricsSummary } from './Metrics';
import { ORIGINS, type Origin, type PrivacyRequest, useRequests } from './queries';
import { shortId, TYPES, typeOf, useLawName } from './words';

const TABS = ['open', 'overdue', ...COLUMNS] as const;
type Tab = (typeof TABS)[number];
const STATUSES = [
  'unverified',
  'pending',
  'approved',
  'running',
  'completed',
  'completed_with_gaps',
  'denied',
  'cancelled',
];

export default function Board() {
  const t = useT();
  const navigate = useNavigate();
  const sandbox = useSandbox();
  const title = t('privacy.title');
  usePage({ title, breadcrumbs: [{ text: title }] });
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={t('privacy.description')}
          actions={
            <div className="row">
              <MoreMenu />
              <GuardedButton
                permission="privacy:request"
                variant="primary"
                onClick={() => void navigate(inSandbox(sandbox, 'privacy/create'))}
              >
                {t('privacy.create')}
              </GuardedButton>
            </div>
          }
        >
          {title}
        </Header>
      }
    >
      <div className="stack">
        <MetricsSummary />
        <Requests />
      </div>
    </ContentLayout>
  );
}

function MoreMenu() {
  const t = useT();
  const can = useCan();
  const follow = useFollow();
  const sandbox = useSandbox();
  const item = (id: string, text: string) => ({ id, text, href: inSandbox(sandbox, `privacy/${id}`) });
  return (
    <ButtonDropdown
      items={[
        ...(can('privacy:request') ? [item('bulk', t('privacy.bulk'))] : []),
        ...(can('privacy:approve') ? [item('connectors', t('privacy.connectors'))] : []),
        item('intake', t('privacy.intake')),
        item('drop-lists', t('privacy.drop')),
        item('register', t('privacy.register')),
        item('processing-record', t('privacy.record')),
      ]}
      onItemFollow={follow}
    >
      {t('privacy.more')}
    </ButtonDropdown>
  );
}

function Requests() {
  const t = useT();
  const sandbox = useSandbox();
  const calendar = useCalendar();
  const [search, setSearch] = useSearchParams();
  const asked = search.get('column');
  const tab: Tab = TABS.find((each) => each === asked) ?? 'open';
  const [origin, setOrigin] = useState<Origin | null>(null);
  const open = useRequests(sandbox, 'open', origin);
  const unverified = useRequests(sandbox, 'unverified', origin);
  const all = useRequests(sandbox, 'all', origin, tab === 'done');
  const openItems = [...(open.data?.items ?? []), ...(unverified.data?.items ?? [])];
  const isOverdue = ({ dueAt }: PrivacyRequest) => leftUntil(dueAt, Date.now(), calendar).isOverdue;
  const inTab: Record<Tab, PrivacyRequest[]> = {
    open: openItems,
    overdue: openItems.filter(isOverdue),
    ...byColumn(openItems),
    done: all.data?.items.filter((request) => !isOpen(request)) ?? [],
  };
  const source = tab === 'done' ? all : open.error ? open : unverified;
  const isReady = tab === 'done' ? all.data : open.data && unverified.data;
  const list = {
    data: isReady && { items: inTab[tab], isCut: (tab === 'done' ? all.data : open.data)?.isCut ?? false },
    error: source.error,
    isPending: !isReady && !source.error,
    refetch: source.refetch,
  };
  const label = (each: Tab) => {
    const name = t(`privacy.tab.${each}`);
    return each === 'done' || !(open.data && unverified.data) ? name : `${name} (${inTab[each].length})`;
  };
  return (
    <Tabs
      activeTabId={tab}
      ariaLabel={t('privacy.columns')}
      onChange={({ detail }) => setSearch(detail.activeTabId === 'open' ? {} : { column: detail.activeTabId })}
      tabs={TABS.map((each) => ({
        id: each,
        label: label(each),
        content: each === tab && <RequestTable key={tab} tab={tab} list={list} origin={origin} onOrigin={setOrigin} />,
      }))}
    />
  );
}

function byColumn(requests: PrivacyRequest[]): Record<BoardColumn, PrivacyRequest[]> {
  const columns: Record<BoardColumn, PrivacyRequest[]> = {
    unverified: [],
    pending: [],
    work: [],
    waiting: [],
    done: [],
  };
  for (const request of requests) columns[columnOf(request)].push(request);
  return columns;
}

interface TableProps {
  tab: Tab;
  list: Parameters<typeof ResourceTable<PrivacyRequest>>[0]['list'];
  origin: Origin | null;
  onOrigin: (origin: Origin | null) => void;
}

function RequestTable({ tab, list, origin, onOrigin }: TableProps) {
  const t = useT();
  const can = useCan();
  const sandbox = useSandbox();
  const calendar = useCalendar();
  const lawName = useLawName();
  const navigate = useNavigate();
  const [selected, setSelected] = useState<PrivacyRequest[]>([]);
  const items = list.data?.items ?? [];
  const current = selected.flatMap((one) => items.find((item) => item.privacyRequestId === one.privacyRequestId) ?? []);
  const columns: Column<PrivacyRequest>[] = [
    {
      id: 'request',
      header: t('privacy.request'),
      cell: (request) => (
        <RouteLink href={inSandbox(sandbox, 'privacy', request.privacyRequestId)}>
          {typeOf(t, request)} · {shortId(request.privacyRequestId)}
        </RouteLink>
      ),
      value: (request) => `${typeOf(t, request)} ${request.privacyRequestId}`,
      isRowHeader: true,
      width: 250,
    },
    {
      id: 'due',
      header: t('privacy.due'),
      cell: (request) => <Deadline request={request} calendar={calendar} />,
      value: ({ dueAt }) => dueAt,
      width: 230,
    },
    {
      id: 'status',
      header: t('privacy.status'),
      cell: ({ status }) => <StatusBadge status={status} />,
      value: ({ status }) => t(`status.${status}`),
      width: 190,
    },
    { id: 'at', header: t('privacy.at'), cell: (request) => <StandsAt request={request} />, width: 220 },
    {
      id: 'law',
      header: t('privacy.regulation'),
      cell: ({ regulation }) => lawName(regulation),
      value: ({ regulation }) => lawName(regulation),
      width: 180,
    },
    {
      id: 'source',
      header: t('privacy.source'),
      cell: ({ origin: { partner } }) => (partner ? <Written>{partner}</Written> : t('privacy.origin.here')),
      value: ({ origin: { partner } }) => partner ?? t('privacy.origin.here'),
      width: 170,
    },
    {
      id: 'received',
      header: t('privacy.received'),
      cell: ({ receivedAt }) => <Time at={receivedAt} />,
      value: ({ receivedAt }) => receivedAt,
      width: 150,
    },
    {
      id: 'external',
      header: t('privacy.externalId'),
      cell: ({ externalId }) => <span dir="auto">{externalId ?? t('common.none')}</span>,
      value: ({ externalId }) => externalId,
      isHidden: true,
    },
    {
      id: 'id',
      header: t('privacy.id'),
      cell: ({ privacyRequestId }) => privacyRequestId,
      value: ({ privacyRequestId }) => privacyRequestId,
      isHidden: true,
    },
  ];
  const laws = [...new Set(items.map(({ regulation }) => regulation))].sort();
  const isNone = tab === 'open' && origin === null;
  return (
    <ResourceTable
      name="privacy-requests"
      title={t(`privacy.column.${tab}`)}
      description={t(`privacy.column.${tab}.detail`)}
      list={list}
      columns={columns}
      idOf={({ privacyRequestId }) => privacyRequestId}
      sortBy={tab === 'done' ? { column: 'received', isDescending: true } : { column: 'due' }}
      {...(can('privacy:approve') &&
        tab !== 'done' && { selection: { type: 'multi' as const, selected: current, onChange: setSelected } })}
      actions={
        <>
          <div className="source-choice">
            <Select
              inlineLabelText={t('privacy.source')}
              selectedOption={{ value: origin ?? '', label: t(`privacy.origin.${origin ?? 'any'}`) }}
              options={['', ...ORIGINS].map((value) => ({ value, label: t(`privacy.origin.${value || 'any'}`) }))}
              onChange={({ detail }) => onOrigin((detail.selectedOption.value || null) as Origin | null)}
            />
          </div>
          {tab !== 'done' && <DecideMany selected={current} onDone={() => setSelected([])} />}
        </>
      }
      empty={
        isNone
          ? {
              title: t('privacy.empty'),
              detail: t('privacy.empty.detail'),
              action: (
                <GuardedButton
                  permission="privacy:request"
                  onClick={() => void navigate(inSandbox(sandbox, 'privacy/create'))}
                >
                  {t('privacy.create')}
                </GuardedButton>
              ),
            }
          : { title: t('privacy.column.none'), detail: t('privacy.column.none.detail') }
      }
      filters={[
        {
          id: 'type',
          label: t('privacy.type'),
          value: ({ type }) => type,
          options: TYPES.map((value) => ({ value, label: t(`privacy.type.${value}`) })),
        },
        {
          id: 'law',
          label: t('privacy.law'),
          value: ({ regulation }) => regulation,
          options: laws.map((value) => ({ value, label: lawName(value) })),
        },
        {
          id: 'status',
          label: t('privacy.status'),
          value: ({ status }) => status,
          options: STATUSES.filter((value) => items.some(({ status }) => status === value)).map((value) => ({
            value,
            label: t(`status.${value}`),
          })),
        },
      ]}
    />
  );
}

/** What a request waits for: somebody here, or its stage. */
function StandsAt({ request }: { request: PrivacyRequest }) {
  const t = useT();
  const task = taskOf(request);
  if (task)
    return <StatusIndicator type={task === 'retry' ? 'error' : 'pending'}>{t(`privacy.task.${task}`)}</StatusIndicator>;
  if (request.answer) return <>{t(`privacy.answer.${request.answer}`)}</>;
  if (columnOf(request) === 'waiting') return <>{t('privacy.column.waiting.answers')}</>;
  const stage = stageOf(request);
  if (!isOpen(request) || !stage || request.status === 'unverified') return <>{t('common.none')}</>;
  return <>{t(`privacy.stage.${stage.name}`)}</>;
}
