import type { Schemas } from 'handfast-client';
import type { NewUpload } from '../segments/uploads/body';
import type { Kind, Source } from './queries';

export const KINDS = ['s3', 'sftp', 'delta', 'iceberg'] as const satisfies readonly Kind[];
export const PRESETS = [
  'audience-manager-sync',
  'audience-manager-overwrite',
  'experience-platform-batch',
  'experience-platform-profiles',
  'rtc-collaboration',
] as const;

interface Setting {
  name: string;
  /** `block` is a secret of several lines. */
  kind: 'text' | 'number' | 'secret' | 'block';
  isRequired: boolean;
}
const setting = (name: string, kind: Setting['kind'] = 'text', isRequired = true): Setting => ({
  name,
  kind,
  isRequired,
});
const IN_S3 = [setting('bucket'), setting('region'), setting('prefix', 'text', false), setting('roleArn')];
const OF_SFTP = [
  setting('host'),
  setting('port', 'number', false),
  setting('hostKey'),
  setting('directory', 'text', false),
  setting('userName'),
];
export type SignIn = 'password' | 'privateKey';

/** What is asked of a kind, in the order of the form. */
export const settingsOf = (kind: Kind, signIn: SignIn): Setting[] =>
  kind === 'sftp'
    ? [...OF_SFTP, signIn === 'password' ? setting('password', 'secret') : setting('privateKey', 'block')]
    : IN_S3;

export const isTable = (kind: Kind): boolean => kind === 'delta' || kind === 'iceberg';

/** What a person enters about a source, beside how its columns are read. */
export interface SourceInput {
  kind: Kind;
  name: string;
  description: string;
  settings: Record<string, string>;
  signIn: SignIn;
  /** How it is told what the files hold; `kept` of a source that there is. */
  reading: 'sample' | 'preset' | 'kept';
  preset: string;
  fileName: string;
  createSegments: boolean;
  dataSourceId: string | null;
  takes: Schemas['Takes'];
  when: 'hand' | 'every' | 'daily';
  everyMinutes: number;
  timeOfDay: string;
  timeZone: string;
  onEvents: boolean;
}

export const EMPTY: SourceInput = {
  kind: 's3',
  name: '',
  description: '',
  settings: {},
  signIn: 'privateKey',
  reading: 'sample',
  preset: '',
  fileName: '',
  createSegments: true,
  dataSourceId: null,
  takes: 'new',
  when: 'daily',
  everyMinutes: 60,
  timeOfDay: '06:00',
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
  onEvents: false,
};

/** What a form begins with that changes a source. Secrets are never there. */
export function inputOf(source: Source): SourceInput {
  const { schedule } = source;
  return {
    ...EMPTY,
    kind: source.kind,
    name: source.name,
    description: source.description ?? '',
    settings: Object.fromEntries(Object.entries(source.settings).map(([name, value]) => [name, String(value ?? '')])),
    signIn: source.secrets.includes('password') ? 'password' : 'privateKey',
    reading: 'kept',
    takes: source.takes,
    when: schedule ? (schedule.everyMinutes === null ? 'daily' : 'every') : 'hand',
    everyMinutes: schedule?.everyMinutes ?? EMPTY.everyMinutes,
    timeOfDay: schedule?.timeOfDay ?? EMPTY.timeOfDay,
    timeZone: schedule?.timeOfDay ? schedule.timeZone : EMPTY.timeZone,
    onEvents: source.onEvents,
  };
}

/** Whether the files of a run are always taken as one, so that there is nothing to choose. */
export const isWhole = ({ kind, reading }: SourceInput, read: { mode?: string | null | undefined } | null): boolean =>
  isTable(kind) || (reading !== 'preset' && read?.mode === 'snapshot');

/** What the API is given of how files are read: by columns or by a preset. */
export function readingOf(input: SourceInput, columns: NewUpload | null): Partial<Schemas['CreateSource']> {
  if (input.reading === 'preset')
    return {
      preset: input.preset,
      ...(input.createSegments && { createSegments: true }),
      ...(input.fileName.trim() && { fileName: input.fileName.trim() }),
      ...(input.dataSourceId && { dataSourceId: input.dataSourceId }),
    };
  const { fileName: _, sizeBytes: __, preview: ___, ...read } = columns ?? ({} as NewUpload);
  return read;
}

function given({ kind, settings, signIn }: SourceInput): Record<string, unknown> {
  const said = settingsOf(kind, signIn).map(({ name, kind: of }) => {
    const text = of === 'block' ? (settings[name] ?? '') : (settings[name] ?? '').trim();
    return [name, of === 'number' && text ? Number(text) : text] as const;
  });
  return Object.fromEntries(said.filter(([, value]) => value !== ''));
}

function scheduleOf({ when, everyMinutes, timeOfDay, timeZone }: SourceInput): Schemas['SourceSchedule'] | null {
  if (when === 'hand') return null;
  return when === 'every' ? { everyMinutes, timeZone: 'UTC' } : { timeOfDay, timeZone };
}

/** The body that sets a source up. */
export function newSource(input: SourceInput, columns: NewUpload | null): Schemas['CreateSource'] {
  const read = readingOf(input, columns);
  return {
    ...read,
    name: input.name.trim(),
    description: input.description.trim() || null,
    kind: input.kind,
    settings: given(input),
    ...(!isWhole(input, read) && { takes: input.takes }),
    schedule: scheduleOf(input),
    onEvents: input.kind !== 'sftp' && input.onEvents,
  } as Schemas['CreateSource'];
}

/** How files are read where nothing is said. */
const DEFAULTS = {
  format: null,
  mode: null,
  columns: [],
  preset: null,
  segmentId: null,
  allowRemoval: false,
  allowRejects: false,
  allowOverEntitlement: false,
  dialect: null,
  blanks: 'leave',
  replaceIdentities: false,
  dataSourceId: null,
  renderings: [],
  segments: null,
  createSegments: false,
  shareValues: null,
  fileName: null,
};

/** The body that changes a source: settings that differ and secrets that were entered, and what else it says. */
export function changesTo(before: Source, input: SourceInput, columns: NewUpload | null): Schemas['PatchSource'] {
  const was = given(inputOf(before));
  const now = given(input);
  const settings = Object.fromEntries(
    settingsOf(input.kind, input.signIn)
      .map(({ name }) => [name, now[name] ?? null] as const)
      .filter(([name, value]) => value !== (was[name] ?? null) && !(value === null && before.secrets.includes(name))),
  );
  const other: SignIn = input.signIn === 'password' ? 'privateKey' : 'password';
  if (settings[input.signIn] && before.secrets.includes(other)) settings[other] = null;
  const read = input.reading === 'kept' ? {} : { ...DEFAULTS, ...readingOf(input, columns) };
  const whole = isWhole(input, input.reading === 'kept' ? before : read);
  return {
    ...read,
    name: input.name.trim(),
    description: input.description.trim() || null,
    ...(Object.keys(settings).length > 0 && { settings }),
    takes: whole ? null : input.takes,
    schedule: scheduleOf(input),
    onEvents: input.kind !== 'sftp' && input.onEvents,
  } as Schemas['PatchSource'];
}

/** What is missing of a step, by message. `keeps` are the secrets that are set. */
export function missingIn(step: number, input: SourceInput, isRead: boolean, keeps: readonly string[] = []): string[] {
  const missing: string[] = [];
  if (step === 0 && !input.name.trim()) missing.push('name');
  if (step === 1)
    for (const { name, isRequired } of settingsOf(input.kind, input.signIn))
      if (isRequired && !input.settings[name]?.trim() && !keeps.includes(name)) missing.push(name);
  if (step === 2 && input.reading === 'sample' && !isRead) missing.push('sample');
  if (step === 2 && input.reading === 'preset' && !input.preset) missing.push('preset');
  if (step === 2 && input.reading === 'preset' && namesFiles(input.preset) && !input.fileName.trim())
    missing.push('fileName');
  if (step === 3 && input.when === 'daily' && !/^([01]\d|2[0-3]):[0-5]\d$/.test(input.timeOfDay))
    missing.push('timeOfDay');
  return missing;
}

/** Whether a preset reads what files hold by their names. */
export const namesFiles = (preset: string): boolean => preset.startsWith('audience-manager');
