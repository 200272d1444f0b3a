/** What the JSON schemas of a type's settings and authentication ask for, as fields of a form. */

export interface Field {
  name: string;
  title: string;
  help: string;
  /** `block` is a secret of several lines, such as a private key. */
  kind: 'text' | 'secret' | 'block' | 'number' | 'boolean' | 'choice' | 'map';
  options: string[];
  isRequired: boolean;
  fallback: unknown;
  minimum?: number;
  maximum?: number;
  /** The choice of another field with which this one is needed. */
  onlyWith: { field: string; option: string } | null;
}

/** What a person has entered: pairs for a map, text for whatever else is not a switch. */
export type Entry = string | boolean | [string, string][];
export type Draft = Record<string, Entry>;

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  anyOf?: Schema[];
  type?: string;
  enum?: string[];
  title?: string;
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  writeOnly?: boolean;
  required?: string[];
  properties?: Record<string, Schema>;
}

/** A secret that may be longer than a token is a file's text. */
const LONGEST_TOKEN = 4096;

/** The fields of a schema, those that have to be filled first. */
export function fieldsOf(written: unknown): Field[] {
  const schema = written as Schema;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, schema.$defs ?? {}, required.has(name)),
  );
  const choices = fields.filter(({ kind }) => kind === 'choice');
  const conditional = fields.map((field) => ({ ...field, ...conditionOf(field, choices) }));
  return [
    ...conditional.filter(({ name }) => name === 'kind'),
    ...conditional.filter(({ name, isRequired }) => name !== 'kind' && isRequired),
    ...conditional.filter(({ name, isRequired }) => name !== 'kind' && !isRequired),
  ];
}

function fieldOf(name: string, property: Schema, defs: Record<string, Schema>, isRequired: boolean): Field {
  const told = property.anyOf?.find(({ type }) => type !== 'null') ?? property;
  const meant: Schema = told.$ref ? { ...defs[told.$ref.split('/').at(-1) ?? ''] } : told;
  return {
    name,
    title: property.title ?? name,
    help: property.description ?? '',
    kind: kindOf(meant),
    options: meant.enum ?? [],
    isRequired,
    fallback: property.default ?? null,
    ...(meant.minimum !== undefined && { minimum: meant.minimum }),
    ...(meant.maximum !== undefined && { maximum: meant.maximum }),
    onlyWith: null,
  };
}

function kindOf({ writeOnly, maxLength = 0, enum: options, type }: Schema): Field['kind'] {
  if (writeOnly) return maxLength > LONGEST_TOKEN ? 'block' : 'secret';
  if (options) return 'choice';
  if (type === 'boolean') return 'boolean';
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'object' ? 'map' : 'text';
}

/** A help text that begins with *For bearer:* says of which choice its field is. */
function conditionOf({ help }: Field, choices: Field[]): Pick<Field, 'help' | 'onlyWith'> {
  const [start, option] = /^For ([\w-]+)(?:: |, |\b)/.exec(help) ?? [];
  const choice = choices.find(({ options }) => option !== undefined && options.includes(option));
  if (!choice || start === undefined || option === undefined) return { help, onlyWith: null };
  const rest = help.slice(start.length).trim();
  return { help: rest.charAt(0).toUpperCase() + rest.slice(1), onlyWith: { field: choice.name, option } };
}

/** What a form begins with: what there is, else what the schema falls back to. Secrets are never there. */
export function draftOf(fields: Field[], values: Readonly<Record<string, unknown>> = {}): Draft {
  return Object.fromEntries(fields.map((field) => [field.name, entryOf(field, values[field.name] ?? field.fallback)]));
}

function entryOf({ kind }: Field, value: unknown): Entry {
  if (kind === 'boolean') return value === true;
  if (kind === 'map') return Object.entries((value ?? {}) as Record<string, string>);
  if (kind === 'secret' || kind === 'block' || value === null || value === undefined) return '';
  return String(value);
}

export const isShown = ({ onlyWith }: Field, draft: Draft): boolean =>
  !onlyWith || draft[onlyWith.field] === onlyWith.option;

/** What the API is sent of a new thing: what is shown and filled in. */
export function valuesOf(fields: Field[], draft: Draft): Record<string, unknown> {
  const shown = fields.filter((field) => isShown(field, draft)).map((field) => [field.name, given(field, draft)]);
  return Object.fromEntries(shown.filter(([, value]) => value !== null));
}

/**
 * What the API is sent of a thing that there is: what has changed, and null for what goes back to its default. Another
 * kind of authentication is given as a whole, as nothing of the former one belongs to it.
 */
export function changesOf(fields: Field[], draft: Draft, before: Readonly<Record<string, unknown>>) {
  if ('kind' in draft && draft.kind !== (before.kind ?? draft.kind)) return valuesOf(fields, draft);
  const begun = draftOf(fields, before);
  const changed = fields.filter(
    (field) =>
      isShown(field, draft) && JSON.stringify(draft[field.name] ?? '') !== JSON.stringify(begun[field.name] ?? ''),
  );
  return Object.fromEntries(changed.map((field) => [field.name, given(field, draft)]));
}

function given({ name, kind }: Field, draft: Draft): unknown {
  const entry = draft[name] ?? '';
  if (typeof entry === 'boolean') return entry;
  if (Array.isArray(entry)) {
    const pairs = entry.filter(([key]) => key.trim() !== '').map(([key, value]) => [key.trim(), value.trim()]);
    return pairs.length > 0 ? Object.fromEntries(pairs) : null;
  }
  const text = kind === 'block' ? entry : entry.trim();
  if (text === '') return null;
  return kind === 'number' && !Number.isNaN(Number(text)) ? Number(text) : text;
}
