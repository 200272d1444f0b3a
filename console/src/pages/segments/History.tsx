import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import type { UseQueryResult } from '@tanstack/react-query';
import { useSandbox } from '../../api/me';
import type { List } from '../../api/queries';
import { Bars } from '../../components/Bars';
import { ProblemAlert } from '../../components/ProblemAlert';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import type { Segment, Upload } from './queries';

const MOST_BARS = 20;
/** Few bars do not stretch over the page. */
const BAR_WIDTH = 90;

interface Props {
  segment: Segment;
  uploads: UseQueryResult<List<Upload>>;
}

/** What the last uploads into a segment have done to its members. */
export function History({ segment, uploads }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const done = (uploads.data?.items ?? [])
    .filter(({ segmentId, status, preview }) => segmentId === segment.segmentId && status === 'completed' && !preview)
    .slice(0, MOST_BARS)
    .reverse();
  const series = (title: string, count: (upload: Upload) => number) => ({
    title,
    data: done.map((upload) => ({ at: new Date(upload.createdAt), count: count(upload) })),
  });
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('segments.history.description')}
          actions={<RouteLink href={inSandbox(sandbox, 'segments/uploads')}>{t('segments.uploads.all')}</RouteLink>}
        >
          {t('segments.history')}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ProblemAlert error={uploads.error} onRetry={() => void uploads.refetch()} />
        {uploads.isPending && <Spinner aria-label={t('common.loading')} />}
        {uploads.data && done.length === 0 && <span>{t('segments.history.empty')}</span>}
        {done.length > 0 && (
          <div style={{ maxInlineSize: 160 + done.length * BAR_WIDTH }}>
            <Bars
              label={t('segments.history')}
              empty={t('segments.history.empty')}
              series={[
                series(t('segments.counts.realized'), ({ counts }) => counts.realized),
                series(t('segments.counts.exited'), ({ counts }) => counts.exited),
              ]}
            />
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}
