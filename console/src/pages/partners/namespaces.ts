import type { Schemas } from 'handfast-client';
import type { AgreedNamespace } from './queries';

type Own = Schemas['NamespaceView'];

/** A namespace of either side's own, as it stands over a connection. */
export interface NamespaceRow extends Omit<AgreedNamespace, 'status'> {
  status: AgreedNamespace['status'] | 'not_proposed';
  /** What this side can do: take it, no longer take it, or define it first, in that kind and those lengths. */
  action: 'enable' | 'disable' | 'define';
}

/**
 * The namespaces that either side takes over a connection, then those of this side's own that neither does. `own` is
 * null where the grant does not show them: the API then says whether the partner's can be taken.
 */
export function namespaceRows(agreed: AgreedNamespace[], own: Own[] | null): NamespaceRow[] {
  const usable = own?.filter(({ status }) => status === 'active') ?? [];
  const taken = agreed.map((namespace): NamespaceRow => {
    if (namespace.status !== 'proposed_by_partner') return { ...namespace, action: 'disable' };
    const isDefined = own === null || usable.some((defined) => isSame(defined, namespace));
    return { ...namespace, action: isDefined ? 'enable' : 'define' };
  });
  const open = usable
    .filter((defined) => !agreed.some((namespace) => isSame(defined, namespace)))
    .map(
      ({ namespace, kind, minLength, maxLength }): NamespaceRow => ({
        namespace,
        kind,
        minLength,
        maxLength,
        status: 'not_proposed',
        action: 'enable',
      }),
    );
  return [...taken, ...open];
}

const isSame = (one: Own, other: AgreedNamespace) =>
  one.namespace === other.namespace &&
  one.kind === other.kind &&
  (one.kind === 'sha256' || (one.minLength === other.minLength && one.maxLength === other.maxLength));
