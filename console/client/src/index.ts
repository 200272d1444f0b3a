export {
  type Answer,
  bodyOf,
  type Client,
  createClient,
  ifMatch,
  type Options,
  type TokenSource,
  withEtag,
} from './client.ts';
export { SignInError } from './client-credentials.ts';
export { items, type Page, type PageQuery, pages } from './lists.ts';
export { ProblemError } from './problem.ts';
export type { components, operations, paths } from './schema.ts';

import type { components } from './schema.ts';

/** What the API takes and answers, by name: `Schemas['ConnectionView']`. */
export type Schemas = components['schemas'];
