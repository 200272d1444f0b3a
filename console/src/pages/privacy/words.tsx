import { useMemo } from 'react';
import { type Translate, useT } from '../../i18n/messages';
import { type PrivacyRequest, useRegulations } from './queries';

/** The types of request, in the order that the form offers them. */
export const TYPES = [
  'access',
  'portability',
  'erasure',
  'rectification',
  'restriction',
  'objection',
  'limit',
  'opt_out',
  'opt_in',
  'consent',
] as const;

/** What a request asks for, in words. */
export const typeOf = (t: Translate, { type, share }: Pick<PrivacyRequest, 'type' | 'share'>): string =>
  type === 'consent' && share ? t(`privacy.consent.${share}`) : t(`privacy.type.${type}`);

/** The name of a law by its code. */
export function useLawName(): (code: string) => string {
  const read = useRegulations();
  const items = read.data?.value.items;
  return useMemo(() => {
    const names = new Map(items?.map(({ code, name }) => [code, name]));
    return (code) => names.get(code) ?? code;
  }, [items]);
}

/** Ids' own part, for headings: the last characters, which tell requests apart. */
export const shortId = (id: string): string => id.slice(-6);

/** A person or machine that did something, by name. */
export function useActorName(): (actor: Record<string, unknown>) => string {
  const t = useT();
  return ({ name, id, kind }) => {
    if (typeof name === 'string' && name) return name;
    if (typeof id === 'string' && id) return id;
    return typeof kind === 'string' && kind !== 'system' ? kind : t('privacy.actor.system');
  };
}
