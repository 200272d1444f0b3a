import type { DestinationType } from './queries';

/** Whether a type has all words of a search in what its card shows. */
export function matches(type: DestinationType, text: string): boolean {
  const shown = [
    type.name,
    type.type,
    type.description,
    type.exportFrequency,
    ...type.identities.flatMap(({ target, description, namespaces }) => [target, description, ...namespaces]),
    ...type.prerequisites,
    ...type.knownLimits,
  ]
    .join(' ')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => shown.includes(word));
}
