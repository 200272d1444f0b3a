import { notifyManager, type Query, useQueryClient } from '@tanstack/react-query';
import { ProblemError } from 'handfast-client';
import { useCallback, useSyncExternalStore } from 'react';
import { ProblemAlert } from './ProblemAlert';

/** Of a form: what could not be read of that which it offers to choose from, and another try. */
export function FailedReads() {
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const subscribe = useCallback((tell: () => void) => cache.subscribe(notifyManager.batchCalls(tell)), [cache]);
  const failed = useSyncExternalStore(subscribe, () => cache.getAll().find(isMissing));
  if (!failed) return null;
  const retry = () => void queries.refetchQueries({ type: 'active', predicate: isMissing });
  return <ProblemAlert error={failed.state.error} onRetry={retry} />;
}

/** Whether it is wanted here and could not be read. What the API says of an input is told at its field. */
function isMissing(query: Query): boolean {
  const { status, data, error } = query.state;
  const isOfFrame = query.queryKey.includes('notifications');
  const isAboutInput = error instanceof ProblemError && [404, 409, 412, 422].includes(error.status);
  return status === 'error' && data === undefined && query.isActive() && !isOfFrame && !isAboutInput;
}
