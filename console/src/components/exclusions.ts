import { useCallback } from 'react';
import { useT } from '../i18n/messages';

/** Why members are not given to a partner or destination, in the order of reconciliation. */
export const EXCLUSIONS = [
  'unknown_identity',
  'namespace_not_selected',
  'consent',
  'policy',
  'suppressed',
  'form_unknown',
  'not_in_partner',
  'below_minimum',
  'guard_share',
  'guard_growth',
  'guard_age',
  'guard',
  'paused',
] as const;

export type Exclusion = (typeof EXCLUSIONS)[number];

export const isExclusion = (code: string): code is Exclusion => (EXCLUSIONS as readonly string[]).includes(code);

/** The name of a reason for which members are left out: `name('consent')`. A code that is unknown is its own name. */
export function useExclusionName(): (code: string) => string {
  const t = useT();
  return useCallback((code) => (isExclusion(code) ? t(`exclusion.${code}`) : code), [t]);
}
