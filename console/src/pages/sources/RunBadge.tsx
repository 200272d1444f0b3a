import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useT } from '../../i18n/messages';
import type { Run } from './queries';

const SIGNS = { started: 'success', nothing_new: 'info', waiting: 'pending', failed: 'error' } as const;

/** What came of a run. */
export function RunBadge({ run: { status } }: { run: Run }) {
  const t = useT();
  return <StatusIndicator type={SIGNS[status]}>{t(`sources.run.${status}`)}</StatusIndicator>;
}
