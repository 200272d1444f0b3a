import Box from '@cloudscape-design/components/box';
import { useT } from '../i18n/messages';
import { Written } from './NameOrId';

/** The uses of data that a feed can exclude, beside those that a sandbox defines itself. */
export const FEED_MARKETING_ACTIONS = [
  'analytics',
  'combine_with_pii',
  'cross_site_targeting',
  'data_science',
  'email_targeting',
  'export_to_third_party',
  'onsite_advertising',
  'onsite_personalization',
  'segment_match',
  'single_identity_personalization',
] as const;

const CORE: readonly string[] = [...FEED_MARKETING_ACTIONS, 'data_collaboration', 'data_export'];

/** The words for a marketing action: `words(code)` has its name and, of a core one, what it means. */
export function useMarketingActionWords(): (code: string) => { name: string; meaning: string | null } {
  const t = useT();
  return (code) =>
    CORE.includes(code)
      ? { name: t(`marketingAction.${code}`), meaning: t(`marketingAction.meaning.${code}`) }
      : { name: code, meaning: null };
}

/** Marketing actions with what each means. */
export function MarketingActions({ codes }: { codes: readonly string[] }) {
  const t = useT();
  const words = useMarketingActionWords();
  if (codes.length === 0) return <>{t('common.none')}</>;
  return (
    <ul className="plain">
      {codes.map((code) => {
        const { name, meaning } = words(code);
        return (
          <li key={code}>
            <Written>{name}</Written>
            {meaning && (
              <Box variant="small" display="block" color="text-body-secondary">
                {meaning}
              </Box>
            )}
          </li>
        );
      })}
    </ul>
  );
}
