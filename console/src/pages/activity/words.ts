import { useIntl } from 'react-intl';
import { inSandbox, placeOf } from '../../paths';
import { familyOf } from './filter';
import type { ActivityRecord } from './queries';

/** Where the things of a family are shown whose subject is no id with a prefix. */
const PLACES: Record<string, (subject: string) => string[]> = {
  connect_id: () => ['partners'],
  policy: (subject) => ['governance/policies', subject],
  label: () => ['governance/labels'],
  marketing_action: () => ['governance/marketing-actions'],
  data_source: (subject) => ['governance/data-sources', subject],
  grant: (subject) => ['access', subject],
  invitation: () => ['access/invitations'],
  namespace: () => ['settings'],
  sandbox: () => ['settings'],
};

/** Where what a record is about is shown, or null; what is deleted has no page. */
export function placeOfRecord(sandbox: string, { type, subject }: Pick<ActivityRecord, 'type' | 'subject'>) {
  if (/\.(deleted|removed)$/.test(type)) return null;
  const place = placeOf(sandbox, subject);
  if (place) return place;
  const parts = PLACES[familyOf(type)]?.(subject);
  return parts ? inSandbox(sandbox, ...parts) : null;
}

/** `segmentIds` as `Segment ids`: what a member is called that has no words of its own. */
export function spacedOut(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The words of event types, families and members of details, or their codes spaced out where they are new. */
export function useWords() {
  const { messages, formatMessage } = useIntl();
  const word = (key: string, code: string) => (key in messages ? formatMessage({ id: key }) : spacedOut(code));
  return {
    event: (type: string) => word(`activity.event.${type}`, type.replace('.', ' ')),
    family: (family: string) => word(`activity.family.${family}`, family),
    member: (name: string) => word(`activity.key.${name}`, name),
  };
}
