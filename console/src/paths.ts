/** The area in which a kind of thing is shown, by the prefix of its ids. */
const PLACES: Record<string, string> = {
  con: 'partners',
  seg: 'segments',
  upl: 'segments/uploads',
  imp: 'segments/imports',
  ds: 'governance/data-sources',
  pol: 'governance/policies',
  src: 'sources',
  feed: 'feeds',
  rf: 'received-feeds',
  dst: 'destinations',
  act: 'destinations/activations',
  flow: 'delivery',
  prq: 'privacy',
  cn: 'privacy/connectors',
  drl: 'privacy/drop-lists',
  whk: 'webhooks',
  rtk: 'access/recipient-tokens',
};

/** A path within a sandbox: `inSandbox(sandbox, 'webhooks', id)`. */
export function inSandbox(sandbox: string, ...parts: string[]): string {
  return ['', 'sandboxes', sandbox, ...parts]
    .map((part, at) => (at > 2 ? part.split('/').map(encodeURIComponent).join('/') : part))
    .join('/');
}

/** Where the thing with this id is shown, or null where its kind has no page. */
export function placeOf(sandbox: string, id: string): string | null {
  const place = PLACES[id.split('_')[0] ?? ''];
  return place && id.includes('_') ? inSandbox(sandbox, place, id) : null;
}
