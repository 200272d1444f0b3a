import { NameOrId } from '../../components/NameOrId';
import type { ActivityRecord } from './queries';
import { placeOfRecord } from './words';

/** What the record calls the thing it is about, where it says so. */
export const nameOf = ({ detail }: Pick<ActivityRecord, 'detail'>): string | undefined => {
  const { name, fileName, url, email } = detail as Record<string, unknown>;
  return [name, fileName, url, email].find((text) => typeof text === 'string') as string | undefined;
};

/** What a record is about, with a link where that has a page. */
export function Subject({ sandbox, record }: { sandbox: string; record: ActivityRecord }) {
  return <NameOrId name={nameOf(record)} id={record.subject} href={placeOfRecord(sandbox, record) ?? undefined} />;
}
