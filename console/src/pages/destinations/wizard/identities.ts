import type { Schemas } from 'handfast-client';
import type { DestinationType } from '../queries';
import type { ChosenIdentity } from './draft';

type Target = DestinationType['identities'][number];
type OwnNamespace = Pick<Schemas['NamespaceView'], 'namespace' | 'kind' | 'status'>;

/** A namespace that may be given to a destination. `isOwn`: the sandbox has defined it; `isText`: it is not hashed. */
export interface Source {
  namespace: string;
  isOwn: boolean;
  isText: boolean;
}

/** The target that stands for any other name. */
export const ANY = '*';

/** Whether a target takes a source as it is. */
const takes = (target: Target, { namespace, isOwn, isText }: Source): boolean =>
  target.namespaces.includes(namespace) ||
  (isOwn && (target.ownNamespaces || (target.appliesTransformation && !isText)));

/** Whether a target takes a source hashed on its way. */
export const mayHash = (target: Target, { isOwn, isText }: Source): boolean =>
  isOwn && isText && target.appliesTransformation;

/** The namespaces that any target of a type takes: the standard ones, then the sandbox's own. */
export function sourcesOf(type: DestinationType, own: readonly OwnNamespace[]): Source[] {
  const standard = [...new Set(type.identities.flatMap(({ namespaces }) => namespaces))];
  const sources = [
    ...standard.map((namespace) => ({ namespace, isOwn: false, isText: false })),
    ...own
      .filter(({ status }) => status === 'active')
      .map(({ namespace, kind }) => ({ namespace, isOwn: true, isText: kind === 'text' })),
  ];
  return sources.filter((source) => targetsOf(type, source).length > 0);
}

/** The targets that take a source, in the order of the card. */
export const targetsOf = (type: DestinationType, source: Source): Target[] =>
  type.identities.filter((target) => takes(target, source) || mayHash(target, source));

/** How a source is mapped unless the person says otherwise: one's own to what is for one's own, else to the first. */
export function mappingOf(type: DestinationType, source: Source): ChosenIdentity {
  const targets = targetsOf(type, source);
  const target = (source.isOwn && targets.find(({ ownNamespaces }) => ownNamespaces)) || targets[0];
  return {
    source: source.namespace,
    target: target ? nameOf(target, source) : '',
    applyTransformation: target !== undefined && !takes(target, source),
  };
}

/** The name of a target; where any is free, one made of the namespace's. */
export const nameOf = ({ target }: Target, { namespace }: Source): string =>
  target === ANY ? namespace.toLowerCase().replace(/[^a-z0-9_.-]+/g, '_') : target;

/** The target of a type that a name stands for. */
export const targetNamed = (type: DestinationType, name: string): Target | undefined =>
  type.identities.find(({ target }) => target.toLowerCase() === name.toLowerCase()) ??
  type.identities.find(({ target }) => target === ANY);

/** A first mapping: every namespace in which the chosen segments have members and that the type takes. */
export function guess(
  type: DestinationType,
  sources: readonly Source[],
  segments: readonly { counts: { byNamespace: Readonly<Record<string, number>> } }[],
): ChosenIdentity[] {
  const held = new Set(
    segments.flatMap(({ counts }) =>
      Object.entries(counts.byNamespace).flatMap(([namespace, count]) => (count > 0 ? [namespace] : [])),
    ),
  );
  return sources.filter(({ namespace }) => held.has(namespace)).map((source) => mappingOf(type, source));
}
