import type { Schemas } from 'handfast-client';

export type Role = Schemas['Role'];
export type Format = Schemas['Format'];
export type Delimiter = Schemas['Delimiter'];
/** What a look at a file has found. */
export type Look = Schemas['FilePreviewView'];
type Column = Schemas['ColumnMapping'];

/** What is chosen for one column; without a role it is not read. */
export interface Mapping extends Omit<Column, 'as' | 'labels' | 'answers' | 'leaves' | 'optional'> {
  as: Role | null;
  labels: string[];
  answers: Record<string, string>;
}

export const ANSWERS = ['y', 'n', 'p', 'u', 'dy', 'dn', 'LI', 'CT', 'CP', 'VI', 'PI'] as const;

export const unmapped = (column: string): Mapping => ({ column, as: null, labels: [], answers: {} });

/** What each column seems to hold, with the words of consent that have no meaning yet. */
export function mappingsOf({ columns, shareWords }: Pick<Look, 'columns' | 'shareWords'>): Mapping[] {
  return columns.map(({ column, as, namespace, transform, form, name, answers }) => {
    const unknown = shareWords.filter((each) => each.column === column && each.answer === null);
    return {
      ...unmapped(column),
      as,
      ...(namespace && { namespace }),
      ...(transform && { transform }),
      ...(form && { form }),
      ...(name && { name }),
      answers: { ...answers, ...Object.fromEntries(unknown.map(({ word }) => [word, ''])) },
    };
  });
}
