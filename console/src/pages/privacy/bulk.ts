import type { Schemas } from 'handfast-client';
import { parseCsv } from './csv';

export const MOST_REQUESTS = 1000;

export interface BulkPerson {
  identities: Schemas['SubjectIdentity'][];
  externalId: string | null;
}

/** Why a file of people cannot be taken; the words are `privacy.bulk.fault.<code>`. */
export interface BulkFault {
  code: 'empty' | 'columns' | 'namespace' | 'value' | 'format' | 'too_many';
  /** The line of the file, from 1; 0 where it is the whole. */
  line: number;
}

/**
 * The people that a CSV names. Columns `namespace` and `value` are needed; `format` is `raw` or `sha256`; rows of one
 * `externalId` are one person, a row without one is a person of its own.
 */
export function peopleOf(text: string): { people: BulkPerson[]; faults: BulkFault[] } {
  const [header, ...rows] = parseCsv(text);
  if (!header || rows.length === 0) return { people: [], faults: [{ code: 'empty', line: 0 }] };
  const columns = header.map((name) => name.trim().toLowerCase());
  const place = (name: string) => columns.indexOf(name);
  if (place('namespace') < 0 || place('value') < 0) return { people: [], faults: [{ code: 'columns', line: 1 }] };
  const people: BulkPerson[] = [];
  const known = new Map<string, BulkPerson>();
  const faults: BulkFault[] = [];
  for (const [at, row] of rows.entries()) {
    const cell = (name: string) => row[place(name)]?.trim() ?? '';
    const [namespace, value, format] = [cell('namespace'), cell('value'), cell('format').toLowerCase() || 'raw'];
    if (!namespace) faults.push({ code: 'namespace', line: at + 2 });
    else if (!value) faults.push({ code: 'value', line: at + 2 });
    else if (format !== 'raw' && format !== 'sha256') faults.push({ code: 'format', line: at + 2 });
    else {
      const externalId = cell('externalid') || null;
      let person = externalId ? known.get(externalId) : undefined;
      if (!person) {
        person = { identities: [], externalId };
        people.push(person);
        if (externalId) known.set(externalId, person);
      }
      person.identities.push({ namespace, value, format, type: 'standard' });
    }
  }
  if (people.length > MOST_REQUESTS) faults.push({ code: 'too_many', line: 0 });
  return { people, faults };
}
