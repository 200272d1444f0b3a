import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { useT } from '../i18n/messages';
import { ConfirmDialog, type ConfirmProps } from './ConfirmDialog';
import { ProblemAlert } from './ProblemAlert';

interface Props<T> extends Omit<ConfirmProps, 'children' | 'isWaiting'> {
  /** Asks the API what would happen: the call with `dryRun: true`. */
  dryRun: (signal: AbortSignal) => Promise<T>;
  /** Says what the dry run has found. */
  children: (found: T) => ReactNode;
}

/** Asks before something is done, showing first what it would do. */
export function DryRunDialog<T>({ dryRun, children, ...confirm }: Props<T>) {
  const t = useT();
  const found = useQuery({
    queryKey: ['dry-run', useId()],
    queryFn: ({ signal }) => dryRun(signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <ConfirmDialog {...confirm} isWaiting={!found.isSuccess}>
      {found.isPending && <StatusIndicator type="loading">{t('dryRun.running')}</StatusIndicator>}
      {found.isError && <ProblemAlert error={found.error} onRetry={() => void found.refetch()} />}
      {found.isSuccess && children(found.data)}
    </ConfirmDialog>
  );
}
