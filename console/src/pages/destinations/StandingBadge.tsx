import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { StatusBadge } from '../../components/StatusBadge';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { type Destination, type Health, useHealth } from './queries';

/** How a destination stands: its health, unless a person has paused it or it is being deleted. */
export function standingOf({ status }: Pick<Destination, 'status'>, health: Pick<Health, 'status'> | undefined) {
  if (status === 'disabled') return 'paused';
  return status === 'deleting' ? status : health?.status;
}

/** The health is read for the rows that are shown, as the list of destinations does not tell it. */
export function StandingBadge({ destination }: { destination: Destination }) {
  const t = useT();
  const health = useHealth(useSandbox(), destination.destinationId);
  const standing = standingOf(destination, health.data?.value);
  if (standing) return <StatusBadge status={standing} />;
  if (health.isError) return <StatusIndicator type="warning">{t('destinations.unknown')}</StatusIndicator>;
  return <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>;
}

interface HealthCellProps {
  destination: string;
  of: 'waiting' | 'deadLetters' | 'lastRun';
}

/** One number of a destination's health in a row. */
export function HealthCell({ destination, of }: HealthCellProps) {
  const health = useHealth(useSandbox(), destination).data?.value;
  if (of === 'lastRun') return <Time at={health?.windows[0]?.start} />;
  return <Count value={health?.[of]} />;
}
