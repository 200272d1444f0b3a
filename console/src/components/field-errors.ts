import { ProblemError } from 'handfast-client';

const concerns = (pointer: string, field: string) => pointer === field || pointer.startsWith(`${field}/`);

/**
 * What the API says is wrong with one member of the body, for a FormField's `errorText`: `errorAt(error, '/url')` takes
 * what points at it or into it.
 */
export function errorAt(error: unknown, field: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  const messages = error.errors.filter(({ pointer }) => concerns(pointer, field)).map(({ message }) => message);
  return messages.length > 0 ? messages.join('; ') : undefined;
}

/** The errors that none of these fields shows. */
export function errorsElsewhere(error: unknown, fields: readonly string[]) {
  if (!(error instanceof ProblemError)) return [];
  return error.errors.filter(({ pointer }) => !fields.some((field) => concerns(pointer, field)));
}
