import type { Schemas } from 'handfast-client';
import { type MomentValue, momentOf } from '../../../components/Moment';
import type { Delimiter, Format, Look, Mapping } from './mapping';

export type NewUpload = Schemas['CreateUpload'];
/** What the form offers: an overwrite comes by a preset. */
export type Mode = Exclude<NonNullable<NewUpload['mode']>, 'overwrite'>;
export type Platform = NonNullable<NewUpload['renderings']>[number];

/** From this size on a file goes up in parts. */
export const PARTS_FROM = 100 * 1024 * 1024;
/** The largest file of an upload. */
export const MOST_BYTES = 8 * 1024 ** 3;
/** The largest file of which there is a dry run. */
export const MOST_DRY_BYTES = 1024 ** 3;

/** What is chosen about a file beside its columns. */
export interface Choices {
  mode: Mode;
  segmentId: string | null;
  dataSourceId: string | null;
  allowRemoval: boolean;
  allowRejects: boolean;
  rejectsNameProfiles: boolean;
  allowOverEntitlement: boolean;
  clearBlanks: boolean;
  replaceIdentities: boolean;
  renderings: Platform[];
  delimiter: Delimiter | null;
  /** Of the segments that cells name, those that are taken; null for all. */
  selected: string[] | null;
  /** When the file was extracted; without a day it is now. */
  extracted: MomentValue;
}

export const INITIAL: Choices = {
  mode: 'delta',
  segmentId: null,
  dataSourceId: null,
  allowRemoval: false,
  allowRejects: false,
  rejectsNameProfiles: false,
  allowOverEntitlement: false,
  clearBlanks: false,
  replaceIdentities: false,
  renderings: [],
  delimiter: null,
  selected: null,
  extracted: { day: '', time: '' },
};

/** Whether cells name segments, so that it may be chosen which of them are taken. */
export const namesSegments = (mappings: Mapping[]): boolean =>
  mappings.some(({ as, name }) => as === 'segment' && !name);

const MAY_HAVE: Record<string, readonly ('namespace' | 'transform' | 'form' | 'name' | 'answers')[]> = {
  identity: ['namespace', 'transform', 'form'],
  share: ['namespace', 'answers'],
  tcf: ['namespace'],
  gpp: ['namespace'],
  segment: ['name'],
  attribute: ['name'],
};

/** A column as the API takes it, without what its role does not have. */
export function columnOf(mapping: Mapping): Schemas['ColumnMapping'] | null {
  if (!mapping.as) return null;
  const column: Record<string, unknown> = { column: mapping.column, as: mapping.as };
  const answers = Object.fromEntries(Object.entries(mapping.answers).filter(([, answer]) => answer));
  const members = { ...mapping, answers: Object.keys(answers).length ? answers : undefined };
  for (const name of MAY_HAVE[mapping.as] ?? []) if (members[name]) column[name] = members[name];
  if (mapping.labels.length && mapping.as !== 'attribute') column.labels = mapping.labels;
  return column as unknown as Schemas['ColumnMapping'];
}

/** How a CSV is written, where it is chosen or has no header: its columns are called by their places then. */
function dialectOf({ delimiter }: Choices, look: Pick<Look, 'dialect'> | null) {
  const header = look?.dialect?.header;
  const chosen = delimiter ?? (header && look.dialect?.delimiter);
  return chosen && { dialect: { delimiter: chosen, ...(header && { header }) } };
}

/** What is sent to announce a file. */
export function bodyFor(
  file: { name: string; size: number },
  format: Format,
  mappings: Mapping[],
  choices: Choices,
  isEntitled: boolean,
  look: Pick<Look, 'dialect'> | null = null,
): NewUpload {
  const { mode, segmentId } = choices;
  const isSuppression = mode === 'suppression';
  const asOf = momentOf(choices.extracted.day, choices.extracted.time);
  const segments = choices.selected ?? (isEntitled ? ('all' as const) : undefined);
  return {
    fileName: file.name,
    format,
    mode,
    columns: mappings.flatMap((mapping) => columnOf(mapping) ?? []),
    ...(segmentId && !isSuppression && { segmentId }),
    ...(choices.dataSourceId && !isSuppression && { dataSourceId: choices.dataSourceId }),
    ...(choices.allowRemoval && { allowRemoval: true }),
    ...(choices.allowRejects && { allowRejects: true }),
    ...(choices.rejectsNameProfiles && mappings.some(({ as }) => as === 'profileId') && { rejectsNameProfiles: true }),
    ...(asOf && { asOf }),
    ...(choices.allowOverEntitlement && { allowOverEntitlement: true }),
    ...(choices.clearBlanks && { blanks: 'clear' as const }),
    ...(choices.replaceIdentities && { replaceIdentities: true }),
    ...(choices.renderings.length > 0 && { renderings: choices.renderings }),
    ...(format === 'csv' && dialectOf(choices, look)),
    ...(namesSegments(mappings) && segments && { segments }),
    ...(file.size > PARTS_FROM && { sizeBytes: file.size }),
  } as NewUpload;
}

/** The columns of the body stand in another order than those of the form: where each of the form's is, or -1. */
export function placesOf(mappings: Mapping[]): number[] {
  let next = 0;
  return mappings.map(({ as }) => {
    if (!as) return -1;
    next += 1;
    return next - 1;
  });
}
