import { Written } from '../../components/NameOrId';
import { useT } from '../../i18n/messages';

const SHOWN = 2;

/** The first names of several, and how many more there are; all of them as the title. */
export function Names({ names }: { names: readonly string[] }) {
  const t = useT();
  if (names.length === 0) return <>{t('common.none')}</>;
  const more = names.length - SHOWN;
  return (
    <span title={names.join('\n').slice(0, 2000)}>
      {names.slice(0, SHOWN).map((name, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names may be the same, and their order is theirs
        <span key={at}>
          {at > 0 && ', '}
          <Written>{name}</Written>
        </span>
      ))}
      {more > 0 && ` ${t('feeds.more', { count: more })}`}
    </span>
  );
}
