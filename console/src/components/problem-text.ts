import { ProblemError } from 'handfast-client';
import { useCallback } from 'react';
import { useT } from '../i18n/messages';

export interface ProblemText {
  title: string;
  detail: string;
  /** The sentence that names the request, or null where none reached the API. */
  requestLine: string | null;
}

const BY_STATUS: Record<number, string> = {
  0: 'problem.network',
  403: 'problem.forbidden',
  404: 'problem.notFound',
  409: 'problem.conflict',
  412: 'problem.changed',
  422: 'problem.refused',
  429: 'problem.tooMany',
};

/** What a person is told of an error: `describe(error)`. */
export function useProblemText(): (error: unknown) => ProblemText {
  const t = useT();
  return useCallback(
    (error) => {
      if (!(error instanceof ProblemError))
        return {
          title: t('problem.unexpected'),
          detail: error instanceof Error ? error.message : '',
          requestLine: null,
        };
      return {
        title: t(BY_STATUS[error.status] ?? (error.status >= 500 ? 'problem.server' : 'problem.bad')),
        detail: error.status === 0 ? t('problem.network.detail') : error.detail,
        requestLine: error.requestId ? t('problem.request', { id: error.requestId }) : null,
      };
    },
    [t],
  );
}
