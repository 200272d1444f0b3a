import Box from '@cloudscape-design/components/box';
import Table from '@cloudscape-design/components/table';
import { useSandbox } from '../../api/me';
import { Count } from '../../components/Count';
import { KeyValues } from '../../components/KeyValues';
import { NameOrId } from '../../components/NameOrId';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { placeOf } from '../../paths';
import { useWords } from './words';

type Members = Record<string, unknown>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** What a record says beyond its type: by label, and what has changed as before and after. */
export function Detail({ detail }: { detail: Members }) {
  const t = useT();
  const { old, new: after, ...rest } = detail;
  const isChange = isMembers(old) && isMembers(after);
  const shown = isChange ? rest : detail;
  if (Object.keys(detail).length === 0) return <Box color="text-body-secondary">{t('activity.detail.none')}</Box>;
  return (
    <div className="stack">
      {Object.keys(shown).length > 0 && <Listed members={shown} />}
      {isChange && <Changes old={old} after={after} />}
    </div>
  );
}

function Changes({ old, after }: { old: Members; after: Members }) {
  const t = useT();
  const { member } = useWords();
  const names = [...new Set([...Object.keys(old), ...Object.keys(after)])];
  return (
    <Table
      variant="embedded"
      items={names}
      trackBy={(name) => name}
      wrapLines
      ariaLabels={{ tableLabel: t('activity.detail') }}
      columnDefinitions={[
        { id: 'setting', header: t('activity.setting'), cell: member, isRowHeader: true },
        { id: 'before', header: t('activity.before'), cell: (name) => <Value value={old[name]} /> },
        { id: 'after', header: t('activity.after'), cell: (name) => <Value value={after[name]} /> },
      ]}
    />
  );
}

function Listed({ members }: { members: Members }) {
  const { member } = useWords();
  const items = Object.entries(members).map(([name, value]) => ({
    label: member(name),
    value: <Value value={value} />,
  }));
  return <KeyValues columns={2} items={items} />;
}

/** A value of a record's detail, whatever it is, without a word of JSON. */
function Value({ value }: { value: unknown }) {
  const t = useT();
  const { member } = useWords();
  if (value === null || value === undefined || value === '') return <>{t('common.none')}</>;
  if (typeof value === 'boolean') return <>{t(value ? 'activity.yes' : 'activity.no')}</>;
  if (typeof value === 'number') return <Count value={value} />;
  if (typeof value === 'string') return <Text>{value}</Text>;
  const parts = Array.isArray(value) ? value.map((part) => ['', part] as const) : Object.entries(value);
  if (parts.length === 0) return <>{t('common.none')}</>;
  return (
    <ul className="plain">
      {parts.map(([name, part], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a record never changes
        <li key={at}>
          {name && `${member(name)}: `}
          <Value value={part} />
        </li>
      ))}
    </ul>
  );
}

function Text({ children }: { children: string }) {
  const sandbox = useSandbox();
  if (TIME.test(children)) return <Time at={children} exact />;
  const href = placeOf(sandbox, children);
  if (href) return <NameOrId id={children} href={href} />;
  return (
    <span dir="auto" className="breaks">
      {children}
    </span>
  );
}
