/** The part of JSON schema that the settings of connectors are written in. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  enum?: string[];
  default?: unknown;
  writeOnly?: boolean;
  $ref?: string;
  $defs?: Record<string, Schema>;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  patternProperties?: Record<string, Schema>;
}

export type Settings = Record<string, unknown>;
export type Kind = 'text' | 'secret' | 'lines' | 'choice' | 'object' | 'list' | 'map' | 'optional' | 'json';

/** A schema with what it refers to; what stands beside the reference stays. */
export function resolved(schema: Schema, defs: Record<string, Schema>): Schema {
  const target = schema.$ref && defs[schema.$ref.split('/').at(-1) ?? ''];
  if (!target) return schema;
  const { $ref: _, ...beside } = schema;
  return { ...target, ...beside };
}

/** The schema that an optional one has where it is there, or null where it is no optional one. */
export function presentOf(schema: Schema): Schema | null {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null');
  return others?.length === 1 && others.length < (schema.anyOf?.length ?? 0) ? (others[0] ?? null) : null;
}

/** What a map's values are, by whatever name. */
export const valuesOf = (schema: Schema): Schema | null =>
  Object.values(schema.patternProperties ?? {})[0] ??
  (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : null);

/** How a setting is asked for. */
export function kindOf(schema: Schema): Kind {
  if (schema.writeOnly) return 'secret';
  if (schema.enum) return 'choice';
  if (presentOf(schema)) return 'optional';
  if (schema.type === 'array') return 'list';
  if (schema.type === 'object') return schema.properties ? 'object' : valuesOf(schema) ? 'map' : 'json';
  if (schema.type === 'string') return schema.description?.startsWith('PEM') ? 'lines' : 'text';
  return 'json';
}

/** What a setting is before anybody has entered one. */
export function blankOf(schema: Schema, defs: Record<string, Schema>): unknown {
  const target = resolved(schema, defs);
  const kind = kindOf(target);
  if (kind === 'object') return blanksOf(target, defs, true);
  if (kind === 'list') return [];
  if (kind === 'map') return {};
  if (kind === 'choice') return target.default ?? target.enum?.[0];
  return kind === 'optional' || kind === 'json' ? null : '';
}

function blanksOf(schema: Schema, defs: Record<string, Schema>, onlyRequired: boolean): Settings {
  const wanted = Object.entries(schema.properties ?? {}).filter(
    ([name]) => !onlyRequired || schema.required?.includes(name),
  );
  return Object.fromEntries(wanted.map(([name, each]) => [name, blankOf(each, defs)]));
}

const isEmpty = (value: unknown): boolean =>
  value === '' ||
  value === undefined ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0);

/** The settings of a new connector: what was left empty is left out, so that its default holds. */
export const settingsToCreate = (entered: Settings): Settings =>
  Object.fromEntries(Object.entries(entered).filter(([, value]) => !isEmpty(value)));

/** What of a connector's settings was changed. An empty secret stays; what was emptied goes back to its default. */
export function settingsToChange(schema: Schema, before: Settings, entered: Settings): Settings {
  const changes: Settings = {};
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    const value = entered[name];
    if (each.writeOnly ? isEmpty(value) : JSON.stringify(value ?? '') === JSON.stringify(before[name] ?? '')) continue;
    changes[name] = isEmpty(value) ? null : value;
  }
  return changes;
}
