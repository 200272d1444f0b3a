import { EMPTY, type FeedInput } from './draft';

/** What is written and not yet saved, and the version (`ETag`) of the draft that it began from. */
export interface Unsaved {
  input: FeedInput;
  base: string | null;
}

const keyOf = (sandbox: string, feed: string) => `handfast.unsaved-feed.${sandbox}.${feed}`;

/** What this tab holds of a feed (`new` for one that is not yet made); it outlives a reload, not the tab. */
export function unsavedOf(sandbox: string, feed: string): Unsaved | null {
  try {
    const held = JSON.parse(window.sessionStorage.getItem(keyOf(sandbox, feed)) ?? 'null') as Unsaved | null;
    return held && { input: { ...EMPTY, ...held.input }, base: held.base };
  } catch {
    return null;
  }
}

export function holdUnsaved(sandbox: string, feed: string, unsaved: Unsaved): void {
  try {
    window.sessionStorage.setItem(keyOf(sandbox, feed), JSON.stringify(unsaved));
  } catch {
    // Where storage is full or switched off, it lasts until the next reload.
  }
}

export function forgetUnsaved(sandbox: string, feed: string): void {
  try {
    window.sessionStorage.removeItem(keyOf(sandbox, feed));
  } catch {
    // There is nothing to forget where there is no storage.
  }
}
