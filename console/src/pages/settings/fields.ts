import type { Schemas } from 'handfast-client';

export type Settings = Schemas['SandboxSettings'];
export type Patch = Schemas['PatchSettings'];

/** How a setting is written in a form. A share is written in percent, a list one item a line or by commas. */
type Kind = 'choice' | 'toggle' | 'share' | 'integer' | 'text' | 'list' | 'zone';

export interface Field {
  name: string;
  kind: Kind;
  /** The codes of a choice. */
  options?: readonly string[];
  /** It may be left empty. */
  isOptional?: boolean;
  /** Where it stands in the settings. */
  path: readonly string[];
}

const field = (name: string, kind: Kind, more: Partial<Field> = {}): Field => ({ name, kind, path: [name], ...more });
const guard = (name: string, kind: Kind) => field(name, kind, { path: ['partnerGuards', name] });

/** All settings, by the group in which they are shown and changed. */
export const GROUPS: Record<string, Field[]> = {
  sharing: [
    field('consentDefault', 'choice', { options: ['default_allow', 'default_deny'] }),
    field('checkOwnConsent', 'toggle'),
    field('overlapThreshold', 'integer'),
    field('tcfPurposes', 'list', { path: ['consentStrings', 'tcf', 'purposes'], isOptional: true }),
    field('tcfVendor', 'integer', { path: ['consentStrings', 'tcf', 'vendorId'], isOptional: true }),
    field('gppSections', 'list', { path: ['consentStrings', 'gpp', 'sections'], isOptional: true }),
  ],
  guards: [guard('largestShare', 'share'), guard('fastestGrowth', 'share'), guard('minimumAgeHours', 'integer')],
  uploads: [
    field('removalGuard', 'share'),
    field('rejectGuard', 'share'),
    field('phoneRegion', 'text', { isOptional: true }),
    field('phoneIndex', 'toggle'),
    field('profileEntitlement', 'integer', { isOptional: true }),
  ],
  privacy: [
    field('privacyRule', 'choice', { options: ['approval', 'automatic'] }),
    field('privacyFourEyes', 'choice', { options: ['wide', 'always', 'never'] }),
    field('partnerErasures', 'choice', { options: ['delivered', 'everything'] }),
    field('packageReview', 'toggle'),
    field('timeZone', 'zone'),
    field('holidays', 'list', { isOptional: true }),
  ],
  received: [field('traitFolder', 'text'), field('segmentFolder', 'text')],
};

/** What a form holds: text or a switch, by the setting's name. */
export type Draft = Record<string, string | boolean>;

/** The value of a setting as the API has it; null where it is not set. */
export function settingOf(settings: Settings, { path }: Field): unknown {
  let value: unknown = settings;
  for (const part of path) value = (value as Record<string, unknown> | null)?.[part];
  return value ?? null;
}

const written = (value: unknown, { kind }: Field): string | boolean => {
  if (kind === 'toggle') return value === true;
  if (value === null) return '';
  if (kind === 'list') return (value as unknown[]).join('\n');
  // Shares such as 0.07 are not exact times a hundred.
  if (kind === 'share') return String(Number(((value as number) * 100).toFixed(6)));
  return String(value);
};

export const draftOf = (settings: Settings, fields: readonly Field[]): Draft =>
  Object.fromEntries(fields.map((one) => [one.name, written(settingOf(settings, one), one)]));

const items = (text: string) => text.split(/[\s,;]+/).filter(Boolean);
const isNumber = ({ kind }: Field) => kind === 'integer' || kind === 'share';

/** The settings that hold no number where one is needed. */
export function withoutNumber(draft: Draft, fields: readonly Field[]): string[] {
  return fields
    .filter((one) => isNumber(one))
    .filter(({ name, isOptional }) => {
      const text = String(draft[name]).trim();
      return text === '' ? !isOptional : !Number.isFinite(Number(text));
    })
    .map(({ name }) => name);
}

function read(draft: Draft, one: Field): unknown {
  const value = draft[one.name];
  if (typeof value === 'boolean') return value;
  const text = String(value ?? '').trim();
  if (one.kind === 'list') return one.name === 'tcfPurposes' ? items(text).map(Number) : items(text);
  if (text === '' && one.isOptional) return null;
  if (one.kind === 'share') return Number((Number(text) / 100).toFixed(8));
  return one.kind === 'integer' ? Number(text) : text;
}

/** The settings whose text or switch is another than before. */
export const changedFields = (before: Draft, after: Draft, fields: readonly Field[]): Field[] =>
  fields.filter(({ name }) => before[name] !== after[name]);

/** What is sent: what has changed alone, but consent strings and guards as a whole. */
export function patchOf(before: Draft, after: Draft, fields: readonly Field[]): Patch {
  const patch: Record<string, unknown> = {};
  const changed = changedFields(before, after, fields);
  for (const one of changed) {
    const [top = '', inner] = one.path;
    if (top === 'consentStrings') patch[top] = consentStrings(after, fields);
    else if (inner) patch[top] = { ...(patch[top] as object | undefined), [inner]: read(after, one) };
    else patch[top] = read(after, one);
  }
  return patch as Patch;
}

function consentStrings(draft: Draft, fields: readonly Field[]) {
  const valueNamed = (name: string) => {
    const one = fields.find((candidate) => candidate.name === name);
    return one ? read(draft, one) : null;
  };
  const purposes = valueNamed('tcfPurposes') as number[];
  const vendorId = valueNamed('tcfVendor') as number | null;
  const sections = valueNamed('gppSections') as string[];
  return {
    tcf: purposes.length > 0 || vendorId !== null ? { purposes, vendorId } : null,
    gpp: sections.length > 0 ? { sections } : null,
  };
}

/** Where the API points when something is wrong with a setting. */
export const pointerOf = ({ path }: Field): string => `/settings/${path.join('/')}`;
