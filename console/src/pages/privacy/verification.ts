import { useQuery } from '@tanstack/react-query';
import { type Report, verifyHistory } from './proof';
import { useHistory, useReceiptKeys } from './queries';

export interface Verification {
  report: Report | undefined;
  /** The file, byte for byte as it was handed out and checked. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The keys that this deployment says are its own, the one that signs now first. */
  keys: string[];
  error: unknown;
  isPending: boolean;
  retry: () => void;
}

/** Fetch a request's history and this deployment's keys, and check the one by the others here in the browser. */
export function useVerification(
  sandbox: string,
  id: string,
  version: string | null,
  others: string[] = [],
  enabled = true,
): Verification {
  const history = useHistory(sandbox, id, version, enabled);
  const published = useReceiptKeys();
  const bytes = history.data?.value;
  const keys = published.data?.value.keys.map(({ publicKey }) => publicKey) ?? [];
  const trusted = [...keys, ...others];
  const check = useQuery({
    queryKey: ['verification', sandbox, id, version, history.dataUpdatedAt, trusted],
    queryFn: () => verifyHistory(bytes ?? new Uint8Array(), trusted),
    enabled: bytes !== undefined && published.isSuccess,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const error = history.error ?? published.error ?? check.error;
  return {
    report: check.data,
    bytes,
    keys,
    error,
    isPending: enabled && !check.data && !error,
    retry: () => {
      if (history.error) void history.refetch();
      if (published.error) void published.refetch();
      if (check.error) void check.refetch();
    },
  };
}
