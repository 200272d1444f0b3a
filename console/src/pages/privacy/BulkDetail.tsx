import './page.css';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useIntl } from 'react-intl';
import { useParams } from 'react-router';
import { useSandbox } from '../../api/me';
import { DetailPage } from '../../components/DetailPage';
import { type Column, ResourceTable } from '../../components/ResourceTable';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import { type Bulk, useBulk } from './queries';
import { listOf } from './Recipients';
import { shortId } from './words';

type Line = Bulk['items'][number] & { number: number };

export default function BulkDetail() {
  const t = useT();
  const sandbox = useSandbox();
  const { bulk: id = '' } = useParams();
  return (
    <DetailPage
      resource={useBulk(sandbox, id)}
      title={() => `${t('privacy.bulk')} · ${shortId(id)}`}
      description={t('privacy.bulk.kept')}
      above={[{ text: t('privacy.title'), href: inSandbox(sandbox, 'privacy') }]}
    >
      {(bulk) => (
        <>
          <Progress bulk={bulk} />
          <Lines bulk={bulk} />
        </>
      )}
    </DetailPage>
  );
}

function Progress({ bulk }: { bulk: Bulk }) {
  const t = useT();
  const intl = useIntl();
  const { done, total } = bulk.progress;
  return (
    <Container header={<Header variant="h2">{t('privacy.bulk.progress')}</Header>}>
      <ProgressBar
        ariaLabel={t('privacy.bulk.progress')}
        value={total === 0 ? 100 : (done / total) * 100}
        status={bulk.status === 'running' ? 'in-progress' : 'success'}
        {...(bulk.status === 'running' && {
          additionalInfo: t('privacy.bulk.done', { done: intl.formatNumber(done), total: intl.formatNumber(total) }),
        })}
        resultText={t('privacy.bulk.done', { done: intl.formatNumber(done), total: intl.formatNumber(total) })}
      />
    </Container>
  );
}

function Lines({ bulk }: { bulk: Bulk }) {
  const t = useT();
  const sandbox = useSandbox();
  const lines: Line[] = bulk.items.map((item, at) => ({ ...item, number: at + 1 }));
  const columns: Column<Line>[] = [
    {
      id: 'number',
      header: t('privacy.bulk.line'),
      cell: ({ number }) => number,
      value: ({ number }) => number,
      width: 110,
    },
    {
      id: 'request',
      header: t('privacy.request'),
      cell: ({ privacyRequestId }) =>
        privacyRequestId ? (
          <RouteLink href={inSandbox(sandbox, 'privacy', privacyRequestId)}>{privacyRequestId}</RouteLink>
        ) : (
          t('common.none')
        ),
      value: ({ privacyRequestId }) => privacyRequestId,
      isRowHeader: true,
      width: 340,
    },
    {
      id: 'outcome',
      header: t('privacy.bulk.outcome'),
      cell: ({ problem }) =>
        problem ? (
          <StatusIndicator type="error">
            <span dir="auto">{String(problem.detail ?? problem.title ?? '')}</span>
          </StatusIndicator>
        ) : (
          <StatusIndicator type="success">{t('privacy.bulk.taken')}</StatusIndicator>
        ),
      value: ({ problem }) => (problem ? String(problem.detail ?? '') : t('privacy.bulk.taken')),
      width: 460,
    },
  ];
  return (
    <ResourceTable
      name="privacy-bulk"
      title={t('privacy.bulk.lines')}
      list={listOf(lines)}
      columns={columns}
      idOf={({ number }) => String(number)}
      empty={{ title: t('privacy.bulk.none') }}
      filters={[
        {
          id: 'outcome',
          label: t('privacy.bulk.outcome'),
          value: ({ problem }) => (problem ? 'refused' : 'taken'),
          options: (['taken', 'refused'] as const).map((value) => ({ value, label: t(`privacy.bulk.${value}`) })),
        },
      ]}
    />
  );
}
