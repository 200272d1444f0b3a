import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { useT } from '../i18n/messages';

/** How each status of the API looks; its words are the message `status.<code>`. */
export const STATUSES = {
  absent: 'info',
  accepted: 'success',
  active: 'success',
  agreed: 'success',
  answered: 'success',
  approved: 'in-progress',
  awaiting_activation: 'pending',
  awaiting_file: 'pending',
  cancelled: 'stopped',
  changed: 'warning',
  closed: 'stopped',
  closing: 'in-progress',
  completed: 'success',
  completed_with_gaps: 'warning',
  confirmed: 'success',
  declined: 'stopped',
  deleting: 'in-progress',
  delivered: 'success',
  denied: 'stopped',
  disabled: 'stopped',
  disconnected: 'stopped',
  done: 'success',
  draft: 'pending',
  enabled: 'success',
  ended: 'stopped',
  ending: 'in-progress',
  exited: 'stopped',
  expired: 'stopped',
  failed: 'error',
  failing: 'error',
  fulfilled: 'success',
  healthy: 'success',
  in_progress: 'in-progress',
  not_supported: 'warning',
  open: 'pending',
  paused: 'stopped',
  pending: 'pending',
  processing: 'in-progress',
  proposed_by_partner: 'pending',
  proposed_by_you: 'pending',
  published: 'success',
  queued: 'pending',
  realized: 'success',
  received: 'success',
  refused: 'error',
  rejected: 'stopped',
  revoked: 'stopped',
  running: 'in-progress',
  scheduled: 'pending',
  sent: 'success',
  superseded: 'stopped',
  unverified: 'warning',
  withdrawn: 'stopped',
} as const satisfies Record<string, StatusIndicatorProps.Type>;

interface Props {
  /** The API's code, in whatever case. */
  status: string;
  /** Other words than those of the status. */
  children?: string;
}

/** A status of the API, with its sign and its words. A code that is unknown is shown as it is. */
export function StatusBadge({ status, children }: Props) {
  const t = useT();
  const code = status.toLowerCase();
  if (!isKnown(code)) return <StatusIndicator type="info">{children ?? status}</StatusIndicator>;
  return <StatusIndicator type={STATUSES[code]}>{children ?? t(`status.${code}`)}</StatusIndicator>;
}

const isKnown = (code: string): code is keyof typeof STATUSES => code in STATUSES;
