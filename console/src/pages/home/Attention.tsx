import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { ProblemAlert } from '../../components/ProblemAlert';
import { RouteLink } from '../../components/RouteLink';
import { useT } from '../../i18n/messages';
import { inSandbox } from '../../paths';
import type { Need } from './attention';
import {
  type Source,
  useConnectionNeeds,
  useDataflowNeeds,
  useDestinationNeeds,
  useFeedNeeds,
  useFileSourceNeeds,
  usePrivacyNeeds,
  useTokenNeeds,
} from './needs';

const LEVELS: Need['level'][] = ['error', 'warning', 'info'];

/** What needs somebody, the gravest first. A source that cannot be read says so and takes nothing from the others. */
export function Attention() {
  const t = useT();
  const sources = useSources(useSandbox());
  const needs = LEVELS.flatMap((level) =>
    sources.flatMap((source) => source.needs.filter((need) => need.level === level)),
  );
  const isPending = sources.some((source) => source.isPending);
  const hasFailed = sources.some((source) => source.error);
  return (
    <Container
      header={
        <Header variant="h2" counter={needs.length > 0 ? `(${needs.length})` : undefined}>
          {t('home.attention')}
        </Header>
      }
    >
      <div className="stack">
        {sources
          .filter(({ error }) => error)
          .map(({ id, error, retry }) => (
            <div key={id}>
              <Box variant="awsui-key-label">{t(`home.source.${id}`)}</Box>
              <ProblemAlert error={error} onRetry={retry} />
            </div>
          ))}
        <div role="status">
          {needs.length > 0 && (
            <ul className="plain needs">
              {needs.map((need) => (
                <li key={need.key}>
                  <Sentence need={need} />
                </li>
              ))}
            </ul>
          )}
          {needs.length === 0 && isPending && <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>}
          {needs.length === 0 && !isPending && !hasFailed && (
            <StatusIndicator type="success">{t('home.attention.none')}</StatusIndicator>
          )}
        </div>
      </div>
    </Container>
  );
}

function useSources(sandbox: string): Source[] {
  const now = Date.now();
  return [
    useConnectionNeeds(sandbox),
    useFeedNeeds(sandbox),
    useFileSourceNeeds(sandbox),
    useDataflowNeeds(sandbox),
    useDestinationNeeds(sandbox, now),
    usePrivacyNeeds(sandbox, now),
    useTokenNeeds(sandbox, now),
  ];
}

function Sentence({ need }: { need: Need }) {
  const t = useT();
  const sandbox = useSandbox();
  return (
    <StatusIndicator type={need.level} wrapText>
      <RouteLink href={inSandbox(sandbox, ...need.path)}>
        <span className="breaks">{t(need.message, isolated(need.values ?? {}))}</span>
      </RouteLink>
    </StatusIndicator>
  );
}

/** The values with names by others in isolates, so that their direction does not reorder the sentence around them. */
const isolated = (values: NonNullable<Need['values']>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string' && key !== 'more' ? `\u2068${value}\u2069` : value,
    ]),
  );
