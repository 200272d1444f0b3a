import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { NameOrId } from '../../components/NameOrId';
import { ProblemAlert } from '../../components/ProblemAlert';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import { type Explained, useExplained, useSegmentNames } from './queries';
import { Violations } from './Violations';

/** Which policies forbid what is activated, and what would resolve that. */
export function Explanations({ destination }: { destination: string }) {
  const t = useT();
  const sandbox = useSandbox();
  const read = useExplained(sandbox, destination, []);
  const items = [...(read.data?.values() ?? [])].sort((one, other) => Number(one.allowed) - Number(other.allowed));
  return (
    <Container
      header={
        <Header variant="h2" description={t('destinations.policies.description')}>
          {t('destinations.policies')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
        {read.isPending && <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>}
        {read.data && items.length === 0 && <Box color="text-body-secondary">{t('destinations.policies.nothing')}</Box>}
        {items.map((item) => (
          <Explanation key={item.segmentId} item={item} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function Explanation({ item }: { item: Explained }) {
  const t = useT();
  const sandbox = useSandbox();
  const nameOf = useSegmentNames(sandbox);
  const place = placeOf(sandbox, item.segmentId);
  const name = <NameOrId name={nameOf(item.segmentId)} id={item.segmentId} {...(place !== null && { href: place })} />;
  if (item.allowed)
    return (
      <div>
        <StatusIndicator type="success">{t('destinations.policies.allowed')}</StatusIndicator> {name}
      </div>
    );
  return (
    <Alert type="warning" header={name}>
      <SpaceBetween size="xs">
        <Violations violations={item.violations} />
        {item.lostSegmentIds.length > 0 && (
          <div>{t('destinations.policies.lost', { segments: item.lostSegmentIds.map(nameOf).join(', ') })}</div>
        )}
        {item.resolve.length > 0 && (
          <div>
            <Box variant="strong">{t('destinations.policies.resolve')}</Box>
            <ul>
              {item.resolve.map((line) => (
                <li key={line} lang="en" dir="auto" className="breaks">
                  {line}
                </li>
              ))}
            </ul>
          </div>
        )}
      </SpaceBetween>
    </Alert>
  );
}
