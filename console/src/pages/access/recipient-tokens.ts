import type { Schemas } from 'handfast-client';
import { useApi } from '../../api/context';
import { useList, useResource } from '../../api/queries';
import { endSoon } from '../../components/end-soon';
import { accessKey } from './queries';

export type RecipientToken = Schemas['RecipientTokenView'];

/** All that is read of recipient tokens; a change of one makes it stale. */
export const recipientTokensKey = (sandbox: string) => [...accessKey(sandbox), 'recipient-tokens'];

export function useRecipientTokens(sandbox: string) {
  const api = useApi();
  return useList<RecipientToken>(
    [...recipientTokensKey(sandbox), 'list'],
    (query, signal) =>
      api.GET('/sandboxes/{sandbox}/recipient-tokens', { params: { path: { sandbox }, query }, signal }),
    { live: () => false },
  );
}

export function useRecipientToken(sandbox: string, token: string) {
  const api = useApi();
  return useResource<RecipientToken>(
    [...recipientTokensKey(sandbox), token],
    (signal) =>
      api.GET('/sandboxes/{sandbox}/recipient-tokens/{token}', { params: { path: { sandbox, token } }, signal }),
    { live: () => false },
  );
}

/** What of a token needs somebody: it has expired or soon will, or nobody opened its link in time. */
export type Lapse = 'expired' | 'unopened' | 'ending';

export function lapseOf(
  { status, expiresAt, activationExpiresAt }: Pick<RecipientToken, 'status' | 'expiresAt' | 'activationExpiresAt'>,
  now: number,
): Lapse | null {
  if (status === 'expired') return 'expired';
  if (status === 'awaiting_activation' && activationExpiresAt && Date.parse(activationExpiresAt) <= now)
    return 'unopened';
  return endSoon(expiresAt, now) ? 'ending' : null;
}

/** Whether a token of it works at this moment: the newest, or one before it. */
export const isInUse = ({ status, graceUntil }: RecipientToken): boolean => status === 'active' || graceUntil !== null;

/** The networks that somebody has written, one a line or with commas between. */
export const networksIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
