import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useSandbox } from '../../api/me';
import { Bars } from '../../components/Bars';
import { ProblemAlert } from '../../components/ProblemAlert';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import type { Loaded, Segment, useLoaded } from './queries';

const MOST_BARS = 20;
/** Few bars do not stretch over the page. */
const BAR_WIDTH = 90;

interface Props {
  segment: Segment;
  loaded: ReturnType<typeof useLoaded>;
}

/** What the last files of a segment have done to its members. */
export function History({ segment, loaded }: Props) {
  const t = useT();
  const sandbox = useSandbox();
  const done = (loaded.data?.items ?? [])
    .filter(({ segmentId, status, preview }) => segmentId === segment.segmentId && status === 'completed' && !preview)
    .slice(0, MOST_BARS)
    .reverse();
  const series = (title: string, count: (one: Loaded) => number) => ({
    title,
    data: done.map((one) => ({ at: new Date(one.createdAt), count: count(one) })),
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
        <ProblemAlert error={loaded.error} onRetry={() => void loaded.refetch()} />
        {loaded.isPending && <Spinner aria-label={t('common.loading')} />}
        {loaded.data && done.length === 0 && <span>{t('segments.history.empty')}</span>}
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
